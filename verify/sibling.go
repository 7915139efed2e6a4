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

// siblingStat is the M-th largest of the distances from the others' median, from
// what is usual of them and in their scale, on the vote's side.
func siblingStat(g kizashi.Ground) formula {
	m := 0
	if g.Past != nil {
		m = g.Past.Of
	}
	ds := make([]float64, len(g.Parts))
	for i, p := range g.Parts {
		ds[i] = float64(g.Side) * (p.Sum - float64(g.Usual)) / float64(g.Scale)
	}
	names, in := list("d", ds)
	stat := math.NaN()
	if m >= 1 && m <= len(ds) {
		sorted := slices.Clone(ds)
		slices.Sort(sorted)
		stat = sorted[len(sorted)-m]
	}
	f := calc("=LARGE("+names+",m)", stat, "m", float64(m))
	f.in = append(f.in, in...)
	return f
}

// siblingData checks the samples' places. What the others did is not stored with
// this series.
func siblingData(c *checker, path string, g kizashi.Ground) {
	m, n := kizashi.MofN(time.Duration(c.period()))
	if g.Past == nil {
		c.fault("%s.past: nothing says who the others are", path)
		return
	}
	c.same("rule", path+".past.of", "M of the rule for the period", m, g.Past.Of)
	if len(g.Parts) > n {
		c.fault("%s.parts: %d samples, but the rule looks at the last %d", path, len(g.Parts), n)
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
