package verify

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// forth is the record's transform, back its inverse.
func forth(t kizashi.Transform, x float64) float64 {
	if t == kizashi.Log1p {
		return math.Copysign(math.Log1p(math.Abs(x)), x)
	}
	return x
}

func back(t kizashi.Transform, y float64) float64 {
	if t == kizashi.Log1p {
		return math.Copysign(math.Expm1(math.Abs(y)), y)
	}
	return y
}

// forthText and backText are the same in spreadsheet notation.
func forthText(t kizashi.Transform, x string) string {
	if t == kizashi.Log1p {
		return "SIGN(" + x + ")*LN(1+ABS(" + x + "))"
	}
	return x
}

func backText(t kizashi.Transform, y string) string {
	if t == kizashi.Log1p {
		return "SIGN(" + y + ")*(EXP(ABS(" + y + "))-1)"
	}
	return y
}

// recent checks the samples that the band's statistic was taken from.
func (c *checker) recent() {
	r, rs := c.j.Record, c.j.Recent
	if r == nil {
		if len(rs) > 0 {
			c.fault("recent: there are scores, but no record to score by")
		}
		return
	}
	if len(rs) > r.N {
		c.fault("recent: %d samples, but the rule looks at the last %d", len(rs), r.N)
	}
	oldest := c.j.Opening.At.Add(-time.Duration(r.N) * time.Duration(r.Period))
	for i, s := range rs {
		path := at("recent", i)
		y := forthText(r.Transform, "value")
		c.number("score", path+".score", calc("=("+y+"-center)/scale", (forth(r.Transform, s.Value)-s.Center)/s.Scale,
			"value", s.Value, "center", s.Center, "scale", s.Scale), s.Score)
		if s.At >= r.Hour {
			slot := r.Slots[c.slot(s.At)]
			var e *kizashi.Expectation
			if x := c.j.Expect; x != nil && s.At >= x.From && s.At < x.To {
				e = x
			}
			center, scale := boundsOf(r.Transform, slot, expectedOn(r, slot, e)).nearest(forth(r.Transform, s.Value), slot)
			c.number("center", path+".center", calc("=slot_center", center, "slot_center", center), s.Center)
			c.number("scale", path+".scale", calc("=slot_scale", scale, "slot_scale", scale), s.Scale)
		}
		if r.Period > 0 && s.At <= oldest || i > 0 && s.At <= rs[i-1].At {
			c.fault("%s.at: %s is out of order, or %d periods old", path, s.At, r.N)
		}
	}
	if n := len(rs); n > 0 {
		c.same("opened", at("recent", n-1)+".at", "opening.at", c.j.Opening.At, rs[n-1].At)
		c.same("opened", at("recent", n-1)+".value", "opening.value", c.j.Opening.Value, kizashi.Num(rs[n-1].Value))
	}
}

// slot is the index of the slot that covers t in the record's hour.
func (c *checker) slot(t kizashi.Time) int {
	n := kizashi.Time(len(c.j.Record.Slots))
	return int(min(max((t-c.j.Record.Hour)*n/hour, 0), n-1))
}

// run checks the spike's moving mean over its own values.
func (c *checker) run() {
	r, run := c.j.Record, c.j.Run
	if run == nil {
		return
	}
	if r == nil || len(run.Values) == 0 || len(run.Times) != len(run.Values) || len(run.Centers) != len(run.Values)-1 {
		c.fault("run: want a record, as many times as values, and centers of all but the last; there are %d, %d and %d", len(run.Times), len(run.Values), len(run.Centers))
		return
	}
	c.number("run", "run.alpha", calc("=0.3", .3), run.Alpha)
	last := len(run.Values) - 1
	mean, off := run.Start, run.OffStart
	for i, v := range run.Values[:last] {
		mean += run.Alpha * (forth(r.Transform, v) - mean)
		off += run.Alpha * (forth(r.Transform, v) - run.Centers[i] - off)
		if run.Times[i] >= run.Times[i+1] {
			c.fault("run.times: %s does not come after %s", run.Times[i+1], run.Times[i])
		}
	}
	f := runFormula("y", run.Start, run.Alpha, c.runValues(run, nil))
	f.want = mean
	c.number("run", "run.center", f, run.Center)
	f = runFormula("off", run.OffStart, run.Alpha, c.runValues(run, run.Centers))
	f.want = off
	c.number("run", "run.off", f, run.Off)
	c.same("opened", at("run.times", last), "opening.at", c.j.Opening.At, run.Times[last])
	c.same("opened", at("run.values", last), "opening.value", c.j.Opening.Value, kizashi.Num(run.Values[last]))
}

// runValues are the values that the moving mean learned, or how far off their
// centers they lie.
func (c *checker) runValues(run *kizashi.Run, centers []float64) []float64 {
	ys := make([]float64, len(run.Values)-1)
	for i := range ys {
		ys[i] = forth(c.j.Record.Transform, run.Values[i])
		if centers != nil {
			ys[i] -= centers[i]
		}
	}
	return ys
}

// runFormula is the recursion written out: after k values the mean is
// start (1-a)^k + the sum of a (1-a)^(k-i) y_i.
func runFormula(name string, start, alpha float64, ys []float64) formula {
	k := len(ys)
	if k == 0 {
		return calc("=start", 0, "start", start)
	}
	weights := make([]float64, k)
	for i := range k {
		weights[i] = float64(k - 1 - i)
	}
	names, in := list(name, ys)
	exps, more := list("k", weights)
	f := calc("=start*POWER(1-alpha,n)+alpha*SUMPRODUCT("+names+",POWER(1-alpha,"+exps+"))", 0,
		"start", start, "alpha", alpha, "n", float64(k))
	f.in = append(append(f.in, in...), more...)
	return f
}

// mth returns the m-th largest value for Up, the m-th smallest for Down.
func mth(values []float64, m int, side kizashi.Side) (float64, bool) {
	if m < 1 || m > len(values) {
		return math.NaN(), false
	}
	sorted := slices.Sorted(slices.Values(values))
	if side == kizashi.Down {
		return sorted[m-1], true
	}
	return sorted[len(sorted)-m], true
}
