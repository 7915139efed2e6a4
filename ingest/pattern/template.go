package pattern

import "strings"

// wild stands for what varies.
const wild = "<*>"

// Pattern returns one of them; false = no pattern has the index.
func (m *Miner) Pattern(index int32) (Pattern, bool) {
	if index < 0 || int(index) >= len(m.pats) || !m.pats[index].used {
		return Pattern{}, false
	}
	p := &m.pats[index]
	out := Pattern{ID: p.id, Index: index, Name: p.name, Pinned: p.pinned, Lines: p.lines, First: p.first, Last: p.last, Level: p.level, Sample: string(p.sample), Template: m.Template(index)}
	for i := range p.slots {
		out.Slots = append(out.Slots, p.slots[i].stats(i))
	}
	return out, true
}

// Template is a pattern's sample with <*> for what varies.
func (m *Miner) Template(index int32) string {
	if index < 0 || int(index) >= len(m.pats) {
		return ""
	}
	p := &m.pats[index]
	if index == OtherIndex {
		return wild
	}
	if p.sample == nil || p.apart {
		return p.seeded
	}
	var match Match
	first := m.read(p.sample, &match)
	m.lx.skeletonOf(first, &m.sk)
	id := m.nodeFor(first, index)
	if id < 0 {
		return string(p.sample)
	}
	return m.render(p, id, first)
}

// nodeFor finds the node of the skeleton at hand, one of that pattern where there
// are several, without learning anything.
func (m *Miner) nodeFor(first int, of int32) int32 {
	if v := m.tab.get(m.sk.key); v&3 == isNode {
		return v >> 2
	}
	if m.sk.words > 0 {
		return m.join(first, of)
	}
	return -1
}

// render writes the message that was read, with <*> for what varies.
func (m *Miner) render(p *pattern, id int32, first int) string {
	l := &m.lx
	var out strings.Builder
	at := l.head
	type piece struct {
		s, e int
		text string
	}
	var runs [][]piece
	m.walk(first, m.nodes[id].mask, func(run, off int, t *token) {
		for len(runs) <= run {
			runs = append(runs, nil)
		}
		s, e := int(t.s), int(t.e)
		if t.kind == asMasked {
			s, e = s-1, e+1
		}
		runs[run] = append(runs[run], piece{s, e, m.shown(p, run, off, t)})
	})
	for r, ps := range runs {
		if len(ps) == 0 {
			continue
		}
		whole := piece{ps[0].s, ps[len(ps)-1].e, wild}
		s, e, date := m.absorbedBy(first, whole.s, whole.e)
		if p.varyU || date {
			whole.s, whole.e = s, e
		}
		if whole.s < ps[0].s || whole.e > ps[len(ps)-1].e || date || r < int(p.runs) && p.vary>>r&1 != 0 {
			ps = []piece{whole}
		}
		for _, q := range ps {
			if q.s < at {
				continue
			}
			out.Write(l.buf[at:q.s])
			out.WriteString(q.text)
			at = q.e
		}
	}
	out.Write(l.buf[at:l.n])
	return strings.TrimRight(out.String(), " \t\r\n")
}

// absorbedBy widens a run of variables by the units and words of dates that
// belong to it, and by the bracket that closes behind them; date says that
// there are words of a date.
func (m *Miner) absorbedBy(first, s, e int) (from, to int, date bool) {
	l := &m.lx
	run := -1
	for i := first; i < l.nt; i++ {
		if int(l.toks[i].s) >= s {
			run = int(m.sk.of[i])
			break
		}
	}
	end := e
	for i := first; i < l.nt; i++ {
		if t := &l.toks[i]; run >= 0 && int(m.sk.of[i]) == run && t.kind == constant && m.sk.elems[run] == star {
			s, end = min(s, int(t.s)), max(end, int(t.e))
			date = date || t.class != unit
		}
	}
	if end > e && l.buf[end] == ')' {
		end++
	}
	return s, end, date
}

// shown is what stands for a variable: <*>, or the word itself where there
// never was another.
func (m *Miner) shown(p *pattern, run, off int, t *token) string {
	l := &m.lx
	if run >= int(p.runs) || off >= slotsPerStar {
		return wild
	}
	s := int(p.base[run]) + off
	if s >= int(p.base[run+1]) {
		return wild
	}
	sl := &p.slots[s]
	text := l.buf[t.s:t.e]
	if t.kind == asMasked {
		return wild
	}
	if sl.n >= 3 && sl.counts[0] == sl.n && len(text) <= 10 && oneDigit(text) {
		return string(text)
	}
	return prefix(sl, text) + wild
}

// oneDigit says whether a word begins with a letter and has one digit, the
// last: en0, L1.
func oneDigit(b []byte) bool {
	for _, c := range b[:len(b)-1] {
		if !isLetter(c) {
			return false
		}
	}
	return len(b) > 1 && isDigit(b[len(b)-1])
}

// prefix is what all values of a slot begin with.
func prefix(s *slot, text []byte) string {
	if n := int(s.leadLen); n > 0 && n < len(text) && (isDigit(text[n]) || s.counts[0] < s.n) {
		return string(text[:n])
	}
	return ""
}

// leading is how many bytes of a value are letters and a delimiter: core. or
// node-; of a name that is written from its top-level label down, two of them:
// com.example. 0 = it begins otherwise.
func leading(b []byte) int {
	i := 0
	for i < len(b) && i < 24 && isLetter(b[i]) {
		i++
	}
	if i == 0 || i >= len(b)-1 || b[i] != '.' && b[i] != '-' && b[i] != '/' {
		return 0
	}
	if b[i] == '.' && reversed[string(b[:i])] {
		j := i + 1
		for j < len(b) && j < 32 && isLetter(b[j]) {
			j++
		}
		if j < len(b)-1 && b[j] == '.' {
			return j + 1
		}
	}
	return i + 1
}
