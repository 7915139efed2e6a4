package alert

import (
	"math"
	"slices"
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// evidence tells the justification's facts in order; docs/justification.md
// lists them.
func (j *justifier) evidence(models []kizashi.Evidence) {
	j.Evidence = []kizashi.Evidence{}
	if j.Log != nil { // its votes' facts count lines, which no vote does
		j.Evidence = append(j.Evidence, models...)
		models = nil
	} else {
		j.votes()
	}
	if j.Record != nil && j.Opening.Value.Ok() {
		if i := j.Record.Slots[j.Record.SlotAt(j.t0)].Day; i > 0 {
			d := j.Record.Special[i-1]
			j.add(kizashi.Evidence{Claim: kizashi.ClaimDay, Text: d.Kind, Count: d.Days, Low: kizashi.Num(d.Low), High: kizashi.Num(d.High)})
		}
	}
	if j.Log != nil && j.Log.Day != nil {
		d := j.Log.Day
		j.add(kizashi.Evidence{Claim: kizashi.ClaimLogDay, Text: d.Kind, Count: d.Days, Value: kizashi.Num(d.Ordinary), Low: kizashi.Num(d.Low), High: kizashi.Num(d.High)})
	}
	if v := j.Volume; v != nil {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimVolume, Value: kizashi.Num(v.Sum), Low: kizashi.Num(j.Settings.Volume.Least), From: v.From, To: v.To, Text: v.Name})
	}
	if v := j.vote; j.Settings.Floor != nil && v != nil && (v.Model == "band" || v.Model == "spike") {
		c := float64(v.Center)
		j.add(kizashi.Evidence{Claim: kizashi.ClaimEffect, Value: kizashi.Num(math.Abs(float64(j.Opening.Value) - c)), Low: kizashi.Num(j.Settings.Floor.Least(c))})
	}
	if v := j.vote; j.Record != nil && j.Record.Seen != nil && v != nil && (v.Model == "band" || v.Model == "spike") {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimFirst, Low: kizashi.Num(j.Record.Seen.Low), High: kizashi.Num(j.Record.Seen.High)})
	}
	if r := j.Rhythm; r != nil && r.Opened != 0 {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimLate, From: r.Opened, Value: seconds(r.Limit), Text: j.Settings.Schedule.Hours, Unit: "s"})
	}
	if x := j.Expect; x != nil {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimExpected, Low: kizashi.Num(x.Low), High: kizashi.Num(x.High), From: x.From, To: x.To, Text: x.Text})
	}
	if j.Record != nil {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimSeason, Text: string(j.Record.Season)})
		if i := j.Record.Informed; i != nil {
			j.add(kizashi.Evidence{Claim: kizashi.ClaimInformed, From: i.From, To: i.To, Count: i.Hours, Text: "taken"})
		}
		if j.Record.Transform != kizashi.Identity {
			j.add(kizashi.Evidence{Claim: kizashi.ClaimTransform, Text: string(j.Record.Transform)})
		}
	}
	if h := j.Settings.HalfLife; h > 0 && j.Record != nil {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimAdapts, Value: seconds(h), Unit: "s"})
	}
	j.inherited()
	j.basis()
	j.target()
	for _, n := range j.Nearby {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimNearby, Value: kizashi.Num(n.Limit), Count: n.Episodes})
	}
	if j.Log != nil && j.Log.Due != nil {
		late := j.t0.Add(j.period).Sub(*j.Log.Due) + time.Duration(j.Meta.Settle) + tick
		j.add(kizashi.Evidence{Claim: kizashi.ClaimLogDue, Value: seconds(kizashi.Duration(late)), From: *j.Log.Due, Unit: "s"})
	}
	j.add(kizashi.Evidence{Claim: kizashi.ClaimDetection, Low: seconds(j.Shortest), High: seconds(j.Longest), Unit: "s"})
	for _, e := range models {
		j.add(e)
	}
}

// add appends a fact. A number that the claim does not use is None, and a
// literal cannot say so: zero values become None unless the claim uses them.
func (j *justifier) add(e kizashi.Evidence) {
	value, low, high := uses(e.Claim)
	if !value {
		e.Value = kizashi.None()
	}
	if !low {
		e.Low = kizashi.None()
	}
	if !high {
		e.High = kizashi.None()
	}
	j.Evidence = append(j.Evidence, e)
}

// uses says which numbers a claim carries.
func uses(c kizashi.Claim) (value, low, high bool) {
	switch c {
	case kizashi.ClaimBand, kizashi.ClaimSpike, kizashi.ClaimStatic, kizashi.ClaimGuard, kizashi.ClaimRate, kizashi.ClaimRevision, kizashi.ClaimInside, kizashi.ClaimComparable, kizashi.ClaimTarget, kizashi.ClaimLogDay:
		return true, true, true
	case kizashi.ClaimSilence, kizashi.ClaimExtrapolated, kizashi.ClaimUnsupported:
		return true, false, true
	case kizashi.ClaimEffect, kizashi.ClaimVolume:
		return true, true, false
	case kizashi.ClaimRange, kizashi.ClaimFirst, kizashi.ClaimDetection, kizashi.ClaimMoved, kizashi.ClaimExpected, kizashi.ClaimDay:
		return false, true, true
	case kizashi.ClaimNearby, kizashi.ClaimBound, kizashi.ClaimLate, kizashi.ClaimYoung, kizashi.ClaimShared, kizashi.ClaimRegular, kizashi.ClaimAdapts, kizashi.ClaimLogDue:
		return true, false, false
	}
	return false, false, false
}

func seconds(d kizashi.Duration) kizashi.Num { return kizashi.Num(float64(d) / 1e9) }

// votes tells what stood.
func (j *justifier) votes() {
	value := false
	for _, v := range j.Opening.Verdict.Votes {
		value = value || v.Kind == kizashi.Value
		if v.Model == "silence" && j.Rhythm != nil {
			j.add(kizashi.Evidence{Claim: kizashi.ClaimSilence, Value: seconds(j.Rhythm.Limit), High: seconds(j.Rhythm.Absent), From: j.Rhythm.Last, Unit: "s"})
			continue
		}
		if g := j.ground(&v); g != nil {
			j.Evidence = append(j.Evidence, grounded(g))
			continue
		}
		if j.own(v.Model) {
			j.Evidence = append(j.Evidence, kizashi.Evidence{Claim: kizashi.Claim(v.Model), Value: j.Opening.Value, Low: v.Lower, High: v.Upper, Count: 1, Of: 1})
			continue
		}
		e := kizashi.Evidence{Claim: kizashi.Claim(v.Model), Value: j.Opening.Value, Low: v.Lower, High: v.Upper, Count: 1, Of: 1}
		switch v.Model {
		case "band":
			e.Count, e.Of = j.Record.M, j.Record.N
		case "static":
			e.Count, e.Of = rule(j.Settings.Static, &v)
			e.Text = note(j.Settings.Static, &v)
		case "rate":
			e.From, e.To, e.Text = asked(j.Settings.Change, &v, j.Opening.At)
		case "guard":
			e.Count, e.Of = rule(j.Settings.Guards, &v)
			e.Text = note(j.Settings.Guards, &v)
		}
		j.add(e)
	}
	if w, v := j.Opening.Verdict, j.Opening.Value; !value && v.Ok() && w.Upper.Ok() && v <= w.Upper && !(v < w.Lower) {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimInside, Value: j.Opening.Value, Low: w.Lower, High: w.Upper})
	}
}

// own says that a detector is one that is not Kizashi's.
func (j *justifier) own(model string) bool {
	return slices.ContainsFunc(j.Own, func(o kizashi.Own) bool { return o.Model == model })
}

// ground of a vote, nil for none.
func (j *justifier) ground(v *kizashi.Vote) *kizashi.Ground {
	for i := range j.Grounds {
		if g := &j.Grounds[i]; g.Model == v.Model && g.Side == v.Side {
			return g
		}
	}
	return nil
}

// grounded tells an evidence vote: the statistic, its limit, and over what.
func grounded(g *kizashi.Ground) kizashi.Evidence {
	e := kizashi.Evidence{Claim: kizashi.Claim(g.Model), Value: kizashi.Num(g.Stat), Low: g.Usual, High: kizashi.Num(g.Limit),
		From: g.From, To: g.To, Unit: g.Unit}
	if p := g.Past; p != nil {
		e.Count, e.Of = p.Count, p.Of
	}
	return e
}

// inherited tells that the baseline began as another series'.
func (j *justifier) inherited() {
	if j.Record == nil || j.Record.Inherited == nil {
		return
	}
	in := j.Record.Inherited
	j.add(kizashi.Evidence{Claim: kizashi.ClaimInherited, Text: in.Name, From: in.At, Count: int(in.Own)})
}

// asked finds the change that a vote stood on: from when to when, and its note.
func asked(cs []kizashi.Change, v *kizashi.Vote, at kizashi.Time) (from, to kizashi.Time, note string) {
	for _, c := range cs {
		if (c.Side == v.Side || c.Side == kizashi.Both) && (c.Part > 0) == (v.Unit == "part") && max(c.By, c.Part) == v.Limit {
			return at.Add(-time.Duration(c.Over)), at, c.Note
		}
	}
	return 0, 0, ""
}

func note(ls []kizashi.Limit, v *kizashi.Vote) string {
	for _, l := range ls {
		if l.Value == v.Limit && l.Side == v.Side {
			return l.Note
		}
	}
	return ""
}

// basis tells what the limit was learned from.
func (j *justifier) basis() {
	w := &j.Window
	j.add(kizashi.Evidence{Claim: kizashi.ClaimWindow, From: w.From, To: w.To, Count: w.Samples - w.HeldOut, Of: w.Expected})
	if w.Missing > 0 {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimMissing, Count: w.Missing})
	}
	for _, s := range w.Held {
		text := string(s.Why)
		if s.Text != "" {
			text = s.Text
		}
		j.add(kizashi.Evidence{Claim: kizashi.ClaimHeld, From: s.From, To: s.To, Count: s.Count, Text: text})
	}
	var meds []float64
	e := kizashi.Evidence{Claim: kizashi.ClaimComparable, Low: kizashi.Num(math.Inf(1)), High: kizashi.Num(math.Inf(-1))}
	for _, c := range j.Comparable {
		if c.Held {
			continue
		}
		meds = append(meds, float64(c.Median))
		e.Low, e.High = min(e.Low, c.Low), max(e.High, c.High)
	}
	if e.Count = len(meds); e.Count > 0 {
		e.Value = kizashi.Num(middle(sorted(meds)))
		j.add(e)
	}
	if len(meds) < 3 && (j.Log == nil || j.vote != nil && like(j.vote.Model)) {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimFewMoments, Count: len(meds)})
	}
	if j.LimitLow.Ok() {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimRange, Low: j.LimitLow, High: j.LimitHigh})
	}
}

// tail is the one that the first standing vote with a limit of the target's
// crossed; those of band and spike go before those of evidence.
func (j *justifier) tail() *kizashi.Tail {
	if j.Record == nil {
		return nil
	}
	for _, v := range j.Opening.Verdict.Votes {
		switch {
		case v.Model == "band" && v.Side == kizashi.Up:
			return &j.Record.BandUp
		case v.Model == "band":
			return &j.Record.BandDown
		case v.Model == "spike" && v.Side == kizashi.Up:
			return &j.Record.SpikeUp
		case v.Model == "spike":
			return &j.Record.SpikeDown
		}
	}
	for i := range j.Grounds {
		if j.Grounds[i].Tail != nil {
			return j.Grounds[i].Tail
		}
	}
	return nil
}

// target tells the false-alert target and the reservations about it.
func (j *justifier) target() {
	if j.Log != nil {
		j.targetOfLines()
		return
	}
	t := j.tail()
	if t == nil {
		j.bound()
		return
	}
	r := float64(j.Record.R) / 1e9
	low, high := interval(t, r)
	j.add(kizashi.Evidence{Claim: kizashi.ClaimTarget, Value: kizashi.Num(r), Low: kizashi.Num(low), High: kizashi.Num(high), Unit: "s"})
	if d := j.Settings.Division; d != nil && j.Record.R == d.R() {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimShared, Value: kizashi.Num(d.Weekly), Count: d.Series})
	}
	age := float64(j.t0-j.Record.Since) / 1000
	if r > age {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimExtrapolated, Value: kizashi.Num(age), High: kizashi.Num(r), Unit: "s"})
	}
	if most := Supported(t); r > most {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimUnsupported, Value: kizashi.Num(most), High: kizashi.Num(r), Unit: "s"})
	}
	if t.N < 20 || age < 7*86400 && j.Record.Inherited == nil {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimPrior, Count: int(t.N)})
	}
	if f := t.Young(); f >= youngTold {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimYoung, Value: kizashi.Num(f)})
	}
	if j.lattice() {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimLattice})
	}
	j.bound()
	if j.banded() {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimFired, Count: j.Fired})
	}
}

// banded says that a vote of band or spike stands.
func (j *justifier) banded() bool {
	for _, v := range j.Opening.Verdict.Votes {
		if v.Model == "band" || v.Model == "spike" {
			return true
		}
	}
	return false
}

// interval is the 95 % interval of the return period, in seconds.
func interval(t *kizashi.Tail, r float64) (low, high float64) {
	l := math.Log(max(1, t.Lambda*r*t.Young()/86400/t.W))
	s := math.Sqrt(1/(t.N+t.N0/4) + l*l*(1+l*l/25)/(t.N+t.N0))
	return r / math.Exp(1.96*s), r * math.Exp(1.96*s)
}

// youngTold is from when on it is worth a sentence.
const youngTold = 1.5

// supportedWithin is the factor by which a return period may be off, 95 %, for
// a tail to support it: some 50 days after three weeks, 250 after twelve (docs/method.md,
// section 14).
const supportedWithin = 10

// Supported is the longest return period that a tail supports, in seconds: the
// one whose interval reaches to supportedWithin times itself. A tail whose u is
// not known supports none.
func Supported(t *kizashi.Tail) float64 {
	if t.U == 0 || t.Lambda <= 0 {
		return 0
	}
	s := math.Log(supportedWithin) / 1.96
	left := (s*s - 1/(t.N+t.N0/4)) * (t.N + t.N0) // = l² + l^4/25
	if left <= 0 {
		return 0
	}
	l := math.Sqrt(12.5 * (math.Sqrt(1+4./25*left) - 1))
	return math.Exp(l) * t.W / t.Lambda / t.Young() * 86400
}

// SupportedBy is the longest return period that all tails of a record that can
// vote support, in seconds; 0 = none, as while it is not ready.
func SupportedBy(r *kizashi.Record, set *kizashi.Settings) float64 {
	if !r.Ready {
		return 0
	}
	most := math.Inf(1)
	for _, side := range [...]struct {
		kizashi.Side
		band, spike *kizashi.Tail
	}{{kizashi.Up, &r.BandUp, &r.SpikeUp}, {kizashi.Down, &r.BandDown, &r.SpikeDown}} {
		if set.Direction != kizashi.Both && set.Direction != side.Side {
			continue
		}
		if r.N > 1 && !slices.Contains(set.Off, "band") {
			most = min(most, Supported(side.band))
		}
		if !slices.Contains(set.Off, "spike") {
			most = min(most, Supported(side.spike))
		}
	}
	if math.IsInf(most, 1) {
		return 0
	}
	return most
}

// lattice says that all samples of the window are whole numbers.
func (j *justifier) lattice() bool {
	for i := range j.samples {
		if v := j.samples[i].Value; v != math.Trunc(v) {
			return false
		}
	}
	return len(j.samples) > 0
}

// bound tells that the crossed limit is a bound or a guard rail.
func (j *justifier) bound() {
	if j.vote == nil || j.vote.Model != "band" && j.vote.Model != "spike" {
		return
	}
	limit, hard := j.vote.Upper, j.Meta.Upper
	if j.side == kizashi.Down {
		limit, hard = j.vote.Lower, j.Meta.Lower
	}
	is := limit.Ok() && limit == hard
	for _, g := range j.Settings.Guards {
		is = is || limit.Ok() && float64(limit) == g.Value && g.Side == j.side
	}
	if is {
		j.add(kizashi.Evidence{Claim: kizashi.ClaimBound, Value: limit})
	}
}

func sorted(vs []float64) []float64 {
	out := append([]float64(nil), vs...)
	sort.Float64s(out)
	return out
}
