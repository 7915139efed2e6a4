package pattern

// remembered is stranger for words that have hardly a digit, and so come again:
// what was made of one is remembered. It depends on the word alone and on the
// bytes beside it, which are part of what it is remembered by.
func (l *lexer) remembered(s, e, n int) int {
	if l.buf[e] == '=' { // what a key makes depends on more
		return max(e, l.stranger(s, e, n))
	}
	key := hashAt(&l.buf, s, e)
	if s > 0 && l.buf[s-1] != ' ' {
		key ^= uint64(l.buf[s-1]) << 56
	}
	if l.buf[e] != ' ' {
		key ^= uint64(l.buf[e])<<48 ^ uint64(l.buf[e+1])<<40
	}
	m := &l.memo[key>>4&(memos-1)]
	if m.key == key && int(m.n) <= MaxTokens-l.nt {
		for i := range int(m.n) {
			o, t := &m.toks[i], &l.toks[l.nt]
			t.set(int(o.s)+s, int(o.e)+s, o.kind, o.elem)
			t.class, t.flags = o.class, o.flags
			if t.class != plain || t.kind == asStamp || t.e-t.s == 1 {
				l.note(l.nt, t)
			}
			l.nt++
		}
		l.high = l.high || m.high
		return e
	}
	from, was := l.nt, l.high
	l.high = false
	to := max(e, l.stranger(s, e, n))
	if k := l.nt - from; to == e && k <= len(m.toks) && l.nt < MaxTokens && !anySoft(l.toks[from:l.nt]) {
		m.key, m.n, m.high = key, uint8(k), l.high
		copy(m.toks[:], l.toks[from:l.nt])
		for i := range k {
			m.toks[i].s -= uint16(s)
			m.toks[i].e -= uint16(s)
		}
	}
	l.high = l.high || was
	return to
}

// anySoft says whether what a token is depends on the one before it: see soft.
func anySoft(ts []token) bool {
	for i := range ts {
		if ts[i].elem&elemSoft != 0 {
			return true
		}
	}
	return false
}

// memo is what a word was cut into.
type memo struct {
	key  uint64
	n    uint8
	high bool
	toks [3]token
}

const memos = 512
