package pipeline

import (
	"math"
	"slices"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// History is what the pipeline may look back to.
type History interface {
	alert.History
	// Coarse returns the coarser history of a series with from <= At < to,
	// oldest first.
	Coarse(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error)
}

// coarse takes from the batch of a coarse history what is not for the series
// loop: its points go to the result, and its declarations say whose baselines
// it will inform. Its Status and roster are as any partition's.
func (p *Pipeline) coarse(me *part, b *kizashi.Batch, r *Result) error {
	for _, d := range b.Declare {
		id := d.Meta.Series
		if i, found := slices.BinarySearch(me.Coarse, id); !found {
			me.Coarse = slices.Insert(me.Coarse, i, id)
		}
		if _, known := p.engine.Meta(id); known {
			continue
		}
		if err := p.engine.Declare(d); err != nil {
			return err
		}
		r.Declared = append(r.Declared, d)
	}
	for _, s := range b.Samples {
		if math.Abs(s.Value) <= kizashi.MaxValue {
			r.Coarse = append(r.Coarse, s)
		}
	}
	b.Declare, b.Samples = nil, nil
	return nil
}

// inform has a coarse history that is whole inform the baselines of its
// series.
func (p *Pipeline) inform(q *part, at kizashi.Time) error {
	for _, id := range q.Coarse {
		if err := p.engine.Inform(id, at); err != nil {
			return err
		}
	}
	q.Coarse = nil
	return nil
}
