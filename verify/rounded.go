package verify

import (
	"math"
	"slices"
)

// What a series keeps of the hours of the wall has 16 bits a number, its counts 8
// (docs/method.md, section 5, the end): recursions that are repeated are rounded as
// they were.

// group is how many numbers lie side by side that share a unit.
const group = 8

// together rounds the numbers of a group to whole units, of which the largest has up
// to so many bits: the unit is a power of two, not below 2^least.
func together[T float32 | float64](to []T, v [group]float64, bits, least int) {
	largest := 0.0
	for _, x := range v {
		largest = math.Max(largest, math.Abs(x))
	}
	_, e := math.Frexp(largest)
	unit, most := math.Ldexp(1, max(e-bits, least)), math.Ldexp(1, bits)-1
	for k, x := range v {
		to[k] = T(math.Max(-most, math.Min(most, math.RoundToEven(x/unit))) * unit)
	}
}

// put makes the i-th number v, and rounds its group.
func put[T float32 | float64](all []T, i int, v float64, bits, least int) {
	of := all[i-i%group:]
	var vs [group]float64
	for k := range vs {
		vs[k] = float64(of[k])
	}
	vs[i%group] = v
	together(of, vs, bits, least)
}

// each makes of every number what f says, rounded.
func each(all []float32, f func(float64) float64) {
	for i := 0; i < len(all); i += group {
		var vs [group]float64
		for k := range vs {
			vs[k] = f(float64(all[i+k]))
		}
		together(all[i:], vs, centerBits, centerLeast)
	}
}

// Units of centers, as far down as they go, and of numbers of samples.
const (
	centerBits, centerLeast = 15, -126
	countBits, countLeast   = 8, 0
	countMost               = 65535
)

func (s *state) setDay(i int, v float64)  { put(s.Day[:], i, v, centerBits, centerLeast) }
func (s *state) setWeek(i int, v float64) { put(s.Week[:], i, v, centerBits, centerLeast) }

// setCount makes the i-th number of samples n. What is above 0 is a unit at the least.
func (s *state) setCount(i int, n float64) {
	of := s.AbsN[i-i%group:][:group]
	was := [group]float64(of)
	was[i%group] = math.Min(n, countMost)
	together(of, was, countBits, countLeast)
	_, e := math.Frexp(slices.Max(was[:]))
	unit := math.Ldexp(1, max(e-countBits, countLeast))
	for k, n := range was {
		if n > 0 && n < unit {
			of[k] = unit
		}
	}
}

// setAbs makes the i-th mean residual v, of twelve binary digits. What lies 31 octaves
// or more below the largest of its group is 0, and so is what is hardly a number.
func (s *state) setAbs(i int, v float64) {
	f, e := math.Frexp(math.Min(v, 1<<126))
	s.Abs[i] = float32(math.Ldexp(math.RoundToEven(math.Ldexp(f, 12)), e-12))
	of := s.Abs[i-i%group:][:group]
	_, top := math.Frexp(float64(slices.Max(of)))
	for k, x := range of {
		if _, e := math.Frexp(float64(x)); e <= top-31 || e <= centerLeast {
			of[k] = 0
		}
	}
}

// inScales is a distance as it is summed: in 32 bits.
func inScales(d, scale float64) float32 {
	return float32(math.Max(-1e15, math.Min(1e15, d/scale)))
}
