package pattern

import (
	"bytes"
)

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

func isEmail(b []byte, at int) bool {
	for i, c := range b {
		if !(isLetter(c) || isDigit(c) || c == '.' || c == '-' || c == '_' || c == '+' || c == '%' && i < at || i == at) {
			return false
		}
	}
	return isLetter(b[len(b)-1])
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
