package pattern

import (
	"hash/maphash"
	"math"

	"github.com/kizashi-ops/kizashi"
)

// plan is what a line of a known shape is made into, with the places of its
// parts, in 64 bytes, which are one read of memory.
type plan struct {
	gen       uint32 // of the pattern's slots
	pat       int32
	until     uint32 // it holds as long as so many nodes were added; 0 = for all times
	stamp     place
	component place
	host      place
	pid       place
	status    uint16 // where it stands, + 1
	vary      uint16 // the stars with another number of words than in the first line
	level     Level  // of the match
	facet     Level
	words     uint8  // of the message
	elems     uint8  // of the skeleton
	bytes     uint16 // of the line: no other line is taken for it whose places are not there
	flags     uint8
	n         uint8
	values    [planValues]value
}

const (
	planCut   uint8 = 1 << iota // Match.Cut
	planUnits                   // the units are not those of the pattern's first line
)

// planValues bounds the values of a line that is remembered.
const planValues = 6

// place is where a part of a line lies.
type place struct{ s, e uint16 }

func placeOf(s span) place { return place{uint16(s.s), uint16(max(s.s, s.e))} }

func (p place) in(text []byte) []byte { return cut(text, span{int(p.s), int(p.e)}) }

// value is a word that a slot counts.
type value struct {
	s    uint16
	n    uint8 // bytes; longer ones are not remembered
	what uint8 // slot and kind, four bits each
}

// plans are what shapes were made into. Where there is no room for one, it is
// made anew when it comes again.
type plans struct {
	forms cache[form]
	made  cache[plan]
	came  twice
	salt  uint64 // by chance at first, so that nobody can write lines whose keys are the same
}

// forget makes all plans void.
func (m *Miner) forget() {
	if m.plans.salt == 0 {
		m.plans.salt = maphash.Bytes(maphash.MakeSeed(), nil)
	}
	m.plans.salt++
	m.salt = mix(m.plans.salt * mul2)
}

// changed makes the plans of a pattern void.
func (m *Miner) changed(p *pattern) {
	m.gens++
	p.gen = m.gens
}

// recall returns what lines like the loaded one are made into, nil where it is
// not known. key is its shape's.
func (m *Miner) recall(key uint64) *plan {
	f := m.plans.forms.get(key)
	if f == nil {
		return nil
	}
	p := m.plans.made.get(m.lx.answers(key, f))
	if p == nil || int(p.bytes) != m.lx.n || m.pats[p.pat].gen != p.gen || p.until != 0 && p.until != m.added {
		return nil
	}
	return p
}

// remember keeps what a line was made into, for those like it. It does so when
// the second of them comes: lines that never repeat cost little.
func (m *Miner) remember(key uint64, pi int32, match *Match) {
	if !m.plans.came.before(key) {
		return
	}
	l, now := &m.lx, &m.now
	var f form
	places, at := l.statuses(l.hdr.tok)
	if p := &m.pats[pi]; p.split || places > 1 || len(m.words) > planValues || !l.asks(&f) {
		return
	}
	now.status = 0
	if places == 1 {
		now.status = uint16(at) + 1
	}
	h := &l.hdr
	now.pat, now.gen, now.bytes = pi, m.pats[pi].gen, uint16(l.n)
	now.stamp, now.component, now.host, now.pid = placeOf(h.stamp), placeOf(h.component), placeOf(h.host), placeOf(h.pid)
	now.level, now.facet = match.Level, match.Facets.Level
	if match.Cut {
		now.flags |= planCut
	}
	now.n = uint8(len(m.words))
	for i, w := range m.words {
		if w.e-w.s > math.MaxUint8 {
			return
		}
		now.values[i] = value{uint16(w.s), uint8(w.e - w.s), w.slot<<4 | uint8(w.kind)}
	}
	m.plans.forms.put(key, &f)
	m.plans.made.put(l.answers(key, &f), now)
}

// varies notes where a line of the pattern differs from its first one.
func (pl *plan) varies(p *pattern) {
	p.vary |= uint32(pl.vary)
	if pl.flags&planUnits != 0 {
		p.varyU = true
	}
}

// follow counts the loaded line by a plan.
func (m *Miner) follow(pl *plan, text []byte, at kizashi.Time, match *Match) {
	match.JSON, match.New, match.Cut = false, false, pl.flags&planCut != 0
	match.Fields, match.Slots = match.Fields[:0], match.Slots[:0]
	f := &match.Facets
	f.Stamp, f.Component, f.Host, f.PID = pl.stamp.in(text), pl.component.in(text), pl.host.in(text), pl.pid.in(text)
	f.Level, f.Status = pl.facet, 0
	if pl.status > 0 {
		f.Status = statusOf(m.lx.buf[pl.status-1:])
	}
	match.Level = pl.level
	p := &m.pats[pl.pat]
	match.ID, match.Index = p.id, pl.pat
	p.count(at, m.lines, pl.level)
	for _, v := range pl.values[:min(pl.n, planValues)] {
		m.value(p, word{int(v.s), int(v.s) + int(v.n), v.what >> 4, kind(v.what & 15)}, match)
	}
	pl.varies(p)
	if p.sampled() {
		p.vote(text, shapeOf(pl))
	}
}
