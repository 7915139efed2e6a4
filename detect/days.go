package detect

import (
	"fmt"
	"sync"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// Calendar says which days are not like the other days of their week: those off
// by calendar, and those that rules name. It is plain data.
type Calendar struct {
	Name    string          `json:"name"`
	Days    calendar.Config `json:"days,omitzero"`
	Special []Special       `json:"special,omitempty"` // of a day that several name the first counts
}

// Special is a kind of days of its own, such as 五十日.
type Special struct {
	Name string `yaml:"name" json:"name"`
	Rule string `yaml:"rule" json:"rule"` // as calendar.ParseDayRule reads it
}

// Hours are opening hours that a rule's schedule names.
type Hours struct {
	Name     string   `json:"name"`
	Zone     string   `json:"zone"`
	Open     []string `json:"open"`
	Calendar string   `json:"calendar,omitempty"`
}

// Kinds tells the kind of days by their number (calendar.Date.Number): "" is an
// ordinary day; kizashi.DayClosed and its like are off; else a special's name.
type Kinds struct {
	days    *calendar.Days
	special []rule
	months  sync.Map // by month, the kinds of its days
}

type rule struct {
	name string
	rule calendar.DayRule
}

// offKinds are the names of days off.
var offKinds = map[calendar.DayType]string{calendar.OwnClosed: kizashi.DayClosed, calendar.YearEnd: kizashi.DayYearEnd,
	calendar.Obon: kizashi.DayObon, calendar.Holiday: kizashi.DayHoliday}

func (c Calendar) compile() (*Kinds, error) {
	if c.Name == "" {
		return nil, fmt.Errorf("name is missing")
	}
	k := &Kinds{}
	var err error
	if k.days, err = calendar.NewDays(c.Days); err != nil {
		return nil, err
	}
	for i, s := range c.Special {
		r, err := calendar.ParseDayRule(s.Rule)
		switch {
		case err != nil:
			return nil, fmt.Errorf("special[%d]: %w", i, err)
		case s.Name == "" || kizashi.DayOff(s.Name):
			return nil, fmt.Errorf("special[%d]: name %q: want one that is not of the calendar's own kinds", i, s.Name)
		}
		k.special = append(k.special, rule{s.Name, r})
	}
	return k, nil
}

// Of is the kind of a day. It may be called from several goroutines.
func (k *Kinds) Of(day int) string {
	d := calendar.DateOn(day)
	key := d.Year*12 + int(d.Month)
	m, ok := k.months.Load(key)
	if !ok {
		m, _ = k.months.LoadOrStore(key, k.month(d))
	}
	return m.([]string)[d.Day-1]
}

func (k *Kinds) month(d calendar.Date) []string {
	first := calendar.Date{Year: d.Year, Month: d.Month, Day: 1}
	next := calendar.Date{Year: d.Year, Month: d.Month + 1, Day: 1}
	out := make([]string, next.Number()-first.Number())
	last := calendar.DateOn(next.Number() - 1)
	for i := len(k.special) - 1; i >= 0; i-- {
		for _, due := range k.special[i].rule.Dates(k.days, first, last) {
			out[due.Date.Day-1] = k.special[i].name
		}
	}
	for i := range out {
		t, _, _ := k.days.Type(calendar.DateOn(first.Number() + i))
		if off := offKinds[t]; off != "" && out[i] == "" {
			out[i] = off
		}
	}
	return out
}

// KindsAt are the kinds of a local day and of the n days before it, by the calendar that
// the settings in force at an instant of it name; nil where they name none.
func (e *Engine) KindsAt(m *kizashi.Meta, at kizashi.Time, n int) ([]string, error) {
	kinds, _, err := e.DaysAt(m, at)
	if err != nil || kinds == nil {
		return nil, err
	}
	zone, err := calendar.Load(m.Zone)
	if err != nil {
		return nil, err
	}
	today, out := zone.DayNumber(int64(at)), make([]string, n+1)
	for d := range out {
		out[d] = kinds.Of(today - d)
	}
	return out, nil
}

// compile makes what rules name of calendars and hours.
func (v *version) compile() error {
	v.kinds, v.hours = map[string]*Kinds{}, map[string]*calendar.Hours{}
	for i, c := range v.cfg.Calendars {
		k, err := c.compile()
		if err != nil {
			return fmt.Errorf("calendars[%d]: %w", i, err)
		}
		v.kinds[c.Name] = k
	}
	for i, h := range v.cfg.Hours {
		var days *calendar.Days
		if h.Calendar != "" {
			if v.kinds[h.Calendar] == nil {
				return fmt.Errorf("hours[%d]: there is no calendar %q", i, h.Calendar)
			}
			days = v.kinds[h.Calendar].days
		}
		c, err := calendar.ParseHours(h.Zone, h.Open, days)
		if err != nil {
			return fmt.Errorf("hours[%d]: %w", i, err)
		}
		v.hours[h.Name] = c
	}
	for i, r := range v.cfg.Rules {
		if r.Calendar != "" && v.kinds[r.Calendar] == nil {
			return fmt.Errorf("rules[%d]: there is no calendar %q", i, r.Calendar)
		}
		if s := r.Schedule; s != nil && v.hours[s.Hours] == nil {
			return fmt.Errorf("rules[%d]: schedule: there are no hours %q", i, s.Hours)
		}
	}
	return nil
}

// Compile gives the kinds of days and the hours that settings name, for those
// who compute again what was judged by them; nil where they name none.
func (c Config) Compile(set *kizashi.Settings) (*Kinds, *calendar.Hours, error) {
	v := &version{cfg: c}
	if err := v.compile(); err != nil {
		return nil, nil, err
	}
	if set.Schedule == nil {
		return v.kinds[set.Calendar], nil, nil
	}
	return v.kinds[set.Calendar], v.hours[set.Schedule.Hours], nil
}
