package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
)

// ahead is how many batches are read while others are stepped, and so how
// many may share one fsync.
const ahead = 64

// Runner takes batches from a source to what keeps their results: the one
// path, live and replayed.
type Runner struct {
	Source   ingest.Source
	Pipeline *Pipeline
	// Append makes batches durable before they are acknowledged and stepped.
	// Of a backtest it is nil: its files are its journal.
	Append func([]kizashi.Batch) error
	// Keep takes each Step's result, valid until it returns.
	Keep func(*Result) error
	// Between is called when nothing is in hand: a snapshot may be taken then.
	// It may be nil.
	Between func() error
	// More stores some of what waits, and says whether more does. It is called
	// for as long as no batch has come, before justifications that are owed are
	// made. It may be nil.
	More func() (bool, error)
}

// fetched is what the source said.
type fetched struct {
	batch kizashi.Batch
	err   error
}

// Run runs until the source ends or fails, a step fails, or ctx ends; the end
// of a finite source is no error. What was read but not stepped when ctx ends
// was not acknowledged either.
func (r Runner) Run(ctx context.Context) error {
	if err := r.Source.Open(r.Pipeline.Positions()); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	in := make(chan fetched, ahead)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.read(ctx, in)
	}()
	err := r.consume(ctx, in)
	stop()
	<-done
	return errors.Join(err, r.Source.Close())
}

func (r Runner) read(ctx context.Context, in chan<- fetched) {
	for {
		b, err := r.Source.Next(ctx)
		select {
		case in <- fetched{b, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func (r Runner) consume(ctx context.Context, in <-chan fetched) error {
	var res Result
	for {
		if err := r.catchUp(ctx, in, &res); err != nil {
			return err
		}
		batches, err := gather(ctx, in)
		if e := r.step(batches, &res); e != nil {
			return e
		}
		switch {
		case err == io.EOF:
			return r.settle(ctx, &res)
		case err != nil:
			return err
		}
		if r.Between != nil {
			if err := r.Between(); err != nil {
				return err
			}
		}
	}
}

// atATime is how many justifications are made before somebody looks whether a
// batch has come: some tenths of a second.
const atATime = 32

// catchUp stores what waits, then makes justifications that are owed, for as
// long as no batch has come. What is left when ctx ends is part of the state,
// or is stepped again from the journal.
func (r Runner) catchUp(ctx context.Context, in <-chan fetched, res *Result) error {
	for more := true; more && len(in) == 0 && ctx.Err() == nil; {
		var err error
		if more, err = r.more(res); err != nil {
			return err
		}
	}
	return nil
}

// settle does all of it.
func (r Runner) settle(ctx context.Context, res *Result) error {
	for more := true; more; {
		var err error
		if more, err = r.more(res); err != nil {
			return err
		}
		if more && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// more does a little of what is left, and says whether there is more.
func (r Runner) more(res *Result) (more bool, err error) {
	if r.More != nil {
		if more, err = r.More(); more || err != nil {
			return more, err
		}
	}
	if r.Pipeline.Owes() == 0 {
		return false, nil
	}
	if err := r.Pipeline.CatchUp(atATime, res); err != nil {
		return false, err
	}
	return r.Pipeline.Owes() > 0, r.Keep(res)
}

// gather waits for one batch and takes those that are there already.
func gather(ctx context.Context, in <-chan fetched) ([]kizashi.Batch, error) {
	var out []kizashi.Batch
	select {
	case f := <-in:
		if f.err != nil {
			return nil, f.err
		}
		out = append(out, f.batch)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for len(out) < ahead {
		select {
		case f := <-in:
			if f.err != nil {
				return out, f.err
			}
			out = append(out, f.batch)
		default:
			return out, nil
		}
	}
	return out, nil
}

func (r Runner) step(batches []kizashi.Batch, res *Result) error {
	if r.Append != nil && len(batches) > 0 {
		if err := r.Append(batches); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
	}
	// All are acknowledged before any is stepped: a source may wait for it
	// before it reads on.
	for i := range batches {
		if err := r.Source.Ack(batches[i].Partition, batches[i].Pos); err != nil {
			return err
		}
	}
	for i := range batches {
		if err := r.Pipeline.Step(batches[i], res); err != nil {
			return err
		}
		if res.Dropped {
			continue
		}
		if err := r.Keep(res); err != nil {
			return err
		}
	}
	return nil
}
