package verify

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

// calibrated is what a tail must rest on to be called so.
const (
	calibratedClusters = 20
	calibratedSpan     = 7 * day
)

// crossedTail is the tail of the first band or spike vote that stood, else of the
// first evidence vote that has one.
func (c *checker) crossedTail() (kizashi.Tail, bool) {
	for _, w := range c.j.Opening.Verdict.Votes {
		if !w.Crossed || w.Side != c.alert.Side || w.Model != band && w.Model != spike {
			continue
		}
		return *c.tail(w), true
	}
	for _, g := range c.j.Grounds {
		if g.Tail != nil {
			return *g.Tail, true
		}
	}
	return kizashi.Tail{}, false
}

// banded says that a vote of band or spike stood.
func (c *checker) banded() bool {
	for _, w := range c.j.Opening.Verdict.Votes {
		if w.Crossed && w.Side == c.alert.Side && (w.Model == band || w.Model == spike) {
			return true
		}
	}
	return false
}

// tail is the tail by which a vote of band or spike is judged.
func (c *checker) tail(w kizashi.Vote) *kizashi.Tail {
	r := c.j.Record
	switch {
	case w.Model == band && w.Side == kizashi.Down:
		return &r.BandDown
	case w.Model == band:
		return &r.BandUp
	case w.Side == kizashi.Down:
		return &r.SpikeDown
	}
	return &r.SpikeUp
}

// tailFacts are the facts about a limit that was learned, and its
// reservations.
func (c *checker) tailFacts() []kizashi.Evidence {
	var fs []kizashi.Evidence
	t, ok := c.crossedTail()
	if !ok {
		return c.boundFacts()
	}
	r := c.j.Record
	R, span := seconds(r.R), c.j.Opening.At-r.Since
	e := fact0(kizashi.ClaimTarget)
	f := interval(t, R)
	e.Value, e.Low, e.High, e.Unit = kizashi.Num(R), kizashi.Num(R/f), kizashi.Num(R*f), "s"
	fs = append(fs, e)
	if d := c.j.Settings.Division; d != nil && r.R == part(d) {
		e := fact0(kizashi.ClaimShared)
		e.Value, e.Count = kizashi.Num(d.Weekly), d.Series
		fs = append(fs, e)
	}
	if R > instant(span) {
		e := fact0(kizashi.ClaimExtrapolated)
		e.Value, e.High, e.Unit = kizashi.Num(instant(span)), kizashi.Num(R), "s"
		fs = append(fs, e)
	}
	if most := supports(t); most < R {
		e := fact0(kizashi.ClaimUnsupported)
		e.Value, e.High, e.Unit = kizashi.Num(most), kizashi.Num(R), "s"
		fs = append(fs, e)
	}
	if t.N < calibratedClusters || span < calibratedSpan && r.Inherited == nil {
		e := fact0(kizashi.ClaimPrior)
		e.Count = int(t.N)
		fs = append(fs, e)
	}
	if y := youth(t); y >= 1.5 {
		e := fact0(kizashi.ClaimYoung)
		e.Value = kizashi.Num(y)
		fs = append(fs, e)
	}
	if c.whole() {
		fs = append(fs, fact0(kizashi.ClaimLattice))
	}
	fs = append(fs, c.boundFacts()...)
	if c.banded() {
		e := fact0(kizashi.ClaimFired)
		e.Count = c.j.Fired
		fs = append(fs, e)
	}
	return fs
}

// doubt shows the factor by which the target may be missed.
func (c *checker) doubt() {
	if c.j.Record == nil {
		return
	}
	if t, ok := c.crossedTail(); ok {
		R := seconds(c.j.Record.R)
		c.derive("doubt", "evidence", calc("=EXP(1.96*SQRT(1/(n+n0/4)+(POWER(LN(MAX(1,lambda*R*young/w)),2)+POWER(LN(MAX(1,lambda*R*young/w)),4)/25)/(n+n0)))", interval(t, R),
			"n", t.N, "n0", t.N0, "lambda", t.Lambda, "R", R/86400, "w", t.W, "young", youth(t)))
		if most := supports(t); most > 0 {
			c.derive("supported", "evidence", calc("=86400*w/lambda/young*EXP(SQRT(12.5*(SQRT(1+4/25*(POWER(LN(10)/1.96,2)-1/(n+n0/4))*(n+n0))-1)))", most,
				"n", t.N, "n0", t.N0, "lambda", t.Lambda, "w", t.W, "young", youth(t)))
		}
	}
}

// interval is the factor by which the target may be missed either way, 95 %:
// the doubt in the rate, that in the scale, which grows with the reach, and that in the
// shape, which grows with its square.
func interval(t kizashi.Tail, R float64) float64 {
	se := 1 / math.Sqrt(t.N+t.N0)
	reach := math.Log(max(1, t.Lambda*R*youth(t)/86400/t.W))
	shape := se * reach * reach / 5
	return math.Exp(1.96 * math.Sqrt(1/(t.N+t.N0/4)+se*reach*se*reach+shape*shape))
}

// supports is the longest R, in seconds, whose interval reaches to 10 times
// itself: interval solved for R.
func supports(t kizashi.Tail) float64 {
	if t.U == 0 || t.Lambda <= 0 {
		return 0
	}
	doubt := math.Pow(math.Log(10)/1.96, 2) - 1/(t.N+t.N0/4) // what is left for scale and shape
	if doubt <= 0 {
		return 0
	}
	// reach² + reach^4/25 = doubt (n + n0)
	square := (math.Sqrt(625+100*doubt*(t.N+t.N0)) - 25) / 2
	return 86400 * math.Exp(math.Sqrt(square)) / (t.Lambda * youth(t) / t.W)
}

// part is what a tenant's target comes to for one series: as many weeks as
// there are series, over what is accepted a week; in whole seconds, from a day
// to 250 years of 365 days.
func part(d *kizashi.Division) kizashi.Duration {
	s := math.Floor(604800 * float64(d.Series) / d.Weekly)
	return kizashi.Duration(math.Min(math.Max(s, 86400), 250*365*86400) * 1e9)
}

// boundFacts says at which bound or guard rail the crossed limit was cut.
func (c *checker) boundFacts() []kizashi.Evidence {
	w, ok := c.deciding()
	if !ok || w.Model != band && w.Model != spike {
		return nil
	}
	limit, bound := w.Upper, c.j.Record.Upper
	if w.Side == kizashi.Down {
		limit, bound = w.Lower, c.j.Record.Lower
	}
	if !limit.Ok() {
		return nil
	}
	hit := limit == bound
	for _, g := range c.j.Settings.Guards {
		hit = hit || g.Side == w.Side && limit == kizashi.Num(g.Value)
	}
	if !hit {
		return nil
	}
	e := fact0(kizashi.ClaimBound)
	e.Value = limit
	return []kizashi.Evidence{e}
}

// whole says whether the series lies on a lattice. Without samples the
// evidence is taken at its word, as it holds no number.
func (c *checker) whole() bool {
	if c.past != nil {
		return c.past.whole
	}
	for _, e := range c.j.Evidence {
		if e.Claim == kizashi.ClaimLattice {
			return true
		}
	}
	return false
}
