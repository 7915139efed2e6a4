// Package incidents measures what is found, how soon, and what is said beside
// it, in one run: generated series whose normal behaviour is known, with
// incidents of known size at known times, each twice, a week apart; and habits
// on which nothing should be said. One figure without the others means nothing.
//
// A [Spec] makes a [Scene]: one series, or a group of them, four weeks without
// an incident and some with. A [Judge] runs Kizashi over it, another detector
// may as well; both answer with [Mark]s, and [Scene.Score] says what they are
// worth. [Setting.Measure] does that for all families, noises and seeds;
// `go run ./bench/figures -only incidents` prints the tables.
//
// Found means that an alert opens, whatever its model and side, from the
// incident's first sample on and within its kind's longest time ([Kinds]).
// Whose votes stood within that time is told beside it.
package incidents

import (
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Kind of incident. Sizes are in standard deviations of the noise at the time.
type Kind struct {
	Name  string
	track track
	what  string // what happens, in the table's words
	// Length of an incident: samples, or a time; 0 and 0 = as long as it takes,
	// twice the longest normal run.
	samples int
	lasts   time.Duration
	// Longest time within which it must be found; 0 = as long as it lasts.
	// It counts from the begin of the first sample; of a sample its begin counts.
	longest time.Duration
	// Right are the models whose vote this is. Another vote finds it too, and
	// is told apart.
	Right []string
}

// A track is what a scene is made for: kinds that can share a series do.
type track string

const (
	values track = "values" // shifts, spikes, slopes, variance
	runs   track = "runs"   // of a coarse grid of values, with gaps
	season track = "season" // with a daily shape
	group  track = "group"  // five alike, with a part that all share
)

// Kinds are all there are: the one table of what is injected and of the
// longest time within which it must be found.
func Kinds() []Kind {
	return []Kind{
		{Name: "spike", track: values, samples: 1, what: "one sample whose statistic is 1.3 times the spike vote's stated limit", Right: []string{"spike"}},
		{Name: "spike of 5", track: values, samples: 5, what: "5 samples up by 4 sigma", Right: []string{"band", "spike", "range", "novelty"}},
		{Name: "dip of 5", track: values, samples: 5, what: "5 samples down by 4 sigma", Right: []string{"band", "spike", "range", "novelty"}},
		{Name: "level up", track: values, lasts: 30 * time.Minute, what: "up by 4 sigma for 30 min", Right: []string{"band", "spike", "level", "range", "novelty"}},
		{Name: "level down", track: values, lasts: 30 * time.Minute, what: "down by 4 sigma for 30 min", Right: []string{"band", "spike", "level", "range", "novelty"}},
		{Name: "slope up", track: values, lasts: slopeRises + slopeStays, what: "4 sigma up within 2 h, then 30 min there", Right: []string{"band", "level", "drift", "rate", "range"}},
		{Name: "slope down", track: values, lasts: slopeRises + slopeStays, what: "4 sigma down within 2 h, then 30 min there", Right: []string{"band", "level", "drift", "rate", "range"}},
		{Name: "variance", track: values, lasts: 2 * time.Hour, what: "4 times the variance (twice sigma) for 2 h", Right: []string{"variance"}},
		{Name: "stuck", track: runs, what: "the last value again and again, twice the longest normal run", Right: []string{"stuck"}},
		{Name: "silence", track: runs, what: "no sample for twice the longest normal gap, from the last one's end", Right: []string{"silence"}},
		{Name: "season", track: season, lasts: 48 * time.Hour, what: "half the daily amplitude for 2 days", Right: []string{"context", "band", "drift", "variance", "range", "novelty"}},
		{Name: "sibling", track: group, lasts: 30 * time.Minute, what: "one of 5 off by 4 of its own sigma for 30 min, while what all share goes on moving", Right: []string{"sibling"}},
	}
}

const (
	slopeRises = 2 * time.Hour
	slopeStays = 30 * time.Minute
	sigmas     = 4
	spikeTimes = 1.3

	learn    = 4 // weeks before anything is scored
	slotsOf  = 5 // incidents a week on one series
	jitter   = 8 * time.Hour
	members  = 5
	base     = 100. // the level of every series
	gridStep = .5   // sigma between values of the runs track
	swing    = 3    // sigma from the middle of the daily shape to its top
)

// after is how long after its end an incident still explains what is said. It
// is neither found by that, nor is that false.
func (k Kind) after() time.Duration {
	if k.track == season {
		return 26 * time.Hour
	}
	return 2 * time.Hour
}

// length of an incident in samples, of kinds whose length is known beforehand.
func (k Kind) length(period time.Duration) int {
	if k.samples > 0 {
		return k.samples
	}
	return int(k.lasts / period)
}

// Lasts says how long incidents of the kind last, in words.
func (k Kind) Lasts() string {
	switch {
	case k.samples == 1:
		return "1 sample"
	case k.samples > 0:
		return "5 samples"
	case k.lasts > 0:
		return short(k.lasts)
	}
	return "twice the longest normal run"
}

// What happens, in words.
func (k Kind) What() string { return k.what }

// short writes whole hours and minutes.
func short(d time.Duration) string {
	s := d.String()
	for _, end := range []string{"0s", "0m"} {
		if n := len(s) - len(end); n > 0 && s[n:] == end && (s[n-1] == 'm' || s[n-1] == 'h') {
			s = s[:n]
		}
	}
	return s
}

// kindOf returns the kind of a name, which must be there.
func kindOf(name string) Kind {
	for _, k := range Kinds() {
		if k.Name == name {
			return k
		}
	}
	panic("incidents: no kind " + name)
}

func kindsOf(t track) []string {
	var out []string
	for _, k := range Kinds() {
		if k.track == t {
			out = append(out, k.Name)
		}
	}
	return out
}

// Families that incidents are put into. Where samples hang together (ar) a
// shift is small against what is usual; it stands apart.
func Families() []string { return []string{"gauss", "t3", "lognormal", "laplace", "seasonal", "ar"} }

// Noises are the standard deviations, in parts of the level.
func Noises() []float64 { return []float64{.01, .05, .2} }

var start = kizashi.TimeOf(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)) // a Monday

// Incident at a place of a scene.
type Incident struct {
	Kind   string
	Member int  // of the group; 0 where there is one series
	At     int  // first sample
	Length int  // samples
	Again  bool // the same as the one a week before
	open   bool // its height comes from a limit that is not known yet
	Height float64
}

// Scene is what one series, or the members of a group, went through.
type Scene struct {
	Spec
	Values    [][]float64 // by member; NaN = no sample
	Incidents []Incident
	Habits    []Habit
	Learned   int // the first sample that is scored
	sigma     func(i int) float64
	mean      func(i int) float64
}

// Time of sample i.
func (s *Scene) Time(i int) kizashi.Time { return start.Add(time.Duration(i) * s.Period) }

// Longest time within which an incident must be found.
func (s *Scene) Longest(in *Incident) time.Duration {
	if k := kindOf(in.Kind); k.longest > 0 {
		return k.longest
	}
	return time.Duration(in.Length) * s.Period
}
