package detect

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
)

// CoarseSpan is how far back a coarse history informs a baseline: as far as
// CloudWatch keeps points of an hour.
const CoarseSpan = 455 * 24 * time.Hour

// Coarse gives the coarse history of a series with from <= At < to, oldest
// first. It is called from several goroutines.
type Coarse func(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error)

// UseCoarse says where coarse histories are read from.
func (e *Engine) UseCoarse(c Coarse) { e.coarse = c }

// Inform has the coarse history before at inform the baseline of a series: with
// the first hour that begins at or after at and in which limits count.
func (e *Engine) Inform(id kizashi.SeriesID, at kizashi.Time) error {
	s := e.series.of(id)
	if s == nil {
		return fmt.Errorf("coarse history: series %s was not declared", id)
	}
	i := s.done + sort.Search(len(s.informs)-s.done, func(i int) bool { return s.informs[s.done+i] > at })
	s.own().informs = slices.Insert(s.informs, i, at)
	return nil
}

// inform hands over what is due before a sample.
func (j *judge) inform(at kizashi.Time) error {
	s := j.s
	hour := at.Floor(time.Hour)
	for s.done < len(s.informs) && s.informs[s.done] <= hour && s.base.Informs(at) {
		due := s.informs[s.done]
		if j.e.coarse == nil {
			return fmt.Errorf("series %s: a coarse history is to inform it, and there is none to read", s.meta.Name())
		}
		points, err := j.e.coarse(s.meta.Series, due.Add(-CoarseSpan), due)
		if err != nil {
			return fmt.Errorf("series %s: coarse history: %w", s.meta.Name(), err)
		}
		s.base.Inform(slices.DeleteFunc(points, func(p kizashi.Sample) bool { return s.stance(p.At) == baseline.Excluded }))
		s.done++
	}
	return nil
}
