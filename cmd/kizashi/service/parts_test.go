package service

import (
	"context"
	"sync"
	"testing"
	"time"
)

// One that waits anew, as dispatch does after each pass, leaves nothing asleep
// behind it; and what it waits for last still comes.
func TestAWaitThatIsCutShortLeavesNothingAsleep(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var asleep sync.WaitGroup
	last := make(chan struct{})
	s := &Service{laneCtx: ctx, opt: Options{Now: func() time.Time { return now }, Sleep: func(ctx context.Context, d time.Duration) error {
		if d == time.Minute {
			<-last
			return nil
		}
		defer asleep.Done()
		<-ctx.Done()
		return ctx.Err()
	}}}
	after := s.waiter()
	asleep.Add(100)
	for range 100 {
		after(4 * time.Hour)
	}
	due := after(time.Minute)
	gone := make(chan struct{})
	go func() { asleep.Wait(); close(gone) }()
	select {
	case <-gone:
	case <-time.After(time.Minute):
		t.Fatal("what was waited for before sleeps on")
	}
	close(last)
	if at := <-due; !at.Equal(now) {
		t.Errorf("it came at %s", at)
	}
}
