package logs

import (
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// window is what counts are judged over: it ends at a multiple of its length.
const window = 5 * minute

// key is something in a log group that is counted: a pattern, a level, all lines, or
// one value of a slot.
type key struct {
	name   name
	index  int32 // of the pattern in the miner; -1 = of no single one
	level  pattern.Level
	usual  *profile // nil while there are few lines
	kinds  map[string]*ofKind
	kept   []withheld       // hours of which something else was learned than came, the last few
	since  kizashi.Time     // of hours before it the profile is not that of these lines, or it is not known what was learned
	out    shareOut         // of a part: what was kept out in its last episode
	whole  *key             // of a key that is a part of another one: that
	part   part             // and how much of it it is
	series kizashi.SeriesID // 0 = nobody was told of it
	first  kizashi.Time
	count  int64      // of all lines so far
	minute int32      // in the minute in hand
	window int32      // and in the window
	before [2]counted // in the two windows before, the last one first
	raw    int64      // and in the hour
	today  int64      // and in the day
	hour   float32    // in the hour, as it is learned
	spread spread     // of windows
	hours  spread     // of hours
	up     odds       // how improbable counts were, of what is more than usual
	down   odds       // and of what is less
	gaps   gaps
	stands standing     // a vote that goes on to stand while lines come, or do not
	moved  bool         // its level was taken over, which the next thing told of it says
	busy   bool         // it is new, and was not told to come often
	pendAt kizashi.Time // its first minute, which is written when it comes again or is told
	pendN  int32
	less   int16             // hours running that were under their limit
	held   int16             // windows running that stood over their limit
	calm   int16             // windows in which what follows a vote is still told
	days   int16             // on which it came
	last   int32             // the last of them, counted from 1970
	lines  []kizashi.LogLine // the last few, as samples

	// Of the hour in hand.
	rate  float64         // lines usual in it: of a special day, at the most
	low   float64         // and at the least
	day   *kizashi.LogDay // on a special day, what that follows from
	limit float64         // of a wait; 0 = none
	wait  float64         // and the share that it is for
	often int             // gaps within R
	bound float64         // of high20 and low20: beyond which numbers count
}

// newKey returns one that has counted nothing.
func newKey(n name, index int32, first kizashi.Time) *key {
	return &key{name: n, index: index, first: first, gaps: gaps{Last: kizashi.Never, Due: kizashi.Never}, last: -1}
}

// newPart returns a key that is a part of another one.
func newPart(n name, whole *key) *key {
	k := newKey(n, -1, kizashi.Never)
	k.whole = whole
	return k
}

// mostSamples is how many lines of a pattern are kept to be shown, and mostText how
// long they are.
const (
	mostSamples = 3
	mostText    = 1000
)

// sample keeps a line to be shown: a copy, as its text may be part of that of many.
func (k *key) sample(l *kizashi.Line) {
	k.keep(kizashi.LogLine{At: l.At, Text: strings.Clone(cut(l.Text, mostText))})
}

func (k *key) keep(s kizashi.LogLine) {
	if len(k.lines) < mostSamples {
		k.lines = append(k.lines, s)
		return
	}
	copy(k.lines, k.lines[1:])
	k.lines[mostSamples-1] = s
}

// cut shortens a text to n bytes, not within a letter.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// merge takes over what another pattern was.
func (k *key) merge(o *key, s *seen) {
	if o.usual != nil {
		if k.usual == nil {
			k.usual = &profile{}
			k.usual.flat(float32(k.perHour(s)), s)
		}
		k.usual.merge(o.usual)
	}
	for kind, p := range o.kinds {
		if q := k.kinds[kind]; q != nil {
			q.merge(p)
			continue
		}
		if k.kinds == nil {
			k.kinds = map[string]*ofKind{}
		}
		k.kinds[kind] = p
	}
	k.level, k.first, k.count = max(k.level, o.level), min(k.first, o.first), k.count+o.count
	k.minute, k.window, k.raw, k.hour = k.minute+o.minute, k.window+o.window, k.raw+o.raw, k.hour+o.hour
	for i := range k.before {
		k.before[i] = k.before[i].add(o.before[i])
	}
	k.spread.merge(o.spread)
	k.hours.merge(o.hours)
	k.up.merge(o.up)
	k.down.merge(o.down)
	k.gaps.merge(o.gaps)
	k.days, k.last = max(k.days, o.days), max(k.last, o.last)
	k.today, k.busy, k.held, k.less = k.today+o.today, k.busy && o.busy, max(k.held, o.held), max(k.less, o.less)
	if len(k.lines) == 0 {
		k.lines = o.lines
	}
}

// profileFrom is how many lines make it worth knowing when they come.
const profileFrom = 3

// perHour is how many lines an hour usually has, whatever hour.
func (k *key) perHour(s *seen) float64 {
	return (float64(k.count-k.raw) + half) / (s.total() + 1)
}

// byWeek is how many lines an hour of the week usually has.
func (k *key) byWeek(h int, s *seen) float64 {
	if k.usual == nil {
		return k.perHour(s)
	}
	return k.usual.hourly(h, s)
}

// begin works out what is usual in an hour of the week, on a day of a kind.
func (k *key) begin(h int, s *seen, kind string) {
	k.rate = k.byWeek(h, s)
	k.low, k.day = k.rate, nil
	if kind != "" && k.whole == nil {
		k.day = k.special(kind, h, k.rate, s)
		k.low, k.rate = k.day.Low, k.day.High
	}
}

// spread is how far counts lie from what is usual.
type spread struct {
	Over float32 // decayed sum of (count - mean)² - mean
	Of   float32 // decayed sum of mean²
}

// windowKeeps is the decay of a window: half in two weeks.
var windowKeeps = float32(math.Exp2(-1. / (14 * 24 * 12)))

// spreadWeighs is how much the prior's overdispersion weighs, in windows of a mean of
// one line.
const (
	spreadWeighs = 12
	spreadPrior  = 0.25
	mostAlpha    = 50
)

func (s *spread) add(c, mean float64) {
	d := c - mean
	s.Over = s.Over*windowKeeps + float32(min(d*d-mean, 1e12))
	s.Of = s.Of*windowKeeps + float32(min(mean*mean, 1e12))
}

// alpha is the overdispersion.
func (s *spread) alpha() float64 {
	a := (float64(s.Over) + spreadPrior*spreadWeighs) / (float64(s.Of) + spreadWeighs)
	return min(max(a, leastAlpha), mostAlpha)
}

// odds are how far improbabilities went beyond what is seldom, where the distribution
// fits by a factor e on average.
type odds struct {
	N   float32 // decayed count of those beyond
	Sum float32 // and sum of how far beyond they were, in decades
}

const (
	beyondOdds = 2.            // decades: one in a hundred
	fits       = 1 / math.Ln10 // decades on average beyond, where the distribution fits
	oddsWeigh  = 20            // of these, before any was seen
	mostBeyond = 3.            // decades: what one improbability says at the most
)

// add takes in the improbability of a window or hour, in decades.
func (o *odds) add(s, keeps float64) {
	o.N, o.Sum = o.N*float32(keeps), o.Sum*float32(keeps)
	if s > beyondOdds {
		o.N++
		o.Sum += float32(min(s-beyondOdds, mostBeyond))
	}
}

// trust is by how much an improbability counts: 1 where the distribution fits or
// exaggerates, less where counts went far beyond it before.
func (o *odds) trust() float64 {
	return min(1, fits*(float64(o.N)+oddsWeigh)/(float64(o.Sum)+oddsWeigh*fits))
}

func (o *odds) merge(p odds) { o.N, o.Sum = o.N+p.N, o.Sum+p.Sum }

// high is the greatest value of one to two weeks.
type high struct {
	Now, Before float32
}

func (h *high) add(v float64)    { h.Now = max(h.Now, float32(v)) }
func (h *high) get() float64     { return float64(max(h.Now, h.Before)) }
func (h *high) turn()            { h.Before, h.Now = h.Now, 0 }
func (h *high) merge(o high)     { h.Now, h.Before = max(h.Now, o.Now), max(h.Before, o.Before) }
func (s *spread) merge(o spread) { s.Over, s.Of = s.Over+o.Over, s.Of+o.Of }

// gaps are the waits between minutes with lines, in the number of such minutes that
// would be usual in that time: 1 on average, whatever the hour.
type gaps struct {
	Last   kizashi.Time // the last minute with lines
	Waited float32      // since then
	Per    float32      // decayed lines in a minute that has any
	N      float32      // decayed number of gaps
	S1, S2 float32      // and their sums, of the first and second power
	Long   high
	Due    kizashi.Time // when the usual wait was over; Never = it is not
	Said   bool         // it was told that the next one is missing
	Admit  bool         // and that it was no matter

	Out            float32 // the last wait that was told and not learned
	OutFrom, OutTo kizashi.Time
}

// gapKeeps is how fast gaps are forgotten: half of them in 256.
var gapKeeps = float32(math.Exp2(-1. / 256))

// visit ends the gap at a minute with n lines. One that was told is not learned.
func (g *gaps) visit(at kizashi.Time, n int32, learn bool) {
	switch {
	case g.Last == kizashi.Never || !learn:
	case g.Said && !g.Admit:
		g.Out, g.OutFrom, g.OutTo = g.Waited, g.Last, at
	default:
		g.learn(g.Waited)
	}
	if g.Per == 0 {
		g.Per = float32(n)
	}
	g.Per += (float32(n) - g.Per) / 64
	g.Last, g.Waited, g.Due, g.Said, g.Admit = at, 0, kizashi.Never, false, false
}

// learn takes in a wait.
func (g *gaps) learn(w float32) {
	g.N, g.S1, g.S2 = g.N*gapKeeps+1, g.S1*gapKeeps+w, g.S2*gapKeeps+w*w
	g.Long.add(float64(w))
}

// waits adds the minutes of [since, end), in each of which so many lines are usual.
func (g *gaps) waits(since, end kizashi.Time, lines float64) {
	n := end.Sub(since) / minute
	if n <= 0 {
		return
	}
	_, mean := g.shape()
	if left := mean - float64(g.Waited); g.Due == kizashi.Never && lines > 0 && left > 0 {
		if m := math.Ceil(left / (lines / max(float64(g.Per), 1))); m <= float64(n) {
			g.Due = since.Add(time.Duration(m) * minute)
		}
	}
	g.wait(lines * float64(n))
}

// wait adds time without lines in which lines are usual.
func (g *gaps) wait(lines float64) { g.Waited += float32(lines / max(float64(g.Per), 1)) }

// The shape of gaps is taken for that of lines that come at any time, as much as
// shapePrior gaps say.
const (
	shapePrior = 4
	mostShape  = 400
	leastGaps  = 6
)

// shape is that of the gamma distribution, and the mean gap.
func (g *gaps) shape() (k, mean float64) {
	if g.N < 1 {
		return 1, 1
	}
	mean = float64(g.S1 / g.N)
	v := float64(g.S2/g.N) - mean*mean
	k = mostShape
	if v > mean*mean/mostShape {
		k = mean * mean / v
	}
	return min(max((float64(g.N)*k+shapePrior)/(float64(g.N)+shapePrior), .05), mostShape), max(mean, .05)
}

func (g *gaps) merge(o gaps) {
	if o.Last > g.Last {
		g.Last, g.Waited, g.Due, g.Said = o.Last, o.Waited, o.Due, o.Said
	}
	if o.N > g.N {
		g.N, g.S1, g.S2, g.Per = o.N, o.S1, o.S2, o.Per
	}
	g.Long.merge(o.Long)
}

// part is how much of the lines of another key are this one's, as decayed sums.
type part struct {
	Mine, All float32
}

func (s *part) add(mine, all float64) {
	s.Mine, s.All = s.Mine*windowKeeps+float32(mine), s.All*windowKeeps+float32(all)
}

// share is never quite 0.
func (s *part) share() float64 { return (float64(s.Mine) + half) / (float64(s.All) + 1) }
