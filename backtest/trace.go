package backtest

import (
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// Trace is the course of one series, thinned as it grows: of each bucket of
// samples the two that lie furthest to either side of what was expected.
type Trace struct {
	Points []Point
	bucket int // samples in a bucket
	n      int // in the open bucket
	low    Point
	high   Point
}

// Point of a trace; NaN = no such number.
type Point struct {
	At                     kizashi.Time
	Value                  float64
	Expected, Lower, Upper float64
}

// tracePoints are kept at most.
const tracePoints = 6000

func (t *Trace) add(j *detect.Judgement) {
	p := Point{j.At, j.Value, float64(j.Expected), float64(j.Lower), float64(j.Upper)}
	if t.n == 0 {
		t.low, t.high = p, p
		t.bucket = max(t.bucket, 1)
	}
	if away(p) < away(t.low) {
		t.low = p
	}
	if away(p) > away(t.high) {
		t.high = p
	}
	if t.n++; t.n < t.bucket {
		return
	}
	t.n = 0
	t.Points = appendPair(t.Points, t.low, t.high)
	if len(t.Points) > tracePoints {
		t.thin()
	}
}

// away is how far a point lies from what was expected; without an expectation
// its own value ranks it.
func away(p Point) float64 {
	if math.IsNaN(p.Expected) {
		return p.Value
	}
	return p.Value - p.Expected
}

func appendPair(ps []Point, a, b Point) []Point {
	switch {
	case a.At == b.At:
		return append(ps, a)
	case a.At > b.At:
		a, b = b, a
	}
	return append(ps, a, b)
}

// thin makes the buckets twice as wide: of every four points two stay.
func (t *Trace) thin() {
	t.bucket *= 2
	old := t.Points
	t.Points = make([]Point, 0, tracePoints+2)
	for len(old) > 0 {
		n := min(4, len(old))
		low, high := old[0], old[0]
		for _, p := range old[1:n] {
			if away(p) < away(low) {
				low = p
			}
			if away(p) > away(high) {
				high = p
			}
		}
		t.Points = appendPair(t.Points, low, high)
		old = old[n:]
	}
}

// Traces holds the course of every series.
type Traces map[kizashi.SeriesID]*Trace

// take keeps what was judged.
func (ts Traces) take(js []detect.Judgement) {
	for i := range js {
		j := &js[i]
		if j.State == kizashi.LateSample {
			continue
		}
		t := ts[j.Series]
		if t == nil {
			t = &Trace{}
			ts[j.Series] = t
		}
		t.add(j)
	}
}
