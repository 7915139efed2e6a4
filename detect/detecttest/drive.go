package detecttest

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/detect"
)

// drive takes samples past one state, as the series loop does.
type drive struct {
	draft detect.Draft
	row   detect.Row
	meta  kizashi.Meta
	set   kizashi.Settings
	view  baseline.View
	base  *baseline.State
	state detect.State
	c     detect.Case
}

func newDrive(t *testing.T, row detect.Row, c course, set kizashi.Settings) *drive {
	t.Helper()
	zone, err := calendar.Load("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	d := &drive{row: row, meta: c.declared[0].Meta, set: set}
	d.base = baseline.New(&d.meta, &d.set, zone)
	d.base.SetRest(row.Share)
	d.state = row.Model.New(&d.meta, &d.set)
	d.c = detect.Case{Meta: &d.meta, Settings: &d.set, View: &d.view, Base: d.base, Share: row.Share}
	return d
}

// look begins a sample.
func (d *drive) look(smp *kizashi.Sample) {
	d.c.Sample = *smp
	d.draft = detect.Draft{}
	d.c.Draft = &d.draft
	d.base.Look(smp, &d.view, nil)
	if h, ok := d.state.(detect.Hourly); ok && d.view.Begins {
		h.Begin(&d.c)
	}
	d.view.Events()
}

// learn ends it.
func (d *drive) learn() {
	d.base.Learn(&d.c.Sample, &d.view, baseline.AsJudged)
	d.state.Learn(&d.c, d.view.Held())
}

// put judges and learns a sample; pure = hold the state that Judge leaves against
// the one that it found.
func (d *drive) put(t *testing.T, smp *kizashi.Sample, pure bool) (kizashi.Vote, bool) {
	t.Helper()
	d.look(smp)
	var before []byte
	if pure {
		before = d.state.AppendBinary(nil)
	}
	v := kizashi.Vote{Model: d.row.Name, Kind: d.row.Kind}
	ok := d.state.Judge(&d.c, &v)
	if pure && !bytes.Equal(before, d.state.AppendBinary(nil)) {
		t.Errorf("at %s: Judge changes the state", smp.At)
	}
	d.sound(t, &v, ok)
	if g, is := d.state.(detect.Grounded); is && ok && v.Crossed {
		if g := g.Ground(&d.c); g != nil && (g.Model != v.Model || g.Side != v.Side || g.Stat != v.Stat || g.Limit != v.Limit || g.To <= g.From) {
			t.Errorf("at %s: the vote %+v does not rest on its ground %+v", smp.At, v, g)
		}
	}
	d.learn()
	// A number that is absent is not equal to itself.
	for _, n := range []*kizashi.Num{&v.Center, &v.Lower, &v.Upper} {
		if !n.Ok() {
			*n = -1
		}
	}
	return v, ok
}

// sound looks at a vote.
func (d *drive) sound(t *testing.T, v *kizashi.Vote, ok bool) {
	t.Helper()
	at := d.c.Sample.At
	for _, x := range []float64{v.Stat, v.Limit, v.Onset} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			t.Errorf("at %s: a vote that is no number: %+v", at, *v)
		}
	}
	if v.Model != d.row.Name || v.Kind != d.row.Kind || v.Side < kizashi.Down || v.Side > kizashi.Up {
		t.Errorf("at %s: a vote of another model, kind or side: %+v", at, *v)
	}
	if !ok || !v.Crossed {
		return
	}
	beyond := v.Stat > v.Limit
	if v.Kind == kizashi.Value && v.Side == kizashi.Down {
		beyond = beyond || v.Stat < v.Limit // a value below a lower limit; a score has its sign turned
	}
	if !beyond {
		t.Errorf("at %s: a vote stands that is not beyond its limit: %+v", at, *v)
	}
}

// resume is a drive with a state that was written and read back, and a baseline
// likewise.
func (d *drive) resume(t *testing.T, row detect.Row) *drive {
	t.Helper()
	c := *d
	zone, err := calendar.Load("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	c.base = baseline.New(&c.meta, &c.set, zone)
	c.base.SetRest(row.Share)
	if rest, err := c.base.Decode(d.base.AppendBinary(nil)); err != nil || len(rest) > 0 {
		t.Fatalf("baseline: %d bytes left, %v", len(rest), err)
	}
	c.state = row.Model.New(&c.meta, &c.set)
	raw := d.state.AppendBinary(nil)
	if rest, err := c.state.Decode(raw); err != nil || len(rest) > 0 {
		t.Fatalf("Decode leaves %d bytes of its own state: %v", len(rest), err)
	}
	if !bytes.Equal(raw, c.state.AppendBinary(nil)) {
		t.Fatal("a state that was read back is written otherwise")
	}
	c.view = baseline.View{}
	c.c = detect.Case{Meta: &c.meta, Settings: &c.set, View: &c.view, Base: c.base, Share: row.Share}
	return &c
}

// few samples past a state of bent bytes: whatever it says, it must not panic.
func (d *drive) few(t *testing.T, c course, bent int) {
	defer func() {
		if what := recover(); what != nil {
			t.Errorf("a state that was taken with byte %d bent panics: %v", bent, what)
		}
	}()
	at := c.end()
	for i := range 5 {
		smp := kizashi.Sample{Series: d.meta.Series, At: at.Add(time.Duration(i) * time.Minute), Period: time.Minute, Value: float64(i)}
		d.c.Sample = smp
		if h, ok := d.state.(detect.Hourly); ok && i == 0 {
			h.Begin(&d.c)
		}
		v := kizashi.Vote{Model: d.row.Name, Kind: d.row.Kind}
		d.state.Judge(&d.c, &v)
		d.state.Learn(&d.c, false)
	}
}
