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
	leastExp = -126 // of a unit: none is finer
	mostExp  = 112
	mostMany = 1<<16 - 1 // samples are as many as that at the most
)

// power is 2^e.
func power(e int) float64 { return math.Float64frombits(uint64(1023+e) << 52) }

// exponent is the least e with x < 2^e, of an x that is neither negative nor very small.
func exponent(x float64) int { return int(math.Float64bits(x)>>52) - 1022 }

// eight centers that share a unit.
type eight [sharing]int16

// fit makes exp, by which the unit is 2^exp, the one for a largest of most.
func (b *eight) fit(exp *int8, most float64) {
	e := min(max(exponent(most)-15, leastExp), mostExp)
	if e == int(*exp) {
		return
	}
	by := power(int(*exp) - e)
	for i, n := range b {
		b[i] = units(float64(n) * by)
	}
	*exp = int8(e)
}

// set makes one of them v, as near as the unit has it.
func (b *eight) set(exp *int8, i int32, v float64) {
	b[i] = 0
	var most int16
	for _, n := range b {
		most = max(most, n, -n)
	}
	b.fit(exp, max(math.Abs(v), float64(most)*power(int(*exp))))
	b[i] = units(v * power(-int(*exp)))
}

// each replaces all by what f makes of them.
func (b *eight) each(exp *int8, f func(v float64) float64) {
	var vs [sharing]float64
	most := 0.
	for i, n := range b {
		vs[i] = f(float64(n) * power(int(*exp)))
		most = max(most, math.Abs(vs[i]))
	}
	*b = eight{}
	b.fit(exp, most)
	for i, v := range vs {
		b[i] = units(v * power(-int(*exp)))
	}
}

func units(x float64) int16 { return int16(min(max(math.RoundToEven(x), -mostUp), mostUp)) }

// dayCenters and weekCenters are the profiles of the seasons.
type (
	dayCenters struct {
		n   [daySlots / sharing]eight
		exp [daySlots / sharing]int8
	}
	weekCenters struct {
		n   [weekHours / sharing]eight
		exp [weekHours / sharing]int8
	}
)

func (c *dayCenters) at(i int32) float64 {
	return float64(c.n[i/sharing][i%sharing]) * power(int(c.exp[i/sharing]))
}
func (c *dayCenters) set(i int32, v float64) { c.n[i/sharing].set(&c.exp[i/sharing], i%sharing, v) }

func (c *weekCenters) at(i int32) float64 {
	return float64(c.n[i/sharing][i%sharing]) * power(int(c.exp[i/sharing]))
}
func (c *weekCenters) set(i int32, v float64) { c.n[i/sharing].set(&c.exp[i/sharing], i%sharing, v) }

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
	bits := math.Float64bits(v)
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

// many are numbers of samples: eight share a unit, 1 where all are below 256.
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
			b.n[j] = uint8(min(math.RoundToEven(float64(n)*by), math.MaxUint8))
		}
		b.exp = uint8(exp)
	}
	b.n[i%sharing] = uint8(min(math.RoundToEven(v*power(-exp)), math.MaxUint8))
}
