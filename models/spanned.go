package models

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/detect"
)

// spanned is the state of a vote on the mean of a span: how far it lies from
// what it usually is, in terms of how far it usually lies. It has a fixed size,
// so that it is written in binary as it stands.
type spanned struct {
	calibrated
	Blocks blocks
	Usual  usual
	From   kizashi.Time // when the vote first stood, of the stretch in which it last did
	Last   kizashi.Time // and when it last did; Never = there is none
}

// lasting is for how long a vote may stand before what it stands on is taken for
// what is usual now: as long as the baseline takes to learn a slot again.
const lasting = 3 * 24 * time.Hour

func newSpanned() spanned { return spanned{calibrated: newCalibrated(), Last: kizashi.Never} }

// begin freezes limit and usual for an hour. They begin anew where scores are
// measured in another scale, or the period is another.
func (s *spanned) begin(c *detect.Case, p span, centered bool) {
	gap := c.Base.Gap()
	if gap > 0 && s.Blocks.another(gap) || int32(c.View.Restarts) != s.Restarts {
		s.anew(p, c.Sample.At, gap)
	}
	s.Usual.roll(centered)
	s.calibrated.begin(c)
}

func (s *spanned) scale(p span) (float64, bool) { return s.Usual.scale(s.Blocks.full(p)) }

// judge fills in the vote on an evaluation.
func (s *spanned) judge(c *detect.Case, p span, x float64, v *kizashi.Vote) bool {
	e, ok := s.Blocks.look(p, c, x)
	if !ok || !c.View.Ready || s.Frozen.Theta == 0 {
		return false
	}
	scale, known := s.scale(p)
	mean, ok := s.Blocks.mean(p, e)
	if !ok || !known {
		return false
	}
	dist := mean - float64(s.Usual.Mean)
	if v.Side = kizashi.Up; dist < 0 {
		v.Side = kizashi.Down
	}
	v.Stat, v.Limit, v.Unit = math.Abs(dist)/scale, s.Frozen.Theta, "times"
	v.Center, v.Lower, v.Upper = kizashi.None(), kizashi.None(), kizashi.None()
	v.Crossed = v.Stat > v.Limit && (c.Settings.Direction == kizashi.Both || c.Settings.Direction == v.Side)
	return true
}

// learn takes the sample's value into its block and, where a span ended, its
// mean into what is usual and, once there is a scale, into the tail.
func (s *spanned) learn(c *detect.Case, p span, x float64) {
	e, ok := s.Blocks.look(p, c, x)
	if ok && e.Fresh {
		if mean, ok := s.Blocks.mean(p, e); ok {
			s.evaluate(c, p, mean)
		}
	}
	if takes(c, x) {
		s.Blocks.add(p, c.Sample.At, x, e.N > 0)
	}
}

// evaluate learns a mean. Spans overlap, and an incident that lasts for hours
// would be counted time and again, until the limit lay beyond it: a span that
// overlaps one on which the vote stood is not learned. The tail takes the whole
// stretch for one cluster, which counts as no further out than the limit, or,
// where any of it is far, not at all.
func (s *spanned) evaluate(c *detect.Case, p span, mean float64) {
	scale, known := s.scale(p)
	if !known {
		s.Usual.learn(c, &s.calibrated, mean, 0, 0)
		return
	}
	at := c.Sample.At
	stat := math.Abs(mean-float64(s.Usual.Mean)) / scale
	within := s.Last != kizashi.Never && at.Sub(s.Last) < time.Duration(p.Blocks)*s.Blocks.length(p)
	if s.Frozen.Theta > 0 && stat > s.Frozen.Theta {
		if !within {
			s.From = at
		}
		s.Last = at
	}
	switch {
	case !within || c.Stance == baseline.Admitted:
	case at.Sub(s.From) >= lasting:
		s.anew(p, at, s.Blocks.gap())
		return
	case stat <= baseline.Far(&s.Frozen):
		s.Tail.Last = at
		return
	}
	s.Usual.learn(c, &s.calibrated, mean, stat, scale)
	s.take(c, stat, at)
}

// anew forgets what is usual.
func (s *spanned) anew(p span, at kizashi.Time, gap time.Duration) {
	s.Tail.Restart()
	s.Blocks.anew(p, at, gap)
	s.Usual, s.Last = usual{}, kizashi.Never
}

// ground gives the blocks, what is usual, and the scale that the distance from
// it is measured in.
func (s *spanned) ground(c *detect.Case, p span, x float64) *kizashi.Ground {
	var v kizashi.Vote
	if !s.judge(c, p, x, &v) {
		return nil
	}
	e, _ := s.Blocks.look(p, c, x)
	scale, _ := s.scale(p)
	parts := s.Blocks.parts(p, e)
	g := &kizashi.Ground{Side: v.Side, Stat: v.Stat, Unit: v.Unit, From: parts[0].From, To: parts[len(parts)-1].To,
		Parts: parts, Usual: kizashi.Num(s.Usual.Mean), Scale: kizashi.Num(scale)}
	s.calibrated.ground(c.Settings.R, g)
	return g
}
