package verify

import (
	"math"
	"slices"

	"github.com/kizashi-ops/kizashi"
)

func init() {
	evidence["novelty"] = grounds{share: 1, optIn: true, stat: noveltyStat, data: noveltyData}
	evidence["context"] = grounds{share: 1, stat: contextStat, data: contextData}
	evidence["extreme"] = grounds{share: 1, stat: extremeStat, data: extremeData}
}

// noveltyWays of cutting levels, and how long the words of each are.
var noveltyWays = map[string]int{"coarse 1": 3, "coarse 2": 3, "coarse 3": 3, "fine 1": 4, "fine 2": 4, "fine 3": 4}

// noveltyStat is the mean over the ways of -log10 of the least odds of a word
// that was new in it.
func noveltyStat(g kizashi.Ground) formula {
	least := map[string]float64{}
	var order []string
	product := 1.
	for _, p := range g.Parts {
		old, known := least[p.Text]
		if !known {
			order = append(order, p.Text)
			least[p.Text] = p.Sum
			continue
		}
		least[p.Text] = min(old, p.Sum)
	}
	odds := make([]float64, len(order))
	for i, way := range order {
		odds[i] = least[way]
		product *= odds[i]
	}
	text, in := "=-(0", []any{}
	for i, o := range odds {
		name := "odds" + string(rune('a'+i))
		text += "+LOG10(" + name + ")"
		in = append(in, name, o)
	}
	return calc(text+")/ways", -math.Log10(product)/float64(len(noveltyWays)), append(in, "ways", float64(len(noveltyWays)))...)
}

// noveltyData checks what a ground can be held against: how often new words came
// is counted over all samples so far, of which weeks are stored.
func noveltyData(c *checker, path string, g kizashi.Ground) {
	for i, p := range g.Parts {
		pp := path + "." + at("parts", i)
		if n, ok := noveltyWays[p.Text]; !ok || p.Count < 1 || p.Count > n || !(p.Sum > 0 && p.Sum <= 1) {
			c.fault("%s: a word of %d levels, %q, odds %v: no such word can be", pp, p.Count, p.Text, p.Sum)
		}
		c.same("from", pp+".from", "the ground's", g.From, p.From)
		c.same("to", pp+".to", "the ground's", g.To, p.To)
	}
	c.placed(path+".from", g.From)
	c.placed(path+".to", g.To-1)
	c.declare(path + ".parts")
	c.declare(path + ".past")
}

// contextStat is for how many of the hours samples lay where none did before.
func contextStat(g kizashi.Ground) formula {
	if len(g.Parts) != 1 || g.Parts[0].Count <= 0 {
		return calc("=hours*new/all", math.NaN())
	}
	p := g.Parts[0]
	return calc("=hours*new/all", contextHours*p.Sum/float64(p.Count), "hours", contextHours, "new", p.Sum, "all", float64(p.Count))
}

const contextHours = 3.0

// contextData counts the samples of the span.
func contextData(c *checker, path string, g kizashi.Ground) {
	n := 0
	for _, s := range c.past.samples {
		if g.From <= s.At && s.At < g.To && s.At != c.j.Opening.At {
			n++
		}
	}
	if c.j.Opening.At < g.To {
		n++
	}
	if len(g.Parts) == 1 {
		c.placed(path+".to", g.To-1)
		c.same("samples", path+".parts[0].count", "the stored samples of the span", n, g.Parts[0].Count)
		c.same("from", path+".parts[0].from", "the ground's", g.From, g.Parts[0].From)
		c.same("to", path+".parts[0].to", "the ground's", g.To, g.Parts[0].To)
		if s := g.Parts[0].Sum; s != math.Trunc(s) || s < 0 || s > float64(n) {
			c.fault("%s.parts[0].sum: %v of %d samples", path, s, n)
		}
	}
	c.declare(path + ".parts[0].sum")
	c.declare(path + ".past")
}

// extremeStat is the factor, in decades, by which the range would have to widen.
func extremeStat(g kizashi.Ground) formula {
	const rule = "=LOG10(1+MAX(value-high,low-value)/(high-low))"
	if len(g.Parts) != 1 || g.Past == nil {
		return calc(rule, math.NaN())
	}
	v, low, high := g.Parts[0].Sum, float64(g.Past.Low), float64(g.Past.High)
	return calc(rule, math.Log10(1+max(v-high, low-v)/(high-low)), "value", v, "low", low, "high", high)
}

// extremeData finds the sample. The range shrinks from all samples so far, of
// which weeks are stored.
func extremeData(c *checker, path string, g kizashi.Ground) {
	if len(g.Parts) == 1 {
		c.same("from", path+".parts[0].from", "the ground's", g.From, g.Parts[0].From)
		c.same("to", path+".parts[0].to", "the ground's", g.To, g.Parts[0].To)
		c.same("from", path+".from", "opening.at", c.j.Opening.At, g.From)
		c.same("sample", path+".parts[0].sum", "opening.value", float64(c.j.Opening.Value), g.Parts[0].Sum)
		c.same("count", path+".parts[0].count", "one sample", 1, g.Parts[0].Count)
	}
	c.declare(path + ".past")
}

// placed says that there is a sample of an instant.
func (c *checker) placed(path string, at kizashi.Time) {
	if at == c.j.Opening.At {
		return
	}
	if _, ok := slices.BinarySearchFunc(c.past.samples, at, func(s kizashi.Sample, t kizashi.Time) int { return int(min(max(s.At-t, -1), 1)) }); !ok {
		c.fault("%s: no sample is stored at %s", path, at)
	}
}
