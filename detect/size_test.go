package detect_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// What a series takes is counted, not measured: all default detectors and the
// baseline lie in its piece, and what is written of it is no more.
func TestASeriesIsNoLarger(t *testing.T) {
	e, err := detect.NewEngine(detect.Config{}, models.All(), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	const most = 5632
	if n := e.SeriesSize(); n > most {
		t.Errorf("a series takes %d bytes, want at most %d", n, most)
	}
	l := newLoop(t, detect.Config{})
	before := len(l.state())
	for day := range 10 {
		l.judge(l.samples(float64(24*day), float64(24*day+24))...)
	}
	const written = 7400
	if n := len(l.state()); n > written || n < before {
		t.Errorf("a series of ten days is written in %d bytes, want at most %d", n, written)
	}
}

// Every field of what a source declares comes back, those that are added later too.
func TestMetaComesBackWhole(t *testing.T) {
	by := 2.5
	m := kizashi.Meta{Tenant: "acme", Identity: kizashi.LabelsOf(map[string]string{"a": "1"}), Labels: kizashi.LabelsOf(map[string]string{"a": "1", "b": "2"}),
		Group: "g", Unit: "Percent", Statistic: "Average", Period: kizashi.Duration(time.Minute), Settle: kizashi.Duration(time.Hour),
		Lower: 0, Upper: 100, Zone: "Asia/Tokyo", Hints: kizashi.Hints{Class: "act", Direction: kizashi.Up, Sparse: true,
			Guards:   []kizashi.Limit{{Side: kizashi.Up, Value: by, M: 1, N: 2, Note: "why"}},
			Forecast: &kizashi.Ahead{Side: kizashi.Up, Value: by, Within: kizashi.DefaultAhead, Lead: 1, Note: "why"}}}
	m.Series = kizashi.IDOf(m.Tenant, m.Identity)
	whole(t, m)
	e, err := detect.NewEngine(detect.Config{}, models.All(), 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Declare(kizashi.Declaration{From: start, Meta: m}); err != nil {
		t.Fatal(err)
	}
	b, err := e.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	n, err := detect.NewEngine(detect.Config{}, models.All(), 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Decode(b); err != nil {
		t.Fatal(err)
	}
	if got, _ := n.Meta(m.Series); !reflect.DeepEqual(got, m) {
		t.Errorf("it came back as %+v, want %+v", got, m)
	}
}

// whole says that no field is left at zero: a test that leaves one out says nothing
// of it.
func whole(t *testing.T, m kizashi.Meta) {
	t.Helper()
	for _, v := range []reflect.Value{reflect.ValueOf(m), reflect.ValueOf(m.Hints)} {
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Field(i).IsZero() && name != "Lower" {
				t.Errorf("%s.%s is new: give it a value here, and write it in appendMeta", v.Type(), name)
			}
		}
	}
}

// A rule may look at more samples than a young series' vote keeps: what is written of
// it comes back all the same.
func TestYoungSeriesWithALongRuleComesBack(t *testing.T) {
	cfg := detect.Config{Rules: []detect.Rule{{MofN: "12/20"}}}
	l := newLoop(t, cfg)
	l.judge(l.samples(0, 10)...)
	if rest, err := l.engine(cfg).Decode([]byte(l.state())); err != nil || len(rest) > 0 {
		t.Errorf("%d bytes left: %v", len(rest), err)
	}
}
