// Package virtual lets sources, pipeline and an emulated AWS run in virtual
// time: a clock that stands still while anybody works and jumps to the next
// moment at which somebody wakes, so that a day takes as long as its work does.
package virtual

import (
	"context"
	"runtime/metrics"
	"slices"
	"sync"
	"time"
)

// Clock is virtual. It moves when everyone who sleeps on it does and no batch
// is in hand, to the moment at which the first of them wakes. It is safe for
// several goroutines.
//
// Two things it cannot see: who waits for another that sleeps (a renewal of
// credentials that several share), and batches that a merge holds back until
// every source has joined. Where the whole process is idle for a while, it moves
// on all the same; not while a request of a Run's source is out, which a world in
// another process may take its time to answer.
type Clock struct {
	mu     sync.Mutex
	now    time.Time
	users  int // goroutines that sleep on it; drifting = nobody knows
	asleep map[*sleeper]bool
	hand   int       // batches delivered and not yet stepped
	step   bool      // one is being stepped
	out    int       // sources that wait for an answer
	forced int       // moves while somebody was not asleep
	change uint64    // counts whatever happens
	end    time.Time // nobody sleeps beyond it
	over   func()    // called once when all would
	moved  func(time.Time)
	marks  []mark        // by time
	stuck  int           // glances without any change, somebody awake, until it moves on
	done   chan struct{} // ends the watch
}

// mark is what is done when all before a moment is over.
type mark struct {
	at time.Time
	f  func()
}

type sleeper struct {
	until time.Time
	ctx   context.Context
	wake  chan struct{}
}

// NewClock stands at a time.
func NewClock(at time.Time) *Clock {
	return &Clock{now: at, asleep: map[*sleeper]bool{}, stuck: deadlock}
}

// OnMove has f told of every moment that the clock jumps to, before anybody
// wakes: a world in another process follows it. f must not use the clock.
func (c *Clock) OnMove(f func(time.Time)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved = f
}

// At has f called at a moment, when all that happens before it is over and
// nothing of what happens at it has begun. f must not use the clock.
func (c *Clock) At(at time.Time, f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.marks = append(c.marks, mark{at, f})
	slices.SortStableFunc(c.marks, func(a, b mark) int { return a.at.Compare(b.at) })
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock while nobody runs.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(at)
}

// Forced is how often a run moved on though somebody was neither asleep nor seen
// to do anything: what was measured then may be late by that much.
func (c *Clock) Forced() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.forced
}

func (c *Clock) set(at time.Time) {
	c.now = at
	if c.moved != nil {
		c.moved(at)
	}
}

// Begin starts a run of so many users up to an end, at which over is called;
// who would wake later stays asleep. The function returned ends the run.
func (c *Clock) Begin(users int, end time.Time, over func()) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.users, c.end, c.over, c.hand, c.step = users, end, over, 0, false
	c.out = 0
	c.done = make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { c.watch(c.done) })
	return func() {
		close(c.done)
		watching.Wait()
	}
}

// drifting is the number of users of a clock that moves on whenever nothing
// happens.
const drifting = -1

// Drift is Begin for a run in which nobody knows who sleeps: the clock moves on
// when the whole process has been idle for a few glances, by whole seconds.
func (c *Clock) Drift(end time.Time, over func()) (stop func()) { return c.Begin(drifting, end, over) }

// idle says that no goroutine of the process runs, but for who asks, waits for a
// processor, or is in a system call.
func idle() bool {
	s := []metrics.Sample{{Name: "/sched/goroutines/running:goroutines"}, {Name: "/sched/goroutines/runnable:goroutines"}, {Name: "/sched/goroutines/not-in-go:goroutines"}}
	metrics.Read(s)
	return s[0].Value.Uint64() <= 1 && s[1].Value.Uint64() == 0 && s[2].Value.Uint64() == 0
}

// Sleep sleeps for d, or until ctx ends.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	s := &sleeper{ctx: ctx, wake: make(chan struct{})}
	c.mu.Lock()
	s.until = c.now.Add(d)
	c.asleep[s] = true
	c.change++
	if of, ok := ctx.Value(caller{}).(*source); ok {
		c.answered(of, false)
	}
	c.tryMove()
	c.mu.Unlock()
	select {
	case <-s.wake:
		return ctx.Err()
	case <-ctx.Done():
		c.mu.Lock()
		delete(c.asleep, s)
		c.change++
		c.mu.Unlock()
		return ctx.Err()
	}
}

// delivered notes a batch that a source has given away.
func (c *Clock) delivered() {
	c.mu.Lock()
	c.hand++
	c.change++
	c.mu.Unlock()
}

// stepping notes that batches are being stepped, and stepped that they were.
func (c *Clock) stepping() {
	c.mu.Lock()
	c.step = true
	c.mu.Unlock()
}

func (c *Clock) stepped(n int) {
	c.mu.Lock()
	c.hand, c.step = c.hand-n, false
	c.change++
	c.tryMove()
	c.mu.Unlock()
}

// awake counts those who are not asleep.
func (c *Clock) awake() int {
	n := c.users
	for s := range c.asleep {
		if s.ctx.Err() == nil {
			n--
		}
	}
	return n
}

func (c *Clock) tryMove() {
	if c.users != drifting && c.hand == 0 && !c.step && c.awake() == 0 {
		c.move()
	}
}

// move goes on to the next moment.
func (c *Clock) move() {
	var first time.Time
	for s := range c.asleep {
		if s.ctx.Err() == nil && (first.IsZero() || s.until.Before(first)) {
			first = s.until
		}
	}
	if first.IsZero() || c.over == nil {
		return
	}
	if c.users == drifting {
		first = first.Add(time.Second - 1).Truncate(time.Second)
	}
	for len(c.marks) > 0 && !c.marks[0].at.After(first) {
		f := c.marks[0].f
		c.marks = c.marks[1:]
		f()
	}
	if first.After(c.end) {
		c.set(c.end)
		over := c.over
		c.over = nil
		over()
		return
	}
	c.set(first)
	for s := range c.asleep {
		if !s.until.After(first) {
			delete(c.asleep, s)
			close(s.wake)
		}
	}
}

const (
	glance   = 500 * time.Microsecond
	patience = 3       // glances without any change, all asleep, until the clock moves on
	deadlock = 600     // the same, if somebody is neither asleep nor does anything
	lost     = 240_000 // the same, if a request is out: an answer comes within a minute or never
)

// watch moves the clock where nobody else would.
func (c *Clock) watch(done chan struct{}) {
	t := time.NewTicker(glance)
	defer t.Stop()
	last, still := uint64(0), 0
	for {
		select {
		case <-done:
			return
		case <-t.C:
		}
		quiet := idle()
		c.mu.Lock()
		if still++; c.change != last || c.step || !quiet {
			last, still = c.change, 0
		}
		if still >= lost || still >= c.stuck && c.out == 0 || still >= patience && (c.users == drifting || c.awake() == 0) {
			still = 0
			if c.users != drifting && c.awake() > 0 {
				c.forced++
			}
			c.move()
		}
		c.mu.Unlock()
	}
}
