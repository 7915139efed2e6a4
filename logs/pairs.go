package logs

import (
	"cmp"
	"math"
	"slices"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/wire"
)

// pair is an invariant of counts: the lines of many are times as many as those of few,
// hour by hour, as a program that writes what it begins and what it ends does (Lou and
// others, Mining Invariants from Console Logs, 2010).
type pair struct {
	many, few *key
	times     int32
	hours     int32 // watched
	kept      int32 // of these
	most      high  // mismatch of an hour
}

const (
	mostPairs   = 32
	mostTimes   = 3
	pairKeys    = 64   // patterns that are looked at, those with the most lines
	pairFrom    = 200  // lines of a day
	pairSlack   = 2    // lines of an hour that may be of its neighbours
	pairPart    = 0.05 // or so many of them
	pairSupport = 0.985
	pairProbe   = 24 // hours after which a pair that does not hold is dropped
	pairProven  = 48 // and after which it may be told
)

// off is how far an hour is from the invariant.
func (p *pair) off() float64 {
	return math.Abs(float64(p.many.raw) - float64(p.times)*float64(p.few.raw))
}

func (p *pair) holds() bool {
	return p.off() <= max(pairSlack, pairPart*float64(p.many.raw))
}

func (p *pair) support() float64 { return float64(p.kept) / float64(max(p.hours, 1)) }

// limit of the mismatch of an hour.
func (p *pair) limit() float64 { return max(pairSlack+1, 2*p.most.get()) + half }

// other is the one that k is compared with.
func (p *pair) other(k *key) *key {
	if k == p.many {
		return p.few
	}
	return p.many
}

// invariants judges the hour of all pairs, learns it, and drops those that do not hold.
func (g *group) invariants(end kizashi.Time, found *findings) {
	g.pairs = slices.DeleteFunc(g.pairs, func(p *pair) bool { return p.hours >= pairProbe && p.support() < pairSupport })
	for _, p := range g.pairs {
		off := p.off()
		if p.hours >= pairProven && off > p.limit() {
			if g.judges(end) && !g.off(Ratio) {
				p.tell(g, off, end, found)
			}
			continue
		}
		p.hours++
		if p.holds() {
			p.kept++
		}
		p.most.add(off)
	}
}

// tell tells of the one that is short.
func (p *pair) tell(g *group, off float64, end kizashi.Time, found *findings) {
	short, side := p.few, kizashi.Down
	if float64(p.many.raw) < float64(p.times)*float64(p.few.raw) {
		short = p.many
	}
	if slices.ContainsFunc(found.of[short], func(f finding) bool { return f.kind == Ratio }) {
		return // one that it keeps step with is enough
	}
	from := end.Add(-hour)
	found.add(short, finding{kind: Ratio, side: side, stat: off, limit: p.limit(), count: int(short.raw), share: Table[Ratio].Share, usual: kizashi.Num(p.times), scale: kizashi.None(), from: from, pair: p,
		past: &kizashi.Past{From: g.start, To: from, Count: int(p.kept), Of: int(p.hours), Low: kizashi.None(), High: kizashi.Num(p.most.get())}})
}

// match looks for new pairs at the end of a day, of what it had.
func (g *group) matchPairs() {
	var ks []*key
	for _, k := range g.keys {
		if k != nil && k.today >= pairFrom {
			ks = append(ks, k)
		}
	}
	slices.SortFunc(ks, func(a, b *key) int {
		return cmp.Or(cmp.Compare(b.today, a.today), cmp.Compare(a.name.pattern, b.name.pattern))
	})
	ks = ks[:min(len(ks), pairKeys)]
	for i, many := range ks {
		for _, few := range ks[i+1:] {
			g.pair(many, few)
		}
	}
	for _, k := range g.keys {
		if k != nil {
			k.today = 0
		}
	}
}

// pair notes that two patterns may be one, if the day says so.
func (g *group) pair(many, few *key) {
	times := int32(math.Round(float64(many.today) / float64(few.today)))
	if times > mostTimes || len(g.pairs) >= mostPairs || math.Abs(float64(many.today-int64(times)*few.today)) > max(pairSlack, pairPart*float64(many.today)) {
		return
	}
	for _, p := range g.pairs {
		if p.many == many && p.few == few || p.many == few && p.few == many {
			return
		}
	}
	g.pairs = append(g.pairs, &pair{many: many, few: few, times: times})
}

// unpair forgets the pairs of a pattern that is no more.
func (g *group) unpair(k *key) {
	g.pairs = slices.DeleteFunc(g.pairs, func(p *pair) bool { return p.many == k || p.few == k })
}

func (p *pair) append(b []byte) []byte {
	b = wire.U32(wire.U32(wire.U32(wire.U32(wire.U32(b, p.many.index), p.few.index), p.times), p.hours), p.kept)
	return p.most.append(b)
}
