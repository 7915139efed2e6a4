package pattern

import (
	"bytes"
	"math/bits"
)

const bufLen = MaxBytes + 128

// token is a word of a line.
type token struct {
	s, e  uint16 // where it lies in the lexer's buffer, and in the line
	kind  kind
	class class
	flags uint8
	elem  elem // of a constant word
}

// set makes a token anew. Its fields are written one by one: a token that is
// put together elsewhere and copied is read before its parts have arrived.
func (t *token) set(s, e int, k kind, el elem) {
	t.s, t.e, t.kind, t.class, t.flags, t.elem = uint16(s), uint16(e), k, plain, 0, el
}

// kind is constant, or variable and of which SlotKind.
type kind uint8

const (
	constant kind = iota
	variable      // + the SlotKind
)

const (
	asNum    = variable + kind(Num)
	asIP     = variable + kind(IP)
	asHex    = variable + kind(Hex)
	asUUID   = variable + kind(UUID)
	asPath   = variable + kind(Path)
	asURL    = variable + kind(URL)
	asEmail  = variable + kind(Email)
	asHost   = variable + kind(Host)
	asStamp  = variable + kind(Stamp)
	asID     = variable + kind(IDWord)
	asMasked = variable + kind(Masked)
	asQuoted = variable + kind(Quoted)
	asWord   = variable + kind(Word) // constant to the lexer, variable by what the miner learned
)

const (
	tokKey    uint8 = 1 << iota // stands directly before "="
	tokValue                    // stands directly behind "="
	tokFound                    // variable by what the miner learned, not by its look
	tokEmpty                    // a key without a value
	tokClock                    // a time of day, a date before it or not
	tokDigits                   // digits alone
)

// lexer cuts a line into tokens. It holds the line, so that words can be read
// eight bytes at a time.
type lexer struct {
	buf                     [bufLen]byte
	n                       int // bytes of the line in buf
	sep, digit, odd, letter bitmap
	starts                  [2 * MaxTokens]uint16
	ends                    [2*MaxTokens + 1]uint16 // of what stands between separators
	raw                     int
	toks                    [MaxTokens]token
	nt                      int
	cut                     bool
	// Which of the first 64 tokens may be of a header: levels and single
	// letters, stamps, numbers of three digits.
	levelBits, stampBits, threeBits uint64
	high                            bool // a word is not ASCII alone
	noHigh                          bool // it is known that none is
	memo                            [memos]memo
	hdr                             header
	head                            int // where the message begins
}

// load copies a line; what is beyond [MaxBytes] is left out.
func (l *lexer) load(text []byte) {
	old := l.n
	l.noHigh = false
	l.n = copy(l.buf[:MaxBytes], text)
	l.cut = l.n < len(text)
	if old > l.n {
		clear(l.buf[l.n:old])
	}
}

// ready prepares for the lexing of what was loaded.
func (l *lexer) ready() {
	l.clear()
	l.classify(l.n)
}

func (l *lexer) clear() {
	l.nt, l.head = 0, 0
	l.levelBits, l.stampBits, l.threeBits = 0, 0, 0
	l.high = false
}

// note keeps what a token may be to a header.
func (l *lexer) note(i int, t *token) {
	switch {
	case t.kind == asStamp:
		l.stampBits |= 1 << i
	case t.class.level() != None || t.e-t.s == 1:
		l.levelBits |= 1 << i
	}
}

// bounds finds where words begin and end.
func (l *lexer) bounds(n int) {
	ns, ne := 0, 0
	last := uint64(1) // what is before the line separates
	for w := 0; w <= n>>6; w++ {
		sep := l.sep.from(w << 6)
		before := sep<<1 | last
		last = sep >> 63
		at := uint16(w << 6)
		for m := ^sep & before; m != 0 && ns < len(l.starts); m &= m - 1 {
			l.starts[ns] = at + uint16(bits.TrailingZeros64(m))
			ns++
		}
		for m := sep &^ before; m != 0 && ne < len(l.ends); m &= m - 1 {
			l.ends[ne] = at + uint16(bits.TrailingZeros64(m))
			ne++
		}
	}
	if ne < ns { // it ends with its block
		l.ends[ne] = uint16(n)
	}
	l.raw = ns
}

// lex makes the tokens of what was loaded. Words of letters alone and numbers
// of digits alone, which most are, are made right here.
func (l *lexer) lex() {
	n := l.n
	l.bounds(n)
	p := 0
	for i := range l.raw {
		s, e := int(l.starts[i]), int(l.ends[i])
		if s < p {
			continue
		}
		if uint(l.nt) >= MaxTokens {
			l.cut = true
			return
		}
		p = e
		if e-s > 16 {
			p = l.wide(s, e, n)
			continue
		}
		mask := uint64(1)<<(uint(e-s)&63) - 1
		d, o := l.digit.from(s)&mask, l.odd.from(s)&mask
		switch {
		case d|o == 0:
			if l.letter.from(s)&mask != 0 {
				p = l.short(s, e, n)
			}
		case d == mask:
			l.number(s, e)
		default:
			p = l.mixed(s, e, n, d, o, l.letter.from(s)&mask)
		}
	}
	l.cut = l.cut || l.raw == len(l.starts)
}

// wide adds a word that is too long to be read at once.
func (l *lexer) wide(s, e, n int) int {
	if e-s >= 64 {
		return max(e, l.long(s, e, n))
	}
	d, o, a := l.at(s, e-s)
	switch {
	case d|o|a == 0:
		return e
	case d|o == 0:
		return l.word(s, e, n)
	}
	return l.mixed(s, e, n, d, o, a)
}

// mixed adds a word of less than 64 bytes with digits or something odd in it:
// d, o and a are where they and its letters lie.
func (l *lexer) mixed(s, e, n int, d, o, a uint64) int {
	switch {
	case a|d == 0: // punctuation
		return e
	case o == 0:
		l.digits(s, e, d, a)
		return e
	case o == 1<<(e-s-1) && l.buf[e-1] < 0x80: // one at the end: "block:" "done."
		if d == 0 {
			return max(e, l.word(s, e-1, n))
		}
		l.digits(s, e-1, d, a)
		return e
	}
	return max(e, l.strange(s, e, d, a, n))
}

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

// word adds a word of letters and says where to go on.
func (l *lexer) word(s, e, n int) int {
	if e-s <= 16 {
		return l.short(s, e, n)
	}
	return l.named(s, e, n, hashLong(&l.buf, s, e), noSmall(l.buf[s:e]))
}

// short is word for at most sixteen bytes.
func (l *lexer) short(s, e, n int) int {
	h, caps := hashShort(&l.buf, s, e)
	return l.named(s, e, n, h, caps)
}

// named adds the word of letters whose hash is h.
func (l *lexer) named(s, e, n int, h uint64, caps bool) int {
	t := &l.toks[l.nt]
	el := elem(h) &^ (elemFlags | elemDigit)
	if caps {
		el |= elemCaps
	}
	t.set(s, e, constant, el)
	if e-s == 1 {
		l.levelBits |= 1 << l.nt
	}
	l.nt++
	if classes.maybe(h) {
		l.classed(t, h)
	}
	if s > 0 && l.buf[s-1] == '=' {
		t.flags |= tokValue
		t.elem |= elemValue
	}
	switch l.buf[e] {
	case '=':
		if e < n {
			return l.key(t, h, e, n)
		}
	case '>':
		if s > 0 && l.buf[s-1] == '<' && l.placeholder(s, e) {
			t.kind = asMasked
		}
	}
	return e
}

// classed gives the last token the class of its word.
func (l *lexer) classed(t *token, h uint64) {
	t.class = classes.of(h)
	switch t.class {
	case plain:
	case boolean:
		t.kind = variable + kind(Word)
	case noun:
		t.elem |= elemNoun
	default:
		l.note(l.nt-1, t)
	}
}

// key marks the token before "=" and takes what is quoted behind it.
func (l *lexer) key(t *token, h uint64, e, n int) int {
	if l.buf[e+1] == '=' || t.kind != constant { // a == b
		return e
	}
	t.flags |= tokKey
	t.elem |= elemKey
	c := l.buf[e+1]
	switch {
	case e+1 >= n || c == ' ' || c == '\t' || c == ',' || c == ';' || c == ')' || c == ']' || c == '}':
		t.flags |= tokEmpty
	case (c == '"' || c == '\'') && keys.of(h) != message && l.nt < MaxTokens:
		for q := e + 2; q < n; q++ {
			if l.buf[q] == '\\' {
				q++
			} else if l.buf[q] == c {
				t := &l.toks[l.nt]
				t.set(e+2, q, asQuoted, 0)
				t.flags = tokValue
				l.nt++
				return q + 1
			}
		}
	}
	return e
}

// placeholder says whether buf[s:e], which stands between < and >, is what the
// masking leaves.
func (l *lexer) placeholder(s, e int) bool {
	if e-s < 2 || e-s > 40 {
		return false
	}
	for _, c := range l.buf[s:e] {
		if !isLower(c) && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

func (l *lexer) capitals(s, e int) bool { return noSmall(l.buf[s:e]) }

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
