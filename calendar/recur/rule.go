package recur

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// rule is an RRULE, evaluated on wall time alone: the library's own way over
// changes of the clock differs from zone to zone.
type rule struct {
	r *rrule.RRule // begins aloft
}

// aloft is how many years later than meant the library is shown a rule. What
// never fires it follows to the year 9999; the calendar repeats every 400
// years, weekdays included, so that a rule that begins there gives the same days and
// that walk is short.
const aloft = 19 * 400

func up(wall time.Time) time.Time   { return wall.AddDate(aloft, 0, 0) }
func down(wall time.Time) time.Time { return wall.AddDate(-aloft, 0, 0) }

// A rule's bounds: what goes beyond them is no window that somebody meant, and
// would cost time and memory.
const (
	maxInterval = 1000
	maxPerDay   = 96 // a quarter of an hour apart
)

// compile reads the value of an RRULE for a start in wall time in a zone.
func compile(text string, start time.Time, loc *time.Location) (*rule, error) {
	text = strings.ToUpper(text)
	if strings.Contains(text, "DTSTART") || strings.Contains(text, "BYEASTER") || strings.ContainsAny(text, ":\n\r") {
		return nil, errors.New("rule: want parts such as FREQ=WEEKLY;BYDAY=TU alone")
	}
	o, err := rrule.StrToROption(text)
	if err != nil {
		return nil, fmt.Errorf("rule: %w", err)
	}
	if err := bounded(o, text); err != nil {
		return nil, fmt.Errorf("rule: %w", err)
	}
	if !o.Until.IsZero() {
		o.Until = up(untilWall(o.Until, text, loc))
	}
	o.Dtstart = up(start)
	r, err := rrule.NewRRule(*o)
	if err != nil {
		return nil, fmt.Errorf("rule: %w", err)
	}
	return &rule{r}, nil
}

// bounded refuses what would be costly or is against RFC 5545.
func bounded(o *rrule.ROption, text string) error {
	switch {
	case o.Freq > rrule.DAILY:
		return errors.New("FREQ: want DAILY, WEEKLY, MONTHLY or YEARLY; what comes more often a cron says")
	case strings.Contains(text, "INTERVAL") && o.Interval < 1 || o.Interval > maxInterval:
		return fmt.Errorf("INTERVAL: want 1 to %d", maxInterval)
	case strings.Contains(text, "COUNT") && o.Count < 1:
		return errors.New("COUNT: want 1 or more")
	case o.Count > 0 && !o.Until.IsZero():
		return errors.New("COUNT and UNTIL: want one of them")
	case len(o.Bysecond) > 0 && !slices.Equal(o.Bysecond, []int{0}):
		return errors.New("BYSECOND: want 0, or none")
	}
	for _, list := range []*[]int{&o.Bymonth, &o.Bymonthday, &o.Byyearday, &o.Byweekno, &o.Bysetpos, &o.Byhour, &o.Byminute, &o.Bysecond} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
		if len(*list) > 0 && (*list)[0] < 0 && slices.Contains(*list, 0) {
			return errors.New("0 is no day, week or place")
		}
	}
	if n := max(1, len(o.Byhour)) * max(1, len(o.Byminute)); n > maxPerDay {
		return fmt.Errorf("BYHOUR and BYMINUTE: they give %d times a day, want %d at most; what comes more often a cron says", n, maxPerDay)
	}
	if len(o.Byweekday) > 7*2*53 {
		return errors.New("BYDAY: it is too long")
	}
	return nil
}

// untilWall is UNTIL in wall time: an instant where it ends in Z, a local time,
// or a date, whose last second it is then.
func untilWall(until time.Time, text string, loc *time.Location) time.Time {
	_, value, _ := strings.Cut(text, "UNTIL=")
	value, _, _ = strings.Cut(value, ";")
	switch {
	case strings.HasSuffix(value, "Z"):
		return floating(until.In(loc))
	case !strings.Contains(value, "T"):
		return until.Add(24*time.Hour - time.Second)
	}
	return until
}

// between are the starts in wall time from one to another, both included.
func (r *rule) between(from, to time.Time) []time.Time {
	walls := r.r.Between(up(from), up(to), true)
	for i := range walls {
		walls[i] = down(walls[i])
	}
	return walls
}

// first is the first start, if there is any.
func (r *rule) first() (time.Time, bool) {
	t, ok := r.r.Iterator()()
	return down(t), ok
}

// ruleWindow is a window that an RRULE opens.
type ruleWindow struct {
	rule   *rule
	start  time.Time // wall
	length time.Duration
	loc    *time.Location
}

func parseRule(words []string) (source, error) {
	words, loc, err := zoned(words)
	if err != nil {
		return nil, err
	}
	words, length, err := long(words)
	if err != nil {
		return nil, err
	}
	words, from, err := tail(words, "from", "2026-01-13T02:00")
	if err != nil {
		return nil, err
	}
	if len(words) != 1 {
		return nil, errors.New("rule: want one, without spaces, such as FREQ=WEEKLY;BYDAY=TU")
	}
	start, err := parseWall(from)
	if err != nil {
		return nil, err
	}
	r, err := compile(words[0], start, loc)
	if err != nil {
		return nil, err
	}
	first, ok := r.first()
	if !ok {
		return nil, errors.New("rule: it never fires: no such day comes, or it ends before")
	}
	return &ruleWindow{r, first, length, loc}, nil
}

func (w *ruleWindow) anchor() time.Time { return instant(w.loc, w.start) }

// slack is more than any zone's change of the clock moves a time.
const slack = 25 * time.Hour

func (w *ruleWindow) spans(from, to time.Time) []Span {
	var out []Span
	for _, wall := range w.rule.between(floating(from.Add(-w.length-slack).In(w.loc)), floating(to.Add(slack).In(w.loc))) {
		at := instant(w.loc, wall)
		out = append(out, Span{at, at.Add(w.length)})
	}
	return out
}
