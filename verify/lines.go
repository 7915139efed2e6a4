package verify

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

// Votes about log lines (docs/method.md, section 19). Their shares are those of a log
// group, which add up to 1.
const (
	logNew    = string(kizashi.ClaimLogNew)
	logRare   = string(kizashi.ClaimLogRare)
	logMany   = string(kizashi.ClaimLogMany)
	logSurge  = string(kizashi.ClaimLogSurge)
	logDrop   = string(kizashi.ClaimLogDrop)
	logAbsent = string(kizashi.ClaimLogAbsent)
	logShare  = string(kizashi.ClaimLogShare)
	logValue  = string(kizashi.ClaimLogValue)
	logRatio  = string(kizashi.ClaimLogRatio)
)

func init() {
	evidence[logSurge] = grounds{share: .14, whole: 1, stat: tooMany, near: nearDecades, shape: surgeShape, data: linesData}
	evidence[logShare] = grounds{share: .09, whole: 1, stat: tooMany, near: nearDecades, shape: surgeShape, data: shareData}
	evidence[logDrop] = grounds{share: .05, whole: 1, stat: tooFew, near: nearDecades, shape: dropShape, data: linesData}
	evidence[logAbsent] = grounds{stat: waited, limit: longestWait, shape: absentShape, data: linesData}
	evidence[logMany] = grounds{stat: counted, limit: twiceTheMost, shape: manyShape, data: manyData}
	evidence[logRatio] = grounds{stat: outOfStep, limit: twiceTheMost, shape: ratioShape, data: ratioData}
	evidence[logNew] = grounds{stat: apart, limit: spacing, shape: spacedShape, data: linesData}
	evidence[logRare] = grounds{stat: apart, limit: spacing, shape: spacedShape, data: linesData}
	evidence[logValue] = grounds{stat: apart, limit: spacing, shape: spacedShape, data: linesData}
}

// nearDecades is how far apart, in decades, two ways of computing the incomplete beta
// function may be.
const nearDecades = 1e-4

// mostDecades is what is so improbable that nothing is more so.
const mostDecades = 300

// lineStat is a statistic in decades, as far as they count.
func lineStat(text string, g kizashi.Ground, c, decades float64) formula {
	if len(g.Parts) != 1 || g.Past == nil || !g.Usual.Ok() || !(g.Scale > 0) {
		return calc(text, math.NaN())
	}
	trust := float64(g.Past.High)
	return calc(text, min(max(decades, 0), mostDecades)*trust, "count", c, "usual", float64(g.Usual), "alpha", float64(g.Scale), "trust", trust)
}

// tooMany is how improbable a count of so many is: of a negative binomial distribution
// with the variance usual + alpha usual².
func tooMany(g kizashi.Ground) formula {
	const text = "=MIN(300,-LOG10(BETADIST(alpha*usual/(1+alpha*usual),count,1/alpha)))*trust"
	c, spread := countOf(g), float64(g.Scale*g.Usual)
	return lineStat(text, g, c, -beta(c, 1/float64(g.Scale), spread/(1+spread), 1/(1+spread))/math.Ln10)
}

// tooFew is how improbable one of so few is.
func tooFew(g kizashi.Ground) formula {
	const text = "=MIN(300,-LOG10(BETADIST(1/(1+alpha*usual),1/alpha,count+1)))*trust"
	c, spread := countOf(g), float64(g.Scale*g.Usual)
	return lineStat(text, g, c, -beta(1/float64(g.Scale), c+1, 1/(1+spread), spread/(1+spread))/math.Ln10)
}

// countOf is how many lines, or patterns, a ground counts.
func countOf(g kizashi.Ground) float64 {
	if g.Model == logRatio && len(g.Parts) == 2 { // of the one that is short
		if many, few := float64(g.Parts[0].Count), float64(g.Parts[1].Count); many >= float64(g.Usual)*few {
			return few
		}
		return float64(g.Parts[0].Count)
	}
	if len(g.Parts) != 1 {
		return math.NaN()
	}
	return float64(g.Parts[0].Count)
}

// waited is the wait so far, in the number of minutes with lines that would be usual
// in that time.
func waited(g kizashi.Ground) formula {
	const text = "=lines/MAX(per_minute,1)"
	if len(g.Parts) != 1 || g.Past == nil {
		return calc(text, math.NaN())
	}
	lines, per := g.Parts[0].Sum, float64(g.Past.Low)
	return calc(text, lines/max(per, 1), "lines", lines, "per_minute", per)
}

// longestWait is the wait that gaps of the gamma distribution exceed once in R/share,
// and more than any so far by a tenth.
func longestWait(_ *checker, g kizashi.Ground) formula {
	const text = "=MAX(mean*GAMMAINV(1-MIN(share/often,0.5),shape,1)/shape,1.1*longest,longest+0.1)"
	if g.Past == nil || g.Past.Of < 1 || !(g.Share > 0 && g.Scale > 0 && g.Usual > 0) {
		return calc(text, math.NaN())
	}
	mean, shape, often, long := float64(g.Usual), float64(g.Scale), float64(g.Past.Of), float64(g.Past.High)
	want := max(mean*gammaBeyond(shape, min(g.Share/often, .5))/shape, 1.1*long, long+.1)
	return calc(text, want, "mean", mean, "share", g.Share, "often", often, "shape", shape, "longest", long)
}

func counted(g kizashi.Ground) formula { return calc("=count", countOf(g), "count", countOf(g)) }

// outOfStep is by how many lines two patterns are not in step.
func outOfStep(g kizashi.Ground) formula {
	const text = "=ABS(many-times*few)"
	if len(g.Parts) != 2 {
		return calc(text, math.NaN())
	}
	many, few, times := float64(g.Parts[0].Count), float64(g.Parts[1].Count), float64(g.Usual)
	return calc(text, math.Abs(many-times*few), "many", many, "times", times, "few", few)
}

// twiceTheMost is what more it must be than it was within any hour.
func twiceTheMost(_ *checker, g kizashi.Ground) formula {
	most := math.NaN()
	if g.Past != nil {
		most = float64(g.Past.High)
	}
	return calc("=MAX(3,2*most)+0.5", max(3, 2*most)+.5, "most", most)
}

// apart is for how many days there was none of its kind: since the last one, or since
// the log group is known.
func apart(g kizashi.Ground) formula {
	const text = "=(to-from)/86400"
	if g.Past == nil {
		return calc(text, math.NaN())
	}
	from, to := instant(g.Past.From), instant(g.Past.To)
	return calc(text, (to-from)/86400, "to", to, "from", from)
}

// spacing is how many days there must be none for. The last one came at the earliest
// two days after the log group became known, and where that is what cuts the limit
// nothing is told: so after a first one the limit is the target's.
func spacing(_ *checker, g kizashi.Ground) formula {
	R := seconds(g.R) / 86400
	if g.Past == nil || !(g.Share > 0) {
		return calc("=R/share", math.NaN())
	}
	if g.Past.Count > 0 {
		return calc("=R/share", R/g.Share, "R", R, "share", g.Share)
	}
	known := apart(g).want
	return calc("=MIN(R/share,known-2)", min(R/g.Share, known-2), "R", R, "share", g.Share, "known", known)
}
