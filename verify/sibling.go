package verify

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

func init() {
	evidence["sibling"] = grounds{share: 1, stat: siblingStat, data: siblingData}
}

// siblingMost is how many spreads of one distance count.
const siblingMost = 5

// siblingStat is the sum of the distances from what three quarters of the others
// keep to - from what is usual of them, in their scale, on the vote's side -, over
// the root of their number.
func siblingStat(g kizashi.Ground) formula {
	sum, ds := 0., make([]float64, len(g.Parts))
	for i, p := range g.Parts {
		ds[i] = float64(g.Side) * min(max((p.Sum-float64(g.Usual))/float64(g.Scale), -siblingMost), siblingMost)
		sum += ds[i]
	}
	names, in := list("d", ds)
	f := calc("=SUM("+names+")/SQRT(n)", sum/math.Sqrt(float64(len(ds))), "n", float64(len(ds)))
	f.in = append(f.in, in...)
	return f
}

// siblingData checks the samples' places. What the others did is not stored with
// this series.
func siblingData(c *checker, path string, g kizashi.Ground) {
	_, n := kizashi.MofN(time.Duration(c.period()))
	if g.Past == nil {
		c.fault("%s.past: nothing says who the others are", path)
		return
	}
	c.same("rule", path+".past.of", "N of the rule for the period", n, g.Past.Of)
	if len(g.Parts) > 2*n || len(g.Parts) < n {
		c.fault("%s.parts: %d samples, but the rule looks at the last %d, of which %d must be there", path, len(g.Parts), 2*n, n)
	}
	for i, p := range g.Parts {
		pp := path + "." + at("parts", i)
		if i == len(g.Parts)-1 {
			c.same("sample", pp+".from", "opening.at", c.j.Opening.At, p.From)
		} else if _, ok := slices.BinarySearchFunc(c.past.samples, p.From, func(s kizashi.Sample, t kizashi.Time) int { return int(min(max(s.At-t, -1), 1)) }); !ok {
			c.fault("%s.from: no sample is stored at %s", pp, p.From)
		}
		c.same("end", pp+".to", "from and a period", p.From.Add(time.Duration(c.period())), p.To)
	}
	c.same("from", path+".from", "the first part", g.Parts[0].From, g.From)
	c.same("to", path+".to", "the last part", g.Parts[len(g.Parts)-1].To, g.To)
	c.same("from", path+".past.from", "the last part", g.Parts[len(g.Parts)-1].From, g.Past.From)
	c.same("to", path+".past.to", "the last part", g.To, g.Past.To)
	for _, f := range [...]string{".parts", ".past", ".usual", ".scale"} {
		c.declare(path + f)
	}
}
