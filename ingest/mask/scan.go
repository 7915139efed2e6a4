package mask

import "bytes"

// scan goes over one line.
type scan struct {
	text  []byte
	off   *[kinds]bool
	floor int  // what stands before it is dealt with
	noEnd bool // no private key ends after here
	key   int  // where an access key id ended; 0 = none
	chain chain
}

// Bytes at which something may begin, or show itself.
const (
	plain = iota
	aDigit
	aSeparator // : =
	anAt
	aB
	anA
	aJ
	aDash
	aBracket // >
	aPercent
	aWide // the first byte of full-width forms
)

var class = func() (t [256]uint8) {
	for c := '0'; c <= '9'; c++ {
		t[c] = aDigit
	}
	t[':'], t['='], t['@'], t['B'], t['b'], t['A'], t['J'], t['-'], t['>'], t['%'], t[wide] = aSeparator, aSeparator, anAt, aB, aB, anA, aJ, aDash, aBracket, aPercent, aWide
	return t
}()

// next returns the first span at or after i.
func (s *scan) next(i int) (span, bool) {
	text := s.text
	if i == 0 {
		if i = dated(text); i == 0 {
			if sp, ok := s.keyRow(0); ok {
				return sp, true
			}
		}
	}
	if s.key > 0 {
		from := s.key
		if s.key = 0; !s.off[awsSecret] {
			if sp, ok := s.secretBeside(from, from+24); ok {
				return sp, true
			}
		}
	}
	for i < len(text) {
		// Four at a time, and then the first of them that is anything.
		for i+4 <= len(text) {
			four := text[i : i+4 : i+4]
			a, b, c, d := class[four[0]], class[four[1]], class[four[2]], class[four[3]]
			if a|b|c|d == plain {
				i += 4
				continue
			}
			switch {
			case a != plain:
			case b != plain:
				i++
			case c != plain:
				i += 2
			default:
				i += 3
			}
			break
		}
		if i == len(text) {
			break
		}
		c := class[text[i]]
		switch c {
		case plain:
			i++
			continue
		case aDigit:
			if k := s.plainNumber(i); k > 0 {
				i = k
				continue
			}
		default:
			if !s.worth(i, c) {
				i++
				continue
			}
		}
		if c == aDigit || c == aWide && s.wideDigit(i) {
			sp, to, ok := s.number(i)
			if ok {
				return sp, true
			}
			i = to
			continue
		}
		if sp, ok := s.at(i, c); ok {
			return sp, true
		}
		i++
	}
	return span{}, false
}

// worth is the first look: at the bytes beside i.
func (s *scan) worth(i int, c uint8) bool {
	t := s.text
	switch c {
	case aSeparator:
		switch {
		case i < 3:
			return i > 0
		case isLetter(t[i-1]):
			return endings[ending(t[i-3], t[i-2], t[i-1])] || i+1 < len(t) && t[i+1] == '/'
		}
		return !isDigit(t[i-1])
	case aB:
		return i+2 < len(t) && t[i+1]|0x20 == 'e' && (t[i+2]|0x20 == 'a' || t[i+2] == 'G')
	case anA:
		return i+3 < len(t) && t[i+3] == 'A' && t[i+2] <= 'Z'
	case aJ:
		return i > 1 && t[i-1] == 'y'
	case aDash:
		return i+1 < len(t) && t[i+1] == '-'
	case aBracket:
		return i > 0 && isLetter(t[i-1])
	case anAt:
		return i > 0 && t[i-1] > ' '
	case aPercent:
		return i+1 < len(t) && t[i+1] == '4'
	}
	return true
}

// at looks at a byte that may be part of something. Each look is bounded, or
// ends in a span that swallows what was looked at, or goes over bytes that no
// other look goes over.
func (s *scan) at(i int, c uint8) (span, bool) {
	switch c {
	case aSeparator:
		if bytes.HasPrefix(s.text[i:], []byte("://")) {
			return s.url(i)
		}
		return s.value(i, 1)
	case anAt:
		return s.email(i, 1)
	case aB:
		if sp, ok := s.pem(i); ok {
			return sp, true
		}
		return s.bearer(i)
	case anA:
		return s.accessKey(i)
	case aJ:
		return s.jwt(i)
	case aDash:
		return s.flag(i)
	case aBracket:
		return s.element(i)
	case aPercent:
		if bytes.HasPrefix(s.text[i:], []byte("%40")) {
			return s.email(i, 3)
		}
	case aWide:
		switch ascii, _ := fold(s.text, i); ascii {
		case ':', '=':
			return s.value(i, 3)
		case '@':
			return s.email(i, 3)
		}
	}
	return span{}, false
}

// wide is the first byte of the full-width forms of ASCII: U+FF01 is "!".
const wide = 0xEF

// fold returns the ASCII byte at i, also of its full-width form, and how many
// bytes it takes; 0 and 1 for anything else.
func fold(text []byte, i int) (byte, int) {
	c := text[i]
	if c < 0x80 {
		return c, 1
	}
	if c == wide && i+2 < len(text) {
		switch b := text[i+2]; {
		case text[i+1] == 0xBC && b >= 0x81 && b <= 0xBF:
			return b - 0x81 + '!', 3
		case text[i+1] == 0xBD && b >= 0x80 && b <= 0x9E:
			return b - 0x80 + '`', 3
		}
	}
	if c == 0xE3 && i+2 < len(text) && text[i+1] == 0x80 && text[i+2] == 0x80 {
		return ' ', 3 // the full-width space
	}
	return 0, 1
}

// foldBefore is fold for what ends before i.
func foldBefore(text []byte, i int) (byte, int) {
	if c := text[i-1]; c < 0x80 {
		return c, 1
	}
	if i >= 3 {
		if c, n := fold(text, i-3); n == 3 {
			return c, 3
		}
	}
	return 0, 1
}

func (s *scan) wideDigit(i int) bool {
	c, n := fold(s.text, i)
	return n == 3 && isDigit(c)
}

func isDigit(c byte) bool  { return c-'0' <= 9 }
func isLower(c byte) bool  { return c-'a' <= 25 }
func isUpper(c byte) bool  { return c-'A' <= 25 }
func isLetter(c byte) bool { return (c|0x20)-'a' <= 25 }
func isAlnum(c byte) bool  { return isDigit(c) || isLetter(c) }

// isWord says whether a byte goes on with a name or a number: what is masked
// does not begin or end against one.
func isWord(c byte) bool { return isAlnum(c) || c == '_' }

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'
}

// lower returns an ASCII letter in lower case.
func lower(c byte) byte {
	if isUpper(c) {
		return c | 0x20
	}
	return c
}

// before says what stands before i; 0 = the line, or what is open to be looked
// at, begins there.
func (s *scan) before(i int) byte {
	if i <= s.floor {
		return 0
	}
	return s.text[i-1]
}
