package models

import "math"

// Counts of which the past fades, in whole units of 16 bits. Not the past fades: what
// is new weighs more, and all are halved now and then. A count that is full stays so.

// A count of one is so many units: rounding costs less than a hundredth of it, but
// a fiftieth where a thousand are remembered.
const (
	leastWorth = 16
	mostWorth  = 8192
	firstWorth = 1024
)

// worth is what counts are told in.
type worth struct {
	One float32 // of a count, in units; 0 = none came yet
	All float32 // counts of all kinds, in units
}

// more counts one of all.
func (w *worth) more() {
	if w.One == 0 {
		w.One = firstWorth
	}
	w.All += w.One
}

// count counts one of a kind, behind more.
func (w *worth) count(n *uint16, of []uint16) {
	for {
		if sum := uint32(*n) + uint32(w.One+.5); sum <= math.MaxUint16 {
			*n = uint16(sum)
			return
		}
		if w.One < 2*leastWorth {
			*n = math.MaxUint16
			return
		}
		w.halve(of)
	}
}

// fade leaves a part of all counts.
func (w *worth) fade(ns []uint16, by float64) {
	for w.One = float32(float64(w.One) / by); w.One >= mostWorth; {
		w.halve(ns)
	}
}

// halve the units, to the even ones where there is a rest.
func (w *worth) halve(ns []uint16) {
	for i, n := range ns {
		ns[i] = n/2 + n&1&(n/2)
	}
	w.One, w.All = w.One/2, w.All/2
}

// odds that one comes of a kind of which so many units did.
func (w *worth) odds(n float32) float32 {
	if w.One == 0 {
		return .5
	}
	return (n + w.One/2) / (w.All + w.One)
}

// sane says that it was written.
func (w *worth) sane() bool {
	return w.One == 0 || w.One >= leastWorth/2 && w.One < mostWorth && w.All >= 0 && w.All <= math.MaxFloat32
}
