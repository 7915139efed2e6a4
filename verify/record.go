package verify

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// share is w: what each side of band and spike that can vote gets of the target.
func share(set kizashi.Settings, n int) float64 {
	votes := 0
	if n > 1 && !slices.Contains(set.Off, band) {
		votes++
	}
	if !slices.Contains(set.Off, spike) {
		votes++
	}
	if set.Direction == kizashi.Both {
		votes *= 2
	}
	whole := 3 * float64(votes)
	for model, m := range evidence {
		if m.whole == 0 && !slices.Contains(set.Off, model) && (!m.optIn || slices.Contains(set.OptIn, model)) {
			whole += m.share
		}
	}
	if whole == 0 {
		return 1
	}
	return 3 / whole
}

// calibrated says what a record may claim.
func calibrated(r *kizashi.Record) bool {
	enough := r.SpikeUp.N >= calibratedClusters && r.SpikeDown.N >= calibratedClusters
	if r.N > 1 {
		enough = enough && r.BandUp.N >= calibratedClusters && r.BandDown.N >= calibratedClusters
	}
	return enough && r.Hour-r.Since >= calibratedSpan
}

// limits are a slot's, in the series' unit, within bounds and guard rails.
func limits(r *kizashi.Record, guards []kizashi.Limit, s kizashi.Slot) (lower, upper kizashi.Num) {
	lower, upper = kizashi.None(), kizashi.None()
	if !r.Ready || r.N <= 1 {
		return lower, upper
	}
	b := boundsOf(r.Transform, s, expectedOn(r, s, nil))
	if r.BandUp.U > 0 {
		upper = cut(r, guards, back(r.Transform, b.high+b.highScale*r.BandUp.Theta))
	}
	if r.BandDown.U > 0 {
		lower = cut(r, guards, back(r.Transform, b.low-b.lowScale*r.BandDown.Theta))
	}
	return lower, upper
}

func cut(r *kizashi.Record, guards []kizashi.Limit, x float64) kizashi.Num {
	if r.Lower.Ok() {
		x = max(x, float64(r.Lower))
	}
	if r.Upper.Ok() {
		x = min(x, float64(r.Upper))
	}
	for _, g := range guards {
		if g.Side == kizashi.Up {
			x = min(x, g.Value)
		} else {
			x = max(x, g.Value)
		}
	}
	return kizashi.Num(x)
}

// record checks what the record says of itself.
func (c *checker) record() {
	r := c.j.Record
	if r == nil {
		return
	}
	c.same("series", "record.series", "meta.series", c.j.Meta.Series, r.Series)
	c.same("opened", "record.hour", "the hour of opening.at", c.j.Opening.At.Floor(time.Hour), r.Hour)
	c.target()
	c.same("bound", "record.lower_bound", "meta.lower", c.j.Meta.Lower, r.Lower)
	c.same("bound", "record.upper_bound", "meta.upper", c.j.Meta.Upper, r.Upper)
	if c.j.Meta.Period > 0 {
		c.same("period", "record.period", "meta.period", c.j.Meta.Period, r.Period)
	}
	c.ruleOfRecord()
	c.shares()
	c.tails()
	c.special()
	c.same("calibrated", "record.calibrated", "7 days since the restart, and 20 clusters in every tail that votes", calibrated(r), r.Calibrat)
	for i, s := range r.Slots {
		c.slotLimits(at("record.slots", i), s)
	}
	if c.cfg.Data == nil {
		if r.Inherited != nil {
			c.declare("record.inherited")
		}
		if r.Seen != nil {
			c.declare("record.seen")
		}
		c.declare("record.slots, samples, since, restarts and the tails' u, lambda, n, m, v: repeated with --data only")
	}
}

// target checks R. A target command may come within the hour, whose record
// stays: with samples the record's own R is then repeated, without them its
// limits are only held against the R that they state.
func (c *checker) target() {
	if d := c.j.Settings.Division; d != nil {
		c.same("target", "settings.r", "settings.division: series weeks over weekly, from a day to 250 years", part(d), c.j.Settings.R)
	}
	switch r, s := c.j.Record, c.j.Settings; {
	case r.R == s.R:
		c.same("target", "record.r", "settings.r", s.R, r.R)
	case c.cfg.Data == nil:
		c.declare("record.r: settings.r came into force within the hour")
	}
}

func (c *checker) ruleOfRecord() {
	r, s := c.j.Record, c.j.Settings
	m, n, by := s.M, s.N, "settings.m of settings.n"
	if n == 0 {
		if c.j.Meta.Period == 0 {
			return // fixed at the first record by a period that was running then
		}
		m, n = kizashi.MofN(time.Duration(r.Period))
		by = "3 of 5 under 5 minutes, 2 of 3 under an hour, else 1 of 1"
	}
	c.same("rule", "record.m", by, m, r.M)
	c.same("rule", "record.n", by, n, r.N)
}

func (c *checker) shares() {
	r := c.j.Record
	w := share(c.frozenBy(), r.N)
	for _, t := range []struct {
		name  string
		tail  kizashi.Tail
		prior before
	}{
		{"band_up", r.BandUp, bandBefore}, {"band_down", r.BandDown, bandBefore}, {"spike_up", r.SpikeUp, spikeBefore}, {"spike_down", r.SpikeDown, spikeBefore},
	} {
		path := "record." + t.name
		c.number("share", path+".w", calc("=3/shares", w, "shares", 3/w), t.tail.W)
		c.priorOf(path, t.prior, t.tail)
	}
}

// slotLimits checks a slot's limits in the series' unit.
func (c *checker) slotLimits(path string, s kizashi.Slot) {
	r, set := c.j.Record, c.frozenBy()
	lower, upper := limits(r, set.Guards, s)
	b := boundsOf(r.Transform, s, expectedOn(r, s, nil))
	f := cutText(r, set.Guards, backText(r.Transform, "(center+scale*theta)"))
	f.want, f.in = float64(upper), append(f.in, calc("", 0, "center", b.high, "scale", b.highScale, "theta", r.BandUp.Theta).in...)
	c.number("slot.upper", path+".upper", f, float64(s.Upper))
	f = cutText(r, set.Guards, backText(r.Transform, "(center-scale*theta)"))
	f.want, f.in = float64(lower), append(f.in, calc("", 0, "center", b.low, "scale", b.lowScale, "theta", r.BandDown.Theta).in...)
	c.number("slot.lower", path+".lower", f, float64(s.Lower))
}

// frozenBy are the settings by which the record was frozen. What came into
// force within its hour can be told from them only where they are stored.
func (c *checker) frozenBy() kizashi.Settings {
	if c.cfg.Data == nil || c.past == nil {
		return c.j.Settings
	}
	first := c.j.Opening.At
	if in := between(c.past.samples, c.j.Record.Hour, first); len(in) > 0 {
		first = in[0].At
	}
	return c.settingsAt(first)
}

// cutText writes out what cut does.
func cutText(r *kizashi.Record, guards []kizashi.Limit, text string) formula {
	var f formula
	wrap := func(fn, name string, v float64) {
		text = fn + "(" + text + "," + name + ")"
		f.in = append(f.in, Input{Name: name, Value: v})
	}
	if r.Lower.Ok() {
		wrap("MAX", "lower_bound", float64(r.Lower))
	}
	if r.Upper.Ok() {
		wrap("MIN", "upper_bound", float64(r.Upper))
	}
	for i, g := range guards {
		fn := "MIN"
		if g.Side != kizashi.Up {
			fn = "MAX"
		}
		wrap(fn, "guard"+strconv.Itoa(i+1), g.Value)
	}
	f.text = "=" + text
	return f
}

// spike checks the vote of one sample against the moving mean.
func (c *checker) spike(path string, w kizashi.Vote) {
	r, run, n := c.j.Record, c.j.Run, len(c.j.Recent)
	if r == nil || run == nil || n == 0 {
		c.fault("%s: a spike vote without a record, a moving mean, or the sample's score", path)
		return
	}
	sign, tail := 1.0, r.SpikeUp
	if w.Side == kizashi.Down {
		sign, tail = -1, r.SpikeDown
	}
	v, z := float64(c.j.Opening.Value), c.j.Recent[n-1].Score
	y, center, text := forth(r.Transform, v), c.j.Recent[n-1].Center, forthText(r.Transform, "value")
	stat := min(sign*(y-run.Center)/r.SpikeUnit, sign*(y-center-run.Off)/r.SpikeUnit, 2*sign*z)
	c.number("spike.stat", path+".stat", calc("=MIN(side*("+text+"-mean)/spike_scale,side*("+text+"-center-off)/spike_scale,2*side*score)", stat,
		"side", sign, "value", v, "mean", run.Center, "spike_scale", r.SpikeUnit, "center", center, "off", run.Off, "score", z), w.Stat)
	c.number("spike.limit", path+".limit", calc("=theta", tail.Theta, "theta", tail.Theta), w.Limit)
	c.spikeLimits(path, w)
	c.crossed(path, w, stat > tail.Theta && c.far(w))
}

func (c *checker) spikeLimits(path string, w kizashi.Vote) {
	r, mean := c.j.Record, c.j.Run.Center
	b := c.bounds(r.Slots[c.slot(c.j.Opening.At)])
	c.number("expected", path+".center", calc("="+backText(r.Transform, "mean"), back(r.Transform, mean), "mean", mean), float64(w.Center))
	off := c.j.Run.Off
	up := max(max(mean, b.high+off)+r.SpikeUp.Theta*r.SpikeUnit, b.high+b.highScale*r.SpikeUp.Theta/2)
	c.number("upper", path+".upper", calc("="+backText(r.Transform, "MAX(MAX(mean,center+off)+theta*spike_scale,center+theta*scale/2)"), back(r.Transform, up),
		"mean", mean, "off", off, "theta", r.SpikeUp.Theta, "spike_scale", r.SpikeUnit, "center", b.high, "scale", b.highScale), float64(w.Upper))
	down := min(min(mean, b.low+off)-r.SpikeDown.Theta*r.SpikeUnit, b.low-b.lowScale*r.SpikeDown.Theta/2)
	c.number("lower", path+".lower", calc("="+backText(r.Transform, "MIN(MIN(mean,center+off)-theta*spike_scale,center-theta*scale/2)"), back(r.Transform, down),
		"mean", mean, "off", off, "theta", r.SpikeDown.Theta, "spike_scale", r.SpikeUnit, "center", b.low, "scale", b.lowScale), float64(w.Lower))
}

// fixedStat is the value held against a limit that a person set.
func (c *checker) fixedStat(path string, l kizashi.Limit, w kizashi.Vote) float64 {
	v := float64(c.j.Opening.Value)
	c.number("fixed.stat", path+".stat", calc("=value", v, "value", v), w.Stat)
	lower, upper := math.NaN(), l.Value
	if l.Side == kizashi.Down {
		lower, upper = upper, lower
	}
	c.number("lower", path+".lower", calc("=limit", lower, "limit", l.Value), float64(w.Lower))
	c.number("upper", path+".upper", calc("=limit", upper, "limit", l.Value), float64(w.Upper))
	c.same("expected", path+".center", "a set limit expects nothing", kizashi.None(), w.Center)
	return v
}
