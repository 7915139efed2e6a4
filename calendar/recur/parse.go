package recur

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/calendar"
)

// Env is what the words of a window may need beside themselves.
type Env struct {
	Days *calendar.Days                    // for days and hours; nil: those that need them are refused
	Read func(name string) ([]byte, error) // for iCalendar files; nil: those are refused, as from the network
}

// maxSpec bounds the written form, in bytes.
const maxSpec = 4096

// Parse reads the written form of a window:
//
//	2026-12-29T18:00+09:00/2027-01-04T08:00+09:00
//	2026-12-29T18:00/2027-01-04T08:00 in Asia/Tokyo
//	cron 0 2 * * 2#2 for 2h in Asia/Tokyo
//	rrule FREQ=WEEKLY;INTERVAL=2;BYDAY=TU from 2026-01-13T02:00 for 2h in Asia/Tokyo
//	days gotobi previous on bank days at 00:00 for 24h in Asia/Tokyo
//	days Fri previous at 20:00 until Mon next at 08:00 in Asia/Tokyo
//	hours yearend 00:00-24:00; Sat 10:00-12:00 in Asia/Tokyo
//	ics FILE [while open|closed] [in Asia/Tokyo]
//
// Cron has the five fields of crontab(5); 2#2 in the last is the second Tuesday
// of the month, while every other Tuesday is rrule's. Its day of the month and
// of the week are joined by "or" where both are given, as crontab does. A cron
// or rule that never fires, and one that never ends, is an error. Lengths are
// such as 90m, 2h30m, 1d12h, 2w, and pass as time does, over changes of the
// clock; a time of day that the clock skips or shows twice is taken as
// calendar.Instant says, but an hourly cron counts both hours.
//
// An iCalendar file's window are its events. Those of AWS Systems Manager's
// Change Calendar are open or closed by default; without "while" the window is
// when they are closed, as GetCalendarState says. The zone is for events that
// name none, all-day ones among them.
func Parse(spec string, env Env) (*Window, error) {
	words := strings.Fields(spec)
	w := &Window{spec: strings.Join(words, " ")}
	bad := func(err error) (*Window, error) { return nil, fmt.Errorf("window %q: %w", clip(w.spec), err) }
	if len(spec) > maxSpec {
		return bad(fmt.Errorf("it is longer than %d bytes", maxSpec))
	}
	if len(words) == 0 {
		return bad(errors.New("it is empty"))
	}
	var err error
	switch kind, rest := words[0], words[1:]; kind {
	case "cron":
		w.src, err = parseCron(rest)
	case "rrule":
		w.src, err = parseRule(rest)
	case "days":
		w.src, err = parseDays(rest, env.Days)
	case "hours":
		w.src, err = parseHours(rest, env.Days)
	case "ics":
		w.src, err = parseFile(rest, env.Read)
	default:
		w.src, err = parseOnce(words)
	}
	if err != nil {
		return bad(err)
	}
	if err := w.ends(); err != nil {
		return bad(err)
	}
	return w, nil
}

func clip(s string) string {
	if len(s) > 200 {
		return strings.ToValidUTF8(s[:200], "") + "…"
	}
	return s
}

// anchored is a source that says from when on its windows can be looked at.
type anchored interface{ anchor() time.Time }

// ends refuses a recurring window that is always on from its start.
func (w *Window) ends() error {
	a, ok := w.src.(anchored)
	if !ok {
		return nil
	}
	first, ok := w.At(a.anchor())
	if !ok {
		first, ok = w.Next(a.anchor())
	}
	if ok && first.To.Sub(later(first.From, a.anchor())) >= calendar.Reach {
		return errors.New("it never ends: each time reaches into the next; want a length shorter than the time between")
	}
	return nil
}

// tail takes words off the end: "… KEY VALUE".
func tail(words []string, key, example string) (rest []string, value string, err error) {
	n := len(words)
	if n < 2 || words[n-2] != key {
		return nil, "", fmt.Errorf("%q is missing at its end; want such as %q", key, key+" "+example)
	}
	return words[:n-2], words[n-1], nil
}

// zoned takes "in ZONE" off the end.
func zoned(words []string) (rest []string, loc *time.Location, err error) {
	rest, name, err := tail(words, "in", "Asia/Tokyo")
	if err != nil {
		return nil, nil, err
	}
	z, err := calendar.Load(name)
	if err != nil {
		return nil, nil, err
	}
	return rest, z.Location(), nil
}

// long takes "for LENGTH" off the end.
func long(words []string) (rest []string, d time.Duration, err error) {
	rest, s, err := tail(words, "for", "2h")
	if err != nil {
		return nil, 0, err
	}
	d, err = parseLength(s)
	return rest, d, err
}

// A window's length is bounded below by the minute in which crons tell time,
// above by a year.
const (
	minLength = time.Minute
	maxLength = 366 * 24 * time.Hour
)

// parseLength reads 90m, 2h30m, 1d12h or 2w; a day is 24 hours.
func parseLength(s string) (time.Duration, error) {
	bad := fmt.Errorf("length %q: want such as 90m, 2h30m, 1d12h or 2w, from a minute to 366 days", s)
	rest, total := s, time.Duration(0)
	for _, unit := range []struct {
		letter string
		is     time.Duration
	}{{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}} {
		number, after, ok := strings.Cut(rest, unit.letter)
		if !ok {
			continue
		}
		d, err := time.ParseDuration(number + "h") // whole or broken, as of hours
		if err != nil || d < 0 || d > 24*366*time.Hour {
			return 0, bad
		}
		total += time.Duration(d.Hours() * float64(unit.is))
		rest = after
	}
	if rest != "" {
		d, err := time.ParseDuration(rest)
		if err != nil || d < 0 {
			return 0, bad
		}
		total += d
	}
	if total < minLength || total > maxLength {
		return 0, bad
	}
	return total, nil
}

// parseWall reads a local date and time such as 2026-01-13T02:00.
func parseWall(s string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= calendar.FirstYear && t.Year() <= calendar.LastYear {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("time %q: want such as 2026-01-13T02:00, from %d to %d", s, calendar.FirstYear, calendar.LastYear)
}

// instant is when a zone's clock shows a wall time, which is written as if it
// were UTC.
func instant(loc *time.Location, wall time.Time) time.Time {
	d := calendar.DateOf(wall)
	return calendar.Instant(loc, d, sinceMidnight(wall))
}

func sinceMidnight(wall time.Time) time.Duration {
	return time.Duration(wall.Hour())*time.Hour + time.Duration(wall.Minute())*time.Minute + time.Duration(wall.Second())*time.Second
}

// floating is what a zone's clock shows at an instant, written as if in UTC.
func floating(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}
