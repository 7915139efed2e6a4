package gen

import "math"

// The products below stand in float64(...), which forbids fused multiply-add:
// all processors make the same numbers.

func (n *Noise) gauss(dst []float64) {
	for i := range dst {
		dst[i] = round6(n.r.NormFloat64())
	}
}

// t3 is a normal variate over the root of a chi-square one with 3 degrees of
// freedom; its variance is 3.
func (n *Noise) t3(dst []float64) {
	for i := range dst {
		z, a, b, c := n.r.NormFloat64(), n.r.NormFloat64(), n.r.NormFloat64(), n.r.NormFloat64()
		dst[i] = round6(z / math.Sqrt(float64(a*a)+float64(b*b)+float64(c*c)))
	}
}

// lognormal has mean exp(s*s/2) and variance exp(s*s) (exp(s*s) - 1) before
// it is standardised.
func (n *Noise) lognormal(dst []float64) {
	const s2 = logSpread * logSpread
	mean := math.Exp(s2 / 2)
	scale := 1 / math.Sqrt(math.Exp(s2)*math.Expm1(s2))
	for i := range dst {
		dst[i] = round6((math.Exp(logSpread*n.r.NormFloat64()) - mean) * scale)
	}
}

func (n *Noise) ar(dst []float64) {
	fresh := math.Sqrt(1 - arKeep*arKeep)
	for i := range dst {
		n.x = float64(arKeep*n.x) + float64(fresh*n.r.NormFloat64())
		dst[i] = round6(n.x)
	}
}

func (n *Noise) seasonal(dst []float64) {
	for i := range dst {
		d := &n.day[n.minute(n.at)]
		dst[i] = round6(d[0] + float64(d[1]*n.r.NormFloat64()))
		n.at = n.at.Add(n.period)
	}
}

// laplace has the scale 1/sqrt 2, and so the variance 1.
func (n *Noise) laplace(dst []float64) {
	for i := range dst {
		v := n.r.ExpFloat64() / math.Sqrt2
		if n.r.Uint64()&1 == 0 {
			v = -v
		}
		dst[i] = round6(v)
	}
}

// poisson inverts the distribution term by term.
func (n *Noise) poisson(dst []float64) {
	for i := range dst {
		u, k, p := n.r.Float64(), 0.0, n.family.none
		for u >= p && p > 0 {
			u -= p
			k++
			p *= n.family.mean / k
		}
		dst[i] = k
	}
}
