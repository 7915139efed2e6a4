package deliver

import (
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/alert/deliver"
)

// clock is the delivery clock of several lanes: it stands still while any of
// them works, and is moved by the test.
type clock struct {
	t     *testing.T
	mu    sync.Mutex
	rests *sync.Cond
	now   time.Time
	lanes map[string]*sleeper
}

// sleeper is a lane that waits for a time, or for to be woken.
type sleeper struct {
	rests bool
	until time.Time
	fire  chan time.Time
}

func newClock(t *testing.T, now time.Time) *clock {
	c := &clock{t: t, now: now, lanes: map[string]*sleeper{}}
	c.rests = sync.NewCond(&c.mu)
	return c
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// of is the clock as a lane has it.
func (c *clock) of(lane string) deliver.Clock {
	s := &sleeper{}
	c.lanes[lane] = s
	return deliver.Clock{Now: c.Now, After: func(d time.Duration) <-chan time.Time {
		c.mu.Lock()
		defer c.mu.Unlock()
		s.rests, s.until, s.fire = true, c.now.Add(d), make(chan time.Time, 1)
		c.rests.Broadcast()
		return s.fire
	}}
}

// stalled is after what time a lane that still works is stuck, and not slow.
const stalled = 4 * time.Minute

// settle waits until every lane rests.
func (c *clock) settle() {
	c.t.Helper()
	late := time.AfterFunc(stalled, func() { panic("a lane neither rests nor ends") })
	defer late.Stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.lanes {
		for !s.rests {
			c.rests.Wait()
		}
	}
}

// woken notes that a lane that rests is about to be woken.
func (c *clock) woken(lane string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lanes[lane].rests = false
}

// move goes on to the next moment at which a lane wakes, or to most if that
// comes first. All must rest.
func (c *clock) move(most time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := most
	for _, s := range c.lanes {
		if s.until.Before(next) {
			next = s.until
		}
	}
	if next.After(c.now) {
		c.now = next
	}
	for _, s := range c.lanes {
		if !s.until.After(c.now) {
			s.rests = false
			s.fire <- c.now
		}
	}
}
