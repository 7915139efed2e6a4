// Package forecast measures forecasts to a limit: over generated leaks, how
// often the interval covers the true date and how early it is told; over series
// that go nowhere, how often one is told all the same.
package forecast

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Leak is a generated course and its truth.
type Leak struct {
	Noise   string
	Period  time.Duration
	Start   kizashi.Time
	Begins  kizashi.Time // of the leak
	Crosses kizashi.Time // truth: when the course without its noise comes to the limit; of what wanders, the course itself
	Limit   kizashi.Ahead
	Values  []float64 // up to the day after
}

// Noises are the kinds of noise about a leak.
func Noises() []string {
	return []string{"gauss", "t3", "ar", "slow", "seasonal", "whole", "wander"}
}

// Periods are those of the leaks.
func Periods() []time.Duration { return []time.Duration{time.Minute, 5 * time.Minute, time.Hour} }

const (
	day   = 24 * time.Hour
	least = 6 * time.Hour // of a leak's course, at the least
	most  = 60 * day
)

var origin = kizashi.TimeOf(time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC))

// NewLeak makes one. It lasts from 6 hours to 60 days, all lengths being as likely on a
// logarithmic scale; before it the series is at rest for 2 to 14 days, or has
// leaked from the first sample on.
func NewLeak(noise string, period time.Duration, seed uint64) *Leak {
	rnd := rand.New(rand.NewPCG(seed, 0xf0ec))
	l := &Leak{Noise: noise, Period: period, Start: origin.Add(time.Duration(rnd.IntN(7*24)) * time.Hour)}
	lasts := time.Duration(float64(least) * math.Pow(float64(most)/float64(least), rnd.Float64()))
	if period == time.Hour {
		lasts = max(lasts, 2*day)
	}
	before := time.Duration((2 + 12*rnd.Float64()) * float64(day))
	if lasts > 6*day && rnd.IntN(2) == 0 {
		before = 0
	}
	l.Begins = l.Start.Add(before)
	rest, gap := math.Pow(10, -3+12*rnd.Float64()), 0.
	gap = rest * (.2 + .7*rnd.Float64())
	side := 1.
	if rnd.IntN(2) == 0 {
		side = -1
	}
	l.Limit = kizashi.Ahead{Side: kizashi.Side(side), Value: rest + side*gap, Within: kizashi.DefaultAhead}
	// Noise of .1 to 3 % of the way to the limit.
	sigma := gap * .001 * math.Pow(30, rnd.Float64())
	n := newNoise(noise, rnd, sigma, period, gap)
	slope := gap / lasts.Seconds()
	for at := l.Start; ; at = at.Add(period) {
		at := at.Add(period / 2) // a sample is of its whole period
		mean := rest
		if at > l.Begins {
			mean += side * slope * at.Sub(l.Begins).Seconds()
		}
		season, x := n.next(at)
		if noise == "wander" {
			season, x = x, 0
		}
		v := mean + season
		if l.Crosses == 0 && side*(v-l.Limit.Value) >= 0 {
			l.Crosses = at
		}
		if v += x; noise == "whole" {
			step := gap / 50
			v = math.Round(v/step) * step
		}
		l.Values = append(l.Values, v)
		if l.Crosses != 0 && at.Sub(l.Crosses) > day || at.Sub(l.Begins) > 3*lasts {
			return l
		}
	}
}

type noise struct {
	kind   string
	rnd    *rand.Rand
	sigma  float64
	ar     float64 // how much of one sample is in the next
	last   float64
	swing  float64 // of a season
	phase  float64
	wander float64 // a step
}

func newNoise(kind string, rnd *rand.Rand, sigma float64, period time.Duration, gap float64) *noise {
	n := &noise{kind: kind, rnd: rnd, sigma: sigma}
	switch kind {
	case "ar":
		n.ar = .9
	case "slow": // half of it is gone in 4 hours
		n.ar = math.Exp2(-period.Hours() / 4)
	case "seasonal":
		n.swing, n.phase = gap*.1*rnd.Float64(), 2*math.Pi*rnd.Float64()
	case "wander": // in a day as far as five sigma
		n.wander = 5 * sigma * math.Sqrt(period.Hours()/24)
	}
	return n
}

// next is the season at an instant, and noise about it.
func (n *noise) next(at kizashi.Time) (season, x float64) {
	switch n.kind {
	case "t3":
		g := n.rnd.NormFloat64()
		chi := 0.
		for range 3 {
			z := n.rnd.NormFloat64()
			chi += z * z
		}
		return 0, n.sigma * g / math.Sqrt(chi/3) / math.Sqrt(3)
	case "ar", "slow":
		n.last = n.ar*n.last + math.Sqrt(1-n.ar*n.ar)*n.rnd.NormFloat64()
		return 0, n.sigma * n.last
	case "seasonal":
		hour := float64(at%kizashi.Time(day.Milliseconds())) / float64(day.Milliseconds())
		return n.swing * math.Sin(2*math.Pi*hour+n.phase), n.sigma * n.rnd.NormFloat64()
	case "wander":
		n.last += n.wander * n.rnd.NormFloat64()
		return 0, n.last
	}
	return 0, n.sigma * n.rnd.NormFloat64()
}
