package pattern

// node is one skeleton: seen, or promoted.
type node struct {
	key   uint64
	glue  uint64 // its elements (the first 64) that stand at a variable without white space
	mask  uint64 // its elements (the first 64) that a star of its pattern's root covers
	fresh uint64 // its elements (the first 64) that were new with it, where that may make them variable
	elems []elem
	words uint16
	pat   int32 // its pattern
}

// hole is a skeleton with one word starred that was not seen itself: who would
// be in it, with which word.
type hole struct {
	members []member
	words   int  // different words of its members
	caps    bool // all words are in capitals
	alike   bool // all words are equal but for a digit
}

type member struct {
	node int32
	val  elem // the word in the hole
}

// How many different words make a slot of a hole: what its name, its words and
// its place say.
const (
	promoteAt    = 5
	promoteNoun  = 2
	promoteAlike = 2
	promoteCaps  = 12
	promoteFirst = 16
	promoteValue = 5
)

var wordFor, wordFrom = wordElem("for"), wordElem("from")

func wordElem(s string) elem { return elem(hashBytes([]byte(s))) &^ (elemFlags | elemDigit) }

// threshold is how many different words the hole at element i needs.
func threshold(elems []elem, i int, h *hole) int {
	k := promoteAt
	switch {
	case i > 0 && elems[i-1]&elemNoun != 0 && elems[i-1] != star:
		k = promoteNoun
	case i > 0 && i+1 < len(elems) && elems[i-1] == wordFor && elems[i+1] == wordFrom: // password for root from
		k = promoteNoun
	case h.alike:
		k = promoteAlike
	case h.caps:
		k = promoteCaps
	case i == 0:
		k = promoteFirst
	case elems[i]&elemValue != 0:
		k = promoteValue
	}
	return k
}

// addNode makes a node of a skeleton and gives it to a pattern. Holes whose
// key it has are filled: what was in them is of its pattern.
func (m *Miner) addNode(elems []elem, key uint64, words int, glue uint64, pat int32) int32 {
	was := m.tab.get(key)
	id := int32(len(m.nodes))
	m.nodes = append(m.nodes, node{key: key, elems: elems, words: uint16(words), glue: glue, pat: pat})
	m.tab.put(key, id<<2|isNode)
	m.added++
	m.pats[pat].nodes = append(m.pats[pat].nodes, id)
	for _, e := range elems {
		if e != star {
			m.known.add(e &^ (elemKey | elemValue))
		}
	}
	m.settle(id)
	switch was & 3 {
	case isSingle:
		m.union(m.nodes[id].pat, m.nodes[was>>2].pat)
	case isHole:
		for _, b := range m.holes[was>>2].members {
			m.union(m.nodes[id].pat, m.nodes[b.node].pat)
		}
		m.holes[was>>2] = hole{}
		m.freeHoles = append(m.freeHoles, was>>2)
	}
	return id
}

// settle makes a node part of its pattern: the pattern's root may change by it.
func (m *Miner) settle(id int32) {
	n := &m.nodes[id]
	p := &m.pats[n.pat]
	if r := &m.nodes[p.root]; p.root != id && (n.words < r.words || n.words == r.words && n.key < r.key) {
		m.reroot(n.pat, id)
		return
	}
	n.mask = covered(n.elems, m.nodes[p.root].elems)
}

// align walks elems along a root that covers it, the leftmost way, and says of
// each which element of the root takes it in.
func align(elems, root []elem, visit func(i, j int)) {
	j := 0
	for i := range elems {
		switch {
		case j < len(root) && root[j] != star && elems[i] == root[j]:
			visit(i, j)
			j++
		case j < len(root) && root[j] == star:
			visit(i, j)
			// The star ends where the next word of the root comes.
			if i+1 < len(elems) && j+1 < len(root) && elems[i+1] == root[j+1] {
				j++
			}
		default: // it is not covered: a user merged what differs
			visit(i, max(0, min(j, len(root))-1))
		}
	}
}

// covered returns which of the first 64 elements a star of the root takes in.
func covered(elems, root []elem) (mask uint64) {
	align(elems, root, func(i, j int) {
		if i < 64 && root[j] == star {
			mask |= 1 << i
		}
	})
	return mask
}

// openHoles puts a node into the holes it has, or into the patterns that fill
// them already. fresh are its words that were never seen before.
func (m *Miner) openHoles(id int32) {
	elems := m.nodes[id].elems
	if m.nodes[id].words < 2 {
		return
	}
	var s sums
	s.of(elems)
	values := 0
	for i, e := range elems {
		if e == star || e&elemKey != 0 {
			continue
		}
		if e&elemValue != 0 {
			values++
		}
		key := s.hole(i, m.nodes[id].glue)
		m.openHole(id, key, e, func(h *hole) int { return threshold(elems, i, h) }, func(j int) bool { return j == i })
	}
	if values >= 2 && int(m.nodes[id].words) > values {
		m.openSeveral(id, func(j int) bool { return elems[j] != star && elems[j]&elemValue != 0 && elems[j]&elemKey == 0 })
	}
	if fresh := m.nodes[id].fresh; fresh != 0 {
		n := len(m.nodes)
		m.openSeveral(id, func(j int) bool { return j < 64 && fresh>>j&1 != 0 })
		if len(m.nodes) > n {
			m.takeIn(int32(n))
		}
	}
}

// takeIn joins to a new node with several stars the patterns of the skeletons
// that it covers word by word: lines that came before its words were known.
func (m *Miner) takeIn(id int32) {
	g := m.nodes[id].elems
	for i := range m.nodes[:id] {
		if e := m.nodes[i].elems; len(e) == len(g) && e[len(e)-1] == g[len(g)-1] && coversAll(g, e) {
			m.union(m.nodes[id].pat, m.nodes[i].pat)
		}
	}
}

func coversAll(g, e []elem) bool {
	for i := range g {
		if g[i] != star && g[i] != e[i] || g[i] == star && e[i]&elemKey != 0 {
			return false
		}
	}
	return true
}

func (m *Miner) openSeveral(id int32, at func(int) bool) {
	_, key, words := starredAt(m.nodes[id].elems, at)
	if words > 0 {
		m.openHole(id, key, elem(m.nodes[id].key), func(*hole) int { return promoteAt }, at)
	}
}

// openHole puts a node, with val in the hole, into the hole of that key.
func (m *Miner) openHole(id int32, key uint64, val elem, need func(*hole) int, at func(int) bool) {
	v := m.tab.get(key)
	switch v & 3 {
	case 0:
		m.tab.put(key, id<<2|isSingle)
		return
	case isNode:
		m.union(m.nodes[id].pat, m.nodes[v>>2].pat)
		return
	case isSingle:
		if v>>2 == id {
			return
		}
		first := member{node: v >> 2, val: m.valueIn(v>>2, key)}
		h := hole{members: []member{first}, words: 1, caps: first.val&elemCaps != 0, alike: first.val&elemSoft != 0}
		hid := int32(len(m.holes))
		if n := len(m.freeHoles); n > 0 {
			hid = m.freeHoles[n-1]
			m.freeHoles = m.freeHoles[:n-1]
			m.holes[hid] = h
		} else {
			m.holes = append(m.holes, h)
		}
		v = hid<<2 | isHole
		m.tab.put(key, v)
	}
	h := &m.holes[v>>2]
	if !h.add(member{id, val}) || h.words < need(h) {
		return
	}
	m.promote(id, key, at)
}

// add puts a node into a hole, and says whether its word is new there. One
// whose word is there already is a member too: `line failed *` and
// `line * failed` are both in `line *`, and both are of its pattern once it is
// one.
func (h *hole) add(n member) (fresh bool) {
	fresh = true
	for _, b := range h.members {
		if b.node == n.node {
			return false
		}
		fresh = fresh && b.val != n.val
	}
	h.members = append(h.members, n)
	if fresh {
		h.words++
		h.caps = h.caps && n.val&elemCaps != 0
		h.alike = h.alike && n.val&elemSoft != 0 && n.val&^elemDigit == h.members[0].val&^elemDigit
	}
	return fresh
}

// valueIn returns the word that a node has in the hole of that key; the node's
// key where several words are.
func (m *Miner) valueIn(id int32, key uint64) elem {
	var s sums
	s.of(m.nodes[id].elems)
	for i, e := range m.nodes[id].elems {
		if e == star || e&elemKey != 0 {
			continue
		}
		if s.hole(i, m.nodes[id].glue) == key {
			return e
		}
	}
	return elem(m.nodes[id].key)
}

// promote makes a hole a slot: the skeleton with the star is a node from now
// on, and all that was in the hole is one pattern.
func (m *Miner) promote(id int32, key uint64, at func(int) bool) {
	n := &m.nodes[id]
	members := m.holes[m.tab.get(key)>>2].members
	elems, k, words := starredAt(n.elems, at)
	m.added++
	if v := m.tab.get(k); v&3 == isNode {
		m.tab.put(key, v)
		for _, b := range members {
			m.union(m.nodes[v>>2].pat, m.nodes[b.node].pat)
		}
		return
	}
	g := m.addNode(elems, k, words, glueAt(n.elems, n.glue, at), n.pat)
	if k != key {
		m.tab.put(key, g<<2|isNode)
		for _, b := range members {
			m.union(m.nodes[g].pat, m.nodes[b.node].pat)
		}
	}
	m.openHoles(g)
}
