package forecast

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Stills are series that go nowhere.
func Stills() []string {
	return []string{"gauss", "ar", "slow", "daily", "weekly", "nightly clean-up", "clean-up every 3 days", "weekly clean-up", "batch", "random walk"}
}

// still is a series of a kind, of standard deviation about 1 about 0, without its end.
type still struct {
	noise
	rnd  *rand.Rand
	kind string
	walk float64
	size float64 // of a tooth
}

// limitOf a kind lies well away: a few times as far as the series ever gets.
const stillLimit = 10

func newStill(kind string, seed uint64, period time.Duration) *still {
	rnd := rand.New(rand.NewPCG(seed, 0x5711))
	s := &still{rnd: rnd, kind: kind, size: 4 + 2*rnd.Float64()}
	switch kind {
	case "ar", "slow":
		s.noise = *newNoise(kind, rnd, 1, period, 0)
	default:
		s.noise = *newNoise("gauss", rnd, .3, period, 0)
		if kind == "gauss" {
			s.sigma = 1
		}
	}
	s.phase = rnd.Float64()
	return s
}

func (s *still) value(at kizashi.Time, period time.Duration) float64 {
	_, x := s.next(at)
	d := float64(at)/float64(day.Milliseconds()) + s.phase
	tooth := func(days float64) float64 { return s.size * (d/days - math.Floor(d/days)) }
	switch s.kind {
	case "daily":
		x += 3 * math.Sin(2*math.Pi*d)
	case "weekly":
		if weekday := math.Mod(math.Floor(d), 7); weekday < 5 {
			x += 2 + 2*math.Sin(2*math.Pi*d)
		}
	case "nightly clean-up":
		x += tooth(1)
	case "clean-up every 3 days":
		x += tooth(3)
	case "weekly clean-up":
		x += tooth(7)
	case "batch":
		if f := d - math.Floor(d); f < .15 {
			x += s.size * f / .15
		}
	case "random walk": // one standard deviation a day
		s.walk += math.Sqrt(period.Hours()/24) * s.rnd.NormFloat64()
		x += s.walk
		if math.Abs(s.walk) > stillLimit-2 { // back to where it came from
			s.walk = 0
		}
	}
	return x
}

// FalseIn counts the forecasts over a time, told of a limit on either side, and for
// how much of it one stands.
func FalseIn(kind string, seed uint64, period, lasts time.Duration) (alerts int, part float64, err error) {
	r, err := newRunner(kizashi.Ahead{Side: kizashi.Up, Value: stillLimit, Within: kizashi.DefaultAhead},
		kizashi.Ahead{Side: kizashi.Down, Value: -stillLimit, Within: kizashi.DefaultAhead})
	if err != nil {
		return 0, 0, err
	}
	s := newStill(kind, seed, period)
	last, n, all := kizashi.Never, 0, 0
	for at := origin; at < origin.Add(lasts); at = at.Add(period) {
		if r.take(at, period, s.value(at, period)) {
			if last == kizashi.Never || at.Sub(last) > 3*time.Hour {
				alerts++
			}
			last = at
			n++
		}
		all++
		r.learn()
	}
	return alerts, float64(n) / float64(all), nil
}
