package verify

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

// grounds of evidence votes: what each model's statistic and limit are computed
// from (docs/method.md has a section a model).
type grounds struct {
	share float64 // of the false-alert target, in the unit of which a side of band or spike has 3; 0 = outside it
	whole float64 // of which it is a share; 0 = of what the record's detectors have
	near  float64 // how far off the statistic may be, in its unit; 0 = no further than rounding
	optIn bool    // it votes only where a rule asks for it
	// stat computes the statistic again from the ground's other fields; data, nil or
	// what to repeat with stored samples.
	stat func(g kizashi.Ground) formula
	data func(c *checker, path string, g kizashi.Ground)
	// shape, nil or what else holds of the ground's own fields.
	shape func(c *checker, path string, g kizashi.Ground)
	// limit computes the limit where it does not follow from a tail.
	limit func(c *checker, g kizashi.Ground) formula
}

// evidence is the table of models whose votes rest on a ground.
var evidence = map[string]grounds{}

// ground finds what a vote rests on.
func (c *checker) ground(w kizashi.Vote) (g kizashi.Ground, path string, ok bool) {
	for i, g := range c.j.Grounds {
		if g.Model == w.Model && g.Side == w.Side {
			return g, at("grounds", i), true
		}
	}
	return g, "", false
}

// evident checks a vote by its ground.
func (c *checker) evident(path string, w kizashi.Vote, m grounds) {
	g, gp, ok := c.ground(w)
	if !ok {
		c.fault("%s: nothing says what this vote of %s rests on", path, w.Model)
		return
	}
	c.number("evidence.stat", path+".stat", calc("=stat", g.Stat, "stat", g.Stat), w.Stat)
	c.number("evidence.limit", path+".limit", calc("=limit", g.Limit, "limit", g.Limit), w.Limit)
	c.same("unit", path+".unit", gp+".unit", g.Unit, w.Unit)
	c.crossed(path, w, g.Stat > g.Limit)
	if m.near > 0 {
		c.numberNear(w.Model+".stat", gp+".stat", m.stat(g), g.Stat, m.near)
	} else {
		c.number(w.Model+".stat", gp+".stat", m.stat(g), g.Stat)
	}
	if m.limit != nil {
		c.number(w.Model+".limit", gp+".limit", m.limit(c, g), g.Limit)
	} else {
		c.calibratedGround(gp, g, m)
	}
	if !isLine(w.Model) {
		c.same("share", gp+".share", "0: the tail says it", 0.0, g.Share)
	}
	if g.To <= g.From {
		c.fault("%s.to: %s does not lie behind %s", gp, g.To, g.From)
	}
	if m.shape != nil {
		m.shape(c, gp, g)
	}
	if m.data != nil && c.past != nil {
		m.data(c, gp, g)
	}
}

// calibratedGround checks a limit that follows from a tail.
func (c *checker) calibratedGround(path string, g kizashi.Ground, m grounds) {
	t := g.Tail
	if t == nil {
		c.fault("%s.tail: there is none, and the limit of %s follows from one", path, g.Model)
		return
	}
	whole := m.share
	if m.whole > 0 {
		whole = m.whole
	}
	if r := c.j.Record; r != nil {
		c.same("target", path+".r", "record.r", r.R, g.R)
		whole = 3 / share(c.frozenBy(), r.N)
	}
	c.number("share", path+".tail.w", calc("=share/shares", m.share/whole, "share", m.share, "shares", whole), t.W)
	c.priorOf(path+".tail", evidenceBefore, *t)
	c.tailOf(path+".tail", *t, g.R)
	c.number("evidence.limit", path+".limit", calc("=theta", t.Theta, "theta", t.Theta), g.Limit)
}

// partsMean is the mean of all that the parts gathered.
func partsMean(g kizashi.Ground) (mean float64, in []Input) {
	sum, n := 0.0, 0
	for _, p := range g.Parts {
		sum += p.Sum
		n += p.Count
	}
	if n == 0 {
		return math.NaN(), nil
	}
	return sum / float64(n), []Input{{"sum", sum}, {"count", float64(n)}}
}
