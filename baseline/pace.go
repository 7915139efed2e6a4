package baseline

import "math"

// How fast the past loses its weight is a setting: all that band and spike expect by
// follows it, the tails of evidence votes do not.

// decay of an observed hour.
func (s *State) decay() float64 {
	if s.set.HalfLife <= 0 {
		return decay
	}
	return math.Exp2(-1 / (halfLife * s.set.Pace()))
}

// depth is over how many values a mean goes that has seen n of them, most being all
// that are counted: where half-lives are not the usual one, over more or fewer than
// that.
func (s *State) depth(n, most uint8) float64 {
	d := float64(most) * s.set.Pace()
	if n < most {
		d = min(d, float64(n))
	}
	return max(1, d)
}
