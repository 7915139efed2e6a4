package virtual

import (
	"context"
	"net/http/httptrace"
	"runtime"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
)

// source tells the clock of what it delivers, and of the requests that it waits
// for.
type source struct {
	ingest.Source
	clock *Clock
	out   bool // under the clock's lock
}

// caller is the key of a context's source.
type caller struct{}

func (s *source) Next(ctx context.Context) (kizashi.Batch, error) {
	ctx = context.WithValue(ctx, caller{}, s)
	b, err := s.Source.Next(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:     func(string) { s.clock.waits(s, true) },
		PutIdleConn: func(error) { s.clock.waits(s, false) }, // the answer was read
	}))
	// An answer that breaks off puts no connection back.
	s.clock.waits(s, false)
	if err == nil {
		s.clock.delivered()
	}
	return b, err
}

// waits notes whether a source waits for an answer.
func (c *Clock) waits(s *source, out bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answered(s, out)
}

func (c *Clock) answered(s *source, out bool) {
	if s.out == out {
		return
	}
	s.out = out
	c.change++
	if out {
		c.out++
	} else {
		c.out--
	}
}

// Ack may wake a source that waits for it in its sleep: it gets the chance to,
// before the clock moves.
func (s *source) Ack(p kizashi.Partition, pos uint64) error {
	err := s.Source.Ack(p, pos)
	if p.Backfill != "" {
		for range 100 {
			runtime.Gosched()
		}
	}
	return err
}
