package pattern

import "slices"

// miss finds a place for a skeleton that was not seen before.
func (m *Miner) miss(first int) (int32, bool) {
	sk := &m.sk
	if sk.words > 0 {
		if id := m.join(first, learn); id >= 0 {
			return id, false
		}
	}
	if m.live >= m.cfg.Patterns && !m.evict(OtherIndex) {
		return -1, false
	}
	if len(m.nodes) >= nodesAll*m.cfg.Patterns {
		m.rebuild()
	}
	fresh := m.fresh()
	elems := slices.Clone(sk.elems[:sk.n])
	pi := m.newPattern()
	id := int32(len(m.nodes))
	m.pats[pi].root = id
	m.addNode(elems, sk.key, sk.words, m.lx.glued(first, sk), pi)
	if own := m.nodes[id].pat; own == pi {
		m.name(pi)
		m.emit(Event{Kind: Born, ID: m.pats[pi].id, Index: pi})
	}
	m.layout(m.nodes[id].pat, first)
	before := m.pats[pi].id
	m.nodes[id].fresh = fresh
	m.openHoles(id)
	return id, m.nodes[id].pat == pi && m.pats[pi].id == before
}

// fresh returns the elements of a skeleton that were never seen, where they
// are two or more and no fewer were.
func (m *Miner) fresh() (mask uint64) {
	fresh, known := 0, 0
	for i, e := range m.sk.elems[:m.sk.n] {
		if e == star || e&elemKey != 0 {
			continue
		}
		if m.known.has(e &^ (elemKey | elemValue)) {
			known++
			continue
		}
		if i > 1 && i <= 64 && mask>>(i-2)&3 == 3 {
			return 0 // three new words in a row are prose
		}
		if fresh++; i < 64 {
			mask |= 1 << i
		}
	}
	if fresh < 2 || known < 2 || known < fresh {
		return 0
	}
	return mask
}

const learn = -1 // no pattern is asked for

// join finds a slot that is proven and that the line's skeleton falls into,
// and makes the line one that has a star there. -1 = there is none. Where
// it falls into slots of several patterns they are one from now on, unless of says
// which of them is asked for.
func (m *Miner) join(first int, of int32) int32 {
	sk := &m.sk
	elems := sk.elems[:sk.n]
	m.pos.of(elems)
	glue := m.lx.glued(first, sk)
	found, at := int32(-1), -1
	values := 0
	if sk.words >= 2 {
		for i, e := range elems {
			if e == star || e&elemKey != 0 {
				continue
			}
			if e&elemValue != 0 {
				values++
			}
			v := m.tab.get(m.pos.hole(i, glue))
			if v&3 != isNode {
				continue
			}
			id := v >> 2
			switch {
			case found < 0:
				found, at = id, i
			case m.nodes[id].pat == m.nodes[found].pat:
			case of == learn:
				m.union(m.nodes[found].pat, m.nodes[id].pat)
			case m.nodes[id].pat == of:
				found, at = id, i
			}
		}
	}
	if found >= 0 {
		m.star(first, func(i int) bool { return i == at })
		return m.nodeOf(found)
	}
	if sk.words < 3 {
		return -1
	}
	if values >= 2 && sk.words > values {
		if id := m.joinSeveral(first, func(i int) bool { return elems[i]&elemValue != 0 && elems[i]&elemKey == 0 }); id >= 0 {
			return id
		}
	}
	if fresh := m.fresh(); fresh != 0 {
		return m.joinSeveral(first, func(i int) bool { return i < 64 && fresh>>i&1 != 0 })
	}
	return -1
}

func (m *Miner) joinSeveral(first int, at func(int) bool) int32 {
	var p uint64
	last := false
	for i, e := range m.sk.elems[:m.sk.n] {
		if e == star || at(i) {
			if !last {
				p = p*base + starTerm
			}
			last = true
			continue
		}
		p = p*base + uint64(e)
		last = false
	}
	if v := m.tab.get(finish(p)); v&3 == isNode {
		m.star(first, at)
		return m.nodeOf(v >> 2)
	}
	return -1
}

// nodeOf is the node of the starred skeleton, which is the one that was found.
func (m *Miner) nodeOf(id int32) int32 {
	if v := m.tab.get(m.sk.key); v&3 == isNode {
		return v >> 2
	}
	return id
}

// star makes the tokens of these elements variable and builds the skeleton
// again.
func (m *Miner) star(first int, at func(int) bool) {
	l := &m.lx
	for i := first; i < l.nt; i++ {
		if t := &l.toks[i]; t.kind == constant && at(int(m.sk.of[i])) {
			t.kind = asWord
			t.flags |= tokFound
		}
	}
	l.skeletonOf(first, &m.sk)
}
