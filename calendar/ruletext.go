package calendar

import (
	"fmt"
	"strconv"
	"strings"
)

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
