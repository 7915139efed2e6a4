package models

import (
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/wire"
)

// extremeModel votes on a sample outside all that the series has shown, by the
// factor by which the range would have to widen to hold it, in decades: so the far
// ends of heavy tails fall off evenly, as the limit's rule supposes. The range shrinks
// slowly, so that what was once is not remembered for ever.
type extremeModel struct{ extremeConst }

// extremeConst are the constants of what the vote scores.
type extremeConst struct {
	days float64 // in which the range closes in on the samples by 1 - 1/e
}

var extremeUsual = extremeConst{days: 14}

const extremeLeast = 32 // samples before a range is one

// New returns a state that has seen no sample.
func (m extremeModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	return &extremeState{shown{shrink: float32(1 / (24 * m.days))}, newCalibrated()}
}

// shown is the range of a series, and how far outside of it samples came.
type shown struct {
	Low, High float64
	Seen      int32   // samples in it
	shrink    float32 // of its distance, by which an end comes nearer in an hour
	Out       tally   // of octaves outside, the first = inside
	From      hour
}

type extremeState struct {
	shown
	calibrated
}

// Begin freezes the limit and lets the range and the past shrink by an observed
// hour.
func (s *extremeState) Begin(c *detect.Case) {
	s.begin(c)
	if s.Seen == 0 {
		s.From = hourOf(c.View.Hour)
		return
	}
	x := min(max(c.Sample.Value, s.Low), s.High)
	s.High -= float64(s.shrink) * (s.High - x)
	s.Low += float64(s.shrink) * (x - s.Low)
	s.Out.fade()
}

// hourly is what is left after an hour of what halves in 14 days.
var hourly = exp2(-1. / (14 * 24))

// outside is how far, in ranges, and on which side a value lies out.
func (s *extremeState) outside(x float64) (float64, kizashi.Side) {
	d, side := x-s.High, kizashi.Up
	if x < s.Low {
		d, side = s.Low-x, kizashi.Down
	}
	if d <= 0 {
		return 0, side
	}
	return min(d/(s.High-s.Low), farOver), side // d/0 is infinite
}

// wider is the factor, in decades, by which a range widens that takes in what
// lies r of it outside.
func wider(r float64) float64 {
	if r == 0 {
		return 0 // as most are
	}
	return math.Log10(1 + r)
}

// octave of a distance: 0 = inside, then from 1/128 of a range on.
func octave(r float64) int {
	if r <= 0 {
		return 0
	}
	return min(max(math.Ilogb(r)+8, 1), tallies-1)
}

// weigh compares the distance with its limit.
func (s *extremeState) weigh(c *detect.Case) (w weighed, onset float64, ok bool) {
	if s.Seen < extremeLeast || s.High <= s.Low {
		return w, 0, false // a constant has no range
	}
	r, side := s.outside(c.Sample.Value)
	if r > 0 {
		onset = s.Out.surprise(octave(r))
	}
	w, ok = s.calibrated.weigh(c, wider(r), side)
	return w, onset, ok
}

// Brief is Judge in short.
func (s *extremeState) Brief(c *detect.Case) (detect.Said, float64) {
	w, onset, ok := s.weigh(c)
	return w.short(ok), onset
}

// Judge says by how much the range would have to widen.
func (s *extremeState) Judge(c *detect.Case, v *kizashi.Vote) (ok bool) {
	var w weighed
	if w, v.Onset, ok = s.weigh(c); ok {
		s.tell(c, &w, v, "decades")
	}
	return ok
}

// Learn widens the range, but by nothing that is held out.
func (s *extremeState) Learn(c *detect.Case, held bool) {
	x := c.Sample.Value
	if s.Seen >= extremeLeast && s.High > s.Low {
		r, _ := s.outside(x)
		s.take(c, wider(r), c.Sample.At)
		if c.Learns() {
			s.Out.count(octave(r))
		}
	}
	if !c.Learns() || held {
		return
	}
	if s.Seen == 0 {
		s.Low, s.High = x, x
	}
	if x < s.Low {
		s.Low = x
	}
	if x > s.High {
		s.High = x
	}
	s.Seen = min(s.Seen+1, math.MaxInt32-1)
}

// Explain adds nothing: the ground says it.
func (s *extremeState) Explain(*detect.Case) []kizashi.Evidence { return nil }

// Ground gives the sample and the range: with its distance outside, r ranges,
// Stat = log10(1 + r).
func (s *extremeState) Ground(c *detect.Case) *kizashi.Ground {
	r, side := s.outside(c.Sample.Value)
	at := c.Sample.At
	g := &kizashi.Ground{Model: "extreme", Side: side, Stat: wider(r), Unit: "decades", From: at, To: at + 1,
		Usual: kizashi.None(), Scale: kizashi.None(),
		Parts: []kizashi.Part{{From: at, To: at + 1, Count: 1, Sum: c.Sample.Value}},
		Past:  &kizashi.Past{From: s.From.time(), To: at, Of: int(s.Seen), Low: kizashi.Num(s.Low), High: kizashi.Num(s.High)}}
	s.ground(c.View.R, shareOf(c), g)
	return g
}

// AppendBinary appends the tail and the range.
func (s *extremeState) AppendBinary(b []byte) []byte {
	b = wire.F64(s.appendBinary(b), s.Low, s.High)
	return s.Out.append(wire.U32(wire.U32(b, s.Seen), s.From))
}

// Decode reads what AppendBinary wrote.
func (s *extremeState) Decode(b []byte) ([]byte, error) {
	r := wire.Read(b)
	if err := s.read(r); err != nil {
		return nil, err
	}
	s.Low, s.High, s.Seen, s.From = r.F64(), r.F64(), r.I32(), hour(r.I32())
	sane := s.Out.read(r)
	return ended(r, sane && finite(s.Low, s.High) && s.High >= s.Low && s.Seen >= 0)
}
