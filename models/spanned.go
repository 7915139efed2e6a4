package models

import (
	"math"

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
	Stood  bool // the last evaluation crossed
}

// begin freezes limit and usual for an hour. They begin anew where scores are
// measured in another scale, or the period is another.
func (s *spanned) begin(c *detect.Case, p span, centered bool) {
	gap := c.Base.Gap()
	changed := gap > 0 && s.Blocks.another(gap)
	if changed || int32(c.View.Restarts) != s.Restarts {
		if changed && s.Blocks.Gap > 0 {
			s.Tail.Restart()
		}
		s.Blocks.anew(p, c.Sample.At, gap)
		s.Usual = usual{}
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

// evaluate learns a mean. Of a stretch on which the vote stands the first is
// learned, and what is far, which the tail is told so that it leaves the stretch
// out; not the others: spans overlap, and an incident that lasts for hours would
// be counted time and again, until the limit lay beyond it.
func (s *spanned) evaluate(c *detect.Case, p span, mean float64) {
	scale, known := s.scale(p)
	if !known {
		s.Usual.learn(c, &s.calibrated, mean, 0, 0)
		return
	}
	stat := math.Abs(mean-float64(s.Usual.Mean)) / scale
	stood := s.Stood
	s.Stood = s.Frozen.Theta > 0 && stat > s.Frozen.Theta
	if stood && s.Stood && stat <= baseline.Far(&s.Frozen) && c.Stance != baseline.Admitted {
		return
	}
	s.Usual.learn(c, &s.calibrated, mean, stat, scale)
	s.take(c, stat, c.Sample.At)
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
	s.calibrated.ground(c, g)
	return g
}
