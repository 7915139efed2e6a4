package pattern

import (
	"iter"
	"slices"

	"github.com/kizashi-ops/kizashi"
)

// Miner finds the patterns of one log group.
type Miner struct {
	*Scratch
	cfg   Config
	lines uint64
	salt  uint64 // of its plans; another one where none of them holds
	gens  uint32 // the last one of a pattern
	added uint32 // nodes, with holes that became one

	tab       table
	nodes     []node
	holes     []hole
	freeHoles []int32
	known     wordSet // words of skeletons that are there
	pats      []pattern
	byID      map[ID]int32
	alias     aliases
	splits    map[splitKey]ID

	events []Event
	freed  []int32 // indices that may be given out once the events were taken
	free   []int32
	live   int // patterns beside other
}

// Scratch is what a miner needs for the line at hand, some 75 KiB, and what it
// remembers of the shapes of lines, up to 0.8 MiB more. Miners that no two
// goroutines use at once may share one: see [Config].
type Scratch struct {
	lx    lexer
	sk    skeleton
	pos   sums
	json  jsonReader
	first int  // the message's first token
	now   plan // what the line is made into, but for its values
	words []word
	plans plans
}

// New returns a miner without patterns.
func New(c Config) *Miner {
	if c.Patterns <= 0 {
		c.Patterns = 20000
	}
	if c.Aliases <= 0 {
		c.Aliases = 4 * c.Patterns
	}
	if c.Scratch == nil {
		c.Scratch = &Scratch{}
	}
	m := &Miner{cfg: c, Scratch: c.Scratch}
	m.reset()
	return m
}

func (m *Miner) reset() {
	m.lines, m.live, m.added = 0, 0, 1 // 0 would say that a plan holds for all times
	m.forget()
	m.tab = newTable(64)
	m.nodes, m.holes, m.freeHoles = nil, nil, nil
	m.known = newWordSet(64)
	m.pats = []pattern{{id: OtherID, used: true, root: -1, first: kizashi.Never, last: kizashi.Never}}
	m.byID = map[ID]int32{OtherID: OtherIndex}
	m.alias = newAliases(m.cfg.Aliases)
	m.splits = nil
	m.events, m.freed, m.free = nil, nil, nil
}

// Add counts a line and says which pattern it has. The text is one line, or
// the first row of an event of several. at is when the caller places it. It
// allocates nothing but for a pattern that is new. The match's slices lie in
// text and in the miner: they hold until the next Add.
func (m *Miner) Add(text []byte, at kizashi.Time, match *Match) {
	m.lines++
	key := m.load(text)
	if key != 0 {
		if pl := m.recall(key); pl != nil {
			m.follow(pl, text, at, match)
			return
		}
	}
	id, born, again := m.find(text, match)
	pi := OtherIndex
	if id >= 0 {
		pi = m.nodes[id].pat
	}
	if m.pats[pi].split {
		pi = m.divide(pi, id)
	}
	p := &m.pats[pi]
	match.ID, match.Index, match.New = p.id, pi, born
	p.count(at, m.lines, match.Level)
	match.Slots = match.Slots[:0]
	if id < 0 {
		return
	}
	now := &m.now
	now.words, now.elems = uint8(m.lx.nt-m.first), uint8(m.sk.n)
	if !p.apart {
		m.lay(p, id, now)
		for _, w := range m.words {
			m.value(p, w, match)
		}
		now.varies(p)
		if again && key != 0 {
			m.remember(key, pi, match)
		}
	}
	if p.sampled() {
		p.vote(text, shapeOf(now))
	}
}

// sampleLines is how many of a pattern's first lines decide which of them is
// its sample; later ones do where their number is a power of two.
const sampleLines = 64

// load takes a line and returns the key of its shape, 0 for one that is not
// remembered.
func (m *Miner) load(text []byte) uint64 {
	l := &m.lx
	l.load(text)
	if len(text) > shapeBytes || opensJSON(text) {
		return 0
	}
	return l.shape(m.salt)
}

// find returns the node of a line, -1 where the caps leave no room for it.
// again = lines like it will find it too.
func (m *Miner) find(text []byte, match *Match) (id int32, born, again bool) {
	first := m.parse(text, match)
	m.first = first
	m.lx.skeletonOf(first, &m.sk)
	m.now.until = 0
	if v := m.tab.get(m.sk.key); v&3 == isNode {
		return v >> 2, false, true
	}
	n := len(m.nodes)
	id, born = m.miss(first)
	m.now.until = m.added
	return id, born, id >= 0 && len(m.nodes) == n
}

// read loads and parses a line.
func (m *Miner) read(text []byte, match *Match) int {
	m.lx.load(text)
	return m.parse(text, match)
}

// parse cuts the line that was loaded into header and tokens and returns the
// message's first.
func (m *Miner) parse(text []byte, match *Match) int {
	l := &m.lx
	match.JSON, match.Fields, match.Facets = false, match.Fields[:0], Facets{}
	if m.json.try(text, match) {
		first := m.json.tokens(l, match)
		match.Cut = l.cut
		match.Level = match.Facets.Level
		if match.Level == None {
			match.Level = l.wordLevel(first)
		}
		return first
	}
	l.ready()
	l.lex()
	h := l.findHeader()
	match.Cut = l.cut
	f := &match.Facets
	f.Stamp, f.Component, f.Host, f.PID = cut(text, h.stamp), cut(text, h.component), cut(text, h.host), cut(text, h.pid)
	f.Level, f.Status = h.level, l.status(h.tok)
	if match.Level = h.level; match.Level == None {
		match.Level = l.wordLevel(h.tok)
	}
	return h.tok
}

func cut(text []byte, s span) []byte {
	if s.e <= s.s {
		return nil
	}
	return text[s.s:s.e:s.e]
}

func (m *Miner) emit(e Event) { m.events = append(m.events, e) }

// Events appends what became of patterns since it was last asked, in order,
// and forgets it. The index of a pattern that is no more is given out again
// only after this; ask at least once every million lines.
func (m *Miner) Events(to []Event) []Event {
	to = append(to, m.events...)
	m.events = m.events[:0]
	m.free = append(m.free, m.freed...)
	m.freed = m.freed[:0]
	return to
}

// Resolve returns the pattern that an id stands for by now, itself for one
// that nobody knows.
func (m *Miner) Resolve(id ID) ID {
	for range len(m.alias.to) + 1 {
		if _, ok := m.byID[id]; ok {
			return id
		}
		to, ok := m.alias.to[id]
		if !ok {
			return id
		}
		id = to.id
	}
	return id
}

// Lookup returns the index of a pattern by its id or by one that it had.
func (m *Miner) Lookup(id ID) (index int32, ok bool) {
	index, ok = m.byID[m.Resolve(id)]
	return index, ok
}

// Lines is how many were added.
func (m *Miner) Lines() uint64 { return m.lines }

// Len is the smallest number above every index in use.
func (m *Miner) Len() int { return len(m.pats) }

// Patterns yields all patterns in the order of their ids, other first.
func (m *Miner) Patterns() iter.Seq[Pattern] {
	return func(yield func(Pattern) bool) {
		ids := make([]ID, 0, len(m.byID))
		for id := range m.byID {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		for _, id := range ids {
			if p, ok := m.Pattern(m.byID[id]); ok && !yield(p) {
				return
			}
		}
	}
}
