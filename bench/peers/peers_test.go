package peers

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/bench/incidents"
)

// The exact test: seven of seven one way come by chance once in 64, and ten
// against nought once in 512; what is equal says nothing.
func TestMcNemar(t *testing.T) {
	for _, c := range []struct {
		b, c int
		want float64
	}{{0, 0, 1}, {7, 0, 1. / 64}, {0, 10, 1. / 512}, {5, 5, 1}, {8, 2, 2 * 56. / 1024}, {400, 300, .00018}} {
		got := mcNemar(c.b, c.c)
		if math.Abs(got-c.want) > .02*c.want+1e-9 {
			t.Errorf("%d against %d: %.6f, want %.6f", c.b, c.c, got, c.want)
		}
	}
	p := Paired{Only: 2, Other: 12, P: mcNemar(2, 12)}
	if !p.Fewer() || p.More() {
		t.Errorf("%+v: fewer, beyond chance", p)
	}
	if p = (Paired{Only: 3, Other: 5, P: mcNemar(3, 5)}); p.Fewer() || p.More() {
		t.Errorf("%+v: nothing beyond chance", p)
	}
}

// small is a run of one family at five minutes.
func small(t *testing.T) *Run {
	t.Helper()
	set := incidents.Standard(1)
	set.Families, set.Noises, set.Periods = []string{"gauss"}, []float64{.05}, []time.Duration{5 * time.Minute}
	r, err := NewRun(set)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A peer's threshold is such that it says as much elsewhere as Kizashi, and a
// little lower it says more; pairs are those of the same incidents.
func TestEqualFalseAlerts(t *testing.T) {
	r := small(t)
	for _, p := range Peers("")[2:4] {
		a, err := r.Compare(p)
		if err != nil {
			t.Fatal(err)
		}
		if a.Episodes > r.Episodes || a.Episodes < r.Episodes-2 {
			t.Errorf("%s: %d episodes elsewhere, Kizashi %d", p.Name, a.Episodes, r.Episodes)
		}
		scores, _ := r.scores(p)
		if _, n := r.judge(scores, .8*a.Threshold); n <= r.Episodes {
			t.Errorf("%s: %d episodes at a lower threshold, no more than %d", p.Name, n, r.Episodes)
		}
		all := a.Kinds[len(a.Kinds)-1]
		sum := Paired{Kind: "all"}
		for _, k := range a.Kinds[:len(a.Kinds)-1] {
			sum.Of, sum.Ours, sum.Theirs, sum.Only, sum.Other = sum.Of+k.Of, sum.Ours+k.Ours, sum.Theirs+k.Theirs, sum.Only+k.Only, sum.Other+k.Other
		}
		sum.P = all.P
		if sum != all || all.Of != len(r.Results) || all.Ours-all.Theirs != all.Only-all.Other {
			t.Errorf("%s: %+v, want the sum of its kinds %+v", p.Name, all, sum)
		}
		if spike := a.Kinds[0]; spike.Ours != 2 || spike.Theirs != 2 {
			t.Errorf("%s: %+v: both find a lone spike far out", p.Name, spike)
		}
	}
}

// The rules say what their description does: of a quiet series the band is the
// hour's mean and half of it to either side, and a value half as high again lies
// near its edge; of a wild one it is made of the standard deviation; a value that
// is not above 0 is not seen, and of the hour before it the median stands.
func TestRules(t *testing.T) {
	s, err := incidents.Specs("gauss", .05, 5*time.Minute, 1)[0].Make()
	if err != nil {
		t.Fatal(err)
	}
	const n = 60
	quiet, wild, gone := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		quiet[i], wild[i], gone[i] = 100, 10+190*float64(i%2), 100
	}
	quiet[n-1], gone[n-1] = 150, 0
	for _, c := range []struct {
		name string
		set  ruleSet
		want [3]float64
	}{
		// The hour's mean with the last value is 104.17 and the edge half of it away.
		{"adaptive", adaptive, [3]float64{(150 - 1250./12) / (1250. / 24), 95. / 190, math.NaN()}},
		// The median of the last hour does not move for one value; that of the wild one is between both.
		{"robust", robust, [3]float64{0, 0, 0}},
	} {
		w, err := newWatch(c.set)
		if err != nil {
			t.Fatal(err)
		}
		for _, vs := range [][]float64{quiet, wild, gone} {
			w.add(vs)
		}
		if err := errors.Join(w.run(s, 0), w.close()); err != nil {
			t.Fatal(err)
		}
		for k, want := range c.want {
			got := w.scores[k][n-1]
			if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > .02 {
				t.Errorf("%s: series %d scores %.4f, want %.4f", c.name, k, got, want)
			}
		}
	}
}

// Without its library the forest is absent, which is neither found nor missed.
func TestForestAbsent(t *testing.T) {
	r := small(t)
	_, err := r.Compare(Peers(filepath.Join(t.TempDir(), "none.jar"))[4])
	if !errors.Is(err, ErrAbsent) {
		t.Errorf("%v", err)
	}
}

// The forest scores what stands out above what does not. It needs the library
// that KIZASHI_RCF names.
func TestForest(t *testing.T) {
	jar := os.Getenv("KIZASHI_RCF")
	if jar == "" {
		t.Skip("KIZASHI_RCF names no library: not measured")
	}
	r := small(t)
	scores, m, err := forest{jar}.run(r.scenes[:1])
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range r.scenes[0].Incidents {
		if v := scores[0][0][in.At]; in.Kind == "spike" && v < 1.2 {
			t.Errorf("a spike scores %.2f", v)
		}
	}
	if m.PerSample <= 0 || m.Bytes < 10_000 {
		t.Errorf("%+v", m)
	}
}

// Costs come out for all, and say who is absent.
func TestCosts(t *testing.T) {
	cs, err := Costs(Scale{Series: 2, Minutes: 2, Held: 200, Repeat: 1}, "none.jar")
	if err != nil {
		t.Fatal(err)
	}
	if len(cs) != 6 || cs[5].Absent == "" || cs[0].Name != "Kizashi" {
		t.Fatalf("%+v", cs)
	}
	for _, c := range cs[:5] {
		if c.PerSample <= 0 || c.Bytes <= 0 || c.Absent != "" {
			t.Errorf("%+v", c)
		}
	}
	// A dozen series that are recorded, of two hours: tens of kilobytes.
	if b := cs[1].Bytes / 1024; b < 4 || b > 100 {
		t.Errorf("rules hold %.1f KiB a series", b)
	}
}
