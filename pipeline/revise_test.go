package pipeline_test

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// A series that is found later waits for its past, and its ticks do not. What
// its source corrects meanwhile acts when the sample has been judged, over a
// restart too.
func TestACorrectionWaitsWithItsSample(t *testing.T) {
	limit := 400.
	mem := pipeline.NewMemory()
	p, err := pipeline.New(pipeline.Config{Detect: detect.Config{Rules: []detect.Rule{{Static: []detect.StaticRule{{Above: &limit}}}}}}, models.All(), mem)
	if err != nil {
		t.Fatal(err)
	}
	main := kizashi.Partition{Tenant: "acme", Kind: kizashi.Metrics, Period: time.Minute}
	fill := main
	fill.Backfill = kizashi.BackfillFound
	t0 := kizashi.TimeOf(time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC))
	minute := func(n int) kizashi.Time { return t0.Add(time.Duration(n) * time.Minute) }
	declare := func(name string) kizashi.Declaration {
		ls := kizashi.LabelsOf(map[string]string{"name": name})
		return kizashi.Declaration{From: t0, Meta: kizashi.Meta{Series: kizashi.IDOf("acme", ls), Tenant: "acme", Identity: ls, Labels: ls, Group: "g",
			Period: kizashi.Duration(time.Minute), Lower: kizashi.None(), Upper: kizashi.None()}}
	}
	old, found := declare("old"), declare("found")
	sample := func(d kizashi.Declaration, n int, v float64) kizashi.Sample {
		return kizashi.Sample{Series: d.Meta.Series, At: minute(n), Period: time.Minute, Value: v}
	}
	var r pipeline.Result
	pos := map[kizashi.Partition]uint64{}
	step := func(b kizashi.Batch) []kizashi.Alert {
		t.Helper()
		pos[b.Partition]++
		b.Pos = pos[b.Partition]
		if err := p.Step(b, &r); err != nil {
			t.Fatal(err)
		}
		if err := mem.Keep(&r); err != nil {
			t.Fatal(err)
		}
		return r.Alerts
	}
	step(kizashi.Batch{Partition: main, Until: minute(1), Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: main, At: t0}},
		Declare: []kizashi.Declaration{old}, Samples: []kizashi.Sample{sample(old, 0, 1)}})
	step(kizashi.Batch{Partition: fill, Until: t0, Declare: []kizashi.Declaration{found},
		Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: fill, At: t0}, {Op: kizashi.HandOver, Partition: fill, At: minute(1), To: main}}})
	step(kizashi.Batch{Partition: main, Until: minute(2), Declare: []kizashi.Declaration{found}, Samples: []kizashi.Sample{sample(old, 1, 1), sample(found, 1, 500)}})
	if as := step(kizashi.Batch{Partition: main, Until: minute(5), Samples: []kizashi.Sample{sample(old, 4, 1)},
		Revised: []kizashi.Revision{{Series: found.Meta.Series, At: minute(1), Period: time.Minute, Old: 500, New: 300, Seen: minute(4)}}}); len(as) != 0 || len(r.Revised) != 1 {
		t.Fatalf("%d alerts and %d corrections while the sample waits, want the correction alone", len(as), len(r.Revised))
	}
	p = reload(t, p, 1, mem)
	step(kizashi.Batch{Partition: fill, Until: minute(1)})
	as := append([]kizashi.Alert(nil), r.Alerts...)
	as = append(as, step(kizashi.Batch{Partition: main, Until: minute(7), Samples: []kizashi.Sample{sample(old, 6, 1)}})...)
	if len(as) != 2 || as[0].State != kizashi.Firing || as[1].Ended != kizashi.ClaimCorrected {
		t.Errorf("changes %+v, want that it fires and is corrected", as)
	}
}
