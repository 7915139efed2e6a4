package pattern

import (
	"github.com/kizashi-ops/kizashi"
)

// pattern is one or several skeletons whose lines count together.
type pattern struct {
	// What every line touches lies together.
	lines       uint64
	first, last kizashi.Time
	seq         uint64 // the number of its last line
	id          ID
	slots       []slot
	vary        uint32 // stars where the number of words differs between lines
	gen         uint32 // of its slots, and of what its lines are made into
	level       Level
	used        bool                // false = the index is free
	split       bool                // some values of its slots have patterns of their own
	apart       bool                // it is one of those, and has no nodes
	varyU       bool                // the units differ between lines
	runs        uint8               // stars of the root
	base        [MaxSlots + 1]uint8 // the first slot of each
	width       [MaxSlots]uint8     // words in each star, in the first line
	units       uint64              // of the first line

	root   int32 // of its nodes, the one with the fewest words: what names it
	votes  int32
	nodes  []int32
	sample []byte
	shape  uint64 // of the sample
	pinned bool
	name   string
	seeded string // a template that a user gave
}

const sampleBytes = 1024

// sampled says whether the pattern's last line takes part in choosing its
// sample.
func (p *pattern) sampled() bool { return p.lines < sampleLines || p.lines&(p.lines-1) == 0 }

func (p *pattern) count(at kizashi.Time, seq uint64, l Level) {
	if p.lines == 0 || at < p.first {
		p.first = at
	}
	if p.lines == 0 || at > p.last {
		p.last = at
	}
	p.lines++
	p.seq = seq
	p.level = max(p.level, l)
}

// vote keeps as sample a line of the shape that most lines have.
func (p *pattern) vote(text []byte, shape uint64) {
	switch {
	case p.votes <= 0 || p.sample == nil:
		p.sample = append(p.sample[:0], text[:min(len(text), sampleBytes)]...)
		p.shape, p.votes = shape, 1
	case p.shape == shape:
		p.votes++
	default:
		p.votes--
	}
}

// newPattern gives out an index.
func (m *Miner) newPattern() int32 {
	var pi int32
	if n := len(m.free); n > 0 {
		pi = m.free[n-1]
		m.free = m.free[:n-1]
	} else {
		pi = int32(len(m.pats))
		m.pats = append(m.pats, pattern{})
	}
	m.pats[pi] = pattern{used: true, root: -1, first: kizashi.Never, last: kizashi.Never}
	m.changed(&m.pats[pi])
	m.live++
	return pi
}

func idOf(key uint64) ID {
	id := ID(mix(key ^ mul2))
	if id <= OtherID {
		id = OtherID + 1
	}
	return id
}

// name gives a pattern the id of its root.
func (m *Miner) name(pi int32) {
	p := &m.pats[pi]
	p.id = idOf(m.nodes[p.root].key)
	m.byID[p.id] = pi
	m.alias.drop(p.id)
}

// reroot makes a node the root of its pattern, whose id and slots change by
// that.
func (m *Miner) reroot(pi, root int32) {
	p := &m.pats[pi]
	old, was := m.nodes[p.root].elems, p.id
	p.root = root
	m.changed(p)
	m.realign(p, old, m.nodes[root].elems)
	for _, n := range p.nodes {
		m.nodes[n].mask = covered(m.nodes[n].elems, m.nodes[root].elems)
	}
	if was == 0 {
		return
	}
	delete(m.byID, was)
	m.name(pi)
	if was != p.id {
		m.alias.add(was, p.id)
		m.emit(Event{Kind: Renamed, ID: was, Index: pi, Into: p.id, IntoIndex: pi})
	}
}

// union makes two patterns one. The one that is older stays at its index; the
// root is the one with the fewest words, and of those the smallest key, so that
// the order of lines does not matter for the id.
func (m *Miner) union(a, b int32) {
	if a == b || a == OtherIndex || b == OtherIndex {
		return
	}
	if m.pats[a].id == 0 || m.pats[b].id != 0 && m.pats[b].lines > 0 && (m.pats[a].lines == 0 || b < a) {
		a, b = b, a
	}
	pa, pb := &m.pats[a], &m.pats[b]
	if from := pb.id; from != 0 {
		delete(m.byID, from)
		m.alias.add(from, pa.id)
		m.emit(Event{Kind: Merged, ID: from, Index: b, Into: pa.id, IntoIndex: a, Lines: pb.lines})
	}
	ra, rb := &m.nodes[pa.root], &m.nodes[pb.root]
	if rb.words < ra.words || rb.words == ra.words && rb.key < ra.key {
		m.reroot(a, pb.root)
	} else {
		m.realign(pb, rb.elems, ra.elems)
	}
	pa.absorb(pb)
	m.changed(pa)
	root := m.nodes[pa.root].elems
	for _, n := range pb.nodes {
		m.nodes[n].pat = a
		m.nodes[n].mask = covered(m.nodes[n].elems, root)
	}
	pa.nodes = append(pa.nodes, pb.nodes...)
	m.release(b)
}

// release makes an index free, once the events were taken.
func (m *Miner) release(pi int32) {
	m.pats[pi] = pattern{root: -1}
	m.freed = append(m.freed, pi)
	m.live--
}

// absorb adds what is known of another pattern.
func (p *pattern) absorb(o *pattern) {
	if o.lines > 0 {
		if p.lines == 0 || o.first < p.first {
			p.first = o.first
		}
		if p.lines == 0 || o.last > p.last {
			p.last = o.last
		}
	}
	if o.lines > p.lines || p.sample == nil {
		if o.sample != nil {
			p.sample, p.shape, p.votes = o.sample, o.shape, o.votes
		}
		if p.lines == 0 {
			p.units = o.units
		}
	}
	p.varyU = p.varyU || o.varyU || o.lines > 0 && p.lines > 0 && o.units != p.units
	p.lines += o.lines
	p.seq = max(p.seq, o.seq)
	p.level = max(p.level, o.level)
	p.pinned = p.pinned || o.pinned
	if p.name == "" {
		p.name = o.name
	}
	if p.runs == 0 && o.runs > 0 && p.slots == nil {
		p.runs, p.base, p.width, p.vary, p.slots = o.runs, o.base, o.width, o.vary, o.slots
		return
	}
	p.mergeSlots(o)
}

// aliases are the ids that patterns had, bounded: the oldest goes first.
type aliases struct {
	to    map[ID]aliasTo
	order []aliasOf // with some that are no more
	limit int
	seq   uint64
	lost  uint64 // that went because of the limit
}

type aliasTo struct {
	id  ID
	seq uint64
}

type aliasOf struct {
	id  ID
	seq uint64
}

func newAliases(limit int) aliases { return aliases{to: map[ID]aliasTo{}, limit: limit} }

func (a *aliases) add(from, to ID) {
	if from == to {
		return
	}
	a.seq++
	a.to[from] = aliasTo{to, a.seq}
	a.order = append(a.order, aliasOf{from, a.seq})
	for len(a.to) > a.limit {
		if o := a.order[0]; a.is(o) {
			delete(a.to, o.id)
			a.lost++
		}
		a.order = a.order[1:]
	}
	if len(a.order) > 2*a.limit+64 {
		a.compact()
	}
}

func (a *aliases) is(o aliasOf) bool { return a.to[o.id].seq == o.seq }

// drop forgets that an id was another's: it is one again.
func (a *aliases) drop(id ID) { delete(a.to, id) }

func (a *aliases) compact() {
	kept := make([]aliasOf, 0, len(a.to))
	for _, o := range a.order {
		if a.is(o) {
			kept = append(kept, o)
		}
	}
	a.order = kept
}
