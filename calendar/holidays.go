package calendar

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

// Holiday is the holiday on a date, whatever else is declared of it.
func (d *Days) Holiday(date Date) (HolidayDate, bool) { return HolidayDate{}, false }
