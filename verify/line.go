package verify

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// line is a trend through a ground's points (docs/method.md, section 16): times in
// days from when the forecast was made.
type line struct {
	byDay  bool
	from   float64
	at     float64
	width  float64
	slope  float64
	agree  float64
	level  float64
	off    [8]float64
	kept   float64
	worst  float64
	spread float64
	r      float64
	eff    float64
	usual  float64
}

func lineOf(g kizashi.Ground) line {
	l := line{usual: float64(g.Usual)}
	if len(g.Parts) == 0 || g.Ahead == nil {
		return line{slope: math.NaN()}
	}
	length := g.Parts[0].To.Sub(g.Parts[0].From)
	l.byDay = length == longPart
	n := len(g.Parts)
	x, y, k := make([]float64, n), make([]float64, n), make([]int, n)
	for i, p := range g.Parts {
		x[i] = (float64(p.From-g.Ahead.At) + float64(length.Milliseconds())/2) / dayMillis
		y[i] = p.Sum
		if l.byDay {
			k[i] = int(p.From.Sub(p.From.Floor(24*time.Hour)) / longPart)
		}
		l.at += x[i] / float64(n)
	}
	l.from = x[0]
	for i := range x {
		l.width += (x[i] - l.at) * (x[i] - l.at) / float64(n)
	}
	l.width = math.Sqrt(l.width)
	l.pairs(x, y, k)
	res := make([]float64, n)
	most := 0.
	for i := range x {
		res[i] = y[i] - l.slope*x[i]
		most = max(most, math.Abs(y[i]))
	}
	zero := median(slices.Clone(res))
	l.level = zero + l.slope*l.at
	for i := range res {
		res[i] -= zero
	}
	lost := 2.
	if l.byDay {
		lost += l.season(res, k)
	}
	l.noise(res, lost, 1e-6*most)
	return l
}

// pairs gives the slope: over whole days where the points are 3 hours apart.
func (l *line) pairs(x, y []float64, k []int) {
	var slopes []float64
	for i := range x {
		for j := i + 1; j < len(x); j++ {
			if k[i] == k[j] {
				slopes = append(slopes, (y[j]-y[i])/(x[j]-x[i]))
			}
		}
	}
	if len(slopes) < 4 {
		l.slope = math.NaN()
		return
	}
	l.slope = median(slices.Clone(slopes))
	for _, s := range slopes {
		if s != 0 && (s < 0) == (l.slope < 0) {
			l.agree += 1 / float64(len(slopes))
		}
	}
}

// season takes from the residuals what the times of day differ by.
func (l *line) season(res []float64, k []int) float64 {
	within, far, kinds := 0., 0., 0.
	for t := range l.off {
		var vs []float64
		for i := range res {
			if k[i] == t {
				vs = append(vs, res[i])
			}
		}
		if len(vs) < 2 {
			continue
		}
		l.off[t] = median(slices.Clone(vs))
		s := mad(vs, l.off[t])
		within += s * s / float64(len(vs)-1)
		far += l.off[t] * l.off[t]
		kinds++
	}
	if kinds < 2 || far == 0 {
		return 0
	}
	l.kept = max(0, 1-math.Pi/2*within/far)
	for t := range l.off {
		l.off[t] *= l.kept
		if l.slope < 0 {
			l.worst = min(l.worst, l.off[t])
		} else {
			l.worst = max(l.worst, l.off[t])
		}
	}
	for i := range res {
		res[i] -= l.off[k[i]]
	}
	return l.kept * (kinds - 1)
}

func mad(vs []float64, about float64) float64 {
	ds := make([]float64, len(vs))
	for i := range vs {
		ds[i] = math.Abs(vs[i] - about)
	}
	return 1.4826022185056018 * median(ds)
}

// noise is how the points lie about the line, those far off cut.
func (l *line) noise(res []float64, lost, least float64) {
	n, most := float64(len(res)), 3*mad(res, 0)
	cut := func(e float64) float64 {
		if most > 0 {
			return min(max(e, -most), most)
		}
		return e
	}
	square, next := 0., 0.
	for i, e := range res {
		square += cut(e) * cut(e)
		if i > 0 {
			next += cut(e) * cut(res[i-1])
		}
	}
	l.spread = max(math.Sqrt(square/max(n-lost, 1)), least)
	if square > 0 {
		l.r = next / square * n / (n - 1)
	}
	l.r = min(max(l.r+(1+lost*l.r+3*l.r)/n, 0), .95)
	l.eff = max(n*(1-l.r)/(1+l.r), 2)
}

// step says that a mean before an instant and one after it lie nearer to the points
// than the line.
func (l *line) step(g kizashi.Ground) bool {
	n := len(g.Parts)
	y, about := make([]float64, n), 0.
	for i, p := range g.Parts {
		y[i] = p.Sum - l.level
		if l.byDay {
			y[i] -= l.off[int(p.From.Sub(p.From.Floor(24*time.Hour))/longPart)]
		}
		x := (float64(p.From-g.Ahead.At) + float64(p.To.Sub(p.From).Milliseconds())/2) / dayMillis
		e := y[i] - l.slope*(x-l.at)
		about += e * e
	}
	for k := 1; k < n; k++ {
		if squares(y[:k])+squares(y[k:]) <= about {
			return true
		}
	}
	return false
}

// squares is the sum of squares about the mean.
func squares(y []float64) (sum float64) {
	mean := 0.
	for _, v := range y {
		mean += v / float64(len(y))
	}
	for _, v := range y {
		sum += (v - mean) * (v - mean)
	}
	return sum
}

func (l *line) now() float64 { return l.level - l.slope*l.at + l.worst }

func (l *line) own() float64 {
	e := l.spread / math.Sqrt(l.eff)
	if l.byDay {
		e *= 1.05
	}
	return e
}

func (l *line) slopeError() float64 {
	return math.Hypot(l.own()/l.width, l.usual/l.from)
}

// crosses is when the line comes to the limit, and the ends of the interval, in
// days; not before the forecast.
func (l *line) crosses(g kizashi.Ground) (mid, early, late float64) {
	const z = 1.2815515655446004
	free := max(l.eff-2, 1.5)
	q := z + (z*z*z+z)/(4*free) + (5*math.Pow(z, 5)+16*z*z*z+3*z)/(96*free*free)
	swing := .06 * (slices.Max(l.off[:]) - slices.Min(l.off[:]))
	e, h := q*l.slopeError(), q*math.Sqrt(l.own()*l.own()+l.usual*l.usual/2+swing*swing)
	a := l.slope*l.slope - e*e
	if !(a > 0) {
		return math.NaN(), math.NaN(), math.NaN()
	}
	meets := func(off float64) (m, s, t float64) {
		gap, b := g.Ahead.Limit-l.level-off, l.slope
		if b < 0 {
			gap, b = -gap, -b
		}
		root := math.Sqrt(gap*gap*e*e + a*h*h)
		return l.at + gap/b, l.at + (gap*b-root)/a, l.at + (gap*b+root)/a
	}
	if l.kept == 0 {
		mid, early, late = meets(0)
		return max(mid, 0), max(early, 0), late
	}
	phase := g.Ahead.At.Sub(g.Ahead.At.Floor(24*time.Hour)).Hours() / 24
	mid, early, late = math.Inf(1), math.Inf(1), math.Inf(1)
	for t, off := range l.off {
		m, s, u := meets(off)
		mid, early, late = min(mid, within(m, phase, t, .5)), min(early, within(s, phase, t, 0)), min(late, within(u, phase, t, 1))
	}
	return max(mid, 0), max(early, 0), late
}

// within is the first instant from one on in an eighth of the day; in = how far in
// it where it is to come.
func within(at, phase float64, part int, in float64) float64 {
	since := at + phase - float64(part)/8
	if since -= math.Floor(since); since < 1./8 {
		return at
	}
	return at + 1 - since + in/8
}
