package pattern

import (
	"bytes"
	"math/bits"
)

// number adds a word of digits alone.
func (l *lexer) number(s, e int) {
	t := &l.toks[l.nt]
	t.set(s, e, asNum, 0)
	t.flags = tokDigits
	if s > 0 && l.buf[s-1] == '=' {
		t.flags |= tokValue
	}
	const (
		three = 1 << 3
		stamp = 1<<6 | 1<<8 | 1<<10 | 1<<13
	)
	if n := uint64(1) << (uint(e-s) & 63); n&(three|stamp) != 0 {
		if n == three {
			l.threeBits |= 1 << l.nt
		} else {
			l.stampBits |= 1 << l.nt
		}
	}
	l.nt++
}

// digits adds a word with digits that has nothing odd: d and a are where its
// digits and letters lie.
func (l *lexer) digits(s, e int, d, a uint64) {
	n := e - s
	if a != 0 {
		if e < l.n && l.buf[e] == '=' && l.buf[e+1] != '=' { // id1=...
			l.word(s, e, l.n)
			return
		}
		if at := bits.TrailingZeros64(d); d&(d-1) == 0 && at > 0 && n >= 4 && n <= 32 && isLetter(l.buf[s+at-1]) { // ssh2, eth0
			l.soft(s, e, at)
			return
		}
	}
	if a == 0 && bits.OnesCount64(d) < n && l.hashes(s, e) {
		return
	}
	k := asID
	switch {
	case a == 0 && bits.OnesCount64(d) == n:
		k = asNum
	case a == 0 && n > 1 && l.buf[s] == '-' && bits.OnesCount64(d) == n-1:
		k = asNum
	case a == 0 && isDate(l.buf[s:e]):
		k = asStamp
	}
	l.add(s, e, k)
	if i := l.nt - 1; k == asNum && l.buf[s] != '-' && int(l.toks[i].s) == s {
		l.toks[i].flags |= tokDigits
		switch n {
		case 3:
			l.threeBits |= 1 << i
		case 6, 8, 10, 13:
			l.stampBits |= 1 << i
		}
	}
}

// hashes adds the numbers of a word that # separates or begins: 1##7##9, #3.
// What # encloses stays whole.
func (l *lexer) hashes(s, e int) bool {
	first := bytes.IndexByte(l.buf[s:e], '#')
	if first < 0 || first == 0 && l.buf[e-1] == '#' {
		return false
	}
	from := s
	for i := s; i <= e; i++ {
		if i < e && l.buf[i] != '#' {
			continue
		}
		if i > from {
			k := asID
			if allDigits(l.buf[from:i]) {
				k = asNum
			}
			l.add(from, i, k)
		}
		from = i + 1
	}
	return true
}

// add adds a variable.
func (l *lexer) add(s, e int, k kind) {
	if l.nt >= MaxTokens {
		l.cut = true
		return
	}
	t := &l.toks[l.nt]
	t.set(s, e, k, 0)
	if k == asStamp || k == asID && e-s > 13 && isDigit(l.buf[s]) {
		l.stampBits |= 1 << l.nt
	}
	if s > 0 && l.buf[s-1] == '=' {
		t.flags = tokValue
	}
	l.nt++
}

// soft adds a word whose only digit is at offset at: constant, and yet often
// one of several.
func (l *lexer) soft(s, e, at int) {
	c := l.buf[s+at]
	l.buf[s+at] = '0'
	h := hashAt(&l.buf, s, e)
	l.buf[s+at] = c
	t := &l.toks[l.nt]
	t.set(s, e, constant, elem(h)&^(elemFlags|elemDigit)|elemSoft|elem(uint64(at)<<4|uint64(c-'0'))<<5&elemDigit)
	if s > 0 && l.buf[s-1] == '=' {
		t.flags |= tokValue
		t.elem |= elemValue
	}
	if isUpper(l.buf[s]) && l.capitals(s, e) {
		t.elem |= elemCaps
	}
	// web1 web2 web3: a list of names.
	if l.nt > 0 {
		if o := &l.toks[l.nt-1]; o.elem&elemSoft != 0 && o.elem&^elemDigit == t.elem&^elemDigit && o.elem != t.elem {
			o.kind, t.kind = asID, asID
		}
	}
	l.nt++
}

// isDate says whether digits and - are a date: 2015-10-18, 03-17, 17-06-09.
func isDate(b []byte) bool {
	switch len(b) {
	case 10:
		return b[4] == '-' && b[7] == '-'
	case 8:
		return b[2] == '-' && b[5] == '-'
	case 5:
		return b[2] == '-'
	}
	return false
}
