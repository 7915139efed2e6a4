package pattern

import "math/bits"

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

// block is the bitmaps of 64 bytes.
type block struct{ sep, digit, odd, letter uint64 }

// blocks is how many a line may need, rounded up so that an index is masked
// rather than checked.
const blocks = 128

// at returns which of the n < 64 bytes from position p on are digits, odd and
// letters.
func (l *lexer) at(p, n int) (digit, odd, letter uint64) {
	w, o := uint(p)>>6, uint(p)&63
	x, y := &l.bits[w&(blocks-1)], &l.bits[(w+1)&(blocks-1)]
	mask, r := uint64(1)<<(uint(n)&63)-1, 63-o
	return (x.digit>>o | y.digit<<1<<(r&63)) & mask, (x.odd>>o | y.odd<<1<<(r&63)) & mask, (x.letter>>o | y.letter<<1<<(r&63)) & mask
}

// classify fills the bitmaps for buf[:n] and the block behind it. Behind n the
// buffer holds NULs.
func (l *lexer) classify(n int) {
	for w := 0; w <= n>>6; w++ {
		var b block
		for k := range 4 {
			p := (*[16]byte)(l.buf[w<<6+k<<4:])
			v := lanes[p[0]] | lanes[p[1]]<<1 | lanes[p[2]]<<2 | lanes[p[3]]<<3 |
				lanes[p[4]]<<4 | lanes[p[5]]<<5 | lanes[p[6]]<<6 | lanes[p[7]]<<7 |
				lanes[p[8]]<<8 | lanes[p[9]]<<9 | lanes[p[10]]<<10 | lanes[p[11]]<<11 |
				lanes[p[12]]<<12 | lanes[p[13]]<<13 | lanes[p[14]]<<14 | lanes[p[15]]<<15
			s := uint(k) << 4
			b.sep |= v & 0xffff << s
			b.digit |= v >> laneDigit & 0xffff << s
			b.odd |= v >> laneOdd & 0xffff << s
			b.letter |= v >> laneLetter << s
		}
		l.bits[w&(blocks-1)] = b
	}
	l.bits[(n>>6+1)&(blocks-1)] = block{sep: ^uint64(0)}
}

// end returns the first separator from p on, or n.
func (l *lexer) end(p, n int) int {
	for p < n {
		w, o := uint(p)>>6, uint(p)&63
		if z := l.bits[w&(blocks-1)].sep >> o; z != 0 {
			return min(p+bits.TrailingZeros64(z), n)
		}
		p += int(64 - o)
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
