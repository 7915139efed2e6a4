package faults

import (
	"context"
	"sync"
	"time"
)

// clock is virtual. It moves when everyone who sleeps on it does, to the
// moment at which the first of them wakes.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	users  int // goroutines that sleep on it
	asleep map[*sleeper]bool
	end    time.Time // nobody sleeps beyond it
	over   func()
}

type sleeper struct {
	until time.Time
	wake  chan struct{}
}

func newClock(at time.Time) *clock { return &clock{now: at, asleep: map[*sleeper]bool{}} }

// run begins a run of so many users up to an end, at which over is called.
func (c *clock) run(users int, end time.Time, over func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.users, c.end, c.over = users, end, over
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Sleep sleeps for d, or until ctx ends.
func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	s := &sleeper{wake: make(chan struct{})}
	c.mu.Lock()
	s.until = c.now.Add(d)
	c.asleep[s] = true
	c.move()
	c.mu.Unlock()
	select {
	case <-s.wake:
		return ctx.Err()
	case <-ctx.Done():
		c.mu.Lock()
		delete(c.asleep, s)
		c.mu.Unlock()
		return ctx.Err()
	}
}

// move goes on to the next moment if everyone is asleep.
func (c *clock) move() {
	if len(c.asleep) < c.users {
		return
	}
	var first time.Time
	for s := range c.asleep {
		if first.IsZero() || s.until.Before(first) {
			first = s.until
		}
	}
	if first.After(c.end) {
		c.now = c.end
		c.over()
		return
	}
	c.now = first
	for s := range c.asleep {
		if !s.until.After(first) {
			delete(c.asleep, s)
			close(s.wake)
		}
	}
}
