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

// counts are decayed counts in whole units of 16 bits. Not the past fades: what
// is new weighs more, and all are halved now and then. A bin that is full stays
// so: it holds more than any threshold asks for.
type counts struct {
	unit float32 // what counts as one now
	n    [bins]uint16
}

// A count of one is so many units: rounding costs less than a hundredth of it.
const (
	leastUnit = 64
	mostUnit  = 8192
	firstUnit = mostUnit / 2
)

// of a bin.
func (c *counts) of(i int) float64 {
	if c.unit == 0 {
		return 0
	}
	return float64(c.n[i]) / float64(c.unit)
}

// add counts one.
func (c *counts) add(i int) {
	if c.unit == 0 {
		c.unit = firstUnit
	}
	for {
		if n := uint32(c.n[i]) + uint32(c.unit+.5); n <= math.MaxUint16 {
			c.n[i] = uint16(n)
			return
		}
		if c.unit < 2*leastUnit {
			c.n[i] = math.MaxUint16
			return
		}
		c.halve()
	}
}

// fade leaves a part of all counts.
func (c *counts) fade(by float64) {
	c.unit = float32(float64(c.unit) / by)
	for c.unit >= mostUnit {
		c.halve()
	}
}

// halve the units, to the even ones where there is a rest.
func (c *counts) halve() {
	for i, n := range c.n {
		c.n[i] = n/2 + n&1&(n/2)
	}
	c.unit /= 2
}

func (c *counts) append(b []byte) []byte { return wire.U16s(wire.F32(b, c.unit), c.n[:]) }

func (c *counts) read(r *wire.Reader) error {
	c.unit = r.F32()
	wire.ReadU16s(r, c.n[:])
	if c.unit != 0 && !(c.unit >= leastUnit/2 && c.unit < mostUnit) {
		return errors.New("a histogram's unit is impossible")
	}
	return nil
}
