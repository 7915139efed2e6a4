package pattern

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/kizashi-ops/kizashi"
)

// Decode replaces the state by one that AppendBinary wrote. After an error the
// miner is empty.
func (m *Miner) Decode(b []byte) error {
	m.reset()
	if err := m.decode(b); err != nil {
		m.reset()
		return fmt.Errorf("pattern state: %w", err)
	}
	return nil
}

var errShort = errors.New("it ends early")

func (m *Miner) decode(b []byte) error {
	if len(b) < len(stateMagic)+1 || string(b[:len(stateMagic)]) != stateMagic {
		return errors.New("it does not begin as one")
	}
	if v := b[len(stateMagic)]; v != stateVersion {
		return fmt.Errorf("version %d, want %d", v, stateVersion)
	}
	r := &reader{b: b[len(stateMagic)+1:]}
	m.lines = r.uvarint()
	n := r.count(19)
	m.nodes = make([]node, n)
	for i := range m.nodes {
		m.nodes[i].decode(r)
	}
	m.pats = make([]pattern, r.count(1))
	for i := range m.pats {
		m.pats[i].decode(r)
	}
	m.free, m.freed = r.indices(len(m.pats)), r.indices(len(m.pats))
	m.alias.decode(r)
	m.decodeSplits(r)
	for range r.count(20) {
		e := Event{Kind: EventKind(r.u8() & 3), ID: ID(r.u64()), Into: ID(r.u64())}
		e.Index, e.IntoIndex, e.Lines = int32(r.uvarint()), int32(r.uvarint()), r.uvarint()
		m.events = append(m.events, e)
	}
	switch {
	case r.bad:
		return errShort
	case len(r.b) > 0:
		return fmt.Errorf("%d bytes behind its end", len(r.b))
	}
	return m.restore()
}

// restore checks that the parts fit, and makes what follows from them.
func (m *Miner) restore() error {
	if len(m.pats) == 0 || m.pats[0].id != OtherID || !m.pats[0].used || m.pats[0].root >= 0 || m.pats[0].split || m.pats[0].apart {
		return errors.New("it has no pattern for other")
	}
	var lines uint64
	clear(m.byID)
	for i := range m.pats {
		p := &m.pats[i]
		if !p.used {
			continue
		}
		lines += p.lines
		if _, twice := m.byID[p.id]; twice {
			return fmt.Errorf("pattern %s is there twice", p.id)
		}
		m.byID[p.id] = int32(i)
		m.changed(p)
		if i == 0 {
			continue
		}
		m.live++
		if p.apart != (p.root < 0) || p.root >= 0 && (int(p.root) >= len(m.nodes) || m.nodes[p.root].pat != int32(i)) {
			return fmt.Errorf("pattern %s: its root is not its own", p.id)
		}
		if !p.apart && p.id != idOf(m.nodes[p.root].key) {
			return fmt.Errorf("pattern %s: its id is not its root's", p.id)
		}
	}
	if lines != m.lines {
		return fmt.Errorf("its patterns hold %d lines of %d", lines, m.lines)
	}
	owned := make([]int, len(m.pats))
	keys := make(map[uint64]bool, len(m.nodes))
	for i := range m.nodes {
		n := &m.nodes[i]
		if n.pat <= 0 || int(n.pat) >= len(m.pats) || !m.pats[n.pat].used {
			return fmt.Errorf("node %d: it has no pattern", i)
		}
		if keys[n.key] {
			return fmt.Errorf("node %d is there twice", i)
		}
		keys[n.key] = true
		owned[n.pat]++
		n.mask = covered(n.elems, m.nodes[m.pats[n.pat].root].elems)
	}
	for i := range m.pats {
		p := &m.pats[i]
		if owned[i] != len(p.nodes) {
			return fmt.Errorf("pattern %s: %d nodes of %d", p.id, len(p.nodes), owned[i])
		}
		for _, n := range p.nodes {
			if n < 0 || int(n) >= len(m.nodes) || m.nodes[n].pat != int32(i) {
				return fmt.Errorf("pattern %s: node %d is not its own", p.id, n)
			}
		}
	}
	free := make([]bool, len(m.pats))
	for _, i := range append(append([]int32{}, m.free...), m.freed...) {
		if m.pats[i].used || free[i] {
			return fmt.Errorf("index %d is in use and free, or free twice", i)
		}
		free[i] = true
	}
	for _, to := range m.splits {
		if i, ok := m.byID[to]; !ok || !m.pats[i].apart {
			return fmt.Errorf("a split leads to %s, which was not split off", to)
		}
	}
	m.index()
	return nil
}

func (n *node) decode(r *reader) {
	n.glue, n.fresh = r.u64(), r.u64()
	n.pat = int32(min(r.uvarint(), math.MaxInt32))
	n.elems = make([]elem, min(r.count(8), MaxTokens))
	var p uint64
	for i := range n.elems {
		n.elems[i] = elem(r.u64())
		p = p*base + term(n.elems[i])
		if n.elems[i] != star {
			n.words++
		}
	}
	if n.key = finish(p); n.words == 0 {
		n.key = max(r.u64(), 1)
	}
}

func (p *pattern) decode(r *reader) {
	flags := r.u8()
	*p = pattern{root: -1}
	if p.used = flags&patUsed != 0; !p.used {
		return
	}
	p.pinned, p.split, p.apart, p.varyU = flags&patPinned != 0, flags&patSplit != 0, flags&patApart != 0, flags&patUnits != 0
	p.id = ID(r.u64())
	p.root = int32(min(r.uvarint(), math.MaxInt32)) - 1
	p.nodes = r.indices(math.MaxInt32)
	p.lines = r.uvarint()
	p.first, p.last = kizashi.Time(r.u64()), kizashi.Time(r.u64())
	p.seq = r.uvarint()
	p.level = Level(min(r.u8(), byte(Fatal)))
	p.name, p.seeded = string(r.text()), string(r.text())
	if s := r.text(); flags&patSampled != 0 {
		p.sample = append([]byte{}, s...)
	}
	p.shape = r.u64()
	p.votes = int32(r.varint())
	p.units = r.u64()
	p.vary = uint32(r.uvarint())
	runs := r.u8()
	if runs > MaxSlots {
		r.bad = true
		return
	}
	var widths [MaxSlots]uint8
	copy(widths[:], r.take(int(runs)))
	p.setRuns(int(runs), widths)
	for i := range p.slots {
		p.slots[i].decode(r)
	}
}

func (s *slot) decode(r *reader) {
	copy(s.registers[:], r.take(len(s.registers)))
	for i := range heavies {
		s.tags[i] = r.u32()
		s.counts[i] = uint32(r.uvarint())
		s.text[i] = r.u64()
	}
	s.n, s.numbers = uint32(r.uvarint()), uint32(r.uvarint())
	s.sum = math.Float64frombits(r.u64())
	s.min, s.max = math.Float32frombits(r.u32()), math.Float32frombits(r.u32())
	s.over = uint32(r.uvarint())
	s.lead = r.u32()
	s.leadLen, s.kind, s.scale = min(r.u8(), 40), SlotKind(r.u8()), int8(r.u8())
	s.textLen, s.offset = r.u16(), int16(r.u16())
	for i := range s.bins {
		s.bins[i] = uint16(r.uvarint())
	}
	s.tame()
}

// tame keeps what a state says within what the code counts on.
func (s *slot) tame() {
	if int(s.kind) >= len(slotKindNames) {
		s.kind = IDWord
	}
	s.scale = max(-12, min(s.scale, maxScale))
	for i := range heavies {
		if n := s.textLen >> (4 * i) & 15; n > heavyBytes+1 {
			s.textLen &^= 15 << (4 * i)
		}
	}
}

func (a *aliases) decode(r *reader) {
	a.lost = r.uvarint()
	for range r.count(16) {
		from, to := ID(r.u64()), ID(r.u64())
		a.seq++
		a.to[from] = aliasTo{to, a.seq}
		a.order = append(a.order, aliasOf{from, a.seq})
	}
}

func (m *Miner) decodeSplits(r *reader) {
	n := r.count(25)
	if n > 0 {
		m.splits = make(map[splitKey]ID, n)
	}
	for range n {
		k := splitKey{of: ID(r.u64()), slot: int32(r.uvarint())}
		k.hash = r.u64()
		m.splits[k] = ID(r.u64())
	}
}

// reader reads a state. Behind the end all is 0, and bad says so.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.b, r.bad = nil, true
		return make([]byte, min(max(n, 0), 64))
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) u8() byte    { return r.take(1)[0] }
func (r *reader) u16() uint16 { return binary.LittleEndian.Uint16(r.take(2)) }
func (r *reader) u32() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }
func (r *reader) u64() uint64 { return binary.LittleEndian.Uint64(r.take(8)) }

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads how many things follow that take at least so many bytes each.
func (r *reader) count(each int) int {
	n := r.uvarint()
	if n > uint64(len(r.b)/each) {
		r.b, r.bad = nil, true
		return 0
	}
	return int(n)
}

func (r *reader) text() []byte { return r.take(r.count(1)) }

func (r *reader) indices(below int) []int32 {
	n := r.count(1)
	if n == 0 {
		return nil
	}
	out := make([]int32, n)
	for i := range out {
		v := r.uvarint()
		if v >= uint64(below) {
			r.b, r.bad = nil, true
			return nil
		}
		out[i] = int32(v)
	}
	return out
}
