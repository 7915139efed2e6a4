package models

import (
	"math"
	"slices"
)

// A trend is a straight line through points: the slope of Theil (1950) and Sen
// (1968), the median of the slopes of all pairs. Where points are 3 hours apart
// only pairs of one time of day count (Hirsch, Slack and Smith 1982), so that a
// daily season has no part in it.

// point is what a stretch of time came to.
type point struct {
	T float64 // its middle, in days from when the trend is asked for: below 0
	Y float64
	K int8 // its time of day; 0 where these are not told apart
}

// trend of some points. What is odd about a time of day is in Worst.
type trend struct {
	N      int
	From   float64             // the first point's time
	At     float64             // mean time of the points
	Slope  float64             // a day
	Agree  float64             // the part of the pairs that go its way (Kendall 1938)
	Level  float64             // of the line at At
	Off    [timesOfDay]float64 // how far each time of day lies off the line
	Worst  float64             // that of the time of day that lies furthest towards the slope's sign
	Season float64             // how much of the season was kept: 0 to 1
	ByDay  bool                // only pairs of one time of day were taken
	Usual  float64             // what the series does over such a time anyway: root of the mean square of its changes
	Spread float64             // of the points about it, as a standard deviation
	R      float64             // how much one such residual tells of the next
	Eff    float64             // so many independent points
	Width  float64             // standard deviation of the points' times
}

const (
	timesOfDay  = 8
	trendPoints = 112  // at most, in a trend
	trendPairs  = 1128 // at most: of 48 points all, of 14 days those of one time of day
	leastPairs  = 4

	madSigma   = 1.4826022185056018 // of the median absolute deviation
	clipSpread = 3.                 // such, beyond which a residual says no more
	leastEff   = 2.
	mostR      = .95
	leastPart  = 1e-6 // of the largest value: what points of 32 bits cannot tell
)

// scratch of a fit, so that none is allocated.
type scratch struct {
	slopes [trendPairs]float64
	res    [trendPoints]float64
	tmp    [trendPoints]float64
}

// fit draws the line through points in order of time; byDay = only pairs of one
// time of day. It is not ok where there are too few pairs.
func fit(ps []point, byDay bool, w *scratch) (t trend, ok bool) {
	if t.Slope, t.Agree, ok = slopeOf(ps, byDay, w); !ok {
		return t, false
	}
	t.N, t.From, t.ByDay = len(ps), ps[0].T, byDay
	n := float64(len(ps))
	largest := 0.
	for i := range ps {
		t.At += ps[i].T / n
		w.res[i] = ps[i].Y - t.Slope*ps[i].T
		largest = max(largest, math.Abs(ps[i].Y))
	}
	for i := range ps {
		t.Width += (ps[i].T - t.At) * (ps[i].T - t.At) / n
	}
	t.Width = math.Sqrt(t.Width)
	zero := medianOf(append(w.tmp[:0], w.res[:len(ps)]...))
	t.Level = zero + t.Slope*t.At
	for i := range ps {
		w.res[i] -= zero
	}
	lost := 2.
	if byDay {
		lost += t.season(ps, w)
	}
	t.spread(w, len(ps), lost, leastPart*largest)
	return t, t.Width > 0
}

// slopeOf is the median of the pairs' slopes, and how many agree with it.
func slopeOf(ps []point, byDay bool, w *scratch) (slope, agree float64, ok bool) {
	n, up, down := 0, 0., 0.
	for i := range ps {
		for k := i + 1; k < len(ps); k++ {
			if byDay && ps[i].K != ps[k].K {
				continue
			}
			w.slopes[n] = (ps[k].Y - ps[i].Y) / (ps[k].T - ps[i].T)
			switch {
			case w.slopes[n] > 0:
				up++
			case w.slopes[n] < 0:
				down++
			}
			n++
		}
	}
	if n < leastPairs {
		return 0, 0, false
	}
	if slope = medianOf(w.slopes[:n]); slope < 0 {
		up = down
	}
	return slope, up / float64(n), true
}

// season takes the times of day out of the residuals, as far as they stand out of
// the noise (James and Stein 1961), and returns how many numbers that cost.
func (t *trend) season(ps []point, w *scratch) (lost float64) {
	off := &t.Off
	within, kinds, far := 0., 0., 0.
	for k := range off {
		vs := w.tmp[:0]
		for i := range ps {
			if int(ps[i].K) == k {
				vs = append(vs, w.res[i])
			}
		}
		n := float64(len(vs))
		if n < 2 {
			continue
		}
		off[k] = medianOf(vs)
		for i := range vs {
			vs[i] = math.Abs(vs[i] - off[k])
		}
		s := madSigma * medianOf(vs)
		within += s * s / (n - 1)
		far += off[k] * off[k]
		kinds++
	}
	if kinds < 2 || far == 0 {
		return 0
	}
	keep := max(0, 1-medianVariance*within/far)
	t.Season = keep
	for k := range off {
		off[k] *= keep
		if t.Slope < 0 {
			t.Worst = min(t.Worst, off[k])
		} else {
			t.Worst = max(t.Worst, off[k])
		}
	}
	for i := range ps {
		w.res[i] -= off[ps[i].K]
	}
	return keep * (kinds - 1)
}

// medianVariance is that of the median of many normal values, in those of their
// mean.
const medianVariance = math.Pi / 2

// spread measures the residuals, clipped, and how they hang together.
func (t *trend) spread(w *scratch, n int, lost, least float64) {
	abs := w.tmp[:0]
	for _, e := range w.res[:n] {
		abs = append(abs, math.Abs(e))
	}
	most := clipSpread * madSigma * medianOf(abs)
	sum, next, before := 0., 0., 0.
	for i, e := range w.res[:n] {
		if most > 0 {
			e = clip(e, most)
		}
		sum += e * e
		if i > 0 {
			next += e * before
		}
		before = e
	}
	m := float64(n)
	t.Spread = max(math.Sqrt(sum/max(m-lost, 1)), least)
	if sum > 0 {
		t.R = next / sum * m / (m - 1)
	}
	t.R = min(max(t.R+(1+lost*t.R+3*t.R)/m, 0), mostR)
	t.Eff = max(m*(1-t.R)/(1+t.R), leastEff)
}

// step says that one step explains the points better than the line: by squares,
// about a mean before it and one after it.
func (t *trend) step(ps []point) bool {
	line, all, sum := 0., 0., 0.
	for i := range ps {
		y := ps[i].Y - t.Level - t.Off[ps[i].K]
		e := y - t.Slope*(ps[i].T-t.At)
		line += e * e
		all += y * y
		sum += y
	}
	n, before := float64(len(ps)), 0.
	for i := range ps[:len(ps)-1] {
		before += ps[i].Y - t.Level - t.Off[ps[i].K]
		k, after := float64(i+1), sum-before
		if all-before*before/k-after*after/(n-k) <= line {
			return true
		}
	}
	return false
}

// now is where the line is when it is asked for, at the time of day that lies
// furthest towards its slope.
func (t *trend) now() float64 { return t.Level - t.Slope*t.At + t.Worst }

// slopeError is the standard error of the slope: what the points leave open, and
// what the series does anyway.
func (t *trend) slopeError() float64 {
	own, usual := t.own()/t.Width, t.Usual/t.From
	return math.Sqrt(own*own + usual*usual)
}

// levelError is that of the line at At.
func (t *trend) levelError() float64 {
	own, swing := t.own(), withinPart*t.swing()
	return math.Sqrt(own*own + t.Usual*t.Usual/2 + swing*swing)
}

// swing is how far the times of day lie apart.
func (t *trend) swing() float64 { return slices.Max(t.Off[:]) - slices.Min(t.Off[:]) }

// own is the standard error of the points' mean.
func (t *trend) own() float64 {
	e := t.Spread / math.Sqrt(t.Eff)
	if t.ByDay {
		e *= searched
	}
	return e
}

// searched is what it costs that a line is followed back as far as it fits, and
// told when it first comes near enough, over days: measured over generated leaks.
const searched = 1.05

// withinPart is how far, of the swing of a season, it moves on within a part of
// the day about its height: that of a sine.
const withinPart = .06

// interval is when something happens: its middle and its ends, in days from when
// it is asked for.
type interval struct{ mid, early, late float64 }

// crossing is when the line comes to a limit. q is the interval's half width in
// standard errors. It is Fieller's (1954): all instants at which the line may be there;
// ok = they have an end. A daily season's hours come there each on their own, and
// only in their part of the day; phase is that of the instant asked at.
func (t *trend) crossing(limit, q, phase float64) (x interval, ok bool) {
	if t.Season == 0 {
		return t.meets(limit-t.Level, q)
	}
	x = interval{math.Inf(1), math.Inf(1), math.Inf(1)}
	for k, off := range t.Off {
		y, ok := t.meets(limit-t.Level-off, q)
		if !ok {
			return x, false
		}
		x.mid = min(x.mid, inPart(y.mid, phase, k, .5))
		x.early = min(x.early, inPart(y.early, phase, k, 0))
		x.late = min(x.late, inPart(y.late, phase, k, 1))
	}
	return x, true
}

// inPart is the first instant from one on that lies in a part of the day; where
// that is to come yet, how far in it.
func inPart(at, phase float64, k int, in float64) float64 {
	begin := float64(k) / timesOfDay
	off := at + phase - begin
	if off -= math.Floor(off); off < 1./timesOfDay {
		return at
	}
	return at + 1 - off + in/timesOfDay
}

// meets is when the line has made a way from its level on.
func (t *trend) meets(gap, q float64) (x interval, ok bool) {
	slope := t.Slope
	if slope < 0 {
		gap, slope = -gap, -slope
	}
	e, l := q*t.slopeError(), q*t.levelError()
	a := slope*slope - e*e
	if !(a > 0) {
		return x, false
	}
	root := math.Sqrt(gap*gap*e*e + a*l*l)
	return interval{t.At + gap/slope, t.At + (gap*slope-root)/a, t.At + (gap*slope+root)/a}, true
}

// quantile is how many standard errors an interval of 80 % reaches to either
// side with so many independent points: Student's, by Cornish and Fisher (1937).
func quantile(eff float64) float64 {
	const z = 1.2815515655446004
	v := max(eff-2, leastFree)
	return z + (z*z*z+z)/(4*v) + (5*z*z*z*z*z+16*z*z*z+3*z)/(96*v*v)
}

const leastFree = 1.5

// medianOf orders its argument; of an even number it is the mean of the middle two.
func medianOf(vs []float64) float64 {
	n := len(vs)
	if n == 0 {
		return math.NaN()
	}
	m := nth(vs, n/2)
	if n%2 == 1 {
		return m
	}
	return (slices.Max(vs[:n/2]) + m) / 2
}

// nth puts the k-th smallest in its place, smaller ones before it (Hoare 1961).
func nth(vs []float64, k int) float64 {
	lo, hi := 0, len(vs)-1
	for lo < hi {
		p := vs[(lo+hi)/2]
		i, j := lo, hi
		for i <= j {
			for vs[i] < p {
				i++
			}
			for p < vs[j] {
				j--
			}
			if i <= j {
				vs[i], vs[j] = vs[j], vs[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return vs[k]
		}
	}
	return vs[k]
}
