package baseline

import (
	"math"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

func days(n float64) kizashi.Duration { return kizashi.Duration(n * 24 * float64(time.Hour)) }

// A mean goes over what it knows, and in the end over what the half-life has.
func TestDepth(t *testing.T) {
	for _, c := range []struct {
		life    kizashi.Duration
		n, most uint8
		want    float64
	}{
		{0, 3, 14, 3}, {0, 14, 14, 14}, {days(14), 14, 14, 14}, {days(7), 3, 14, 3}, {days(7), 9, 14, 7}, {days(7), 14, 14, 7},
		{days(28), 13, 14, 13}, {days(28), 14, 14, 28}, {days(2), 4, 4, 1}, {days(56), 4, 4, 16},
	} {
		s := State{set: &kizashi.Settings{HalfLife: c.life}}
		if got := s.depth(c.n, c.most); got != c.want {
			t.Errorf("half-life %s: %d of %d go over %g, want %g", time.Duration(c.life), c.n, c.most, got, c.want)
		}
	}
}

// In a half-life the past loses half its weight, whatever that is.
func TestDecayIsAHalfLife(t *testing.T) {
	for _, life := range []float64{2, 14, 56} {
		s := State{set: &kizashi.Settings{HalfLife: days(life)}}
		if got := math.Pow(s.decay(), 24*life); math.Abs(got-.5) > 1e-9 {
			t.Errorf("after %g days %g is left", life, got)
		}
	}
	if s := (State{set: &kizashi.Settings{}}); s.decay() != decay {
		t.Error("where nothing is said it is 14 days")
	}
}

// A new level that is within the limits is expected the sooner the shorter the
// half-life.
func TestHalfLifeFollowsALevel(t *testing.T) {
	zone, err := calendar.Load("")
	if err != nil {
		t.Fatal(err)
	}
	way := func(life kizashi.Duration) float64 {
		s, v := New(&kizashi.Meta{Series: 1, Period: kizashi.Duration(5 * time.Minute)}, &kizashi.Settings{R: days(28), HalfLife: life}, zone), &View{}
		at := kizashi.Time(0)
		for i := range 21 * 288 {
			smp := kizashi.Sample{Series: 1, At: at, Value: 5 + math.Sin(float64(i*i))}
			if i >= 20*288 {
				smp.Value += .5
			}
			s.Look(&smp, v, nil)
			s.Learn(&smp, v, AsJudged)
			at = at.Add(5 * time.Minute)
		}
		return s.Level[none] - 5
	}
	fast, usual, slow := way(days(2)), way(0), way(days(56))
	if !(fast > 2*usual && usual > 2*slow && slow > 0) {
		t.Errorf("a day after a step of 0.5 the level has moved by %.2f, %.2f and %.2f", fast, usual, slow)
	}
}
