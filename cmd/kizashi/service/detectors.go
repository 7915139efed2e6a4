package service

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// A detector that is not Kizashi's is watched: where it takes longer for a sample
// than detect.Budget it is switched off, by a command, so that a replay of the
// journal says what was said live. Kizashi's own are measured too, and switched by
// people alone: a machine that is slow is no reason to watch less.

const (
	// leastMeasured samples, over at least measuredFor, make a judgement of what a
	// detector takes: a pause of the machine falls on few of them.
	leastMeasured = 1000
	measuredFor   = 5 * time.Second
	// toldFor is how old a switch may be to be told: notes that retention removed are
	// not told anew.
	toldFor = 24 * time.Hour
)

// table is that of all detectors.
func (s *Service) table() []detect.Row { return append(models.All(), s.opt.Own...) }

// ownNames are those of the detectors that are not Kizashi's.
func (s *Service) ownNames() (names []string) {
	for _, r := range s.opt.Own {
		names = append(names, r.Name)
	}
	return names
}

// detectors is how they do. The pipeline's goroutine fills it in.
type detectors struct {
	names []string // of the table
	own   int      // place of the first that is not Kizashi's
	since time.Time
	costs []detect.Cost   // since then
	asked map[string]bool // a command about them is on its way
	news  bool            // some switch is to be told

	mu      sync.Mutex
	off     []detect.Off
	faults  map[string]int // since the start
	leftOut map[string]int // series
	took    map[string]time.Duration
}

// Detector is how one does, for who asks.
type Detector struct {
	Name    string           `json:"name"`
	Took    kizashi.Duration `json:"took,omitempty"`     // for a sample, on average; 0 = not known yet
	Faults  int              `json:"faults,omitempty"`   // since the start
	LeftOut int              `json:"left_out,omitempty"` // series on which it failed so often that it is left out
	Off     *SwitchedOff     `json:"off,omitempty"`
}

// SwitchedOff says since when a detector is off, by whom and why.
type SwitchedOff struct {
	At     kizashi.Time `json:"at"`
	Author string       `json:"author"`
	Reason string       `json:"reason"`
}

// begin notes how the detectors stand after a start, and lets the engine measure.
func (d *detectors) begin(s *Service, now time.Time) {
	for _, r := range s.table() {
		d.names = append(d.names, r.Name)
	}
	d.own, d.since, d.asked, d.news = len(d.names)-len(s.opt.Own), now, map[string]bool{}, true
	e := s.pipeline.Engine()
	e.Measure(s.opt.Stopwatch)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off, d.leftOut, d.faults, d.took = e.Off(), e.LeftOut(), map[string]int{}, map[string]time.Duration{}
	s.metrics.switched(d.names[d.own:], d.off)
}

// noteDetectors takes in what a step says of detectors.
func (s *Service) noteDetectors(r *pipeline.Result, now time.Time) error {
	d := &s.detectors
	if len(d.costs) < len(r.Costs) {
		d.costs = append(d.costs, make([]detect.Cost, len(r.Costs)-len(d.costs))...)
	}
	for i, c := range r.Costs {
		d.costs[i].Samples += c.Samples
		d.costs[i].Took += c.Took
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range r.Faults {
		if d.faults[f.Model]++; f.Out {
			d.leftOut[f.Model]++
		}
	}
	for _, c := range r.Commands {
		if c.Op == kizashi.Without || c.Op == kizashi.With {
			for _, o := range d.off {
				s.metrics.off.WithLabelValues(o.Model).Set(0)
			}
			d.off, d.asked, d.news = s.pipeline.Engine().Off(), map[string]bool{}, true
			s.metrics.switched(d.names[d.own:], d.off)
			s.opt.Log.Warn("a detector was switched", "op", string(c.Op), "body", string(c.Body), "author", c.Author, "reason", c.Reason)
		}
	}
	return s.weigh(now)
}

// weigh looks at what the detectors took once enough was measured. The caller
// holds mu.
func (s *Service) weigh(now time.Time) error {
	d := &s.detectors
	most := int64(0) // what has nothing to do on a series is not asked there
	for _, c := range d.costs {
		most = max(most, c.Samples)
	}
	if most < leastMeasured || now.Sub(d.since) < measuredFor {
		return nil
	}
	for i, c := range d.costs {
		name := d.names[i]
		if c.Samples == 0 {
			continue
		}
		took := c.Took / time.Duration(c.Samples)
		d.took[name] = took
		s.metrics.sampleTook.WithLabelValues(name).Set(took.Seconds())
		if i < d.own || took <= detect.Budget || d.asked[name] || slices.ContainsFunc(d.off, func(o detect.Off) bool { return o.Model == name }) {
			continue
		}
		w := kizashi.Switch{Model: name, Samples: c.Samples, Took: kizashi.Duration(took), Budget: kizashi.Duration(detect.Budget)}
		cmd, err := w.Command(kizashi.Without, "kizashi", w.TooSlow())
		if err != nil {
			return err
		}
		s.commands.Push(cmd)
		d.asked[name] = true
	}
	d.costs, d.since = d.costs[:0], now
	return nil
}

// tellSwitched tells in a note, once, that a detector was too slow.
func (s *Service) tellSwitched(now time.Time) error {
	d := &s.detectors
	if !d.news {
		return nil
	}
	d.news = false
	for _, o := range s.pipeline.Engine().Off() {
		w, err := o.Command.Switches()
		if err != nil {
			return err
		}
		if w.Took == 0 || now.Sub(o.Command.At.UTC()) > toldFor {
			continue // by a person, who knows; or long ago
		}
		none := kizashi.None()
		fact := kizashi.Evidence{Claim: kizashi.ClaimTooSlow, Value: kizashi.Num(time.Duration(w.Took).Seconds()), Low: none, High: kizashi.Num(time.Duration(w.Budget).Seconds()),
			Count: int(w.Samples), From: o.Command.At, Unit: "s", Text: o.Model}
		for _, t := range s.configNow().Tenants {
			a := newNote(t.Name, map[string]string{"name": "detector", "model": o.Model}, o.Command.At, kizashi.TimeOf(now), []kizashi.Evidence{fact})
			if err := s.say(a); err != nil {
				return err
			}
		}
	}
	return nil
}

// howDetectors do: those that are not Kizashi's, and of the others those that failed
// or are off.
func (s *Service) howDetectors() (out []Detector) {
	d := &s.detectors
	d.mu.Lock()
	defer d.mu.Unlock()
	names := map[string]bool{}
	if len(d.names) > 0 {
		for _, n := range d.names[d.own:] {
			names[n] = true
		}
	}
	for _, m := range []map[string]int{d.faults, d.leftOut} {
		for n := range m {
			names[n] = true
		}
	}
	off := map[string]*SwitchedOff{}
	for _, o := range d.off {
		names[o.Model], off[o.Model] = true, &SwitchedOff{o.Command.At, o.Command.Author, o.Command.Reason}
	}
	for n := range maps.Keys(names) {
		out = append(out, Detector{n, kizashi.Duration(d.took[n]), d.faults[n], d.leftOut[n], off[n]})
	}
	slices.SortFunc(out, func(a, b Detector) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// Switching is what somebody asks for of a detector.
type Switching struct {
	Model  string `json:"model"`
	On     bool   `json:"on"`
	Author string `json:"author"`
	Reason string `json:"reason"`
}

// Switch switches a detector off, or on again, for all series. It is in force with
// the next batch of commands.
func (s *Service) Switch(w Switching) error {
	if !s.ready.Load() {
		return errEarly
	}
	d := &s.detectors
	d.mu.Lock()
	defer d.mu.Unlock()
	isOff := slices.ContainsFunc(d.off, func(o detect.Off) bool { return o.Model == w.Model })
	switch w.Author, w.Reason = strings.TrimSpace(w.Author), strings.TrimSpace(w.Reason); {
	case !isOff && !slices.Contains(d.names, w.Model):
		return fmt.Errorf("%w: there is no detector %q", errBadAct, w.Model)
	case w.Reason == "" || len(w.Reason) > longestText || len(w.Author) > longestText:
		return fmt.Errorf("%w: want a reason, of at most %d bytes", errBadAct, longestText)
	case isOff != w.On:
		return fmt.Errorf("%w: %s is %s already", errBadAct, w.Model, map[bool]string{true: "on", false: "off"}[w.On])
	}
	op := kizashi.Without
	if w.On {
		op = kizashi.With
	}
	cmd, err := kizashi.Switch{Model: w.Model}.Command(op, w.Author, w.Reason)
	if err != nil {
		return errors.Join(errBadAct, err)
	}
	s.commands.Push(cmd)
	return nil
}

// answerSwitch switches a detector for who shows the token of the data directory.
func (s *Service) answerSwitch(w http.ResponseWriter, r *http.Request) {
	if !s.trusted(r) {
		s.json(w, http.StatusUnauthorized, map[string]string{"error": "it needs the token of the data directory (file " + TokenFile + ")"})
		return
	}
	var ask Switching
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestAct))
	d.DisallowUnknownFields()
	if err := d.Decode(&ask); err != nil {
		s.json(w, http.StatusBadRequest, map[string]string{"error": `want {"model": "NAME", "on": false, "author": "WHO", "reason": "WHY"}: ` + err.Error()})
		return
	}
	if err := s.Switch(ask); err != nil {
		s.refuse(w, err)
		return
	}
	s.json(w, http.StatusAccepted, ask)
}
