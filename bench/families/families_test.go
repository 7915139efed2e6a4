package families

import (
	"os"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// The stated rate is kept within a factor of two in each family, and the same
// settings find shifts. Eight series a family here, 32 in the long form.
//
// What is found is held to its floor over the three families together, and
// each of them is logged: long tails (laplace) lose most, for their limits are
// the widest. Where samples hang together (ar) a shift is small against what is
// usual; it stands apart.
func TestRateAndDetection(t *testing.T) {
	series := 8
	if os.Getenv("KIZASHI_SOAK") != "" {
		series = 32
	}
	var four, six Found
	for _, family := range Four() {
		l, err := Standard(family, series).Measure()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d episodes, %.0f stated, ratio %.2f, %d of %d series within 2 times, %v", family, l.Episodes, l.Expected, l.Ratio(), l.Within2, series, l.By)
		t.Logf("    4 sigma: found %.3f, a week later %.3f of %d, after %s", l.FourSigma.FirstShare(), l.FourSigma.AgainShare(), l.FourSigma.Of, l.FourSigma.Delay)
		t.Logf("    6 sigma: found %.3f, a week later %.3f of %d, after %s", l.SixSigma.FirstShare(), l.SixSigma.AgainShare(), l.SixSigma.Of, l.SixSigma.Delay)
		if l.Ratio() < .5 || l.Ratio() > 2 {
			t.Errorf("%s: %d episodes against %.0f stated: ratio %.2f, want .5 to 2", family, l.Episodes, l.Expected, l.Ratio())
		}
		floor(t, family+", 6 sigma", l.SixSigma, .98)
		if family != "ar" {
			four, six = four.and(l.FourSigma), six.and(l.SixSigma)
		}
	}
	floor(t, "all but ar, 4 sigma", four, .85)
	floor(t, "all but ar, 6 sigma", six, .98)
}

func (f Found) and(g Found) Found {
	return Found{First: f.First + g.First, Again: f.Again + g.Again, Of: f.Of + g.Of}
}

func floor(t *testing.T, name string, f Found, want float64) {
	t.Helper()
	if f.FirstShare() < want || f.AgainShare() < want {
		t.Errorf("%s: found %.3f, a week later %.3f, want %.2f", name, f.FirstShare(), f.AgainShare(), want)
	}
}

// The yardstick itself: places of shifts lie in scored weeks, pairs a week
// apart, and none runs into another.
func TestPlaces(t *testing.T) {
	s, sh := Standard("gauss", 1), Shift{4, 15 * time.Minute}
	for i := range 50 {
		at := s.places(i, sh)
		if len(at) != 12 {
			t.Fatalf("%d places", len(at))
		}
		for k := 0; k < len(at); k += 2 {
			if at[k] < s.Learn*s.week() || at[k+1]+15 > (s.Learn+s.Score)*s.week() {
				t.Errorf("series %d: places %d and %d are outside the scored weeks", i, at[k], at[k+1])
			}
			if at[k+1]-at[k] != s.week() {
				t.Errorf("series %d: the second place is %d samples after the first", i, at[k+1]-at[k])
			}
			if k > 0 && at[k] < at[k-1]+15 {
				t.Errorf("series %d: place %d runs into %d", i, at[k-1], at[k])
			}
		}
	}
}

// An obvious incident counts as one episode, and as found at its first sample
// or soon after.
func TestAnObviousShift(t *testing.T) {
	s := Standard("gauss", 1)
	s.Score = 1
	vs, err := s.values(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	before, _, err := s.openings(vs)
	if err != nil {
		t.Fatal(err)
	}
	at := s.Learn*s.week() + 1000
	for k := range 15 {
		vs[at+k] += 1000
	}
	after, _, err := s.openings(vs)
	if err != nil {
		t.Fatal(err)
	}
	if after <= before {
		t.Errorf("%d openings with the incident, %d without", after, before)
	}
	got, err := s.found(vs, []int{at, at + 2000}, 15)
	if err != nil {
		t.Fatal(err)
	}
	if got[0] != 1 || got[1] != -1 {
		t.Errorf("found after %v samples, want the first one, and nothing where nothing is", got)
	}
}

func TestShares(t *testing.T) {
	f := Found{First: 3, Again: 1, Of: 4}
	if f.FirstShare() != .75 || f.AgainShare() != .25 {
		t.Errorf("%v %v", f.FirstShare(), f.AgainShare())
	}
	if r := (Rate{Episodes: 9, Expected: 36}); r.Ratio() != .25 {
		t.Errorf("ratio %v", r.Ratio())
	}
}

// A family that is none is an error, not a row of noughts.
func TestUnknownFamily(t *testing.T) {
	s := Standard("nonsense", 2)
	s.Score = 12
	if l, err := s.Measure(); err == nil {
		t.Errorf("%+v", l)
	}
	if start != kizashi.TimeOf(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)) {
		t.Error("the weeks begin on another day: generated series differ")
	}
}
