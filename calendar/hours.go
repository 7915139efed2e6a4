package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Hours are hours such as those of duty: on which days, from when to when, in
// a zone. They never change once made and may be used by any number of
// goroutines.
type Hours struct {
	loc      *time.Location
	days     *Days // nil where no day type is named
	openings []opening
}

// opening is one line of hours. It belongs to the day on which it begins.
type opening struct {
	types    []DayType // of these types
	weekdays []time.Weekday
	rule     *DayRule      // or of accounting
	from, to time.Duration // wall time since midnight; to lies after from, at most a day later
}

// Reach is how far ahead hours and windows are looked through for a change: a
// year and some more, so that what comes once a year is found.
const Reach = reachDays * 24 * time.Hour

const reachDays = 400

// ParseHours reads lines such as "business 09:00-18:00", "Sat 10:00-12:00" and
// "Mon-Fri 22:00-06:00", which is to the next morning and belongs to the day
// on which it begins. The days are day types (business, closed, open, workday,
// weekend, holiday, yearend, obon; of them business are those on which people
// work, nonbusiness the others), days of the week, whatever is declared of
// them, both by commas, or daily, which need not be said. Instead a day rule may
// stand: "closing 1 02:00-03:00", "month-end previous 18:00-24:00". They are open while
// any line says so. days may be nil where nothing asks which days are what.
//
// A time of day that the clock skips or shows twice is taken as Instant says.
func ParseHours(zone string, lines []string, days *Days) (*Hours, error) {
	z, err := Load(zone)
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, errors.New(`hours: no line; want such as "business 09:00-18:00"`)
	}
	h := &Hours{loc: z.Location(), days: days}
	for _, l := range lines {
		o, err := parseOpening(l)
		if err != nil {
			return nil, fmt.Errorf("hours %q: %w", l, err)
		}
		if (len(o.types) > 0 || o.rule != nil && o.rule.asks()) && days == nil {
			return nil, fmt.Errorf("hours %q: there is no calendar that says which days these are", l)
		}
		h.openings = append(h.openings, o)
	}
	return h, nil
}

// dayWords are the words for several day types; one type's is its own.
var dayWords = map[string][]DayType{
	"business":    {Workday, OwnOpen},
	"nonbusiness": {Weekend, Holiday, YearEnd, Obon, OwnClosed},
}

func parseOpening(line string) (o opening, err error) {
	words := strings.Fields(line)
	if len(words) == 1 {
		words = []string{"daily", words[0]}
	}
	if len(words) < 2 {
		return o, errors.New("want days and times, such as business 09:00-18:00")
	}
	if err := o.onDays(words[:len(words)-1]); err != nil {
		return o, err
	}
	times := words[len(words)-1]
	from, to, ok := strings.Cut(times, "-")
	if !ok {
		return o, fmt.Errorf("times %q: want such as 09:00-18:00", times)
	}
	if o.from, err = ParseClock(from); err != nil {
		return o, err
	}
	if o.to, err = ParseClock(to); err != nil {
		return o, err
	}
	if o.from == 24*time.Hour || o.from == o.to {
		return o, fmt.Errorf("times %q: want an end that is not the start; the whole day is 00:00-24:00", times)
	}
	if o.to < o.from {
		o.to += 24 * time.Hour
	}
	return o, nil
}

// onDays takes the words for days: types and days of the week, or a day rule.
func (o *opening) onDays(words []string) error {
	if r, err := ParseDayRule(strings.Join(words, " ")); err == nil && (r.what != weekly || len(words) > 1) {
		o.rule = &r
		return nil
	} else if len(words) > 1 {
		return fmt.Errorf("want days and times, such as business 09:00-18:00, or a day rule: %w", err)
	}
	for word := range strings.SplitSeq(words[0], ",") {
		if err := o.on(word); err != nil {
			return err
		}
	}
	return nil
}

// on adds the days of a word.
func (o *opening) on(word string) error {
	lower := strings.ToLower(word)
	if lower == "daily" {
		word, lower = "Mon-Sun", "mon-sun"
	}
	if types, ok := dayWords[lower]; ok {
		o.types = append(o.types, types...)
		return nil
	}
	for t := OwnOpen; t <= Workday; t++ {
		if t.String() == lower {
			o.types = append(o.types, t)
			return nil
		}
	}
	days, err := parseWeekdays(word)
	if err != nil {
		return fmt.Errorf("days %q: want daily, days of the week such as Mon-Fri, or day types (business, nonbusiness, workday, weekend, holiday, yearend, obon, open, closed)", word)
	}
	o.weekdays = append(o.weekdays, days...)
	return nil
}

// ParseClock reads a time of day such as 09:00, to 24:00, the day's end.
func ParseClock(s string) (time.Duration, error) {
	if s == "24:00" {
		return 24 * time.Hour, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, fmt.Errorf("time of day %q: want one such as 09:00, to 24:00", s)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// Location is the zone of the hours.
func (h *Hours) Location() *time.Location { return h.loc }

// begins is whether an opening belongs to a date.
func (h *Hours) begins(o *opening, d Date) bool {
	if slices.Contains(o.weekdays, d.Weekday()) {
		return true
	}
	if o.rule != nil {
		return len(o.rule.Dates(h.days, d, d)) > 0
	}
	if len(o.types) == 0 {
		return false
	}
	t, _, _ := h.days.Type(d)
	return slices.Contains(o.types, t)
}

// On calls yield with each stretch [from, to) of hours that belongs to a date,
// in the order of the lines; they may overlap and run into the next day. One
// of which the clock skips the first part and the end comes too early, such as
// 02:30-03:00 where 02:00 is 03:00, has no length and is left out.
func (h *Hours) On(d Date, yield func(from, to time.Time)) {
	for i := range h.openings {
		o := &h.openings[i]
		if !h.begins(o, d) {
			continue
		}
		from, to := Instant(h.loc, d, o.from), Instant(h.loc, d, o.to)
		if from.Before(to) {
			yield(from, to)
		}
	}
}

// until is the end of the stretch that t lies in by the openings of the day and
// of the one before, or t itself where none holds it.
func (h *Hours) until(t time.Time) time.Time {
	end := t
	today := DateOf(t.In(h.loc))
	for _, d := range [...]Date{today.Add(-1), today} {
		h.On(d, func(from, to time.Time) {
			if !t.Before(from) && to.After(end) {
				end = to
			}
		})
	}
	return end
}

// Open is whether they are open at t.
func (h *Hours) Open(t time.Time) bool { return h.until(t).After(t) }

// NextOpen is the first instant not before t at which they are open: t itself
// where they are. Not ok where there is none within Reach.
func (h *Hours) NextOpen(t time.Time) (at time.Time, ok bool) {
	if h.Open(t) {
		return t, true
	}
	d := DateOf(t.In(h.loc))
	for range reachDays {
		h.On(d, func(from, _ time.Time) {
			if !from.Before(t) && (!ok || from.Before(at)) {
				at, ok = from, true
			}
		})
		if ok {
			return at, at.Sub(t) <= Reach
		}
		d = d.Add(1)
	}
	return time.Time{}, false
}

// NextClose is the first instant not before t at which they are closed: t
// itself where they are. Not ok where there is none within Reach.
func (h *Hours) NextClose(t time.Time) (at time.Time, ok bool) {
	for at = t; at.Sub(t) <= Reach; {
		end := h.until(at)
		if !end.After(at) {
			return at, true
		}
		at = end
	}
	return time.Time{}, false
}
