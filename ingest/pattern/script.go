package pattern

import "unicode/utf8"

// script is what a character is written in: where it changes, a word of
// Japanese ends.
type script uint8

const (
	punct    script = iota // 、。「」 and the like, white space, what is no character
	latin                  // letters, ASCII's or wide
	numeral                // digits, ASCII's or wide
	kanji                  //
	hiragana               //
	katakana               //
	foreign                // any other letter
)

func scriptOf(r rune) script {
	switch {
	case r < 0x80:
		switch c := byte(r); {
		case isLetter(c) || c == '_' || c == '-' || c == '$' || c == '#' || c == '*':
			return latin
		case isDigit(c):
			return numeral
		}
		return punct
	case r >= 0x3041 && r <= 0x309f:
		return hiragana
	case r >= 0x30a1 && r <= 0x30ff && r != 0x30fb || r >= 0xff66 && r <= 0xff9f:
		return katakana
	case r >= 0x4e00 && r <= 0x9fff || r >= 0x3400 && r <= 0x4dbf || r >= 0xf900 && r <= 0xfaff || r >= 0x20000 && r <= 0x3ffff || r == 0x3005 || r == 0x3007:
		return kanji
	case r >= 0xff10 && r <= 0xff19:
		return numeral
	case r >= 0xff21 && r <= 0xff5a:
		return latin
	case r == utf8.RuneError, r >= 0x2000 && r <= 0x206f, r >= 0x3000 && r <= 0x303f, r >= 0xff00 && r <= 0xff65, r >= 0xfff0 && r <= 0xffff, r == 0x30fb, r < 0xa1, r >= 0x2190 && r <= 0x27bf:
		return punct
	}
	return foreign
}

// scripts adds the words of buf[s:e], which is not ASCII alone: a word ends
// where the script changes, so that Japanese needs no spaces. The long vowel
// mark belongs to what is before it. Runs of ASCII between them are cut as
// they would be alone.
func (l *lexer) scripts(s, e, n int) {
	l.high = true
	for s < e {
		if l.buf[s] < 0x80 {
			to := s
			for to < e && l.buf[to] < 0x80 {
				to++
			}
			l.ascii(s, to, n)
			s = to
			continue
		}
		r, size := utf8.DecodeRune(l.buf[s:e])
		sc := scriptOf(r)
		to := s + size
		for to < e && l.buf[to] >= 0x80 {
			r, size = utf8.DecodeRune(l.buf[to:e])
			if scriptOf(r) != sc {
				break
			}
			to += size
		}
		if l.nt >= MaxTokens {
			l.cut = true
			return
		}
		switch sc {
		case punct:
		case numeral:
			l.add(s, to, asID)
		default:
			l.word(s, to, n)
		}
		s = to
	}
}

// ascii adds the words of a stretch of ASCII inside a word of another script.
func (l *lexer) ascii(s, e, n int) {
	s, e = l.trim(s, e)
	if s >= e {
		return
	}
	if e-s >= 64 {
		l.part(s, e, n)
		return
	}
	d, o, a := l.at(s, e-s)
	switch {
	case l.nt >= MaxTokens:
		l.cut = true
	case o != 0:
		l.stranger(s, e, e)
	case d != 0:
		l.digits(s, e, d, a)
	case a != 0:
		l.word(s, e, n)
	}
}
