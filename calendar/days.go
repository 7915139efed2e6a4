package calendar

import (
	"fmt"
	"time"
)

// DayType is what kind of day a calendar says that a date is. Where a date is
// several things, the one that stands first here is told: a Sunday at New Year
// is of 年末年始.
type DayType uint8

const (
	OwnOpen   DayType = iota + 1 // declared a working day, whatever else it is
	OwnClosed                    // declared a day off by the customer
	YearEnd                      // 年末年始
	Obon                         // お盆, in the spans that were declared
	Holiday                      // 祝日・休日
	Weekend                      // Saturday, Sunday
	Workday                      // none of these
)

// dayTypes are the names in which types are written and told.
var dayTypes = [...]struct {
	word string
	name Name
}{
	OwnOpen:   {"open", Name{"営業日(個別指定)", "day declared open"}},
	OwnClosed: {"closed", Name{"休業日", "day declared closed"}},
	YearEnd:   {"yearend", Name{"年末年始", "year-end holidays"}},
	Obon:      {"obon", Name{"お盆", "Obon"}},
	Holiday:   {"holiday", Name{"祝日・休日", "holiday"}},
	Weekend:   {"weekend", Name{"土日", "weekend"}},
	Workday:   {"workday", Name{"平日", "weekday"}},
}

// String is the type as it is written in hours and windows.
func (t DayType) String() string {
	if t == 0 || int(t) >= len(dayTypes) {
		return fmt.Sprintf("DayType(%d)", uint8(t))
	}
	return dayTypes[t].word
}

// Name is the type in prose.
func (t DayType) Name() Name {
	if t == 0 || int(t) >= len(dayTypes) {
		return Name{}
	}
	return dayTypes[t].name
}

// Business is whether people work on days of the type.
func (t DayType) Business() bool { return t == Workday || t == OwnOpen }

// Name is a name in both languages.
type Name struct {
	JA string `json:"ja,omitempty"`
	EN string `json:"en,omitempty"`
}

// In is the name in a language, "ja" or any other for English.
func (n Name) In(lang string) string {
	if lang == "ja" {
		return n.JA
	}
	return n.EN
}

// Config says which days are what. It is plain data: what is kept of it in a
// snapshot gives the same Days again.
type Config struct {
	Holidays *Holidays `json:"holidays,omitempty"` // of the country; nil = none are kept, and every year is known
	// YearEnd are spans such as "12-29/01-03"; "none" = no such days. "" =
	// 12-29/01-03 where there are holidays of Japan: the days on which offices
	// of the state are closed by the law on their holidays (昭和63年法律第91号).
	YearEnd string   `json:"yearend,omitempty"`
	Obon    string   `json:"obon,omitempty"`   // spans such as "08-13/08-16", or dated: "2026-08-12/2026-08-16, 2027-08-11/2027-08-15"
	Closed  []string `json:"closed,omitempty"` // dates or spans of dates, a name may follow: "2026-06-01 創立記念日"
	Open    []string `json:"open,omitempty"`   // likewise; open wins over closed
}

// Days says of each date what kind of day it is. It never changes once made
// and may be used by any number of goroutines; Type, At, Business and BankDay
// allocate nothing.
type Days struct {
	country       string
	first         int     // Number of table[0]
	table         []entry // the years that are listed or declared of, without gaps
	holidays      []HolidayDate
	names         []Name // what own days are called
	yearEnd, obon []yearSpan
	from, to      Date // listed
}

// entry is what is known of one day.
type entry struct {
	kind    DayType
	own     DayType // OwnOpen, OwnClosed or 0
	called  int32   // its name: names[called-1]
	holiday int32   // holidays[holiday-1]
	unknown bool    // nobody listed the holidays of its year
}

// NewDays returns the days of a configuration, or an error that names its field.
func NewDays(c Config) (*Days, error) {
	d := &Days{}
	if h := c.Holidays; h != nil {
		if err := h.Check(); err != nil {
			return nil, fmt.Errorf("holidays: %w", err)
		}
		d.country = h.Country
		d.from = Date{h.Years[0].Year, time.January, 1}
		d.to = Date{h.Years[len(h.Years)-1].Year, time.December, 31}
	}
	yearEnd := c.YearEnd
	if yearEnd == "" && d.country == "jp" {
		yearEnd = "12-29/01-03"
	}
	var err error
	if d.yearEnd, err = parseYearSpans(yearEnd); err != nil {
		return nil, fmt.Errorf("yearend: %w", err)
	}
	if d.obon, err = parseYearSpans(c.Obon); err != nil {
		return nil, fmt.Errorf("obon: %w", err)
	}
	own, err := parseOwn("closed", OwnClosed, c.Closed)
	if err != nil {
		return nil, err
	}
	open, err := parseOwn("open", OwnOpen, c.Open)
	if err != nil {
		return nil, err
	}
	d.lay(c.Holidays, append(own, open...))
	return d, nil
}

// lay fills the table with listed holidays and declared days, later ones over
// earlier ones.
func (d *Days) lay(h *Holidays, own []ownDays) {
	first, last := 1, 0
	reach := func(from, to int) {
		if first > last {
			first, last = from, to
		}
		first, last = min(first, from), max(last, to)
	}
	if h != nil {
		reach(d.from.Number(), d.to.Number())
	}
	for _, o := range own {
		reach(o.from, o.to)
	}
	d.first, d.table = first, make([]entry, last-first+1)
	for i := range d.table {
		d.table[i].unknown = d.unlisted(first + i)
	}
	if h != nil {
		for _, y := range h.Years {
			for _, day := range y.Days {
				d.holidays = append(d.holidays, day)
				d.table[day.Date.Number()-first].holiday = int32(len(d.holidays))
			}
		}
	}
	for _, o := range own {
		d.names = append(d.names, o.name)
		for n := o.from; n <= o.to; n++ {
			e := &d.table[n-first]
			e.own, e.called = o.kind, int32(len(d.names))
		}
	}
	for i := range d.table {
		d.table[i].kind = d.kind(d.table[i], first+i)
	}
}

// unlisted is whether a day lies in a year whose holidays nobody listed.
func (d *Days) unlisted(number int) bool {
	return d.country != "" && (number < d.from.Number() || number > d.to.Number())
}

// on is what is known of a day.
func (d *Days) on(number int) entry {
	if i := number - d.first; i >= 0 && i < len(d.table) {
		return d.table[i]
	}
	e := entry{unknown: d.country != ""}
	e.kind = d.kind(e, number)
	return e
}

// kind is what a day is by all that is known of it.
func (d *Days) kind(e entry, number int) DayType {
	if e.own != 0 {
		return e.own
	}
	if len(d.yearEnd)+len(d.obon) > 0 {
		switch date := DateOn(number); {
		case within(d.yearEnd, date):
			return YearEnd
		case within(d.obon, date):
			return Obon
		}
	}
	if e.holiday != 0 {
		return Holiday
	}
	if w := weekdayOn(number); w == time.Saturday || w == time.Sunday {
		return Weekend
	}
	return Workday
}

// known is whether listed holidays could make no other of a day.
func (e entry) known() bool { return !e.unknown || e.kind != Weekend && e.kind != Workday }

// Type is the kind of a day and, where it has one, its name. Known is false
// where the kind depends on the holidays of a year that nobody has listed: the
// type is then what weekday and declarations alone make of the date.
func (d *Days) Type(date Date) (t DayType, name Name, known bool) {
	e := d.on(date.Number())
	switch e.kind {
	case OwnOpen, OwnClosed:
		name = d.names[e.called-1]
	case Holiday:
		name = d.holidays[e.holiday-1].Name
	case YearEnd, Obon:
		name = e.kind.Name()
	}
	return e.kind, name, e.known()
}

// At is Type at an instant in a zone, in ms since the epoch, without the name:
// for those who ask at every sample.
func (d *Days) At(z *Zone, ms int64) (t DayType, known bool) {
	e := d.on(z.DayNumber(ms))
	return e.kind, e.known()
}

// Business is whether the customer works on that date: a working day or one
// declared open. お盆 is closed where it is declared.
func (d *Days) Business(date Date) bool {
	return d.on(date.Number()).kind.Business()
}

// NationalDay is whether that date is neither a weekend nor a holiday (祝日・休日).
// Neither 年末年始 nor what the customer declares moves it.
func (d *Days) NationalDay(date Date) bool {
	number := date.Number()
	w := weekdayOn(number)
	return w != time.Saturday && w != time.Sunday && d.on(number).holiday == 0
}

// BankDay is whether banks in Japan work on that date: no weekend, no holiday,
// not 12/31 to 1/3 (銀行法施行令第5条: 国民の祝日, 12月31日から翌年1月3日までの日,
// 土曜日; 日曜日 by 銀行法第15条). What the customer declares does not move it.
func (d *Days) BankDay(date Date) bool {
	if date.Month == time.December && date.Day == 31 || date.Month == time.January && date.Day <= 3 {
		return false
	}
	return d.NationalDay(date)
}

// Holiday is the holiday on a date, whatever else is declared of it.
func (d *Days) Holiday(date Date) (HolidayDate, bool) {
	e := d.on(date.Number())
	if e.holiday == 0 {
		return HolidayDate{}, false
	}
	return d.holidays[e.holiday-1], true
}

// Known is the first and the last date whose holidays are listed; zero dates
// where no country's holidays are kept.
func (d *Days) Known() (from, to Date) { return d.from, d.to }

// Listed is whether the holidays of that date's year are listed, or none kept.
func (d *Days) Listed(date Date) bool { return !d.unlisted(date.Number()) }
