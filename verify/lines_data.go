package verify

import (
	"time"

	"github.com/kizashi-ops/kizashi"
)

// ratioData counts the lines of both again.
func ratioData(c *checker, path string, g kizashi.Ground) {
	for i, part := range g.Parts {
		c.linesOf(path+"."+at("parts", i)+".count", c.without([]string{"pattern"}, "pattern", part.Text), true, g, float64(part.Count))
	}
}

// linesData counts the lines again.
func linesData(c *checker, path string, g kizashi.Ground) {
	if len(g.Parts) == 1 {
		c.linesOf(path+".parts[0].count", c.j.Meta.Series, c.ofPattern(), g, countOf(g))
	}
}

func shareData(c *checker, path string, g kizashi.Ground) {
	linesData(c, path, g)
	if len(g.Parts) == 1 {
		c.linesOf(path+".parts[0].sum", c.wholeOf(), c.ofPattern(), g, g.Parts[0].Sum)
	}
}

// manyData says that nothing counts new patterns again: which were new is not stored.
func manyData(c *checker, path string, _ kizashi.Ground) { c.declare(path + ".parts[0].count") }

// ofPattern says whether the alert's lines are those of a pattern, or of a value in one.
func (c *checker) ofPattern() bool { return c.j.Meta.Identity.Get("pattern") != "" }

// linesOf counts the stored lines of a series in a stretch. Of a pattern there may be
// fewer than stated, where lines that it has by now were counted as those of another one
// that became part of it: the number is then declared. More there cannot be. All other
// counts are as they were stored.
func (c *checker) linesOf(path string, id kizashi.SeriesID, pattern bool, g kizashi.Ground, stated float64) {
	samples, err := c.cfg.Data.Samples(id, g.From, g.To)
	if err != nil {
		c.fault("%s: %v", path, err)
		return
	}
	n := 0.
	for _, s := range between(samples, g.From, g.To) {
		n += s.Value
	}
	if pattern && n < stated {
		c.declare(path)
		return
	}
	c.same("lines.count", path, "SUM of the stored counts of the stretch", n, stated)
}

// without removes labels from those of the series and adds one, to name another
// count of its log group.
func (c *checker) without(names []string, name, value string) kizashi.SeriesID {
	ls := map[string]string{}
	for _, l := range c.j.Meta.Identity {
		ls[l.Name] = l.Value
	}
	for _, n := range names {
		delete(ls, n)
	}
	if name != "" {
		ls[name] = value
	}
	return kizashi.IDOf(c.j.Meta.Tenant, kizashi.LabelsOf(ls))
}

// countLabels are the labels that tell counts from their log group.
var countLabels = []string{"lines", "level", "status", "pattern", "slot", "value", "numbers"}

// groupOf is the log group's own.
func (c *checker) groupOf() kizashi.SeriesID { return c.without(countLabels, "", "") }

// allLines is the series of all lines of the log group.
func (c *checker) allLines() kizashi.SeriesID { return c.without(countLabels, "lines", "all") }

// wholeOf is the series that the alert's is a part of.
func (c *checker) wholeOf() kizashi.SeriesID {
	id := c.j.Meta.Identity
	switch {
	case id.Get("pattern") != "":
		return c.without([]string{"slot", "value", "numbers"}, "", "")
	case id.Get("status") != "":
		return c.without(nil, "status", "any")
	}
	return c.allLines()
}

// lineData repeats what is counted of log lines.
func (c *checker) lineData() {
	t0 := c.j.Opening.At
	own, err := c.cfg.Data.Samples(c.j.Meta.Series, t0-reach, t0)
	if err != nil {
		c.fault("samples: %v", err)
		return
	}
	read, err := c.cfg.Data.Samples(c.allLines(), t0-reach, t0)
	if err != nil {
		c.fault("samples: %v", err)
		return
	}
	read = between(read, t0-reach, t0)
	if len(read) == 0 { // as where only the log files are at hand
		c.declare("window")
		c.declare("comparable")
		return
	}
	have := map[kizashi.Time]float64{}
	for _, s := range own {
		have[s.At] += s.Value
	}
	c.past = &past{whole: true}
	for _, s := range read {
		s.Value = have[s.At] // 0 where the group was read and had none of it
		c.past.samples = append(c.past.samples, s)
	}
	c.past.window = between(c.past.samples, t0-fortnight, t0)
	c.count()
	for _, h := range c.said(t0).kept() {
		if h.Why == kizashi.ClaimExcluded { // nothing else keeps a count out
			c.past.held = append(c.past.held, h)
		}
	}
	c.heldAgain(kizashi.Never)
}

// alike are the same stretches of the wall on the days before, of those that were read
// in full.
func (c *checker) alike(loc *time.Location) (ms []kizashi.Comparable) {
	g, ok := c.judgedStretch()
	if !ok || !compares(g.Model) {
		return nil
	}
	w := g.From.UTC().In(loc)
	for d := 14; d >= 1; d-- {
		if len(c.j.Days) > d && c.j.Days[d] != c.j.Days[0] {
			continue
		}
		from := kizashi.TimeOf(time.Date(w.Year(), w.Month(), w.Day()-d, w.Hour(), w.Minute(), 0, 0, loc))
		in := between(c.past.samples, from, from+(g.To-g.From))
		if kizashi.Time(len(in))*minute != g.To-g.From {
			continue
		}
		n := kizashi.Num(0)
		for _, s := range in {
			n += kizashi.Num(s.Value)
		}
		ms = append(ms, kizashi.Comparable{From: from, To: from + (g.To - g.From), Count: len(in), Low: n, Median: n, High: n})
	}
	return ms
}

// momentSpan is how long a comparable moment is.
func (c *checker) momentSpan() kizashi.Time {
	if g, ok := c.judgedStretch(); ok && c.j.Log != nil {
		return g.To - g.From
	}
	return hour
}
