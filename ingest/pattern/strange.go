package pattern

import (
	"bytes"
	"math/bits"
)

// strange adds the tokens of buf[s:e], which has something odd in it, and says
// where to go on: what is a URL or a path may reach beyond a separator. d and a
// are where its digits and letters lie.
func (l *lexer) strange(s, e int, d, a uint64, n int) int {
	switch {
	case d&(d-1) == 0:
		return l.remembered(s, e, n)
	case a == 0:
		at := e
		if s, e = l.trim(s, e); s >= e {
			return at
		}
		if t := l.sum(s, e); t&(0xff*sumOther) == 0 { // digits and : . / -
			if k, clock := plainKind(l.buf[s:e], t); k != constant {
				l.add(s, e, k)
				if clock {
					l.toks[l.nt-1].flags |= tokClock
				}
				return at
			}
		}
		return max(at, l.stranger(s, e, n))
	case isDigit(l.buf[e-1]) && l.isHostPort(s, e):
		l.add(s, e, asHost)
		return e
	}
	return max(e, l.stranger(s, e, n))
}

// isHostPort says whether a word with one colon is a host's name with a port.
func (l *lexer) isHostPort(s, e int) bool {
	i := e - 1
	for i > s && isDigit(l.buf[i-1]) {
		i--
	}
	return e-i >= 2 && e-i <= 5 && i-1 > s && l.buf[i-1] == ':' && isLetter(l.buf[i-2]) && hasLabels(l.buf[s:i-1])
}

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
			t := m.toks[i]
			t.s += uint16(s)
			t.e += uint16(s)
			l.toks[l.nt] = t
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
	if k := l.nt - from; to == e && k <= len(m.toks) && l.nt < MaxTokens {
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

// memo is what a word was cut into.
type memo struct {
	key  uint64
	n    uint8
	high bool
	toks [3]token
}

const memos = 512

// plainKind says what digits with colons, dots, slashes and dashes are, and
// whether they hold a time of day.
func plainKind(b []byte, t sum) (k kind, clock bool) {
	digits, colons, dots, slashes, dashes := t.of(sumDigit), t.of(sumColon), t.of(sumDot), t.of(sumSlash), t.of(sumDash)
	switch {
	case digits == 0 || !isDigit(b[len(b)-1]):
		return constant, false
	case b[0] == '/' && dots == 3 && colons <= 1 && slashes == 1 && dashes == 0:
		return asIP, false
	case !isDigit(b[0]) && b[0] != '-':
		return constant, false
	case colons == 0 && slashes == 0 && dots == 1 && (dashes == 0 || dashes == 1 && b[0] == '-'):
		return asNum, false
	case dots == 3 && colons <= 1 && slashes == 0 && dashes == 0:
		return asIP, false
	case colons == 2 && len(b) >= 8 && b[2] == ':' && b[5] == ':' && b[0] <= '1' && b[3] <= '5', colons >= 1 && isClock(b), dashes == 3 && len(b) >= 16 && isDate(b[:10]): // 2005-06-03-15.42.50.363779
		return asStamp, true
	case colons == 0 && slashes == 2 && dots == 0 && dashes == 0 && digits >= 6, colons == 0 && dots == 2 && slashes == 0 && dashes == 0 && digits >= 6:
		return asStamp, false
	}
	return constant, false
}

// stranger is strange for what digits alone are not.
func (l *lexer) stranger(s, e, n int) int {
	if l.hasHigh(s, e) {
		l.scripts(s, e, n)
		return e
	}
	at := e
	s, e = l.trim(s, e)
	if s >= e {
		return at
	}
	b := l.buf[s:e]
	switch c := l.buf[s]; {
	case c == '/' || c == '~' || c == '.' || c == '\\':
		if isPath(b) {
			return l.reach(s, e, n, asPath)
		}
	case len(b) > 2 && b[1] == ':' && (b[2] == '\\' || b[2] == '/') && isLetter(c):
		return l.reach(s, e, n, asPath)
	}
	colon := bytes.IndexByte(b, ':')
	if colon > 0 && isLetter(b[0]) && bytes.Contains(b[colon:], []byte("://")) {
		return l.reach(s, e, n, asURL)
	}
	if i := bytes.IndexByte(b, '@'); i > 0 && bytes.IndexByte(b[i:], '.') > 1 && isEmail(b, i) {
		l.add(s, e, asEmail)
		return e
	}
	if colon >= 0 {
		return l.colons(s, e, n)
	}
	return l.part(s, e, n)
}

func (l *lexer) hasHigh(s, e int) bool {
	for _, c := range l.buf[s:e] {
		if c >= 0x80 {
			return true
		}
	}
	return false
}

// trim drops punctuation that stands at either end of a word.
func (l *lexer) trim(s, e int) (int, int) {
	for s < e && (l.buf[e-1] == '.' || l.buf[e-1] == ':' || l.buf[e-1] == '\'') {
		e--
	}
	for s < e && (l.buf[s] == ':' || l.buf[s] == '\'' || l.buf[s] == '@' || l.buf[s] == '+' || l.buf[s] == '.' && s+1 < e && l.buf[s+1] == '.') {
		s++
	}
	return s, e
}

// isPath says whether a word that begins with / ~ . or \ is a file's path: it
// goes down at least one step.
func isPath(b []byte) bool {
	i := bytes.IndexAny(b, "/\\")
	if i < 0 || i > 2 || i+1 >= len(b) {
		return false
	}
	for _, c := range b[i+1:] {
		if isLetter(c) || isDigit(c) {
			return true
		}
	}
	return false
}

// reach adds a path or URL and, where it goes on behind a separator that it
// may hold, that too: /search?q=a&b=c.
func (l *lexer) reach(s, e, n int, k kind) int {
	for e < n && (l.buf[e] == '?' || l.buf[e] == '=' || l.buf[e] == '&' || l.buf[e] == '{' && k == asURL) && e+1 < n && !isSep(l.buf[e+1]) {
		e = l.end(e+1, n)
	}
	end := e
	for e > s+1 && (l.buf[e-1] == '.' || l.buf[e-1] == ':' || l.buf[e-1] == '\'') {
		e--
	}
	l.add(s, e, k)
	return end
}

func isEmail(b []byte, at int) bool {
	for i, c := range b {
		if !(isLetter(c) || isDigit(c) || c == '.' || c == '-' || c == '_' || c == '+' || c == '%' && i < at || i == at) {
			return false
		}
	}
	return isLetter(b[len(b)-1])
}

// colons adds what a word with colons inside is: a time of day, an address, a
// name with ::, host and port; or else the words between them.
func (l *lexer) colons(s, e, n int) int {
	b := l.buf[s:e]
	if k := colonKind(b); k != constant {
		l.add(s, e, k)
		if k == asStamp && l.nt > 0 {
			l.toks[l.nt-1].flags |= tokClock
		}
		return e
	}
	from := s
	for i := s; i < e; i++ {
		if l.buf[i] != ':' {
			continue
		}
		if i+1 < e && l.buf[i+1] == ':' { // Foo::bar; Foo80211::bar has a variable class
			if anyDigit(l.buf[from:i]) {
				l.trimmed(from, i, n)
				from = i + 2
			}
			i++
			continue
		}
		if i > s && i+1 < e && isDigit(l.buf[i-1]) && isDigit(l.buf[i+1]) {
			continue
		}
		l.trimmed(from, i, n)
		from = i + 1
	}
	return l.trimmed(from, e, n)
}

// trimmed adds what buf[s:e] is without punctuation at its ends.
func (l *lexer) trimmed(s, e, n int) int {
	at := e
	s, e = l.trim(s, e)
	if s >= e {
		return at
	}
	if isPathStart(l.buf[s]) && isPath(l.buf[s:e]) {
		return l.reach(s, e, n, asPath)
	}
	return max(at, l.part(s, e, n))
}

func isPathStart(c byte) bool { return c == '/' || c == '~' || c == '.' || c == '\\' }

// colonKind says what a word with colons is as a whole, if anything.
func colonKind(b []byte) kind {
	colons, digits, hex, dots, other := 0, 0, 0, 0, 0
	for _, c := range b {
		switch {
		case c == ':':
			colons++
		case isDigit(c):
			digits++
		case isHex(c):
			hex++
		case c == '.':
			dots++
		case c == '/' || c == '-' || c == '+' || c == 'T' || c == 'Z' || c == '%':
			other++
		default:
			other += 100
		}
	}
	switch {
	case hex == 0 && other == 0 && dots == 3 && colons == 1:
		return asIP
	case other < 100 && hex == 0 && digits > 2 && isDigit(b[0]) && isClock(b):
		return asStamp
	case other == 0 && digits+hex > 0 && colons >= 2 && dots == 0 && (digits > 0 || len(b) >= 11):
		return asIP // or a MAC
	case other < 100 && digits > 0 && hex == 0 && colons >= 1 && isDigit(b[0]) && isDigit(b[len(b)-1]):
		return asID
	}
	// host:port
	i := bytes.LastIndexByte(b, ':')
	if p := b[i+1:]; colons == 1 && len(p) >= 2 && len(p) <= 5 && allDigits(p) && (isHost(b[:i]) || anyDigit(b[:i]) || hasLabels(b[:i])) {
		return asHost
	}
	return constant
}

// hasLabels says whether a word is a host's name rather than a source file's,
// where a port or a line stands behind it.
func hasLabels(b []byte) bool {
	i := -1
	for j, c := range b {
		if isUpper(c) || c >= 0x80 {
			return false
		}
		if c == '.' {
			i = j
		}
	}
	return i > 0 && !sourceEnds[string(b[i+1:])]
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) {
			return false
		}
	}
	return len(b) > 0
}

func anyDigit(b []byte) bool {
	for _, c := range b {
		if isDigit(c) {
			return true
		}
	}
	return false
}

// isClock says whether a word of digits and punctuation holds a time of day:
// two digits, a colon and two digits, the hour below 24.
func isClock(b []byte) bool {
	i := bytes.IndexByte(b, ':')
	if i < 1 || i+2 > len(b) {
		return false
	}
	h := int(b[i-1] - '0')
	if i > 1 && isDigit(b[i-2]) {
		h += 10 * int(b[i-2]-'0')
		if i > 2 && isDigit(b[i-3]) { // no clock: 12345:67
			return false
		}
	}
	if h > 24 || !isDigit(b[i-1]) || !isDigit(b[i+1]) || i+2 < len(b) && isDigit(b[i+2]) && b[i+1] > '5' {
		return false
	}
	// Minutes have two digits; a lone minute of one digit is taken where
	// seconds follow.
	two := i+2 < len(b) && isDigit(b[i+2])
	return two && (i+3 >= len(b) || !isDigit(b[i+3])) || i+2 < len(b) && b[i+2] == ':'
}

// part adds a word without colons that has something odd in it.
func (l *lexer) part(s, e, n int) int {
	if l.nt >= MaxTokens {
		l.cut = true
		return e
	}
	// Runs of dots are punctuation: "instruction......0".
	if i := bytes.Index(l.buf[s:e], []byte("..")); i >= 0 && i > 0 {
		l.trimmed(s, s+i, n)
		for i += s; i < e && l.buf[i] == '.'; i++ {
		}
		if i < e {
			return l.trimmed(i, e, n)
		}
		return e
	}
	var d, a uint64
	odd := 0
	for i, c := range l.buf[s:e] {
		switch {
		case isDigit(c):
			d |= 1 << (i & 63)
		case isLetter(c):
			a |= 1 << (i & 63)
		case c != '-' && c != '_':
			odd++
		}
	}
	switch {
	case d == 0 && a == 0:
		return e
	case d == 0:
		if isHost(l.buf[s:e]) && (s == 0 || l.buf[s-1] != '=' || true) {
			l.add(s, e, asHost)
			return e
		}
		return max(e, l.word(s, e, n))
	case odd == 0 && e-s < 64:
		l.digits(s, e, d, a)
		return e
	}
	l.add(s, e, numberKind(l.buf[s:e], a == 0))
	return e
}

// numberKind says what a word with digits and odd characters is; plain = it
// has no letter.
func numberKind(b []byte, plain bool) kind {
	switch {
	case plain && isNumber(b):
		return asNum
	case plain && bytes.Count(b, []byte(".")) == 3:
		return asIP
	case plain && (bytes.Count(b, []byte(".")) == 2 || bytes.Count(b, []byte("/")) == 2) && len(b) >= 6 && bytes.IndexAny(b, "+@") < 0:
		return asStamp
	case b[0] == '/' && len(b) > 1 && isDigit(b[1]) && plain:
		return asIP
	}
	return asID
}

// isNumber says whether a word is digits with a sign before, a dot inside and
// a per cent sign behind them.
func isNumber(b []byte) bool {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		b = b[1:]
	}
	if len(b) > 0 && b[len(b)-1] == '%' {
		b = b[:len(b)-1]
	}
	dot := false
	for i, c := range b {
		if c == '.' && !dot && i > 0 {
			dot = true
		} else if !isDigit(c) {
			return false
		}
	}
	return len(b) > 0 && isDigit(b[len(b)-1])
}

// isHost says whether a word without digits is a host's name: by its last
// label, or by having three and a land's two letters behind.
func isHost(b []byte) bool {
	labels, dot := 1, -1
	for i, c := range b {
		switch {
		case c == '.':
			labels++
			dot = i
		case !isLetter(c) && c != '-' && !isDigit(c):
			return false
		}
	}
	if dot <= 0 || dot == len(b)-1 {
		return false
	}
	last := b[dot+1:]
	for _, c := range last {
		if !isLower(c) {
			return false
		}
	}
	if !(labels >= 3 && len(last) == 2 && !fileEnds[string(last)]) && !(topLevel[string(last)] && (len(last) > 2 || labels >= 3)) {
		return false
	}
	first := b[:bytes.IndexByte(b, '.')]
	return len(first) > 0 && !reversed[string(first)]
}

// long adds a word of 64 bytes or more.
func (l *lexer) long(s, e, n int) int {
	d, o, a := 0, 0, 0
	for p := s; p < e; p += 32 {
		x, y, z := l.at(p, min(32, e-p))
		d += bits.OnesCount64(x)
		o += bits.OnesCount64(y)
		a += bits.OnesCount64(z)
	}
	switch {
	case o > 0:
		return l.stranger(s, e, n)
	case d == e-s:
		l.add(s, e, asNum)
	case d > 0:
		l.add(s, e, asID)
	case a > 0:
		return l.word(s, e, n)
	}
	return e
}
