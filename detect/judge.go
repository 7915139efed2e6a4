package detect

import (
	"math"
	"slices"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
)

// judge is one sample's way through its series.
type judge struct {
	e        *Engine
	s        *series
	out      *Judged
	to       *Judgement
	room     baseline.Room
	view     baseline.View
	c        Case
	event    kizashi.Claim  // that an open alert must know of
	drafts   []Draft        // by row, on the sample in hand
	votes    []kizashi.Vote // scratch: those on it, with room for one of each row
	onset    float64        // the sum of the rows' ranks
	opinions int            // of rows on the sample
	stands   bool           // one of them does
	held     bool           // the sample is kept out of what is usual
	measure  bool           // what models take for the sample in hand
	told     []kizashi.Evidence
	bases    []kizashi.Ground
	regular  *kizashi.Routine // what comes at the time of the sample
	side     kizashi.Side
	until    kizashi.Time
	before   []kizashi.Sample // judged in the same step, not in the history yet
	soon     soon             // of the series whose turn comes next
}

// sample judges smp, learns it, and reports what crossed.
func (j *judge) sample(smp *kizashi.Sample, to *Judgement) error {
	if ok, err := j.take(smp, to); !ok {
		return err
	}
	if j.view.Begins {
		j.begin(j.s.hourly)
	}
	a := j.e.asked
	if alone := j.measure || j.s.set.alone || j.s.others != nil || a != nil && a.Series == smp.Series; alone {
		j.vote()
	} else if j.brief(); j.stands {
		j.vote()
	}
	j.conclude()
	j.settle()
	return nil
}

// take begins with smp: what is due before it, and what its baseline says of it. Where
// it is not ok there is nothing to judge.
func (j *judge) take(smp *kizashi.Sample, to *Judgement) (ok bool, err error) {
	s := j.s
	j.to = to
	*to = Judgement{Series: smp.Series, At: smp.At, End: smp.End(), Value: smp.Value,
		Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None(), Score: kizashi.None()}
	if s.seen && smp.At <= s.last {
		to.State = kizashi.LateSample
		return false, nil
	}
	if !(math.Abs(smp.Value) <= kizashi.MaxValue) {
		to.State, to.Why = kizashi.NoOpinion, kizashi.ClaimUnusable
		return false, nil
	}
	if err := j.catchUpTo(smp); err != nil {
		return false, err
	}
	j.c = Case{Sample: *smp, Meta: &s.meta, Settings: &s.set.Settings, View: &j.view, Base: s.base}
	expected := (*kizashi.Expectation)(nil)
	if len(s.marks) > 0 {
		expected, j.c.Stance = s.expects(s.last, smp.At), s.stance(smp.At)
	}
	j.soon.some()
	s.base.Look(smp, &j.view, expected)
	j.event = j.drain(smp.At)
	return true, nil
}

// catchUpTo does what is due before a sample.
func (j *judge) catchUpTo(smp *kizashi.Sample) error {
	s := j.s
	if j.e.lost && !s.seen {
		if err := j.recall(smp.At); err != nil {
			return err
		}
	}
	if len(s.cold) > 0 {
		if err := j.warmUp(); err != nil {
			return err
		}
	}
	if len(s.coming) > 0 || int(s.applied) < len(j.e.commands) {
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
	if len(s.timed) > 0 && s.seen && smp.At.Sub(s.last) >= LeastTimer {
		j.timers(smp.At)
	}
	return nil
}

// settle reports what crossed, and learns the sample.
func (j *judge) settle() {
	s, smp, out, how := j.s, &j.c.Sample, j.to, j.c.Stance
	if j.view.Ready {
		out.Score, out.Learns = kizashi.Num(s.base.Alike(smp, &j.view)), j.c.Learns()
	}
	if a := j.e.asked; a != nil && a.Series == smp.Series && smp.At <= a.At {
		j.answer(a, smp, out)
	}
	j.report(smp, out, j.event)
	if s.ended != "" {
		j.over() // it came behind the end, which ended what was open then
	}
	j.soon.some()
	s.base.Learn(smp, &j.view, how)
	j.held = how == baseline.Excluded || j.view.Held()
	if how != baseline.Excluded && !j.view.Special {
		out.Held = j.view.HeldBy()
	}
	if out.State == kizashi.Judged && j.held {
		out.State = kizashi.HeldOut
		if how == baseline.Excluded {
			out.Why = s.why(smp.At)
		}
	}
	j.learn()
	s.seen, s.last = true, smp.At
}

// begin lets models freeze their limits for the hour that begins.
func (j *judge) begin(rows []int) { j.work(rows, false, beginRow) }

func beginRow(j *judge, row int) {
	j.c.Draft = nil // nothing was judged yet
	if m, ok := j.e.layout.hourlyOf(j.s, row); ok {
		j.c.Share = j.e.rows[row].Share
		m.Begin(&j.c)
	}
}

func learnRow(j *judge, row int) {
	if !slices.Contains(j.s.set.judging, row) {
		j.drafts[row].Set = false
	}
	j.c.Share, j.c.Draft = j.e.rows[row].Share, &j.drafts[row]
	j.e.layout.state(j.s, row).Learn(&j.c, j.held)
}

// tellable says that the sample lies as far from the expected as the settings ask
// for of what is told.
func (j *judge) tellable() bool {
	f, x := j.s.set.Floor, float64(j.view.Expected)
	return f == nil || math.Abs(j.c.Sample.Value-x) >= f.Least(x)
}

// apart says that the sample is judged by itself: what is expected by the band about
// it, a special day by those like it.
func (j *judge) apart() bool { return j.view.Expect != nil || j.view.Special }

func voteRow(j *judge, row int) {
	r, d := &j.e.rows[row], &j.drafts[row]
	d.Set = false
	off := j.s.set.off[row] || r.Share > 0 && j.apart()
	if off && (r.Weight == 0 || j.s.set.out[row]) {
		return
	}
	n := len(j.votes)
	vote := &j.votes[:n+1][n] // none until it is known to be one
	*vote = kizashi.Vote{}
	vote.Model, vote.Kind = r.Name, r.Kind
	j.c.Share, j.c.Draft = r.Share, d
	ok := j.e.layout.state(j.s, row).Judge(&j.c, vote)
	if !number(vote) {
		j.fault(row, "a vote that is no number")
		return
	}
	if r.own() {
		if what := wellFormed(vote, r); what != "" {
			j.fault(row, what)
			return
		}
		vote.Onset = 0 // it ranks no moments
		if d := j.s.set.Direction; d != kizashi.Both && vote.Side == -d {
			vote.Crossed = false
		}
	}
	j.onset += r.Weight * vote.Onset
	vote.Crossed = vote.Crossed && (r.Share == 0 || j.tellable())
	if ok && !off {
		j.votes = j.votes[:n+1]
		j.stands = j.stands || vote.Crossed
	}
}

// vote asks every model for its vote. Votes are filled in where they lie: one of its
// own would be allocated for each model and sample.
func (j *judge) vote() {
	j.votes, j.onset, j.stands = j.votes[:0], 0, false
	j.work(j.s.set.judging, true, voteRow)
	j.opinions = len(j.votes)
}

// conclude fills in the judgement.
func (j *judge) conclude() {
	out, v := j.to, &j.view
	out.Stands, out.Onset = j.stands, j.s.rank.take(j.onset)
	out.Expected, out.Lower, out.Upper = v.Expected, v.Lower, v.Upper
	out.State = kizashi.Judged
	switch {
	case j.opinions == 0 && !v.Ready:
		out.State, out.Why = kizashi.Warming, v.Why
	case j.opinions == 0:
		out.State, out.Why = kizashi.NoOpinion, kizashi.ClaimGap
	}
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
	if int(s.calm) <= damping*s.recovery() {
		return false
	}
	for i := range s.side {
		if s.side[i] != kizashi.Never && at.Sub(s.side[i]) <= s.quiet() {
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
	j.told = nil
	j.each(j.e.all, explainRow)
	a.Facts = append(a.Facts, j.told...)
}

func explainRow(j *judge, row int) {
	j.c.Draft = &j.drafts[row]
	if r := &j.e.rows[row]; !r.own() && !j.s.set.off[row] {
		j.told = append(j.told, j.e.layout.state(j.s, row).Explain(&j.c)...)
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
		if *t == kizashi.Never || at.Sub(*t) > j.s.quiet() || j.s.set.Volume != nil {
			ps = append(ps, j.proof(side))
		}
		*t = at
	}
	return ps
}

func (j *judge) proof(side kizashi.Side) kizashi.Proof {
	s := j.s
	p := kizashi.Proof{Side: side, Meta: s.meta, Settings: s.set.Settings, Config: s.config.hash,
		Record: s.base.Record(), Recent: s.base.Recent(&j.c.Sample, &j.view),
		Run: s.base.Run(&j.c.Sample), Held: s.heldOut(), Expect: j.view.Expect, Days: s.base.Kinds(j.c.Sample.At, 14)}
	j.told, j.bases, j.regular, j.side = nil, nil, nil, side
	j.each(j.e.all, explainRow)
	j.each(j.e.all, groundRow)
	j.each(j.e.all, routineRow)
	p.Evidence, p.Grounds, p.Own, p.Routine = j.told, j.bases, j.owns(side), j.regular
	return p
}

// groundRow notes what a row's vote rests on, if it stands on the proof's side.
func groundRow(j *judge, row int) {
	m, ok := j.e.layout.state(j.s, row).(Grounded)
	if !ok {
		return
	}
	j.c.Draft = &j.drafts[row]
	for i := range j.votes {
		if w := &j.votes[i]; w.Model == j.e.rows[row].Name && w.Crossed && w.Side == j.side {
			j.c.Share = j.e.rows[row].Share
			g := m.Ground(&j.c)
			if g == nil {
				continue
			}
			if what := groundless(g, &j.e.rows[row]); what != "" {
				j.fault(row, what)
			} else {
				j.bases = append(j.bases, *g)
			}
		}
	}
}

// timers reports the silences that became one at or before until.
func (j *judge) timers(until kizashi.Time) {
	s := j.s
	if s.ended != "" {
		return
	}
	j.until = until
	j.each(s.timed, timerRow)
}

func timerRow(j *judge, row int) {
	s, r := j.s, &j.e.rows[row]
	m, ok := j.e.layout.state(s, row).(Timed)
	if !ok || s.set.off[row] {
		return
	}
	due := m.Due()
	if due > j.until {
		return
	}
	j.c = Case{Sample: kizashi.Sample{Series: s.meta.Series, At: due}, Meta: &s.meta, Settings: &s.set.Settings, View: &j.view, Base: s.base}
	vote := kizashi.Vote{Model: r.Name, Kind: r.Kind}
	rhythm := m.Absent(&j.c, &vote)
	m.Said()
	j.absent(due, vote, rhythm)
}

func (j *judge) absent(due kizashi.Time, vote kizashi.Vote, rhythm *kizashi.Rhythm) {
	s := j.s
	c := kizashi.Crossing{Series: s.meta.Series, At: due, End: due, Value: kizashi.None(),
		Quiet: kizashi.Duration(s.quiet()), Recover: s.recovery()}
	c.Verdict = kizashi.Verdict{State: kizashi.Judged, Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None(),
		Votes: []kizashi.Vote{vote}}
	t := &s.side[kizashi.Both+1]
	if *t == kizashi.Never || due.Sub(*t) > s.quiet() {
		c.Proof = []kizashi.Proof{{Side: kizashi.Both, Meta: s.meta, Settings: s.set.Settings, Config: s.config.hash, Rhythm: rhythm}}
	}
	*t = due
	s.calm, s.tail = 0, true
	j.out.Crossings = append(j.out.Crossings, c)
}

// drain takes what the baseline did when it rolled to the sample's hour. It
// returns the event that an open alert must know of.
func (j *judge) drain(at kizashi.Time) kizashi.Claim {
	var told kizashi.Claim
	for _, ev := range j.view.Events() {
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
