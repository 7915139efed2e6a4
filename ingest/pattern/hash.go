package pattern

import (
	"encoding/binary"
	"math/bits"
)

// elem is one element of a skeleton: a constant word as the hash of its bytes,
// its low bits saying what holes it may have; or star.
type elem uint64

const star elem = 0

// What the low bits of a word's elem say.
const (
	elemKey   elem = 1 << iota // stands directly before "=": never variable
	elemValue                  // stands directly behind "="
	elemNoun                   // what follows it is often a name: user, host, file
	elemCaps                   // all capitals: often a state
	elemSoft                   // ends in, or holds, one digit: eth0
	elemFlags      = elemKey | elemValue | elemNoun | elemCaps | elemSoft
	// elemDigit holds what the digit of a soft word is and where; without it,
	// words that differ in the digit alone are equal.
	elemDigit elem = 0xfff << 5
)

const (
	mul1 = 0x9e3779b97f4a7c15
	mul2 = 0xd6e8feb86659fd93
	// base is that of the polynomial whose value is a skeleton's key.
	base = 0xbf58476d1ce4e5b9
)

// masks keep the first n of sixteen bytes: head of eight, tail of the next.
var masks = func() (t [32]struct{ head, tail uint64 }) {
	for n := 1; n < len(t); n++ {
		t[n].head = ^uint64(0) >> (64 - 8*min(n, 8))
		if n > 8 {
			t[n].tail = ^uint64(0) >> (128 - 8*min(n, 16))
		}
	}
	return t
}()

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// hashAt hashes buf[s:e]; sixteen bytes behind e must be readable. Words of up
// to sixteen bytes, which nearly all are, take no branch.
func hashAt(buf *[bufLen]byte, s, e int) uint64 {
	n := uint(e - s)
	if n > 16 {
		return hashLong(buf, s, e)
	}
	b := buf[s : s+16]
	return fold(binary.LittleEndian.Uint64(b)&masks[n].head^mul1, binary.LittleEndian.Uint64(b[8:])&masks[n].tail^mul2^uint64(n))
}

// hashShort is hashAt for at most sixteen bytes, and says whether the word has
// two bytes or more and no small letter: those have both bits of 0x60.
func hashShort(buf *[bufLen]byte, s, e int) (h uint64, caps bool) {
	n := uint(e-s) & 31
	b := buf[s : s+16]
	x, y := binary.LittleEndian.Uint64(b)&masks[n].head, binary.LittleEndian.Uint64(b[8:])&masks[n].tail
	return fold(x^mul1, y^mul2^uint64(n)), (x&(x<<1)|y&(y<<1))&0x4040404040404040 == 0 && n > 1
}

func noSmall(b []byte) bool {
	for _, c := range b {
		if c&0x60 == 0x60 {
			return false
		}
	}
	return len(b) > 1
}

func hashLong(buf *[bufLen]byte, s, e int) uint64 {
	h, total := uint64(mul1), uint64(e-s)
	for ; e-s > 8; s += 8 {
		h = fold(h^binary.LittleEndian.Uint64(buf[s:s+8]), mul2)
	}
	return fold(h^binary.LittleEndian.Uint64(buf[e-8:e]), mul2^total)
}

// hashBytes is hashAt for bytes that lie anywhere; at most the first
// [MaxBytes] count.
func hashBytes(b []byte) uint64 {
	var pad [bufLen]byte
	n := copy(pad[:MaxBytes], b)
	return hashAt(&pad, 0, n)
}

func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= mul1
	h ^= h >> 29
	return h
}
