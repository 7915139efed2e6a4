package verify

import "github.com/kizashi-ops/kizashi"

// own checks a vote of a detector that is not Kizashi's: that it stands exactly
// when its statistic lies beyond its limit, and of a value vote that the statistic is
// the sample's value. A limit is computed where the detector says which of those it is
// that the justification has elsewhere. The rest is declared: its own word.
func (c *checker) own(path string, w kizashi.Vote) {
	beyond := w.Stat > w.Limit
	if w.Kind == kizashi.Value {
		v := float64(c.j.Opening.Value)
		c.number("fixed.stat", path+".stat", calc("=value", v, "value", v), w.Stat)
		if w.Side == kizashi.Down {
			beyond = w.Stat < w.Limit
		}
		if by := c.ownOf(w.Model).Limit; by != kizashi.OfItself {
			c.published(path+".limit", w, by)
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

// published is whether the limit is one of those that the detector says it stands on;
// they are checked where they are.
func (c *checker) published(path string, w kizashi.Vote, by kizashi.Published) {
	var have []kizashi.Num
	switch by {
	case kizashi.OfBound:
		have = []kizashi.Num{c.j.Meta.Upper, c.j.Meta.Lower}
	case kizashi.OfPerson:
		for _, ls := range [][]kizashi.Limit{c.j.Settings.Static, c.j.Settings.Guards} {
			for _, l := range ls {
				have = append(have, kizashi.Num(l.Value))
			}
		}
	case kizashi.OfHour:
		if r := c.j.Record; r != nil {
			s := r.Slots[c.slot(c.j.Opening.At)]
			have = []kizashi.Num{kizashi.Num(c.slotLimit(s, w.Side).want)}
		}
	}
	for _, l := range have {
		if float64(l) == w.Limit {
			c.number("own.limit", path, calc("=limit", w.Limit, "limit", float64(l)), w.Limit)
			return
		}
	}
	c.fault("%s: %s is no limit of the kind %q that the justification has", path, show(w.Limit), by)
}

// isOwn says that a model is one that is not Kizashi's, by what the justification
// keeps of it.
func (c *checker) isOwn(model string) bool { return model != "" && c.ownOf(model).Model == model }

func (c *checker) ownOf(model string) kizashi.Own {
	for _, o := range c.j.Own {
		if o.Model == model {
			return o
		}
	}
	return kizashi.Own{}
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
