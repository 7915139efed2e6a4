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
	if l.noHigh {
		return false
	}
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
