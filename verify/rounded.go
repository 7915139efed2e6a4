package verify

import "math"

// What a series keeps of the hours of the wall has 16 bits a number, its counts 8
// (docs/method.md, section 5, the end): recursions that are repeated are rounded as
// they were.

// group is how many numbers lie side by side that share a unit.
const group = 8

// together rounds the numbers of the group of i to whole units, of which the largest
// has up to so many bits: the unit is a power of two, not below 2^least. v stands in
// the place of i.
func together(of func(i int) *float64, i int, v float64, bits, least int) {
	first := i - i%group
	*of(i) = v
	largest := 0.0
	for k := first; k < first+group; k++ {
		largest = math.Max(largest, math.Abs(*of(k)))
	}
	_, e := math.Frexp(largest)
	unit := math.Ldexp(1, max(e-bits, least))
	most := math.Ldexp(1, bits) - 1
	for k := first; k < first+group; k++ {
		n := math.RoundToEven(*of(k) / unit)
		*of(k) = math.Max(-most, math.Min(most, n)) * unit
	}
}

// Units of centers, as far down as they go, and of numbers of samples.
const (
	centerBits, centerLeast = 15, -126
	countBits, countLeast   = 8, 0
	countMost               = 65535
)

func (s *state) setDay(i int, v float64) {
	together(func(k int) *float64 { return &s.Day[k] }, i, v, centerBits, centerLeast)
}

func (s *state) setWeek(i int, v float64) {
	together(func(k int) *float64 { return &s.Week[k] }, i, v, centerBits, centerLeast)
}

func (s *state) setCount(i int, n float64) {
	together(func(k int) *float64 { return &s.AbsN[k] }, i, math.Min(n, countMost), countBits, countLeast)
}

// nine is the 32-bit number nearest to x with its upper nine binary digits.
func nine(x float64) float64 {
	f, e := math.Frexp(float64(float32(x)))
	return math.Ldexp(math.RoundToEven(f*512)/512, e)
}

// inScales is a distance as it is summed: in 32 bits.
func inScales(d, scale float64) float32 {
	return float32(math.Max(-1e15, math.Min(1e15, d/scale)))
}
