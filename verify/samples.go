package verify

import (
	"math"

	"github.com/kizashi-ops/kizashi"
)

// Samples holds samples in the order in which they were judged: one that is
// not after the last of its series was not, nor one beyond kizashi.MaxValue,
// and is left out.
type Samples struct {
	series map[kizashi.SeriesID][]kizashi.Sample
}

// NewSamples returns an empty set.
func NewSamples() *Samples { return &Samples{series: map[kizashi.SeriesID][]kizashi.Sample{}} }

// Add takes samples in, each series' in the order given.
func (s *Samples) Add(samples []kizashi.Sample) {
	for _, x := range samples {
		have := s.series[x.Series]
		if n := len(have); n > 0 && have[n-1].At >= x.At || math.Abs(x.Value) > kizashi.MaxValue {
			continue
		}
		s.series[x.Series] = append(have, x)
	}
}

// Between returns those of a series with from <= At < to; it never fails.
func (s *Samples) Between(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
	return between(s.series[id], from, to), nil
}
