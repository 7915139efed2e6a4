package detect

import (
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
)

// judge is one sample's way through its series.
type judge struct {
	e      *Engine
	s      *series
	out    *Judged
	view   baseline.View
	votes  []kizashi.Vote   // scratch: those on the sample in hand
	before []kizashi.Sample // judged in the same step, not in the history yet
	c      Case
}

// sample judges smp, learns it, and reports what crossed.
func (j *judge) sample(smp *kizashi.Sample, out *Judgement) error {
	s := j.s
	*out = Judgement{Series: smp.Series, At: smp.At, End: smp.End(), Value: smp.Value,
		Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None(), Score: kizashi.None()}
	if s.seen && smp.At <= s.last {
		out.State = kizashi.LateSample
		return nil
	}
	if !(math.Abs(smp.Value) <= kizashi.MaxValue) {
		out.State, out.Why = kizashi.NoOpinion, kizashi.ClaimUnusable
		return nil
	}
	if len(s.cold) > 0 {
		if err := j.warmUp(); err != nil {
			return err
		}
	}
	if len(s.coming) > 0 || s.applied < len(j.e.commands) {
		if err := j.catchUp(smp.At); err != nil {
			return err
		}
	}
	if s.ended != "" && smp.At >= s.endedAt {
		j.revive(smp.At)
	}
	if s.done < len(s.informs) {
		if err := j.inform(smp.At); err != nil {
			return err
		}
	}
	if len(s.timed) > 0 && s.seen {
		j.timers(smp.At)
	}
	j.c = Case{Sample: *smp, Meta: &s.meta, Settings: &s.set, View: &j.view, Base: s.base}
	expected, how := (*kizashi.Expectation)(nil), baseline.AsJudged
	if len(s.marks) > 0 {
		expected, how = s.expects(s.last, smp.At), s.stance(smp.At)
	}
	s.base.Look(smp, &j.view, expected)
	j.c.Stance = how
	if j.view.Begins {
		j.begin(s.hourly)
	}
	event := j.drain(smp.At)
	j.vote(out)
	if j.view.Ready {
		out.Score, out.Restarts, out.Learns = kizashi.Num(j.view.Z), j.view.Restarts, j.c.Learns()
	}
	if a := j.e.asked; a != nil && a.Series == smp.Series && smp.At <= a.At {
		j.answer(a, smp, out)
	}
	j.report(smp, out, event)
	if s.ended != "" {
		j.over() // it came behind the end, which ended what was open then
	}
	s.base.Learn(smp, &j.view, how)
	held := how == baseline.Excluded || j.view.Held()
	if how != baseline.Excluded && !j.view.Special {
		out.Held = j.view.HeldBy()
	}
	for i := range s.models {
		s.models[i].Learn(&j.c, held)
	}
	if out.State == kizashi.Judged && held {
		out.State = kizashi.HeldOut
		if how == baseline.Excluded {
			out.Why = s.why(smp.At)
		}
	}
	s.seen, s.last = true, smp.At
	return nil
}

// begin lets models freeze their limits for the hour that begins.
func (j *judge) begin(rows []int) {
	for _, i := range rows {
		if m, ok := j.s.models[i].(Hourly); ok {
			j.c.Share = j.e.rows[i].Share
			m.Begin(&j.c)
		}
	}
}

// vote asks every model and fills in the judgement. Votes are filled in where
// they lie: one of its own would be allocated for each model and sample.
func (j *judge) vote(out *Judgement) {
	s, v := j.s, &j.view
	votes := j.votes[:0]
	for i := range s.models {
		if s.off(j.e.rows[i].Name) {
			continue
		}
		votes = append(votes, kizashi.Vote{Model: j.e.rows[i].Name, Kind: j.e.rows[i].Kind})
		vote := &votes[len(votes)-1]
		j.c.Share = j.e.rows[i].Share
		ok := s.models[i].Judge(&j.c, vote)
		out.Onset += j.e.rows[i].Weight * vote.Onset
		out.Stands = out.Stands || ok && vote.Crossed
		if !ok {
			votes = votes[:len(votes)-1]
		}
	}
	j.votes = votes
	out.Onset = s.rank.take(out.Onset)
	out.Expected, out.Lower, out.Upper = v.Expected, v.Lower, v.Upper
	out.State = kizashi.Judged
	switch {
	case len(j.votes) == 0 && !v.Ready:
		out.State, out.Why = kizashi.Warming, v.Why
	case len(j.votes) == 0:
		out.State, out.Why = kizashi.NoOpinion, kizashi.ClaimGap
	}
}

func (s *series) off(model string) bool {
	for _, n := range s.set.Off {
		if n == model {
			return true
		}
	}
	return false
}

// report hands a crossing to the group loop: while a vote stands, and after it
// for as long as the life of an alert may depend on it.
func (j *judge) report(smp *kizashi.Sample, out *Judgement, event kizashi.Claim) {
	s := j.s
	if !out.Stands && !s.tail {
		return
	}
	if out.Stands {
		s.calm, s.tail = 0, true
	} else if s.calm++; s.over(smp.At) {
		s.tail = false
		return
	}
	c := kizashi.Crossing{Series: smp.Series, At: smp.At, End: smp.End(), Value: kizashi.Num(smp.Value),
		Late: smp.Late, Quiet: kizashi.Duration(s.quiet()), Recover: s.recovery(), Event: event}
	c.Verdict = j.verdict(out)
	if out.Stands {
		c.Proof = j.proofs(smp.At, c.Verdict)
	}
	j.out.Crossings = append(j.out.Crossings, c)
}

// over says that no vote stood for so long that no alert can still depend on
// it.
func (s *series) over(at kizashi.Time) bool {
	if s.calm <= damping*s.recovery() {
		return false
	}
	for i := range s.side {
		if s.side[i].seen && at.Sub(s.side[i].at) <= s.quiet() {
			return false
		}
	}
	return true
}

// answer notes all that is known of the sample.
func (j *judge) answer(a *Asked, smp *kizashi.Sample, out *Judgement) {
	s := j.s
	v := kizashi.Verdict{Onset: out.Onset, State: out.State, Why: string(out.Why), Expected: out.Expected, Lower: out.Lower, Upper: out.Upper,
		Votes: append([]kizashi.Vote(nil), j.votes...)}
	a.Found, a.Meta, a.Record = true, s.meta, s.base.Record()
	a.Moment = kizashi.Moment{At: smp.At, Value: kizashi.Num(smp.Value), Verdict: v}
	a.Facts = nil
	if out.Why == kizashi.ClaimWarming {
		have, want := s.base.Warmth()
		a.Facts = append(a.Facts, kizashi.Evidence{Claim: kizashi.ClaimWarming, Count: have, Of: want,
			Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()})
	}
	if f, ok := s.base.Inherited(); ok {
		a.Facts = append(a.Facts, f)
	}
	for i := range s.models {
		if !s.off(j.e.rows[i].Name) {
			a.Facts = append(a.Facts, s.models[i].Explain(&j.c)...)
		}
	}
}

// verdict copies the votes that stand: the scratch is used again.
func (j *judge) verdict(out *Judgement) kizashi.Verdict {
	v := kizashi.Verdict{Onset: out.Onset, State: out.State, Expected: out.Expected, Lower: out.Lower, Upper: out.Upper}
	for _, w := range j.votes {
		if w.Crossed {
			v.Votes = append(v.Votes, w)
		}
	}
	return v
}

// proofs keeps what is known now for every side on which an alert may open.
func (j *judge) proofs(at kizashi.Time, v kizashi.Verdict) []kizashi.Proof {
	var ps []kizashi.Proof
	for _, side := range [...]kizashi.Side{kizashi.Down, kizashi.Both, kizashi.Up} {
		if !v.Stands(side) {
			continue
		}
		t := &j.s.side[side+1]
		// Where there was too little the group loop lets a sample pass; the next may
		// open the alert.
		if !t.seen || at.Sub(t.at) > j.s.quiet() || j.s.set.Volume != nil {
			ps = append(ps, j.proof(side))
		}
		t.seen, t.at = true, at
	}
	return ps
}

func (j *judge) proof(side kizashi.Side) kizashi.Proof {
	s := j.s
	p := kizashi.Proof{Side: side, Meta: s.meta, Settings: s.set, Config: s.config.hash,
		Record: s.base.Record(), Recent: s.base.Recent(&j.c.Sample, &j.view),
		Run: s.base.Run(&j.c.Sample), Held: s.heldOut(), Expect: j.view.Expect, Days: s.base.Kinds(j.c.Sample.At, 14)}
	for i := range s.models {
		if !s.off(j.e.rows[i].Name) {
			p.Evidence = append(p.Evidence, s.models[i].Explain(&j.c)...)
			p.Grounds = append(p.Grounds, j.ground(i, side)...)
		}
	}
	return p
}

// ground of a row's vote, if it stands on the side.
func (j *judge) ground(row int, side kizashi.Side) []kizashi.Ground {
	m, ok := j.s.models[row].(Grounded)
	if !ok {
		return nil
	}
	for i := range j.votes {
		if w := &j.votes[i]; w.Model == j.e.rows[row].Name && w.Crossed && w.Side == side {
			j.c.Share = j.e.rows[row].Share
			if g := m.Ground(&j.c); g != nil {
				return []kizashi.Ground{*g}
			}
		}
	}
	return nil
}

// timers reports the silences that became one at or before until.
func (j *judge) timers(until kizashi.Time) {
	s := j.s
	if s.ended != "" {
		return
	}
	for _, i := range s.timed {
		m := s.models[i].(Timed)
		due := m.Due()
		if due > until || s.off(j.e.rows[i].Name) {
			continue
		}
		j.c = Case{Sample: kizashi.Sample{Series: s.meta.Series, At: due}, Meta: &s.meta, Settings: &s.set, View: &j.view, Base: s.base}
		vote := kizashi.Vote{Model: j.e.rows[i].Name, Kind: j.e.rows[i].Kind}
		rhythm := m.Absent(&j.c, &vote)
		m.Said()
		j.absent(due, vote, rhythm)
	}
}

func (j *judge) absent(due kizashi.Time, vote kizashi.Vote, rhythm *kizashi.Rhythm) {
	s := j.s
	c := kizashi.Crossing{Series: s.meta.Series, At: due, End: due, Value: kizashi.None(),
		Quiet: kizashi.Duration(s.quiet()), Recover: s.recovery()}
	c.Verdict = kizashi.Verdict{State: kizashi.Judged, Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None(),
		Votes: []kizashi.Vote{vote}}
	t := &s.side[kizashi.Both+1]
	if !t.seen || due.Sub(t.at) > s.quiet() {
		c.Proof = []kizashi.Proof{{Side: kizashi.Both, Meta: s.meta, Settings: s.set, Config: s.config.hash, Rhythm: rhythm}}
	}
	t.seen, t.at = true, due
	s.calm, s.tail = 0, true
	j.out.Crossings = append(j.out.Crossings, c)
}

// drain takes what the baseline did when it rolled to the sample's hour. It
// returns the event that an open alert must know of.
func (j *judge) drain(at kizashi.Time) kizashi.Claim {
	var told kizashi.Claim
	for _, ev := range j.s.base.Events() {
		switch {
		case ev.Record != nil:
			j.out.Records = append(j.out.Records, *ev.Record)
		case ev.Checkpoint != nil:
			j.out.Checkpoints = append(j.out.Checkpoints, *ev.Checkpoint)
		default:
			j.out.Notes = append(j.out.Notes, Note{Series: j.s.meta.Series, At: at, Fact: ev.Fact})
			if ev.Fact.Claim == kizashi.ClaimMoved {
				told = kizashi.ClaimMoved
			}
		}
	}
	return told
}
