package verify

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

func init() {
	evidence["early"] = grounds{stat: beyondRange, limit: rangesLimit, shape: earlyShape, data: earlyData}
}

// beyondRange is the M-th largest of how far the samples lie beyond the range.
func beyondRange(g kizashi.Ground) formula {
	p := g.Past
	if p == nil || p.Count < 1 || p.Count > len(g.Parts) {
		return calc("=LARGE(far,M)", math.NaN())
	}
	low, high := float64(p.Low), float64(p.High)
	far := make([]float64, len(g.Parts))
	for i, part := range g.Parts {
		if far[i] = (part.Sum - high) / (high - low); g.Side == kizashi.Down {
			far[i] = (low - part.Sum) / (high - low)
		}
	}
	text, in := list("d", far)
	f := formula{text: fmt.Sprintf("=LARGE(%s,%d)", text, p.Count), in: in}
	s := slices.Sorted(slices.Values(far))
	f.want = s[len(s)-p.Count]
	return f
}

// rangesLimit is three ranges, for a target of more than 28 days as many more.
func rangesLimit(c *checker, _ kizashi.Ground) formula {
	if c.j.Record == nil {
		return calc("=limit", math.NaN())
	}
	r := seconds(c.j.Record.R)
	return calc("=3*MAX(1,R/2419200)", 3*max(1, r/2419200), "R", r)
}

func earlyShape(c *checker, path string, g kizashi.Ground) {
	r, p := c.j.Record, g.Past
	if r == nil || p == nil || len(g.Parts) == 0 {
		c.fault("%s: want a record, the range, and samples", path)
		return
	}
	t0 := c.j.Opening.At
	c.same("ready", "record.ready", "it votes only before limits count", false, r.Ready)
	c.same("rule", path+".past.count", "record.m", r.M, p.Count)
	c.same("past", path+".past.to", "record.hour", r.Hour, p.To)
	if len(g.Parts) > r.N || r.N > 16 {
		c.fault("%s.parts: %d samples, and the rule looks at %d", path, len(g.Parts), r.N)
	}
	if r.Hour.Sub(p.From) < time.Hour || p.Of < 12 {
		c.fault("%s.past: %d samples since %s are too few", path, p.Of, p.From)
	}
	for i, part := range g.Parts {
		pp := path + "." + at("parts", i)
		c.same("early", pp+".to", "a sample", part.From+1, part.To)
		c.same("early", pp+".count", "one", 1, part.Count)
		if i > 0 && part.From <= g.Parts[i-1].From || r.Period > 0 && t0.Sub(part.From) >= time.Duration(r.N)*time.Duration(r.Period) {
			c.fault("%s.from: %s is out of order, or too long ago", pp, part.From)
		}
	}
	last := g.Parts[len(g.Parts)-1]
	c.same("from", path+".from", "the first sample", g.Parts[0].From, g.From)
	c.same("to", path+".to", "the opening sample's end", t0.Add(c.periods(1)), g.To)
	c.same("early", path+".parts", "the last is the opening sample", t0, last.From)
	c.number("early", path+".parts.sum", calc("=x", float64(c.j.Opening.Value), "x", float64(c.j.Opening.Value)), last.Sum)
	c.same("target", path+".r", "it stands outside the target", kizashi.Duration(0), g.R)
	if c.past == nil {
		c.declare(path + ".past")
		c.declare(path + ".parts")
	}
}

// earlyData takes the range again, and the samples.
func earlyData(c *checker, path string, g kizashi.Ground) {
	if g.Past == nil || c.outOfLearning(g.Past.From, g.To) {
		c.declare(path + ".past")
		c.declare(path + ".parts")
		return
	}
	p := g.Past
	if len(c.past.samples) == 0 || c.past.samples[0].At >= p.To {
		c.fault("%s.past: no sample of it is stored", path)
		return
	}
	in := between(c.past.samples, c.past.samples[0].At, p.To)
	low, high := in[0].Value, in[0].Value
	for _, s := range in {
		low, high = min(low, s.Value), max(high, s.Value)
	}
	c.same("early", path+".past.from", "the first sample", in[0].At, p.From)
	c.same("early", path+".past.of", "samples before the hour", len(in), p.Of)
	c.same("early", path+".past.low", "MIN of the samples before the hour", low, float64(p.Low))
	c.same("early", path+".past.high", "MAX of the samples before the hour", high, float64(p.High))
	for i, part := range g.Parts {
		c.stored(path+"."+at("parts", i)+".sum", part.From, part.Sum)
	}
	r := c.j.Record
	if r == nil {
		return
	}
	since := c.j.Opening.At.Add(-time.Duration(r.N) * time.Duration(r.Period))
	if want := between(c.past.samples, since+1, c.j.Opening.At); len(want) >= r.N {
		c.same("early", path+".parts", "the last N samples", r.N, len(g.Parts))
	} else {
		c.same("early", path+".parts", "the last samples, none N periods old", len(want)+1, len(g.Parts))
	}
}
