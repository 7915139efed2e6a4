package calendar

import (
	"errors"
	"time"
)

// Hours are the hours of duty: on which days, from when to when, in a zone. It
// never changes once made and may be used by any number of goroutines.
type Hours struct{}

// ParseHours reads openings such as "business 09:00-18:00", "Sat 10:00-12:00",
// "Mon-Fri 22:00-06:00" (to the next morning). days may be nil where no day
// type is named.
func ParseHours(zone string, open []string, days *Days) (*Hours, error) {
	return nil, errors.New("calendar: not built yet")
}

// Open is whether they are open at t.
func (h *Hours) Open(t time.Time) bool { return false }

// NextOpen is the first instant not before t at which they are open: t itself
// where they are. Not ok where there is none within Reach.
func (h *Hours) NextOpen(t time.Time) (at time.Time, ok bool) { return time.Time{}, false }

// NextClose is the first instant not before t at which they are closed: t
// itself where they are. Not ok where there is none within Reach.
func (h *Hours) NextClose(t time.Time) (at time.Time, ok bool) { return time.Time{}, false }

// Reach is how far ahead hours and windows are looked through for a change: a
// year and some more, so that what comes once a year is found.
const Reach = 400 * 24 * time.Hour
