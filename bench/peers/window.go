package peers

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi/bench/incidents"
)

// lookBack of the two rules of thumb.
const lookBack = 24 * time.Hour

// kSigma scores how many standard deviations a sample lies off the mean of the
// day before it.
type kSigma struct{}

func (kSigma) score(scenes []*incidents.Scene) ([][][]float64, error) {
	return eachSeries(scenes, func(vs []float64, n int) []float64 {
		out := nothing(len(vs))
		var sum, squares, count float64
		origin := vs[0] // keeps the squares small
		for i, v := range vs {
			if i >= n && !math.IsNaN(vs[i-n]) {
				x := vs[i-n] - origin
				sum, squares, count = sum-x, squares-x*x, count-1
			}
			if math.IsNaN(v) {
				continue
			}
			x := v - origin
			if count > float64(n)/2 {
				mean := sum / count
				if sd := math.Sqrt(max(0, squares/count-mean*mean)); sd > 0 {
					out[i] = math.Abs(x-mean) / sd
				}
			}
			sum, squares, count = sum+x, squares+x*x, count+1
		}
		return out
	}), nil
}

// mad scores how many median absolute deviations a sample lies off the median
// of the day before its quarter of an hour.
type mad struct{}

func (mad) score(scenes []*incidents.Scene) ([][][]float64, error) {
	return eachSeries(scenes, func(vs []float64, n int) []float64 {
		out := nothing(len(vs))
		every := max(1, n/96)
		var center, spread float64
		var window []float64
		for i, v := range vs {
			if i%every == 0 {
				window = window[:0]
				for _, w := range vs[max(0, i-n):i] {
					if !math.IsNaN(w) {
						window = append(window, w)
					}
				}
				center, spread = 0, 0
				if len(window) > n/2 {
					center = median(window)
					for k := range window {
						window[k] = math.Abs(window[k] - center)
					}
					spread = median(window)
				}
			}
			if spread > 0 && !math.IsNaN(v) {
				out[i] = math.Abs(v-center) / spread
			}
		}
		return out
	}), nil
}

func median(vs []float64) float64 {
	slices.Sort(vs)
	return vs[len(vs)/2]
}

// eachSeries scores members one by one; n is the samples of lookBack.
func eachSeries(scenes []*incidents.Scene, f func(vs []float64, n int) []float64) [][][]float64 {
	out := make([][][]float64, len(scenes))
	for i, s := range scenes {
		for _, vs := range s.Values {
			out[i] = append(out[i], f(vs, int(lookBack/s.Period)))
		}
	}
	return out
}
