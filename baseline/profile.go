package baseline

import (
	"math"
	"slices"
)

// Profiles are kept in 16 bits a number (docs/method.md, section 5): a hundred thousand
// series have one of everything. Eight that lie side by side share a unit, a power of
// two, the least one at which the largest of them fits: so what swings far at night
// does not cost the day its precision.
const (
	sharing  = 8
	mostUp   = math.MaxInt16
	largest  = mostUp/2 + 1 // units: the largest of eight has as many
	leastExp = -126         // of a unit: none is finer
	mostExp  = 112
	mostMany = 1<<16 - 1 // samples are as many as that at the most
)

// power is 2^e.
func power(e int) float64 { return math.Float64frombits(uint64(1023+e) << 52) }

// exponent is the least e with x < 2^e, of an x that is neither negative nor very small.
func exponent(x float64) int { return int(math.Float64bits(x)>>52) - 1022 }

// doublings of the finest unit, 2^leastExp, make one.
type doublings uint8

func (d doublings) unit() float64 { return power(leastExp + int(d)) }
func (d doublings) per() float64  { return power(-leastExp - int(d)) } // one over the unit

// eight centers that share a unit.
type eight [sharing]int16

// fit makes the unit the one for a largest of most.
func (b *eight) fit(d *doublings, most float64) {
	e := doublings(min(max(exponent(most)-15, leastExp), mostExp) - leastExp)
	if e == *d {
		return
	}
	by := d.unit() * e.per()
	for i, n := range b {
		b[i] = units(float64(n) * by)
	}
	*d = e
}

// set makes one of them v, as near as the unit has it.
func (b *eight) set(d *doublings, i int32, v float64) {
	if n := b[i]; n > -largest && n < largest && math.Abs(v) < d.unit()*(1<<15) {
		b[i] = units(v * d.per()) // another one is the largest, and stays it; or the unit is the finest
		return
	}
	b[i] = 0
	var most int16
	for _, n := range b {
		most = max(most, n, -n)
	}
	b.fit(d, max(math.Abs(v), float64(most)*d.unit()))
	b[i] = units(v * d.per())
}

// each replaces all by what f makes of them.
func (b *eight) each(d *doublings, f func(v float64) float64) {
	var vs [sharing]float64
	most := 0.
	for i, n := range b {
		vs[i] = f(float64(n) * d.unit())
		most = max(most, math.Abs(vs[i]))
	}
	*b = eight{}
	b.fit(d, most)
	for i, v := range vs {
		b[i] = units(v * d.per())
	}
}

func units(x float64) int16 { return int16(min(max(math.RoundToEven(x), -mostUp), mostUp)) }

// dayCenters and weekCenters are the profiles of the seasons.
type (
	dayCenters struct {
		n    [daySlots / sharing]eight
		unit [daySlots / sharing]doublings
	}
	weekCenters struct {
		n    [weekHours / sharing]eight
		unit [weekHours / sharing]doublings
	}
)

func (c *dayCenters) at(i int32) float64 {
	return float64(c.n[i/sharing][i%sharing]) * c.unit[i/sharing].unit()
}
func (c *dayCenters) set(i int32, v float64) { c.n[i/sharing].set(&c.unit[i/sharing], i%sharing, v) }

func (c *weekCenters) at(i int32) float64 {
	return float64(c.n[i/sharing][i%sharing]) * c.unit[i/sharing].unit()
}
func (c *weekCenters) set(i int32, v float64) { c.n[i/sharing].set(&c.unit[i/sharing], i%sharing, v) }

// deviations are numbers that are not negative, of 12 binary digits each. Of eight the
// largest has an exponent of its own; those of the others are stated by how far they
// lie below it: one that lies 31 below or more is 0.
type deviations struct {
	n   [daySlots / sharing][sharing]uint16 // 31 - how far below, and behind it the digits but the first; 0 = 0
	exp [daySlots / sharing]int8
}

const (
	digits    = 11 // that are kept, but the first
	digitsOut = 52 - digits
	deepest   = 31

	mostDeviation = 1 << 126 // its exponent, like that of the least, fits a byte
)

func (d *deviations) at(i int32) float64 {
	n, exp := d.n[i/sharing][i%sharing], d.exp[i/sharing]
	if n == 0 {
		return 0
	}
	below := deepest - int(n>>digits)
	return math.Float64frombits(uint64(1022+int(exp)-below)<<52 | uint64(n)<<digitsOut&(1<<52-1))
}

func (d *deviations) set(i int32, v float64) {
	b, exp := &d.n[i/sharing], &d.exp[i/sharing]
	bits := math.Float64bits(min(v, mostDeviation))
	bits += 1<<(digitsOut-1) - 1 + bits>>digitsOut&1
	own := int(bits>>52) - 1022
	b[i%sharing] = 0
	if own <= leastExp {
		return
	}
	e := own
	if most := slices.Max(b[:]); most > 0 {
		e = max(e, int(*exp)-deepest+int(most>>digits))
	}
	d.sink(i/sharing, e)
	if level := deepest - e + own; level > 0 {
		b[i%sharing] = uint16(level<<digits) | uint16(bits>>digitsOut&(1<<digits-1))
	}
}

// sink makes e the exponent of the largest of eight.
func (d *deviations) sink(of int32, e int) {
	by := e - int(d.exp[of])
	if by == 0 {
		return
	}
	for j, n := range d.n[of] {
		switch level := int(n>>digits) - by; {
		case n == 0:
		case level <= 0:
			d.n[of][j] = 0
		default:
			d.n[of][j] = uint16(level<<digits) | n&(1<<digits-1)
		}
	}
	d.exp[of] = int8(e)
}

// many are numbers of samples: eight share a unit, 1 where all are below 256. What was
// counted at all is a unit at the least: it would stay uncounted beside what comes often.
type many [daySlots / sharing]struct {
	n   [sharing]uint8
	exp uint8
}

func (m *many) at(i int32) float64 {
	b := &m[i/sharing]
	return float64(int(b.n[i%sharing]) << b.exp)
}

func (m *many) set(i int32, v float64) {
	b := &m[i/sharing]
	if b.exp == 0 && v < 256 {
		b.n[i%sharing] = inUnits(v)
		return
	}
	b.n[i%sharing] = 0
	most := uint8(0)
	for _, n := range b.n {
		most = max(most, n)
	}
	v = min(v, mostMany)
	exp := max(exponent(max(v, float64(int(most)<<b.exp)))-8, 0)
	if int(b.exp) != exp {
		by := power(int(b.exp) - exp)
		for j, n := range b.n {
			b.n[j] = inUnits(float64(n) * by)
		}
		b.exp = uint8(exp)
	}
	b.n[i%sharing] = inUnits(v * power(-exp))
}

// inUnits is a number of samples in units.
func inUnits(x float64) uint8 {
	if x > 0 && x < 1 {
		return 1
	}
	return uint8(min(math.RoundToEven(x), math.MaxUint8))
}

// cut leaves none of them above most, which is below 256.
func (m *many) cut(most int) {
	for i := range m {
		b := &m[i]
		for j, n := range b.n {
			b.n[j] = uint8(min(int(n)<<b.exp, most))
		}
		b.exp = 0
	}
}
