package models

import (
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// spikeModel votes on a single sample that lies far from the moving mean of
// those just before it. It sees what is shorter than the band's M samples.
type spikeModel struct{}

// unusual is how many scales off what its hour has a sample is, at the least, for
// a step to it to count as a moment: five, beyond what a normal variable does in
// a series' life.
const unusual = 5

// New returns the one state there is.
func (spikeModel) New(*kizashi.Meta, *kizashi.Settings) detect.State { return spikeState{} }

type spikeState struct{ stateless }

// weigh compares the residual of each side with its limit.
func (spikeState) weigh(c *detect.Case) (w weighed, ok bool) {
	v := c.View
	if !v.Ready {
		return w, false
	}
	if w.side, ok = nearer(c, v.Spike, v.SpikeTheta); !ok {
		return w, false
	}
	i := index(w.side)
	w.stat, w.limit = v.Spike[i], v.SpikeTheta[i]
	if w.stat > w.limit {
		expected, _, _ := v.SpikeLimits()
		w.crossed = reaches(c, w.side, expected)
	}
	return w, true
}

// onset ranks moments and opens nothing.
func (spikeState) onset(c *detect.Case) float64 {
	if math.Abs(c.View.Z) >= unusual {
		return c.View.Surprise
	}
	return 0
}

// Brief is Judge in short.
func (s spikeState) Brief(c *detect.Case) (detect.Said, float64) {
	if v := c.View; v.Ready && inside(c, &v.Spike, &v.SpikeTheta) {
		return detect.Inside, s.onset(c)
	}
	w, ok := s.weigh(c)
	return w.short(ok), s.onset(c)
}

// Judge gives the limits about the moving mean where the residual lies beyond one.
func (s spikeState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	v.Onset = s.onset(c)
	w, ok := s.weigh(c)
	if !ok {
		return false
	}
	if w.tell(v, "scales"); w.stat > w.limit {
		v.Center, v.Lower, v.Upper = c.View.SpikeLimits()
	}
	return true
}
