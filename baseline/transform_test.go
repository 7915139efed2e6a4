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
