package models

import (
	"math"
	"slices"

	"github.com/kizashi-ops/kizashi/wire"
)

// markers estimate quantiles in fixed space: the extended P-square algorithm
// (Raatikainen 1987, after Jain and Chlamtac 1985). The marker of quantile p
// aims at position 1 + (n-1) p among n values; of the first values, as many as
// there are markers, it holds all.
type markers struct {
	Q   [marks]float64     // in rising order, once all are there
	Pos [marks - 2]float32 // of those between the first, whose it is 1, and the last, whose it is N
	N   int32
}

const marks = 13

// The quantiles, and those in between that keep them in shape.
var markAt = [marks]float64{0, .005, .01, .03, .05, .275, .5, .725, .95, .97, .99, .995, 1}

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

// pos is the position of a marker.
func (m *markers) pos(i int) float32 {
	switch i {
	case 0:
		return 1
	case marks - 1:
		return float32(m.N)
	}
	return m.Pos[i-1]
}

// add takes a value in.
func (m *markers) add(x float64) {
	if m.N < marks {
		m.begin(x)
		return
	}
	if x < m.Q[0] {
		m.Q[0] = x
	}
	if x > m.Q[marks-1] {
		m.Q[marks-1] = x
	}
	k := 0 // how many of those between lie not above it: counted, as it cannot be guessed
	for _, q := range m.Q[1 : marks-1] {
		k += one(x >= q)
	}
	for i := k; i < len(m.Pos); i++ {
		m.Pos[i]++
	}
	m.N++
	n := float64(m.N - 1)
	for i := range m.Pos {
		if off := 1 + n*markAt[i+1] - float64(m.Pos[i]); math.Abs(off) >= 1 {
			m.aim(i+1, off)
		}
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
		for i := range m.Pos {
			m.Pos[i] = float32(i + 2)
		}
	}
}

// aim moves a marker that is so far off by one position, if there is room for it:
// along a parabola through it and its neighbours, or along a line where that would
// leave them.
func (m *markers) aim(i int, off float64) {
	at := m.pos(i)
	up, down, s, j := float64(m.pos(i+1)-at), float64(at-m.pos(i-1)), 1., i+1
	room := up
	if off < 0 {
		s, j, room = -1, i-1, down
	}
	if room <= 1 {
		return
	}
	q, rise, fall := m.Q[i], m.Q[i+1]-m.Q[i], m.Q[i]-m.Q[i-1]
	to := q + s/(up+down)*((down+s)*rise/up+(up-s)*fall/down)
	if !(m.Q[i-1] < to && to < m.Q[i+1]) {
		to = q + s*(m.Q[j]-q)/(s*room)
	}
	m.Q[i] = to
	m.Pos[i-1] = at + float32(s)
}

// fade halves the weight of what was seen so far, where that is enough to halve.
func (m *markers) fade() {
	if m.N < fadeLeast {
		return
	}
	m.N = 1 + (m.N-1)/2
	for i := range m.Pos {
		m.Pos[i] = 1 + (m.Pos[i]-1)/2
	}
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
	for i := range m.Q {
		if !(math.Abs(m.Q[i]) <= math.MaxFloat64) || !(m.pos(i) >= 0 && m.pos(i) <= math.MaxInt32) {
			return false
		}
		if i > 0 && m.N >= marks && (m.Q[i] < m.Q[i-1] || m.pos(i) <= m.pos(i-1)) {
			return false
		}
	}
	return m.N >= 0
}

func (m *markers) append(b []byte) []byte {
	return wire.U32(wire.F32(wire.F64(b, m.Q[:]...), m.Pos[:]...), m.N)
}

func (m *markers) read(r *wire.Reader) {
	for i := range m.Q {
		m.Q[i] = r.F64()
	}
	r.F32s(m.Pos[:])
	m.N = r.I32()
}
