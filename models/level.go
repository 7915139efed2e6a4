package models

import (
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// levelModel votes when the mean of the residual scores of a span lies further
// off than such means usually do: a shift too small for the band sample by
// sample, or, over a longer span, a slow drift.
type levelModel struct{ kind uint8 }

var level, drift = levelModel{levelSpan}, levelModel{driftSpan}

// levelClip is how far one sample counts, in scales: a single outlier is the
// spike's.
const levelClip = 5

// New returns a state that has seen no sample.
func (m levelModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	if m.kind == driftSpan {
		return &levelState[[13]float32, [13]uint16]{newSpanned[[13]float32, [13]uint16](m.kind)}
	}
	return &levelState[[7]float32, [7]uint16]{newSpanned[[7]float32, [7]uint16](m.kind)}
}

type levelState[S sums, N counts] struct{ spanned[S, N] }

// Begin freezes limit and scale for the hour. What is usual of a score is 0.
func (s *levelState[S, N]) Begin(c *detect.Case) { s.begin(c, true) }

// Brief is Judge in short.
func (s *levelState[S, N]) Brief(c *detect.Case) (detect.Said, float64) {
	return s.brief(c, clip(c.View.Z, levelClip)), 0
}

// Judge says how far the mean lies from 0, in terms of how far such means do.
func (s *levelState[S, N]) Judge(c *detect.Case, v *kizashi.Vote) bool {
	w, ok := s.weigh(c, clip(c.View.Z, levelClip))
	if ok {
		s.tell(c, &w, v, "times")
	}
	return ok
}

// Learn takes the score in.
func (s *levelState[S, N]) Learn(c *detect.Case, _ bool) { s.learn(c, clip(c.View.Z, levelClip)) }

// Ground gives the blocks and the scale.
func (s *levelState[S, N]) Ground(c *detect.Case) *kizashi.Ground {
	return s.ground(c, clip(c.View.Z, levelClip))
}
