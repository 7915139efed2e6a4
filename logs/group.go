package logs

import (
	"slices"
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// group is one log group.
type group struct {
	meta   kizashi.Meta
	loc    *time.Location
	miner  *pattern.Miner
	waits  []kizashi.Line // of minutes that are not over, in the order in which they came
	mixed  bool           // they are not in that of their minutes
	start  kizashi.Time   // its first minute; Never = none was read
	closed kizashi.Time   // minutes before this one are over
	turned kizashi.Time   // when the highs were turned last
	late   uint64
	rows   uint64
	ended  kizashi.Ending    // why it is not read; "" = it is
	coming []ending          // when that changes
	obeyed int               // commands that were applied
	apart  []kizashi.Command // stretches that are not learned
	broken bool              // part of the hour in hand was not read
	holed  bool              // and of the window
	loose  bool              // its lines do not cluster, and that was noted

	seen    seen
	whole   *key    // all lines
	levels  [2]*key // error and fatal; warnings
	status  *key    // lines with an HTTP status
	classes [2]*key // 5xx, 4xx
	keys    []*key  // by index of the pattern; nil = free, or other
	pairs   []*pair
	named   map[pattern.ID]*key // those of patterns that have a series, by the id that it is named by
	slots   map[int32]*slots    // of patterns whose slots are looked at, by index
	tails   [kinds]limit
	spaced  [kinds]spaced
	births  [2 * hourWindows]int32 // new patterns in the windows of the last two hours, the last one first
	most    high                   // within an hour
	ends    []kizashi.SeriesID     // what stood of them is over, as they are no more
	moves   []Note                 // which patterns' counts go on elsewhere, or under another id, not yet told
	asked   kizashi.Time           // the first minute of the hour in hand

	// Scratch, empty between minutes.
	text    []byte
	match   pattern.Match
	events  []pattern.Event
	born    []*key
	touched []*key // with lines in the minute in hand
	before  []*key // in the minute before
	fresh   []freshValue
	about   kizashi.Proof      // of the hour in hand
	known   bool               // it is
	ofHour  []*kizashi.Command // what was said within the hour that ends, of a part that had come
	kind    string             // of its day; "" = an ordinary one
	like    bool               // an hour like it was read before
}

// limit is the limit of a statistic, the most unusual of all patterns.
type limit struct {
	Tail  baseline.Tail
	Theta float64
	W     float64
}

func newGroup(caps pattern.Config) *group {
	g := &group{miner: pattern.New(caps), start: kizashi.Never, closed: kizashi.Never, turned: kizashi.Never, asked: kizashi.Never, slots: map[int32]*slots{}, named: map[pattern.ID]*key{}}
	for i := range g.spaced {
		g.spaced[i].Last = kizashi.Never
		g.tails[i].Tail.Last = kizashi.Never
	}
	g.whole = newKey(name{what: all}, -1, kizashi.Never)
	g.status = newKey(name{what: withStatus}, -1, kizashi.Never)
	for i, v := range [...]string{"error", "warn"} {
		g.levels[i] = newPart(name{what: level, value: v}, g.whole)
	}
	for i, v := range [...]string{"5xx", "4xx"} {
		g.classes[i] = newPart(name{what: status, value: v}, g.status)
	}
	return g
}

// put takes in a line; false = it is late.
func (g *group) put(l *kizashi.Line) bool {
	if l.Rows > 1 {
		g.rows += uint64(l.Rows - 1)
	}
	if l.Late || g.closed != kizashi.Never && (l.At < g.closed || l.At > g.closed.Add(ahead)) {
		g.stray(l)
		return false
	}
	if n := len(g.waits); n > 0 && l.At.Floor(minute) < g.waits[n-1].At.Floor(minute) {
		g.mixed = true
	}
	g.waits = append(g.waits, *l)
	return true
}

// stray counts a line by pattern, in no minute.
func (g *group) stray(l *kizashi.Line) {
	g.late++
	g.text = append(g.text[:0], l.Text...)
	g.miner.Add(g.text, l.At, &g.match)
	g.follow()
	g.born = g.born[:0] // it is known now, and was news in no minute
}

// hole is how long a log group may have no line before nobody knows whether it was
// read: only where so much time passes at once, as in files with a time that is wrong.
const hole = 3 * day

// close ends the minutes up to an instant.
func (g *group) close(e *Engine, until kizashi.Time, about About, out *Out) error {
	if until == kizashi.Forever { // nothing more comes: what waits is all there is
		until = g.closed
		for i := range g.waits {
			until = max(until, g.waits[i].At.Floor(minute).Add(minute))
		}
	}
	if until == kizashi.Never {
		return nil
	}
	until = until.Floor(minute)
	if g.mixed {
		g.mixed = false
		slices.SortStableFunc(g.waits, func(a, b kizashi.Line) int {
			return int(a.At.Floor(minute)-b.At.Floor(minute)) / int(minute.Milliseconds())
		})
	}
	if g.closed == kizashi.Never {
		g.closed = until
		if len(g.waits) > 0 {
			g.closed = min(until, g.waits[0].At.Floor(minute))
		}
		g.start, g.turned = g.closed, g.closed
	}
	for n := len(g.waits); n > 0 && g.waits[n-1].At > until.Add(ahead); n-- {
		g.stray(&g.waits[n-1])
		g.waits = g.waits[:n-1]
	}
	n := 0
	for m := g.closed; m < until; m = m.Add(minute) {
		next := until
		if n < len(g.waits) {
			next = min(until, g.waits[n].At.Floor(minute))
		}
		if next > m.Add(hole) {
			g.unseen(next)
			if m = next; m >= until {
				break
			}
		}
		g.turnTo(m, out)
		if g.ended != "" && (n == len(g.waits) || g.waits[n].At >= m.Add(minute)) {
			g.unseen(m.Add(minute))
			continue
		}
		if err := g.hour(m, about); err != nil {
			return err
		}
		if err := g.obey(e, m, out); err != nil {
			return err
		}
		end := m.Add(minute)
		for ; n < len(g.waits) && g.waits[n].At < end; n++ {
			g.count(&g.waits[n])
		}
		g.endMinute(m, out)
		if end == end.Floor(window) {
			g.endWindow(end, out)
		}
		if end == end.Floor(hour) {
			g.sayOfHour(e, end)
			g.endHour(end, out)
		}
		g.closed = end
	}
	g.waits = slices.Delete(g.waits, 0, n)
	g.giveRoom(e, n)
	return nil
}

// giveRoom gives back what room lines took that wait no more, n of them: where none
// is left, to whichever log group is written next.
func (g *group) giveRoom(e *Engine, n int) {
	switch c := cap(g.waits); {
	case len(g.waits) == 0:
		if c > cap(e.room) {
			e.room = g.waits
		}
		g.waits = nil
	case c > muchRoom && c > 8*(n+len(g.waits)): // a burst is over
		g.waits = slices.Clone(g.waits)
	}
}

// muchRoom is for so many lines that a log group does not keep it for those that may
// come.
const muchRoom = 1 << 16

// ending is when and why a log group is not read any more, or "" that it is again.
type ending struct {
	from  kizashi.Time
	ended kizashi.Ending
}

// turnTo applies what was declared up to a minute. What stands of the group ends with
// the reason: nobody sees whether it goes on.
func (g *group) turnTo(m kizashi.Time, out *Out) {
	for len(g.coming) > 0 && g.coming[0].from <= m {
		g.ended, g.coming = g.coming[0].ended, g.coming[1:]
		if g.ended == "" {
			continue
		}
		why := kizashi.Claim(g.ended)
		g.each(func(k *key) {
			if k.calm == 0 && !k.gaps.Said {
				return
			}
			if k.gaps.Said {
				k.gaps.Last, k.gaps.Waited = kizashi.Never, 0 // that wait is no gap
			}
			k.calm, k.stands, k.gaps.Said = 0, standing{}, false
			out.Crossings = append(out.Crossings, g.ending(k.series, m, why))
		})
	}
}

// hour begins the hour of a minute, if it has not begun.
func (g *group) hour(m kizashi.Time, about About) error {
	anew := g.asked == kizashi.Never || m.Floor(hour) != g.asked.Floor(hour)
	if anew {
		g.asked = m
	} else if g.known {
		return nil
	}
	var err error
	if g.about, err = about(g.meta.Series, g.asked); err != nil {
		return err
	}
	g.known, g.kind = true, ""
	if len(g.about.Days) > 0 {
		g.kind = g.about.Days[0]
	}
	g.like = g.seen.knows(hourOfWeek(int64(g.asked), g.loc))
	if anew {
		g.rates(m.Floor(hour))
	}
	return nil
}

// unseen skips the minutes before an instant.
func (g *group) unseen(to kizashi.Time) {
	to = to.Floor(minute)
	if g.closed == kizashi.Never || to <= g.closed {
		return
	}
	for _, k := range g.touched {
		k.minute = 0
	}
	g.each(func(k *key) { k.window, k.hour, k.raw, k.today, k.before = 0, 0, 0, 0, [2]counted{} })
	g.broken, g.holed = true, true
	g.touched, g.before = g.touched[:0], g.before[:0]
	g.closed = to
}

// count takes a line into the minute in hand.
func (g *group) count(l *kizashi.Line) {
	m := &g.match
	g.text = append(g.text[:0], l.Text...)
	g.miner.Add(g.text, l.At, m)
	g.follow()
	g.tick(g.whole)
	switch {
	case m.Level >= pattern.Error:
		g.tickOf(g.levels[0], l)
	case m.Level == pattern.Warn:
		g.tickOf(g.levels[1], l)
	}
	if s := m.Facets.Status; s > 0 {
		g.tick(g.status)
		switch {
		case s >= 500:
			g.tickOf(g.classes[0], l)
		case s >= 400:
			g.tickOf(g.classes[1], l)
		}
	}
	if m.Index == pattern.OtherIndex {
		return
	}
	k := g.keys[m.Index]
	k.level = max(k.level, m.Level)
	g.tickOf(k, l)
	g.look(k, m)
}

// tickOf counts a line that may be shown.
func (g *group) tickOf(k *key, l *kizashi.Line) {
	if k.minute == 0 {
		k.sample(l)
	}
	g.tick(k)
}

func (g *group) tick(k *key) {
	if k.minute == 0 {
		g.touched = append(g.touched, k)
	}
	k.minute++
}

// follow moves what is known of patterns to where their lines count by now.
func (g *group) follow() {
	g.events = g.miner.Events(g.events[:0])
	for _, e := range g.events {
		switch e.Kind {
		case pattern.Born:
			for int(e.Index) >= len(g.keys) {
				g.keys = append(g.keys, nil)
			}
			k := newKey(name{what: byPattern, pattern: e.ID}, e.Index, g.closed)
			g.yield(e.ID)
			g.keys[e.Index] = k
			g.born = append(g.born, k)
		case pattern.Merged, pattern.Evicted:
			g.merge(e.Index, e.IntoIndex)
		case pattern.Renamed: // its series keeps the name that it has; what varies in it is another now
			if k := g.keys[e.Index]; k != nil && k.series == 0 {
				k.name.pattern = e.Into
			} else if k != nil {
				g.moved(kizashi.ClaimLogRenamed, k, e.Into)
			}
			g.unlook(e.Index)
		}
	}
}

// yield takes a series from the key that has it, for one that is born under its name:
// patterns are renamed, and their series are not.
func (g *group) yield(id pattern.ID) {
	k := g.named[id]
	if k == nil {
		return
	}
	g.over(k)
	if p, ok := g.miner.Pattern(k.index); ok {
		g.moved(kizashi.ClaimLogMoved, k, p.ID)
		k.name.pattern = p.ID
	}
	k.series, k.kept, k.since = 0, nil, g.closed // what is stored under its next one begins now
	if i := slices.Index(g.before, k); i >= 0 {
		g.before = slices.Delete(g.before, i, i+1)
	}
}

// moved notes where the counts of a pattern are to be found from now on: its id is
// another, or they go on with another one's.
func (g *group) moved(claim kizashi.Claim, k *key, into pattern.ID) {
	if k.series == 0 {
		return
	}
	g.moves = append(g.moves, Note{k.series, g.closed, kizashi.Evidence{Claim: claim, Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None(), From: g.closed, Text: k.name.pattern.String() + " " + into.String()}})
}

// over ends what stands of a key that is no more, or goes on under another name.
func (g *group) over(k *key) {
	if k.calm > 0 || k.gaps.Said {
		g.ends = append(g.ends, k.series)
		k.calm, k.stands, k.gaps.Said = 0, standing{}, false
	}
	if k.series != 0 && k.name.what == byPattern {
		delete(g.named, k.name.pattern)
	}
}

// unlook forgets what was seen of a pattern's slots.
func (g *group) unlook(index int32) {
	s := g.slots[index]
	if s == nil {
		return
	}
	s.each(g.over)
	delete(g.slots, index)
	g.drop()
}

// merge moves what is known of one pattern to another.
func (g *group) merge(from, into int32) {
	k := g.keys[from]
	g.keys[from] = nil
	if i := slices.Index(g.born, k); i >= 0 {
		g.born = slices.Delete(g.born, i, i+1)
	}
	if k.minute > 0 {
		g.touched = slices.Delete(g.touched, slices.Index(g.touched, k), slices.Index(g.touched, k)+1)
	}
	if i := slices.Index(g.before, k); i >= 0 {
		g.before = slices.Delete(g.before, i, i+1)
	}
	g.unlook(from)
	g.unlook(into)
	g.unpair(k)
	g.over(k)
	if into == pattern.OtherIndex {
		return
	}
	to := g.keys[into]
	g.moved(kizashi.ClaimLogMoved, k, to.name.pattern)
	if to.minute == 0 && k.minute > 0 {
		g.touched = append(g.touched, to)
	}
	to.merge(k, &g.seen)
	to.kept, to.since = nil, g.closed
}

// each calls do for every key, in an order that is always the same.
func (g *group) each(do func(*key)) {
	do(g.whole)
	do(g.levels[0])
	do(g.levels[1])
	do(g.status)
	do(g.classes[0])
	do(g.classes[1])
	for _, k := range g.keys {
		if k != nil {
			do(k)
		}
	}
	at := make([]int32, 0, len(g.slots))
	for i := range g.slots {
		at = append(at, i)
	}
	sort.Slice(at, func(i, j int) bool { return at[i] < at[j] })
	for _, i := range at {
		g.slots[i].each(do)
	}
}
