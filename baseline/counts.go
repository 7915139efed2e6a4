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

// unit is what one counts as in decayed counts of 16 bits. Not the past fades: what is
// new weighs more, and all are halved now and then. A bin that is full stays so: it
// holds more than anybody asks for.
type unit float32

// A count of one is so many units: rounding costs less than a hundredth of it.
const (
	leastUnit = 64
	mostUnit  = 8192
	firstUnit = mostUnit / 2
)

// add counts one, as no fewer units than least.
func (u *unit) add(n []uint16, i int, least unit) {
	if *u == 0 {
		*u = firstUnit
	}
	for {
		if more := uint32(n[i]) + uint32(*u+.5); more <= math.MaxUint16 {
			n[i] = uint16(more)
			return
		}
		if *u < 2*least {
			n[i] = math.MaxUint16
			return
		}
		u.halve(n)
	}
}

// fade leaves a part of all counts.
func (u *unit) fade(n []uint16, by float64) {
	*u = unit(float64(*u) / by)
	for *u >= mostUnit {
		u.halve(n)
	}
}

// halve the units, to the even ones where there is a rest.
func (u *unit) halve(n []uint16) {
	for i, v := range n {
		n[i] = v/2 + v&1&(v/2)
	}
	*u /= 2
}

// counts are those of a tail.
type counts struct {
	unit unit
	n    [bins]uint16
}

// of a bin.
func (c *counts) of(i int) float64 {
	if c.unit == 0 {
		return 0
	}
	return float64(c.n[i]) / float64(c.unit)
}

func (c *counts) add(i int)       { c.unit.add(c.n[:], i, leastUnit) }
func (c *counts) fade(by float64) { c.unit.fade(c.n[:], by) }

func (c *counts) append(b []byte) []byte { return wire.U16s(wire.F32(b, float32(c.unit)), c.n[:]) }

func (c *counts) read(r *wire.Reader) error {
	c.unit = unit(r.F32())
	wire.ReadU16s(r, c.n[:])
	if c.unit != 0 && !(c.unit >= leastUnit/2 && c.unit < mostUnit) {
		return errors.New("a histogram's unit is impossible")
	}
	return nil
}
