package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// storm is a fleet of groups whose series all cross in one minute. Each group
// has a series with three days of history, of which the others take theirs.
type storm struct {
	p       *pipeline.Pipeline
	metrics kizashi.Batch
	groups  int
	at      kizashi.Time
	res     pipeline.Result
}

func newStorm(tb testing.TB, groups, each, shards int, h pipeline.History) *storm {
	tb.Helper()
	p, err := pipeline.New(pipeline.Config{Shards: shards}, models.All(), h)
	if err != nil {
		tb.Fatal(err)
	}
	s := &storm{p: p, groups: groups, at: kizashi.TimeOf(time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC))}
	s.metrics.Partition = kizashi.Partition{Tenant: "acme", Account: "1", Region: "ap-northeast-1", Kind: kizashi.Metrics, Period: time.Minute, Settle: 3 * time.Minute}
	s.metrics.Roster = []kizashi.RosterEntry{{Op: kizashi.Join, Partition: s.metrics.Partition, At: s.at}}
	donors := make([]kizashi.SeriesID, groups)
	for g := range groups {
		donors[g] = s.declare(g, 0, 0)
	}
	for range 3 * 24 * 60 {
		s.minute(tb, 1)
	}
	for g := range groups {
		for n := 1; n < each; n++ {
			s.declare(g, n, donors[g])
		}
	}
	for range 8 {
		s.minute(tb, 1)
	}
	return s
}

func (s *storm) declare(group, n int, like kizashi.SeriesID) kizashi.SeriesID {
	id := kizashi.LabelsOf(map[string]string{"service": fmt.Sprintf("s%02d", group), "metric": "Latency", "namespace": "Shop", "host": fmt.Sprint(n)})
	m := kizashi.Meta{Series: kizashi.IDOf("acme", id), Tenant: "acme", Identity: id, Labels: id, Group: id.Get("service"), Unit: "ms",
		Period: kizashi.Duration(time.Minute), Settle: kizashi.Duration(3 * time.Minute), Lower: kizashi.None(), Upper: kizashi.None()}
	s.metrics.Declare = append(s.metrics.Declare, kizashi.Declaration{From: s.at, Meta: m, Like: like})
	s.metrics.Samples = append(s.metrics.Samples, kizashi.Sample{Series: m.Series, Period: time.Minute})
	return m.Series
}

// minute steps one sample of each series, at factor times what is usual.
func (s *storm) minute(tb testing.TB, factor float64) {
	tb.Helper()
	for i := range s.metrics.Samples {
		v := &s.metrics.Samples[i]
		v.At, v.Value = s.at, factor*usual(int(s.at/60_000)+i)
	}
	s.at = s.at.Add(time.Minute)
	s.metrics.Pos, s.metrics.Until = s.metrics.Pos+1, s.at
	if err := s.p.Step(s.metrics, &s.res); err != nil {
		tb.Fatal(err)
	}
	s.metrics.Roster, s.metrics.Declare = nil, nil
}

// usual is a value about 100, the same for the same k.
func usual(k int) float64 { return 100 + float64(uint32(k)*2654435761>>20)/400 }

// fortnight is a history that gives every series two weeks of minutes.
type fortnight struct{ *pipeline.Memory }

func (fortnight) Samples(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
	out := make([]kizashi.Sample, 0, int((to-from)/60_000)+1)
	for t := from.Ceil(time.Minute); t < to; t = t.Add(time.Minute) {
		out = append(out, kizashi.Sample{Series: id, At: t, Period: time.Minute, Value: usual(int(t / 60_000))})
	}
	return out, nil
}

func (fortnight) Limits(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	var out []kizashi.Record
	for h := from.Floor(time.Hour); h < to; h = h.Add(time.Hour) {
		r := kizashi.Record{Series: id, Hour: h, Ready: true, M: 3, N: 5}
		for i := range r.Slots {
			r.Slots[i] = kizashi.Slot{Center: 105, Scale: 3, Lower: 90, Upper: 120}
		}
		out = append(out, r)
	}
	return out, nil
}

// TestStormIsToldAtOnce: all series of five groups cross in one minute. Each
// group's first alerts come with their justification, the others get theirs
// without a further sample, and every alert says the same in the end as if it
// had been made at once.
func TestStormIsToldAtOnce(t *testing.T) {
	const groups, each = 5, 30
	atOnce := newStorm(t, groups, each, 1, fortnight{pipeline.NewMemory()})
	atOnce.p.Promptly(math.MaxInt)
	atOnce.minute(t, 3)
	want := map[string]string{}
	for _, a := range atOnce.res.Alerts {
		want[a.ID] = a.Justify
	}
	if len(want) != groups*each {
		t.Fatalf("%d alerts, want one of each of %d series", len(want), groups*each)
	}
	s := newStorm(t, groups, each, 2, fortnight{pipeline.NewMemory()})
	s.minute(t, 3)
	justified, first := map[string]int{}, map[string]bool{}
	for _, a := range s.res.Alerts {
		if _, told := first[a.Group]; !told {
			first[a.Group] = a.Justify != ""
		}
		if a.Justify != "" {
			justified[a.Group]++
		}
	}
	for g, ok := range first {
		if !ok || justified[g] >= each {
			t.Errorf("group %s: the first alert justified: %v, and %d of %d with it", g, ok, justified[g], each)
		}
	}
	got := map[string]string{}
	for noteHashes(got, &s.res); s.p.Owes() > 0; noteHashes(got, &s.res) {
		if err := s.p.CatchUp(7, &s.res); err != nil {
			t.Fatal(err)
		}
		if n := len(s.res.Justifications); n == 0 || n > 7 {
			t.Fatalf("%d justifications at a time, want at most 7", n)
		}
	}
	for id, hash := range want {
		if got[id] != hash {
			t.Errorf("alert %s: justification %q, at once it was %q", id, got[id], hash)
		}
	}
}

// script is a source that gives batches, then ends, or waits for its reader to
// be stopped.
type script struct {
	batches []kizashi.Batch
	waits   bool
}

func (s *script) Open(map[kizashi.Partition]uint64) error { return nil }
func (s *script) Ack(kizashi.Partition, uint64) error     { return nil }
func (s *script) Close() error                            { return nil }
func (s *script) Next(ctx context.Context) (kizashi.Batch, error) {
	if len(s.batches) > 0 {
		b := s.batches[0]
		s.batches = s.batches[1:]
		return b, nil
	}
	if s.waits {
		<-ctx.Done()
		return kizashi.Batch{}, ctx.Err()
	}
	return kizashi.Batch{}, io.EOF
}

// TestAStopInAStormOwesNothingInTheEnd: told to stop while justifications are
// owed, the runner stops at once; they are in the snapshot, and the next run
// makes them. What waits to be stored comes before them.
func TestAStopInAStormOwesNothingInTheEnd(t *testing.T) {
	const groups, each = 3, 40
	s := newStorm(t, groups, each, 1, fortnight{pipeline.NewMemory()})
	for i := range s.metrics.Samples {
		v := &s.metrics.Samples[i]
		v.At, v.Value = s.at, 3*usual(int(s.at/60_000)+i)
	}
	s.metrics.Pos, s.metrics.Until = s.metrics.Pos+1, s.at.Add(time.Minute)
	ctx, stop := context.WithCancel(t.Context())
	kept, waits, got := 0, 5, map[string]string{}
	r := pipeline.Runner{Source: &script{[]kizashi.Batch{s.metrics}, true}, Pipeline: s.p,
		Keep: func(res *pipeline.Result) error {
			if kept++; kept == 2 { // the step, then the first justifications
				if waits > 0 {
					t.Errorf("justifications are made while %d rows wait", waits)
				}
				stop()
			}
			noteHashes(got, res)
			return nil
		},
		More: func() (bool, error) { waits--; return waits > 0, nil },
	}
	if err := r.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if owes := s.p.Owes(); kept != 2 || owes < groups*each/2 {
		t.Fatalf("%d results kept, %d justifications owed; want a stop at once", kept, owes)
	}
	blob, err := s.p.Save()
	if err != nil {
		t.Fatal(err)
	}
	p, err := pipeline.Load(blob, models.All(), 1, fortnight{pipeline.NewMemory()})
	if err != nil {
		t.Fatal(err)
	}
	next := pipeline.Runner{Source: &script{}, Pipeline: p, Keep: func(res *pipeline.Result) error { noteHashes(got, res); return nil }}
	if err := next.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, hash := range got {
		if hash == "" {
			t.Errorf("alert %s has no justification after the next run", id)
		}
	}
	if len(got) != groups*each || p.Owes() != 0 {
		t.Errorf("%d alerts, %d owe their justification", len(got), p.Owes())
	}
}

func noteHashes(got map[string]string, r *pipeline.Result) {
	for _, a := range r.Alerts {
		got[a.ID] = a.Justify
	}
}

// BenchmarkStorm: 50,000 series of 40 groups cross in one minute. "told" is how
// long after the tick's batch was handed over the first alert of every group is
// out with its justification, "all" until all have theirs.
func BenchmarkStorm(b *testing.B) {
	groups, each := 40, 1250
	if testing.Short() {
		each = 25
	}
	for _, c := range []struct {
		name     string
		promptly int
	}{{"before", math.MaxInt}, {"after", 0}} {
		b.Run(c.name, func(b *testing.B) {
			var told, all, heap float64
			n := 0
			for b.Loop() {
				s := newStorm(b, groups, each, runtime.GOMAXPROCS(0), fortnight{pipeline.NewMemory()})
				if c.promptly > 0 {
					s.p.Promptly(c.promptly)
				}
				runtime.GC()
				begin := time.Now()
				s.minute(b, 3)
				told += time.Since(begin).Seconds()
				n += len(s.res.Alerts)
				heap = max(heap, inUse())
				for s.p.Owes() > 0 {
					if err := s.p.CatchUp(32, &s.res); err != nil {
						b.Fatal(err)
					}
				}
				all += time.Since(begin).Seconds()
			}
			b.ReportMetric(told/float64(b.N), "s_told")
			b.ReportMetric(all/float64(b.N), "s_all")
			b.ReportMetric(float64(n)/float64(b.N), "alerts")
			b.ReportMetric(heap/1e6, "MB_heap")
		})
	}
}

func inUse() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse)
}
