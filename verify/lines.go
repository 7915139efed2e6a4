package verify

import (
	"math"
	"time"

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
)

func init() {
	evidence[logSurge] = grounds{share: .14, whole: 1, stat: tooMany, near: nearDecades, shape: surgeShape, data: linesData}
	evidence[logShare] = grounds{share: .09, whole: 1, stat: tooMany, near: nearDecades, shape: surgeShape, data: shareData}
	evidence[logDrop] = grounds{share: .05, whole: 1, stat: tooFew, near: nearDecades, shape: dropShape, data: linesData}
	evidence[logAbsent] = grounds{share: .08, stat: waited, limit: longestWait, shape: absentShape, data: linesData}
	evidence[logMany] = grounds{share: .03, stat: counted, limit: twiceTheMost, shape: manyShape}
	evidence[logNew] = grounds{stat: apart, limit: spacing, shape: spacedShape, data: linesData}
	evidence[logRare] = grounds{share: .03, stat: apart, limit: spacing, shape: spacedShape, data: linesData}
	evidence[logValue] = grounds{share: .03, stat: apart, limit: spacing, shape: spacedShape, data: linesData}
}

// nearDecades is how far apart, in decades, two ways of computing the incomplete beta
// function may be.
const nearDecades = 1e-4

// mostDecades is what is so improbable that nothing is more so.
const mostDecades = 300

// lineStat is a statistic in decades beyond the highest before.
func lineStat(text string, g kizashi.Ground, c, decades float64) formula {
	if len(g.Parts) != 1 || g.Past == nil || !g.Usual.Ok() || !(g.Scale > 0) {
		return calc(text, math.NaN())
	}
	highest := float64(g.Past.High)
	return calc(text, min(max(decades, 0), mostDecades)-highest, "count", c, "usual", float64(g.Usual), "alpha", float64(g.Scale), "highest", highest)
}

// tooMany is how improbable a count of so many is: of a negative binomial distribution
// with the variance usual + alpha usual².
func tooMany(g kizashi.Ground) formula {
	const text = "=MIN(300,-LOG10(BETADIST(alpha*usual/(1+alpha*usual),count,1/alpha)))-highest"
	c, spread := countOf(g), float64(g.Scale*g.Usual)
	return lineStat(text, g, c, -beta(c, 1/float64(g.Scale), spread/(1+spread), 1/(1+spread))/math.Ln10)
}

// tooFew is how improbable one of so few is.
func tooFew(g kizashi.Ground) formula {
	const text = "=MIN(300,-LOG10(BETADIST(1/(1+alpha*usual),1/alpha,count+1)))-highest"
	c, spread := countOf(g), float64(g.Scale*g.Usual)
	return lineStat(text, g, c, -beta(1/float64(g.Scale), c+1, 1/(1+spread), spread/(1+spread))/math.Ln10)
}

// countOf is how many lines, or patterns, a ground counts.
func countOf(g kizashi.Ground) float64 {
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
// and more than any so far by a quarter.
func longestWait(_ *checker, g kizashi.Ground) formula {
	const text = "=MAX(mean*GAMMAINV(1-MIN(share/often,0.5),shape,1)/shape,1.25*longest,longest+0.25)"
	if g.Past == nil || g.Past.Of < 1 || !(g.Share > 0 && g.Scale > 0 && g.Usual > 0) {
		return calc(text, math.NaN())
	}
	mean, shape, often, long := float64(g.Usual), float64(g.Scale), float64(g.Past.Of), float64(g.Past.High)
	want := max(mean*gammaBeyond(shape, min(g.Share/often, .5))/shape, 1.25*long, long+.25)
	return calc(text, want, "mean", mean, "share", g.Share, "often", often, "shape", shape, "longest", long)
}

func counted(g kizashi.Ground) formula { return calc("=count", countOf(g), "count", countOf(g)) }

// twiceTheMost is what more new patterns must be than there were within any hour.
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

// lineShape checks what holds of all of them: the stretch ends with the opening sample,
// and what it is held against ends before.
func (c *checker) lineShape(path string, g kizashi.Ground, from kizashi.Time) bool {
	if len(g.Parts) != 1 || g.Past == nil {
		c.fault("%s: want a count of lines, and what it is held against", path)
		return false
	}
	c.same("to", path+".to", "the end of the opening minute", c.j.Opening.At+minute, g.To)
	c.same("from", path+".from", "the stretch that is judged", from, g.From)
	c.same("from", path+".parts[0].from", "the ground's", g.From, g.Parts[0].From)
	c.same("to", path+".parts[0].to", "the ground's", g.To, g.Parts[0].To)
	c.same("target", path+".r", "settings.r", c.j.Settings.R, g.R)
	c.same("past", path+".past.to", "before what is judged", before(g), g.Past.To)
	if g.Past.From > g.Past.To {
		c.fault("%s.past.from: %s lies behind %s", path, g.Past.From, g.Past.To)
	}
	return true
}

// before is where what happened before ends: of an absence with the last minute that
// had lines.
func before(g kizashi.Ground) kizashi.Time {
	if g.Model == logAbsent {
		return g.From - minute
	}
	return g.From
}

// calibratedLines checks what a limit by a tail leaves open.
func (c *checker) calibratedLines(path string, g kizashi.Ground) {
	c.same("lines.past", path+".past.count", "0: only the highest counts", 0, g.Past.Count)
	c.same("lines.past", path+".past.of", "0: only the highest counts", 0, g.Past.Of)
	c.same("share", path+".share", "the tail's", 0.0, g.Share)
	c.declare(path + ".usual")
	c.declare(path + ".scale")
	c.declare(path + ".past")
}

func surgeShape(c *checker, path string, g kizashi.Ground) {
	if !c.lineShape(path, g, g.To-5*minute) {
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
	if !c.lineShape(path, g, g.To-minute) {
		return
	}
	want := .03
	if g.Model == logNew {
		want = .1
		if l := c.j.Log; l != nil && (l.Level == "error" || l.Level == "fatal") {
			want = .35
		}
	}
	c.number("share", path+".share", calc("=share", want, "share", want), g.Share)
	c.same("lines.whole", path+".parts[0].sum", "0: it is no part", 0.0, g.Parts[0].Sum)
	c.same("lines.past", path+".past.of", "0: there is no number to be told", 0, g.Past.Of)
	if g.Parts[0].Count < 1 || g.Past.Count < 0 {
		c.fault("%s.parts[0].count: there are no lines", path)
	}
	c.declare(path + ".past.count")
}

// linesData counts the lines again.
func linesData(c *checker, path string, g kizashi.Ground) {
	if len(g.Parts) == 1 {
		c.linesOf(path+".parts[0].count", c.j.Meta.Series, g, countOf(g))
	}
}

func shareData(c *checker, path string, g kizashi.Ground) {
	linesData(c, path, g)
	if len(g.Parts) == 1 {
		c.linesOf(path+".parts[0].sum", c.wholeOf(), g, g.Parts[0].Sum)
	}
}

// linesOf counts the stored lines of a series in a stretch. There may be fewer, where
// lines that a pattern has by now were counted as those of another one that became
// part of it: the number is then declared. More there cannot be.
func (c *checker) linesOf(path string, id kizashi.SeriesID, g kizashi.Ground, stated float64) {
	samples, err := c.cfg.Data.Samples(id, g.From, g.To)
	if err != nil {
		c.fault("%s: %v", path, err)
		return
	}
	n := 0.
	for _, s := range between(samples, g.From, g.To) {
		n += s.Value
	}
	if n < stated {
		c.declare(path)
		return
	}
	c.same("lines.count", path, "SUM of the stored counts of the stretch", n, stated)
}

// isLine says that a vote is about log lines.
func isLine(model string) bool {
	switch model {
	case logNew, logRare, logMany, logSurge, logDrop, logAbsent, logShare, logValue:
		return true
	}
	return false
}

// compares says that a vote compares a stretch with the same one of other days.
func compares(model string) bool { return model == logSurge || model == logShare || model == logDrop }

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

// allLines is the series of all lines of the log group, groupOf the log group's.
func (c *checker) allLines() kizashi.SeriesID { return c.without(countLabels, "lines", "all") }
func (c *checker) groupOf() kizashi.SeriesID  { return c.without(countLabels, "", "") }

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
	if j.Record != nil || j.Rhythm != nil || j.Run != nil || j.Routine != nil || j.Expect != nil || j.Volume != nil || len(j.Recent)+len(j.Own)+len(j.Days) > 0 {
		c.fault("record: what only metrics have stands beside log lines")
	}
	c.same("period", "meta.period", "a minute", kizashi.Duration(time.Minute), j.Meta.Period)
	c.same("bound", "meta.lower", "no count is less", kizashi.Num(0), j.Meta.Lower)
	c.same("lines.votes", "grounds", "one for each vote", len(j.Opening.Verdict.Votes), len(j.Grounds))
	c.same("fired", "fired", "none: no limit is in the series' unit", 0, j.Fired)
	c.same("limit_low", "limit_low", "none: no limit is in the series' unit", kizashi.None(), j.LimitLow)
	c.same("limit_high", "limit_high", "none: no limit is in the series' unit", kizashi.None(), j.LimitHigh)
	c.same("window.held", "window.held_out", "none: no count is kept out", 0, j.Window.HeldOut)
	v := j.Opening.Verdict
	c.same("lower", "opening.verdict.lower", "there is no band", kizashi.None(), v.Lower)
	c.same("upper", "opening.verdict.upper", "there is no band", kizashi.None(), v.Upper)
	c.declare("log")
	g, ok := c.judgedStretch()
	if !ok || len(g.Parts) != 1 {
		c.fault("grounds: nothing says what was counted")
		return
	}
	c.same("lines.count", "opening.value", "what the first vote counts", kizashi.Num(g.Parts[0].Count), j.Opening.Value)
	usual := kizashi.None()
	if compares(g.Model) {
		usual = g.Usual
	}
	c.same("expected", "opening.verdict.expected", "what is usual, where the first vote has that", usual, v.Expected)
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
