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

// mask8 keeps the first n of eight bytes.
var mask8 = func() (t [9]uint64) {
	for n := 1; n <= 8; n++ {
		t[n] = ^uint64(0) >> (64 - 8*n)
	}
	return t
}()

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// hashAt hashes buf[s:e]; eight bytes behind e must be readable.
func hashAt(buf *[bufLen]byte, s, e int) uint64 {
	n := e - s
	if n <= 8 {
		w := binary.LittleEndian.Uint64(buf[s:s+8]) & mask8[n]
		return fold(w^mul1, mul2^uint64(n))
	}
	h, total := uint64(mul1), uint64(n)
	for ; n > 8; n -= 8 {
		h = fold(h^binary.LittleEndian.Uint64(buf[s:s+8]), mul2)
		s += 8
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
