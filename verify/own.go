package verify

import "github.com/kizashi-ops/kizashi"

// own checks a vote of a detector that is not Kizashi's: that it stands exactly
// when its statistic lies beyond its limit, and of a value vote that the statistic is
// the sample's value. A limit is computed where it is one that the justification has
// elsewhere: a bound of the series, a limit that a person set, or that of the hour.
// The rest is declared: what the detector says of itself.
func (c *checker) own(path string, w kizashi.Vote) {
	beyond := w.Stat > w.Limit
	if w.Kind == kizashi.Value {
		v := float64(c.j.Opening.Value)
		c.number("fixed.stat", path+".stat", calc("=value", v, "value", v), w.Stat)
		if w.Side == kizashi.Down {
			beyond = w.Stat < w.Limit
		}
		if f, ok := c.published(w); ok {
			c.number("own.limit", path+".limit", f, w.Limit)
		} else {
			c.declare(path + ".limit")
			c.ByWord = append(c.ByWord, w.Model)
		}
		c.declare(path + ".center")
		c.declare(path + ".lower")
		c.declare(path + ".upper")
	} else {
		c.declare(path)
		c.ByWord = append(c.ByWord, w.Model)
	}
	c.crossed(path, w, beyond)
	if g, gp, ok := c.ground(w); ok {
		c.same("own.limit", gp+".stat", path+".stat", w.Stat, g.Stat)
		c.same("own.limit", gp+".limit", path+".limit", w.Limit, g.Limit)
		c.same("unit", gp+".unit", path+".unit", w.Unit, g.Unit)
		c.declare(gp)
	}
}

// published is a limit that the justification has elsewhere, and that is checked
// there.
func (c *checker) published(w kizashi.Vote) (formula, bool) {
	type named struct {
		name  string
		limit kizashi.Num
	}
	have := []named{{"upper_bound", c.j.Meta.Upper}, {"lower_bound", c.j.Meta.Lower}}
	for _, ls := range [][]kizashi.Limit{c.j.Settings.Static, c.j.Settings.Guards} {
		for _, l := range ls {
			if l.Side == w.Side {
				have = append(have, named{"limit_set", kizashi.Num(l.Value)})
			}
		}
	}
	if r := c.j.Record; r != nil {
		s := r.Slots[c.slot(c.j.Opening.At)]
		limit := s.Upper
		if w.Side == kizashi.Down {
			limit = s.Lower
		}
		have = append(have, named{"slot_limit", limit})
	}
	for _, h := range have {
		if float64(h.limit) == w.Limit {
			return calc("="+h.name, w.Limit, h.name, w.Limit), true
		}
	}
	return formula{}, false
}

// isOwn says that a model is one that is not Kizashi's, by what the justification
// keeps of it.
func (c *checker) isOwn(model string) bool {
	for _, o := range c.j.Own {
		if o.Model == model {
			return true
		}
	}
	return false
}

// owns checks that there are words for just the detectors, not Kizashi's, that
// stood.
func (c *checker) owns() {
	for i, o := range c.j.Own {
		stood := 0
		for _, w := range c.j.Opening.Verdict.Votes {
			if w.Model == o.Model {
				stood++
			}
		}
		if stood != 1 {
			c.fault("%s: %d votes of %q stood", at("own", i), stood, o.Model)
		}
		if err := o.Words.Check(); err != nil {
			c.fault("%s: %v", at("own", i), err)
		}
	}
}
