// Package heartbeat tells the outside, again and again, that Kizashi works, so
// that someone notices when it does not: an alert that always fires and ends
// by itself, a URL that is pinged, a message. It beats only while the work
// makes progress; a process that is there and does nothing is silent too.
//
// Each receiver has a goroutine of its own, so that a slow one delays no
// other. A beat that fails is not made up for: the next one is due soon.
package heartbeat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi/clock"
)

// Target is who is told.
type Target interface {
	Name() string
	// Beat tells that all was well at an instant.
	Beat(ctx context.Context, at time.Time) error
}

// Config of the beating. Every and Stalled are needed.
type Config struct {
	Every   time.Duration
	Timeout time.Duration // of one beat; 0 = Every, at most 10 s
	// Stalled says what makes no progress, "" if all does. It is asked before
	// each beat, by several goroutines.
	Stalled func() string
	// Report is told how each beat went; by several goroutines. nil = nobody
	// wants to know.
	Report func(target string, err error)
	Log    *slog.Logger                               // nil = silent
	Now    func() time.Time                           // nil = time.Now
	Sleep  func(context.Context, time.Duration) error // nil = sleep, or return early with ctx's error
}

const longestBeat = 10 * time.Second

// Heart beats for several targets.
type Heart struct {
	cfg     Config
	targets []Target

	mu      sync.Mutex
	stalled string // as it was last said in the log
}

// New checks the configuration; nothing is sent.
func New(c Config, targets ...Target) (*Heart, error) {
	if c.Every <= 0 {
		return nil, fmt.Errorf("heartbeat: every is %s, want more than 0", c.Every)
	}
	if c.Stalled == nil {
		return nil, errors.New("heartbeat: Stalled is needed: a heart that beats whatever happens says nothing")
	}
	seen := map[string]bool{}
	for _, t := range targets {
		if seen[t.Name()] {
			return nil, fmt.Errorf("heartbeat: %s stands twice", t.Name())
		}
		seen[t.Name()] = true
	}
	if c.Timeout == 0 {
		c.Timeout = min(c.Every, longestBeat)
	}
	if c.Report == nil {
		c.Report = func(string, error) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = clock.Sleep
	}
	return &Heart{cfg: c, targets: targets}, nil
}

// Run beats until ctx ends.
func (h *Heart) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, t := range h.targets {
		all.Go(func() { h.beat(ctx, t) })
	}
	all.Wait()
}

func (h *Heart) beat(ctx context.Context, t Target) {
	failing := false
	for ctx.Err() == nil {
		if at := h.cfg.Now(); h.well() {
			sending, cancel := context.WithTimeout(ctx, h.cfg.Timeout)
			err := t.Beat(sending, at)
			cancel()
			if err != nil && ctx.Err() != nil {
				return // cut by the end, which is no failure
			}
			h.cfg.Report(t.Name(), err)
			failing = h.told(t, err, failing)
		}
		if h.cfg.Sleep(ctx, h.cfg.Every) != nil {
			return
		}
	}
}

// well asks whether there is progress, and says in the log when that changes.
func (h *Heart) well() bool {
	now := h.cfg.Stalled()
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case now != "" && h.stalled == "":
		h.cfg.Log.Error("the heartbeat stops", "why", now)
	case now == "" && h.stalled != "":
		h.cfg.Log.Info("the heartbeat goes on", "it_was", h.stalled)
	}
	h.stalled = now
	return now == ""
}

// told says in the log when a receiver begins to fail, and when it takes beats
// again.
func (h *Heart) told(t Target, err error, failing bool) bool {
	switch {
	case err != nil && !failing:
		h.cfg.Log.Warn("a heartbeat was not taken", "receiver", t.Name(), "err", err)
	case err == nil && failing:
		h.cfg.Log.Info("heartbeats are taken again", "receiver", t.Name())
	}
	return err != nil
}
