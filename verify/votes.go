package verify

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

// The rows of the table of models whose votes can be computed again.
const (
	band    = "band"
	spike   = "spike"
	static  = "static"
	guard   = "guard"
	silence = "silence"
	rate    = "rate"

	revision = "revision" // a corrected value beyond the limit of its hour; no row, but a vote
)

// votes checks the verdict of the opening sample, vote by vote.
func (c *checker) votes() {
	v, side := c.j.Opening.Verdict, c.alert.Side
	c.expected(v)
	if c.j.Log != nil {
		c.same("onset", "opening.verdict.onset", "log lines have no rank", 0.0, v.Onset)
	} else if c.j.Opening.Value.Ok() {
		c.declare("opening.verdict.onset")
	} else {
		c.same("onset", "opening.verdict.onset", "a silence has no rank", 0.0, v.Onset)
	}
	stood := false
	for i, w := range v.Votes {
		path := at("opening.verdict.votes", i)
		if w.Crossed && w.Side == side {
			stood = true
		}
		c.vote(path, w)
		c.onset(path+".onset", w)
	}
	c.owns()
	if !stood {
		c.fault("opening.verdict.votes: none stands on the alert's side, %s", side)
	}
	if d := c.j.Settings.Direction; d != kizashi.Both && side != kizashi.Both && d != side {
		c.fault("settings.direction: only %s may open an alert, and this one is %s", d, side)
	}
}

// ranking are the models whose surprise has a part in the moment's rank.
var ranking = map[string]bool{spike: true, "novelty": true, "context": true, "extreme": true}

// onset notes that what a vote has of the moment's rank is not checked: it opens
// nothing, and rests on all samples so far.
func (c *checker) onset(path string, w kizashi.Vote) {
	if ranking[w.Model] {
		c.declare(path)
		return
	}
	c.same("onset", path, "0: the model ranks no moments", 0.0, w.Onset)
}

// expected checks the band that files and charts show.
func (c *checker) expected(v kizashi.Verdict) {
	const path = "opening.verdict"
	r := c.j.Record
	if r == nil || !c.j.Opening.Value.Ok() {
		return
	}
	s := r.Slots[c.slot(c.j.Opening.At)]
	if r.Samples > 0 || r.Inherited != nil {
		c.limit("expected", path+".expected", c.slotExpected(s), v.Expected)
	} else {
		c.same("expected", path+".expected", "nothing was learned yet", kizashi.None(), v.Expected)
	}
	c.limit("lower", path+".lower", c.slotLimit(s, kizashi.Down), v.Lower)
	c.limit("upper", path+".upper", c.slotLimit(s, kizashi.Up), v.Upper)
}

// limit checks a number that may be absent.
func (c *checker) limit(name, path string, f formula, got kizashi.Num) {
	c.number(name, path, f, float64(got))
}

func (c *checker) vote(path string, w kizashi.Vote) {
	switch w.Model {
	case band:
		c.band(path, w)
	case spike:
		c.spike(path, w)
	case static:
		c.fixed(path, w, c.j.Settings.Static)
	case rate:
		c.rate(path, w)
	case guard:
		c.fixed(path, w, c.j.Settings.Guards)
	case silence:
		c.silence(path, w)
	case revision:
		c.revision(path, w)
	default:
		if m, ok := evidence[w.Model]; ok {
			c.evident(path, w, m)
			return
		}
		if c.isOwn(w.Model) {
			c.own(path, w)
			return
		}
		c.fault("%s: there is no rule to compute a vote of %q", path, w.Model)
	}
}

// crossed checks that the vote stands exactly when its statistic is beyond
// its limit.
func (c *checker) crossed(path string, w kizashi.Vote, beyond bool) {
	c.same("crossed", path+".crossed", "the statistic beyond the limit", beyond, w.Crossed)
}

func (c *checker) band(path string, w kizashi.Vote) {
	r := c.j.Record
	if r == nil {
		c.fault("%s: a band vote without a record", path)
		return
	}
	scores := make([]float64, len(c.j.Recent))
	for i, s := range c.j.Recent {
		scores[i] = s.Score
	}
	stat, ok := mth(scores, r.M, w.Side)
	if !ok {
		c.fault("%s: %d of %d samples are asked for, and recent has %d", path, r.M, r.N, len(scores))
		return
	}
	names, in := list("s", scores)
	text, tail := "=LARGE("+names+",m)", r.BandUp
	if w.Side == kizashi.Down {
		stat, text, tail = -stat, "=-SMALL("+names+",m)", r.BandDown
	}
	f := calc(text, stat, "m", float64(r.M))
	f.in = append(f.in, in...)
	c.number("band.stat", path+".stat", f, w.Stat)
	c.number("band.limit", path+".limit", calc("=theta", tail.Theta, "theta", tail.Theta), w.Limit)
	s := r.Slots[c.slot(c.j.Opening.At)]
	c.value(path, w, s)
	c.crossed(path, w, stat > tail.Theta && c.far(w))
}

// unseen says whether the value lies beyond all that the first week had until then.
func (c *checker) unseen(side kizashi.Side) bool {
	s, v := c.j.Record.Seen, float64(c.j.Opening.Value)
	return s == nil || side == kizashi.Up && v > s.High || side == kizashi.Down && v < s.Low
}

// far says whether the value lies as far from what the vote expected as the
// settings ask for, and in the first week further than any before.
func (c *checker) far(w kizashi.Vote) bool {
	if !c.unseen(w.Side) {
		return false
	}
	_, beyond, least := c.effect(w)
	return c.j.Settings.Floor == nil || beyond >= least
}

// effect is how far the value lies beyond the expected, and how far it must.
func (c *checker) effect(w kizashi.Vote) (e kizashi.Evidence, beyond, least float64) {
	e = fact0(kizashi.ClaimEffect)
	f := c.j.Settings.Floor
	if f == nil {
		return e, 0, 0
	}
	center := float64(w.Center)
	beyond, least = float64(c.j.Opening.Value)-center, max(f.By, f.Part*math.Abs(center))
	if w.Side == kizashi.Down {
		beyond = -beyond
	}
	e.Value, e.Low = kizashi.Num(beyond), kizashi.Num(least)
	return e, beyond, least
}

// value checks center and limits of a vote in the series' unit.
func (c *checker) value(path string, w kizashi.Vote, s kizashi.Slot) {
	c.limit("expected", path+".center", c.slotExpected(s), w.Center)
	c.limit("lower", path+".lower", c.slotLimit(s, kizashi.Down), w.Lower)
	c.limit("upper", path+".upper", c.slotLimit(s, kizashi.Up), w.Upper)
}

func (c *checker) silence(path string, w kizashi.Vote) {
	r := c.j.Rhythm
	if r == nil {
		c.fault("%s: a silence without a rhythm", path)
		return
	}
	absent, limit := seconds(r.Absent), seconds(r.Limit)
	c.number("silence.stat", path+".stat", calc("=absent", absent, "absent", absent), w.Stat)
	c.number("silence.limit", path+".limit", calc("=limit", limit, "limit", limit), w.Limit)
	c.crossed(path, w, absent >= limit)
}

// revision checks the vote of one corrected value against its hour's limit.
func (c *checker) revision(path string, w kizashi.Vote) {
	r := c.j.Record
	if r == nil || !c.alert.Revised {
		c.fault("%s: a corrected value without a record, or an alert that does not say so", path)
		return
	}
	s, v := r.Slots[c.slot(c.j.Opening.At)], float64(c.j.Opening.Value)
	limit, beyond := float64(s.Upper), v > float64(s.Upper)
	if w.Side == kizashi.Down {
		limit, beyond = float64(s.Lower), v < float64(s.Lower)
	}
	c.number("fixed.stat", path+".stat", calc("=value", v, "value", v), w.Stat)
	c.number("slot.limit", path+".limit", calc("=slot_limit", limit, "slot_limit", limit), w.Limit)
	c.value(path, w, s)
	c.crossed(path, w, r.Ready && beyond)
}

// fixed checks the vote of a limit that a person set, over the values at hand.
func (c *checker) fixed(path string, w kizashi.Vote, limits []kizashi.Limit) {
	l, ok := find(limits, w)
	if !ok {
		c.fault("%s.limit: the settings hold no such limit as %s", path, show(w.Limit))
		return
	}
	v := c.fixedStat(path, l, w)
	c.crossed(path, w, l.Over(v) && c.often(l))
}

// often says whether M of the last N samples are over the limit; without
// samples those before the opening one are taken at the vote's word.
func (c *checker) often(l kizashi.Limit) bool {
	if c.past == nil || l.N <= 1 {
		return true
	}
	n := 1
	s := c.past.samples
	for i := len(s) - 1; i >= max(0, len(s)-l.N+1); i-- {
		if l.Over(s[i].Value) {
			n++
		}
	}
	return n >= l.M
}

func find(limits []kizashi.Limit, w kizashi.Vote) (kizashi.Limit, bool) {
	for _, l := range limits {
		if l.Side == w.Side && l.Value == w.Limit {
			return l, true
		}
	}
	return kizashi.Limit{}, false
}

// deciding is the first vote that stood, from which detection times and what
// nearby limits would have done are told.
func (c *checker) deciding() (kizashi.Vote, bool) {
	for _, w := range c.j.Opening.Verdict.Votes {
		if w.Crossed && w.Side == c.alert.Side {
			return w, true
		}
	}
	return kizashi.Vote{}, false
}

// rule is the M of N of the deciding vote; a silence has none.
func (c *checker) rule() (m, n int, ok bool) {
	w, ok := c.deciding()
	if !ok {
		return 0, 0, false
	}
	switch w.Model {
	case band:
		if c.j.Record == nil {
			return 0, 0, false
		}
		return c.j.Record.M, c.j.Record.N, true
	case spike, rate, revision:
		return 1, 1, true
	case static, guard:
		limits := c.j.Settings.Static
		if w.Model == guard {
			limits = c.j.Settings.Guards
		}
		l, ok := find(limits, w)
		return max(l.M, 1), max(l.N, 1), ok
	}
	if c.isOwn(w.Model) {
		return 1, 1, true
	}
	return 0, 0, false
}
