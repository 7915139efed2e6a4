package detect

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Rule overrides settings of the series that it matches. Of several that
// match, later ones override earlier ones, field by field.
type Rule struct {
	Tenant    string            `yaml:"-" json:"tenant,omitempty"` // whose series; "" = everybody's
	Match     kizashi.Matchers  `yaml:"match" json:"match"`
	R         *kizashi.Duration `yaml:"false_alert_every" json:"false_alert_every,omitempty"`
	Direction *kizashi.Side     `yaml:"direction" json:"direction,omitempty"`
	MofN      string            `yaml:"m_of_n" json:"m_of_n,omitempty"` // "3/5"
	Class     string            `yaml:"class" json:"class,omitempty"`
	Static    []StaticRule      `yaml:"static" json:"static,omitempty"`
	Guards    []StaticRule      `yaml:"guards" json:"guards,omitempty"`
	Change    []ChangeRule      `yaml:"change" json:"change,omitempty"`
	Forecast  []ForecastRule    `yaml:"forecast" json:"forecast,omitzero"` // empty = none, not even of the guard rails
	Silence   *bool             `yaml:"silence" json:"silence,omitempty"`
	For       *kizashi.Duration `yaml:"for" json:"for,omitempty"`
	Recover   *int              `yaml:"recover" json:"recover,omitempty"`
	Zone      string            `yaml:"zone" json:"zone,omitempty"`
	Off       []string          `yaml:"off" json:"off,omitempty"`
	OptIn     []string          `yaml:"opt_in" json:"opt_in,omitempty"`
	Volume    *kizashi.Volume   `yaml:"volume" json:"volume,omitempty"`
	Floor     *kizashi.Floor    `yaml:"floor" json:"floor,omitempty"`       // by: in the unit; part: 0.2 = 20 % of the expected
	Calendar  string            `yaml:"calendar" json:"calendar,omitempty"` // of Config.Calendars
	Schedule  *ScheduleRule     `yaml:"schedule" json:"schedule,omitempty"`
	HalfLife  *kizashi.Duration `yaml:"half_life" json:"half_life,omitempty"` // 2 to 56 days
}

// ScheduleRule is a schedule as a person writes it.
type ScheduleRule struct {
	Hours string           `yaml:"hours" json:"hours"`         // of Config.Hours; of those that match a series the last counts
	Late  kizashi.Duration `yaml:"late" json:"late,omitempty"` // 0 = as any silence
}

// StaticRule is a limit as a person writes it: above or below a value, M of N.
type StaticRule struct {
	Above *float64 `yaml:"above" json:"above,omitempty"` // crossed when greater
	Below *float64 `yaml:"below" json:"below,omitempty"` // crossed when less
	MofN  string   `yaml:"m_of_n" json:"m_of_n,omitempty"`
	Note  string   `yaml:"note" json:"note,omitempty"`
}

// ChangeRule is a change to be told of as a person writes it.
type ChangeRule struct {
	Above     string           `yaml:"above" json:"above"`                   // "20%" of the earlier value, or in the unit
	Over      kizashi.Duration `yaml:"over" json:"over"`                     //
	Direction kizashi.Side     `yaml:"direction" json:"direction,omitempty"` // Both = either
	Note      string           `yaml:"note" json:"note,omitempty"`
}

// ForecastRule is a limit to be told of before a series gets there, as a person
// writes it.
type ForecastRule struct {
	Above  *float64         `yaml:"above" json:"above,omitempty"` // what lies above is not to be reached
	Below  *float64         `yaml:"below" json:"below,omitempty"`
	Within kizashi.Duration `yaml:"within" json:"within,omitempty"` // 0 = 7 days
	Lead   kizashi.Duration `yaml:"lead" json:"lead,omitempty"`     // how long the remedy takes
	Note   string           `yaml:"note" json:"note,omitempty"`
}

// Config is the part of the configuration that judges: rules in order.
type Config struct {
	Rules     []Rule     `yaml:"rules" json:"rules,omitempty"`
	Calendars []Calendar `yaml:"-" json:"calendars,omitempty"`
	Hours     []Hours    `yaml:"-" json:"hours,omitempty"`
}

// Defaults are the settings of a series that no rule matches: one false
// episode in 28 days, class check, both directions, silences said.
func Defaults() kizashi.Settings {
	return kizashi.Settings{R: kizashi.Duration(28 * 24 * time.Hour), Class: "check", Silence: true}
}

// Validate names the rule and field of the first fault.
func (c Config) Validate() error {
	for i := range c.Rules {
		set := Defaults()
		if err := c.Rules[i].apply(&set); err != nil {
			return fmt.Errorf("rules[%d]: %w", i, err)
		}
	}
	return (&version{cfg: c}).compile()
}

// Resolve returns the settings and the zone of a series: the defaults, over
// them what its source knows of the metric, over that the rules.
func (c Config) Resolve(m *kizashi.Meta) (kizashi.Settings, string, error) {
	set, zone, _, err := c.resolve(m)
	return set, zone, err
}

// Shares says that R follows from the tenant's target where there is a
// division of it: the series is of class act, and no rule sets its R.
func (c Config) Shares(m *kizashi.Meta) (bool, error) {
	set, _, own, err := c.resolve(m)
	return set.Class == kizashi.ClassAct && !own, err
}

// resolve also says whether a rule sets R.
func (c Config) resolve(m *kizashi.Meta) (set kizashi.Settings, zone string, own bool, err error) {
	set, zone = Defaults(), m.Zone
	if err := hint(&set, &m.Hints); err != nil {
		return set, zone, own, fmt.Errorf("hints: %w", err)
	}
	for i := range c.Rules {
		r := &c.Rules[i]
		if r.Tenant != "" && r.Tenant != m.Tenant || !r.Match.Matches(m.Labels) {
			continue
		}
		if err := r.apply(&set); err != nil {
			return set, zone, own, fmt.Errorf("rules[%d]: %w", i, err)
		}
		if r.Zone != "" {
			zone = r.Zone
		}
		own = own || r.R != nil
	}
	return set, zone, own, nil
}

// hint lays what a catalogue says of a metric over the defaults.
func hint(set *kizashi.Settings, h *kizashi.Hints) error {
	if err := checkClass(h.Class); err != nil {
		return err
	}
	if len(h.Guards) > maxLimits {
		return fmt.Errorf("guards: %d limits, want at most %d", len(h.Guards), maxLimits)
	}
	for i, g := range h.Guards {
		if g.Side == kizashi.Both || g.M < 1 || g.N < g.M || g.N > MaxN {
			return fmt.Errorf("guards[%d]: want a side and 1 <= M <= N <= %d", i, MaxN)
		}
	}
	if h.Class != "" {
		set.Class = h.Class
	}
	set.Direction = h.Direction
	set.Guards = append([]kizashi.Limit(nil), h.Guards...)
	if a := h.Forecast; a != nil {
		if err := checkAhead(a); err != nil {
			return fmt.Errorf("forecast: %w", err)
		}
		set.Forecast = []kizashi.Ahead{*a}
	}
	set.Silence = set.Silence && !h.Sparse
	return nil
}

func checkClass(class string) error {
	switch class {
	case "", "act", "check", "record":
		return nil
	}
	return fmt.Errorf("class %q: want act, check or record", class)
}

func (r *Rule) apply(set *kizashi.Settings) (err error) {
	if r.R != nil {
		if *r.R <= 0 {
			return fmt.Errorf("false_alert_every: want a positive duration such as 28d")
		}
		set.R = *r.R
	}
	if r.Direction != nil {
		set.Direction = *r.Direction
	}
	if r.MofN != "" {
		if set.M, set.N, err = parseMofN(r.MofN); err != nil {
			return err
		}
	}
	if err := checkClass(r.Class); err != nil {
		return err
	}
	if r.Class != "" {
		set.Class = r.Class
	}
	if set.Static, err = limits(set.Static, r.Static); err != nil {
		return fmt.Errorf("static%w", err)
	}
	if set.Guards, err = limits(set.Guards, r.Guards); err != nil {
		return fmt.Errorf("guards%w", err)
	}
	if set.Change, err = changes(set.Change, r.Change); err != nil {
		return fmt.Errorf("change%w", err)
	}
	if set.Forecast, err = forecasts(set.Forecast, r.Forecast); err != nil {
		return fmt.Errorf("forecast%w", err)
	}
	if r.Silence != nil {
		set.Silence = *r.Silence
	}
	if r.For != nil {
		set.For = *r.For
	}
	if r.Recover != nil {
		if *r.Recover < 1 {
			return fmt.Errorf("recover: want at least 1 sample")
		}
		set.Recover = *r.Recover
	}
	if r.Off != nil {
		set.Off = r.Off
	}
	if r.OptIn != nil {
		set.OptIn = r.OptIn
	}
	if v := r.Volume; v != nil {
		if v.Of == "" || !(v.Least > 0) {
			return fmt.Errorf("volume: want of, a metric that counts, and least, above 0")
		}
		set.Volume = v
	}
	if f := r.Floor; f != nil {
		if !(f.By >= 0 && f.Part >= 0) {
			return fmt.Errorf("floor: want by and part of at least 0")
		}
		set.Floor = f
	}
	if r.Calendar != "" {
		set.Calendar = r.Calendar
	}
	if s := r.Schedule; s != nil {
		if s.Late < 0 || s.Hours == "" {
			return fmt.Errorf("schedule: want hours, and late as a duration such as 30m")
		}
		set.Schedule = &kizashi.Schedule{Hours: s.Hours, Late: s.Late}
	}
	if h := r.HalfLife; h != nil {
		if *h < shortestHalfLife || *h > longestHalfLife {
			return fmt.Errorf("half_life: want 2d to 56d")
		}
		set.HalfLife = *h
	}
	return nil
}

// What is kept for less than two days knows no season; more than eight weeks a counter
// of a day's values does not tell apart.
const (
	shortestHalfLife = kizashi.Duration(2 * 24 * time.Hour)
	longestHalfLife  = 4 * kizashi.UsualHalfLife
)

// maxLimits of one kind on one series; more are a mistake.
const maxLimits = 100

func limits(have []kizashi.Limit, rules []StaticRule) ([]kizashi.Limit, error) {
	if rules == nil {
		return have, nil
	}
	if len(rules) > maxLimits {
		return nil, fmt.Errorf(": %d limits, want at most %d", len(rules), maxLimits)
	}
	out := make([]kizashi.Limit, 0, len(rules))
	for i, r := range rules {
		l := kizashi.Limit{M: 1, N: 1, Note: r.Note}
		switch {
		case (r.Above == nil) == (r.Below == nil):
			return nil, fmt.Errorf("[%d]: want either above or below", i)
		case r.Above != nil:
			l.Side, l.Value = kizashi.Up, *r.Above
		default:
			l.Side, l.Value = kizashi.Down, *r.Below
		}
		if r.MofN != "" {
			var err error
			if l.M, l.N, err = parseMofN(r.MofN); err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
		}
		out = append(out, l)
	}
	return out, nil
}

func changes(have []kizashi.Change, rules []ChangeRule) ([]kizashi.Change, error) {
	if rules == nil {
		return have, nil
	}
	if len(rules) > maxLimits {
		return nil, fmt.Errorf(": %d changes, want at most %d", len(rules), maxLimits)
	}
	out := make([]kizashi.Change, 0, len(rules))
	for i, r := range rules {
		c := kizashi.Change{Side: r.Direction, Over: r.Over, Note: r.Note}
		text, part := strings.CutSuffix(strings.TrimSpace(r.Above), "%")
		above, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil || !(above > 0 && above <= kizashi.MaxValue) {
			return nil, fmt.Errorf("[%d]: above %q: want a number above 0, in the series' unit, or a part such as 20%%", i, r.Above)
		}
		if c.By = above; part {
			c.By, c.Part = 0, above/100
		}
		if r.Over <= 0 {
			return nil, fmt.Errorf("[%d]: over: want a positive duration such as 15m, at most %d periods of the series", i, MaxN)
		}
		out = append(out, c)
	}
	return out, nil
}

// mostWithin is how far ahead a forecast may be asked for: a trend is looked at over
// two weeks, and carried on twice as far.
const mostWithin = kizashi.Duration(28 * 24 * time.Hour)

func forecasts(have []kizashi.Ahead, rules []ForecastRule) ([]kizashi.Ahead, error) {
	if rules == nil {
		return have, nil
	}
	if len(rules) > maxLimits {
		return nil, fmt.Errorf(": %d limits, want at most %d", len(rules), maxLimits)
	}
	out := make([]kizashi.Ahead, 0, len(rules))
	for i, r := range rules {
		a := kizashi.Ahead{Within: r.Within, Lead: r.Lead, Note: r.Note}
		switch {
		case (r.Above == nil) == (r.Below == nil):
			return nil, fmt.Errorf("[%d]: want either above or below", i)
		case r.Above != nil:
			a.Side, a.Value = kizashi.Up, *r.Above
		default:
			a.Side, a.Value = kizashi.Down, *r.Below
		}
		if a.Within == 0 {
			a.Within = kizashi.DefaultAhead
		}
		if err := checkAhead(&a); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		out = append(out, a)
	}
	return out, nil
}

// checkAhead says what is wrong with a limit that is told ahead, if anything is.
func checkAhead(a *kizashi.Ahead) error {
	switch {
	case a.Side != kizashi.Up && a.Side != kizashi.Down:
		return errors.New("want a side")
	case !(math.Abs(a.Value) <= kizashi.MaxValue):
		return fmt.Errorf("want a limit of at most %g", float64(kizashi.MaxValue))
	case a.Within < kizashi.Duration(time.Hour) || a.Lead < 0 || a.Within > mostWithin || a.Lead > mostWithin-a.Within:
		return errors.New("want within of at least 1h, a lead that is not negative, and both together at most 28d")
	}
	return nil
}

// MaxN is the longest M-of-N rule: what a series remembers of its last
// samples.
const MaxN = 60

func parseMofN(s string) (m, n int, err error) {
	a, b, _ := strings.Cut(s, "/")
	m, errM := strconv.Atoi(strings.TrimSpace(a))
	n, errN := strconv.Atoi(strings.TrimSpace(b))
	if errM != nil || errN != nil {
		return 0, 0, fmt.Errorf("m_of_n %q: want M/N such as 3/5", s)
	}
	if m < 1 || n < m || n > MaxN {
		return 0, 0, fmt.Errorf("m_of_n %q: want 1 <= M <= N <= %d", s, MaxN)
	}
	return m, n, nil
}
