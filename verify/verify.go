// Package verify computes an alert's limits again from its own evidence, so
// that nobody has to take the engine's word for them.
//
// There are two levels. From the justification alone it repeats each formula:
// the tails' limits, the slots' limits in the series' unit, the scores and
// the votes, the detection times, the facts that the prose is made of. With
// [Data] it also repeats the baseline's recursions over the stored samples
// from their starting state, and counts the reference sets again. What it has
// no means to compute it lists as declared.
//
// It stands alone by intent: it shares no code with the packages that judge,
// and is written from docs/method.md and docs/justification.md. A fault in
// both of the same kind would need the same misreading twice. It reads no
// files and no clock; callers bring what is stored.
package verify

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

// Tolerance is the relative difference that a value repeated from samples may
// have. Formulas over stated numbers are held to 1e-9.
const Tolerance = 0.01

// Config is what a justification is held against beside itself. All of it may
// be absent; what then cannot be checked is declared.
type Config struct {
	Settings *kizashi.Settings // as resolved for the series from the stored configuration in force, target commands applied
	Hash     string            // of that configuration
	Data     *Data             // level B; nil = from the justification alone
}

// Data is what level B needs beside the justification.
type Data struct {
	// Samples returns the samples of a series with from <= At < to, as they
	// were judged, in the order in which they were.
	Samples func(series kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error)
	// Checkpoints of the series: the one that Record.Start names, and those
	// before it, as far as they are stored.
	Checkpoints []kizashi.Checkpoint
	// Records returns the stored records of hours that overlap [from, to). Nil:
	// they are repeated from earlier checkpoints.
	Records func(series kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error)
	// Settings are those in force for the series at an instant: target and
	// reload commands change them. Nil: they were the same all along.
	Settings func(at kizashi.Time) kizashi.Settings
	// Kind is the kind of a local day, counted from 1970, by the calendar that
	// the settings in force at an instant name. Nil: all days are ordinary.
	Kind func(at kizashi.Time, day int) string
	// Hours says whether the hours that the settings name are open; nil: they are
	// not known, and what rests on them is declared.
	Hours func(at kizashi.Time) bool
	// Commands are those that concern the series' learning, in (At, Pos) order.
	Commands []kizashi.Command
}

// Report is what Check found.
type Report struct {
	Steps    []Step   `json:"steps"`
	Declared []string `json:"declared"`          // paths of numbers that could not be computed; a path covers all below it
	ByWord   []string `json:"by_word,omitempty"` // detectors, not Kizashi's, of whose votes the limit or the statistic is declared
	Faults   []string `json:"faults"`            // one for each step that is not right, and what made steps impossible
	Largest  Step     `json:"largest"`           // the step repeated from samples that is off the most
	Earlier  int      `json:"earlier,omitempty"` // the format of an alert that was judged by an earlier method: nothing was computed
}

// Ok says whether all was computed and no fault was found.
func (r Report) Ok() bool { return len(r.Faults) == 0 && r.Earlier == 0 }

// Step is one computation.
type Step struct {
	Name    string  `json:"name"`             // what is computed; Show has words for it
	Path    string  `json:"path"`             // the field that states the result
	Formula string  `json:"formula"`          // of the inputs; with a leading "=" a spreadsheet takes it
	Inputs  []Input `json:"inputs,omitempty"` // by the names in the formula
	Want    string  `json:"want"`             // what the formula gives
	Got     string  `json:"got"`              // what the field states
	Off     float64 `json:"off"`              // relative difference of the two
	Ok      bool    `json:"ok"`
}

// Input is a number that a formula uses. Instants are seconds since the Unix
// epoch, spans of time are seconds.
type Input struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// Check computes everything in j again, and says whether alert and j belong
// together. It never fails: what is malformed, or cannot be read, is a fault.
func Check(alert kizashi.Alert, j kizashi.Justification, cfg Config) Report {
	c := &checker{alert: alert, j: j, cfg: cfg}
	if j.Format > 0 && j.Format < kizashi.JustificationFormat {
		c.Earlier = j.Format
		return c.Report
	}
	c.identity()
	c.settings()
	if !c.usable() {
		return c.Report
	}
	if cfg.Data != nil {
		c.data()
	}
	c.record()
	c.expectation()
	c.volume()
	c.recent()
	c.run()
	c.rhythm()
	c.routine()
	c.votes()
	c.lines()
	c.window()
	c.comparable()
	c.detection()
	c.evidence()
	return c.Report
}

// usable stops at what would make all that follows meaningless.
func (c *checker) usable() bool {
	j := c.j
	if j.Record == nil && j.Rhythm == nil && j.Log == nil {
		c.fault("record: there is neither a record, nor a rhythm, nor log lines to compute from")
		return false
	}
	r := j.Record
	if r == nil {
		return true
	}
	if len(r.Slots) == 0 || 3_600_000%len(r.Slots) != 0 {
		c.fault("record.slots: %d slots do not divide an hour", len(r.Slots))
		return false
	}
	if r.Transform != kizashi.Identity && r.Transform != kizashi.Log1p {
		c.fault("record.transform: %q is unknown", r.Transform)
		return false
	}
	if t := j.Opening.At; t < r.Hour || t >= r.Hour+hour {
		c.fault("record.hour: the opening sample %s is not in the hour that begins at %s", t, r.Hour)
		return false
	}
	return true
}

const (
	hour   kizashi.Time = 3_600_000
	minute kizashi.Time = 60_000
	day    kizashi.Time = 24 * hour
)

// off is the relative difference of got and want; unit is what counts as 1
// where want is zero.
func off(want, got float64) float64 {
	if want == got || math.IsNaN(want) && math.IsNaN(got) {
		return 0
	}
	d := math.Abs(got-want) / max(math.Abs(want), 1e-9)
	if math.IsNaN(d) {
		return math.Inf(1)
	}
	return d
}
