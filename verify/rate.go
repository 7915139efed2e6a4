package verify

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// change finds the change of the settings that a vote stood on.
func (c *checker) change(w kizashi.Vote) (kizashi.Change, bool) {
	for _, ch := range c.j.Settings.Change {
		limit := ch.By
		if ch.Part > 0 {
			limit = ch.Part
		}
		if (ch.Side == w.Side || ch.Side == kizashi.Both) && (ch.Part > 0) == (w.Unit == "part") && limit == w.Limit {
			return ch, true
		}
	}
	return kizashi.Change{}, false
}

// rate checks the vote on a change within a while. Its center is the earlier value.
func (c *checker) rate(path string, w kizashi.Vote) {
	ch, ok := c.change(w)
	if !ok {
		c.fault("%s.limit: the settings hold no such change as %s", path, show(w.Limit))
		return
	}
	v, earlier, side := float64(c.j.Opening.Value), float64(w.Center), float64(w.Side)
	text, stat, limit := "=side*(value-earlier)", side*(v-earlier), earlier+side*ch.By
	if ch.Part > 0 {
		text, stat, limit = text+"/ABS(earlier)", stat/math.Abs(earlier), earlier+side*ch.Part*math.Abs(earlier)
	}
	c.number("rate.stat", path+".stat", calc(text, stat, "side", side, "value", v, "earlier", earlier), w.Stat)
	lower, upper := math.NaN(), limit
	if w.Side == kizashi.Down {
		lower, upper = upper, lower
	}
	c.number("lower", path+".lower", calc("=limit", lower, "limit", limit), float64(w.Lower))
	c.number("upper", path+".upper", calc("=limit", upper, "limit", limit), float64(w.Upper))
	c.crossed(path, w, stat > w.Limit)
	if c.past == nil {
		return
	}
	at, half := c.j.Opening.At.Add(-time.Duration(ch.Over)), time.Duration(c.period())/2
	best, value := half+1, math.NaN()
	for _, s := range c.past.samples { // of two as near the later one
		if d := s.At.Sub(at).Abs(); d <= half && d <= best {
			best, value = d, s.Value
		}
	}
	c.number("rate.earlier", path+".center", calc("=the sample nearest to over before", value), earlier)
}
