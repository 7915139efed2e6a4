package calendar

import (
	"errors"
	"fmt"
	"time"
)

// Holidays are the listed holidays of a country; calendar/daysfile reads and
// ships them. The years have no gaps.
type Holidays struct {
	Country string        `json:"country"` // "jp"
	AsOf    Date          `json:"as_of"`   // when the list was last compared with the official one
	Years   []HolidayYear `json:"years"`   // ascending
}

// HolidayYear is one year's list.
type HolidayYear struct {
	Year int           `json:"year"`
	Days []HolidayDate `json:"days"` // ascending
}

// HolidayDate is one holiday.
type HolidayDate struct {
	Date    Date        `json:"date"`
	Name    Name        `json:"name"`
	Kind    HolidayKind `json:"kind"`
	Planned bool        `json:"planned,omitempty"` // 予定: not yet announced officially
}

// HolidayKind is by what a day is a holiday.
type HolidayKind string

const (
	National   HolidayKind = "national"   // 国民の祝日
	Substitute HolidayKind = "substitute" // 振替休日: for one that fell on a Sunday
	Citizens   HolidayKind = "citizens"   // 国民の休日: between two
)

// Check says what is wrong with a list, if anything is: a year that is missing
// between years, a day twice or in the wrong year.
func (h *Holidays) Check() error {
	if h.Country == "" {
		return errors.New("country is missing")
	}
	if len(h.Years) == 0 {
		return errors.New("no year is listed")
	}
	for i, y := range h.Years {
		if y.Year < FirstYear || y.Year > LastYear {
			return fmt.Errorf("year %d: want one from %d to %d", y.Year, FirstYear, LastYear)
		}
		if i > 0 {
			if err := Follows(h.Years[i-1].Year, y.Year); err != nil {
				return err
			}
		}
		if err := y.check(); err != nil {
			return err
		}
	}
	return nil
}

// Follows says what is wrong with a year that comes after another in a list,
// if anything is.
func Follows(before, year int) error {
	switch {
	case year == before:
		return fmt.Errorf("year %d stands twice", year)
	case year < before:
		return fmt.Errorf("year %d stands after %d: want ascending years", year, before)
	case year == before+2:
		return fmt.Errorf("year %d is missing between %d and %d", before+1, before, year)
	case year > before+2:
		return fmt.Errorf("years %d to %d are missing between %d and %d", before+1, year-1, before, year)
	}
	return nil
}

func (y *HolidayYear) check() error {
	if len(y.Days) == 0 {
		return fmt.Errorf("year %d lists no holiday: leave it out if they are not known", y.Year)
	}
	for i, d := range y.Days {
		if DateOn(d.Date.Number()) != d.Date {
			return fmt.Errorf("%s does not exist", d.Date)
		}
		if d.Date.Year != y.Year {
			return fmt.Errorf("%s stands in the list of %d", d.Date, y.Year)
		}
		if i == 0 {
			continue
		}
		switch before := y.Days[i-1].Date; d.Date.Compare(before) {
		case 0:
			return fmt.Errorf("%s stands twice", d.Date)
		case -1:
			return fmt.Errorf("%s stands after %s: want ascending dates", d.Date, before)
		}
	}
	return nil
}

// AnnouncedFrom is when the holidays of a year become official in Japan: on
// the first of February of the year before, when the almanac (暦要項) announces
// its equinoxes.
func AnnouncedFrom(year int) Date { return Date{year - 1, time.February, 1} }
