package logs_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
	"github.com/kizashi-ops/kizashi/ingest/metricfilter"
)

// counted are the samples of a metric by minute; two values for one fail.
func counted(t *testing.T, bs []kizashi.Batch, metric string) map[kizashi.Time]float64 {
	t.Helper()
	ids, out := map[kizashi.SeriesID]bool{}, map[kizashi.Time]float64{}
	for _, b := range bs {
		for _, d := range b.Declare {
			if d.Meta.Labels.Get("metric") == metric {
				ids[d.Meta.Series] = true
			}
		}
		for _, x := range b.Samples {
			if !ids[x.Series] {
				continue
			}
			if _, ok := out[x.At]; ok || x.Late || b.Partition.Kind != kizashi.Metrics {
				t.Fatalf("%s: %+v in %s", metric, x, b.Partition)
			}
			out[x.At] = x.Value
		}
	}
	return out
}

// A filter counts in two groups together, in what is read again of history as
// in what is new, each minute once, and the same over kills; what is later than
// the hold-back it does not count.
func TestMetricFilters(t *testing.T) {
	for _, kills := range []int{0, 15} {
		t.Run(fmt.Sprint(kills, " kills"), func(t *testing.T) {
			zero := 0.0
			w := newWorld(t, func(w *world) {
				w.cfg.Rules = []logs.Rule{{Prefix: "/app", Group: "shop", Metrics: []metricfilter.Metric{
					{Namespace: "Acme", Name: "Errors", Filter: "ERROR", Value: "1", Default: &zero},
					{Namespace: "Acme", Name: "Milliseconds", Filter: "{ $.ms > 0 }", Value: "$.ms", Statistic: "Maximum"},
				}}, {}}
			})
			r := rand.New(rand.NewPCG(1, 2))
			want, most, n := map[kizashi.Time]float64{}, map[kizashi.Time]float64{}, 0
			for m := range 100 {
				minute := noon.Add(time.Duration(m-50) * time.Minute)
				want[kizashi.TimeOf(minute)] = 0
				for g := range 3 {
					group := []string{"/app/1", "/app/2", "/other"}[g]
					for range 4 {
						n++
						at := minute.Add(time.Duration(r.IntN(60_000)) * time.Millisecond)
						late := at.Add(time.Duration(r.IntN(100)) * time.Second)
						if r.IntN(10) == 0 {
							late = at.Add(9 * time.Minute)
						}
						word, ms := []string{"INFO", "ERROR"}[r.IntN(2)], 1+r.IntN(900)
						w.region.LogSeen(group, "s", at, fmt.Sprintf(`{"n": %d, "level": "%s", "ms": %d}`, n, word, ms), late)
						history := at.Before(noon.Add(-12 * time.Minute)) // all of it was there
						if g == 2 || late.After(minute.Add(3*time.Minute)) && !history {
							continue
						}
						if word == "ERROR" {
							want[kizashi.TimeOf(minute)]++
						}
						most[kizashi.TimeOf(minute)] = max(most[kizashi.TimeOf(minute)], float64(ms))
					}
				}
			}
			w.open()
			for range kills {
				for range 1 + r.IntN(9) {
					w.next()
				}
				if _, err := w.src.Next(t.Context()); err != nil { // and this one is lost
					t.Fatal(err)
				}
				w.open()
			}
			w.run(noon.Add(50 * time.Minute))
			errors, ms := counted(t, w.journal, "Errors"), counted(t, w.journal, "Milliseconds")
			for m := -50; m < 46; m++ {
				at := kizashi.TimeOf(noon.Add(time.Duration(m) * time.Minute))
				if m >= -12 && m < 0 {
					continue // near the border of history what was there depends on when it was read
				}
				if got, ok := errors[at]; !ok || got != want[at] {
					t.Errorf("errors at %s: %v %v, want %v", at, got, ok, want[at])
				}
				if ms[at] != most[at] {
					t.Errorf("milliseconds at %s: %v, want %v", at, ms[at], most[at])
				}
			}
			w.check()
		})
	}
}

// A kill in the middle of a minute that takes several batches: what was
// delivered of it is not delivered again, and counts all the same.
func TestMetricFiltersAfterAKillWithinAMinute(t *testing.T) {
	w := newWorld(t, func(w *world) {
		w.cfg.Backfill = -1
		w.cfg.Rules = []logs.Rule{{Metrics: []metricfilter.Metric{{Namespace: "Acme", Name: "Errors", Filter: "ERROR", Value: "1"}}}}
	})
	w.region.Log("/app", "s", noon.Add(-time.Hour), "ERROR before")
	for i := range 25_000 {
		w.region.Log("/app", "s", noon.Add(5*time.Minute+time.Duration(i)*2*time.Millisecond), fmt.Sprint("ERROR ", i))
	}
	w.open()
	for within := false; !within; {
		b := w.next()
		within = len(b.Lines) >= 10_000 && b.Until <= kizashi.TimeOf(noon.Add(5*time.Minute))
	}
	w.open()
	w.run(noon.Add(10 * time.Minute))
	if n := len(lines(t, w.journal)); n != 25_000 {
		t.Errorf("%d lines", n)
	}
	if got := counted(t, w.journal, "Errors"); len(got) != 1 || got[kizashi.TimeOf(noon.Add(5*time.Minute))] != 25_000 {
		t.Errorf("%v", got)
	}
	w.check()
}
