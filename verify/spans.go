package verify

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// spanned says how the statistic of a model is cut into blocks, and what a sample
// counts in its block.
type spanned struct {
	blocks  int
	least   time.Duration
	samples int // periods, at the least
	of      func(last, z float64) float64
	paired  bool // it needs the sample before
}

func init() {
	score := func(_, z float64) float64 { return min(max(z, -5), 5) }
	apart := func(last, z float64) float64 { return min(math.Abs(z-last), 8) }
	for model, s := range map[string]spanned{
		"level":    {blocks: 6, least: 5 * time.Minute, samples: 1, of: score},
		"drift":    {blocks: 12, least: 30 * time.Minute, samples: 1, of: score},
		"variance": {blocks: 6, least: 10 * time.Minute, samples: 4, of: apart, paired: true},
	} {
		evidence[model] = grounds{share: 1, stat: spanStat, shape: s.shape, data: s.data}
	}
}

// spanStat is how far the mean of the parts lies from what is usual.
func spanStat(g kizashi.Ground) formula {
	mean, in := partsMean(g)
	usual, scale := float64(g.Usual), float64(g.Scale)
	f := calc("=side*(sum/count-usual)/scale", float64(g.Side)*(mean-usual)/scale, "side", float64(g.Side), "usual", usual, "scale", scale)
	f.in = append(f.in, in...)
	return f
}

// shape checks that the parts are the blocks that end with the opening sample, or
// last ended before it.
func (s spanned) shape(c *checker, path string, g kizashi.Ground) {
	if len(g.Parts) != s.blocks {
		c.fault("%s.parts: %d, want %d blocks", path, len(g.Parts), s.blocks)
		return
	}
	length, last := s.length(g.Parts[0], time.Duration(c.period())), g.Parts[s.blocks-1]
	for i, p := range g.Parts {
		pp := path + "." + at("parts", i)
		c.same("block", pp+".from", "whole blocks, counted from 1970", p.From.Floor(length), p.From)
		c.same("block", pp+".to", "from and the length of a block", p.From.Add(length), p.To)
		if i > 0 {
			c.same("block", pp+".from", "the end of the one before", g.Parts[i-1].To, p.From)
		}
		if p.Count < 0 {
			c.fault("%s.count: %d", pp, p.Count)
		}
	}
	c.same("from", path+".from", "the first part", g.Parts[0].From, g.From)
	c.same("to", path+".to", "the last part", last.To, g.To)
	if t := c.j.Opening.At; t < last.From || t >= last.To.Add(length) {
		c.fault("%s.to: the sample at %s lies neither in the last block nor in the one after it", path, t)
	}
	if g.Model != "variance" {
		c.same("usual", path+".usual", "of scores: 0", kizashi.Num(0), g.Usual)
	} else {
		c.declare(path + ".usual")
	}
	c.declare(path + ".scale")
}

// length of a block. A period that was not declared may have moved since the
// blocks were laid out, by less than would lay them out anew; theirs is taken then.
func (s spanned) length(p kizashi.Part, period time.Duration) time.Duration {
	want, got := max(s.least, time.Duration(s.samples)*period), p.To.Sub(p.From)
	if by := float64(got) / float64(want); got > s.least && by <= 1.5 && by >= 1/1.5 {
		return got
	}
	return want
}

// data adds the blocks up again, each sample scored by its own hour's record as
// it was repeated.
func (s spanned) data(c *checker, path string, g kizashi.Ground) {
	if r := c.j.Record; r == nil || r.Since > g.From || c.outOfLearning(g.From, g.To) {
		c.declare(path + ".parts")
		return
	}
	samples := append(between(c.past.samples, g.From.Add(-time.Duration(c.period())*2), c.j.Opening.At),
		kizashi.Sample{At: c.j.Opening.At, Value: float64(c.j.Opening.Value)})
	last, lastAt := math.NaN(), kizashi.Never
	got := make([]kizashi.Part, len(g.Parts))
	for _, smp := range samples {
		z, ok := c.scoreOf(smp)
		if !ok {
			c.declare(path + ".parts")
			return
		}
		paired := lastAt != kizashi.Never && float64(smp.At.Sub(lastAt)) <= 1.5*float64(c.period())
		for i, p := range g.Parts {
			if smp.At >= p.From && smp.At < p.To && (paired || !s.paired) {
				got[i].Count++
				got[i].Sum += s.of(last, z)
			}
		}
		last, lastAt = z, smp.At
	}
	for i, p := range g.Parts {
		pp := path + "." + at("parts", i)
		c.same("block", pp+".count", "the samples that are stored", got[i].Count, p.Count)
		if math.Abs(got[i].Sum-p.Sum) > Tolerance*max(1, float64(p.Count)) {
			c.fault("%s.sum: states %s, but the samples' scores add up to %s", pp, show(p.Sum), show(got[i].Sum))
		}
	}
}

// outOfLearning says that something of a stretch was excluded, expected, or held
// out: such samples are in no block, and which they were is not stored.
func (c *checker) outOfLearning(from, to kizashi.Time) bool {
	for _, h := range c.past.held {
		if h.From < to && h.To > from {
			return true
		}
	}
	return c.j.Expect != nil
}

// scoreOf a sample by the record of its hour, if that could be repeated.
func (c *checker) scoreOf(smp kizashi.Sample) (float64, bool) {
	r := c.past.records[smp.At.Floor(time.Hour)]
	if r == nil || len(r.Slots) == 0 {
		return 0, false
	}
	slot := r.Slots[r.SlotAt(smp.At)]
	t := forth(r.Transform, smp.Value)
	center, scale := boundsOf(r.Transform, slot, expectedOn(r, slot, nil)).nearest(t, slot)
	return (t - center) / scale, true
}
