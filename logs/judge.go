package logs

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

const (
	leastSurge  = 5  // lines in a window that may be too many
	leastDrop   = 5  // lines usual in an hour of which too few may come
	leastWhole  = 20 // lines in a window of which a part may be too many
	hourWindows = int(hour / window)
	leastMany   = 3       // new patterns within an hour that may be too many
	adopts      = 12 * 12 // windows running over the limit: 12 h, and that is usual now
)

// rates begins an hour: what is usual in it, and from what on it is not.
func (g *group) rates(at kizashi.Time) {
	h := hourOfWeek(int64(at), g.loc)
	r := time.Duration(g.about.Settings.R)
	for i := range g.tails {
		t := &g.tails[i]
		t.W = Table[i].Share
		t.Theta = t.Tail.Freeze(baseline.Prior{}, r, t.W)
	}
	due := 0
	g.each(func(k *key) {
		k.begin(h, &g.seen, g.kind)
		k.limit = 0
		if k.rhythm() {
			due++
		}
	})
	if !g.like {
		return
	}
	g.each(func(k *key) {
		if k.rhythm() {
			k.wait = Table[Absent].Share / float64(due)
			k.limit = k.longest(r, k.wait, &g.seen)
		}
	})
}

// judges says whether anything may be said at an instant.
func (g *group) judges(at kizashi.Time) bool { return at.Sub(g.start) >= Silent }

// off says that a kind is switched off.
func (g *group) off(k Kind) bool { return slices.Contains(g.about.Settings.Off, Table[k].Model) }

// endMinute writes the minute's counts and says what is new.
func (g *group) endMinute(m kizashi.Time, out *Out) {
	for _, id := range g.ends {
		out.Crossings = append(out.Crossings, g.ending(id, m, kizashi.ClaimMerged))
	}
	g.ends = g.ends[:0]
	out.Notes = append(out.Notes, g.moves...)
	g.moves = g.moves[:0]
	for _, k := range g.touched {
		if k.first == kizashi.Never {
			k.first = m
		}
		g.visit(k, m, out)
		g.written(k, m, out)
	}
	if g.whole.minute == 0 { // the one series that has a sample each minute
		g.written(g.whole, m, out)
	}
	for _, k := range g.before {
		if k.minute == 0 && k != g.whole && k.series != 0 {
			g.written(k, m, out)
		}
	}
	for _, k := range g.born {
		g.news(k, m, out)
	}
	for _, v := range g.fresh {
		g.newValue(v, m, out)
	}
	g.before = g.before[:0]
	for _, k := range g.touched {
		if k.series != 0 { // one that has none yet has no zero to write
			g.before = append(g.before, k)
		}
		k.count += int64(k.minute)
		k.window += k.minute
		k.raw += int64(k.minute)
		k.today += int64(k.minute)
		k.minute = 0
	}
	g.touched, g.born, g.fresh = g.touched[:0], g.born[:0], g.fresh[:0]
}

// A pattern is rare that came on rareDays days at the most, and not for rareFor.
const (
	rareDays = 1
	rareFor  = 7 * day
)

// visit ends a wait, and says whether a pattern of few days is back.
func (g *group) visit(k *key, m kizashi.Time, out *Out) {
	if k.whole != nil {
		return
	}
	if k.name.what == byPattern && k.gaps.Last != kizashi.Never && m.Sub(k.gaps.Last) >= rareFor && k.days <= rareDays && k.level >= pattern.Warn && g.judges(m) {
		g.seldom(Rare, k, m, int(k.minute), out)
	}
	since := max(k.gaps.Last.Add(minute), m.Floor(window))
	if k.gaps.Last == kizashi.Never {
		since = m
	}
	if n := m.Sub(since) / minute; n > 0 {
		k.gaps.wait(k.low / 60 * float64(n))
	}
	k.gaps.wait(k.low / 60)                                   // the minute itself
	k.gaps.visit(m, k.minute, k.usual != nil && g.kind == "") // before that no hour is known from another
	if d := int32(m.Floor(day) / kizashi.Time(day.Milliseconds())); d != k.last {
		k.days++
		k.last = d
	}
}

// written writes the key's count in a minute. A pattern has a series from its second
// minute on, or when it is told: most of those that come once never come again.
func (g *group) written(k *key, m kizashi.Time, out *Out) {
	if k.series == 0 && k.name.what == byPattern && k.pendN == 0 {
		k.pendAt, k.pendN = m, k.minute
		return
	}
	g.series(k, m, out)
	out.Counts = append(out.Counts, kizashi.Sample{Series: k.series, At: m, Period: minute, Value: float64(k.minute)})
}

// series gives the key its series, and writes the minute that it had before.
func (g *group) series(k *key, m kizashi.Time, out *Out) {
	if k.series != 0 {
		return
	}
	meta := metaOf(&g.meta, k.name)
	k.series = meta.Series
	if k.name.what == byPattern {
		g.named[k.name.pattern] = k
	}
	from := m
	if k.pendN > 0 {
		from = min(m, k.pendAt)
	}
	out.Declared = append(out.Declared, kizashi.Declaration{From: from, Meta: meta})
	if k.pendN == 0 {
		return
	}
	out.Counts = append(out.Counts, kizashi.Sample{Series: k.series, At: k.pendAt, Period: minute, Value: float64(k.pendN)})
	if after := k.pendAt.Add(minute); after < m {
		out.Counts = append(out.Counts, kizashi.Sample{Series: k.series, At: after, Period: minute})
	}
	k.pendN = 0
}

// news says that a pattern is new.
func (g *group) news(k *key, m kizashi.Time, out *Out) {
	k.first = m
	if !g.judges(m) {
		return
	}
	g.births[0]++
	if n := len(k.lines); n > 0 {
		g.whole.keep(k.lines[n-1]) // what many new patterns are shown by
	}
	kind := NewOther
	switch {
	case k.level >= pattern.Error:
		kind = NewError
	case k.level == pattern.Warn:
		kind = NewWarning
	}
	k.busy = kind == NewOther
	g.seldom(kind, k, m, int(k.minute), out)
}

// A new pattern comes often that has so many lines within so long.
const (
	busyLines  = 10
	busyWithin = hour
)

// goesOn says which new patterns come often.
func (g *group) goesOn(end kizashi.Time, out *Out) {
	for _, k := range g.keys {
		switch {
		case k == nil || !k.busy:
		case end.Sub(k.first) > busyWithin:
			k.busy = false
		case k.count >= busyLines:
			k.busy = false
			g.seldom(NewBusy, k, end.Add(-minute), int(k.count), out)
		}
	}
}

// endWindow judges a window and learns it.
func (g *group) endWindow(end kizashi.Time, out *Out) {
	if g.holed { // its counts are of less than a window
		g.holed = false
		g.each(func(k *key) { k.window, k.before = 0, [2]counted{} })
		return
	}
	var found findings
	top := [kinds]float64{}
	g.each(func(k *key) {
		kind, e := g.window(k, end, &found, out)
		top[kind] = max(top[kind], e)
	})
	g.tails[Surge].take(top[Surge], end)
	g.tails[Share].take(top[Share], end)
	if g.judges(end) {
		g.missing(end, &found, out)
		g.manyNew(end, &found)
		g.goesOn(end, out)
	}
	g.wait(end)
	found.tell(g, end, out)
	g.calmDown(end, &found, out)
	g.each(func(k *key) { k.window = 0 })
	copy(g.births[1:], g.births[:])
	g.births[0] = 0
}

// window judges a key's window and learns it; it returns how far beyond all so far
// the count was, and of what kind that is.
func (g *group) window(k *key, end kizashi.Time, found *findings, out *Out) (Kind, float64) {
	kind, now := Surge, counted{C: float32(k.window), Mean: float32(k.rate / float64(hour/window))}
	if k.whole != nil {
		kind, now.Whole = Share, float32(k.whole.window)
		now.Mean = float32(k.part.share()) * now.Whole
	}
	alpha, sum := k.spread.alpha(), now.add(k.before[0]).add(k.before[1])
	short, long := now.odds(kind, alpha), sum.odds(kind, alpha)
	what, s, from := now, short, end.Add(-window)
	if long > short {
		what, s, from = sum, long, end.Add(-3*window)
	}
	e := s * k.up.trust()
	t := &g.tails[kind]
	// While nothing may be said yet all is learned: held out for good would be what begins
	// with the first morning.
	over := t.Theta > 0 && e > t.Theta && g.judges(end)
	if over && !g.off(kind) {
		found.add(k, finding{kind: kind, side: kizashi.Up, stat: e, limit: t.Theta, count: int(what.C), of: float64(what.Whole), usual: kizashi.Num(what.Mean), scale: kizashi.Num(alpha),
			past: k.up.past(g.start, from), tail: t, from: from})
	}
	if len(g.apart) > 0 && g.excluded(k, end.Add(-window), end) {
		now.C, e = now.Mean, 0 // for what comes after it was as usual
		k.hour += g.expected(k, now.Mean)
	} else {
		now.Odds, now.Scatter = float32(s), !over && g.ordinary(k)
		g.learn(k, over, float64(now.C), float64(now.Mean), end, out)
	}
	if over { // what led up to it is of it
		k.before[0].Scatter, k.before[1].Scatter = false, false
	}
	k.leave(k.before[1])
	k.before[1], k.before[0] = k.before[0], now
	return kind, e
}

// leave learns the scatter of a window that is part of nothing any more that is judged:
// what is under test is not in its own yardstick.
func (k *key) leave(c counted) {
	if c.Scatter {
		k.spread.add(float64(c.C), float64(c.Mean))
		k.up.add(float64(c.Odds), float64(windowKeeps))
	}
}

// counted is a count beside what is usual, and of a part the whole's.
type counted struct {
	C, Mean, Whole float32
	Odds           float32 // how improbable it was, in decades
	Scatter        bool    // it is learned when it leaves what is judged
}

func (c counted) add(o counted) counted {
	return counted{c.C + o.C, c.Mean + o.Mean, c.Whole + o.Whole, max(c.Odds, o.Odds), c.Scatter && o.Scatter}
}

// odds of the count, if there are enough lines to speak of.
func (c counted) odds(kind Kind, alpha float64) float64 {
	if c.C < leastSurge || c.C <= c.Mean || kind == Share && c.Whole < leastWhole {
		return 0
	}
	return above(int(c.C), float64(c.Mean), alpha)
}

// past is the reference set of how much an improbability counts: how many there were,
// to a hundredth, and how far beyond they went in all.
func (o *odds) past(from, to kizashi.Time) *kizashi.Past {
	return &kizashi.Past{From: from, To: to, Count: int(math.Round(float64(o.N) * 100)), Of: 100, Low: kizashi.Num(o.Sum), High: kizashi.Num(o.trust())}
}

// hourKeeps is the decay of an hour: half in two weeks.
var hourKeeps = math.Exp2(-1. / (14 * 24))

// turnedBefore is since when the highs are known.
func (g *group) turnedBefore() kizashi.Time { return max(g.start, g.turned.Add(-7*day)) }

// take learns a statistic; one that crossed is out of its own yardstick.
func (t *limit) take(stat float64, at kizashi.Time) {
	if t.Theta > 0 {
		t.Tail.Take(stat, at, t.Theta, t.Tail.FarOf(t.Theta))
		return
	}
	t.Tail.TakeAll(stat, at)
}

// learn takes a window into what is usual; one over its limit counts as what was
// expected, until it has been so for half a day.
func (g *group) learn(k *key, over bool, c, mean float64, end kizashi.Time, out *Out) {
	if !g.ordinary(k) { // what a special day has is no scatter of others, and no level to go over to
		if over {
			c = float64(g.expected(k, float32(mean)))
		}
		k.hour += float32(c)
		return
	}
	if over {
		k.held++
		k.hour += float32(mean)
		if k.whole != nil {
			k.out.add(c, float64(k.whole.window), end)
		}
		if k.held >= adopts {
			g.adopt(k, c, end, out)
		}
		return
	}
	k.held = max(0, k.held-1)
	k.hour += float32(c)
	if k.whole != nil {
		k.part.add(c, float64(k.whole.window))
	}
}

// adopt takes a level over that has lasted half a day.
func (g *group) adopt(k *key, c float64, end kizashi.Time, out *Out) {
	k.held, k.moved = 0, true
	before := k.rate
	rate := c * float64(hour/window)
	switch {
	case k.whole != nil:
		before, rate = k.part.share(), c/max(float64(k.whole.window), 1)
		k.part.Mine = float32(rate) * k.part.All
	case k.usual != nil:
		k.usual.flat(float32(rate), &g.seen)
		k.kept, k.since = nil, end
		k.begin(hourOfWeek(int64(end), g.loc), &g.seen, "")
	}
	out.Notes = append(out.Notes, Note{k.series, end, kizashi.Evidence{Claim: kizashi.ClaimMoved, Value: kizashi.None(), Low: kizashi.Num(before), High: kizashi.Num(rate), From: end.Add(-adopts * window), To: end}})
}

// manyNew counts the new patterns of the last hour, and learns how many there were in
// the hour before: what grows over an hour is not its own yardstick. Where nothing
// comes any more, that is what there is to say.
func (g *group) manyNew(end kizashi.Time, found *findings) {
	if g.whole.gaps.Said {
		return
	}
	n, before := int32(0), int32(0)
	for i, b := range g.births {
		if i < hourWindows {
			n += b
		} else {
			before += b
		}
	}
	limit := max(leastMany, 2*g.most.get()) + half
	if float64(before) <= limit {
		g.most.add(float64(before))
		limit = max(leastMany, 2*g.most.get()) + half
	}
	if float64(n) > limit && !g.off(ManyNew) {
		from := end.Add(-hour)
		found.add(g.whole, finding{kind: ManyNew, share: Table[ManyNew].Share, usual: kizashi.None(), scale: kizashi.None(), side: kizashi.Up, stat: float64(n), limit: limit, count: int(n), past: &kizashi.Past{From: g.turnedBefore(), To: from, Low: kizashi.None(), High: kizashi.Num(g.most.get())}, from: from})
	}
}
