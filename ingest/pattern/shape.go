package pattern

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// The shape of a line is all of its bytes but the values of its digits. Lines
// of one shape are cut alike, but for what few places the lexer or the header
// asks the value of a digit at: is that a time of day, which of eth0 to eth9.
// Those are the shape's looks. What a line was cut into is remembered by its
// shape and by what the looks find: see plan.

// shapeBytes bounds the lines that are remembered.
const shapeBytes = 1024

// shape returns the key of the loaded line's shape.
func (l *lexer) shape(salt uint64) uint64 {
	n := l.n
	h, all := salt^uint64(n)*mul1, uint64(0)
	for p := 0; p < n; p += 16 {
		b := l.buf[p : p+16]
		x, y := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		all |= x | y
		x, y = zeroed(x)^h, zeroed(y)^mul2
		h += fold(x, y) ^ x ^ y // where one of them is 0 the other still counts
	}
	l.noHigh = all&(every*0x80) == 0
	return max(h, 1)
}

const every = 0x0101010101010101 // byte

// zeroed is eight bytes with 0 for each digit.
func zeroed(x uint64) uint64 {
	t := x ^ every*'0'
	d := ^(t&(every*0x7f) + every*(0x80-10) | t) & (every * 0x80)
	return x &^ (d >> 7 * 15)
}

// look is what is asked of a digit.
type look uint8

const (
	lookDigit   look = iota // which it is
	lookOne                 // is it 1: of seconds since 1970
	lookYear                // is it the first one of 19.. or 20..
	lookClock               // at the colon of a time of day: are there such hours and minutes
	lookCompact             // the first one of 081109 203615: are there such a day and time
)

// form is what a shape asks of its lines.
type form struct {
	at   [maxLooks]uint16
	what [maxLooks]look
	n    uint8
}

// maxLooks bounds what a shape may ask: one that asks more is not remembered.
const maxLooks = 7

// answers returns the shape's key and what its looks find in the loaded line, as
// one key.
func (l *lexer) answers(key uint64, f *form) uint64 {
	h := key
	for i := range min(f.n, maxLooks) {
		h = h*base + l.answer(f.what[i], int(f.at[i]))
	}
	return finish(h)
}

func (l *lexer) answer(w look, p int) uint64 {
	b := l.buf[p:]
	switch w {
	case lookDigit:
		return uint64(b[0])
	case lookOne:
		return truth(b[0] == '1')
	case lookYear:
		return truth(b[0] == '1' && b[1] == '9' || b[0] == '2' && b[1] == '0')
	case lookClock:
		h := b0(l.buf[p-1])
		if p > 1 && isDigit(l.buf[p-2]) {
			h += 10 * b0(l.buf[p-2])
		}
		return truth(h <= 24 && (b[1] <= '5' || !isDigit(b[2])))
	}
	e := p
	for isDigit(l.buf[e]) {
		e++
	}
	s := e
	for !isDigit(l.buf[s]) && s < l.n {
		s++
	}
	return truth(isCompact(l.buf[p:e], l.buf[s:s+6]))
}

func b0(c byte) uint64 { return uint64(c - '0') }

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// ask adds a look; false = there are too many.
func (f *form) ask(w look, at int) bool {
	if f.n == maxLooks {
		return false
	}
	f.at[f.n], f.what[f.n] = uint16(at), w
	f.n++
	return true
}

// asks finds the looks of the line that was lexed, false = it is not
// remembered.
func (l *lexer) asks(f *form) bool {
	return l.askWords(f) && l.askStamps(f) && l.askClocks(f)
}

// askWords asks for the digits that a word holds which is constant, or would be
// but for what is beside it or what the miner learned.
func (l *lexer) askWords(f *form) bool {
	for i := range l.nt {
		t := &l.toks[i]
		if t.kind != constant && t.kind != asWord && t.elem&elemSoft == 0 {
			// The header may find a level in it: debug1 to debug5.
			if e := int(t.e); t.e-t.s > 5 && isDigit(l.buf[e-1]) && l.buf[e-2]|0x20 == 'g' && !f.ask(lookDigit, e-1) {
				return false
			}
			continue
		}
		for s, e := int(t.s), int(t.e); s < e; s += near {
			for d := l.digit.from(s) & (1<<min(uint(e-s), near) - 1); d != 0; d &= d - 1 {
				if !f.ask(lookDigit, s+bits.TrailingZeros64(d)) {
					return false
				}
			}
		}
	}
	return true
}

// askStamps asks what the header asks of numbers.
func (l *lexer) askStamps(f *form) bool {
	months := false
	for i := range min(l.nt, 64) {
		t := &l.toks[i]
		months = months || t.class == month
		n := t.e - t.s
		if t.kind == asNum && (n == 10 || n == 13) && !f.ask(lookOne, int(t.s)) {
			return false
		}
	}
	if a, b := &l.toks[0], &l.toks[1]; l.nt > 1 && a.flags&b.flags&tokDigits != 0 && (a.e-a.s == 6 || a.e-a.s == 8) && b.e-b.s == 6 && !f.ask(lookCompact, int(a.s)) {
		return false
	}
	if !months {
		return true
	}
	to := l.n // a year is looked for before the message
	if l.head > 0 {
		to = l.head
	}
	for p := 0; p <= to; p++ {
		s := p
		for isDigit(l.buf[p]) {
			p++
		}
		if p-s == 4 && !f.ask(lookYear, s) {
			return false
		}
	}
	return true
}

// askClocks asks for the hours and minutes of what looks like a time of day: of
// the first colon of a word, and of all colons in one that is not ASCII alone,
// as that is cut further.
func (l *lexer) askClocks(f *form) bool {
	if bytes.IndexByte(l.buf[:l.n], ':') < 0 {
		return true
	}
	for i := range l.raw {
		s, e := int(l.starts[i]), int(l.ends[i])
		if e-s < 3 {
			continue
		}
		high := l.hasHigh(s, e)
		if !high {
			s, e = l.trim(s, e)
		}
		colons := 0
		for p := s; p < e; p++ {
			if l.buf[p] != ':' {
				continue
			}
			colons++
			switch {
			case colons > 1 && !high:
			case l.clockAt(p, s, e):
				if !f.ask(lookClock, p) {
					return false
				}
			case high && p > s && p < e-1 && l.buf[p-1]|l.buf[p+1] < 0x80, p == s+2 && l.buf[s+5] == ':':
				return false // none, and yet something like one
			}
		}
	}
	return true
}

// clockAt says whether the colon at p of the word buf[s:e] is a time of day's
// but for what the digits beside it are.
func (l *lexer) clockAt(p, s, e int) bool {
	if p == s || !isDigit(l.buf[p-1]) || !isDigit(l.buf[p+1]) || p-s > 2 && isDigit(l.buf[p-2]) && isDigit(l.buf[p-3]) {
		return false
	}
	return l.buf[p+2] == ':' || isDigit(l.buf[p+2]) && !isDigit(l.buf[p+3])
}
