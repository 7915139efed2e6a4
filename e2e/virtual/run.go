package virtual

import (
	"context"
	"errors"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// Run is one run of sources through a pipeline.
type Run struct {
	Clock    *Clock
	Sources  []ingest.Source              // each sleeps on the clock in one goroutine at a time
	Pipeline *pipeline.Pipeline           // nil = what is delivered is acknowledged, and no more
	Append   func([]kizashi.Batch) error  // nil = no journal
	Keep     func(*pipeline.Result) error // nil = nothing is kept
	Between  func() error                 // nil = nothing is done
}

// To runs until the clock reaches the end and all that was delivered by then
// is kept.
func (r Run) To(ctx context.Context, end time.Time) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var watched []ingest.Source
	for _, s := range r.Sources {
		watched = append(watched, &source{Source: s, clock: r.Clock})
	}
	defer r.Clock.Begin(len(watched), end, stop)()
	if r.Pipeline == nil {
		return r.drain(ctx, watched)
	}
	n := 0
	runner := pipeline.Runner{
		Source: ingest.Merge(watched...), Pipeline: r.Pipeline,
		Append: func(bs []kizashi.Batch) error {
			r.Clock.stepping()
			n = len(bs)
			if r.Append == nil {
				return nil
			}
			return r.Append(bs)
		},
		Keep: func(res *pipeline.Result) error {
			if r.Keep == nil {
				return nil
			}
			return r.Keep(res)
		},
		Between: func() error {
			var err error
			if r.Between != nil {
				err = r.Between()
			}
			r.Clock.stepped(n)
			return err
		},
	}
	if err := runner.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// drain takes what the sources deliver.
func (r Run) drain(ctx context.Context, sources []ingest.Source) error {
	m := ingest.Merge(sources...)
	if err := m.Open(nil); err != nil {
		return err
	}
	for {
		b, err := m.Next(ctx)
		if err != nil {
			if errors.Is(err, context.Canceled) {
				err = nil
			}
			return errors.Join(err, m.Close())
		}
		if r.Append != nil {
			err = r.Append([]kizashi.Batch{b})
		}
		if err := errors.Join(err, m.Ack(b.Partition, b.Pos)); err != nil {
			return errors.Join(err, m.Close())
		}
		r.Clock.stepped(1)
	}
}
