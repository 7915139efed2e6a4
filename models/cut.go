package models

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

// cut says into which levels distances from a median are cut, in some ways at once:
// from edge to edge each way has one level. A search in them costs less than a
// logarithm for each sample.
type cut struct {
	edges  []float64 // rising, the first 0
	levels [][coarseWays]int8
}

// cutBy cuts distances up to far by functions that never fall.
func cutBy(by ...func(y float64) int) *cut {
	c := &cut{edges: []float64{0}, levels: [][coarseWays]int8{levelsAt(0, by)}}
	for {
		last := c.levels[len(c.levels)-1]
		if levelsAt(farOver, by) == last {
			return c
		}
		at := firstBeyond(c.edges[len(c.edges)-1], func(y float64) bool { return levelsAt(y, by) != last })
		c.edges, c.levels = append(c.edges, at), append(c.levels, levelsAt(at, by))
	}
}

func levelsAt(y float64, by []func(y float64) int) (at [coarseWays]int8) {
	for i, f := range by {
		at[i] = int8(f(y))
	}
	return at
}

// firstBeyond is the first distance above from, to the last bit, at which something
// holds that does at farOver.
func firstBeyond(from float64, holds func(y float64) bool) float64 {
	low, high := math.Float64bits(from), math.Float64bits(farOver)
	for high-low > 1 {
		if mid := low + (high-low)/2; holds(math.Float64frombits(mid)) {
			high = mid
		} else {
			low = mid
		}
	}
	return math.Float64frombits(high)
}

// at returns the levels at a distance. Most are near: the first edges are counted, as
// what comes cannot be guessed.
func (c *cut) at(y float64) *[coarseWays]int8 {
	k, edges := 0, c.edges
	if len(edges) > nearEdges {
		for _, e := range edges[1 : nearEdges+1] {
			k += one(y >= e)
		}
		if k < nearEdges {
			return &c.levels[k]
		}
	}
	for k+1 < len(edges) && y >= edges[k+1] {
		k++
	}
	return &c.levels[k]
}

const nearEdges = 4

// sideOf a distance; without a branch, as it cannot be guessed.
func sideOf(y float64) kizashi.Side { return kizashi.Side(1 - 2*one(y < 0)) }
