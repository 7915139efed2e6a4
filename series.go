package kizashi

import (
	"fmt"
	"math"
	"time"
)

// Meta is what a source declares of a series.
type Meta struct {
	Series    SeriesID `json:"series"`
	Tenant    string   `json:"tenant"`
	Identity  Labels   `json:"identity"` // what makes it this series; Series is their hash
	Labels    Labels   `json:"labels"`   // all labels: for display, matching and routing
	Group     string   `json:"group"`    // whose members are compared and notified together
	Unit      string   `json:"unit,omitempty"`
	Statistic string   `json:"statistic,omitempty"`
	Period    Duration `json:"period,omitempty"` // 0 = not known
	Settle    Duration `json:"settle,omitempty"`
	Lower     Num      `json:"lower"` // values below cannot be; None = no bound
	Upper     Num      `json:"upper"`
	Zone      string   `json:"zone,omitempty"` // IANA name of the wall time it lives in; "" = UTC
	Hints     Hints    `json:"hints,omitzero"`
}

// Hints are what is known of a metric beside its values, by a catalogue: the
// settings that a series has where no rule says otherwise.
type Hints struct {
	Class     string  `json:"class,omitempty"`     // act, check, record; "" = not known
	Guards    []Limit `json:"guards,omitempty"`    // hard limits
	Forecast  *Ahead  `json:"forecast,omitempty"`  // a limit that is told before the series gets there; nil = none
	Direction Side    `json:"direction,omitempty"` // which side may open an alert
	Sparse    bool    `json:"sparse,omitempty"`    // no sample means that nothing happened: its absence is no silence
}

// Name is what a person calls the series: the label "name" of a file's
// column, else metric and dimensions.
func (m Meta) Name() string {
	if n := m.Labels.Get("name"); n != "" {
		return n
	}
	return m.Labels.String()
}

// Side is a direction.
type Side int8

const (
	Both Side = 0 // of a setting: either; of an alert: neither, a silence
	Up   Side = 1
	Down Side = -1
)

// String is up, down or both.
func (s Side) String() string {
	switch s {
	case Up:
		return "up"
	case Down:
		return "down"
	}
	return "both"
}

// MarshalText writes up, down or both.
func (s Side) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads up, down or both.
func (s *Side) UnmarshalText(b []byte) error {
	switch string(b) {
	case "up":
		*s = Up
	case "down":
		*s = Down
	case "both", "":
		*s = Both
	default:
		return errText("direction", string(b), "up, down, both")
	}
	return nil
}

// Limit is a limit that a person set. It stands outside the false-alert
// target and says so.
type Limit struct {
	Side  Side    `json:"side"`            // Up: crossed above Value; Down: below
	Value float64 `json:"value"`           // in the series' unit
	Equal bool    `json:"equal,omitempty"` // crossed at Value already
	M     int     `json:"m"`               // samples over it
	N     int     `json:"n"`               // of the last N
	Note  string  `json:"note,omitempty"`  // why this value
}

// Change is a change that a person asked to be told of: by more than By, in the
// series' unit, or than Part of the earlier value, within Over. It stands outside
// the false-alert target and says so.
type Change struct {
	Side Side     `json:"side"` // Both = up or down
	By   float64  `json:"by,omitempty"`
	Part float64  `json:"part,omitempty"` // 0.2 = 20 %
	Over Duration `json:"over"`           // at most 60 periods
	Note string   `json:"note,omitempty"`
}

// Ahead is a limit that is told before a series gets there. It stands outside the
// false-alert target and says so.
type Ahead struct {
	Side   Side     `json:"side"`           // Up: what lies above Value is not to be reached; Down: below
	Value  float64  `json:"value"`          // in the series' unit
	Within Duration `json:"within"`         // told where the last day to act may lie so near
	Lead   Duration `json:"lead,omitempty"` // how long the remedy takes
	Note   string   `json:"note,omitempty"` // why this value
}

// String is for logs and hashes.
func (a *Ahead) String() string {
	if a == nil {
		return ""
	}
	return fmt.Sprint(*a)
}

// DefaultAhead is how far ahead a limit is told of which nobody said it.
const DefaultAhead = Duration(7 * 24 * time.Hour)

// AheadOf are the limits that settings ask to be told of ahead: where a rule lists
// none, the guard rails. One that any value but the resting one crosses is none to
// be forecast.
func (s *Settings) AheadOf(m *Meta, i int) (a Ahead, ok bool) {
	if s.Forecast != nil {
		return s.Forecast[i], true
	}
	g := &s.Guards[i]
	if g.Side == Up && Num(g.Value) <= m.Lower || g.Side == Down && Num(g.Value) >= m.Upper {
		return a, false
	}
	return Ahead{Side: g.Side, Value: g.Value, Within: DefaultAhead, Note: g.Note}, true
}

// Aheads is how many there are to ask AheadOf for.
func (s *Settings) Aheads() int {
	if s.Forecast != nil {
		return len(s.Forecast)
	}
	return len(s.Guards)
}

// Least is the change from an earlier value that c lets pass, in the series' unit.
func (c *Change) Least(earlier float64) float64 {
	if c.Part > 0 {
		return c.Part * math.Abs(earlier)
	}
	return c.By
}

// Over says whether v crosses the limit.
func (l Limit) Over(v float64) bool {
	if v == l.Value {
		return l.Equal
	}
	if l.Side == Down {
		return v < l.Value
	}
	return v > l.Value
}

// Settings are a series' part of the configuration, resolved by matchers. A
// justification carries them; their source is the stored configuration.
type Settings struct {
	R         Duration `json:"r"`                 // one false episode per R of normal behaviour
	Direction Side     `json:"direction"`         // which side may open an alert
	M         int      `json:"m,omitempty"`       // band: M of N; 0 = from the period
	N         int      `json:"n,omitempty"`       //
	Class     string   `json:"class"`             // act, check, record
	Static    []Limit  `json:"static,omitempty"`  // limits a person set
	Guards    []Limit  `json:"guards,omitempty"`  // hard limits, never learned away; the band stays inside them
	Silence   bool     `json:"silence"`           // say so when samples stop coming
	For       Duration `json:"for,omitempty"`     // pending this long before firing
	Recover   int      `json:"recover,omitempty"` // samples without a vote before it is resolved; 0 = N
	Off       []string `json:"off,omitempty"`     // detectors that do not judge this series
	OptIn     []string `json:"opt_in,omitempty"`  // those that vote only where they are asked for, and are
	Change    []Change `json:"change,omitempty"`  // changes that a person asked to be told of
	Forecast  []Ahead  `json:"forecast,omitzero"` // limits that are told ahead; nil = the guard rails, empty = none

	Volume   *Volume   `json:"volume,omitempty"`   // not judged where fewer happened
	Floor    *Floor    `json:"floor,omitempty"`    // the least effect that is told
	Calendar string    `json:"calendar,omitempty"` // whose special days are compared with their like
	Schedule *Schedule `json:"schedule,omitempty"` // when samples are expected; nil = by the series' own rhythm

	// HalfLife is how fast the past loses its weight in what band and spike expect: in
	// observed days; 0 = 14 of them.
	HalfLife Duration `json:"half_life,omitempty"`

	Division *Division `json:"division,omitempty"` // what R follows from; nil = the configuration, or a command of its own
}

// UsualHalfLife is that of a series whose rule names none.
const UsualHalfLife = Duration(14 * 24 * time.Hour)

// Pace is the half-life in terms of the usual one.
func (s *Settings) Pace() float64 {
	if s.HalfLife <= 0 {
		return 1
	}
	return float64(s.HalfLife) / float64(UsualHalfLife)
}

// Volume says that a ratio, or an average over requests, is not judged where
// there were too few of them.
type Volume struct {
	Of    string  `json:"of"`    // the metric that counts: of the series of the same group whose labels are the same but for metric, stat, name and unit
	Least float64 `json:"least"` // over the last N periods
}

// Counted is what a Volume came to for one sample.
type Counted struct {
	Series SeriesID `json:"series"`
	Name   string   `json:"name"`
	From   Time     `json:"from"`
	To     Time     `json:"to"` // exclusive
	Sum    float64  `json:"sum"`
}

// Floor is how far beyond the expected a value must lie, at the least, for a
// vote of band or spike to stand: both By in the series' unit and Part of the
// expected.
type Floor struct {
	By   float64 `json:"by,omitempty"`
	Part float64 `json:"part,omitempty"` // 0.2 = 20 %
}

// Least is the distance from an expected value that f asks for.
func (f *Floor) Least(expected float64) float64 {
	if f == nil {
		return 0
	}
	return max(f.By, f.Part*math.Abs(expected))
}

// Schedule says in which hours samples are expected. Outside of them nobody is
// missed; the first of an opening may be Late.
type Schedule struct {
	Hours string   `json:"hours"` // their name in the configuration
	Late  Duration `json:"late"`  // 0 = as long as any silence may last
}

// The kinds of days that a calendar knows by itself; others have the names that
// they were declared under.
const (
	DayClosed  = "closed"  // declared off by the customer
	DayYearEnd = "yearend" // 年末年始
	DayObon    = "obon"    // お盆
	DayHoliday = "holiday" // 祝日・休日
)

// DayOff says that a kind of days is off.
func DayOff(kind string) bool {
	switch kind {
	case DayClosed, DayYearEnd, DayObon, DayHoliday:
		return true
	}
	return false
}

// MofN is the band's rule for a sampling period: 3 of 5 under 5 minutes, 2 of
// 3 under an hour, else the band gives no vote and the spike stands alone.
func MofN(period time.Duration) (m, n int) {
	switch {
	case period < 5*time.Minute:
		return 3, 5
	case period < time.Hour:
		return 2, 3
	}
	return 1, 1
}
