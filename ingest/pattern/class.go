package pattern

import (
	"encoding/binary"
	"math/bits"
)

// What a byte can be to the lexer. A byte of several lines' worth of text is
// looked up once, in four lanes of 16 bits, and never branched upon: where
// words end is then a matter of counting zero bits.
const (
	laneSep    = 0  // ends a word
	laneDigit  = 16 // 0 to 9
	laneOdd    = 32 // the word needs a closer look: . / : @ % \ + ' & ~ ^ and what is not ASCII
	laneLetter = 48 // a to z, A to Z, and what is not ASCII
)

// Separators end a word wherever they stand; NUL and the other control
// characters do too.
const separators = " ,;()[]{}<>=\"|!?`"

const oddities = "./:@%\\+'&~^"

var lanes = func() (t [256]uint64) {
	for c := range t {
		switch {
		case c <= ' ' || c == 0x7f || indexByte(separators, byte(c)):
			t[c] = 1 << laneSep
		case c >= '0' && c <= '9':
			t[c] = 1 << laneDigit
		case c >= 0x80:
			t[c] = 1<<laneOdd | 1<<laneLetter
		case indexByte(oddities, byte(c)):
			t[c] = 1 << laneOdd
		case isLetter(byte(c)):
			t[c] = 1 << laneLetter
		}
	}
	return t
}()

func indexByte(s string, c byte) bool {
	for i := range len(s) {
		if s[i] == c {
			return true
		}
	}
	return false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c-'0' < 10 }
func isUpper(c byte) bool  { return c-'A' < 26 }
func isLower(c byte) bool  { return c-'a' < 26 }
func isHex(c byte) bool    { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
func isSpace(c byte) bool  { return c == ' ' || c == '\t' }
func isSep(c byte) bool    { return lanes[c]&1 != 0 }

// bitmap has a bit for each byte of the line. It is kept as bytes, so that the
// bits from any position on are one load.
type bitmap [bitmapBytes + 8]byte

const (
	bitmapBytes = 1024 // a power of two: an index is masked rather than checked
	near        = 57   // bits that from returns at the least
)

// from returns the bits from position p on, at least [near] of them.
func (m *bitmap) from(p int) uint64 {
	i := uint(p) >> 3 & (bitmapBytes - 1)
	return binary.LittleEndian.Uint64(m[i:i+8]) >> (uint(p) & 7)
}

// at returns which of the n < 64 bytes from position p on are digits, odd and
// letters.
func (l *lexer) at(p, n int) (digit, odd, letter uint64) {
	mask := uint64(1)<<(uint(n)&63) - 1
	digit, odd, letter = l.digit.from(p), l.odd.from(p), l.letter.from(p)
	if n > near {
		const rest = near - 1
		digit = digit&(1<<rest-1) | l.digit.from(p+rest)<<rest
		odd = odd&(1<<rest-1) | l.odd.from(p+rest)<<rest
		letter = letter&(1<<rest-1) | l.letter.from(p+rest)<<rest
	}
	return digit & mask, odd & mask, letter & mask
}

// classify fills the bitmaps for buf[:n] and the 64 bytes behind it. Behind n
// the buffer holds NULs.
func (l *lexer) classify(n int) {
	for w := 0; w <= n>>6; w++ {
		var sep, digit, odd, letter uint64
		for k := range 4 {
			p := (*[16]byte)(l.buf[w<<6+k<<4:])
			v := lanes[p[0]] | lanes[p[1]]<<1 | lanes[p[2]]<<2 | lanes[p[3]]<<3 |
				lanes[p[4]]<<4 | lanes[p[5]]<<5 | lanes[p[6]]<<6 | lanes[p[7]]<<7 |
				lanes[p[8]]<<8 | lanes[p[9]]<<9 | lanes[p[10]]<<10 | lanes[p[11]]<<11 |
				lanes[p[12]]<<12 | lanes[p[13]]<<13 | lanes[p[14]]<<14 | lanes[p[15]]<<15
			s := uint(k) << 4
			sep |= v & 0xffff << s
			digit |= v >> laneDigit & 0xffff << s
			odd |= v >> laneOdd & 0xffff << s
			letter |= v >> laneLetter << s
		}
		l.put(w, sep, digit, odd, letter)
	}
	l.put(n>>6+1, ^uint64(0), 0, 0, 0)
}

// put writes the bits of 64 bytes.
func (l *lexer) put(w int, sep, digit, odd, letter uint64) {
	i := uint(w) << 3 & (bitmapBytes - 1)
	binary.LittleEndian.PutUint64(l.sep[i:i+8], sep)
	binary.LittleEndian.PutUint64(l.digit[i:i+8], digit)
	binary.LittleEndian.PutUint64(l.odd[i:i+8], odd)
	binary.LittleEndian.PutUint64(l.letter[i:i+8], letter)
}

// end returns the first separator from p on, or n.
func (l *lexer) end(p, n int) int {
	for p < n {
		if z := l.sep.from(p); z != 0 {
			return min(p+bits.TrailingZeros64(z), n)
		}
		p += 64 - p&7
	}
	return n
}

// sum counts what a word is made of, a byte of the sum for each: a word is
// shorter than 256 bytes where it is asked.
type sum uint64

const (
	sumDigit  sum = 1 << (8 * iota)
	sumHex        // a to f, of both cases
	sumLetter     // any other letter, and what is not ASCII
	sumColon
	sumDot
	sumSlash
	sumDash
	sumOther
)

func (s sum) of(one sum) int { return int(s / one & 0xff) }

var sums256 = func() (t [256]sum) {
	for c := range t {
		switch b := byte(c); {
		case isDigit(b):
			t[c] = sumDigit
		case isHex(b):
			t[c] = sumHex
		case isLetter(b) || b >= 0x80:
			t[c] = sumLetter
		case b == ':':
			t[c] = sumColon
		case b == '.':
			t[c] = sumDot
		case b == '/':
			t[c] = sumSlash
		case b == '-':
			t[c] = sumDash
		default:
			t[c] = sumOther
		}
	}
	return t
}()

func (l *lexer) sum(s, e int) (t sum) {
	for _, c := range l.buf[s:e] {
		t += sums256[c]
	}
	return t
}
