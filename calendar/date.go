package calendar

import (
	"fmt"
	"time"
)

// Date is a day on the wall calendar, in no zone. The zero value is no date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// Dates outside of these years are refused where they are read: what a
// calendar says of them nobody can mean.
const (
	FirstYear = 1970
	LastYear  = 2199
)

// ParseDate reads 2026-12-29 and refuses days that do not exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: want one that exists, such as 2026-12-29", s)
	}
	if t.Year() < FirstYear || t.Year() > LastYear {
		return Date{}, fmt.Errorf("date %q: want a year from %d to %d", s, FirstYear, LastYear)
	}
	return DateOf(t), nil
}

// DateOf is the date that the clock of t's location shows.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// DateOn is the date of a day's number, the inverse of Number.
func DateOn(number int) Date {
	return DateOf(time.Unix(int64(number)*24*60*60, 0).UTC())
}

// String is 2026-12-29.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// MarshalText is String; that of no date is empty.
func (d Date) MarshalText() ([]byte, error) {
	if d == (Date{}) {
		return nil, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText is the inverse of MarshalText.
func (d *Date) UnmarshalText(b []byte) (err error) {
	*d = Date{}
	if len(b) > 0 {
		*d, err = ParseDate(string(b))
	}
	return err
}

// Number is how many days d lies after 1970-01-01. Days that a month does not
// have run over into the next, as in time.Date.
func (d Date) Number() int {
	return int(floorDiv(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix(), 24*60*60))
}

// Add is the date n days later.
func (d Date) Add(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return weekdayOn(d.Number()) }

// Compare is -1, 0 or 1 as d lies before, on or after e.
func (d Date) Compare(e Date) int {
	switch {
	case d == e:
		return 0
	case d.Year < e.Year, d.Year == e.Year && d.Month < e.Month, d.Year == e.Year && d.Month == e.Month && d.Day < e.Day:
		return -1
	}
	return 1
}

// Before is whether d lies before e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// monthEnd is the last day of a month, 28 to 31.
func monthEnd(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// weekdayOn is the day of the week of a day's number.
func weekdayOn(number int) time.Weekday {
	return time.Weekday(floorMod(int64(number)+4, 7)) // 1970-01-01 was a Thursday
}

func floorDiv(a, b int64) int64 { return (a - floorMod(a, b)) / b }
