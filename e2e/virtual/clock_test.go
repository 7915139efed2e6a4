package virtual

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
)

// script is a source that does one thing again and again.
type script func(context.Context) error

func (s script) Open(map[kizashi.Partition]uint64) error { return nil }
func (s script) Next(ctx context.Context) (kizashi.Batch, error) {
	for {
		if err := s(ctx); err != nil {
			return kizashi.Batch{}, err
		}
	}
}
func (s script) Ack(kizashi.Partition, uint64) error { return nil }
func (s script) Close() error                        { return nil }

// A world in another process may answer late where the machine is busy. The
// clock stands still for that, though nobody here does anything: else who waits
// for the answer would seem to be delayed by whoever sleeps shortest.
func TestTheClockWaitsForAnAnswer(t *testing.T) {
	// The answer takes real time, as that is what the clock must not take for a
	// standstill: the server sleeps, and so the process is idle.
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(300 * time.Millisecond)
		if _, err := io.WriteString(w, "late"); err != nil {
			t.Error(err)
		}
	}))
	defer srv.Close()
	begin := time.Date(2026, 9, 8, 9, 0, 0, 0, time.UTC)
	clock := NewClock(begin)
	clock.stuck = 5
	var took []time.Duration
	asks := script(func(ctx context.Context) error {
		asked := clock.Now()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, nil)
		if err != nil {
			return err
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			return err
		}
		if _, err := io.ReadAll(a.Body); err != nil {
			return err
		}
		if err := a.Body.Close(); err != nil {
			return err
		}
		took = append(took, clock.Now().Sub(asked))
		return clock.Sleep(ctx, time.Minute)
	})
	throttled := script(func(ctx context.Context) error { return clock.Sleep(ctx, 10*time.Second) })
	err := Run{Clock: clock, Sources: []ingest.Source{asks, throttled}}.To(t.Context(), begin.Add(30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if len(took) != 1 || took[0] != 0 {
		t.Errorf("on the clock the answers took %v, want 0 once", took)
	}
	if n := clock.Forced(); n > 0 {
		t.Errorf("the clock moved on %d times though an answer was out", n)
	}
}

// Who waits for another that sleeps is not asleep itself: the clock moves on
// all the same, and says so.
func TestTheClockDoesNotWaitForWhoWaitsForASleeper(t *testing.T) {
	begin := time.Date(2026, 9, 8, 9, 0, 0, 0, time.UTC)
	clock := NewClock(begin)
	clock.stuck = 5
	woken := make(chan struct{}, 1)
	var at time.Time
	sleeps := script(func(ctx context.Context) error {
		if err := clock.Sleep(ctx, time.Minute); err != nil {
			return err
		}
		woken <- struct{}{}
		return nil
	})
	waits := script(func(ctx context.Context) error {
		select {
		case <-woken:
			at = clock.Now()
			return clock.Sleep(ctx, time.Hour)
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	err := Run{Clock: clock, Sources: []ingest.Source{sleeps, waits}}.To(t.Context(), begin.Add(90*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if want := begin.Add(time.Minute); !at.Equal(want) || clock.Forced() != 1 {
		t.Errorf("woken at %s after %d forced moves, want %s and 1", at, clock.Forced(), want)
	}
}
