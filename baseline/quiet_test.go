package baseline_test

import (
	"math"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// A series without any noise has the limits of what its profile is rounded to, and
// nothing is beyond them: not its season, not its weekends, not a job each night.
func TestASeriesWithoutNoiseIsSilent(t *testing.T) {
	z := load(t, "Asia/Tokyo")
	clock := func(at kizashi.Time) float64 { return float64(z.DayMillis(int64(at))) / 3_600_000 }
	weekend := func(at kizashi.Time) bool { d := z.Weekday(int64(at)); return d == 0 || d == 6 }
	for name, value := range map[string]func(at kizashi.Time) float64{
		"a wave":         func(at kizashi.Time) float64 { return 1 + .9*math.Sin(clock(at)/24*2*math.Pi) },
		"a wave about 0": func(at kizashi.Time) float64 { return 1e-3 * math.Sin(clock(at)/24*2*math.Pi) },
		"steps of quarters": func(at kizashi.Time) float64 {
			q := math.Floor(clock(at) * 4)
			return 5 + math.Mod(q*q*math.Sqrt2, 1)
		},
		"a hundred": func(at kizashi.Time) float64 { return 100.5 + 30*math.Sin(math.Floor(clock(at)*4)/96*2*math.Pi) },
		"shop": func(at kizashi.Time) float64 {
			v := 2 + math.Sin(math.Floor(clock(at)*4)/96*2*math.Pi)
			if weekend(at) {
				v *= .6
			}
			return v
		},
		"a job each night": func(at kizashi.Time) float64 {
			v := 1 + .01*math.Sin(math.Floor(clock(at))/24*2*math.Pi)
			if h := clock(at); h >= 3 && h < 3.5 {
				v += 5000
			}
			return v
		},
		"none": func(kizashi.Time) float64 { return 7.25 },
	} {
		l := learn(t, "Asia/Tokyo", "2026-09-07 00:00", 5*time.Minute)
		for i := range 42 * 288 {
			l.one(value(l.at))
			if i >= 14*288 && l.view.Held() {
				t.Errorf("%s: at %s a vote of %s: band %v over %v, spike %v over %v", name, l.at, l.view.HeldBy(), l.view.Band, l.view.BandTheta, l.view.Spike, l.view.SpikeTheta)
				break
			}
		}
	}
}
