package models

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/wire"
)

// spanned is a vote on the mean of a span: how far it lies from what it usually
// is, in terms of how far it usually lies. What each sample looks at stands first.
type spanned[S sums, N counts] struct {
	scale float32 // that distances are measured in; 0 = none is known. It follows from usual
	blocks[S, N]
	usual
	stood *stretch // in which the vote last stood; nil = there is none
	calibrated
}

// stretch is from when to when a vote stood.
type stretch struct{ From, Last kizashi.Time }

// lasting is for how long a vote may stand before what it stands on is taken for
// what is usual now: as long as the baseline takes to learn a slot again.
const lasting = 3 * 24 * time.Hour

func newSpanned[S sums, N counts](kind uint8) spanned[S, N] {
	return spanned[S, N]{usual: usual{kind: kind}, calibrated: newCalibrated()}
}

func (s *spanned[S, N]) span() *span { return &spans[s.kind] }

// begin freezes limit and usual for an hour. They begin anew where scores are
// measured in another scale, or the period is another.
func (s *spanned[S, N]) begin(c *detect.Case, centered bool) {
	gap := c.Base.Gap()
	if gap > 0 && s.another(gap) || uint16(c.View.Restarts) != s.Restarts {
		s.anew(c.Sample.At, gap)
	}
	s.usual.roll(centered)
	s.calibrated.begin(c)
	s.derive()
	s.settle()
}

// anew forgets what is usual.
func (s *spanned[S, N]) anew(at kizashi.Time, gap time.Duration) {
	s.Tail.Restart()
	s.blocks.anew(s.span(), at, gap)
	s.usual, s.stood = usual{kind: s.kind}, nil
	s.derive()
}

// derive computes what follows from the state.
func (s *spanned[S, N]) derive() {
	s.scale, s.calm = 0, false
	if s.Gap <= 0 {
		return
	}
	if scale, ok := s.usual.scale(s.full(s.span())); ok {
		s.scale = float32(scale)
	}
}

// settle holds the last evaluation against the limit of the hour that begins, once
// for all samples of its block.
func (s *spanned[S, N]) settle() {
	if !s.votes() {
		return
	}
	e := evaluation{At: s.At}
	if !s.Closed {
		e.At--
	}
	if mean, ok := s.mean(s.span(), &e); ok {
		s.calm = s.near(s.far(mean))
	}
}

// votes says that there is something to hold a mean against.
func (s *spanned[S, N]) votes() bool { return s.scale != 0 && s.Hours >= usualVotes && s.limits }

// far is how far a mean lies from what is usual.
func (s *spanned[S, N]) far(mean float64) float64 {
	return math.Abs(mean-float64(s.Mean)) / float64(s.scale)
}

// What a Draft keeps of an evaluation.
const (
	draftOK = 1 << iota // there is one
	draftFresh
	draftAdds // the sample is of it
	draftMean // it has a mean, in F[0], so far from usual, in F[1]
)

// hear finds the evaluation that counts, where there is something to hold it against.
func (s *spanned[S, N]) hear(c *detect.Case, x float64) (e evaluation, ok bool) {
	if !s.votes() || !c.View.Ready {
		return e, false
	}
	e, ok = s.look(s.span(), c, x)
	if n := c.Draft; n != nil {
		n.Set, n.U[0], n.B[0] = true, uint32(e.At), e.flags(ok)
	}
	return e, ok
}

// hold says how far its mean lies from what is usual.
func (s *spanned[S, N]) hold(c *detect.Case, e *evaluation) (mean, stat float64, ok bool) {
	if mean, ok = s.mean(s.span(), e); !ok {
		return 0, 0, false
	}
	stat = s.far(mean)
	if n := c.Draft; n != nil {
		n.F, n.B[0] = [2]float64{mean, stat}, n.B[0]|draftMean
	}
	return mean, stat, true
}

// sideOf a mean, from what is usual.
func (s *spanned[S, N]) sideOf(mean float64) kizashi.Side {
	if mean < float64(s.Mean) {
		return kizashi.Down
	}
	return kizashi.Up
}

// weigh compares an evaluation with its limit.
func (s *spanned[S, N]) weigh(c *detect.Case, x float64) (w weighed, ok bool) {
	e, ok := s.hear(c, x)
	if !ok {
		return w, false
	}
	mean, stat, ok := s.hold(c, &e)
	if !ok {
		return w, false
	}
	return s.calibrated.weigh(c, stat, s.sideOf(mean))
}

// brief says what weigh does. Between two evaluations the last is at hand: a block
// that holds something was evaluated when it ended.
func (s *spanned[S, N]) brief(c *detect.Case, x float64) detect.Said {
	e, ok := s.hear(c, x)
	if !ok {
		return detect.NoOpinion
	}
	if s.calm && e.N == 0 && !e.Fresh {
		return detect.Inside
	}
	mean, stat, ok := s.hold(c, &e)
	if ok && s.near(stat) {
		return detect.Inside
	}
	if !ok {
		return detect.NoOpinion
	}
	w, ok := s.calibrated.weigh(c, stat, s.sideOf(mean))
	return w.short(ok)
}

// flags of an evaluation.
func (e *evaluation) flags(ok bool) (f int8) {
	if ok {
		f = draftOK
	}
	if e.Fresh {
		f |= draftFresh
	}
	if e.N > 0 {
		f |= draftAdds
	}
	return f
}

// drafted is the evaluation that the vote was of, as it was kept.
func drafted(c *detect.Case, x float64) (e evaluation, flags int8, ok bool) {
	n := c.Draft
	if n == nil || !n.Set || c.Stance == baseline.Admitted {
		return e, 0, false // or it was judged as held, and is learned as if it were not
	}
	e, flags = evaluation{At: int32(n.U[0])}, n.B[0]
	e.Fresh = flags&draftFresh != 0
	if flags&draftAdds != 0 {
		e.X, e.N = x, 1
	}
	return e, flags, true
}

// learn takes the sample's value into its block and, where a span ended, its
// mean into what is usual and, once there is a scale, into the tail.
func (s *spanned[S, N]) learn(c *detect.Case, x float64) {
	e, flags, ok := drafted(c, x)
	if !ok {
		e, ok = s.look(s.span(), c, x)
		flags = e.flags(ok)
	}
	fresh := flags&draftOK != 0 && e.Fresh
	var mean, stat float64
	if fresh {
		s.calm = false
		if ok = flags&draftMean != 0; ok {
			mean, stat = c.Draft.F[0], c.Draft.F[1]
		} else if mean, ok = s.mean(s.span(), &e); ok && s.scale != 0 {
			stat = s.far(mean)
		}
	}
	if takes(c, x) {
		s.blocks.add(s.span(), c.Sample.At, x, e.N > 0)
	}
	if fresh && ok {
		s.evaluate(c, mean, stat)
	}
}

// evaluate learns a mean. Spans overlap, and an incident that lasts for hours
// would be counted time and again, until the limit lay beyond it: a span that
// overlaps one on which the vote stood is not learned. The tail takes the whole
// stretch for one cluster, which counts as no further out than the limit, or,
// where any of it is far, not at all.
func (s *spanned[S, N]) evaluate(c *detect.Case, mean, stat float64) {
	at := c.Sample.At
	if s.scale == 0 {
		s.keep(c, mean, 0, 0)
		return
	}
	s.calm = s.near(stat) && s.votes()
	within := s.stood != nil && at-s.stood.Last < kizashi.Time(s.span().Blocks)*s.length(s.span())
	theta := 0.
	if s.limits && (within || !s.near(stat)) {
		if theta = s.limit(c); stat > theta {
			s.stand(at, within)
		}
	}
	switch {
	case !within || c.Stance == baseline.Admitted:
	case at.Sub(s.stood.From) >= lasting:
		s.anew(at, s.gap())
		return
	case stat <= s.Tail.FarOf(theta):
		s.Tail.Last = at
		return
	}
	if c.Stance == baseline.Admitted {
		theta = 0 // as if there were no limit
	}
	if s.keep(c, mean, stat, theta) {
		s.calibrated.add(stat, at, theta)
	}
}

// keep learns what is usual of a mean; what is far is left out, what crossed counts
// as the limit. ok = the sample is one to learn from.
func (s *spanned[S, N]) keep(c *detect.Case, mean, stat, theta float64) (ok bool) {
	if !c.Learns() || !c.View.Ready {
		return false
	}
	switch {
	case theta == 0 || stat <= theta:
		s.usual.learn(mean, 0)
	case stat <= s.Tail.FarOf(theta):
		s.usual.learn(mean, theta*float64(s.scale))
	}
	return true
}

// stand notes that the vote stood, within the stretch that there is or in a new one.
func (s *spanned[S, N]) stand(at kizashi.Time, within bool) {
	if s.stood == nil {
		s.stood = new(stretch)
	}
	if !within {
		s.stood.From = at
	}
	s.stood.Last = at
}

// ground gives the blocks, what is usual, and the scale that the distance from
// it is measured in.
func (s *spanned[S, N]) ground(c *detect.Case, x float64) *kizashi.Ground {
	w, ok := s.weigh(c, x)
	if !ok {
		return nil
	}
	e, _ := s.look(s.span(), c, x)
	parts := s.parts(s.span(), &e)
	g := &kizashi.Ground{Model: s.span().Name, Side: w.side, Stat: w.stat, Unit: "times", From: parts[0].From, To: parts[len(parts)-1].To,
		Parts: parts, Usual: kizashi.Num(s.Mean), Scale: kizashi.Num(s.scale)}
	s.calibrated.ground(c.View.R, shareOf(c), g)
	return g
}

// Explain adds nothing: what the vote rests on is in its ground.
func (s *spanned[S, N]) Explain(*detect.Case) []kizashi.Evidence { return nil }

// AppendBinary appends the state.
func (s *spanned[S, N]) AppendBinary(b []byte) []byte {
	u, stood := &s.usual, stretch{Last: kizashi.Never}
	if s.stood != nil {
		stood = *s.stood
	}
	b = wire.U16(s.blocks.append(s.appendBinary(b)), u.Hours)
	b = wire.F32(b, u.Mean, u.Abs, u.N, u.Sum, u.Dist, u.New)
	return appendTimes(b, stood.From, stood.Last)
}

// Decode reads what AppendBinary wrote.
func (s *spanned[S, N]) Decode(b []byte) ([]byte, error) {
	r, u := wire.Read(b), &s.usual
	if err := s.calibrated.read(r); err != nil {
		return nil, err
	}
	sane := s.blocks.read(r)
	var f [6]float32
	u.Hours = r.U16()
	r.F32s(f[:])
	u.Mean, u.Abs, u.N, u.Sum, u.Dist, u.New = f[0], f[1], f[2], f[3], f[4], f[5]
	s.derive()
	var stood stretch
	readTimes(r, &stood.From, &stood.Last)
	if s.stood = nil; stood.Last != kizashi.Never {
		s.stood = &stood
	}
	return ended(r, sane)
}
