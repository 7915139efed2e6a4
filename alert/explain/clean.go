package explain

import (
	"strings"
	"unicode"
)

// Clean makes text from outside (names, notes, reasons, log lines) fit for a
// terminal and for one line: control characters, escape codes' among them,
// and characters that turn the direction of reading are dropped, line breaks
// and tabs become spaces, and bytes that are no UTF-8 become U+FFFD. What can
// be seen stays.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// ascii replaces what is not printable ASCII by question marks.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
