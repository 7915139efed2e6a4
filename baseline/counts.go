package baseline

import (
	"errors"
	"math"

	"github.com/kizashi-ops/kizashi/wire"
)

// Bins of a tail's histogram: four an octave, equal within it, from 1/2 up to
// 32 scales; the last holds what lies beyond.
const (
	binsOctave = 4
	bins       = 6 * binsOctave
	leastU     = 0.5
)

// Unit is what one counts as in decayed counts of 16 bits; 0 = none came yet. Not the
// past fades: what is new weighs more, and all are halved now and then. A count that is
// full stays so: it holds more than anybody asks for.
//
// Each kind of counts has a first unit and a least one, below which a count is full
// rather than halved; none reaches mostUnit. Rounding costs half a unit of each that
// comes: less than a hundredth of it from 64 units on, a thirtieth from 16 on.
type Unit float32

// Those of a tail's histogram, and the most of all.
const (
	leastUnit = 64
	mostUnit  = 8192
	firstUnit = 4096
)

// Begin makes it the first one before anything comes.
func (u *Unit) Begin(first Unit) {
	if *u == 0 {
		*u = first
	}
}

// Add counts one, as no fewer units than least. It returns how often all was halved.
func (u *Unit) Add(n []uint16, i int, least Unit) (halved int) {
	for {
		if more := uint32(n[i]) + uint32(*u+.5); more <= math.MaxUint16 {
			n[i] = uint16(more)
			return halved
		}
		if *u < 2*least {
			n[i] = math.MaxUint16
			return halved
		}
		u.halve(n)
		halved++
	}
}

// Fade leaves a part of all counts. It returns how often all was halved.
func (u *Unit) Fade(n []uint16, by float64) (halved int) {
	for *u = Unit(float64(*u) / by); *u >= mostUnit; halved++ {
		u.halve(n)
	}
	return halved
}

// halve the units, to the even ones where there is a rest.
func (u *Unit) halve(n []uint16) {
	for i, v := range n {
		n[i] = v/2 + v&1&(v/2)
	}
	*u /= 2
}

// Sane says that it can have been written, where no unit is below least.
func (u Unit) Sane(least Unit) bool { return u == 0 || u >= least/2 && u < mostUnit }

// counts are those of a tail.
type counts struct {
	unit Unit
	n    [bins]uint16
}

// of a bin.
func (c *counts) of(i int) float64 {
	if c.unit == 0 {
		return 0
	}
	return float64(c.n[i]) / float64(c.unit)
}

func (c *counts) add(i int) {
	c.unit.Begin(firstUnit)
	c.unit.Add(c.n[:], i, leastUnit)
}

func (c *counts) fade(by float64) { c.unit.Fade(c.n[:], by) }

func (c *counts) append(b []byte) []byte { return wire.U16s(wire.F32(b, float32(c.unit)), c.n[:]) }

func (c *counts) read(r *wire.Reader) error {
	c.unit = Unit(r.F32())
	wire.ReadU16s(r, c.n[:])
	if !c.unit.Sane(leastUnit) {
		return errors.New("a histogram's unit is impossible")
	}
	return nil
}
