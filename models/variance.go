package models

import (
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/wire"
)

// varianceModel votes when a series fluctuates more, or less, than it usually
// does: by the mean distance of a sample's score from the one before (von
// Neumann's successive differences), which levels and slopes leave alone.
type varianceModel struct{}

// What a difference is: of samples at most one and a half periods apart, and no larger
// than that, in scales.
const (
	mostApart, mostApartOf = 2, 3
	varianceClip           = 8
)

// New returns a state that has seen no sample.
func (varianceModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	return &varianceState{lastAt: kizashi.Never, spanned: newSpanned[[7]float32, [7]uint16](varianceSpan)}
}

type varianceState struct {
	lastAt kizashi.Time // of the sample before; Never = there is none
	last   float32      // its score
	spanned[[7]float32, [7]uint16]
}

// Begin freezes limit and usual for the hour.
func (s *varianceState) Begin(c *detect.Case) { s.begin(c, false) }

// difference of the sample's score from the one before; NaN where that lies too
// far back.
func (s *varianceState) difference(c *detect.Case) float64 {
	if s.lastAt == kizashi.Never || mostApart*(c.Sample.At-s.lastAt) > mostApartOf*kizashi.Time(s.Gap) {
		return math.NaN()
	}
	return min(math.Abs(c.View.Z-float64(s.last)), varianceClip)
}

// weigh compares the fluctuation with its limit.
func (s *varianceState) weigh(c *detect.Case) (weighed, bool) {
	w, ok := s.spanned.weigh(c, s.difference(c))
	w.crossed = w.crossed && c.Settings.Direction == kizashi.Both // it says nothing of which way values go
	return w, ok
}

// Brief is Judge in short.
func (s *varianceState) Brief(c *detect.Case) (detect.Said, float64) {
	said := s.brief(c, s.difference(c))
	if said == detect.Stands && c.Settings.Direction != kizashi.Both {
		said = detect.Inside
	}
	return said, 0
}

// Judge says how far the fluctuation lies from its usual.
func (s *varianceState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	w, ok := s.weigh(c)
	if ok {
		s.tell(c, &w, v, "times")
	}
	return ok
}

// Learn takes the difference in.
func (s *varianceState) Learn(c *detect.Case, _ bool) {
	s.learn(c, s.difference(c))
	if s.lastAt = kizashi.Never; c.Learns() && !c.View.Held() && !math.IsNaN(c.View.Z) {
		s.lastAt, s.last = c.Sample.At, float32(clip(c.View.Z, math.MaxFloat32))
	}
}

// Ground gives the blocks, the usual fluctuation and the scale.
func (s *varianceState) Ground(c *detect.Case) *kizashi.Ground {
	return s.ground(c, s.difference(c))
}

// AppendBinary appends the state.
func (s *varianceState) AppendBinary(b []byte) []byte {
	return wire.F32(appendTimes(s.spanned.AppendBinary(b), s.lastAt), s.last)
}

// Decode reads what AppendBinary wrote.
func (s *varianceState) Decode(b []byte) ([]byte, error) {
	b, err := s.spanned.Decode(b)
	if err != nil {
		return nil, err
	}
	r := wire.Read(b)
	readTimes(r, &s.lastAt)
	s.last = r.F32()
	return ended(r, true)
}
