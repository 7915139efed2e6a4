package detect

import (
	"errors"
	"fmt"
	"sync"

	"github.com/kizashi-ops/kizashi"
)

// What the first whole program wrote: a header without settings, then for each series
// a JSON of how it stands and a run of what its baseline and its four models knew.
// What those numbers mean has changed since - tails by L-moments, shares, the quarters
// beside -, so they are passed over, and the series are learned again from stored
// samples.

type firstSeries struct {
	Meta    kizashi.Meta          `json:"meta"`
	Target  kizashi.Duration      `json:"target"`
	Config  int                   `json:"config"` // place of the reload in Commands, -1 = First
	Seen    bool                  `json:"seen"`
	Last    int64                 `json:"last"`
	Coming  []kizashi.Declaration `json:"coming"`
	Applied int                   `json:"applied"`
	Sides   [3]struct {
		Seen bool  `json:"seen"`
		At   int64 `json:"at"`
	} `json:"sides"`
	Calm int32 `json:"calm"`
	Tail bool  `json:"tail"`
}

// DecodeFirst fills an engine without series from what the first whole program
// wrote, and returns what became of each series that had seen a sample: a checkpoint
// or more, and a note that says from how many stored samples it was learned again.
func (e *Engine) DecodeFirst(b []byte) (*Judged, error) {
	var h engineHeader
	b, err := takeJSON(b, &h)
	if err == nil {
		err = e.begin(&h)
	}
	if err != nil {
		return nil, fmt.Errorf("engine header: %w", err)
	}
	var all []*series
	for range h.Series {
		var v firstSeries
		if b, err = takeJSON(b, &v); err == nil {
			_, b, err = take(b) // what was known
		}
		if err != nil {
			return nil, fmt.Errorf("series %s: %w", v.Meta.Series, err)
		}
		s, err := e.fromFirst(&v)
		if err != nil {
			return nil, fmt.Errorf("series %s: %w", v.Meta.Series, err)
		}
		e.series.put(s.meta.Series, s)
		all = append(all, s)
	}
	if len(b) > 0 {
		return nil, fmt.Errorf("%d bytes too many", len(b))
	}
	return e.learnAll(all)
}

func (e *Engine) fromFirst(v *firstSeries) (*series, error) {
	if v.Applied < 0 || v.Applied > len(e.commands) || v.Config < -1 || v.Config >= len(e.commands) {
		return nil, errors.New("it names commands that are not there")
	}
	s, err := e.newSeries(v.Meta, e.first)
	if err != nil {
		return nil, err
	}
	if v.Config >= 0 {
		if s.config = e.commands[v.Config].config; s.config == nil {
			return nil, fmt.Errorf("command %d is no reload", v.Config)
		}
	}
	s.target.own, s.applied = v.Target, int32(v.Applied)
	if ms := s.marksOf(e.commands[:v.Applied]); len(ms) > 0 {
		s.own().marks = ms
	}
	if len(v.Coming) > 0 {
		s.own().coming = v.Coming
	}
	s.seen, s.last, s.calm, s.tail = v.Seen, kizashi.Time(v.Last), v.Calm, v.Tail
	for i, t := range v.Sides {
		if t.Seen {
			s.side[i] = kizashi.Time(t.At)
		}
	}
	s.resolve(e)
	return s, nil
}

// learnAll learns series from their stored samples, shards at once.
func (e *Engine) learnAll(all []*series) (*Judged, error) {
	parts, errs := make([]Judged, e.shards), make([]error, e.shards)
	var wg sync.WaitGroup
	for k := range e.shards {
		wg.Go(func() {
			for _, s := range all[len(all)*k/e.shards : len(all)*(k+1)/e.shards] {
				j := e.judge(s, &parts[k])
				if errs[k] = j.learnStored(""); errs[k] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	out := &Judged{}
	for i := range parts {
		out.add(&parts[i])
	}
	return out, errors.Join(errs...)
}

// learnStored learns a series, all of it, from its stored samples, and says from how
// many, and why: Text of the note.
func (j *judge) learnStored(why string) error {
	s := j.s
	if !s.seen {
		return nil
	}
	fact := kizashi.Evidence{Claim: kizashi.ClaimRebuilt, From: s.last, To: s.last, Text: why,
		Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()}
	if j.e.past != nil {
		learned, err := j.replay(j.e.all, true)
		if err != nil {
			return err
		}
		if fact.Count = learned.samples; fact.Count > 0 {
			fact.From = learned.first
		}
		s.base.Become(learned.base)
		j.out.Relearned = append(j.out.Relearned, Relearned{s.meta.Series, s.last, s.base.Held()})
	}
	j.out.Notes = append(j.out.Notes, Note{s.meta.Series, s.last, fact})
	return nil
}
