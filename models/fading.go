package models

import (
	"math"

	"github.com/kizashi-ops/kizashi/baseline"
)

// The units of a count that fades (baseline.Unit), as long as what it is told in lasts:
// rounding costs up to 3 % of one at 16 to 32 units, where a thousand and more are
// remembered, and less than a hundredth of it from 64 units on.
const (
	leastWorth = 16
	firstWorth = 1024
)

// worth is what counts are told in, of which the past fades.
type worth struct {
	One baseline.Unit // of a count; 0 = none came yet
	All float32       // counts of all kinds, in units
}

// more counts one of all.
func (w *worth) more() {
	w.One.Begin(firstWorth)
	w.All += float32(w.One)
}

// count counts one of a kind, behind more.
func (w *worth) count(ns []uint16, kind int) { w.halve(w.One.Add(ns, kind, leastWorth)) }

// fade leaves a part of all counts.
func (w *worth) fade(ns []uint16, by float64) { w.halve(w.One.Fade(ns, by)) }

// halve all as often as the counts of each kind were.
func (w *worth) halve(times int) {
	for range times {
		w.All /= 2
	}
}

// odds that one comes of a kind of which so many units did.
func (w *worth) odds(n float32) float32 {
	if w.One == 0 {
		return .5
	}
	one := float32(w.One)
	return (n + one/2) / (w.All + one)
}

// sane says that it was written.
func (w *worth) sane() bool {
	return w.One.Sane(leastWorth) && w.All >= 0 && w.All <= math.MaxFloat32
}
