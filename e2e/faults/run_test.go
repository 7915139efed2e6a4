package faults

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// rules are the defaults but for siblings: what cannot be read when a tick runs is
// not compared on it, so that their votes, and theirs alone, depend on outages.
func rules() detect.Config {
	return detect.Config{Rules: []detect.Rule{{Off: []string{"sibling"}}}}
}

// state is where a run starts: what was learned up to there.
type state struct {
	blob      []byte
	positions map[kizashi.Partition]uint64
	past      *pipeline.Memory
}

// past is the history of a run: what it started from, and its own. The former
// is shared and only read.
type past struct{ base, own *pipeline.Memory }

func (p past) Samples(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
	a, err := p.base.Samples(id, from, to)
	if err != nil {
		return nil, err
	}
	b, err := p.own.Samples(id, from, to)
	return append(a, b...), err
}

func (p past) Records(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	a, err := p.base.Records(id, from, to)
	if err != nil {
		return nil, err
	}
	b, err := p.own.Records(id, from, to)
	return append(a, b...), err
}

func (p past) Limits(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	return p.Records(id, from, to)
}

func (p past) Coarse(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
	return p.own.Coarse(id, from, to)
}

// outcome is what a run came to.
type outcome struct {
	samples  map[string]int           // judged, by series, time and value
	alerts   map[string]kizashi.Alert // the last state of each, by id
	changes  []kizashi.Alert
	journal  []kizashi.Batch
	statuses int
	upTo     kizashi.Time // what ends later is not looked at: a run may stop in the middle of it
}

func newOutcome(end time.Time) *outcome {
	return &outcome{upTo: kizashi.TimeOf(end.Add(-time.Hour)), samples: map[string]int{}, alerts: map[string]kizashi.Alert{}}
}

func (o *outcome) keep(r *pipeline.Result) {
	for i := range r.Judgements {
		if j := &r.Judgements[i]; j.Sample() && j.End <= o.upTo {
			o.samples[key(j.Series, j.At, j.Value)]++
		}
	}
	for _, a := range r.Alerts {
		o.alerts[a.ID] = a
		o.changes = append(o.changes, a)
	}
}

// revised counts the points that were corrected after they were judged.
func (o *outcome) revised() (n int) {
	for i := range o.journal {
		n += len(o.journal[i].Revised)
	}
	return n
}

// settle puts in place of what was judged what it was corrected to: the values
// of the run without faults.
func (o *outcome) settle() {
	for i := range o.journal {
		for _, r := range o.journal[i].Revised {
			if r.Old.Ok() {
				old, now := key(r.Series, r.At, float64(r.Old)), key(r.Series, r.At, r.New)
				o.samples[now] += o.samples[old]
				delete(o.samples, old)
			}
		}
	}
}

func key(id kizashi.SeriesID, at kizashi.Time, v float64) string {
	return fmt.Sprintf("%s %s = %v", id, at, v)
}

// load returns a pipeline that stands where st does.
func (st state) load(t *testing.T, own *pipeline.Memory) *pipeline.Pipeline {
	t.Helper()
	p, err := pipeline.Load(st.blob, models.All(), 1, past{st.past, own})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// run lets p take in what the sources deliver until the clock says end.
func (w *world) run(p *pipeline.Pipeline, own *pipeline.Memory, end time.Time, o *outcome) {
	w.t.Helper()
	ctx, stop := context.WithCancel(w.t.Context())
	defer stop()
	var list []ingest.Source
	for _, s := range w.sources() {
		list = append(list, s)
	}
	w.clock.run(len(list), end, stop)
	r := pipeline.Runner{
		Source: ingest.Merge(list...), Pipeline: p,
		Append: func(bs []kizashi.Batch) error {
			for i := range bs {
				o.journal = append(o.journal, bs[i])
				if bs[i].Status != nil {
					o.statuses++
				}
			}
			return nil
		},
		Keep: func(r *pipeline.Result) error { o.keep(r); return own.Keep(r) },
	}
	if err := r.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		w.t.Fatal(err)
	}
}

// prepare does the back-fill once.
func prepare(t *testing.T) state {
	t.Helper()
	w := newWorld(t, begin.Add(-time.Minute))
	mem := pipeline.NewMemory()
	p, err := pipeline.New(pipeline.Config{Detect: rules()}, models.All(), mem)
	if err != nil {
		t.Fatal(err)
	}
	w.run(p, mem, begin, newOutcome(begin))
	blob, err := p.Save()
	if err != nil {
		t.Fatal(err)
	}
	return state{blob, p.Positions(), mem}
}

// live is one run from st on, with faults.
func live(t *testing.T, st state, length time.Duration, faults ...awsfake.Fault) *outcome {
	t.Helper()
	w := newWorld(t, begin)
	w.aws.Script(faults...)
	own, o := pipeline.NewMemory(), newOutcome(begin.Add(length))
	w.run(st.load(t, own), own, begin.Add(length), o)
	return o
}

// twice runs to a moment, stops for a while, and goes on from a snapshot to
// the end.
func (w *world) twice(st state, stop time.Time, gap time.Duration, end time.Time, o *outcome) {
	w.t.Helper()
	own := pipeline.NewMemory()
	p := st.load(w.t, own)
	w.run(p, own, stop, o)
	blob, err := p.Save()
	if err != nil {
		w.t.Fatal(err)
	}
	w.clock.now = stop.Add(gap)
	q, err := pipeline.Load(blob, models.All(), 1, past{st.past, own})
	if err != nil {
		w.t.Fatal(err)
	}
	w.run(q, own, end, o)
}

// again steps a journal through a pipeline of its own.
func again(t *testing.T, st state, journal []kizashi.Batch, length time.Duration) *outcome {
	t.Helper()
	own, o := pipeline.NewMemory(), newOutcome(begin.Add(length))
	p := st.load(t, own)
	var r pipeline.Result
	for _, b := range journal {
		if err := p.Step(b, &r); err != nil {
			t.Fatal(err)
		}
		if r.Dropped {
			continue
		}
		o.keep(&r)
		if err := own.Keep(&r); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// episodes of series: id, from, to, and whether it is over.
func (o *outcome) episodes() []string {
	var out []string
	for _, a := range o.alerts {
		if !about(a) {
			out = append(out, fmt.Sprintf("%s %s %s %s to %s", a.ID, a.Tenant, a.Labels.Get("name"), a.From, a.To))
		}
	}
	sort.Strings(out)
	return out
}

// blind are the alerts about ourselves, with how they ended.
func (o *outcome) blind() []kizashi.Alert {
	var out []kizashi.Alert
	for _, a := range o.alerts {
		if about(a) {
			out = append(out, a)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// about says that an alert is about Kizashi itself.
func about(a kizashi.Alert) bool { return a.Group == "kizashi" }

// compare holds a run against the one without faults: up to end, nothing may
// be missing, twice, or different.
func (o *outcome) compare(t *testing.T, want *outcome) {
	t.Helper()
	lost, twice, more := 0, 0, 0
	for k := range want.samples {
		if o.samples[k] == 0 {
			if lost++; lost <= 3 {
				t.Errorf("lost: %s", k)
			}
		}
	}
	for k, n := range o.samples {
		if n > 1 {
			twice++
		}
		if want.samples[k] == 0 {
			if more++; more <= 3 {
				t.Errorf("not there without faults: %s", k)
			}
		}
	}
	if lost+twice+more > 0 {
		t.Errorf("of %d samples %d were lost, %d counted twice, %d differ", len(want.samples), lost, twice, more)
	}
	a, b := want.episodes(), o.episodes()
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Errorf("episodes differ:\nwithout faults\n  %v\nwith\n  %v", a, b)
	}
}
