package verify

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// evidence demands that the facts told are those, and only those, that follow
// from the other fields: claim by claim, in the order of the claim's own.
func (c *checker) evidence() {
	c.doubt()
	want := map[kizashi.Claim][]kizashi.Evidence{}
	for _, e := range c.facts() {
		want[e.Claim] = append(want[e.Claim], e)
	}
	seen := map[kizashi.Claim]int{}
	for i, e := range c.j.Evidence {
		path := at("evidence", i)
		k := seen[e.Claim]
		seen[e.Claim]++
		if k >= len(want[e.Claim]) {
			c.fault("%s: %q does not follow from the other fields", path, e.Claim)
			continue
		}
		c.fact(path, want[e.Claim][k], e)
	}
	for _, e := range c.facts() {
		if seen[e.Claim] < len(want[e.Claim]) {
			c.fault("evidence: %q is not told, or not as often as it should be", e.Claim)
			seen[e.Claim] = len(want[e.Claim])
		}
	}
}

func (c *checker) fact(path string, w, e kizashi.Evidence) {
	name := "claim." + string(w.Claim)
	if isLine(string(w.Claim)) { // how many patterns stood out at that moment is not known here
		if w.Of = e.Of; e.Of < 1 || e.Unit == "d" && e.Of > 1 {
			c.fault("%s.of: %d patterns cannot have stood out", path, e.Of)
		}
		c.declare(path + ".of")
	}
	c.number(name, path+".value", calc("=x", float64(w.Value), "x", float64(w.Value)), float64(e.Value))
	c.number(name, path+".low", calc("=x", float64(w.Low), "x", float64(w.Low)), float64(e.Low))
	c.number(name, path+".high", calc("=x", float64(w.High), "x", float64(w.High)), float64(e.High))
	c.same(name, path+".count", "the field it repeats", w.Count, e.Count)
	c.same(name, path+".of", "the field it repeats", w.Of, e.Of)
	c.same(name, path+".from", "the field it repeats", w.From, e.From)
	c.same(name, path+".to", "the field it repeats", w.To, e.To)
	c.same(name, path+".unit", "s for spans of time, else the series' own", w.Unit, e.Unit)
	c.same(name, path+".text", "the field it repeats", w.Text, e.Text)
}

// fact0 is a fact without numbers; callers fill in what it has.
func fact0(claim kizashi.Claim) kizashi.Evidence {
	return kizashi.Evidence{Claim: claim, Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()}
}

// facts builds the evidence again, as docs/justification.md has it.
func (c *checker) facts() []kizashi.Evidence {
	fs := c.voteFacts()
	fs = append(fs, c.dayFacts()...)
	if x := c.j.Expect; x != nil {
		e := fact0(kizashi.ClaimExpected)
		e.Low, e.High, e.From, e.To, e.Text = kizashi.Num(x.Low), kizashi.Num(x.High), x.From, x.To, x.Text
		fs = append(fs, e)
	}
	fs = append(fs, c.windowFacts()...)
	fs = append(fs, c.momentFacts()...)
	if c.j.Record != nil {
		fs = append(fs, c.tailFacts()...)
	}
	if c.j.Log != nil {
		fs = append(fs, c.lineTarget()...)
	}
	if r := c.j.Routine; r != nil {
		fs = append(fs, regularFact(r))
	}
	return append(fs, c.closingFacts()...)
}

// regularFact tells what comes at this time of the day.
func regularFact(r *kizashi.Routine) kizashi.Evidence {
	e := fact0(kizashi.ClaimRegular)
	e.Count, e.Of, e.Value, e.Unit = came(r), len(r.Days), kizashi.Num(seconds(r.Jitter)), "s"
	e.From = r.From.Add(time.Duration(r.Usual))
	e.To = e.From.Add(time.Duration(r.Lasts))
	if r.Workdays {
		e.Text = "workdays"
	}
	return e
}

func (c *checker) voteFacts() []kizashi.Evidence {
	var fs []kizashi.Evidence
	for _, w := range c.j.Opening.Verdict.Votes {
		if !w.Crossed || w.Side != c.alert.Side {
			continue
		}
		fs = append(fs, c.voteFact(w))
	}
	return append(fs, c.insideFact()...)
}

// insideFact says that the value is a usual one, where only evidence speaks
// against it.
func (c *checker) insideFact() []kizashi.Evidence {
	v, in := c.j.Opening.Value, c.j.Opening.Verdict
	for _, w := range in.Votes {
		if w.Kind == kizashi.Value {
			return nil
		}
	}
	if !v.Ok() || !in.Upper.Ok() || v > in.Upper || in.Lower.Ok() && v < in.Lower {
		return nil
	}
	e := fact0(kizashi.ClaimInside)
	e.Value, e.Low, e.High = v, in.Lower, in.Upper
	return []kizashi.Evidence{e}
}

func (c *checker) voteFact(w kizashi.Vote) kizashi.Evidence {
	e := fact0(kizashi.Claim(w.Model))
	if w.Model == silence {
		if r := c.j.Rhythm; r != nil {
			e.Value, e.High, e.From, e.Unit = kizashi.Num(seconds(r.Limit)), kizashi.Num(seconds(r.Absent)), r.Last, "s"
		}
		return e
	}
	if g, _, ok := c.ground(w); ok {
		e.Value, e.Low, e.High, e.From, e.To, e.Unit = kizashi.Num(g.Stat), g.Usual, kizashi.Num(g.Limit), g.From, g.To, g.Unit
		if isLine(w.Model) {
			return lineFact(g)
		}
		if p := g.Past; p != nil {
			e.Count, e.Of = p.Count, p.Of
		}
		return e
	}
	e.Value, e.Low, e.High = c.j.Opening.Value, w.Lower, w.Upper
	e.Count, e.Of = 1, 1
	switch w.Model {
	case band:
		if r := c.j.Record; r != nil {
			e.Count, e.Of = r.M, r.N
		}
	case rate:
		if ch, ok := c.change(w); ok {
			e.From, e.To, e.Text = c.j.Opening.At.Add(-time.Duration(ch.Over)), c.j.Opening.At, ch.Note
		}
	case static, guard:
		l, _ := find(c.limits(w.Model), w)
		e.Count, e.Of, e.Text = max(l.M, 1), max(l.N, 1), l.Note
	}
	return e
}

func (c *checker) limits(model string) []kizashi.Limit {
	if model == guard {
		return c.j.Settings.Guards
	}
	return c.j.Settings.Static
}

func (c *checker) windowFacts() []kizashi.Evidence {
	var fs []kizashi.Evidence
	if r := c.j.Record; r != nil {
		e := fact0(kizashi.ClaimSeason)
		e.Text = string(r.Season)
		fs = append(fs, e)
		if i := r.Informed; i != nil {
			e := fact0(kizashi.ClaimInformed)
			e.From, e.To, e.Count, e.Text = i.From, i.To, i.Hours, "taken"
			fs = append(fs, e)
		}
		if h := c.j.Settings.HalfLife; h > 0 {
			e := fact0(kizashi.ClaimAdapts)
			e.Value, e.Unit = kizashi.Num(seconds(h)), "s"
			fs = append(fs, e)
		}
		if r.Transform != kizashi.Identity {
			e := fact0(kizashi.ClaimTransform)
			e.Text = string(r.Transform)
			fs = append(fs, e)
		}
	}
	if r := c.j.Record; r != nil && r.Inherited != nil {
		e := fact0(kizashi.ClaimInherited)
		e.Text, e.From, e.Count = r.Inherited.Name, r.Inherited.At, int(r.Inherited.Own)
		fs = append(fs, e)
	}
	w := c.j.Window
	e := fact0(kizashi.ClaimWindow)
	e.From, e.To, e.Count, e.Of = w.From, w.To, w.Samples-w.HeldOut, w.Expected
	fs = append(fs, e)
	if w.Missing > 0 {
		e := fact0(kizashi.ClaimMissing)
		e.Count = w.Missing
		fs = append(fs, e)
	}
	for _, h := range w.Held {
		e := fact0(kizashi.ClaimHeld)
		e.From, e.To, e.Count, e.Text = h.From, h.To, h.Count, h.Text
		if h.Text == "" {
			e.Text = string(h.Why)
		}
		fs = append(fs, e)
	}
	return fs
}

// fewMoments is how many comparable moments a season wants at least.
const fewMoments = 3

func (c *checker) momentFacts() []kizashi.Evidence {
	var fs []kizashi.Evidence
	var medians []float64
	low, high := math.Inf(1), math.Inf(-1)
	for _, m := range c.j.Comparable {
		if m.Held {
			continue
		}
		medians = append(medians, float64(m.Median))
		low, high = min(low, float64(m.Low)), max(high, float64(m.High))
	}
	if n := len(medians); n > 0 {
		e := fact0(kizashi.ClaimComparable)
		e.Count, e.Value, e.Low, e.High = n, kizashi.Num(median(medians)), kizashi.Num(low), kizashi.Num(high)
		fs = append(fs, e)
	}
	g, ok := c.judgedStretch()
	if n := len(medians); n < fewMoments && (c.j.Log == nil || ok && compares(g.Model)) {
		e := fact0(kizashi.ClaimFewMoments)
		e.Count = n
		fs = append(fs, e)
	}
	if c.j.LimitLow.Ok() {
		e := fact0(kizashi.ClaimRange)
		e.Low, e.High = c.j.LimitLow, c.j.LimitHigh
		fs = append(fs, e)
	}
	return fs
}

func (c *checker) closingFacts() []kizashi.Evidence {
	var fs []kizashi.Evidence
	for _, n := range c.j.Nearby {
		e := fact0(kizashi.ClaimNearby)
		e.Value, e.Count = kizashi.Num(n.Limit), n.Episodes
		fs = append(fs, e)
	}
	if l := c.j.Log; l != nil && l.Due != nil {
		e := fact0(kizashi.ClaimLogDue)
		e.From, e.Value, e.Unit = *l.Due, kizashi.Num(seconds(kizashi.Duration(c.j.Opening.At.Add(time.Duration(c.j.Meta.Period)).Sub(*l.Due)))+seconds(c.j.Meta.Settle)+60), "s"
		fs = append(fs, e)
	}
	e := fact0(kizashi.ClaimDetection)
	e.Low, e.High = kizashi.Num(seconds(c.j.Shortest)), kizashi.Num(seconds(c.j.Longest))
	e.Unit = "s"
	return append(fs, e)
}
