package verify

import (
	"github.com/kizashi-ops/kizashi"
)

// bounds are the centers between which a sample is no way off, and the scales
// in which what lies beyond is measured.
type bounds struct{ high, low, highScale, lowScale float64 }

// boundsOf are those of a slot, where e, if anything, is expected: from Low to
// High times what is usual.
func boundsOf(t kizashi.Transform, s kizashi.Slot, e *kizashi.Expectation) bounds {
	b := bounds{s.Most, s.Least, s.Scale, s.Scale}
	if e == nil {
		return b
	}
	usual := back(t, s.Center)
	low, high := e.Low, e.High
	if usual < 0 {
		low, high = high, low // the lesser value is the one of the greater factor
	}
	b.high, b.low = forth(t, usual*high), forth(t, usual*low)
	if t == kizashi.Identity {
		b.highScale, b.lowScale = s.Scale*max(1, high), s.Scale*max(1, low)
	}
	return b
}

// nearest is the center and the scale by which y is scored.
func (b bounds) nearest(y float64, s kizashi.Slot) (center, scale float64) {
	switch {
	case y > b.high:
		return b.high, b.highScale
	case y < b.low:
		return b.low, b.lowScale
	case b.high == b.low:
		return b.high, s.Scale
	}
	return y, s.Scale
}

// expected checks what was expected instead of what is usual.
func (c *checker) expectation() {
	e := c.j.Expect
	if c.j.Log != nil { // no count is judged by what a person expects
		return
	}
	if c.cfg.Data == nil {
		if e != nil {
			c.declare("expect")
		}
	} else {
		want := c.said(c.j.Opening.At).expected(c.j.Opening.At)
		c.same("expect", "expect", "a command in force expects something", want != nil, e != nil)
		if want != nil && e != nil {
			c.same("expect", "expect.from", "the command", want.From, e.From)
			c.same("expect", "expect.to", "the command", want.To, e.To)
			c.same("expect", "expect.low", "the command", want.Low, e.Low)
			c.same("expect", "expect.high", "the command", want.High, e.High)
			c.same("expect", "expect.text", "the reason that a person gave", want.Text, e.Text)
		}
	}
	if e == nil || c.j.Record == nil {
		return
	}
	if t := c.j.Opening.At; t < e.From || t >= e.To || e.Low < 0 || e.Low > e.High {
		c.fault("expect: %s is not in [%s, %s), or %s to %s are no factors", t, e.From, e.To, show(e.Low), show(e.High))
	}
	r := c.j.Record
	s := r.Slots[c.slot(c.j.Opening.At)]
	b, usual := c.bounds(s), backText(r.Transform, "center")
	c.derive("expect.high", "expect.high", calc("="+forthText(r.Transform, "factor*"+usual), b.high, "factor", e.High, "center", s.Center))
	c.derive("expect.low", "expect.low", calc("="+forthText(r.Transform, "factor*"+usual), b.low, "factor", e.Low, "center", s.Center))
}

// bounds are those by which the opening sample was judged.
func (c *checker) bounds(s kizashi.Slot) bounds {
	return boundsOf(c.j.Record.Transform, s, expectedOn(c.j.Record, s, c.j.Expect))
}

// slotLimit is the limit of the opening sample on a side, in the series' unit.
func (c *checker) slotLimit(s kizashi.Slot, side kizashi.Side) formula {
	r := c.j.Record
	stated, name := s.Upper, "slot_upper"
	if side == kizashi.Down {
		stated, name = s.Lower, "slot_lower"
	}
	if c.j.Expect == nil || !stated.Ok() {
		return calc("="+name, float64(stated), name, float64(stated))
	}
	b, set := c.bounds(s), c.frozenBy()
	center, scale, theta := b.high, b.highScale, r.BandUp.Theta
	text := "(center+scale*theta)"
	if side == kizashi.Down {
		center, scale, theta, text = b.low, b.lowScale, r.BandDown.Theta, "(center-scale*theta)"
	}
	f := cutText(r, set.Guards, backText(r.Transform, text))
	f.in = append(f.in, calc("", 0, "center", center, "scale", scale, "theta", theta).in...)
	if side == kizashi.Down {
		theta = -theta
	}
	f.want = float64(cut(r, set.Guards, back(r.Transform, center+scale*theta)))
	return f
}

// slotExpected is what was expected of the opening sample.
func (c *checker) slotExpected(s kizashi.Slot) formula {
	t, e := c.j.Record.Transform, expectedOn(c.j.Record, s, c.j.Expect)
	want := back(t, s.Center)
	if e == nil {
		return calc("="+backText(t, "center"), want, "center", s.Center)
	}
	return calc("=MIN(MAX(1,low),high)*"+backText(t, "center"), want*min(max(1, e.Low), e.High), "low", e.Low, "high", e.High, "center", s.Center)
}
