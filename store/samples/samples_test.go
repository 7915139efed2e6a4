package samples

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/durable"
)

// t0 is 2026-11-01T00:00:00Z.
const t0 = kizashi.Time(1_793_491_200_000)

const minute = kizashi.Time(60_000)

func sample(id, at int, v float64) kizashi.Sample {
	return kizashi.Sample{Series: kizashi.SeriesID(id), At: t0 + kizashi.Time(at)*minute, Period: time.Minute, Value: v}
}

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func shut(t testing.TB, s interface{ Close() error }) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func put(t testing.TB, s *Store, vs ...kizashi.Sample) []Aside {
	t.Helper()
	asides, err := s.Append(vs)
	if err != nil {
		t.Fatal(err)
	}
	return asides
}

func all(t testing.TB, s interface {
	Samples(kizashi.SeriesID, kizashi.Time, kizashi.Time) ([]kizashi.Sample, error)
}, id int) []kizashi.Sample {
	t.Helper()
	vs, err := s.Samples(kizashi.SeriesID(id), kizashi.Never, kizashi.Forever)
	if err != nil {
		t.Fatal(err)
	}
	return vs
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func TestSamplesComeBackWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tsdb")
	s := open(t, dir)
	want := []kizashi.Sample{sample(1, 0, 4.5), sample(1, 1, -0.25), sample(1, 2, 1e300), sample(1, 7, 3), sample(1, 9, 0)}
	want[2].Late = true
	want[3].Period = 5 * time.Minute
	want[4].Period = 0
	same(t, "handed back", put(t, s, want...), []Aside(nil))
	put(t, s, sample(0xfffffff, 3, 9))
	same(t, "all", all(t, s, 1), want)
	got, err := s.Samples(1, t0+minute, t0+7*minute)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "from 1 to before 7", got, want[1:3])
	same(t, "of a series that is not there", all(t, s, 77), []kizashi.Sample(nil))
	shut(t, s)

	s = open(t, dir)
	same(t, "after a restart", all(t, s, 1), want)
	shut(t, s)
}

func TestSecondValuesAreHandedBack(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, sample(1, 0, 10), sample(1, 1, 11), sample(1, 3, 13), sample(2, 0, 20))
	want := []Aside{
		{sample(1, 1, 99), 11, Revised},
		{sample(1, 2, 12), kizashi.None(), Behind},
	}
	check := func(what string, s *Store) {
		t.Helper()
		got := put(t, s, sample(1, 0, 10), sample(1, 1, 99), sample(1, 2, 12), sample(1, 3, 13), sample(2, 0, 20))
		if len(got) != 2 || got[0] != want[0] || got[1].Sample != want[1].Sample || got[1].Stored.Ok() || got[1].Why != Behind {
			t.Errorf("%s: handed back %+v, want %+v", what, got, want)
		}
		same(t, what+": stored", all(t, s, 1), []kizashi.Sample{sample(1, 0, 10), sample(1, 1, 11), sample(1, 3, 13)})
	}
	check("at once", s)
	shut(t, s)
	s = open(t, dir)
	check("after a restart", s)
	got := put(t, s, sample(2, 1, 21), sample(2, 1, 22), sample(2, 2, 23))
	same(t, "twice in one call", got, []Aside{{sample(2, 1, 22), 21, Revised}})
	shut(t, s)
}

func TestNotFiniteIsRefused(t *testing.T) {
	s := open(t, t.TempDir())
	defer shut(t, s)
	zero := 0.0
	if _, err := s.Append([]kizashi.Sample{sample(1, 0, 1), sample(1, 1, 1/zero)}); err == nil || !strings.Contains(err.Error(), "not a finite") {
		t.Errorf("error %v", err)
	}
	same(t, "nothing of it is stored", all(t, s, 1), []kizashi.Sample(nil))
	put(t, s, sample(1, 0, 1))
	same(t, "appending again is right", all(t, s, 1), []kizashi.Sample{sample(1, 0, 1)})
}

// One series is at now, another is back-filled from two weeks ago; what is
// older than the window is handed back.
func TestBackfillBesideTheNewest(t *testing.T) {
	const day = 24 * 60
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, sample(1, 0, 1))
	var want []kizashi.Sample
	for at := -15 * day; at < 0; at += 30 {
		want = append(want, sample(2, at, float64(at)))
	}
	same(t, "handed back", put(t, s, want...), []Aside(nil))
	got := put(t, s, sample(3, -20*day, 1), sample(3, -day, 2))
	if len(got) != 1 || got[0].Why != TooOld || got[0].Sample != sample(3, -20*day, 1) {
		t.Errorf("20 days back: %+v", got)
	}
	same(t, "back-filled", all(t, s, 2), want)
	if err := s.Sync(); err != nil {
		t.Fatal(err)
	}
	shut(t, s)
	s = open(t, dir)
	same(t, "after a restart", all(t, s, 2), want)
	for id, at := range map[int]int{1: 0, 2: -30, 3: -day} {
		if last, ok := s.Last(kizashi.SeriesID(id)); !ok || last != t0+kizashi.Time(at)*minute {
			t.Errorf("last of %d: %s, %v", id, last, ok)
		}
	}
	if _, ok := s.Last(9); ok {
		t.Error("a series without samples has a last one")
	}
	same(t, "as far back as the window goes", put(t, s, sample(4, -16*day, 1)), []Aside(nil))
	shut(t, s)
}

// Three days at one minute make blocks; times are found in them too.
func TestThroughCompaction(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	var want []kizashi.Sample
	put(t, s, sample(2, 0, 5))
	for at := range 3 * 24 * 60 {
		want = append(want, sample(1, at, float64(at%97)))
	}
	put(t, s, want...)
	if err := s.db.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(s.db.Blocks()) == 0 {
		t.Fatal("no block was made")
	}
	same(t, "count", len(all(t, s, 1)), len(want))
	put(t, s, sample(1, 3*24*60, 1)) // by a reference that may be gone
	shut(t, s)
	s = open(t, dir)
	defer shut(t, s)
	same(t, "after a restart", all(t, s, 1), append(want, sample(1, 3*24*60, 1)))
	if last, ok := s.Last(2); !ok || last != t0 {
		t.Errorf("last of a series that ended long ago: %s, %v", last, ok)
	}
	same(t, "its value again", put(t, s, sample(2, 0, 5)), []Aside(nil))
}

// One series is ahead, another is filled in behind it, and the latter's samples
// are in a block: the block ends where the log still has samples of the former.
func TestReadOnlyWhereABlockOfLateSamplesEnds(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer shut(t, s)
	var ahead, behind []kizashi.Sample
	for at := 0; at < 100; at++ {
		ahead, behind = append(ahead, sample(1, at, 1)), append(behind, sample(2, at, 2))
	}
	put(t, s, ahead...)
	put(t, s, behind...)
	if err := s.Sync(); err != nil {
		t.Fatal(err)
	}
	put(t, s, sample(2, 100, 2)) // after it, in the log again
	r, err := OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, r)
	same(t, "ahead", all(t, r, 1), ahead)
	same(t, "behind", all(t, r, 2), append(behind, sample(2, 100, 2)))
}

func TestReadOnlyBesideTheService(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	defer shut(t, s)
	want := []kizashi.Sample{sample(1, 0, 1), sample(1, 1, 2)}
	put(t, s, want...)
	put(t, s, sample(2, -60*24*7, 4)) // out of order for the whole
	r, err := OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "in order", all(t, r, 1), want)
	same(t, "out of order, before it is made durable", all(t, r, 2), []kizashi.Sample(nil))
	if err := s.Sync(); err != nil {
		t.Fatal(err)
	}
	same(t, "out of order", all(t, r, 2), []kizashi.Sample{sample(2, -60*24*7, 4)})
	shut(t, r)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), "tmp") {
			t.Errorf("left behind: %s", e.Name())
		}
	}
	if _, err := OpenReadOnly(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
}

func TestErrorAtAStep(t *testing.T) {
	broken := errors.New("no")
	for _, step := range []string{durable.SamplesAppendBefore, durable.SamplesAppendAfter, durable.SamplesSyncBefore, durable.SamplesSyncAfter} {
		dir := t.TempDir()
		s, err := Open(dir, Options{Hook: func(s string) error {
			if s == step {
				return broken
			}
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		vs := []kizashi.Sample{sample(1, 0, 1), sample(1, 1, 2)}
		_, err = s.Append(vs)
		if err == nil {
			err = s.Sync()
		}
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", step, err)
		}
		shut(t, s)
		s = open(t, dir)
		same(t, step+": again", put(t, s, vs...), []Aside(nil))
		same(t, step, all(t, s, 1), vs)
		shut(t, s)
	}
}

// BenchmarkOpen opens 10,000 series of one hour each.
func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	s := open(b, dir)
	for at := range 60 {
		vs := make([]kizashi.Sample, 10_000)
		for i := range vs {
			vs[i] = sample(i+1, at, float64(i))
		}
		put(b, s, vs...)
	}
	shut(b, s)
	for b.Loop() {
		s := open(b, dir)
		if len(s.last) != 10_000 {
			b.Fatalf("%d series", len(s.last))
		}
		shut(b, s)
	}
}

func BenchmarkAppend(b *testing.B) {
	s := open(b, b.TempDir())
	defer shut(b, s)
	at, vs := 0, make([]kizashi.Sample, 10_000)
	for b.Loop() {
		for i := range vs {
			vs[i] = sample(i+1, at, float64(i))
		}
		at++
		if asides := put(b, s, vs...); len(asides) > 0 {
			b.Fatal(asides[0])
		}
	}
	b.ReportMetric(float64(b.N*len(vs))/b.Elapsed().Seconds(), "samples/s")
}
