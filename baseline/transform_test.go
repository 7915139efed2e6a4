package baseline

import (
	"math"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// Where residuals are taken on a logarithmic scale from now on, the samples
// that are remembered are scored on it too: all that stand in one vote, and in
// one justification, can be computed by one formula.
func TestWhatIsRememberedIsScoredOnTheNewScale(t *testing.T) {
	s := &State{}
	s.N, s.M = 3, 2
	s.Level[daily] = 1000
	s.DayN.set(0, 5)
	s.SpikeAbs = 100
	skewed(s, 4, 2)
	for i, v := range []float64{900, 1000, 1300} {
		s.push(pointOf(kizashi.Time(i*60_000), &View{Center: 1000, Scale: 100, Z: (v - 1000) / 100}, v, false))
	}
	s.chooseTransform()
	if !s.Log {
		t.Fatal("a series around 1000 keeps its linear scale")
	}
	for i, v := range []float64{1300, 1000, 900} {
		p := s.ago(i)
		center, scale := math.Log1p(1000), math.Log1p(1100)-math.Log1p(1000)
		want := (math.Log1p(v) - center) / scale
		if p.Value != v || math.Abs(s.score(p)-want) > 1e-9 || math.Abs(p.Center-center) > 1e-9 || math.Abs(p.Scale-scale) > 1e-9 {
			t.Errorf("%v: %+v, want a score of %v", v, *p, want)
		}
	}
}

// skewed lets the spike's statistic reach so far up and down, four times a day.
func skewed(s *State, up, down float64) {
	for i := range 4 * 3 {
		s.Tails[spikeUp].TakeAll(up, kizashi.Time(i))
		s.Tails[spikeDown].TakeAll(down, kizashi.Time(i))
	}
	s.Tails[spikeUp].HistD, s.Tails[spikeDown].HistD = 2, 2
}

// What fluctuates evenly about its level has no logarithm: near 0 that would make far
// of what is near.
func TestEvenSeriesKeepTheirScale(t *testing.T) {
	for _, c := range []struct {
		up, down float64
		log      bool
	}{{3, 3, false}, {2, 4, false}, {4, 2, true}, {8, 2, true}} {
		s := &State{}
		s.Level[daily], s.SpikeAbs = 30, 8
		s.DayN.set(0, 5)
		skewed(s, c.up, c.down)
		if s.chooseTransform(); s.Log != c.log {
			t.Errorf("%v up and %v down: logarithm %t", c.up, c.down, s.Log)
		}
	}
	s := &State{}
	s.Level[daily], s.SpikeAbs = 1000, 10
	s.DayN.set(0, 5)
	if s.chooseTransform(); s.Log {
		t.Error("taken without knowing either side")
	}
}
