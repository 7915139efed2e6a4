package calendar

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// shifts and bases are the words of a rule after what it names.
var (
	shifts = map[string]shift{"previous": previous, "前営業日": previous, "next": next, "翌営業日": next, "none": stay, "なし": stay}
	bases  = map[string]basis{"business": business, "営業日": business, "national": national, "暦上の平日": national, "bank": bank, "銀行営業日": bank}

	weekdays = map[string]time.Weekday{
		"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
	}

	nthBusinessDay = regexp.MustCompile(`^第(\d{1,2})営業日$`)
	closingDay     = regexp.MustCompile(`^(\d{1,2})日締め$`)
)

// ParseDayRule reads the written form (see DayRule).
func ParseDayRule(s string) (DayRule, error) {
	words := strings.Fields(s)
	bad := func(format string, a ...any) (DayRule, error) {
		return DayRule{}, fmt.Errorf("day rule %q: %s", s, fmt.Sprintf(format, a...))
	}
	if len(words) == 0 {
		return bad("it is empty; want gotobi, month-end, closing N, business-day N or days of the week")
	}
	var r DayRule
	used, err := r.parseWhat(words)
	if err != nil {
		return bad("%v", err)
	}
	words = words[used:]
	if len(words) > 0 {
		if sh, ok := shifts[words[0]]; ok {
			r.shift, words = sh, words[1:]
		}
	}
	// "on bank days"; in Japanese the basis stands alone.
	if len(words) == 3 && words[0] == "on" && words[2] == "days" {
		words = words[1:2]
	}
	if len(words) == 1 {
		if b, ok := bases[words[0]]; ok {
			r.basis, words = b, words[1:]
		}
	}
	if len(words) > 0 {
		return bad("%q is not understood; want previous, next or none, then on business days, on national days or on bank days", strings.Join(words, " "))
	}
	return r, nil
}

// parseWhat reads what a rule names, and says how many words that took.
func (r *DayRule) parseWhat(words []string) (used int, err error) {
	first := words[0]
	switch first {
	case "gotobi", "五十日":
		r.what = gotobi
		return 1, nil
	case "month-end", "月末":
		r.what = monthEndDay
		return 1, nil
	case "最終営業日":
		r.what, r.numbers = businessDay, []int{-1}
		return 1, nil
	case "closing", "締め日":
		r.what = closing
		r.numbers, err = parseNumbers(words, 1, 31)
		return 2, err
	case "business-day":
		r.what = businessDay
		r.numbers, err = parseNumbers(words, -23, 23) // no month has more weekdays
		return 2, err
	}
	if m := nthBusinessDay.FindStringSubmatch(first); m != nil {
		r.what = businessDay
		r.numbers, err = parseNumbers([]string{first, m[1]}, 1, 23)
		return 1, err
	}
	if m := closingDay.FindStringSubmatch(first); m != nil {
		r.what = closing
		r.numbers, err = parseNumbers([]string{first, m[1]}, 1, 31)
		return 1, err
	}
	r.what = weekly
	r.weekdays, err = parseWeekdays(first)
	if err != nil {
		return 0, fmt.Errorf("%q is no day; want gotobi, month-end, closing N, business-day N or days of the week such as Mon,Thu", first)
	}
	return 1, nil
}

// parseNumbers reads the list after a word: 10,20.
func parseNumbers(words []string, low, high int) ([]int, error) {
	if len(words) < 2 {
		return nil, fmt.Errorf("%s: want a number after it", words[0])
	}
	var out []int
	for s := range strings.SplitSeq(words[1], ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < low || n > high || n == 0 {
			return nil, fmt.Errorf("%s: want numbers from %d to %d, not %q", words[0], low, high, s)
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

// parseWeekdays reads Sat, Mon-Fri or Tue,Thu; a range may run over Sunday.
func parseWeekdays(s string) ([]time.Weekday, error) {
	var out []time.Weekday
	for part := range strings.SplitSeq(s, ",") {
		first, last, ok := strings.Cut(part, "-")
		if !ok {
			last = first
		}
		from, ok1 := weekdays[strings.ToLower(first)]
		to, ok2 := weekdays[strings.ToLower(last)]
		if !ok1 || !ok2 {
			return nil, fmt.Errorf("%q: want days of the week such as Mon, Sat,Sun or Mon-Fri", part)
		}
		for w := from; ; w = (w + 1) % 7 {
			if !slices.Contains(out, w) {
				out = append(out, w)
			}
			if w == to {
				break
			}
		}
	}
	return out, nil
}
