package verify

import (
	"math"
	"strconv"

	"github.com/kizashi-ops/kizashi"
)

const fortnight = 14 * day

// window checks what the learning window says of itself.
func (c *checker) window() {
	w, t0 := c.j.Window, c.j.Opening.At
	c.same("window", "window.to", "opening.at", t0, w.To)
	if w.From < t0-fortnight || w.From > t0 {
		c.fault("window.from: %s is not within 14 days before %s", w.From, t0)
	}
	from, to, p := instant(w.From), instant(w.To), seconds(c.period())
	if p > 0 {
		f := calc("=ROUND((to-from)/period,0)", math.Round((to-from)/p), "to", to, "from", from, "period", p)
		c.number("window.expected", "window.expected", f, float64(w.Expected))
	} else {
		c.same("window.expected", "window.expected", "no period is known", 0, w.Expected)
	}
	e, n := float64(w.Expected), float64(w.Samples)
	c.number("window.missing", "window.missing", calc("=MAX(0,expected-samples)", max(0, e-n), "expected", e, "samples", n), float64(w.Missing))
	counts := make([]float64, len(w.Held))
	sum := 0.0
	for i, h := range w.Held {
		counts[i] = float64(h.Count)
		sum += counts[i]
		if h.From < w.From || h.To > w.To || h.From >= h.To || i > 0 && h.From < w.Held[i-1].From {
			c.fault("%s: [%s, %s) is empty, out of order, or not inside the window", at("window.held", i), h.From, h.To)
		}
	}
	names, in := list("held", counts)
	f := calc("=SUM("+names+")", sum)
	f.in = in
	if len(counts) == 0 {
		f.text = "=0"
	}
	c.number("window.held_out", "window.held_out", f, float64(w.HeldOut))
	if w.HeldOut > w.Samples {
		c.fault("window.held_out: %d of %d samples", w.HeldOut, w.Samples)
	}
}

// comparable checks what the moments and the nearby limits say of themselves.
func (c *checker) comparable() {
	for i, m := range c.j.Comparable {
		path := at("comparable", i)
		if m.Count < 1 || m.Low > m.Median || m.Median > m.High || m.To != m.From+c.momentSpan() {
			c.fault("%s: want an hour, or as long as was judged, with samples, low <= median <= high", path)
		}
	}
	if low, high := c.j.LimitLow, c.j.LimitHigh; low > high || low.Ok() != high.Ok() {
		c.fault("limit_low: %s and %s are no range", show(low), show(high))
	}
	c.nearby()
}

// factors are how far from the center nearby limits lie, the limit being 1.
func factors() []float64 { return []float64{0.5, 0.75, 1, 1.25, 1.5, 2} }

func (c *checker) nearby() {
	w, ok := c.pivot()
	if !ok {
		c.same("nearby", "nearby", "none without a value vote that has a center", 0, len(c.j.Nearby))
		return
	}
	fs := factors()
	if len(c.j.Nearby) != len(fs) {
		c.fault("nearby: want %d limits, there are %d", len(fs), len(c.j.Nearby))
		return
	}
	center, limit := float64(w.Center), float64(w.Upper)
	if w.Side == kizashi.Down {
		limit = float64(w.Lower)
	}
	for i, n := range c.j.Nearby {
		x := center + fs[i]*(limit-center)
		const text = "center+f*(limit-center)"
		f := calc("=ROUND("+text+",2-INT(LOG10(ABS("+text+"))))", round3(x), "center", center, "f", fs[i], "limit", limit)
		if x == 0 {
			f.text = "=" + text
		}
		c.number("nearby.limit", at("nearby", i)+".limit", f, n.Limit)
		if n.Episodes > n.Samples || n.Samples > c.j.Window.Samples {
			c.fault("%s: %d episodes of %d samples, of %d in the window", at("nearby", i), n.Episodes, n.Samples, c.j.Window.Samples)
		}
	}
}

// pivot is the first standing value vote, if it has a center and a limit.
func (c *checker) pivot() (kizashi.Vote, bool) {
	for _, w := range c.j.Opening.Verdict.Votes {
		if !w.Crossed || w.Side != c.alert.Side || w.Kind != kizashi.Value {
			continue
		}
		limit := w.Upper
		if w.Side == kizashi.Down {
			limit = w.Lower
		}
		return w, w.Model != rate && w.Center.Ok() && limit.Ok()
	}
	return kizashi.Vote{}, false
}

// round3 rounds to three significant digits, exact ties to the even one.
func round3(x float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	if err != nil {
		return math.NaN()
	}
	return r
}
