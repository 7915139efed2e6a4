package verify

import (
	"time"

	"github.com/kizashi-ops/kizashi"
)

// isLine says that a vote is about log lines.
func isLine(model string) bool {
	switch model {
	case logNew, logRare, logMany, logSurge, logDrop, logAbsent, logShare, logValue, logRatio:
		return true
	}
	return false
}

// compares says that a vote compares a stretch with the same one of other days.
func compares(model string) bool { return model == logSurge || model == logShare || model == logDrop }

// judgedStretch is what the first vote rests on.
func (c *checker) judgedStretch() (kizashi.Ground, bool) {
	w, ok := c.deciding()
	if !ok {
		return kizashi.Ground{}, false
	}
	g, _, ok := c.ground(w)
	return g, ok
}

// lines checks what is said of alerts about log lines alone.
func (c *checker) lines() {
	j := c.j
	if j.Log == nil {
		return
	}
	if j.Record != nil || j.Rhythm != nil || j.Run != nil || j.Routine != nil || j.Expect != nil || j.Volume != nil || len(j.Recent)+len(j.Own) > 0 {
		c.fault("record: what only metrics have stands beside log lines")
	}
	c.same("period", "meta.period", "a minute", kizashi.Duration(time.Minute), j.Meta.Period)
	c.same("bound", "meta.lower", "no count is less", kizashi.Num(0), j.Meta.Lower)
	c.same("lines.votes", "grounds", "one for each vote", len(j.Opening.Verdict.Votes), len(j.Grounds))
	c.same("fired", "fired", "none: no limit is in the series' unit", 0, j.Fired)
	c.same("limit_low", "limit_low", "none: no limit is in the series' unit", kizashi.None(), j.LimitLow)
	c.same("limit_high", "limit_high", "none: no limit is in the series' unit", kizashi.None(), j.LimitHigh)
	v := j.Opening.Verdict
	c.same("lower", "opening.verdict.lower", "there is no band", kizashi.None(), v.Lower)
	c.same("upper", "opening.verdict.upper", "there is no band", kizashi.None(), v.Upper)
	c.lineDay()
	c.lineDays()
	c.lineDue()
	c.declare("log")
	g, ok := c.judgedStretch()
	if !ok || len(g.Parts) == 0 {
		c.fault("grounds: nothing says what was counted")
		return
	}
	c.same("lines.count", "opening.value", "what the first vote counts", kizashi.Num(countOf(g)), j.Opening.Value)
	usual := kizashi.None()
	if compares(g.Model) {
		usual = g.Usual
	}
	c.same("expected", "opening.verdict.expected", "what is usual, where the first vote has that", usual, v.Expected)
}

// lineFact tells a vote about log lines. How many patterns stood out at that moment is
// not known here.
func lineFact(g kizashi.Ground) kizashi.Evidence {
	e := fact0(kizashi.Claim(g.Model))
	e.Value, e.High, e.From, e.To, e.Unit = kizashi.Num(g.Stat), kizashi.Num(g.Limit), g.From, g.To, g.Unit
	e.Count = int(countOf(g))
	return e
}

// lineTarget are the facts about the target of log lines, and the reservations.
func (c *checker) lineTarget() []kizashi.Evidence {
	g, ok := c.judgedStretch()
	if !ok || g.Model == logMany {
		return nil
	}
	R, t := seconds(g.R), g.Tail
	e := fact0(kizashi.ClaimTarget)
	e.Value, e.Unit = kizashi.Num(R), "s"
	if t != nil {
		f := interval(*t, R)
		e.Low, e.High = kizashi.Num(R/f), kizashi.Num(R*f)
	}
	fs := []kizashi.Evidence{e}
	if d := c.j.Settings.Division; d != nil && g.R == part(d) {
		e := fact0(kizashi.ClaimShared)
		e.Value, e.Count = kizashi.Num(d.Weekly), d.Series
		fs = append(fs, e)
	}
	if t == nil {
		if spaced := g.Unit == "d"; spaced && g.Past != nil && g.Past.Count == 0 && g.Limit*86400 < R/g.Share {
			e := fact0(kizashi.ClaimExtrapolated)
			e.Value, e.High, e.Unit = kizashi.Num(g.Stat*86400), kizashi.Num(R/g.Share), "s"
			fs = append(fs, e)
		}
		return fs
	}
	if most := supports(*t); most < R {
		e := fact0(kizashi.ClaimUnsupported)
		e.Value, e.High, e.Unit = kizashi.Num(most), kizashi.Num(R), "s"
		fs = append(fs, e)
	}
	if t.N < calibratedClusters {
		e := fact0(kizashi.ClaimPrior)
		e.Count = int(t.N)
		fs = append(fs, e)
	}
	if y := youth(*t); y >= 1.5 {
		e := fact0(kizashi.ClaimYoung)
		e.Value = kizashi.Num(y)
		fs = append(fs, e)
	}
	return fs
}
