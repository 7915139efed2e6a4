package logs

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// mostDecades is the least probability that is told apart: 10^-300. What is less
// probable counts as that.
const mostDecades = 300

// leastAlpha is the least overdispersion that counts are judged with. Below it no
// log is steady: deployments, retries and clocks see to that.
const leastAlpha = 0.02

// above is -log10 of the probability that a count of c or more comes where mean is
// usual, of a negative binomial distribution with the variance mean + alpha mean²
// (Hilbe, Negative Binomial Regression, 2011, NB2):
//
//	P(C >= c) = I_q(c, 1/alpha),  q = alpha mean / (1 + alpha mean)
//
// with I the regularised incomplete beta function.
func above(c int, mean, alpha float64) float64 {
	if c <= 0 || mean <= 0 {
		return 0
	}
	q := alpha * mean / (1 + alpha*mean)
	return decades(mathext.RegIncBeta(float64(c), 1/alpha, q))
}

// below is -log10 of the probability that a count of c or less comes.
func below(c int, mean, alpha float64) float64 {
	if mean <= 0 {
		return 0
	}
	if c <= 0 {
		return min(math.Log1p(alpha*mean)/alpha/math.Ln10, mostDecades)
	}
	q := alpha * mean / (1 + alpha*mean)
	return decades(mathext.RegIncBeta(1/alpha, float64(c)+1, 1-q))
}

func decades(p float64) float64 {
	if !(p > 0) {
		return mostDecades
	}
	return min(max(-math.Log10(p), 0), mostDecades)
}

// waits is how long, in mean gaps, one must wait for the next line so that a wait as
// long comes with probability p, of gaps that are gamma distributed with the shape k:
// 1 is a line at any time, more is a clock.
func waits(k, p float64) float64 {
	if !(p > 0 && p < 1 && k > 0) {
		return math.Inf(1)
	}
	return mathext.GammaIncRegCompInv(k, p) / k
}
