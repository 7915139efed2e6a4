package models

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/wire"
)

// varianceModel votes when a series fluctuates more, or less, than it usually
// does: by the mean distance of a sample's score from the one before (von
// Neumann's successive differences), which levels and slopes leave alone.
type varianceModel struct{}

// varianceSpan is an hour, or 24 samples where an hour has fewer.
var varianceSpan = span{Name: "variance", Blocks: 6, Least: 10 * time.Minute, Samples: 4}

// What a difference is: of samples at most so many periods apart, and no larger
// than that, in scales.
const (
	mostApart    = 1.5
	varianceClip = 8
)

// New returns a state that has seen no sample.
func (varianceModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	return &varianceState{newSpanned(&varianceSpan), lastScore{At: kizashi.Never}}
}

type varianceState struct {
	spanned
	last lastScore
}

// lastScore is that of the sample before.
type lastScore struct {
	At kizashi.Time // Never = there is none
	Z  float64
}

// Begin freezes limit and usual for the hour.
func (s *varianceState) Begin(c *detect.Case) { s.begin(c, false) }

// difference of the sample's score from the one before; NaN where that lies too
// far back.
func (s *varianceState) difference(c *detect.Case) float64 {
	if s.last.At == kizashi.Never || float64(c.Sample.At-s.last.At) > mostApart*float64(s.own.Blocks.Gap) {
		return math.NaN()
	}
	return min(math.Abs(c.View.Z-s.last.Z), varianceClip)
}

// weigh compares the fluctuation with its limit.
func (s *varianceState) weigh(c *detect.Case) (weighed, bool) {
	w, ok := s.spanned.weigh(c, s.difference(c))
	w.crossed = w.crossed && c.Settings.Direction == kizashi.Both // it says nothing of which way values go
	return w, ok
}

// Brief is Judge in short.
func (s *varianceState) Brief(c *detect.Case) (detect.Said, float64) {
	w, ok := s.weigh(c)
	return w.short(ok), 0
}

// Judge says how far the fluctuation lies from its usual.
func (s *varianceState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	w, ok := s.weigh(c)
	if ok {
		w.tell(v, "times")
	}
	return ok
}

// Learn takes the difference in.
func (s *varianceState) Learn(c *detect.Case, _ bool) {
	s.learn(c, s.difference(c))
	if s.last.At = kizashi.Never; c.Learns() && !c.View.Held() && !math.IsNaN(c.View.Z) {
		s.last = lastScore{c.Sample.At, clip(c.View.Z, math.MaxFloat32)}
	}
}

// Ground gives the blocks, the usual fluctuation and the scale.
func (s *varianceState) Ground(c *detect.Case) *kizashi.Ground {
	return s.ground(c, "variance", s.difference(c))
}

// AppendBinary appends the state.
func (s *varianceState) AppendBinary(b []byte) []byte {
	return wire.F64(wire.U64(s.spanned.AppendBinary(b), s.last.At), s.last.Z)
}

// Decode reads what AppendBinary wrote.
func (s *varianceState) Decode(b []byte) ([]byte, error) {
	b, err := s.spanned.Decode(b)
	if err != nil {
		return nil, err
	}
	r := wire.Read(b)
	s.last.At, s.last.Z = kizashi.Time(r.I64()), r.F64()
	return ended(r, true)
}
