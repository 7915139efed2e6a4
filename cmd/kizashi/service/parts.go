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
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/alert/sns"
	"github.com/kizashi-ops/kizashi/alert/stdout"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// Sources makes the sources that a configuration names, one an account and
// region; nothing is called yet. The regions of an account share a session,
// which is opened with o; each one's configuration goes through more first. An
// error names the account's line in the file.
func Sources(ctx context.Context, cfg *config.Config, o access.Options, more func(cloudwatch.Config) cloudwatch.Config) ([]ingest.Source, error) {
	var out []ingest.Source
	for _, t := range cfg.Tenants {
		for _, a := range t.Accounts {
			session, err := access.Open(ctx, accessOf(a), o)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", cfg.File, a.Line, err)
			}
			for _, region := range a.Regions {
				src, err := cloudwatch.New(ctx, more(sourceOf(cfg, a, session, region)))
				if err != nil {
					return nil, fmt.Errorf("%s:%d: tenant %s, account %s: %w", cfg.File, a.Line, t.Name, a.In(region), err)
				}
				out = append(out, source{src, session})
			}
		}
	}
	return out, nil
}

// source is one whose session is closed with it.
type source struct {
	*cloudwatch.Source
	session *access.Session
}

// Close closes the source and its session; several sources share one, and a
// session takes that well.
func (s source) Close() error { return errors.Join(s.Source.Close(), s.session.Close()) }

func accessOf(a config.Account) access.Account {
	return access.Account{Tenant: a.Tenant, ID: a.ID, Role: a.Role, ExternalID: a.ExternalID, Tags: a.Tags, Endpoint: a.Endpoint, Protocol: a.Protocol, Share: a.Share}
}

// sourceOf is an account's configuration in one region.
func sourceOf(cfg *config.Config, a config.Account, session *access.Session, region string) cloudwatch.Config {
	c := cloudwatch.Config{Session: session, Region: region, Zone: a.Zone, Labels: a.Labels, Namespaces: a.Namespaces, Select: a.Select, Drop: a.Drop,
		GroupBy: a.GroupBy, Linked: a.Monitoring, LinkedAccounts: a.Linked, Poll: a.Poll, Backfill: a.Backfill, Overlap: a.Overlap,
		Tags: a.Discover.Tags, Instances: a.Discover.Instances, Groups: a.Discover.Groups, Agents: a.Discover.Agents, Catalogue: cfg.Catalogue}
	for _, d := range a.Series {
		c.Series = append(c.Series, declaredOf(d))
	}
	for _, e := range a.Expressions {
		x := cloudwatch.Expression{Name: e.Name, Expression: e.Expression, Metrics: map[string]cloudwatch.Declared{}, Period: e.Period, Settle: e.Settle, Unit: e.Unit, Group: e.Group}
		for id, d := range e.Metrics {
			x.Metrics[id] = declaredOf(d)
		}
		c.Expressions = append(c.Expressions, x)
	}
	return c
}

func declaredOf(d config.Declared) cloudwatch.Declared {
	return cloudwatch.Declared{Namespace: d.Namespace, Metric: d.Metric, Dimensions: d.Dimensions, Statistic: d.Statistic, Period: d.Period, Settle: d.Settle,
		Unit: d.Unit, Group: d.Group}
}

func (s *Service) sourceOptions(c cloudwatch.Config) cloudwatch.Config {
	c.Log, c.Now, c.Sleep = s.opt.Log, s.opt.Now, s.opt.Sleep
	return c
}

func (s *Service) accessOptions() access.Options {
	return access.Options{Now: s.opt.Now, Sleep: s.opt.Sleep, Log: s.opt.Log}
}

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
			Outbox: s.store.Ledger(), Render: s.render, Hold: s.hold, Report: s.reported, Hook: s.opt.Hook,
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

// deliver starts the lanes. The function returned lets them tell what is due,
// for as long as the drain allows, and waits for them.
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
	return func() error {
		endRun()
		err := <-done
		cut()
		return err
	}
}

// render writes an alert in its tenant's language.
func (s *Service) render(_ context.Context, a kizashi.Alert) (alert.Notification, error) {
	s.mu.Lock()
	lang := s.config.LanguageOf(a.Tenant)
	s.mu.Unlock()
	j, err := s.justification(a)
	if err != nil {
		return alert.Notification{}, err
	}
	t, err := explain.Text(a, j, explain.Style{Lang: lang})
	if err != nil {
		return alert.Notification{}, err
	}
	return alert.Notification{Title: t.Title, Summary: t.Summary, Lang: string(lang), Justification: a.Justify,
		Fields: map[string]string{"manager": t.Manager}}, nil
}

// justification of an alert; empty for one that has none, about ourselves.
func (s *Service) justification(a kizashi.Alert) (kizashi.Justification, error) {
	if a.Justify == "" {
		return kizashi.Justification{}, nil
	}
	return s.store.Ledger().Justification(a.Justify)
}

// reported tells how a send went.
func (s *Service) reported(r deliver.Report) {
	s.metrics.sent(r)
	log := s.opt.Log.With("sink", r.Lane, "alert", r.Alert, "state", r.Turn.State)
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
