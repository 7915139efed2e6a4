package verify

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

const (
	xiLeast, xiMost = -0.3, 0.5
	leastReach      = 0.3 // theta lies at least this share of u beyond u
	weightBefore    = 60. // clusters that the shape that ships with the program weighs
)

// before is what ships with the program: the shape of a tail, and how near to the
// expected a limit may lie.
type before struct{ shape, least float64 }

var (
	bandBefore     = before{0, 2}
	spikeBefore    = before{.1, 3}
	evidenceBefore = before{}
)

// seenShape is the shape that the clusters alone show.
func seenShape(t kizashi.Tail) (own float64, text string) {
	if t.N > 0 && t.Diff > 0 {
		return 2.05 - 2*t.Mean/t.Diff, "2.05-2*m/d"
	}
	return 0, "0"
}

// priorOf checks the prior that a tail states.
func (c *checker) priorOf(path string, b before, t kizashi.Tail) {
	c.same("prior", path+".xi0", "the program's prior", b.shape, t.Xi0)
	c.same("prior", path+".least", "the program's prior", b.least, t.Least)
	c.same("prior", path+".n0", "the program's prior", weightBefore, t.N0)
}

// shape is xi: the L-moments' estimate from n clusters, and the prior, which
// weighs as n0 of them.
func shape(t kizashi.Tail) formula {
	own, text := seenShape(t)
	xi := (t.N*own + t.N0*t.Xi0) / (t.N + t.N0)
	return calc("=MAX(-0.3,MIN(0.5,(n*("+text+")+n0*xi0)/(n+n0)))", min(max(xi, xiLeast), xiMost),
		"n", t.N, "m", t.Mean, "d", t.Diff, "n0", t.N0, "xi0", t.Xi0)
}

// bent is the shape that the limit is set with: xi, and more the further it is
// carried on from what was seen.
func bent(t kizashi.Tail, R kizashi.Duration, xi float64) formula {
	days := seconds(R) / 86400
	l := math.Log(t.Lambda * days / t.W * youth(t))
	return calc("=MIN(0.5,xi+POWER(LN(lambda*R*young/w)/6,4)/(n+60))", min(xi+l*l*l*l/1296/(t.N+60), xiMost),
		"xi", xi, "lambda", t.Lambda, "R", days, "w", t.W, "young", youth(t), "n", t.N)
}

// youth is by how much longer the target is taken while a tail knows fewer than 14
// days: n clusters, and 2 of the prior in its one day, came at lambda a day.
func youth(t kizashi.Tail) float64 {
	if t.Lambda <= 0 {
		return 1
	}
	days := (t.N + 2) / t.Lambda
	return math.Max(1, 14/days)
}

// limitOf is theta: what is exceeded by one cluster in R/w, by a tail of the
// shape xi. Of a light one the hazard rises evenly, as a normal variable's.
func limitOf(t kizashi.Tail, R kizashi.Duration, xi, sigma float64) formula {
	const l = "MAX(0,LN(lambda*R*young/w))"
	days := seconds(R) / 86400
	far := math.Max(0, math.Log(t.Lambda*days/t.W*youth(t)))
	var reach float64
	var text string
	switch {
	case xi == 0:
		reach, text = sigma*far, "sigma*"+l
	case xi > 0:
		reach, text = sigma*(math.Exp(xi*far)-1)/xi, "sigma/xi*(EXP(xi*"+l+")-1)"
	default:
		a := 4*xi*xi - xi
		reach, text = sigma/a*(math.Pow(1+2*a*far, 0.5)-1), "sigma/(4*xi*xi-xi)*(SQRT(1+2*(4*xi*xi-xi)*"+l+")-1)"
	}
	theta := max(t.U+max(reach, leastReach*t.U), t.Least)
	return calc("=MAX(least,u+MAX("+text+",0.3*u))", theta, "least", t.Least, "u", t.U, "sigma", sigma, "xi", xi, "lambda", t.Lambda, "R", days, "w", t.W, "young", youth(t))
}

// tails checks the four tails of the record.
func (c *checker) tails() {
	r := c.j.Record
	c.tailOf("record.band_up", r.BandUp, r.R)
	c.tailOf("record.band_down", r.BandDown, r.R)
	c.tailOf("record.spike_up", r.SpikeUp, r.R)
	c.tailOf("record.spike_down", r.SpikeDown, r.R)
}

// tailOf checks the limit that follows from a tail.
func (c *checker) tailOf(path string, t kizashi.Tail, R kizashi.Duration) {
	if t.N+t.N0 <= 0 || t.W <= 0 {
		c.fault("%s: no clusters and no prior, or no share of the target", path)
		return
	}
	if t.U == 0 {
		c.same("theta", path+".theta", "u is not known yet: no limit", 0.0, t.Theta)
		return
	}
	xi := shape(t)
	c.derive("xi", path, xi)
	sigma := calc("=m*(1-xi)", t.Mean*(1-xi.want), "m", t.Mean, "xi", xi.want)
	c.derive("sigma", path, sigma)
	c.derive("young", path, calc("=MAX(1,14*lambda/(n+2))", youth(t), "lambda", t.Lambda, "n", t.N))
	further := bent(t, R, xi.want)
	c.derive("bent", path, further)
	c.number("theta", path+".theta", limitOf(t, R, further.want, sigma.want), t.Theta)
}
