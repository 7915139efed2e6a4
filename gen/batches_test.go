package gen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// streams makes the streams of a few series of the account, two days long.
func streams(t *testing.T, a *Account, names ...string) []Stream {
	t.Helper()
	var out []Stream
	for _, name := range names {
		s := a.Find(name)
		m := s.Meta(s.Labels())
		ss := s.Samples(m.Series)
		out = append(out, Stream{m, Drop(ss, on(2, 0, 0), kizashi.Forever)})
	}
	return out
}

var database1m = []string{"shop-db.CPUUtilization", "shop-db.ReadLatency", "shop-db.FreeStorageSpace"}

// check holds batches of one partition to the contract of Batch.
func check(t *testing.T, p kizashi.Partition, bs []kizashi.Batch) (all []kizashi.Sample) {
	t.Helper()
	declared := map[kizashi.SeriesID]bool{}
	until := kizashi.Never
	for i, b := range bs {
		if b.Partition != p || b.Pos != uint64(i+1) {
			t.Fatalf("batch %d is of partition %s at position %d", i, b.Partition, b.Pos)
		}
		for _, d := range b.Declare {
			declared[d.Meta.Series] = true
		}
		for _, s := range b.Samples {
			if !declared[s.Series] {
				t.Fatalf("batch %d: series %s was not declared", i, s.Series)
			}
			if (s.End() <= until) != s.Late {
				t.Fatalf("batch %d: a sample that ends at %s, late %v, after Until %s", i, s.End(), s.Late, until)
			}
		}
		if b.Until < until {
			t.Fatalf("batch %d: Until goes back from %s to %s", i, until, b.Until)
		}
		until = b.Until
		all = append(all, b.Samples...)
	}
	first, last := bs[0], bs[len(bs)-1]
	if len(first.Roster) != 1 || first.Roster[0].Op != kizashi.Join || first.Roster[0].At > all[0].At {
		t.Errorf("the first batch's roster is %+v", first.Roster)
	}
	if len(last.Roster) != 1 || last.Roster[0].Op != kizashi.Close || len(last.Samples) != 0 || last.Until != all[len(all)-1].End() {
		t.Errorf("the last batch is %+v", last)
	}
	return all
}

func byTimeThenSeries(a, b kizashi.Sample) int {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Series, b.Series))
}

// However they are cut, batches keep the contract and carry the same data.
func TestCuttings(t *testing.T) {
	a := NewAccount(1)
	ss := streams(t, a, database1m...)
	p := a.Find(database1m[0]).Partition()
	var want []kizashi.Sample
	for _, c := range []struct {
		name string
		cut  Cutter
		n    int // batches, or 0
	}{
		{"all at once", Every(1 << 30), 2},
		{"one by one", Every(1), 3*2*1440 + 1},
		{"polls", Spans(5 * time.Minute), 2*288 + 1},
		{"random 1", Random(1, 500), 0},
		{"random 2", Random(2, 500), 0},
		{"random, small", Random(3, 2), 0},
	} {
		bs, err := Batches(p, ss, c.cut)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		all := check(t, p, bs)
		if c.n > 0 && len(bs) != c.n {
			t.Errorf("%s: %d batches, want %d", c.name, len(bs), c.n)
		}
		if want == nil {
			want = all
		}
		if !slices.Equal(all, want) {
			t.Errorf("%s: other samples, or another order", c.name)
		}
	}
	sorted := slices.IsSortedFunc(want, byTimeThenSeries)
	if !sorted || len(want) != 3*2*1440 {
		t.Errorf("%d samples, in order of time and series: %v", len(want), sorted)
	}
}

// Until stands at the last tick that is whole: not at the one that is still
// being delivered.
func TestUntil(t *testing.T) {
	meta := func(id kizashi.SeriesID) kizashi.Meta { return kizashi.Meta{Series: id} }
	at := func(id kizashi.SeriesID, min int) kizashi.Sample {
		return kizashi.Sample{Series: id, At: on(0, 0, min), Period: time.Minute}
	}
	ss := []Stream{
		{meta(1), []kizashi.Sample{at(1, 0), at(1, 1), at(1, 30)}}, // silent for half an hour
		{meta(2), []kizashi.Sample{at(2, 0), at(2, 1)}},
	}
	bs, err := Batches(kizashi.Partition{}, ss, Every(1))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range bs {
		got = append(got, fmt.Sprint(b.Until.Sub(firstDay)))
	}
	if want := []string{"0s", "1m0s", "1m0s", "30m0s", "31m0s", "31m0s"}; !slices.Equal(got, want) {
		t.Errorf("Until runs %v, want %v", got, want)
	}
}

// A random cutting is a function of its seed.
func TestRandomIsReproducible(t *testing.T) {
	a := NewAccount(1)
	ss := streams(t, a, database1m...)
	p := a.Find(database1m[0]).Partition()
	x, _ := Batches(p, ss, Random(7, 100))
	y, _ := Batches(p, ss, Random(7, 100))
	z, _ := Batches(p, ss, Random(8, 100))
	cuts := func(bs []kizashi.Batch) (out []string) {
		for _, b := range bs {
			out = append(out, fmt.Sprint(len(b.Samples), b.Until))
		}
		return out
	}
	if !slices.Equal(cuts(x), cuts(y)) || slices.Equal(cuts(x), cuts(z)) {
		t.Error("the same seed must cut alike, another one otherwise")
	}
	held := 0
	for i := 1; i < len(x)-1; i++ {
		if x[i].Until == x[i-1].Until {
			held++
		}
	}
	if held < len(x)/8 {
		t.Errorf("only %d of %d batches hold their Until back", held, len(x))
	}
}

// Late samples come where Late put them, behind what was promised.
func TestLateSamplesComeLate(t *testing.T) {
	a := NewAccount(1)
	ss := streams(t, a, database1m...)
	p := a.Find(database1m[0]).Partition()
	ss[1].Samples = Late(ss[1].Samples, on(1, 10, 0), on(1, 10, 5), on(1, 11, 0))
	for _, cut := range []Cutter{Every(1), Spans(5 * time.Minute), Random(1, 2)} {
		bs, err := Batches(p, ss, cut)
		if err != nil {
			t.Fatal(err)
		}
		n, reached := 0, kizashi.Never
		for _, b := range bs {
			for _, s := range b.Samples {
				if s.Late {
					n++
					if reached < on(1, 10, 59) || reached > on(1, 11, 0) {
						t.Errorf("the late sample of %s came at %s", s.At, reached)
					}
				} else {
					reached = max(reached, s.At)
				}
			}
		}
		if n != 5 {
			t.Errorf("%d late samples, want 5", n)
		}
	}
}

// order of the partitions in batches.
func order(bs []kizashi.Batch) (out []kizashi.Partition) {
	for _, b := range bs {
		out = append(out, b.Partition)
	}
	return out
}

// Mixed partitions keep their own order, and all join before anything else.
func TestInterleave(t *testing.T) {
	a := NewAccount(1)
	p1, p2 := a.Find(database1m[0]).Partition(), a.Find("web-1.NetworkOut").Partition()
	one, err := Batches(p1, streams(t, a, database1m...), Every(100))
	if err != nil {
		t.Fatal(err)
	}
	five, err := Batches(p2, streams(t, a, "web-1.NetworkOut", "staging-1.NetworkOut"), Every(10))
	if err != nil {
		t.Fatal(err)
	}
	mixed := Interleave(1, one, five)
	if !slices.Equal(order(mixed), order(Interleave(1, one, five))) || slices.Equal(order(mixed), order(Interleave(2, one, five))) {
		t.Error("the same seed must mix alike, another one otherwise")
	}
	if r := mixed[0].Roster; len(r) != 2 || r[0].Partition != p1 || r[1].Partition != p2 {
		t.Errorf("the first batch's roster is %+v", r)
	}
	if one[0].Roster == nil || five[0].Roster == nil {
		t.Error("the batches given were changed")
	}
	pos := map[kizashi.Partition]uint64{}
	switches := 0
	for i, b := range mixed {
		if b.Pos != pos[b.Partition]+1 {
			t.Fatalf("batch %d: position %d after %d", i, b.Pos, pos[b.Partition])
		}
		pos[b.Partition] = b.Pos
		if i > 0 && b.Partition != mixed[i-1].Partition {
			switches++
		}
	}
	if len(mixed) != len(one)+len(five) || switches < len(mixed)/5 {
		t.Errorf("%d batches of %d and %d, mixed %d times", len(mixed), len(one), len(five), switches)
	}
}

func TestBatchesErrors(t *testing.T) {
	m := kizashi.Meta{Series: 1}
	s := func(id kizashi.SeriesID, at kizashi.Time) kizashi.Sample { return kizashi.Sample{Series: id, At: at} }
	for _, c := range []struct {
		want    string
		samples []kizashi.Sample
		cut     Cutter
	}{
		{"no samples", nil, Every(1)},
		{"goes back from", []kizashi.Sample{s(1, 60_000), s(1, 0)}, Every(1)},
		{"holds a sample of series 0000000000000002", []kizashi.Sample{s(2, 0)}, Every(1)},
		{"the cutter took 0 of 1 samples", []kizashi.Sample{s(1, 0)}, Every(0)},
	} {
		_, err := Batches(kizashi.Partition{}, []Stream{{m, c.samples}}, c.cut)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}
