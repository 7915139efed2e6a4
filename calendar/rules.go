package calendar

import (
	"slices"
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

// asks says that the rule has to know which days are open.
func (r *DayRule) asks() bool { return r.what == businessDay || r.shift != stay }

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
