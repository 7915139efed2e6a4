package pipeline

import (
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/detect"
)

// overlay adds what this step judged to what the store holds of earlier ones.
type overlay struct {
	alert.History
	judged *detect.Judged
	// Where in judged the judgements and records of each series are; nil: they
	// are looked for.
	index map[kizashi.SeriesID]*places
}

type places struct{ judgements, records []int }

// manyLooks make it worth an index.
const manyLooks = 8

// lookBack is the past as of the step in hand, to be looked at about n times.
func (p *Pipeline) lookBack(n int) *overlay {
	o := &p.overlay
	if n < manyLooks || o.index != nil {
		return o
	}
	o.index = map[kizashi.SeriesID]*places{}
	of := func(id kizashi.SeriesID) *places {
		if o.index[id] == nil {
			o.index[id] = &places{}
		}
		return o.index[id]
	}
	for i := range o.judged.Judgements {
		s := of(o.judged.Judgements[i].Series)
		s.judgements = append(s.judgements, i)
	}
	for i := range o.judged.Records {
		s := of(o.judged.Records[i].Series)
		s.records = append(s.records, i)
	}
	return o
}

// Samples joins both: the step's own come after the stored ones.
func (o *overlay) Samples(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
	out, err := o.History.Samples(id, from, to)
	if err != nil {
		return nil, err
	}
	last := kizashi.Never
	if len(out) > 0 {
		last = out[len(out)-1].At
	}
	o.each(len(o.judged.Judgements), func(s *places) []int { return s.judgements }, id, func(i int) {
		j := &o.judged.Judgements[i]
		if j.Series == id && j.Sample() && j.At >= from && j.At < to && j.At > last {
			out = append(out, kizashi.Sample{Series: id, At: j.At, Period: j.End.Sub(j.At), Value: j.Value})
		}
	})
	return out, nil
}

// Records joins both.
func (o *overlay) Records(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	out, err := o.History.Records(id, from, to)
	return o.records(out, err, id, from, to)
}

// Limits joins both.
func (o *overlay) Limits(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	out, err := o.History.Limits(id, from, to)
	return o.records(out, err, id, from, to)
}

func (o *overlay) records(out []kizashi.Record, err error, id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	if err != nil {
		return nil, err
	}
	last := kizashi.Never
	if len(out) > 0 {
		last = out[len(out)-1].Hour
	}
	o.each(len(o.judged.Records), func(s *places) []int { return s.records }, id, func(i int) {
		r := &o.judged.Records[i]
		if r.Series == id && r.Hour > last && r.Hour.Add(60*grid) > from && r.Hour < to {
			out = append(out, *r)
		}
	})
	return out, nil
}

// each visits the places of a series among n, or all of them.
func (o *overlay) each(n int, of func(*places) []int, id kizashi.SeriesID, visit func(int)) {
	if o.index == nil {
		for i := range n {
			visit(i)
		}
		return
	}
	if s := o.index[id]; s != nil {
		for _, i := range of(s) {
			visit(i)
		}
	}
}
