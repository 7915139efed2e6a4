package models

import (
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// tells fills in a vote on a statistic that was evaluated, if there is a limit
// for it.
func (s *calibrated) tells(c *detect.Case, v *kizashi.Vote, stat float64, side kizashi.Side, unit string) bool {
	crossed, ok := s.crossed(stat)
	if !ok || !c.View.Ready {
		return false
	}
	v.Side, v.Stat, v.Limit, v.Unit = side, stat, s.Theta, unit
	v.Center, v.Lower, v.Upper = kizashi.None(), kizashi.None(), kizashi.None()
	d := c.Settings.Direction
	v.Crossed = crossed && (d == kizashi.Both || d == side)
	return true
}

// tally counts evaluations by how large they were, the past fading.
type tally [tallies]float32

const tallies = 12

// surprise of an evaluation in a bin: -log10 of how often one is so large.
func (t *tally) surprise(bin int) float64 {
	var all, over float64
	for i, n := range t {
		all += float64(n)
		if i >= bin {
			over += float64(n)
		}
	}
	return -math.Log10((over + .5) / (all + 1))
}

func (t *tally) fade(by float64) {
	for i := range t {
		t[i] *= float32(by)
	}
}

// finite says that numbers of a state could have been written.
func finite(vs ...float64) bool {
	for _, v := range vs {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
