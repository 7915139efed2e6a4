package logs

import "github.com/kizashi-ops/kizashi"

// endHour judges what has become less, and learns the hour.
func (g *group) endHour(end kizashi.Time, out *Out) {
	h := hourOfWeek(int64(end.Add(-hour)), g.loc)
	if !g.broken {
		var found findings
		top := 0.
		g.each(func(k *key) { top = max(top, g.lessThan(k, h, end, &found, out)) })
		g.tails[Drop].take(top, end)
		g.invariants(end, &found)
		found.tell(g, end, out)
		if g.kind == "" {
			g.seen.add(h)
		}
	}
	g.broken = false
	g.each(func(k *key) { k.hour, k.raw = 0, 0 })
	for i := range g.tails {
		g.tails[i].Tail.Roll(end)
	}
	g.clusters(end, out)
	if end == end.Floor(day) {
		g.freezeSlots()
		g.matchPairs()
	}
	if end.Sub(g.turned) >= 7*day {
		g.turned = end
		g.most.turn()
		g.each(func(k *key) {
			k.gaps.Long.turn()
		})
		for _, p := range g.pairs {
			p.most.turn()
		}
	}
}

// looseUntil is how large a part of the lines may be alone in their pattern for a log group
// to cluster again: well below what it takes to be said not to.
const looseUntil = .4

// clusters says when counts by pattern begin to say nothing of the log group, and when
// they mean something again.
func (g *group) clusters(end kizashi.Time, out *Out) {
	h := g.miner.Health()
	if h.Clusters != g.loose || g.loose && h.Share > looseUntil {
		return
	}
	g.loose = !h.Clusters
	fact := kizashi.Evidence{Claim: kizashi.ClaimLogLoose, Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None(), From: end}
	if g.loose {
		fact.Count, fact.Of = int(h.Singles+h.Other), int(h.Lines)
	}
	out.Notes = append(out.Notes, Note{g.meta.Series, end, fact})
}

// lessThan judges whether a key's hour had too few lines, and learns it.
func (g *group) lessThan(k *key, h int, end kizashi.Time, found *findings, out *Out) float64 {
	if k.whole != nil {
		return 0
	}
	if k.usual == nil && k.count >= profileFrom {
		k.usual = &profile{}
		k.usual.flat(float32(k.rate), &g.seen)
		k.since = end.Add(-hour)
	}
	e, s, alpha := 0., 0., k.hours.alpha()
	if k.usual != nil && k.low >= leastDrop && float64(k.raw) < k.low/2 {
		s = below(int(k.raw), k.low, alpha)
		e = s * k.down.trust()
	}
	t := &g.tails[Drop]
	over := t.Theta > 0 && e > t.Theta && g.judges(end) && g.like
	if over && !g.off(Drop) && !k.gaps.Said {
		from := end.Add(-hour)
		found.add(k, finding{kind: Drop, side: kizashi.Down, stat: e, limit: t.Theta, count: int(k.raw), usual: kizashi.Num(k.low), scale: kizashi.Num(alpha),
			past: k.down.past(g.start, from), tail: t, from: from})
	}
	g.learnHour(k, h, over, s, end, out)
	return e
}

// adoptsLess is how many hours running a key has too few lines before that is usual.
const adoptsLess = 12

// learnHour takes an hour into what is usual. One that was too short, or in which a line
// is missed that was told, counts as what was expected.
func (g *group) learnHour(k *key, h int, over bool, s float64, end kizashi.Time, out *Out) {
	if k.usual == nil {
		return
	}
	if !g.ordinary(k) {
		n := k.hour
		if over || k.gaps.Said {
			n = float32(k.low)
		}
		k.learnKind(g.kind, h, n)
		k.withhold(withheld{At: end.Add(-hour), Lines: float32(k.raw) - n, Kind: g.kind})
		return
	}
	if over || k.gaps.Said {
		k.usual.add(h, float32(k.rate))
		k.withhold(withheld{At: end.Add(-hour), Lines: float32(float64(k.raw) - k.rate)})
		if k.less++; over && k.less >= adoptsLess {
			f := max(float64(k.raw), half) / max(k.rate, half)
			k.usual.scale(float32(f))
			k.less, k.moved, k.kept, k.since = 0, true, nil, end
			out.Notes = append(out.Notes, Note{k.series, end, kizashi.Evidence{Claim: kizashi.ClaimMoved, Value: kizashi.None(), Low: kizashi.Num(k.rate), High: kizashi.Num(k.rate * f), From: end.Add(-adoptsLess * hour), To: end}})
		}
		return
	}
	k.less = 0
	if len(g.apart) == 0 || !g.excluded(k, end.Add(-hour), end) {
		k.down.add(s, hourKeeps)
		k.hours.add(float64(k.hour), k.rate)
	}
	if c := g.outOfHour(k); c != nil {
		k.usual.add(h, float32(k.rate))
		k.withhold(withheld{At: end.Add(-hour), Lines: float32(float64(k.raw) - k.rate), Act: c.Act})
		return
	}
	k.usual.add(h, k.hour)
	k.withhold(withheld{At: end.Add(-hour), Lines: float32(k.raw) - k.hour})
}
