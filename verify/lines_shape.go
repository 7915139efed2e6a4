package verify

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

// lineShape checks what holds of all of them: the stretch ends with the opening sample,
// and what it is held against ends before.
func (c *checker) lineShape(path string, g kizashi.Ground, from kizashi.Time) bool {
	n := 1
	if g.Model == logRatio {
		n = 2
	}
	if len(g.Parts) != n || g.Past == nil {
		c.fault("%s: want a count of lines, and what it is held against", path)
		return false
	}
	c.same("to", path+".to", "the end of the opening minute", c.j.Opening.At+minute, g.To)
	c.same("from", path+".from", "the stretch that is judged", from, g.From)
	for i, part := range g.Parts {
		pp := path + "." + at("parts", i)
		c.same("from", pp+".from", "the ground's", g.From, part.From)
		c.same("to", pp+".to", "the ground's", g.To, part.To)
	}
	c.same("target", path+".r", "settings.r", c.j.Settings.R, g.R)
	c.same("past", path+".past.to", "where what came before ends", earlierEnds(g), g.Past.To)
	if f := g.Past.From; f > g.Past.To || f != kizashi.Never && f%minute != 0 {
		c.fault("%s.past.from: %s lies behind %s, or is no minute's begin", path, f, g.Past.To)
	}
	return true
}

// earlierEnds is where what happened before ends: of an absence with the last minute that
// had lines, of what is seldom with the minute in which it was told.
func earlierEnds(g kizashi.Ground) kizashi.Time {
	switch g.Model {
	case logAbsent:
		return g.From - minute
	case logNew, logRare, logValue:
		return g.To - minute
	}
	return g.From
}

// calibratedLines checks what a limit by a tail leaves open.
func (c *checker) calibratedLines(path string, g kizashi.Ground) {
	p := g.Past
	c.same("lines.past", path+".past.of", "hundredths", 100, p.Of)
	// How many there were is stated to a hundredth.
	n, fits := float64(p.Count)/100, 1/math.Ln10
	c.numberNear("lines.trust", path+".past.high", calc("=MIN(1,(n+20)/LN(10)/(beyond+20/LN(10)))", min(1, (n+20)*fits/(float64(p.Low)+20*fits)), "n", n, "beyond", float64(p.Low)), float64(p.High), 3e-4)
	c.same("share", path+".share", "the tail's", 0.0, g.Share)
	for _, of := range []string{".usual", ".scale", ".past", ".tail.u", ".tail.lambda", ".tail.n", ".tail.m", ".tail.d"} {
		c.declare(path + of) // learned from all counts so far; statistic and limit follow from them
	}
}

func surgeShape(c *checker, path string, g kizashi.Ground) {
	from := g.To - 5*minute
	if g.From < from { // the two windows before count too where that says more
		from = g.To - 15*minute
	}
	if !c.lineShape(path, g, from) {
		return
	}
	n, whole := countOf(g), g.Parts[0].Sum
	if n < 5 || n <= float64(g.Usual) {
		c.fault("%s.parts[0].count: %v lines are not too many", path, n)
	}
	if g.Model == logSurge {
		c.same("lines.whole", path+".parts[0].sum", "0: it is no part", 0.0, whole)
	} else if whole < 20 || n > whole || whole != math.Trunc(whole) {
		c.fault("%s.parts[0].sum: %v of %v lines are no part that is judged", path, n, whole)
	}
	c.calibratedLines(path, g)
}

func dropShape(c *checker, path string, g kizashi.Ground) {
	if !c.lineShape(path, g, g.To-hour) {
		return
	}
	if n := countOf(g); float64(g.Usual) < 5 || n >= float64(g.Usual)/2 {
		c.fault("%s.parts[0].count: %v lines are not too few", path, n)
	}
	c.same("lines.whole", path+".parts[0].sum", "0: it is no part", 0.0, g.Parts[0].Sum)
	c.calibratedLines(path, g)
}

func manyShape(c *checker, path string, g kizashi.Ground) {
	if !c.lineShape(path, g, g.To-hour) {
		return
	}
	c.number("share", path+".share", calc("=share", .03, "share", .03), g.Share)
	c.same("lines.whole", path+".parts[0].sum", "0: it is no part", 0.0, g.Parts[0].Sum)
	c.same("lines.past", path+".past.count", "0: only the most counts", 0, g.Past.Count)
	c.same("lines.past", path+".past.of", "0: only the most counts", 0, g.Past.Of)
	c.declare(path + ".past")
}

func ratioShape(c *checker, path string, g kizashi.Ground) {
	if !c.lineShape(path, g, g.To-hour) {
		return
	}
	c.number("share", path+".share", calc("=share", .03, "share", .03), g.Share)
	if t := float64(g.Usual); t != math.Trunc(t) || t < 1 || t > 3 {
		c.fault("%s.usual: %v is no number of times", path, t)
	}
	if k, n := float64(g.Past.Count), float64(g.Past.Of); n < 48 || k > n || k < .985*n {
		c.fault("%s.past: %v of %v hours are no invariant", path, k, n)
	}
	for i, part := range g.Parts {
		c.same("lines.whole", path+"."+at("parts", i)+".sum", "0: it is no part", 0.0, part.Sum)
	}
	c.declare(path + ".past")
}

func absentShape(c *checker, path string, g kizashi.Ground) {
	if g.Past == nil {
		c.fault("%s.past: there is none", path)
		return
	}
	if !c.lineShape(path, g, g.Past.To+minute) {
		return
	}
	c.same("lines.none", path+".parts[0].count", "none came", 0, g.Parts[0].Count)
	// The kind's share is divided evenly over all that have a rhythm.
	n := math.Max(1, math.Round(.08/g.Share))
	c.number("share", path+".share", calc("=0.08/rhythms", .08/n, "rhythms", n), g.Share)
	if g.Past.Count < 6 || g.Past.Of < 1 {
		c.fault("%s.past: %d waits are no rhythm", path, g.Past.Count)
	}
	c.declare(path + ".usual")
	c.declare(path + ".scale")
	c.declare(path + ".past")
	c.declare(path + ".parts[0].sum") // by the rates of the hours since
}

// spacedShape checks the share of the kind: that of a new pattern follows from the
// level that its lines say.
func spacedShape(c *checker, path string, g kizashi.Ground) {
	want, from := .03, g.To-minute
	if l := c.j.Log; l != nil && g.Model == logNew {
		want, from = newShare(l.Level, g, from)
		if from < g.To-minute {
			from = l.First
		}
	}
	if !c.lineShape(path, g, from) {
		return
	}
	c.number("share", path+".share", calc("=share", want, "share", want), g.Share)
	c.same("lines.whole", path+".parts[0].sum", "0: it is no part", 0.0, g.Parts[0].Sum)
	c.same("lines.past", path+".past.of", "0: there is no number to be told", 0, g.Past.Of)
	if g.Parts[0].Count < 1 || g.Past.Count < 0 {
		c.fault("%s.parts[0].count: there are no lines", path)
	}
	c.declare(path + ".past.count")
}

// newShare is the share of a new pattern, by the level of its lines and by whether
// it is told in its first minute, or within an hour as it goes on.
func newShare(level string, g kizashi.Ground, minuteOf kizashi.Time) (share float64, from kizashi.Time) {
	switch {
	case level == "error" || level == "fatal":
		return .25, minuteOf
	case level == "warn":
		return .1, minuteOf
	case g.From < minuteOf && g.To-g.From <= hour+5*minute:
		return .12, g.From
	}
	return .05, minuteOf
}
