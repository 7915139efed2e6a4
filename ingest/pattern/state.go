package pattern

import (
	"encoding/binary"
	"math"
	"slices"
)

// stateMagic and stateVersion begin the state.
const (
	stateMagic   = "KZPM"
	stateVersion = 1
)

// AppendBinary appends the state; it is the same bytes for the same state.
// Numbers are little endian or uvarint. Table, holes and known words are not
// in it: they follow from the nodes.
func (m *Miner) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, stateMagic...)
	b = append(b, stateVersion)
	b = binary.AppendUvarint(b, m.lines)
	b = binary.AppendUvarint(b, uint64(len(m.nodes)))
	for i := range m.nodes {
		n := &m.nodes[i]
		b = u64(b, n.glue)
		b = u64(b, n.fresh)
		b = binary.AppendUvarint(b, uint64(n.pat))
		b = binary.AppendUvarint(b, uint64(len(n.elems)))
		for _, e := range n.elems {
			b = u64(b, uint64(e))
		}
		if n.words == 0 {
			b = u64(b, n.key) // it does not follow from the elements
		}
	}
	b = binary.AppendUvarint(b, uint64(len(m.pats)))
	for i := range m.pats {
		b = m.pats[i].append(b)
	}
	b = appendIndices(appendIndices(b, m.free), m.freed)
	b = m.alias.append(b)
	b = m.appendSplits(b)
	b = binary.AppendUvarint(b, uint64(len(m.events)))
	for _, e := range m.events {
		b = append(b, byte(e.Kind))
		b = u64(u64(b, uint64(e.ID)), uint64(e.Into))
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(e.Index)), uint64(e.IntoIndex))
		b = binary.AppendUvarint(b, e.Lines)
	}
	return b, nil
}

func u64(b []byte, v uint64) []byte { return binary.LittleEndian.AppendUint64(b, v) }

func appendIndices(b []byte, is []int32) []byte {
	b = binary.AppendUvarint(b, uint64(len(is)))
	for _, i := range is {
		b = binary.AppendUvarint(b, uint64(i))
	}
	return b
}

func appendText[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

const (
	patUsed = 1 << iota
	patPinned
	patSplit
	patApart
	patUnits
	patSampled
)

func (p *pattern) append(b []byte) []byte {
	var flags byte
	for bit, on := range []bool{p.used, p.pinned, p.split, p.apart, p.varyU, p.sample != nil} {
		if on {
			flags |= 1 << bit
		}
	}
	b = append(b, flags)
	if !p.used {
		return b
	}
	b = u64(b, uint64(p.id))
	b = binary.AppendUvarint(b, uint64(p.root+1))
	b = appendIndices(b, p.nodes)
	b = binary.AppendUvarint(b, p.lines)
	b = u64(u64(b, uint64(p.first)), uint64(p.last))
	b = binary.AppendUvarint(b, p.seq)
	b = append(b, byte(p.level))
	b = appendText(appendText(appendText(b, p.name), p.seeded), p.sample)
	b = u64(b, p.shape)
	b = binary.AppendVarint(b, int64(p.votes))
	b = u64(b, p.units)
	b = binary.AppendUvarint(b, uint64(p.vary))
	b = append(b, p.runs)
	b = append(b, p.width[:p.runs]...)
	for i := range p.slots {
		b = p.slots[i].append(b)
	}
	return b
}

func (s *slot) append(b []byte) []byte {
	b = append(b, s.registers[:]...)
	for i := range heavies {
		b = binary.LittleEndian.AppendUint32(b, s.tags[i])
		b = binary.AppendUvarint(b, uint64(s.counts[i]))
		b = u64(b, s.text[i])
	}
	b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(s.n)), uint64(s.numbers))
	b = u64(b, math.Float64bits(s.sum))
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(s.min))
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(s.max))
	b = binary.AppendUvarint(b, uint64(s.over))
	b = binary.LittleEndian.AppendUint32(b, s.lead)
	b = append(b, s.leadLen, byte(s.kind), byte(s.scale))
	b = binary.LittleEndian.AppendUint16(b, s.textLen)
	b = binary.LittleEndian.AppendUint16(b, uint16(s.offset))
	for _, v := range s.bins {
		b = binary.AppendUvarint(b, uint64(v))
	}
	return b
}

func (a *aliases) append(b []byte) []byte {
	b = binary.AppendUvarint(b, a.lost)
	b = binary.AppendUvarint(b, uint64(len(a.to)))
	for _, o := range a.order {
		if a.is(o) {
			b = u64(u64(b, uint64(o.id)), uint64(a.to[o.id].id))
		}
	}
	return b
}

func (m *Miner) appendSplits(b []byte) []byte {
	ks := make([]splitKey, 0, len(m.splits))
	for k := range m.splits {
		ks = append(ks, k)
	}
	slices.SortFunc(ks, func(x, y splitKey) int {
		switch {
		case x.of != y.of:
			return cmp(uint64(x.of), uint64(y.of))
		case x.slot != y.slot:
			return cmp(uint64(x.slot), uint64(y.slot))
		}
		return cmp(x.hash, y.hash)
	})
	b = binary.AppendUvarint(b, uint64(len(ks)))
	for _, k := range ks {
		b = u64(b, uint64(k.of))
		b = binary.AppendUvarint(b, uint64(k.slot))
		b = u64(u64(b, k.hash), uint64(m.splits[k]))
	}
	return b
}

func cmp(a, b uint64) int {
	if a < b {
		return -1
	}
	return 1
}
