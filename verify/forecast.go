package verify

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

func init() {
	evidence["forecast"] = grounds{stat: aheadStat, limit: aheadLimit, shape: aheadShape, data: aheadData}
}

const (
	longPart  = 3 * time.Hour
	shortPart = 15 * time.Minute
	dayMillis = 86_400_000.0
)

// aheadStat is how many times the time until the early end goes into what is asked
// for.
func aheadStat(g kizashi.Ground) formula {
	const rule = "=(within+lead)/MAX(early,1/24)"
	if g.Ahead == nil {
		return calc(rule, math.NaN())
	}
	l := lineOf(g)
	_, early, _ := l.crosses(g)
	asked := (seconds(g.Ahead.Within) + seconds(g.Ahead.Lead)) / 86400
	return calc(rule, asked/max(early, 1./24), "within", seconds(g.Ahead.Within)/86400, "lead", seconds(g.Ahead.Lead)/86400, "early", early)
}

// aheadLimit is 1, and of a vote that stood before 2/3.
func aheadLimit(_ *checker, g kizashi.Ground) formula {
	if g.Limit < 1 {
		return calc("=2/3", 2./3)
	}
	return calc("=1", 1)
}

// aheadShape computes the line and the dates again.
func aheadShape(c *checker, path string, g kizashi.Ground) {
	f := g.Ahead
	if f == nil || g.Past == nil || len(g.Parts) == 0 {
		c.fault("%s: want points, a past and a forecast", path)
		return
	}
	c.aheadParts(path, g)
	c.asked(path+".ahead", g)
	c.same("hour", path+".ahead.at", "the hour of the opening sample", c.j.Opening.At.Floor(time.Hour), f.At)
	c.same("target", path+".r", "it stands outside the target", kizashi.Duration(0), g.R)
	if g.Tail != nil {
		c.fault("%s.tail: the limit of a forecast follows from none", path)
	}
	l := lineOf(g)
	ap := path + ".ahead"
	c.number("forecast.slope", ap+".slope", calc("=median of the pairs' slopes, a day", l.slope), f.Slope)
	c.number("forecast.level", ap+".level", calc("=level-slope*at+worst", l.now(), "level", l.level, "slope", l.slope, "at", l.at, "worst", l.worst), f.Level)
	c.number("forecast.spread", ap+".spread", calc("=standard deviation of the points about the line", l.spread), f.Spread)
	c.number("forecast.r", ap+".r", calc("=correlation of one point's distance with the next one's", l.r), f.R)
	c.number("forecast.trust", ap+".trust", calc("=ABS(slope)/error", math.Abs(l.slope)/l.slopeError(), "slope", l.slope, "error", l.slopeError()), f.Trust)
	mid, early, late := l.crosses(g)
	c.same("forecast.date", ap+".date", "where the line comes to the limit", aheadAt(f.At, mid), f.Date)
	c.same("forecast.date", ap+".early", "the interval's early end", aheadAt(f.At, early), f.Early)
	c.same("forecast.date", ap+".late", "the interval's late end, within ten years", aheadAt(f.At, min(late, 3650)), f.Late)
	c.same("forecast.act", ap+".act", "early less lead", f.Early.Add(-time.Duration(f.Lead)), f.Act)
	c.firm(path, g, l, mid)
	for _, p := range [...]string{".past.from", ".past.count", ".past.of"} {
		if c.past == nil {
			c.declare(path + p)
		}
	}
	if c.past == nil && g.Usual != 0 {
		c.declare(path + ".usual")
	}
}

// firm checks that the trend is one that is told, or that goes on being told.
func (c *checker) firm(path string, g kizashi.Ground, l line, mid float64) {
	trust, agree, reach := 3., .8, 2.
	if g.Limit < 1 {
		trust, agree, reach = 2, .65, 3
	}
	switch {
	case !(math.Abs(l.slope) >= trust*l.slopeError()):
		c.fault("%s.ahead.trust: %s is less than %v standard errors", path, show(g.Ahead.Trust), trust)
	case l.agree < agree:
		c.fault("%s.parts: %s of their pairs go the way of the line, want %v", path, show(l.agree), agree)
	case mid > -reach*l.from:
		c.fault("%s.ahead.date: it lies more than %v times as far ahead as the trend has lasted", path, reach)
	case g.Side != kizashi.Both:
		c.fault("%s.side: a forecast has none, and this one says %s", path, g.Side)
	case g.Limit >= 1 && l.step(g):
		c.fault("%s.parts: one step explains them better than the line", path)
	case g.Limit >= 1 && g.Past.Count > 1:
		c.fault("%s.past.count: it was there %d times and came back", path, g.Past.Count)
	}
}

// aheadParts checks the points' places.
func (c *checker) aheadParts(path string, g kizashi.Ground) {
	length := g.Parts[0].To.Sub(g.Parts[0].From)
	most := 14 * 24 * time.Hour
	if length == shortPart {
		most = 12 * time.Hour
	} else if length != longPart {
		c.fault("%s.parts[0].to: a point is of 15 minutes or of 3 hours, not of %s", path, length)
		return
	}
	for i, p := range g.Parts {
		pp := path + "." + at("parts", i)
		c.same("block", pp+".from", "whole blocks, counted from 1970", p.From.Floor(length), p.From)
		c.same("block", pp+".to", "from and the length of a block", p.From.Add(length), p.To)
		c.same("block", pp+".count", "one mean", 1, p.Count)
		if i > 0 && p.From <= g.Parts[i-1].From {
			c.fault("%s.from: it does not follow the part before", pp)
		}
	}
	c.same("from", path+".from", "the first part", g.Parts[0].From, g.From)
	c.same("to", path+".to", "when it was made", g.Ahead.At, g.To)
	c.same("to", path+".past.to", "where the line begins", g.Parts[0].From.Floor(longPart), g.Past.To)
	if g.From < g.To.Add(-most-length) || g.Parts[len(g.Parts)-1].To > g.To {
		c.fault("%s.parts: they are not of the %s before %s", path, most, g.To)
	}
}

// asked checks that the settings have the limit.
func (c *checker) asked(path string, g kizashi.Ground) {
	f, set := g.Ahead, &c.j.Settings
	for i := range set.Aheads() {
		if a, ok := set.AheadOf(&c.j.Meta, i); ok && a.Side == ways(g) && a.Value == f.Limit && a.Within == f.Within && a.Lead == f.Lead {
			return
		}
	}
	c.fault("%s.limit: the settings do not ask for a forecast to %s, within %s and with a lead time of %s", path, show(f.Limit), time.Duration(f.Within), time.Duration(f.Lead))
}

// ways is the side on which the limit lies.
func ways(g kizashi.Ground) kizashi.Side {
	if g.Ahead.Slope < 0 {
		return kizashi.Down
	}
	return kizashi.Up
}

func aheadAt(at kizashi.Time, days float64) kizashi.Time {
	return at + kizashi.Time(math.Round(days*24*60))*60_000
}

// aheadData takes the points, and what was before them, from the samples.
func aheadData(c *checker, path string, g kizashi.Ground) {
	if len(g.Parts) == 0 || g.Past == nil || g.Ahead == nil {
		return // told already
	}
	from := min(g.Past.From, g.From)
	samples, err := c.cfg.Data.Samples(c.j.Meta.Series, from, g.To)
	if err != nil {
		c.fault("%s: samples: %v", path, err)
		return
	}
	samples = c.learned(samples)
	length := g.Parts[0].To.Sub(g.Parts[0].From)
	points, k := means(between(samples, g.From, g.To), length, g.To), 0
	for i, p := range g.Parts {
		pp := path + "." + at("parts", i)
		for k < len(points) && points[k].From < p.From {
			k++
		}
		if k == len(points) || points[k].From != p.From {
			c.fault("%s.from: no sample is stored from %s to %s", pp, p.From, p.To)
			continue
		}
		c.number("forecast.point", pp+".sum", calc("=mean of the samples, in 32 bits", points[k].Sum), p.Sum)
	}
	if len(points) != len(g.Parts) {
		c.fault("%s.parts: %d, but the samples come to %d", path, len(g.Parts), len(points))
	}
	c.aheadPast(path, g, means(between(samples, g.Past.From, g.Past.To), longPart, g.To))
}

// learned leaves out what commands exclude.
func (c *checker) learned(samples []kizashi.Sample) (out []kizashi.Sample) {
	said := c.said(c.j.Opening.At)
	for _, s := range samples {
		if excluded, _ := said.at(s.At); !excluded {
			out = append(out, s)
		}
	}
	return out
}

// aheadPast counts how often the series was there before.
func (c *checker) aheadPast(path string, g kizashi.Ground, past []kizashi.Part) {
	l, short := lineOf(g), g.Parts[0].To.Sub(g.Parts[0].From) == shortPart
	c.same("past", path+".past.of", "points before the trend", len(past), g.Past.Of)
	if len(past) > 0 {
		c.same("past", path+".past.from", "the first of them", past[0].From, g.Past.From)
	} else {
		c.same("past", path+".past.from", "nothing is before it", g.Past.To, g.Past.From)
	}
	if g.Past.From < g.To.Add(-28*24*time.Hour-longPart) {
		c.fault("%s.past.from: %s is more than 28 days before", path, g.Past.From)
	}
	ys := make([]float64, len(past))
	for i, p := range past {
		ys[i] = float64(ways(g)) * p.Sum
	}
	made, now := math.Abs(l.slope*l.from), float64(ways(g))*l.now()
	count := 0
	if short {
		count = zigzags(ys, made/4)
	} else {
		there := false
		for _, y := range ys {
			if y >= now-made/4 {
				there = true
			} else if there && y < now-made/2 {
				there = false
				count++
			}
		}
	}
	c.same("past", path+".past.count", "how often it went there and came back", count, g.Past.Count)
	usual := 0.
	if short {
		usual = usualMove(past, max(1, int64(math.Round(-l.from*8))), l.spread)
	}
	c.number("past", path+".usual", calc("=SQRT(MAX(0,mean square of its moves-spread*spread/6))", usual), float64(g.Usual))
}

// zigzags counts ways up by something and back by as much.
func zigzags(ys []float64, by float64) (n int) {
	if len(ys) == 0 {
		return 0
	}
	low, high, up := ys[0], 0., false
	for _, y := range ys {
		switch {
		case up && y < high-by:
			n, up, low = n+1, false, y
		case up:
			high = max(high, y)
		case y >= low+by:
			up, high = true, y
		default:
			low = min(low, y)
		}
	}
	return n
}

// usualMove is what a series moves by in so many points, beyond noise.
func usualMove(past []kizashi.Part, lag int64, spread float64) float64 {
	by := map[kizashi.Time]float64{}
	for _, p := range past {
		by[p.From] = p.Sum
	}
	sum, n := 0., 0.
	for _, p := range past {
		if before, ok := by[p.From.Add(-time.Duration(lag)*longPart)]; ok {
			sum += (p.Sum - before) * (p.Sum - before)
			n++
		}
	}
	return math.Sqrt(max(0, sum/max(n, 1)-spread*spread/6))
}

// means are the samples' by block, of those that ended.
func means(samples []kizashi.Sample, length time.Duration, until kizashi.Time) (ps []kizashi.Part) {
	for i := 0; i < len(samples); {
		from := samples[i].At.Floor(length)
		p := kizashi.Part{From: from, To: from.Add(length)}
		for ; i < len(samples) && samples[i].At < p.To; i++ {
			p.Sum += samples[i].Value
			p.Count++
		}
		if p.Sum = float64(float32(p.Sum / float64(p.Count))); p.To <= until && !math.IsInf(p.Sum, 0) {
			ps = append(ps, p)
		}
	}
	return ps
}
