// Package deliver tells sinks of alerts. It is level-triggered: it compares
// what alerts are with what the outbox says each sink was told, and tells the
// difference, so that a crash, an outage or a lost wake-up leaves nothing to
// be repaired by hand.
//
// Each sink, and each peer of a cluster, is a [Lane] with a goroutine of its
// own, so that a dead sink delays no other. Of each alert a lane tells one
// turn at a time, and writes it into the outbox before it sends and after the
// sink has answered: whoever kills the process makes at most the request in
// flight be told twice, under the same key.
//
// It renders nothing and decides nothing about alerts: prose, routing and
// what is stored come from the caller.
package deliver

import (
	"context"
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"golang.org/x/sync/errgroup"
)

// Outbox remembers what each lane was told of each alert. Lanes use it side
// by side; only the lane itself writes its own rows.
type Outbox interface {
	// Entries returns every alert, by id, that fired at least once and that
	// lane has no row for, or whose Seq is beyond the row's Done, or whose row
	// has a turn Due, or that is firing, or whose row was settled at or after
	// since. It may return more.
	Entries(ctx context.Context, lane string, since time.Time) ([]alert.Entry, error)
	// Record replaces the lane's rows of these alerts, all or none. They are
	// durable when it returns.
	Record(ctx context.Context, lane string, rows ...alert.Told) error
}

// Config is how a lane behaves. Durations are wall time.
type Config struct {
	// Resend makes the sink one that keeps state and must be reminded of it
	// (Alertmanager): a firing alert is sent again this often, and what is
	// over is told only to a sink that heard of its beginning. 0: a sink that
	// takes events, each once, firing before resolved.
	Resend time.Duration
	// Keep is for how long a resolved alert is sent again, every Resend.
	Keep time.Duration
	// Timeout bounds one send.
	Timeout time.Duration
	// Backoff is the wait after the first failure of a turn; it doubles up to
	// MaxBackoff, and each wait is shortened by up to a half at random.
	Backoff, MaxBackoff time.Duration
	// MaxAge: an alert that ended longer ago than this when the lane first
	// saw it is not told (a back-fill, a sink that is new).
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
	// Render writes an alert in the lane's language. If it fails the alert is
	// told all the same, without prose.
	Render func(context.Context, kizashi.Alert) (alert.Notification, error)
	// Wants routes: false for alerts that this lane is not to be told of. Nil
	// wants all. What a lane was once told of it is told the end of.
	Wants func(kizashi.Alert) bool
	// Hold says that a firing alert is not to be told yet, because it is the
	// past that is being worked through. It is asked again at every look, at
	// least once a minute. Nil holds what a back-fill opened.
	Hold  func(kizashi.Alert) bool
	Clock Clock
}

func (d Deps) withDefaults() Deps {
	if d.Wants == nil {
		d.Wants = func(kizashi.Alert) bool { return true }
	}
	if d.Hold == nil {
		d.Hold = func(a kizashi.Alert) bool { return a.Backfill }
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
