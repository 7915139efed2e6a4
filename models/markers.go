package models

import (
	"math"
	"math/bits"
	"slices"

	"github.com/kizashi-ops/kizashi/wire"
)

// markers estimate quantiles in fixed space: the extended P-square algorithm
// (Raatikainen 1987, after Jain and Chlamtac 1985). The marker of quantile p
// aims at position 1 + (n-1) p among n values; of the first values, as many as
// there are markers, it holds all.
type markers struct {
	Q   [marks]float64   // in rising order, once all are there
	Off [marks - 2]int32 // how far, in parts of a position, those between the first and the last are behind their aim
	N   int32
}

const (
	marks      = 13
	parts      = 200        // of a position
	mostValues = 10_000_000 // that are counted: more have no say
)

// The quantiles, in parts, and those in between that keep them in shape.
var markAt = [marks]int32{0, 1, 2, 6, 10, 55, 100, 145, 190, 194, 198, 199, parts}

// steps is by how much a value moves markers off, by how many of those between the
// first and the last lie not above it.
var steps = func() (all [marks - 1][marks - 2]int32) {
	for k := range all {
		for i := range all[k] {
			if all[k][i] = markAt[i+1]; i >= k {
				all[k][i] -= parts
			}
		}
	}
	return all
}()

// Places in Q of the quantiles that are read.
const (
	q01 = 2
	q05 = 4
	q50 = 6
	q95 = 8
	q99 = 10
)

// full says that there are values for all markers.
func (m *markers) full() bool { return m.N >= marks }

// pos is the position of a marker, less 1, in parts.
func (m *markers) pos(i int) int32 {
	aim := (m.N - 1) * markAt[i]
	if i == 0 || i == marks-1 {
		return aim
	}
	return aim - m.Off[i-1]
}

// add takes a value in.
func (m *markers) add(x float64) {
	if m.N < marks {
		m.begin(x)
		return
	}
	if m.N >= mostValues {
		return
	}
	if x < m.Q[0] {
		m.Q[0] = x
	}
	if x > m.Q[marks-1] {
		m.Q[marks-1] = x
	}
	k := 0 // counted, as it cannot be guessed
	for _, q := range m.Q[1 : marks-1] {
		k += one(x >= q)
	}
	m.N++
	by := &steps[k]
	for i := range m.Off {
		m.Off[i] += by[i]
	}
	left := uint32(0) // a bit each, as which ones cannot be guessed either
	for i, off := range m.Off {
		left |= uint32(one(uint32(off+parts-1) > 2*(parts-1))) << i
	}
	for ; left != 0; left &= left - 1 {
		m.aim(bits.TrailingZeros32(left) + 1)
	}
}

// one is 1 for what is so, without a branch.
func one(so bool) (n int) {
	if so {
		n = 1
	}
	return n
}

// begin takes one of the first values in.
func (m *markers) begin(x float64) {
	m.Q[m.N] = x
	if m.N++; m.N == marks {
		slices.Sort(m.Q[:])
		for i := range m.Off {
			m.Off[i] = (marks-1)*markAt[i+1] - int32(i+1)*parts
		}
	}
}

// aim moves a marker that is a position off by one, if there is room for it:
// along a parabola through it and its neighbours, or along a line where that would
// leave them.
func (m *markers) aim(i int) {
	at, s, j := m.pos(i), int32(1), i+1
	up, down := m.pos(i+1)-at, at-m.pos(i-1)
	room := up
	if m.Off[i-1] < 0 {
		s, j, room = -1, i-1, down
	}
	if room <= parts {
		return
	}
	q, rise, fall := m.Q[i], m.Q[i+1]-m.Q[i], m.Q[i]-m.Q[i-1]
	u, d, one := float64(up), float64(down), float64(s*parts)
	to := q + one/(u+d)*((d+one)*rise/u+(u-one)*fall/d)
	if !(m.Q[i-1] < to && to < m.Q[i+1]) {
		to = q + parts*(m.Q[j]-q)/float64(room)
	}
	m.Q[i] = to
	m.Off[i-1] -= s * parts
}

// fade halves the weight of what was seen so far, where that is enough to halve.
func (m *markers) fade() {
	if m.N < fadeLeast {
		return
	}
	n := 1 + (m.N-1)/2
	for i := range m.Off {
		m.Off[i] = (n-1)*markAt[i+1] - m.pos(i+1)/2
	}
	m.N = n
}

// fadeLeast values: fewer say too little about the outer quantiles to forget
// any.
const fadeLeast = 400

// scale is the distance of two quantiles, at least a part of the median.
func (m *markers) scale(low, high int, least float64) float64 {
	return max(m.Q[high]-m.Q[low], least*math.Abs(m.Q[q50]))
}

// over is a value's distance from the median in a scale; where nothing ever
// varied any distance is as far as counts.
func (m *markers) over(x, scale float64) float64 {
	d := x - m.Q[q50]
	if d == 0 {
		return 0
	}
	return clip(d/scale, farOver) // d/0 is infinite
}

const farOver = 1e6

// sane says that what was read could have been written.
func (m *markers) sane() bool {
	if m.N < 0 || m.N > mostValues {
		return false
	}
	for i := range m.Q {
		if !(math.Abs(m.Q[i]) <= math.MaxFloat64) {
			return false
		}
		if i > 0 && m.N >= marks && (m.Q[i] < m.Q[i-1] || m.pos(i) < m.pos(i-1)) {
			return false
		}
	}
	return true
}

func (m *markers) append(b []byte) []byte {
	b = wire.F64(b, m.Q[:]...)
	for _, off := range m.Off {
		b = wire.U32(b, off)
	}
	return wire.U32(b, m.N)
}

func (m *markers) read(r *wire.Reader) {
	for i := range m.Q {
		m.Q[i] = r.F64()
	}
	for i := range m.Off {
		m.Off[i] = r.I32()
	}
	m.N = r.I32()
}
