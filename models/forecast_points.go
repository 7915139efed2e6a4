package models

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// The points of forecasts: means of blocks of a fixed length, counted from 1970,
// whatever the period is.
const (
	shortBlock  = 15 * time.Minute
	shortPoints = 48              // half a day
	shortKept   = shortPoints + 4 // those of the hour in progress come on top
	longBlock   = day / timesOfDay
	longPoints  = 14 * timesOfDay
	longKept    = 28*timesOfDay + 1 // twice as long, to see what came back
	leastPoints = 8                 // of a trend
)

// spanned is how points of a length are looked at.
type pointSpan struct {
	long   bool
	block  time.Duration
	points int
	least  float64 // days that a trend lasts at the least
	step   float64 // by which it is followed back at the least
	fresh  float64 // how old the last point may be
}

func (s *forecastState) spanOf(long bool) pointSpan {
	if long {
		return pointSpan{true, longBlock, longPoints, 3, 1, 1.5}
	}
	return pointSpan{false, shortBlock, shortPoints, 2. / 24, 1. / 24, 1.5 / 24}
}

// course is the block in progress; those before lie in a ring.
type course struct {
	At  int64   // its number
	Sum float64 // of its samples
	N   int32
}

func missing() float32 { return float32(math.NaN()) }

func ring(n int64, of int) int { return int(n - int64(of)*floorDiv(n, int64(of))) }

// begin forgets all blocks.
func (b *course) begin(y []float32, length time.Duration, at kizashi.Time) {
	for i := range y {
		y[i] = missing()
	}
	*b = course{At: floorDiv(int64(at), length.Milliseconds())}
}

// move ends the block in progress where an instant lies behind it.
func (b *course) move(y []float32, length time.Duration, at kizashi.Time) {
	n := floorDiv(int64(at), length.Milliseconds())
	if n <= b.At {
		return
	}
	mean := missing()
	if b.N > 0 {
		mean = float32(b.Sum / float64(b.N))
	}
	y[ring(b.At, len(y))] = mean
	for i := max(b.At+1, n-int64(len(y))); i < n; i++ {
		y[ring(i, len(y))] = missing()
	}
	*b = course{At: n}
}

// take counts a sample.
func (b *course) take(y []float32, length time.Duration, at kizashi.Time, x float64) {
	b.move(y, length, at)
	b.Sum += x
	b.N++
}

// points are those of a span before the hour, oldest first.
func (s *forecastState) points(k pointSpan, ps []point) []point {
	end := floorDiv(int64(s.Hour), k.block.Milliseconds())
	for i := end - int64(k.points); i < end; i++ {
		y, ok := s.at(k.long, i)
		if !ok {
			continue
		}
		p := point{T: days(kizashi.Time((2*i + 1) * k.block.Milliseconds() / 2).Sub(s.Hour)), Y: y}
		if k.long {
			p.K = int8(ring(i, timesOfDay))
		}
		ps = append(ps, p)
	}
	return ps
}

// at is a block's mean, if it is kept and had samples.
func (s *forecastState) at(long bool, i int64) (float64, bool) {
	newest, y := s.Short.At, s.Short.Y[:]
	if long {
		newest, y = s.Long.At, s.Long.Y[:]
	}
	if i >= newest || i < newest-int64(len(y)) {
		return 0, false
	}
	x := float64(y[ring(i, len(y))])
	return x, x-x == 0
}

func days(d time.Duration) float64 { return float64(d) / float64(day) }

// trace finds how far back one line goes: from the shortest span that can tell
// one, as long as the points before lie on it. A step begins a trend anew.
func trace(all []point, k pointSpan, w *scratch) (from int, t trend, ok bool) {
	n := len(all)
	if n < leastPoints || -all[n-1].T > k.fresh {
		return 0, t, false
	}
	from = n - leastPoints
	for from > 0 && -all[from].T < k.least {
		from--
	}
	if -all[from].T < k.least {
		return 0, t, false
	}
	if t, ok = fit(all[from:], k.long, w); !ok {
		return 0, t, false
	}
	for from > 0 {
		to := all[from].T + max(k.step, -all[from].T/3)*-1
		first := from - 1
		for first > 0 && all[first-1].T >= to {
			first--
		}
		if !t.holds(all[first:from], w) {
			break
		}
		next, ok := fit(all[first:], k.long, w)
		if !ok {
			break
		}
		from, t = first, next
	}
	return from, t, true
}

// offLine is how many standard errors the points before may lie off the line.
const offLine = 3

// holds says that points before those of the line lie on it.
func (t *trend) holds(ps []point, w *scratch) bool {
	at, n := 0., float64(len(ps))
	res := w.tmp[:0]
	for i := range ps {
		at += ps[i].T / n
		res = append(res, ps[i].Y-t.Level-t.Slope*(ps[i].T-t.At)-t.Off[ps[i].K])
	}
	far := (at - t.At) / t.Width
	own := medianVariance / max(n*(1-t.R)/(1+t.R), 1)
	most := offLine * t.Spread * math.Sqrt((1+far*far)/t.Eff+own)
	return math.Abs(medianOf(res)) <= most
}

// usualChange is the root of the mean square of what the series moved by, before
// the trend, within as long as that has lasted.
func (s *forecastState) usualChange(t *trend) float64 {
	begin := int64(s.Hour) + int64(t.From*float64(day.Milliseconds()))
	end := floorDiv(begin, longBlock.Milliseconds())
	lag := max(1, int64(math.Round(-t.From*timesOfDay)))
	sum, n := 0., 0.
	for i := end - longKept + lag; i < end; i++ {
		a, ok := s.at(true, i-lag)
		b, too := s.at(true, i)
		if ok && too {
			sum += (b - a) * (b - a)
			n++
		}
	}
	noise := 2 * t.Spread * t.Spread * float64(shortBlock) / float64(longBlock)
	return math.Sqrt(max(sum/max(n, 1)-noise, 0))
}

// returns is what became of the series when it was there before.
type returns struct {
	From  kizashi.Time // that is known of it
	To    kizashi.Time // where the trend begins
	Of    int          // points
	There int          // of them, as far as the trend is now
	Count int          // times that it came there and went back
}

// What the long run denies: a trend that was there before and came back.
const (
	mostReturns = 2
	usualPoints = timesOfDay     // a day there is usual
	leastPast   = 2 * timesOfDay // without which a trend of hours says nothing
	nearThere   = .25            // of the way that the trend made
	backAgain   = .5
	swingThere  = .25
)

// deny says that a trend will not do what it seems to.
func (p *returns) deny(long bool) bool {
	if long {
		return p.Count >= mostReturns
	}
	return p.Count >= mostReturns || p.There >= usualPoints || p.Of < leastPast
}

// pastOf counts how often the series was where the trend is now, and went back; of
// the short kind how often it went half as far, from wherever, and back again.
func (s *forecastState) pastOf(t *trend, side kizashi.Side, long bool) (p returns) {
	begin := int64(s.Hour) + int64(t.From*float64(day.Milliseconds()))
	end := floorDiv(begin, longBlock.Milliseconds())
	made := math.Abs(t.Slope * t.From)
	now := float64(side) * t.now()
	z := zigzag{low: now - nearThere*made, high: now - backAgain*made}
	p.To = kizashi.Time(end * longBlock.Milliseconds())
	p.From = p.To
	for i := end - longKept; i < end; i++ {
		y, ok := s.at(true, i)
		if !ok {
			continue
		}
		if p.Of == 0 {
			p.From = kizashi.Time(i * longBlock.Milliseconds())
			if !long {
				z.low, z.high = float64(side)*y+swingThere*made, 0
			}
		}
		p.Of++
		y *= float64(side)
		if y >= now-nearThere*made {
			p.There++
		}
		if z.back(y, !long, swingThere*made) {
			p.Count++
		}
	}
	return p
}

// zigzag follows a course up beyond low, and back below high.
type zigzag struct {
	low, high float64
	up        bool
}

// back says that the course has come back; follows = the next way there begins
// wherever that is, and is by long.
func (z *zigzag) back(y float64, follows bool, by float64) bool {
	switch {
	case !z.up && y >= z.low:
		z.up = true
		if follows {
			z.high = y - by
		}
	case !z.up && follows:
		z.low = min(z.low, y+by)
	case z.up && y < z.high:
		z.up = false
		if follows {
			z.low = y + by
		}
		return true
	case z.up && follows:
		z.high = max(z.high, y-by)
	}
	return false
}
