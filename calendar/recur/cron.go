package recur

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/kizashi-ops/kizashi/calendar"
)

// cronWindow is a window that a cron opens. The library reads the fields; the
// times are walked through here, day by day, as its own walk skips the times
// that a change of the clock skips.
type cronWindow struct {
	sched  *cron.SpecSchedule
	nth    [7]uint8 // for each day of the week the weeks of the month, bit 1 the first
	anyNth bool
	length time.Duration
	loc    *time.Location
}

var cronParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// star is the library's mark of a field that is *.
const star = 1 << 63

func parseCron(words []string) (source, error) {
	words, loc, err := zoned(words)
	if err != nil {
		return nil, err
	}
	words, length, err := long(words)
	if err != nil {
		return nil, err
	}
	if len(words) != 5 || strings.Contains(words[0], "=") {
		return nil, errors.New("cron: want five fields: minute, hour, day of the month, month, day of the week")
	}
	c := &cronWindow{length: length, loc: loc}
	plain, err := c.takeNth(words[4])
	if err != nil {
		return nil, err
	}
	dow := plain
	if plain == "" {
		dow = "*"
	}
	sched, err := cronParser.Parse(strings.Join([]string{words[0], words[1], words[2], words[3], dow}, " "))
	if err != nil {
		return nil, fmt.Errorf("cron: %w", err)
	}
	c.sched = sched.(*cron.SpecSchedule)
	if plain == "" {
		c.sched.Dow = 0
	}
	if !c.fires() {
		return nil, errors.New("cron: it never fires: no such day comes in any year")
	}
	return c, nil
}

// takeNth takes what the library does not know out of the field of weekdays:
// 2#2 or TUE#2, the second Tuesday of the month. It returns the rest.
func (c *cronWindow) takeNth(field string) (plain string, err error) {
	var rest []string
	for part := range strings.SplitSeq(field, ",") {
		day, week, ok := strings.Cut(part, "#")
		if !ok {
			rest = append(rest, part)
			continue
		}
		n, err := strconv.Atoi(week)
		if err != nil || n < 1 || n > 5 {
			return "", fmt.Errorf("cron: %q: want a week of the month from 1 to 5 behind the #", part)
		}
		w, err := cronParser.Parse("0 0 * * " + day)
		if err != nil || strings.ContainsAny(day, "*?-/") {
			return "", fmt.Errorf("cron: %q: want one day of the week before the #, 0 to 6 or SUN to SAT", part)
		}
		for i := range c.nth {
			if w.(*cron.SpecSchedule).Dow&(1<<i) != 0 {
				c.nth[i] |= 1 << n
			}
		}
		c.anyNth = true
	}
	return strings.Join(rest, ","), nil
}

// on is whether the cron fires on a date.
func (c *cronWindow) on(d calendar.Date) bool {
	s := c.sched
	if s.Month&(1<<d.Month) == 0 {
		return false
	}
	w := d.Weekday()
	ofMonth := s.Dom&(1<<d.Day) != 0
	ofWeek := s.Dow&(1<<w) != 0 || c.nth[w]&(1<<((d.Day+6)/7)) != 0
	if s.Dom&star != 0 || s.Dow&star != 0 && !c.anyNth {
		return ofMonth && ofWeek
	}
	return ofMonth || ofWeek
}

// fires is whether it fires at all in the 400 years after which the calendar
// repeats.
func (c *cronWindow) fires() bool {
	if c.sched.Minute&^star == 0 || c.sched.Hour&^star == 0 {
		return false
	}
	d := calendar.Date{Year: 2000, Month: time.January, Day: 1}
	for range 146097 {
		if c.on(d) {
			return true
		}
		d = d.Add(1)
	}
	return false
}

func (c *cronWindow) anchor() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

func (c *cronWindow) spans(from, to time.Time) []Span {
	var out []Span
	last := calendar.DateOf(to.In(c.loc))
	// A day of slack, as a skipped time of day may come on the next.
	for d := calendar.DateOf(from.Add(-c.length).In(c.loc)).Add(-1); !last.Before(d); d = d.Add(1) {
		if c.on(d) {
			out = c.day(out, d)
		}
	}
	return out
}

// day appends the spans that begin on a date.
func (c *cronWindow) day(out []Span, d calendar.Date) []Span {
	hourly := c.sched.Hour&star != 0
	for h := range 24 {
		if c.sched.Hour&(1<<h) == 0 {
			continue
		}
		for m := range 60 {
			if c.sched.Minute&(1<<m) == 0 {
				continue
			}
			first, second := calendar.Instants(c.loc, d, time.Duration(h)*time.Hour+time.Duration(m)*time.Minute)
			out = append(out, Span{first, first.Add(c.length)})
			if hourly && second.After(first) {
				out = append(out, Span{second, second.Add(c.length)})
			}
		}
	}
	return out
}
