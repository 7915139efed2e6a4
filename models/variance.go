package models

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/detect"
)

// varianceModel votes when a series fluctuates more, or less, than it usually
// does: by the mean distance of a sample's score from the one before (von
// Neumann's successive differences), which levels and slopes leave alone.
type varianceModel struct{}

// varianceSpan is an hour, or 24 samples where an hour has fewer.
var varianceSpan = span{Blocks: 6, Least: 10 * time.Minute, Samples: 4}

// What a difference is: of samples at most so many periods apart, and no larger
// than that, in scales.
const (
	apart        = 1.5
	varianceClip = 8
)

// New returns a state that has seen no sample.
func (varianceModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	return &varianceState{own: varianceOwn{spanned: newSpanned(), LastAt: kizashi.Never}}
}

type varianceState struct{ own varianceOwn }

// varianceOwn has a fixed size, so that it is written in binary as it stands.
type varianceOwn struct {
	spanned
	LastAt kizashi.Time // of the sample before
	LastZ  float64      // its score
}

// Begin freezes limit and usual for the hour.
func (s *varianceState) Begin(c *detect.Case) { s.own.begin(c, varianceSpan, false) }

// difference of the sample's score from the one before; NaN where that lies too
// far back.
func (s *varianceState) difference(c *detect.Case) float64 {
	o := &s.own
	if o.LastAt == kizashi.Never || float64(c.Sample.At.Sub(o.LastAt)) > apart*float64(o.Blocks.gap()) {
		return math.NaN()
	}
	return min(math.Abs(c.View.Z-o.LastZ), varianceClip)
}

// Judge says how far the fluctuation lies from its usual.
func (s *varianceState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	return s.own.judge(c, varianceSpan, s.difference(c), v)
}

// Learn takes the difference in.
func (s *varianceState) Learn(c *detect.Case, _ bool) {
	o := &s.own
	o.learn(c, varianceSpan, s.difference(c))
	if o.LastAt = kizashi.Never; c.Stance != baseline.Excluded && !math.IsNaN(c.View.Z) {
		o.LastAt, o.LastZ = c.Sample.At, clip(c.View.Z, math.MaxFloat32)
	}
}

// Explain adds nothing: what the vote rests on is in its ground.
func (s *varianceState) Explain(*detect.Case) []kizashi.Evidence { return nil }

// Ground gives the blocks, the usual fluctuation and the scale.
func (s *varianceState) Ground(c *detect.Case) *kizashi.Ground {
	g := s.own.ground(c, varianceSpan, s.difference(c))
	if g != nil {
		g.Model = "variance"
	}
	return g
}

// AppendBinary appends the state.
func (s *varianceState) AppendBinary(b []byte) []byte { return appendFixed(b, &s.own) }

// Decode reads what AppendBinary wrote.
func (s *varianceState) Decode(b []byte) ([]byte, error) { return decodeFixed(b, &s.own) }
