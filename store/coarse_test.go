package store

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

func coarsePoints(id kizashi.SeriesID, from kizashi.Time, period time.Duration, n int) []kizashi.Sample {
	var out []kizashi.Sample
	for i := range n {
		out = append(out, kizashi.Sample{Series: id, At: from.Add(time.Duration(i) * period), Period: period, Value: float64(i) + 0.5})
	}
	return out
}

func readCoarse(t *testing.T, s interface {
	Coarse(kizashi.SeriesID, kizashi.Time, kizashi.Time) ([]kizashi.Sample, error)
}, id kizashi.SeriesID) []kizashi.Sample {
	t.Helper()
	vs, err := s.Coarse(id, kizashi.Never, kizashi.Forever)
	if err != nil {
		t.Fatal(err)
	}
	return vs
}

// A series' year comes back whole, beside its two months at 5 minutes, and
// never among what was judged; a reader beside the service sees the same.
func TestCoarseHistory(t *testing.T) {
	dir := t.TempDir()
	s, _, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	hours := coarsePoints(1, t0.Add(-455*24*time.Hour), time.Hour, 455*24)
	fives := coarsePoints(1, t0.Add(-63*24*time.Hour), 5*time.Minute, 48*24*12)
	later := coarsePoints(2, t0.Add(-455*24*time.Hour), time.Hour, 300*24) // found after the first was done
	for _, vs := range [][]kizashi.Sample{hours, fives, later, hours, fives[100:200]} {
		if err := s.AppendCoarse(vs); err != nil {
			t.Fatal(err)
		}
	}
	check := func(what string, s interface {
		Coarse(kizashi.SeriesID, kizashi.Time, kizashi.Time) ([]kizashi.Sample, error)
		Samples(kizashi.SeriesID, kizashi.Time, kizashi.Time) ([]kizashi.Sample, error)
	}) {
		t.Helper()
		var h, f []kizashi.Sample
		last := kizashi.Never
		for _, v := range readCoarse(t, s, 1) {
			if v.At < last {
				t.Fatalf("%s: %s after %s", what, v.At, last)
			}
			if last = v.At; v.Period == time.Hour {
				h = append(h, v)
			} else {
				f = append(f, v)
			}
		}
		same(t, what+": hours", h, hours)
		same(t, what+": 5 minutes", f, fives)
		same(t, what+": of the other", readCoarse(t, s, 2), later)
		judged, err := s.Samples(1, kizashi.Never, kizashi.Forever)
		if err != nil || len(judged) > 0 {
			t.Errorf("%s: %d points among the judged, %v", what, len(judged), err)
		}
		some, err := s.Coarse(1, hours[30].At, hours[33].At)
		if err != nil {
			t.Fatal(err)
		}
		same(t, what+": three hours", some, hours[30:33])
	}
	check("at once", s)
	if err := s.coarse.sync(); err != nil {
		t.Fatal(err)
	}
	check("made durable", s)
	r, err := OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	check("read beside it", r)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, _, err = Open(dir, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	check("after a restart", s)
	second := hours[40]
	second.Value = 7
	if err := s.AppendCoarse([]kizashi.Sample{second}); err != nil {
		t.Fatal(err)
	}
	check("after a second value", s)
	dump := ""
	if b, err := dumped(s); err == nil {
		dump = b
	}
	if !strings.Contains(dump, "revision\t") {
		t.Error("the second value is not among the revisions")
	}
	second.Period = time.Minute
	if err := s.AppendCoarse([]kizashi.Sample{second}); err == nil || !strings.Contains(err.Error(), "1m0s") {
		t.Errorf("a period of a minute: %v", err)
	}
}

func dumped(s *Store) (string, error) {
	var b strings.Builder
	if err := s.Flush(); err != nil {
		return "", err
	}
	err := s.Ledger().Dump(&b)
	return b.String(), err
}

// What is 455 days old goes, though nothing new comes.
func TestCoarseRetention(t *testing.T) {
	dir := t.TempDir()
	s, _, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	const year = 365 * 24
	want := map[kizashi.SeriesID][]kizashi.Sample{}
	for id := range kizashi.SeriesID(2) {
		want[id+1] = coarsePoints(id+1, t0.Add(-year*time.Hour), time.Hour, year)
		if err := s.AppendCoarse(want[id+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.coarse.sync(); err != nil {
		t.Fatal(err)
	}
	for _, days := range []int{0, 89, 91, 91, 300, 454} {
		if _, err := s.Retain(t0.Add(time.Duration(days) * 24 * time.Hour)); err != nil {
			t.Fatal(err)
		}
		gone := max(0, days-90) * 24
		for id, all := range want {
			same(t, fmt.Sprint(days, " days later, series ", id), readCoarse(t, s, id), all[gone:])
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, _, err = Open(dir, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Retain(t0.Add(454 * 24 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	same(t, "after a restart", readCoarse(t, s, 2), want[2][364*24:])
}

// 1,000 series of 455 days, as a back-fill brings them: 50 series after 50,
// with a snapshot's Sync on the way. KIZASHI_FILL=1000; else a tenth.
func TestCoarseFill(t *testing.T) {
	series := 100
	if os.Getenv("KIZASHI_FILL") != "" {
		fmt.Sscan(os.Getenv("KIZASHI_FILL"), &series)
	}
	dir := t.TempDir()
	s, _, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(4, 5))
	var most uint64
	n, start := 0, time.Now()
	for first := 0; first < series; first += 50 {
		for d := 0; d < 455; d += 5 {
			var batch []kizashi.Sample
			for id := first; id < first+50; id++ {
				for h := range 5 * 24 {
					batch = append(batch, kizashi.Sample{Series: kizashi.SeriesID(id + 1), At: t0.Add(time.Duration(24*(d-455)+h) * time.Hour), Period: time.Hour, Value: 100 + rng.Float64()*20})
				}
			}
			if err := s.AppendCoarse(batch); err != nil {
				t.Fatal(err)
			}
			n += len(batch)
		}
		if err := s.coarse.sync(); err != nil {
			t.Fatal(err)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapInuse)
	}
	took := time.Since(start)
	t.Logf("%d points of %d series in %.1f s: %.2f M/s; heap at most %d MB, %d MB on disk", n, series, took.Seconds(), float64(n)/took.Seconds()/1e6, most>>20, size(t, dir)>>20)
	same(t, "points of the last series", len(readCoarse(t, s, kizashi.SeriesID(series))), 455*24)
	start = time.Now()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, _, err = Open(dir, Options{}); err != nil {
		t.Fatal(err)
	}
	t.Logf("closed and opened again in %.1f s", time.Since(start).Seconds())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func size(t *testing.T, dir string) (n int64) {
	t.Helper()
	err := filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			n += info.Size()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %.300v, want %.300v", what, fmt.Sprint(got), fmt.Sprint(want))
	}
}
