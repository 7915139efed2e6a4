package recur

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/kizashi-ops/kizashi/calendar"
)

// event is one event, with its recurrence.
type event struct {
	uid       string
	start     moment
	days      int           // how long it is: whole days on the wall …
	length    time.Duration // … and time that passes
	rule      *rule
	also      []moment // RDATE
	except    []moment // EXDATE, and what other events take the place of
	replaces  *moment  // RECURRENCE-ID
	cancelled bool

	exceptAt   map[int64]bool         // instants of except, in unix seconds
	exceptDate map[calendar.Date]bool // dates of except
}

// moment is a date, or a time of day on it, in a zone.
type moment struct {
	wall time.Time // as if in UTC
	loc  *time.Location
	date bool // no time of day
}

func (m moment) at() time.Time { return instant(m.loc, m.wall) }

// event reads one event.
func (r *icalReader) event(props []ics.IANAProperty) (*event, error) {
	e := &event{uid: value(props, "UID")}
	var end *moment
	var ruleText string
	ended := false // by DTEND or DURATION
	for _, p := range props {
		var err error
		switch name := strings.ToUpper(p.IANAToken); name {
		case "DTSTART":
			err = r.one(p, &e.start)
		case "DTEND":
			end, ended = &moment{}, true
			err = r.one(p, end)
		case "DURATION":
			ended = true
			e.days, e.length, err = parseISO(p.Value)
		case "RRULE":
			if ruleText != "" {
				err = errors.New("it has two; want one")
			}
			ruleText = p.Value
		case "RDATE":
			e.also, err = r.several(p, e.also)
		case "EXDATE":
			e.except, err = r.several(p, e.except)
		case "RECURRENCE-ID":
			if len(p.ICalParameters["RANGE"]) > 0 {
				err = errors.New("RANGE is not understood: give the rest of the series an event of its own")
			}
			e.replaces = &moment{}
			if err == nil {
				err = r.one(p, e.replaces)
			}
		case "EXRULE":
			err = errors.New("it is not understood; use EXDATE")
		case "STATUS":
			e.cancelled = strings.EqualFold(p.Value, "CANCELLED")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", strings.ToUpper(p.IANAToken), err)
		}
	}
	if e.start.loc == nil {
		return nil, errors.New("DTSTART is missing")
	}
	if ruleText != "" {
		var err error
		if e.rule, err = compile(ruleText, e.start.wall, e.start.loc); err != nil {
			return nil, fmt.Errorf("RRULE: %w", err)
		}
	}
	return e, e.long(end, ended)
}

// long settles how long an event is.
func (e *event) long(end *moment, ended bool) error {
	switch {
	case end != nil && end.date != e.start.date:
		return errors.New("DTSTART and DTEND: want both dates, or both times")
	case end != nil && e.start.date:
		e.days = int(end.wall.Sub(e.start.wall) / (24 * time.Hour))
	case end != nil:
		e.length = end.at().Sub(e.start.at())
	case !ended && e.start.date:
		e.days = 1
	}
	if e.cancelled {
		return nil
	}
	if e.days < 0 || e.length < 0 || e.days == 0 && e.length == 0 {
		return errors.New("it ends where it starts, or before; want DTEND or DURATION after DTSTART")
	}
	if time.Duration(e.days)*24*time.Hour+e.length > maxLength && e.rule != nil {
		return fmt.Errorf("each time is longer than %d days", maxLength/(24*time.Hour))
	}
	return nil
}

// one reads a property of one date or time.
func (r *icalReader) one(p ics.IANAProperty, into *moment) error {
	list, err := r.several(p, nil)
	if err == nil && len(list) != 1 {
		err = fmt.Errorf("%q: want one date or time", p.Value)
	}
	if err == nil {
		*into = list[0]
	}
	return err
}

// maxDates bounds the dates that an event lists.
const maxDates = 10_000

// several reads a property of dates or times.
func (r *icalReader) several(p ics.IANAProperty, list []moment) ([]moment, error) {
	loc := r.loc
	if ids := p.ICalParameters["TZID"]; len(ids) > 0 {
		var err error
		if loc, err = r.zone(ids[0]); err != nil {
			return nil, err
		}
	}
	for s := range strings.SplitSeq(p.Value, ",") {
		m, err := parseMoment(strings.TrimSpace(s), loc)
		if err != nil {
			return nil, err
		}
		if list = append(list, m); len(list) > maxDates {
			return nil, fmt.Errorf("more than %d dates", maxDates)
		}
	}
	return list, nil
}

// zone is the zone of a TZID: the database's, or as the file defines it.
func (r *icalReader) zone(id string) (*time.Location, error) {
	if loc, ok := r.zones[id]; ok {
		return loc, nil
	}
	return zoneOf(id)
}

// parseMoment reads 20260113, 20260113T020000 or 20260113T020000Z.
func parseMoment(s string, loc *time.Location) (moment, error) {
	m := moment{loc: loc}
	layout := "20060102T150405"
	switch {
	case len(s) == len("20260113"):
		m.date, layout = true, "20060102"
	case strings.HasSuffix(s, "Z"):
		m.loc, s = time.UTC, strings.TrimSuffix(s, "Z")
	}
	t, err := time.Parse(layout, s)
	if err != nil || len(s) != len(layout) {
		return m, fmt.Errorf("%q: want such as 20260113T020000 or 20260113", s)
	}
	if t.Year() < calendar.FirstYear || t.Year() > calendar.LastYear {
		return m, fmt.Errorf("%q: want a year from %d to %d", s, calendar.FirstYear, calendar.LastYear)
	}
	if m.loc == nil {
		return m, fmt.Errorf("%q names no zone: say it behind the file, such as in Asia/Tokyo", s)
	}
	m.wall = t
	return m, nil
}

var iso = regexp.MustCompile(`^\+?P(?:(\d{1,4})W|(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?)$`)

// parseISO reads a duration such as P1D or PT2H30M: days on the wall, and time
// that passes (RFC 5545 3.3.6).
func parseISO(s string) (days int, length time.Duration, err error) {
	m := iso.FindStringSubmatch(s)
	if m == nil {
		return 0, 0, fmt.Errorf("%q: want such as PT2H or P1D", s)
	}
	n := func(i int) int {
		k, _ := strconv.Atoi(m[i]) // digits alone, or nothing: 0
		return k
	}
	length = time.Duration(n(3))*time.Hour + time.Duration(n(4))*time.Minute + time.Duration(n(5))*time.Second
	return 7*n(1) + n(2), length, nil
}

// index prepares what is left out of the recurrence.
func (e *event) index() {
	e.exceptAt, e.exceptDate = map[int64]bool{}, map[calendar.Date]bool{}
	for _, m := range e.except {
		// A date leaves out what begins on it, at whatever time: many clients
		// write EXDATE so.
		if m.date {
			e.exceptDate[calendar.DateOf(m.wall)] = true
		} else {
			e.exceptAt[m.at().Unix()] = true
		}
	}
}

// spans appends those of the event's times that share an instant with
// [from, to).
func (e *event) spans(out []Span, from, to time.Time) []Span {
	out = e.span(out, e.start, from, to)
	for _, m := range e.also {
		out = e.span(out, m, from, to)
	}
	if e.rule == nil {
		return out
	}
	back := time.Duration(e.days)*24*time.Hour + e.length + slack
	loc := e.start.loc
	for _, wall := range e.rule.between(floating(from.Add(-back).In(loc)), floating(to.Add(slack).In(loc))) {
		if !wall.Equal(e.start.wall) {
			out = e.span(out, moment{wall: wall, loc: loc}, from, to)
		}
	}
	return out
}

// span appends the time that begins at m.
func (e *event) span(out []Span, m moment, from, to time.Time) []Span {
	begin := m.at()
	if e.exceptAt[begin.Unix()] || e.exceptDate[calendar.DateOf(m.wall)] {
		return out
	}
	end := instant(m.loc, m.wall.AddDate(0, 0, e.days)).Add(e.length)
	if !end.After(from) || !begin.Before(to) {
		return out
	}
	return append(out, Span{begin, end})
}
