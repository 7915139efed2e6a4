package verify

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

func init() {
	evidence["stuck"] = grounds{stat: stuckStat, limit: stuckLimit, shape: stuckShape, data: stuckData}
}

// stuckStat is how many samples in a row had one value.
func stuckStat(g kizashi.Ground) formula {
	n := math.NaN()
	if len(g.Parts) == 1 {
		n = float64(g.Parts[0].Count)
	}
	return calc("=run", n, "run", n)
}

// stuckLimit is one fewer than twice the longest usual run, than the least
// that is told of any series, 6 samples and half an hour, and than what comes by
// chance once in R where count of so many samples repeat the one before.
func stuckLimit(c *checker, g kizashi.Ground) formula {
	if g.Past == nil {
		return calc("=limit", math.NaN())
	}
	usual, least := float64(g.Past.Low), float64(g.Past.High)
	if g.Past.Count == 0 || g.Past.Count >= g.Past.Of {
		return calc("=MAX(2*usual,least)-1", max(2*usual, least)-1, "usual", usual, "least", least)
	}
	R, p, of, count := seconds(g.R), seconds(c.period()), float64(g.Past.Of), float64(g.Past.Count)
	chance := math.Ceil(1 + math.Log(R/p)/math.Log(of/count))
	return calc("=MAX(2*usual,least,ROUNDUP(1+LN(R/period)/LN(of/count),0))-1", max(2*usual, least, chance)-1,
		"usual", usual, "least", least, "R", R, "period", p, "of", of, "count", count)
}

func stuckShape(c *checker, path string, g kizashi.Ground) {
	if g.Past == nil || len(g.Parts) != 1 {
		c.fault("%s: want a run, and the runs of the past", path)
		return
	}
	p := seconds(c.period())
	least, f := max(6, math.Ceil(1800/p)), "=MAX(6,ROUNDUP(1800/period,0))"
	if g.Past.Low >= 3 {
		least, f = 6, "=6"
	}
	c.number("stuck.least", path+".past.high", calc(f, least, "period", p), float64(g.Past.High))
	c.number("stuck.sum", path+".parts[0].sum", calc("=0", 0), g.Parts[0].Sum)
	if r := c.j.Record; r != nil {
		c.same("target", path+".r", "record.r", r.R, g.R)
	}
	if g.Tail != nil {
		c.fault("%s.tail: the limit of a run follows from none", path)
	}
	c.same("from", path+".from", "the run", g.Parts[0].From, g.From)
	c.same("to", path+".to", "the run", g.Parts[0].To, g.To)
	c.same("to", path+".past.to", "where the run begins", g.From, g.Past.To)
	if t := c.j.Opening.At; t < g.From || t >= g.To {
		c.fault("%s: the sample at %s is not of the run", path, t)
	}
	if least := g.From.Add(-7 * 24 * time.Hour); g.Past.From > least {
		c.fault("%s.past.from: %s is less than 7 days before %s", path, g.Past.From, g.From)
	}
	c.declare(path + ".past") // from, low, count and of
	if c.past == nil {
		c.declare(path + ".from")
	}
}

// stuckData counts the run again: equal values, and another before them.
func stuckData(c *checker, path string, g kizashi.Ground) {
	n, value := 1, float64(c.j.Opening.Value)
	first, before := c.j.Opening.At, c.j.Opening.At
	for i := len(c.past.samples) - 1; i >= 0; i-- {
		s := c.past.samples[i]
		if s.Value != value || float64(before.Sub(s.At)) > 5*float64(c.period()) {
			break
		}
		first, before = s.At, s.At
		n++
	}
	if c.outOfLearning(first, g.To) {
		c.declare(path + ".from")
		return
	}
	c.same("stuck.run", path+".parts[0].count", "equal values in a row", n, g.Parts[0].Count)
	c.same("stuck.run", path+".from", "the first of them", first, g.From)
}
