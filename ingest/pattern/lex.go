package pattern

import "math/bits"

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
