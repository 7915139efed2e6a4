package models

import (
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// levelModel votes when the mean of the residual scores of a span lies further
// off than such means usually do: a shift too small for the band sample by
// sample, or, over a longer span, a slow drift.
type levelModel struct{ span *span }

var (
	level = levelModel{&span{Name: "level", Blocks: 6, Least: 5 * time.Minute, Samples: 1}}
	drift = levelModel{&span{Name: "drift", Blocks: 12, Least: 30 * time.Minute, Samples: 1}}
)

// levelClip is how far one sample counts, in scales: a single outlier is the
// spike's.
const levelClip = 5

// New returns a state that has seen no sample.
func (m levelModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	return &levelState{newSpanned(m.span)}
}

type levelState struct{ spanned }

// Begin freezes limit and scale for the hour. What is usual of a score is 0.
func (s *levelState) Begin(c *detect.Case) { s.begin(c, true) }

// Brief is Judge in short.
func (s *levelState) Brief(c *detect.Case) (detect.Said, float64) {
	w, ok := s.weigh(c, clip(c.View.Z, levelClip))
	return w.short(ok), 0
}

// Judge says how far the mean lies from 0, in terms of how far such means do.
func (s *levelState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	w, ok := s.weigh(c, clip(c.View.Z, levelClip))
	if ok {
		w.tell(v, "times")
	}
	return ok
}

// Learn takes the score in.
func (s *levelState) Learn(c *detect.Case, _ bool) { s.learn(c, clip(c.View.Z, levelClip)) }

// Ground gives the blocks and the scale.
func (s *levelState) Ground(c *detect.Case) *kizashi.Ground {
	return s.ground(c, s.span.Name, clip(c.View.Z, levelClip))
}
