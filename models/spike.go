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

// Judge compares the residual of each side with its limit. It also carries
// the onset, which ranks moments and opens nothing.
func (spikeState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	w := c.View
	if math.Abs(w.Z) >= unusual {
		v.Onset = w.Surprise
	}
	if !w.Ready {
		return false
	}
	side, ok := nearer(c, w.Spike, w.SpikeTheta)
	if !ok {
		return false
	}
	i := index(side)
	v.Side, v.Stat, v.Limit, v.Unit = side, w.Spike[i], w.SpikeTheta[i], "scales"
	v.Crossed = v.Stat > v.Limit
	v.Center, v.Lower, v.Upper = kizashi.None(), kizashi.None(), kizashi.None()
	if v.Crossed {
		v.Center, v.Lower, v.Upper = w.SpikeLimits()
		v.Crossed = reaches(c, v)
	}
	return true
}
