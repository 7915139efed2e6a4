package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/config"
)

// Lane is a receiver's sink, with how its lane behaves.
type Lane struct {
	Receiver config.Receiver
	Config   config.Sink
	Sink     alert.Sink
	Deliver  deliver.Config
}

// Sinks makes the sinks that a configuration names; nothing is sent yet.
func Sinks(ctx context.Context, cfg *config.Config, o Options) ([]Lane, error) {
	var lanes []Lane
	for _, r := range cfg.Receivers {
		for _, k := range r.Sinks {
			sink, err := k.Opener.Open(ctx, k.Name, config.SinkEnv{Now: o.Now, Out: o.Out, Log: o.Log})
			if err != nil {
				return nil, fmt.Errorf("%s:%d: receiver %s: %w", cfg.File, r.Line, r.Name, err)
			}
			d := deliver.DefaultConfig()
			d.Resend, d.MaxAge, d.Seed = k.Resend, pastIs, uint64(o.Now().UnixNano())
			lanes = append(lanes, Lane{r, k, sink, d})
		}
	}
	return lanes, nil
}

func (s *Service) openLanes(ctx context.Context) ([]*deliver.Lane, error) {
	all, err := Sinks(ctx, s.opt.Config, s.opt)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		s.opt.Log.Warn("no sink is configured: alerts can only be read here", "path", "/api/alerts")
	}
	var lanes []*deliver.Lane
	for _, k := range all {
		l, err := deliver.NewLane(k.Sink, k.Deliver, deliver.Deps{
			Outbox: s.store.Ledger(), Render: s.render, Mine: s.mine, Report: s.reported, Hook: s.opt.Hook,
			Clock: deliver.Clock{Now: s.opt.Now, After: s.waiter()},
		})
		if err != nil {
			return nil, err
		}
		lanes = append(lanes, l)
	}
	return lanes, nil
}

// waiter is time.After on the service's clock for one that waits for one time
// after another: what it waited for before is dropped, so that a wait that was
// cut short leaves nothing asleep.
func (s *Service) waiter() func(time.Duration) <-chan time.Time {
	drop := func() {}
	return func(d time.Duration) <-chan time.Time {
		drop()
		ctx, cancel := context.WithCancel(s.laneCtx)
		drop = cancel
		c := make(chan time.Time, 1)
		go func() {
			defer cancel()
			if s.opt.Sleep(ctx, d) == nil {
				c <- s.opt.Now()
			}
		}()
		return c
	}
}

// deliver starts dispatch and the lanes. The function returned lets them tell
// what is due, for as long as the drain allows, and waits for them.
func (s *Service) deliver(ctx context.Context, stop context.CancelCauseFunc) (end func() error) {
	run, endRun := context.WithCancel(context.Background())
	drain, cut := context.WithCancel(context.Background())
	s.laneCtx = run
	done := make(chan error, 1)
	context.AfterFunc(ctx, func() { time.AfterFunc(drainTime, cut) })
	go func() {
		err := deliver.Run(run, drain, s.lanes...)
		if err != nil {
			stop(err)
		}
		done <- err
	}()
	endDispatch := s.dispatch.start(stop)
	return func() error {
		err := endDispatch()
		endRun()
		err = errors.Join(err, <-done)
		cut()
		return err
	}
}

// justification of an alert; of one about ourselves, which has none, only the
// tenant's wall time.
func (s *Service) justification(a kizashi.Alert) (kizashi.Justification, error) {
	if a.Justify == "" {
		return kizashi.Justification{Meta: kizashi.Meta{Zone: s.zoneOf(a.Tenant)}}, nil
	}
	return s.store.Ledger().Justification(a.Justify)
}

// reported tells how a send went.
func (s *Service) reported(r deliver.Report) {
	s.metrics.sent(r)
	s.dispatch.report(r)
	log := s.opt.Log.With("sink", r.Lane, "thread", r.Thread, "state", r.Turn.State)
	switch {
	case r.Err != nil:
		log.Warn("not told", "attempts", r.Attempts, "outcome", string(r.Outcome), "err", r.Err)
	case !r.Again:
		log.Info("delivery", "outcome", string(r.Outcome))
	}
	if r.Prose != nil {
		log.Warn("told without prose", "err", r.Prose)
	}
}

// zoneOf is the wall time of a tenant.
func (s *Service) zoneOf(tenant string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.config.Tenants {
		if t.Name == tenant {
			return t.Zone
		}
	}
	return ""
}
