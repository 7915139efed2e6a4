package calendar

import "errors"

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

// Name is a name in both languages.
type Name struct {
	JA string `json:"ja,omitempty"`
	EN string `json:"en,omitempty"`
}

// Config says which days are what. It is plain data: what is kept of it in a
// snapshot gives the same Days again.
type Config struct {
	Holidays *Holidays `json:"holidays,omitempty"` // of the country; nil = none are kept, and every year is known
	YearEnd  string    `json:"yearend,omitempty"`  // spans such as "12-29/01-03"; "" = that where there are Japanese holidays; "none"
	Obon     string    `json:"obon,omitempty"`     // spans such as "08-13/08-16", or dated: "2026-08-12/2026-08-16, 2027-08-11/2027-08-15"
	Closed   []string  `json:"closed,omitempty"`   // dates or spans of dates, a name may follow: "2026-06-01 創立記念日"
	Open     []string  `json:"open,omitempty"`     // likewise; open wins over closed
}

// Days says of each date what kind of day it is. It never changes once made
// and may be used by any number of goroutines; Type, At, Business and BankDay
// allocate nothing.
type Days struct{}

// NewDays returns the days of a configuration, or an error that names its field.
func NewDays(c Config) (*Days, error) { return nil, errors.New("calendar: not built yet") }

// Type is the kind of a day and, where it has one, its name. Known is false
// where the kind depends on the holidays of a year that nobody has listed: the
// type is then what weekday and declarations alone make of the date.
func (d *Days) Type(date Date) (t DayType, name Name, known bool) { return 0, Name{}, false }

// At is Type at an instant in a zone, in ms since the epoch, without the name:
// for those who ask at every sample.
func (d *Days) At(z *Zone, ms int64) (t DayType, known bool) { return 0, false }

// Business is whether the customer works on that date: a working day or one
// declared open. お盆 is closed where it is declared.
func (d *Days) Business(date Date) bool { return false }

// BankDay is whether banks in Japan work on that date: no weekend, no holiday,
// not 12/31 to 1/3. What the customer declares does not move it.
func (d *Days) BankDay(date Date) bool { return false }

// Known is the first and the last date whose holidays are listed; zero dates
// where no country's holidays are kept.
func (d *Days) Known() (from, to Date) { return Date{}, Date{} }
