package verify

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

const (
	xiLeast, xiMost = -0.3, 0.5
	leastReach      = 0.3 // theta lies at least this share of u beyond u
)

// shape is xi: the L-moments' estimate from n clusters, and the prior, which
// weighs as n0 of them.
func shape(t kizashi.Tail) formula {
	own := 0.0
	text := "=MAX(-0.3,MIN(0.5,n0*xi0/(n+n0)))"
	if t.N > 0 && t.Diff > 0 {
		own = t.N * (2 - 2*t.Mean/t.Diff)
		text = "=MAX(-0.3,MIN(0.5,(n*(2-2*m/d)+n0*xi0)/(n+n0)))"
	}
	xi := (own + t.N0*t.Xi0) / (t.N + t.N0)
	return calc(text, min(max(xi, xiLeast), xiMost), "n", t.N, "m", t.Mean, "d", t.Diff, "n0", t.N0, "xi0", t.Xi0)
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

// limitOf is theta: what is exceeded by one cluster in R/w.
func limitOf(t kizashi.Tail, R kizashi.Duration, xi, sigma float64) formula {
	days := seconds(R) / 86400
	x := t.Lambda * days / t.W * youth(t)
	reach, text := 0.0, "sigma*LN(lambda*R*young/w)"
	if xi == 0 {
		reach = sigma * math.Log(x)
	} else {
		reach, text = sigma*math.Expm1(xi*math.Log(x))/xi, "sigma/xi*(POWER(lambda*R*young/w,xi)-1)"
	}
	theta := t.U + max(reach, leastReach*t.U)
	return calc("=u+MAX("+text+",0.3*u)", theta, "u", t.U, "sigma", sigma, "xi", xi, "lambda", t.Lambda, "R", days, "w", t.W, "young", youth(t))
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
	c.number("theta", path+".theta", limitOf(t, R, xi.want, sigma.want), t.Theta)
}
