package pattern

import "slices"

// evict makes room: a quarter of the patterns counts in other from now on, those
// of one line first, then those that were seen longest ago, but never the one at
// index spare. false = all are pinned.
func (m *Miner) evict(spare int32) bool {
	var old []int32
	for i := range m.pats {
		if p := &m.pats[i]; p.used && int32(i) != OtherIndex && int32(i) != spare && !p.pinned {
			old = append(old, int32(i))
		}
	}
	slices.SortFunc(old, func(a, b int32) int {
		pa, pb := &m.pats[a], &m.pats[b]
		if one, other := pa.lines <= 1, pb.lines <= 1; one != other {
			if one {
				return -1
			}
			return 1
		}
		if pa.seq < pb.seq {
			return -1
		}
		return 1
	})
	old = old[:min(len(old), max(m.cfg.Patterns/4, 1))]
	if len(old) == 0 {
		return false
	}
	other := &m.pats[OtherIndex]
	for _, i := range old {
		p := &m.pats[i]
		m.emit(Event{Kind: Evicted, ID: p.id, Index: i, Into: OtherID, IntoIndex: OtherIndex, Lines: p.lines})
		if p.lines > 0 {
			if other.lines == 0 || p.first < other.first {
				other.first = p.first
			}
			if other.lines == 0 || p.last > other.last {
				other.last = p.last
			}
		}
		other.lines += p.lines
		other.level = max(other.level, p.level)
		delete(m.byID, p.id)
		m.release(i)
	}
	for k, id := range m.splits {
		if _, ok := m.byID[id]; !ok {
			delete(m.splits, k)
		}
	}
	m.rebuild()
	return true
}

// rebuild makes nodes, holes and table anew of the patterns that are left.
func (m *Miner) rebuild() {
	m.forget()
	old := m.nodes
	m.nodes = make([]node, 0, len(old)/2)
	place := make(map[int32]int32, len(old))
	for i := range old {
		if n := old[i]; m.pats[n.pat].used && m.pats[n.pat].keeps(int32(i)) {
			place[int32(i)] = int32(len(m.nodes))
			m.nodes = append(m.nodes, n)
		}
	}
	for i := range m.pats {
		p := &m.pats[i]
		kept := p.nodes[:0]
		for _, n := range p.nodes {
			if to, ok := place[n]; ok {
				kept = append(kept, to)
			}
		}
		p.nodes = kept
		if p.root >= 0 {
			p.root = place[p.root]
		}
	}
	m.index()
}

// nodesPerPattern bounds how many skeletons of one pattern outlive a rebuild,
// and nodesAll, times the cap on patterns, at how many there is one: well above
// what one leaves.
const (
	nodesPerPattern = 16
	nodesAll        = 40
)

// keeps says whether a node outlives an eviction: it is the pattern's, and one
// of its last ones where it has many.
func (p *pattern) keeps(id int32) bool {
	if len(p.nodes) <= nodesPerPattern || id == p.root || p.pinned {
		return len(p.nodes) > 0
	}
	return id >= p.nodes[len(p.nodes)-nodesPerPattern] // they are in ascending order but for merges
}

// index builds table, holes and known words of the nodes. Holes that are due
// for promotion are promoted.
func (m *Miner) index() {
	m.tab = newTable(len(m.nodes) * 8)
	m.holes, m.freeHoles = nil, nil
	m.known = newWordSet(len(m.nodes) * 2)
	for i := range m.nodes {
		m.tab.put(m.nodes[i].key, int32(i)<<2|isNode)
		for _, e := range m.nodes[i].elems {
			if e != star {
				m.known.add(e &^ (elemKey | elemValue))
			}
		}
	}
	for i := range len(m.nodes) {
		m.openHoles(int32(i))
	}
}

// Health says whether the lines cluster.
func (m *Miner) Health() Health {
	h := Health{Lines: m.lines, Patterns: m.live, Other: m.pats[OtherIndex].lines, Clusters: true}
	for i := range m.pats {
		if p := &m.pats[i]; p.used && p.lines == 1 && int32(i) != OtherIndex {
			h.Singles++
		}
	}
	if m.lines > 0 {
		h.Share = float64(h.Singles+h.Other) / float64(m.lines)
	}
	if m.lines >= healthLines && h.Share > healthShare {
		h.Clusters = false
		h.Reason = "more than half of the lines are alone in their pattern, or in other"
	}
	return h
}

// From how many lines on, and at which share of them that have their pattern
// for themselves, a group is said not to cluster.
const (
	healthLines = 1000
	healthShare = .5
)
