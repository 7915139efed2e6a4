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
// is, in terms of how far it usually lies. What is below own follows from it.
type spanned struct {
	*span
	own   spannedOwn
	frame frame
	scale float64 // that distances are measured in; 0 = none is known
	mean  float64 // of the last evaluation that was learned
	said  int32   // and its last block
	has   bool    // there is a mean
}

// spannedOwn is what is written.
type spannedOwn struct {
	calibrated
	Blocks blocks
	Usual  usual
	From   kizashi.Time // when the vote first stood, of the stretch in which it last did
	Last   kizashi.Time // and when it last did; Never = there is none
}

// lasting is for how long a vote may stand before what it stands on is taken for
// what is usual now: as long as the baseline takes to learn a slot again.
const lasting = 3 * 24 * time.Hour

func newSpanned(p *span) spanned {
	return spanned{span: p, own: spannedOwn{calibrated: newCalibrated(), Last: kizashi.Never}}
}

// begin freezes limit and usual for an hour. They begin anew where scores are
// measured in another scale, or the period is another.
func (s *spanned) begin(c *detect.Case, centered bool) {
	o, gap := &s.own, c.Base.Gap()
	if gap > 0 && o.Blocks.another(gap) || int32(c.View.Restarts) != o.Restarts {
		s.anew(c.Sample.At, gap)
	}
	o.Usual.roll(centered)
	o.begin(c)
	s.derive()
}

// Turned makes the state one that knows of so many turns of the baseline.
func (s *spanned) Turned(restarts int, moves uint16) { s.own.Turned(restarts, moves) }

// anew forgets what is usual.
func (s *spanned) anew(at kizashi.Time, gap time.Duration) {
	s.own.Tail.Restart()
	s.own.Blocks.anew(s.span, at, gap)
	s.own.Usual, s.own.Last = usual{}, kizashi.Never
	s.derive()
}

// derive computes what follows from the state.
func (s *spanned) derive() {
	s.frame, s.scale = s.own.Blocks.frame(s.span), 0
	if s.own.Blocks.Gap <= 0 {
		return
	}
	if scale, ok := s.own.Usual.scale(s.own.Blocks.full(s.span)); ok {
		s.scale = scale
	}
}

// meanOf an evaluation. Between two, that of the last is at hand.
func (s *spanned) meanOf(e evaluation) (float64, bool) {
	if e.N == 0 && s.has && e.At == s.said {
		return s.mean, true
	}
	return s.own.Blocks.mean(s.span, e)
}

// weigh compares an evaluation with its limit.
func (s *spanned) weigh(c *detect.Case, x float64) (w weighed, ok bool) {
	o := &s.own
	if s.scale == 0 || o.Usual.Hours < usualVotes || o.Theta == 0 || !c.View.Ready {
		return w, false
	}
	e, ok := o.Blocks.look(s.span, s.frame, c, x)
	if !ok {
		return w, false
	}
	mean, ok := s.meanOf(e)
	if n := c.Draft; n != nil && e.Fresh {
		n.Set, n.F[0], n.B[0] = true, mean, 0
		if ok {
			n.B[0] = 1
		}
	}
	if !ok {
		return w, false
	}
	dist := mean - float64(o.Usual.Mean)
	if w.side = kizashi.Up; dist < 0 {
		w.side = kizashi.Down
	}
	w.stat, w.limit = math.Abs(dist)/s.scale, o.Theta
	w.crossed = w.stat > w.limit && mayAlert(c, w.side)
	return w, true
}

// learn takes the sample's value into its block and, where a span ended, its
// mean into what is usual and, once there is a scale, into the tail.
func (s *spanned) learn(c *detect.Case, x float64) {
	b := &s.own.Blocks
	e, ok := b.look(s.span, s.frame, c, x)
	fresh := ok && e.Fresh
	if fresh {
		s.said = e.At
		if n := c.Draft; n != nil && n.Set {
			s.mean, s.has = n.F[0], n.B[0] == 1 // as it was judged
		} else {
			s.mean, s.has = b.mean(s.span, e)
		}
	}
	if takes(c, x) {
		b.add(s.span, s.frame, c.Sample.At, x, e.N > 0)
		if at := c.Sample.At; at < s.frame.From || at >= s.frame.To {
			s.frame = b.frame(s.span)
		}
	}
	if fresh && s.has {
		s.evaluate(c, s.mean)
	}
}

// evaluate learns a mean. Spans overlap, and an incident that lasts for hours
// would be counted time and again, until the limit lay beyond it: a span that
// overlaps one on which the vote stood is not learned. The tail takes the whole
// stretch for one cluster, which counts as no further out than the limit, or,
// where any of it is far, not at all.
func (s *spanned) evaluate(c *detect.Case, mean float64) {
	o, at := &s.own, c.Sample.At
	if s.scale == 0 {
		o.Usual.learn(c, &o.calibrated, mean, 0, 0)
		return
	}
	stat := math.Abs(mean-float64(o.Usual.Mean)) / s.scale
	within := o.Last != kizashi.Never && at.Sub(o.Last) < time.Duration(s.Blocks)*o.Blocks.length(s.span)
	if o.Theta > 0 && stat > o.Theta {
		if !within {
			o.From = at
		}
		o.Last = at
	}
	switch {
	case !within || c.Stance == baseline.Admitted:
	case at.Sub(o.From) >= lasting:
		s.anew(at, o.Blocks.gap())
		return
	case stat <= o.far():
		o.Tail.Last = at
		return
	}
	o.Usual.learn(c, &o.calibrated, mean, stat, s.scale)
	o.take(c, stat, at)
}

// ground gives the blocks, what is usual, and the scale that the distance from
// it is measured in.
func (s *spanned) ground(c *detect.Case, model string, x float64) *kizashi.Ground {
	w, ok := s.weigh(c, x)
	if !ok {
		return nil
	}
	o := &s.own
	e, _ := o.Blocks.look(s.span, s.frame, c, x)
	parts := o.Blocks.parts(s.span, e)
	g := &kizashi.Ground{Model: model, Side: w.side, Stat: w.stat, Unit: "times", From: parts[0].From, To: parts[len(parts)-1].To,
		Parts: parts, Usual: kizashi.Num(o.Usual.Mean), Scale: kizashi.Num(s.scale)}
	o.ground(c.View.R, g)
	return g
}

// Explain adds nothing: what the vote rests on is in its ground.
func (s *spanned) Explain(*detect.Case) []kizashi.Evidence { return nil }

// AppendBinary appends the state.
func (s *spanned) AppendBinary(b []byte) []byte {
	o := &s.own
	u := &o.Usual
	b = o.Blocks.append(o.appendBinary(b))
	b = wire.F32(wire.U32(b, u.Hours), u.Mean, u.Abs, u.N, u.Sum, u.Dist, u.New)
	return appendTimes(b, o.From, o.Last)
}

// Decode reads what AppendBinary wrote.
func (s *spanned) Decode(b []byte) ([]byte, error) {
	r := wire.Read(b)
	o := &s.own
	u := &o.Usual
	if err := o.read(r); err != nil {
		return nil, err
	}
	o.Blocks.read(r)
	var f [6]float32
	u.Hours = r.I32()
	r.F32s(f[:])
	u.Mean, u.Abs, u.N, u.Sum, u.Dist, u.New = f[0], f[1], f[2], f[3], f[4], f[5]
	readTimes(r, &o.From, &o.Last)
	s.has = false
	s.derive()
	return ended(r, u.Hours >= 0)
}
