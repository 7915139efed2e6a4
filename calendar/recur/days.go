package recur

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/calendar"
)

// dayWindow is a window that begins on the days of a rule, for a length or
// until a day of another rule: stopped on Friday, started on Monday.
type dayWindow struct {
	days   *calendar.Days
	from   dayTime
	to     dayTime       // its rule is the zero one where length is told
	length time.Duration // or 0
	loc    *time.Location
}

// dayTime is a time of day on the days of a rule.
type dayTime struct {
	rule calendar.DayRule
	at   time.Duration
}

func parseDays(words []string, days *calendar.Days) (source, error) {
	if days == nil {
		return nil, errors.New("days: there is no calendar that says which days these are")
	}
	words, loc, err := zoned(words)
	if err != nil {
		return nil, err
	}
	w := &dayWindow{days: days, loc: loc}
	if i := slices.Index(words, "until"); i >= 0 {
		if w.to, err = parseDayTime(words[i+1:]); err != nil {
			return nil, fmt.Errorf("until: %w", err)
		}
		words = words[:i]
	} else if words, w.length, err = long(words); err != nil {
		return nil, err
	}
	w.from, err = parseDayTime(words)
	if err != nil {
		return nil, err
	}
	return w, nil
}

// parseDayTime reads "gotobi previous at 20:00".
func parseDayTime(words []string) (d dayTime, err error) {
	words, clock, err := tail(words, "at", "20:00")
	if err != nil {
		return d, err
	}
	if d.at, err = calendar.ParseClock(clock); err != nil {
		return d, err
	}
	d.rule, err = calendar.ParseDayRule(strings.Join(words, " "))
	return d, err
}

func (w *dayWindow) anchor() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// dates are the days of a rule around a stretch of time.
func (w *dayWindow) dates(d dayTime, from, to time.Time) []time.Time {
	var out []time.Time
	for _, due := range d.rule.Dates(w.days, calendar.DateOf(from.In(w.loc)).Add(-1), calendar.DateOf(to.In(w.loc)).Add(1)) {
		out = append(out, calendar.Instant(w.loc, due.Date, d.at))
	}
	return out
}

func (w *dayWindow) spans(from, to time.Time) []Span {
	var out []Span
	if w.length > 0 {
		for _, at := range w.dates(w.from, from.Add(-w.length), to) {
			out = append(out, Span{at, at.Add(w.length)})
		}
		return out
	}
	starts := w.dates(w.from, from.Add(-calendar.Reach), to)
	ends := w.dates(w.to, from.Add(-calendar.Reach), to.Add(calendar.Reach))
	for _, at := range starts {
		i, found := slices.BinarySearchFunc(ends, at, time.Time.Compare)
		if found {
			i++ // an end at the start itself is that of the window before
		}
		if i < len(ends) {
			out = append(out, Span{at, ends[i]})
		}
	}
	return out
}

// hoursWindow is a window that is open in hours.
type hoursWindow struct{ hours *calendar.Hours }

func parseHours(words []string, days *calendar.Days) (source, error) {
	words, loc, err := zoned(words)
	if err != nil {
		return nil, err
	}
	h, err := calendar.ParseHours(loc.String(), strings.Split(strings.Join(words, " "), ";"), days)
	if err != nil {
		return nil, err
	}
	return hoursWindow{h}, nil
}

func (w hoursWindow) anchor() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

func (w hoursWindow) spans(from, to time.Time) []Span {
	var out []Span
	last := calendar.DateOf(to.In(w.hours.Location()))
	for d := calendar.DateOf(from.In(w.hours.Location())).Add(-2); !last.Before(d); d = d.Add(1) {
		w.hours.On(d, func(from, to time.Time) { out = append(out, Span{from, to}) })
	}
	return out
}
