package recur

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/kizashi-ops/kizashi/calendar"
)

// icalWindow is the window of an iCalendar file: its events, or the time
// between them.
type icalWindow struct {
	events []*event
	beside bool // the window is the time between the events
}

// Bounds of a file. AWS holds a change calendar's document to far less.
const (
	maxFile   = 1 << 20 // bytes
	maxEvents = 10_000
)

// parseFile reads "FILE [while open|closed] [in ZONE]". A name with spaces
// stands as it is.
func parseFile(words []string, read func(string) ([]byte, error)) (source, error) {
	if read == nil {
		return nil, errors.New("ics: files are read for the configuration alone")
	}
	r := &icalReader{}
	if rest, loc, err := zoned(words); err == nil {
		words, r.loc = rest, loc
	} else if n := len(words); n > 2 && words[n-2] == "in" {
		return nil, err
	}
	var while string
	if rest, value, err := tail(words, "while", "closed"); err == nil {
		if value != "open" && value != "closed" {
			return nil, fmt.Errorf("ics: while %q: want open or closed", value)
		}
		words, while = rest, value
	}
	r.file = strings.Join(words, " ")
	if r.file == "" {
		return nil, errors.New("ics: want the name of a file")
	}
	b, err := read(r.file)
	if err != nil {
		return nil, fmt.Errorf("ics: %w", err)
	}
	w, err := r.parse(b, while)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.file, err)
	}
	return w, nil
}

// icalReader reads one file.
type icalReader struct {
	file  string
	loc   *time.Location            // of times that name no zone; nil: there must be none
	zones map[string]*time.Location // by TZID, as the file names them
}

func (r *icalReader) parse(b []byte, while string) (*icalWindow, error) {
	if len(b) > maxFile {
		return nil, fmt.Errorf("it has %d bytes, more than %d", len(b), maxFile)
	}
	b = bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\ufeff")))
	if !bytes.HasPrefix(b, []byte("BEGIN:VCALENDAR")) || !bytes.HasSuffix(b, []byte("END:VCALENDAR")) {
		return nil, errors.New("want an iCalendar file, from BEGIN:VCALENDAR to END:VCALENDAR; it may be cut short")
	}
	cal, err := ics.ParseCalendarWithOptions(bytes.NewReader(b), ics.WithUnknownPropertyHandler(ics.AcceptUnknownPropertyHandler))
	if err != nil {
		return nil, err
	}
	var kind string
	for _, p := range cal.CalendarProperties {
		switch {
		case strings.EqualFold(p.IANAToken, "X-CALENDAR-TYPE"):
			kind = p.Value
		case strings.EqualFold(p.IANAToken, "X-WR-TIMEZONE") && r.loc == nil:
			if r.loc, err = zoneOf(p.Value); err != nil {
				return nil, fmt.Errorf("X-WR-TIMEZONE: %w", err)
			}
		}
	}
	w := &icalWindow{}
	if w.beside, err = besides(kind, while); err != nil {
		return nil, err
	}
	r.zones = named(cal)
	if w.events, err = r.events(cal); err != nil {
		return nil, err
	}
	if len(w.events) == 0 && kind == "" {
		return nil, errors.New("it has no event")
	}
	return w, nil
}

// besides is whether the window is the time between the events. Events of a
// change calendar that is open by default are when it is closed, and the other
// way round.
func besides(kind, while string) (bool, error) {
	switch kind {
	case "":
		if while != "" {
			return false, fmt.Errorf("%q is for change calendars, which have an X-CALENDAR-TYPE; the window of this file are its events", "while "+while)
		}
		return false, nil
	case "DEFAULT_OPEN":
		return while == "open", nil
	case "DEFAULT_CLOSED":
		return while != "open", nil
	}
	return false, fmt.Errorf("X-CALENDAR-TYPE %q: want DEFAULT_OPEN or DEFAULT_CLOSED", kind)
}

// named are the zones that the file defines with the name of the database that
// ships with most clients.
func named(cal *ics.Calendar) map[string]*time.Location {
	zones := map[string]*time.Location{}
	for _, c := range cal.Components {
		z, ok := c.(*ics.VTimezone)
		if !ok {
			continue
		}
		id, location := value(z.Properties, "TZID"), value(z.Properties, "X-LIC-LOCATION")
		if loc, err := zoneOf(location); err == nil && location != "" {
			zones[id] = loc
		}
	}
	return zones
}

// windowsZones are names that Outlook writes, by the Unicode CLDR's table
// windowsZones, of places that customers are in.
var windowsZones = map[string]string{
	"Tokyo Standard Time": "Asia/Tokyo", "UTC": "UTC", "GMT Standard Time": "Europe/London", "W. Europe Standard Time": "Europe/Berlin",
	"Romance Standard Time": "Europe/Paris", "Eastern Standard Time": "America/New_York", "Central Standard Time": "America/Chicago",
	"Pacific Standard Time": "America/Los_Angeles", "China Standard Time": "Asia/Shanghai", "Korea Standard Time": "Asia/Seoul",
	"Singapore Standard Time": "Asia/Singapore", "India Standard Time": "Asia/Kolkata", "AUS Eastern Standard Time": "Australia/Sydney",
}

// zoneOf is the zone of a name, of the zone database or of Windows.
func zoneOf(name string) (*time.Location, error) {
	if iana, ok := windowsZones[name]; ok {
		name = iana
	}
	if name == "" {
		return nil, errors.New("time zone: it is empty")
	}
	z, err := calendar.Load(name)
	if err != nil {
		return nil, err
	}
	return z.Location(), nil
}

// value is that of a property, "" where there is none.
func value(props []ics.IANAProperty, name string) string {
	for _, p := range props {
		if strings.EqualFold(p.IANAToken, name) {
			return p.Value
		}
	}
	return ""
}

// events reads all events; what one takes the place of in another's recurrence
// is taken out there.
func (r *icalReader) events(cal *ics.Calendar) ([]*event, error) {
	var out []*event
	replaced := map[string][]moment{} // by UID
	for _, c := range cal.Components {
		v, ok := c.(*ics.VEvent)
		if !ok {
			continue
		}
		e, err := r.event(v.Properties)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", title(v.Properties), err)
		}
		if e.replaces != nil {
			replaced[e.uid] = append(replaced[e.uid], *e.replaces)
		}
		if !e.cancelled {
			out = append(out, e)
		}
		if len(out) > maxEvents {
			return nil, fmt.Errorf("it has more than %d events", maxEvents)
		}
	}
	for _, e := range out {
		if e.replaces == nil {
			e.except = append(e.except, replaced[e.uid]...)
		}
		e.index()
	}
	return out, nil
}

// title names an event in errors.
func title(props []ics.IANAProperty) string {
	summary, uid := value(props, "SUMMARY"), value(props, "UID")
	if summary == "" {
		summary = value(props, "DTSTART")
	}
	if uid == "" {
		return fmt.Sprintf("%q", clip(summary))
	}
	return fmt.Sprintf("%q (UID %q)", clip(summary), clip(uid))
}

func (w *icalWindow) spans(from, to time.Time) []Span {
	var out []Span
	for _, e := range w.events {
		out = e.spans(out, from, to)
	}
	if !w.beside {
		return out
	}
	at := from
	var between []Span
	for _, s := range merge(out, Span{from, to}) {
		between = append(between, Span{at, s.From})
		at = s.To
	}
	return slices.DeleteFunc(append(between, Span{at, to}), func(s Span) bool { return !s.From.Before(s.To) })
}
