package models

import (
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// weighed is what an opinion comes to.
type weighed struct {
	stat, limit float64
	side        kizashi.Side
	crossed     bool // it stands
}

// short is the opinion in short; ok = it is one.
func (w *weighed) short(ok bool) detect.Said {
	switch {
	case !ok:
		return detect.NoOpinion
	case w.crossed:
		return detect.Stands
	}
	return detect.Inside
}

// tell fills in the vote of an opinion. There is no band about what it is on.
func (w *weighed) tell(v *kizashi.Vote, unit string) {
	v.Side, v.Stat, v.Limit, v.Unit, v.Crossed = w.side, w.stat, w.limit, unit, w.crossed
	v.Center, v.Lower, v.Upper = kizashi.None(), kizashi.None(), kizashi.None()
}

// mayAlert says that the settings ask for what lies on a side.
func mayAlert(c *detect.Case, side kizashi.Side) bool {
	d := c.Settings.Direction
	return d == kizashi.Both || d == side
}

// weigh compares a statistic that was evaluated with its limit, if there is one.
func (s *calibrated) weigh(c *detect.Case, stat float64, side kizashi.Side) (w weighed, ok bool) {
	if !(s.Theta > 0) || !c.View.Ready {
		return w, false
	}
	return weighed{stat, s.Theta, side, stat > s.Theta && mayAlert(c, side)}, true
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
