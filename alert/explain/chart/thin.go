package chart

import (
	"math"
	"sort"

	"github.com/kizashi-ops/kizashi"
)

// most points are drawn; more cannot be told apart on paper.
const most = 1500

// thin keeps, of each stretch of time, the points with the lowest and the
// highest value, so that no peak is lost. All columns keep the same points: a
// value stays beside the limit that it was judged by.
func (d Data) thin() Data {
	if len(d.Times) <= most {
		return d
	}
	var keep []int
	n := most/2 - 1 // and the two ends
	begin, span := d.Times[0], float64(d.Times[len(d.Times)-1]-d.Times[0]+1)
	for a := 0; a < len(d.Times); {
		bucket := int(float64(d.Times[a]-begin) / span * float64(n))
		b := a + 1
		for b < len(d.Times) && int(float64(d.Times[b]-begin)/span*float64(n)) == bucket {
			b++
		}
		low, high := d.extremes(a, b)
		keep = append(keep, min(low, high))
		if low != high {
			keep = append(keep, max(low, high))
		}
		a = b
	}
	if last := len(d.Times) - 1; keep[len(keep)-1] != last { // the time axis stays as long as it is
		keep = append(keep, last)
	}
	if keep[0] != 0 {
		keep = append([]int{0}, keep...)
	}
	out := d
	out.Times = make([]kizashi.Time, len(keep))
	for i, k := range keep {
		out.Times[i] = d.Times[k]
	}
	out.Values, out.Lower = pick(d.Values, keep), pick(d.Lower, keep)
	out.Upper, out.Expected = pick(d.Upper, keep), pick(d.Expected, keep)
	return out
}

// extremes returns where in [a, b) the lowest and the highest value are.
func (d *Data) extremes(a, b int) (low, high int) {
	low, high = a, a
	for i := a; i < b; i++ {
		v := at(d.Values, i)
		if !finite(v) {
			continue
		}
		if x := at(d.Values, low); !finite(x) || v < x {
			low = i
		}
		if x := at(d.Values, high); !finite(x) || v > x {
			high = i
		}
	}
	return low, high
}

func pick(col []float64, keep []int) []float64 {
	if len(col) == 0 {
		return nil
	}
	out := make([]float64, len(keep))
	for i, k := range keep {
		out[i] = col[k]
	}
	return out
}

// gap is the time, in seconds, from which on two points are not joined: many
// times the usual distance.
func (d *Data) gap() float64 {
	if len(d.Times) < 3 {
		return math.Inf(1)
	}
	gaps := make([]float64, 0, len(d.Times)-1)
	for i := 1; i < len(d.Times); i++ {
		gaps = append(gaps, secs(d.Times[i])-secs(d.Times[i-1]))
	}
	sort.Float64s(gaps)
	return 4 * math.Max(gaps[len(gaps)/2], gaps[len(gaps)*9/10])
}

// reach returns the ends of the vertical axis: all values, and as much of the
// limits as does not press the values flat.
func (d *Data) reach() (low, high float64) {
	low, high = ends(math.Inf(1), math.Inf(-1), d.Values)
	blow, bhigh := ends(low, high, d.Lower, d.Upper, d.Expected)
	if math.IsInf(low, 0) {
		low, high = blow, bhigh
	}
	if math.IsInf(low, 0) { // nothing but NaN
		return 0, 1
	}
	if r := high - low; r > 0 {
		low, high = math.Max(blow, low-2*r), math.Min(bhigh, high+2*r)
	} else {
		low, high = blow, bhigh
	}
	r := high - low
	if r == 0 {
		r = math.Max(math.Abs(high), 1)
	}
	if low < 0 || low-.05*r > 0 {
		low -= .05 * r
	} else {
		low = 0 // what is never negative starts at zero
	}
	return low, high + .08*r
}

func ends(low, high float64, cols ...[]float64) (float64, float64) {
	for _, c := range cols {
		for _, v := range c {
			if finite(v) {
				low, high = math.Min(low, v), math.Max(high, v)
			}
		}
	}
	return low, high
}
