package models

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Levels that are looked up are those of the formula, near and far, on edges and beside them.
func TestLevelsAreThoseOfTheFormula(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	wide := noveltyShared.wide
	ys := append([]float64{0, 1e-300, .3, math.Nextafter(.3, 0), .5, farOver}, wide.edges...)
	for range 100_000 {
		ys = append(ys, math.Exp(r.Float64()*20-6))
	}
	context := contextUsual.made()
	for _, y := range ys {
		if y > farOver {
			continue
		}
		for i, by := range []float64{10 / 1.4 / 4, 10. / 4, 10 * 1.4 / 4} {
			want := int8(math.RoundToEven(math.Asinh(2*y) * by))
			if y < .3 {
				want = 0
			}
			if got := wide.at(y)[i]; got != want && math.Abs(edgeOff(y, by)) > 1e-9 {
				t.Fatalf("coarse %d at %v: level %d, want %d", i+1, y, got, want)
			}
		}
		want := min(math.RoundToEven(math.Asinh(2*y)*12/4), cellMid)
		if got := context.cut.at(y)[0]; float64(got) != want && math.Abs(edgeOff(y, 3)) > 1e-9 {
			t.Fatalf("context at %v: level %d, want %g", y, got, want)
		}
	}
}

// edgeOff is how far a distance lies from the next edge between two levels.
func edgeOff(y, by float64) float64 {
	x := math.Asinh(2*y)*by - .5
	return x - math.Round(x)
}

// Counts of 16 bits keep to what they count within a fiftieth, while the past fades and
// however many come.
func TestFadingCounts(t *testing.T) {
	var w worth
	var ns [3]uint16
	var all, some float64
	fade := math.Exp2(-1. / 336)
	for hour := range 4000 {
		w.fade(ns[:], fade)
		all, some = all*fade, some*fade
		for k := range 60 {
			w.more()
			all++
			if k%7 == 0 && hour%3 == 0 {
				w.count(ns[:], 1)
				some++
			}
		}
		got, want := float64(w.odds(float32(ns[1]))), (some+.5)/(all+1)
		if math.Abs(got/want-1) > .02 {
			t.Fatalf("hour %d: odds %v, want %v", hour, got, want)
		}
	}
	if !w.sane() || ns[0] != 0 || ns[2] != 0 {
		t.Errorf("%+v %v", w, ns)
	}
	if w.odds(0) <= 0 || (&worth{}).odds(0) != .5 {
		t.Error("what never came is improbable, of nothing it is even")
	}
}
