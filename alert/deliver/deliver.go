// Package deliver tells sinks of threads of alerts. It is level-triggered: it
// compares what threads are with what the outbox says each sink was told, and tells the
// difference, so that a crash, an outage or a lost wake-up leaves nothing to
// be repaired by hand.
//
// Each sink, and each peer of a cluster, is a [Lane] with a goroutine of its
// own, so that a dead sink delays no other. Of each thread a lane tells one
// turn at a time, and writes it into the outbox before it sends and after the
// sink has answered: whoever kills the process makes at most the request in
// flight be told twice, under the same key.
//
// It renders nothing and decides nothing about alerts: what is to be told, and
// to whom, is alert/dispatch's to say; prose and storage come from the caller.
package deliver

import (
	"context"
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
	"golang.org/x/sync/errgroup"
)

// Outbox remembers what each lane was told of its threads. Lanes use it side
// by side; only the lane itself writes its own rows.
type Outbox interface {
	// Entries returns every thread of lane of which something became due
	// (Seq > 0), by id, that it has no row for, or whose Seq is beyond the
	// row's Done, or whose row has a turn Due, or that is firing, or whose row
	// was settled at or after since. It may return more.
	Entries(ctx context.Context, lane string, since time.Time) ([]alert.Entry, error)
	// Record replaces the lane's rows of these threads, all or none. They are
	// durable when it returns.
	Record(ctx context.Context, lane string, rows ...alert.Told) error
}

// Config is how a lane behaves. Durations are wall time.
type Config struct {
	// Resend makes the sink one that keeps state and must be reminded of it
	// (Alertmanager): a firing thread is sent again this often, and what is
	// over is told only to a sink that heard of its beginning. 0: a sink that
	// takes events, each once, firing before resolved.
	Resend time.Duration
	// Keep is for how long a resolved thread is sent again, every Resend.
	Keep time.Duration
	// Timeout bounds one send.
	Timeout time.Duration
	// Backoff is the wait after the first failure of a turn; it doubles up to
	// MaxBackoff, and each wait is shortened by up to a half at random.
	Backoff, MaxBackoff time.Duration
	// MaxAge: of what was over for longer than this before the sink could be
	// told that it began, it is told neither beginning nor end.
	MaxAge time.Duration
	// Seed makes the jitter repeatable.
	Seed uint64
}

// DefaultConfig is that of a sink that takes events.
func DefaultConfig() Config {
	return Config{
		Keep: 15 * time.Minute, Timeout: 10 * time.Second,
		Backoff: time.Second, MaxBackoff: time.Minute, MaxAge: time.Hour,
	}
}

// Validate names the field that cannot be.
func (c Config) Validate() error {
	for _, f := range []struct {
		name string
		d    time.Duration
		min  time.Duration
	}{
		{"resend", c.Resend, 0}, {"keep", c.Keep, 0}, {"timeout", c.Timeout, 1},
		{"backoff", c.Backoff, 1}, {"max_backoff", c.MaxBackoff, c.Backoff}, {"max_age", c.MaxAge, 1},
	} {
		if f.d < f.min {
			return fmt.Errorf("delivery: %s is %s, want at least %s", f.name, f.d, f.min)
		}
	}
	return nil
}

// Clock is the wall clock. Fields left nil are the machine's.
type Clock struct {
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
}

// Deps is what a lane works with. Outbox and Render are needed.
type Deps struct {
	Outbox Outbox
	// Render writes a thread, as it was at the turn that is told, in the
	// lane's language, and names the alert that leads it. If it fails the
	// thread is told all the same, without prose.
	Render func(context.Context, alert.Thread) (alert.Notification, error)
	// Mine says whether the lane's receiver may hear of a thread still: a reload
	// can give it to another tenant. Nil = of all.
	Mine func(lane string, t alert.Thread) bool
	// Report is told how each send went and what was skipped, for logs and
	// counters. It must not block. Nil reports nothing.
	Report func(Report)
	// Hook is called at [StepSendBefore] and [StepSendAfter]. Its error is
	// final, like one of the outbox; a hook may also end the process.
	Hook  func(step string) error
	Clock Clock
}

// The steps at which a lane calls its hook. "after" means that the sink has
// answered and the outbox does not know yet.
const (
	StepSendBefore = "send before"
	StepSendAfter  = "send after"
)

// Report says how one send went, or that a thread was skipped.
type Report struct {
	Lane     string
	Thread   string
	Turn     alert.Turn
	Again    bool          // a reminder of a turn that was told before
	Outcome  alert.Outcome // "" = it failed and will be tried again
	Attempts int           // failed sends of the turn so far
	Next     time.Time     // when it is tried again, at the earliest
	Err      error         // of the send
	Prose    error         // of Render: the thread was told without prose
}

func (d Deps) withDefaults() Deps {
	if d.Report == nil {
		d.Report = func(Report) {}
	}
	if d.Hook == nil {
		d.Hook = func(string) error { return nil }
	}
	if d.Clock.Now == nil {
		d.Clock.Now = time.Now
	}
	if d.Clock.After == nil {
		d.Clock.After = time.After
	}
	return d
}

// Run runs lanes side by side until ctx ends, then lets each tell what is due
// until drain ends, which cuts what is still in flight. The first error of
// the outbox is final: it stops every lane and is returned.
func Run(ctx, drain context.Context, lanes ...*Lane) error {
	seen := map[string]bool{}
	for _, l := range lanes {
		if seen[l.Name()] {
			return fmt.Errorf("delivery: two sinks are named %q; the outbox could not tell them apart", l.Name())
		}
		seen[l.Name()] = true
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, l := range lanes {
		g.Go(func() error { return l.Run(ctx, drain) })
	}
	return g.Wait()
}
