package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DayRule names days of each month or week in the words of accounting, and to
// where one moves that falls on a closed day. Its written form is
//
//	WHAT [SHIFT] [on BASIS days]
//
// WHAT is one of
//
//	gotobi, 五十日       the 5th, 10th, 15th, 20th, 25th and the last of the month
//	month-end, 月末      the last of the month
//	closing N, 締め日 N  the N-th, or the last of a month that ends before it; N
//	                     is 1 to 31, or several: closing 10,20; 10日締め is also read
//	business-day N       the N-th business day of the month; -1 is the last, -2 the
//	                     one before; also 第3営業日, 最終営業日
//	Mon, Tue,Thu         days of the week
//
// 五十日 (ごとおび) is usually given as the 5th, 10th, 15th, 20th and 25th "and the
// 30th or the last of the month"; what is due then is due at month end, so the
// last is taken, the 31st in long months. Who means the 30th itself writes
// closing 5,10,15,20,25,30.
//
// SHIFT is previous (前営業日), next (翌営業日) or none (なし, the default). BASIS says
// which days are open: business (営業日, the default: Days.Business), national
// (暦上の平日: no weekend, no 祝日・休日) or bank (銀行営業日).
type DayRule struct {
	what     what
	numbers  []int          // of closing, of business-day
	weekdays []time.Weekday // of weekly
	shift    shift
	basis    basis
}

type what uint8

const (
	gotobi what = iota + 1
	monthEndDay
	closing
	businessDay
	weekly
)

type shift uint8

const (
	stay shift = iota
	previous
	next
)

type basis uint8

const (
	business basis = iota
	national
	bank
)

// Due is a day that a rule names.
type Due struct {
	Date    Date // after it was moved
	Nominal Date // before: the 25th, a Sunday
	Known   bool // false where moving or counting asked a year whose holidays are not listed
}

// Dates returns the days from and to, both included, that the rule names,
// after moving, in order. Where several move to one day, the Due that did not
// move is told, or else the nearest. What finds no open day within
// MaxMove days is left out.
func (r DayRule) Dates(days *Days, from, to Date) []Due {
	if to.Before(from) {
		return nil
	}
	var out []Due
	if r.what == businessDay {
		out = r.counted(days, from, to)
	} else {
		out = r.moved(days, from, to)
	}
	slices.SortStableFunc(out, func(a, b Due) int {
		if c := a.Date.Compare(b.Date); c != 0 {
			return c
		}
		return distance(a) - distance(b)
	})
	return slices.CompactFunc(out, func(a, b Due) bool { return a.Date == b.Date })
}

// MaxMove bounds how far a day moves, in days: no stretch of closed days is
// that long but one that was declared so by mistake.
const MaxMove = maxOwn

func distance(d Due) int {
	return max(d.Date.Number()-d.Nominal.Number(), d.Nominal.Number()-d.Date.Number())
}

// moved are the nominal days that lie in [from, to] once moved. Those come
// from outside only over a stretch of closed days.
func (r DayRule) moved(days *Days, from, to Date) []Due {
	first, last := from, to
	if r.shift == next {
		for first = from.Add(-1); !r.open(days, first) && from.Number()-first.Number() <= MaxMove; {
			first = first.Add(-1)
		}
	}
	if r.shift == previous {
		for last = to.Add(1); !r.open(days, last) && last.Number()-to.Number() <= MaxMove; {
			last = last.Add(1)
		}
	}
	var out []Due
	for d := first; !last.Before(d); d = d.Add(1) {
		if !r.names(d) {
			continue
		}
		due, ok := r.move(days, d)
		if ok && !due.Date.Before(from) && !to.Before(due.Date) {
			out = append(out, due)
		}
	}
	return out
}

// move brings a nominal day to where the rule has it.
func (r DayRule) move(days *Days, nominal Date) (Due, bool) {
	due := Due{Date: nominal, Nominal: nominal, Known: true}
	if r.shift == stay {
		return due, true
	}
	step := 1
	if r.shift == previous {
		step = -1
	}
	for range MaxMove + 1 {
		due.Known = due.Known && r.sure(days, due.Date)
		if r.open(days, due.Date) {
			return due, true
		}
		due.Date = due.Date.Add(step)
	}
	return due, false
}

// counted are the n-th business days of the months of [from, to].
func (r DayRule) counted(days *Days, from, to Date) []Due {
	var out []Due
	for m := (Date{from.Year, from.Month, 1}); !to.Before(m); m = (Date{m.Year, m.Month + 1, 1}).Add(0) {
		for _, n := range r.numbers {
			due, ok := r.count(days, m, n)
			if ok && !due.Date.Before(from) && !to.Before(due.Date) {
				out = append(out, due)
			}
		}
	}
	return out
}

// count is the n-th business day of the month that begins at m.
func (r DayRule) count(days *Days, m Date, n int) (Due, bool) {
	d, step := m, 1
	if n < 0 {
		d, step, n = Date{m.Year, m.Month, monthEnd(m.Year, m.Month)}, -1, -n
	}
	known := true
	for ; d.Month == m.Month; d = d.Add(step) {
		known = known && r.sure(days, d)
		if r.open(days, d) {
			n--
		}
		if n == 0 {
			return Due{Date: d, Nominal: d, Known: known}, true
		}
	}
	return Due{}, false
}

// names is whether a date is one of the rule's nominal days.
func (r DayRule) names(d Date) bool {
	end := monthEnd(d.Year, d.Month)
	switch r.what {
	case gotobi:
		return d.Day == end || d.Day%5 == 0 && d.Day < 30
	case monthEndDay:
		return d.Day == end
	case closing:
		return slices.ContainsFunc(r.numbers, func(n int) bool { return d.Day == min(n, end) })
	case weekly:
		return slices.Contains(r.weekdays, d.Weekday())
	}
	return false
}

func (r DayRule) open(days *Days, d Date) bool {
	switch r.basis {
	case national:
		return days.NationalDay(d)
	case bank:
		return days.BankDay(d)
	}
	return days.Business(d)
}

// sure is whether it is known if a date is open: a weekend is closed in any
// year, unless somebody declared it open.
func (r DayRule) sure(days *Days, d Date) bool {
	if r.basis == business {
		_, _, known := days.Type(d)
		return known || !days.Business(d)
	}
	return days.Listed(d) || !r.open(days, d)
}

// String is the written form, in English.
func (r DayRule) String() string {
	var s string
	switch r.what {
	case gotobi:
		s = "gotobi"
	case monthEndDay:
		s = "month-end"
	case closing:
		s = "closing " + joinInts(r.numbers)
	case businessDay:
		s = "business-day " + joinInts(r.numbers)
	case weekly:
		var names []string
		for _, w := range r.weekdays {
			names = append(names, w.String()[:3])
		}
		s = strings.Join(names, ",")
	}
	s += [...]string{stay: "", previous: " previous", next: " next"}[r.shift]
	return s + [...]string{business: "", national: " on national days", bank: " on bank days"}[r.basis]
}

func joinInts(list []int) string {
	var s []string
	for _, n := range list {
		s = append(s, strconv.Itoa(n))
	}
	return strings.Join(s, ",")
}

// Text is the rule in prose, such as 五十日(前営業日、銀行営業日).
func (r DayRule) Text() Name {
	n := r.whatText()
	var ja, en []string
	switch r.shift {
	case previous:
		ja, en = append(ja, "前営業日"), append(en, "moved to the business day before")
	case next:
		ja, en = append(ja, "翌営業日"), append(en, "moved to the next business day")
	}
	switch r.basis {
	case national:
		ja, en = append(ja, "土日祝を除く"), append(en, "weekends and holidays closed")
	case bank:
		ja, en = append(ja, "銀行営業日"), append(en, "bank days")
	}
	if len(ja) > 0 {
		n.JA += "(" + strings.Join(ja, "、") + ")"
		n.EN += " (" + strings.Join(en, ", ") + ")"
	}
	return n
}

func (r DayRule) whatText() Name {
	switch r.what {
	case gotobi:
		return Name{"五十日", "gotobi days"}
	case monthEndDay:
		return Name{"月末", "month end"}
	case closing:
		return Name{strings.ReplaceAll(joinInts(r.numbers), ",", "・") + "日締め", "closing day " + joinInts(r.numbers)}
	case weekly:
		return r.weeklyText()
	case businessDay:
		var ja, en []string
		for _, n := range r.numbers {
			j, e := businessDayText(n)
			ja, en = append(ja, j), append(en, e)
		}
		return Name{strings.Join(ja, "・"), strings.Join(en, ", ")}
	}
	return Name{}
}

func (r DayRule) weeklyText() Name {
	var ja, en []string
	for _, w := range r.weekdays {
		ja = append(ja, string([]rune("日月火水木金土")[w]))
		en = append(en, w.String())
	}
	return Name{"毎週" + strings.Join(ja, "・") + "曜日", "every " + strings.Join(en, ", ")}
}

func businessDayText(n int) (ja, en string) {
	switch {
	case n == -1:
		return "最終営業日", "last business day"
	case n < 0:
		return fmt.Sprintf("月末から%d番目の営業日", -n), fmt.Sprintf("business day %d from the end of the month", -n)
	}
	return fmt.Sprintf("第%d営業日", n), fmt.Sprintf("business day %d of the month", n)
}
