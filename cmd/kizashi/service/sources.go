package service

import (
	"context"
	"errors"
	"fmt"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// Reader is a source with whom it is of.
type Reader struct {
	*cloudwatch.Source
	Tenant, Account, Region string
}

// Readers are the sources of a configuration, and the sessions that they
// share: one an account.
type Readers struct {
	All      []Reader
	sessions []*access.Session
}

// Close closes the sessions. The sources are closed by who reads them.
func (r *Readers) Close() error {
	var errs []error
	for _, s := range r.sessions {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// Sources makes the sources that a configuration names, one an account and
// region; nobody is called yet. Each one's configuration goes through more
// first. An error names the account's line in the file.
func Sources(ctx context.Context, cfg *config.Config, o access.Options, more func(cloudwatch.Config) (cloudwatch.Config, error)) (*Readers, error) {
	r := &Readers{}
	for _, t := range cfg.Tenants {
		for _, a := range t.Accounts {
			if err := r.open(ctx, cfg, a, o, more); err != nil {
				return nil, errors.Join(fmt.Errorf("%s:%d: %w", cfg.File, a.Line, err), r.Close())
			}
		}
	}
	return r, nil
}

func (r *Readers) open(ctx context.Context, cfg *config.Config, a config.Account, o access.Options, more func(cloudwatch.Config) (cloudwatch.Config, error)) error {
	session, err := access.Open(ctx, a.Account, o)
	if err != nil {
		return err
	}
	r.sessions = append(r.sessions, session)
	for _, region := range a.Regions {
		c, err := more(SourceOf(cfg, a, session, region))
		if err != nil {
			return err
		}
		src, err := cloudwatch.New(ctx, c)
		if err != nil {
			return fmt.Errorf("tenant %s, account %s: %w", a.Tenant, a.In(region), err)
		}
		r.All = append(r.All, Reader{src, a.Tenant, a.ID, region})
	}
	return nil
}

// SourceOf is an account's configuration in one region.
func SourceOf(cfg *config.Config, a config.Account, session *access.Session, region string) cloudwatch.Config {
	return cloudwatch.Config{Session: session, Region: region, Zone: a.Zone, Labels: a.Labels,
		Namespaces: a.Namespaces, Series: a.Series, Expressions: a.Expressions, Select: a.Select, Drop: a.Drop, GroupBy: a.GroupBy,
		Linked: a.Monitoring, LinkedAccounts: a.Linked,
		Tags: a.Discover.Tags, Instances: a.Discover.Instances, Groups: a.Discover.Groups, Agents: a.Discover.Agents,
		Poll: a.Poll, Backfill: a.Backfill, Coarse: a.Coarse, Overlap: a.Overlap, Catalogue: cfg.Catalogue}
}

func (s *Service) sourceOptions(c cloudwatch.Config) (cloudwatch.Config, error) {
	a, region := c.Session.Account(), c.Region
	c.Log, c.Now, c.Sleep = s.opt.Log, s.opt.Now, s.opt.Sleep
	c.Budget, c.Classify = s.meter.budget(a.Tenant, a.ID), s.classify
	c.Earlier = func() map[kizashi.Partition][]kizashi.Standing { return s.earlier.take(a.Tenant, a.ID, region) }
	c.Listed = s.seen.keep
	var err error
	c.Last, err = s.seen.load(a.ID, region)
	return c, err
}

func (s *Service) accessOptions() access.Options {
	return access.Options{Now: s.opt.Now, Sleep: s.opt.Sleep, Log: s.opt.Log, OnCall: s.meter.called}
}

// classify says how much a series matters to the reading of it, by the rules
// in force. Limits that a person or the catalogue set are watched to the last.
func (s *Service) classify(m kizashi.Meta) string {
	s.mu.Lock()
	rules := s.config.Detect
	s.mu.Unlock()
	return ClassOf(rules, &m)
}

// ClassOf is the class of a series by some rules.
func ClassOf(rules detect.Config, m *kizashi.Meta) string {
	set, _, err := rules.Resolve(m)
	switch {
	case err != nil:
		return string(cost.Check) // the engine refuses the series, and says why
	case len(set.Guards) > 0 || len(set.Static) > 0:
		return string(cost.Guard)
	}
	return set.Class
}
