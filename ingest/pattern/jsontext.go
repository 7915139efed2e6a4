package pattern

import (
	"unicode/utf16"
	"unicode/utf8"
)

// levelValue reads a level's name, or its number: 10 to 60.
func levelValue(v []byte, str bool) Level {
	if str {
		return classes.of(hashBytes(v[:min(len(v), 32)])).level()
	}
	switch n := parseNumber(v); {
	case n < 10 || n > 69:
		return None
	default:
		return Trace + Level(n/10) - 1
	}
}

// tokens loads the line's message, or where it has none all its leaves as
// key=value in the order of the keys, and returns the first token.
func (r *jsonReader) tokens(l *lexer, match *Match) int {
	var n int
	old := l.n
	if r.message >= 0 {
		n = r.text(l, 0, &r.leaves[r.message])
	} else {
		r.sort()
		for i := range r.n {
			f := &r.leaves[i]
			if f.role != field && f.role != roleStatus && f.role != roleComponent {
				continue
			}
			path := r.paths[f.path.s:f.path.e]
			if i == 0 || string(path) != string(r.paths[r.leaves[i-1].path.s:r.leaves[i-1].path.e]) {
				n += copy(l.buf[n:MaxBytes], path)
				n += copy(l.buf[n:MaxBytes], "=")
			}
			n = r.text(l, n, f)
			n += copy(l.buf[n:MaxBytes], " ")
		}
	}
	l.n, l.noHigh = n, false
	l.cut = n >= MaxBytes
	if old > n {
		clear(l.buf[n:old])
	}
	l.ready()
	l.lex()
	if r.message < 0 {
		return 0
	}
	h := l.findHeader()
	fc := &match.Facets
	if fc.Level == None {
		fc.Level = h.level
	}
	if fc.Component == nil {
		fc.Component = cut(l.buf[:], h.component)
	}
	if fc.Status == 0 {
		fc.Status = l.status(h.tok)
	}
	return h.tok
}

// sort orders the leaves by key, those of one key as they stand.
func (r *jsonReader) sort() {
	key := func(i int) string { return string(r.paths[r.leaves[i].path.s:r.leaves[i].path.e]) }
	for i := 1; i < r.n; i++ {
		for j := i; j > 0 && key(j) < key(j-1); j-- {
			r.leaves[j], r.leaves[j-1] = r.leaves[j-1], r.leaves[j]
		}
	}
}

// text writes a leaf's value without its escapes.
func (r *jsonReader) text(l *lexer, n int, f *leaf) int {
	if !f.escape {
		return n + copy(l.buf[n:MaxBytes], f.value)
	}
	v := f.value
	for i := 0; i < len(v) && n < MaxBytes-utf8.UTFMax; i++ {
		if v[i] != '\\' || i+1 >= len(v) {
			l.buf[n] = v[i]
			n++
			continue
		}
		i++
		switch v[i] {
		case 'n', 't', 'r', 'b', 'f':
			l.buf[n] = ' '
			n++
		case 'u':
			c := hex4(v, i+1)
			i += 4
			if utf16.IsSurrogate(c) {
				c2 := utf8.RuneError
				if i+2 < len(v) && v[i+1] == '\\' && v[i+2] == 'u' {
					c2 = utf16.DecodeRune(c, hex4(v, i+3))
				}
				if c = c2; c != utf8.RuneError {
					i += 6
				}
			}
			n += utf8.EncodeRune(l.buf[n:], c)
		default:
			l.buf[n] = v[i]
			n++
		}
	}
	return n
}

// hex4 reads four hex digits at p, RuneError where there are none.
func hex4(v []byte, p int) rune {
	if p+4 > len(v) {
		return utf8.RuneError
	}
	var c rune
	for _, d := range v[p : p+4] {
		if !isHex(d) {
			return utf8.RuneError
		}
		n := rune(d|0x20) - 'a' + 10
		if isDigit(d) {
			n = rune(d - '0')
		}
		c = c<<4 | n
	}
	return c
}
