package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/durable"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// input is what the source of the tests delivers: two partitions, turn about.
func input(batches int) []kizashi.Batch {
	var out []kizashi.Batch
	for i := range batches {
		n, at := i%2, t0+kizashi.Time(i/2)*60_000
		b := kizashi.Batch{Partition: partition(n), Pos: uint64(i/2 + 1), Until: at}
		for id := range 3 {
			b.Samples = append(b.Samples, kizashi.Sample{Series: kizashi.SeriesID(10*n + id + 1), At: at, Period: time.Minute, Value: float64((i*7 + id*3) % 23)})
		}
		if i%5 == 4 { // what the source revised
			late := b.Samples[0]
			late.At, late.Value = late.At-120_000, 99
			b.Samples = append(b.Samples, late)
		}
		out = append(out, b)
	}
	return out
}

// withCoarse mixes a coarse history in.
func withCoarse(in []kizashi.Batch) (out []kizashi.Batch) {
	for i, b := range in {
		out = append(out, b)
		if i%4 == 2 {
			out = append(out, coarseInput(uint64(i/4+1)))
		}
	}
	return out
}

var coarsePart = kizashi.Partition{Tenant: "acme", Account: "9", Kind: kizashi.Metrics, Period: time.Hour, Backfill: kizashi.BackfillCoarse}

// coarseInput is one batch of a coarse history: a hundred days of each series
// after those of the one before, both periods, and a second value.
func coarseInput(pos uint64) kizashi.Batch {
	b := kizashi.Batch{Partition: coarsePart, Pos: pos, Until: t0}
	id := kizashi.SeriesID(pos%3 + 1)
	from := t0.Add(-time.Duration(120-10*(pos/3)) * 24 * time.Hour)
	for k := range 20 {
		b.Samples = append(b.Samples, kizashi.Sample{Series: id, At: from.Add(time.Duration(k) * time.Hour), Period: time.Hour, Value: float64(pos) + float64(k)/4},
			kizashi.Sample{Series: id, At: t0.Add(time.Duration(pos*20+uint64(k)) * -5 * time.Minute), Period: 5 * time.Minute, Value: float64(k)})
	}
	return b
}

// toy stands for the pipeline: a running sum per series, of which a multiple
// of 7 is an alert. It is deterministic and drops what it has stepped.
type toy struct {
	Sums map[kizashi.SeriesID]float64 `json:"sums"`
	Pos  map[string]uint64            `json:"pos"`
}

func newToy() *toy { return &toy{map[kizashi.SeriesID]float64{}, map[string]uint64{}} }

func (p *toy) step(b kizashi.Batch) (judged []kizashi.Sample, c ledger.Changes, dropped bool) {
	if b.Pos <= p.Pos[b.Partition.Account] {
		return nil, c, true
	}
	p.Pos[b.Partition.Account] = b.Pos
	for _, v := range b.Samples {
		p.Sums[v.Series] += v.Value
		if sum := p.Sums[v.Series]; int(sum)%7 == 0 {
			c.Alerts = append(c.Alerts, kizashi.Alert{ID: kizashi.AlertID(v.Series, kizashi.Up, v.At), Series: v.Series, State: kizashi.Firing,
				Seq: 1, Opened: v.At, To: v.At, Peak: kizashi.Moment{At: v.At, Value: kizashi.Num(sum)}})
		}
	}
	c.Stepped = map[kizashi.Partition]uint64{b.Partition: b.Pos}
	if b.Partition.Coarse() {
		c.Alerts = nil
	}
	return b.Samples, c, false
}

func (p *toy) positions() map[kizashi.Partition]uint64 {
	out := map[kizashi.Partition]uint64{}
	for n := range 2 {
		if pos, ok := p.Pos[fmt.Sprint(n)]; ok {
			out[partition(n)] = pos
		}
	}
	if pos, ok := p.Pos[coarsePart.Account]; ok {
		out[coarsePart] = pos
	}
	return out
}

// session is one life of the process: open, replay, take what comes, save now
// and then. It ends with the first error, as the service does.
func session(dir string, hook durable.Hook, in []kizashi.Batch) (err error) {
	s, report, err := Open(dir, Options{Hook: hook})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, l := range report.Journal.Losses {
		if !l.Tail {
			return fmt.Errorf("unexpected: %v", report.Lines())
		}
	}
	p := newToy()
	if blob, ok := s.Snapshot(); ok {
		if err := json.Unmarshal(blob, p); err != nil {
			return err
		}
	}
	step := func(b kizashi.Batch) error {
		judged, c, dropped := p.step(b)
		if dropped {
			return nil
		}
		if b.Partition.Coarse() {
			if err := s.AppendCoarse(judged); err != nil {
				return err
			}
			judged = nil
		}
		return s.Keep(judged, c)
	}
	if _, err := s.Replay(step); err != nil {
		return err
	}
	return live(s, p, step, in)
}

// live takes what the source brings, three batches at a time.
func live(s *Store, p *toy, step func(kizashi.Batch) error, in []kizashi.Batch) error {
	for i := 0; i < len(in); i += 3 {
		some := in[i:min(i+3, len(in))]
		if err := s.Append(some); err != nil {
			return err
		}
		for _, b := range some {
			if err := step(b); err != nil {
				return err
			}
		}
		if i%12 == 9 {
			if err := save(s, p); err != nil {
				return err
			}
		}
	}
	return save(s, p)
}

// contents is all that a data directory means: ledger, samples, state.
func contents(t testing.TB, dir string) string {
	t.Helper()
	s, report, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if len(report.Behind) > 0 || report.State.Lost() {
		t.Fatal(report.Lines())
	}
	var b bytes.Buffer
	if err := s.Ledger().Dump(&b); err != nil {
		t.Fatal(err)
	}
	for id := kizashi.SeriesID(1); id < 20; id++ {
		vs, err := s.Samples(id, kizashi.Never, kizashi.Forever)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range vs {
			fmt.Fprintf(&b, "sample\t%v\n", v)
		}
		if vs, err = s.Coarse(id, kizashi.Never, kizashi.Forever); err != nil {
			t.Fatal(err)
		}
		for _, v := range vs {
			fmt.Fprintf(&b, "coarse\t%v\n", v)
		}
	}
	blob, _ := s.Snapshot()
	return b.String() + string(blob)
}

// At every named step the process fails, once on the first and once on the
// third time it comes there; after a restart in which the source brings again
// what was not acknowledged, all is as if nothing had happened.
func TestFailAtEveryStep(t *testing.T) {
	in := withCoarse(input(40))
	want := func() string {
		dir := t.TempDir()
		if err := session(dir, nil, in); err != nil {
			t.Fatal(err)
		}
		return contents(t, dir)
	}()
	if !strings.Contains(want, "alert\t") || !strings.Contains(want, "revision\t") || strings.Count(want, "sample\t") != 120 || strings.Count(want, "coarse\t") < 200 {
		t.Fatalf("the run does too little:\n%s", want)
	}
	stop := errors.New("stopped")
	for _, step := range durable.Steps() {
		for _, nth := range []int{1, 3} {
			t.Run(fmt.Sprint(step, " ", nth), func(t *testing.T) {
				dir, count := t.TempDir(), 0
				err := session(dir, func(s string) error {
					if s != step {
						return nil
					}
					if count++; count == nth {
						return stop
					}
					return nil
				}, in)
				if !errors.Is(err, stop) {
					t.Fatalf("it did not come there: %v", err)
				}
				if err := session(dir, nil, in); err != nil {
					t.Fatalf("after the restart: %v", err)
				}
				if got := contents(t, dir); got != want {
					t.Errorf("%s", diff(got, want))
				}
			})
		}
	}
}

// diff shows the first line in which two texts differ.
func diff(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d:\n got %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}
