package baseline

import "math"

// forth brings a value to the scale on which residuals are taken.
func (s *State) forth(x float64) float64 {
	if !s.Log {
		return x
	}
	return forth(x)
}

// back brings it to the series' unit again.
func (s *State) back(t float64) float64 {
	if !s.Log {
		return t
	}
	return back(t)
}

// forth is sign(x) ln(1+|x|).
func forth(x float64) float64 {
	if x < 0 {
		return -math.Log1p(-x)
	}
	return math.Log1p(x)
}

func back(t float64) float64 {
	if t < 0 {
		return -math.Expm1(-t)
	}
	return math.Expm1(t)
}
