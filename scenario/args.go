package scenario

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Args are a command's arguments: name=value, or a name alone.
type Args []Arg

// Arg is one of them.
type Arg struct{ Key, Value string }

// call is one command being carried out. It notes which arguments were used:
// one that nobody asked for is a slip of the pen.
type call struct {
	story *Story
	args  Args
	input string
	used  map[string]bool
	err   error // the first argument that could not be read
}

func (c *call) get(key string) (string, bool) {
	c.used[key] = true
	for _, a := range c.args {
		if a.Key == key {
			return a.Value, true
		}
	}
	return "", false
}

func (c *call) fail(key, value, want string) {
	if c.err == nil {
		c.err = fmt.Errorf("%s=%s: want %s", key, value, want)
	}
}

// rest is what is wrong with the arguments.
func (c *call) rest() error {
	for _, a := range c.args {
		if !c.used[a.Key] && c.err == nil {
			return fmt.Errorf("argument %q: unknown", a.Key)
		}
	}
	return c.err
}

func (c *call) text(key, other string) string {
	if v, ok := c.get(key); ok {
		return v
	}
	return other
}

func (c *call) number(key string, other float64) float64 {
	v, ok := c.get(key)
	if !ok {
		return other
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil {
		c.fail(key, v, "a number")
	}
	return f
}

func (c *call) num(key string) kizashi.Num {
	return kizashi.Num(c.number(key, float64(kizashi.None())))
}

func (c *call) span(key string, other time.Duration) time.Duration {
	v, ok := c.get(key)
	if !ok || v == "0" {
		return other
	}
	d, err := kizashi.ParseDuration(v)
	if err != nil {
		c.fail(key, v, "a duration such as 15m or 2d")
	}
	return d
}

// at reads a time: D14T15:00, or 2026-11-01T01:30 in wall time.
func (c *call) at(key string, other kizashi.Time) kizashi.Time {
	v, ok := c.get(key)
	if !ok {
		return other
	}
	t, err := c.story.time(v)
	if err != nil && c.err == nil {
		c.err = fmt.Errorf("%s=%s: %w", key, v, err)
	}
	return t
}

func (s *Story) time(v string) (kizashi.Time, error) {
	if s.loc == nil {
		return 0, fmt.Errorf("load a series first")
	}
	day, clock, ok := strings.Cut(v, "T")
	if n, err := strconv.Atoi(strings.TrimPrefix(day, "D")); ok && err == nil && day[0] == 'D' {
		h, err := time.Parse("15:04", clock)
		if err != nil {
			return 0, fmt.Errorf("want a time such as D14T15:00")
		}
		d := s.start.UTC().In(s.loc)
		return kizashi.TimeOf(time.Date(d.Year(), d.Month(), d.Day()+n-1, h.Hour(), h.Minute(), 0, 0, s.loc)), nil
	}
	if t, err := time.ParseInLocation("2006-01-02T15:04Z07:00", v, s.loc); err == nil {
		return kizashi.TimeOf(t), nil
	}
	t, err := time.ParseInLocation("2006-01-02T15:04", v, s.loc)
	if err != nil {
		return 0, fmt.Errorf("want a time such as D14T15:00 or 2026-11-01T01:30")
	}
	return kizashi.TimeOf(t), nil
}

// wall writes a time as day of the story, weekday and clock; the zone's name
// is added where it is not that of the story's first day.
func (s *Story) wall(t kizashi.Time) string {
	u, d1 := t.UTC().In(s.loc), s.start.UTC().In(s.loc)
	from := time.Date(d1.Year(), d1.Month(), d1.Day(), 0, 0, 0, 0, time.UTC)
	to := time.Date(u.Year(), u.Month(), u.Day(), 0, 0, 0, 0, time.UTC)
	text := fmt.Sprintf("D%d %s", int(to.Sub(from).Hours()/24)+1, u.Format("Mon 15:04"))
	if u.Second() != 0 {
		text += u.Format(":05")
	}
	if a, b := d1.Format("MST"), u.Format("MST"); a != b {
		text += " " + b
	}
	return text
}

// one returns the series that a command speaks of: by name, or the only one.
func (c *call) one() (*series, error) {
	name, named := c.get("name")
	if !named && len(c.story.series) == 1 {
		return c.story.series[0], nil
	}
	for _, s := range c.story.series {
		if s.name == name {
			return s, nil
		}
	}
	if !named {
		return nil, fmt.Errorf("name one of the %d series", len(c.story.series))
	}
	return nil, fmt.Errorf("series %q was not loaded", name)
}
