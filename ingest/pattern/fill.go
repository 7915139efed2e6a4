package pattern

import (
	"encoding/binary"
	"math"
	"slices"
)

// slotsPerStar is how many words of a run of variables have a slot each.
const slotsPerStar = 4

// layout gives a pattern its slots, after its first line.
func (m *Miner) layout(pi int32, first int) {
	p := &m.pats[pi]
	if p.slots != nil || p.runs > 0 {
		return
	}
	p.units = m.sk.units
	var widths [MaxSlots]uint8
	runs := 0
	m.walk(first, 0, func(run, off int, t *token) {
		if run < MaxSlots {
			runs = run + 1
			widths[run] = uint8(min(off+1, 255))
		}
	})
	p.setRuns(runs, widths)
}

// setRuns gives each star its slots, as long as there are any left.
func (p *pattern) setRuns(runs int, widths [MaxSlots]uint8) {
	p.runs, p.width = uint8(runs), widths
	n := 0
	for r := range runs {
		p.base[r] = uint8(n)
		n = min(n+min(int(widths[r]), slotsPerStar), MaxSlots)
	}
	p.base[runs] = uint8(n)
	p.slots = make([]slot, n)
}

// walk visits the words that the pattern's stars hold: the how manieth star,
// the how manieth word in it. mask is the node's.
func (m *Miner) walk(first int, mask uint64, visit func(run, off int, t *token)) {
	sk, l := &m.sk, &m.lx
	run, off, in := -1, 0, false
	i := first
	for e := range sk.n {
		lexical := sk.elems[e] == star
		starred := lexical || e < 64 && mask>>e&1 != 0
		if starred && !in {
			run++
			off = 0
		}
		in = starred
		for ; i < l.nt && int(sk.of[i]) == e; i++ {
			t := &l.toks[i]
			if !starred || lexical && t.kind == constant {
				continue
			}
			visit(run, off, t)
			off++
		}
	}
}

// lay finds which slots count which words of the line.
func (m *Miner) lay(p *pattern, id int32, to *plan) {
	sk, l := &m.sk, &m.lx
	mask := m.nodes[id].mask
	to.vary, to.flags = 0, 0
	if sk.units != p.units {
		to.flags = planUnits
	}
	m.words = m.words[:0]
	run, off, in := -1, 0, false
	i := m.first
	for e := range sk.n {
		lexical := sk.elems[e] == star
		starred := lexical || e < 64 && mask>>e&1 != 0
		if starred != in {
			if starred {
				run++
				off = 0
			} else if run < int(p.runs) && off != int(p.width[run]) {
				to.vary |= 1 << run
			}
			in = starred
		}
		for ; i < l.nt && int(sk.of[i]) == e; i++ {
			t := &l.toks[i]
			if !starred || lexical && t.kind == constant {
				continue
			}
			if run < int(p.runs) && off < slotsPerStar {
				if s := p.base[run] + uint8(off); s < p.base[run+1] {
					m.words = append(m.words, word{int(t.s), int(t.e), s, t.kind})
				}
			}
			off++
		}
	}
	if in && run < int(p.runs) && off != int(p.width[run]) {
		to.vary |= 1 << run
	}
}

// word is a word of the line that a slot counts.
type word struct {
	s, e int
	slot uint8
	kind kind
}

// value writes a word into the match and counts it in its slot.
func (m *Miner) value(p *pattern, t word, match *Match) {
	l := &m.lx
	sl := &p.slots[t.slot]
	text := l.buf[t.s:t.e:t.e]
	h := hashAt(&l.buf, t.s, t.e)
	if sl.n == 0 {
		sl.leadLen = uint8(leading(text))
		sl.lead = l.lead(t.s, sl.leadLen)
	} else if sl.leadLen > 0 && (len(text) <= int(sl.leadLen) || l.lead(t.s, sl.leadLen) != sl.lead) {
		sl.leadLen = 0
	}
	w := binary.LittleEndian.Uint64(l.buf[t.s : t.s+8])
	sl.add(h, w, len(text))
	if sl.n <= 16 {
		k := refine(t.kind, text)
		if sl.n == 1 {
			sl.kind = k
		} else if k != sl.kind {
			sl.kind = broader(k, sl.kind)
		}
	}
	v, kind := math.NaN(), sl.kind
	if t.kind == asNum {
		if n, ok := eightDigits(w, len(text)); ok {
			v = float64(n)
		} else {
			v = parseNumber(text)
		}
		sl.number(v)
		kind = Num
	}
	n := len(match.Slots)
	if n == cap(match.Slots) {
		match.Slots = append(match.Slots, Slot{})
	}
	match.Slots = match.Slots[:n+1]
	to := &match.Slots[n]
	to.Slot, to.Kind, to.Text, to.Number = int32(t.slot), kind, text, v
}

// lead is the hash of a word's first bytes.
func (l *lexer) lead(s int, n uint8) uint32 {
	return uint32(hashAt(&l.buf, s, s+int(n)))
}

// refine says what a variable looks like that the lexer left open.
func refine(k kind, b []byte) SlotKind {
	if k == constant {
		return Word
	}
	if k != asID {
		return SlotKind(k - variable)
	}
	if len(b) == 36 && b[8] == '-' && b[13] == '-' && b[18] == '-' && b[23] == '-' {
		return UUID
	}
	h := b
	if len(h) > 2 && h[0] == '0' && h[1]|0x20 == 'x' {
		h = h[2:]
	}
	for _, c := range h {
		if !isHex(c) {
			return IDWord
		}
	}
	return Hex
}

// eightDigits reads n digits, the first in the lowest byte, all at once; false
// = they are more than eight, or no digits alone.
func eightDigits(w uint64, n int) (uint64, bool) {
	if n > 8 {
		return 0, false
	}
	w = w << (uint(64-8*n) & 63)
	t := (w ^ every*'0') >> (uint(64-8*n) & 63)
	if (t&(every*0x7f)+every*(0x80-10)|t)&(every*0x80) != 0 {
		return 0, false
	}
	w = w & 0x0f0f0f0f0f0f0f0f
	w = w * 2561 >> 8 & 0x00ff00ff00ff00ff
	w = w * 6553601 >> 16 & 0x0000ffff0000ffff
	return w * 42949672960001 >> 32, true
}

// parseNumber reads digits with a sign before, a dot inside and a per cent
// sign behind them.
func parseNumber(b []byte) float64 {
	neg := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg = b[0] == '-'
		b = b[1:]
	}
	var n uint64
	scale := 0
	dot := false
	digits := 0
	for _, c := range b {
		if c == '.' {
			dot = true
			continue
		}
		if !isDigit(c) {
			break
		}
		if digits >= 18 {
			if !dot {
				scale++
			}
			continue
		}
		n = n*10 + uint64(c-'0')
		digits++
		if dot {
			scale--
		}
	}
	v := float64(n)
	if scale != 0 {
		v *= math.Pow10(scale)
	}
	if neg {
		return -v
	}
	return v
}

// realign fits what was counted to a root with more stars: a star that takes
// in a word of the old root counts that word as one of its values.
func (m *Miner) realign(p *pattern, old, root []elem) {
	if p.slots == nil && p.runs == 0 && p.lines == 0 {
		return
	}
	if slices.Equal(old, root) {
		return
	}
	var widths [MaxSlots]uint8
	var from [MaxSlots][]slot // what each star of the root takes over
	var vary uint32
	runs, oldRun := 0, -1
	runOf := make([]int, len(root))
	for j, e := range root {
		runOf[j] = -1
		if e == star {
			runOf[j] = runs
			runs++
		}
	}
	align(old, root, func(i, j int) {
		if old[i] == star {
			oldRun++
		}
		r := runOf[j]
		if r < 0 || r >= MaxSlots {
			return
		}
		switch {
		case old[i] != star:
			var s slot
			s.constant(old[i], p.lines)
			from[r] = append(from[r], s)
			widths[r] = uint8(min(int(widths[r])+1, 255))
		case oldRun < int(p.runs):
			from[r] = append(from[r], p.slots[p.base[oldRun]:p.base[oldRun+1]]...)
			widths[r] = uint8(min(int(widths[r])+int(p.width[oldRun]), 255))
			vary |= p.vary >> oldRun & 1 << r
		}
	})
	p.setRuns(min(runs, MaxSlots), widths)
	p.vary = vary
	for r := range int(p.runs) {
		copy(p.slots[p.base[r]:p.base[r+1]], from[r])
	}
}

// constant counts a word that stood there in all lines so far.
func (s *slot) constant(e elem, lines uint64) {
	h := uint64(e)
	s.n = uint32(min(lines, math.MaxUint32))
	if s.n == 0 {
		return
	}
	s.register(h)
	s.tags[0], s.counts[0] = uint32(h>>32), s.n
}

// mergeSlots adds the slots of a pattern with the same root.
func (p *pattern) mergeSlots(o *pattern) {
	if p.runs != o.runs {
		return
	}
	p.vary |= o.vary
	for r := range int(p.runs) {
		if p.width[r] != o.width[r] {
			p.vary |= 1 << r
		}
		a, b := p.slots[p.base[r]:p.base[r+1]], o.slots[o.base[r]:o.base[r+1]]
		for i := range min(len(a), len(b)) {
			a[i].merge(&b[i])
		}
	}
}

// shapeOf tells lines of one pattern apart by how many words and variables they
// have.
func shapeOf(pl *plan) uint64 { return uint64(pl.words)<<32 | uint64(pl.elems)<<8 }
