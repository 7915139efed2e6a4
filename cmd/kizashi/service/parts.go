package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/alertmanager"
	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/alert/sns"
	"github.com/kizashi-ops/kizashi/alert/stdout"
	"github.com/kizashi-ops/kizashi/config"
)

// Sinks makes the sinks that a configuration names and says how each one's
// lane behaves; nothing is sent yet.
func Sinks(ctx context.Context, cfg *config.Config, o Options) ([]alert.Sink, []deliver.Config, error) {
	var sinks []alert.Sink
	var lanes []deliver.Config
	add := func(sink alert.Sink, resend time.Duration) {
		c := deliver.DefaultConfig()
		c.Resend, c.MaxAge, c.Seed = resend, pastIs, uint64(o.Now().UnixNano())
		sinks, lanes = append(sinks, sink), append(lanes, c)
	}
	if am := cfg.Sinks.Alertmanager; am != nil {
		for i, u := range am.URLs {
			sink, err := alertmanager.New(alertmanager.Config{Name: "alertmanager", URL: u, Resend: am.Resend, Now: o.Now})
			if err != nil {
				return nil, nil, fmt.Errorf("%s: sinks.alertmanager.urls[%d]: %w", cfg.File, i, err)
			}
			add(sink, am.Resend)
		}
	}
	if t := cfg.Sinks.SNS; t != nil {
		sink, err := sns.New(ctx, sns.Config{Topic: t.Topic, Region: t.Region, Endpoint: t.Endpoint})
		if err != nil {
			return nil, nil, fmt.Errorf("%s: sinks.sns: %w", cfg.File, err)
		}
		add(sink, 0)
	}
	if cfg.Sinks.Stdout {
		add(stdout.New("stdout", o.Out), 0)
	}
	return sinks, lanes, nil
}

func (s *Service) openLanes(ctx context.Context) ([]*deliver.Lane, error) {
	sinks, configs, err := Sinks(ctx, s.opt.Config, s.opt)
	if err != nil {
		return nil, err
	}
	if len(sinks) == 0 {
		s.opt.Log.Warn("no sink is configured: alerts can only be read here", "path", "/api/alerts")
	}
	var lanes []*deliver.Lane
	for i, sink := range sinks {
		l, err := deliver.NewLane(sink, configs[i], deliver.Deps{
			Outbox: s.store.Ledger(), Render: s.render, Report: s.reported, Hook: s.opt.Hook,
			Clock: deliver.Clock{Now: s.opt.Now, After: s.after},
		})
		if err != nil {
			return nil, err
		}
		lanes = append(lanes, l)
	}
	return lanes, nil
}

// after is time.After on the service's clock.
func (s *Service) after(d time.Duration) <-chan time.Time {
	c := make(chan time.Time, 1)
	go func() {
		if s.opt.Sleep(s.laneCtx, d) == nil {
			c <- s.opt.Now()
		}
	}()
	return c
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
