package verify

import "math"

// The two distributions that counts of log lines are judged by, from their continued
// fractions (Abramowitz and Stegun 26.5.8 and 6.5.31), which are exact to rounding
// each on its side of the middle.

// beta is the natural logarithm of the regularised incomplete beta function
// I_x(a, b); rest is 1-x, which for an x near 1 is known better than by that.
func beta(a, b, x, rest float64) float64 {
	if x > (a+1)/(a+b+2) { // where the fraction of the other end is the one that is short
		return math.Log1p(-math.Exp(beta(b, a, rest, x)))
	}
	return a*logOf(x, rest) + b*logOf(rest, x) + growth(max(a, b), min(a, b)) - logGamma(min(a, b)) - math.Log(a) + math.Log(betaFraction(a, b, x))
}

// logOf is ln x where rest is 1-x.
func logOf(x, rest float64) float64 {
	if rest < .5 {
		return math.Log1p(-rest)
	}
	return math.Log(x)
}

// growth is ln Gamma(a+b) - ln Gamma(a), which for a great a is what is left of two
// numbers that are far greater.
func growth(a, b float64) float64 {
	if a < 10 {
		return logGamma(a+b) - logGamma(a)
	}
	return (a-.5)*math.Log1p(b/a) + b*math.Log(a+b) - b + stirling(a+b) - stirling(a)
}

// stirling is what Stirling's formula leaves of ln Gamma(z), z >= 10.
func stirling(z float64) float64 {
	y := 1 / (z * z)
	return (1./12 - y*(1./360-y*(1./1260-y*(1./1680-y*(1./1188-y*(691./360360-y/156)))))) / z
}

func logGamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

// mostTerms bounds a continued fraction; one of the beta function takes about as many
// as the root of the greater of a and b.
const mostTerms = 200_000

// betaFraction is the continued fraction of I_x(a, b), by Lentz's method.
func betaFraction(a, b, x float64) float64 {
	c, d := 1., 1/nonzero(1-(a+b)*x/(a+1))
	h := d
	for m := 1.; m < mostTerms; m++ {
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d, c = 1/nonzero(1+even*d), nonzero(1+even/c)
		h *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d, c = 1/nonzero(1+odd*d), nonzero(1+odd/c)
		h *= d * c
		if math.Abs(d*c-1) < 1e-16 {
			break
		}
	}
	return h
}

func nonzero(x float64) float64 {
	if math.Abs(x) < 1e-300 {
		return 1e-300
	}
	return x
}

// upperGamma is the natural logarithm of the regularised upper incomplete gamma
// function Q(a, x).
func upperGamma(a, x float64) float64 {
	if x < a+1 {
		return math.Log1p(-lowerGamma(a, x))
	}
	b := x + 1 - a
	c, d := 1e300, 1/b
	h := d
	for i := 1.; i < mostTerms; i++ {
		an := -i * (i - a)
		b += 2
		d, c = 1/nonzero(an*d+b), nonzero(b+an/c)
		h *= d * c
		if math.Abs(d*c-1) < 1e-16 {
			break
		}
	}
	return a*math.Log(x) - x - logGamma(a) + math.Log(h)
}

// lowerGamma is P(a, x), by its series.
func lowerGamma(a, x float64) float64 {
	if x <= 0 {
		return 0
	}
	term := 1 / a
	sum := term
	for n := a + 1; term > sum*1e-17; n++ {
		term *= x / n
		sum += term
	}
	return sum * math.Exp(a*math.Log(x)-x-logGamma(a))
}

// gammaBeyond is the x of which Q(a, x) = p.
func gammaBeyond(a, p float64) float64 {
	low, high, want := 0., a+1, math.Log(p)
	for upperGamma(a, high) > want {
		low, high = high, 2*high
	}
	for range 200 {
		mid := low + (high-low)/2
		if mid <= low || mid >= high {
			break
		}
		if upperGamma(a, mid) > want {
			low = mid
		} else {
			high = mid
		}
	}
	return low + (high-low)/2
}
