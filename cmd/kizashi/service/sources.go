package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
	"github.com/kizashi-ops/kizashi/ingest/mask"
)

// Reader is a source with whom it is of.
type Reader struct {
	*cloudwatch.Source
	Tenant, Account, Region string
}

// LogReader is a source of log groups with whom it is of.
type LogReader struct {
	*logs.Source
	Tenant, Account, Region string
}

// Readers are the sources of a configuration, and the sessions that they
// share: one an account.
type Readers struct {
	All      []Reader
	Logs     []LogReader
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

// Each source's configuration goes through these first; nil = it stays.
type Refine struct {
	Metrics func(cloudwatch.Config) (cloudwatch.Config, error)
	Logs    func(logs.Config) logs.Config
}

// Sources makes the sources that a configuration names, one an account and
// region, and one for its log groups; nobody is called yet. An error names the
// account's line in the file.
func Sources(ctx context.Context, cfg *config.Config, o access.Options, more Refine) (*Readers, error) {
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

func (r *Readers) open(ctx context.Context, cfg *config.Config, a config.Account, o access.Options, more Refine) error {
	session, err := access.Open(ctx, a.Account, o)
	if err != nil {
		return err
	}
	r.sessions = append(r.sessions, session)
	for _, region := range a.Regions {
		c := SourceOf(cfg, a, session, region)
		if more.Metrics != nil {
			if c, err = more.Metrics(c); err != nil {
				return err
			}
		}
		src, err := cloudwatch.New(ctx, c)
		if err != nil {
			return fmt.Errorf("tenant %s, account %s: %w", a.Tenant, a.In(region), err)
		}
		r.All = append(r.All, Reader{src, a.Tenant, a.ID, region})
		if a.Logs == nil {
			continue
		}
		if err := r.openLogs(ctx, a, session, region, more.Logs); err != nil {
			return fmt.Errorf("tenant %s, account %s: %w", a.Tenant, a.In(region), err)
		}
	}
	return nil
}

func (r *Readers) openLogs(ctx context.Context, a config.Account, session *access.Session, region string, more func(logs.Config) logs.Config) error {
	c, err := LogsOf(a, session, region)
	if err != nil {
		return err
	}
	if more != nil {
		c = more(c)
	}
	src, err := logs.New(ctx, c)
	if err != nil {
		return err
	}
	r.Logs = append(r.Logs, LogReader{src, a.Tenant, a.ID, region})
	return nil
}

// LogsOf is what an account's log groups in one region are read by. Each source
// has a masker of its own.
func LogsOf(a config.Account, session *access.Session, region string) (logs.Config, error) {
	m, err := mask.New(a.Logs.Mask)
	if err != nil {
		return logs.Config{}, err
	}
	return logs.Config{Session: session, Region: region, Zone: a.Zone, Labels: a.Labels, GroupBy: a.GroupBy, Rules: a.Logs.Rules, Tags: a.Discover.Tags,
		Backfill: a.Logs.Backfill, Budget: a.Logs.Budget, Overlap: a.Logs.Overlap, Mask: m.Append}, nil
}

// SourceOf is an account's configuration in one region.
func SourceOf(cfg *config.Config, a config.Account, session *access.Session, region string) cloudwatch.Config {
	return cloudwatch.Config{Session: session, Region: region, Zone: a.Zone, Labels: a.Labels,
		Namespaces: a.Namespaces, Series: a.Series, Expressions: a.Expressions, Select: a.Select, Drop: a.Drop, GroupBy: a.GroupBy,
		Linked: a.Monitoring, LinkedAccounts: a.Linked,
		Tags: a.Discover.Tags, Instances: a.Discover.Instances, Groups: a.Discover.Groups, Agents: a.Discover.Agents,
		Poll: a.Poll, Backfill: a.Backfill, Coarse: a.Coarse, Overlap: a.Overlap, Catalogue: cfg.Catalogue}
}

// LogMeta is what a log group of an account would be declared as; ok false = it
// is not read.
func LogMeta(a config.Account, r *access.Region, g *logs.Found) (m kizashi.Meta, ok bool) {
	c := logs.Config{Session: r.Session(), Region: r.Name(), Zone: a.Zone, Labels: a.Labels, GroupBy: a.GroupBy, Rules: a.Logs.Rules}
	rule := c.Choose(g)
	if rule == nil {
		return m, false
	}
	return c.Meta(g, rule), true
}

func (s *Service) sourceOptions(c cloudwatch.Config) (cloudwatch.Config, error) {
	a, region := c.Session.Account(), c.Region
	c.Log, c.Now, c.Sleep = s.opt.Log, s.opt.Now, s.opt.Sleep
	c.Budget, c.Classify = s.meter.budget(a.Tenant, a.ID), s.classify
	c.Earlier = func() map[kizashi.Partition][]kizashi.Standing {
		return s.earlier.take(kizashi.Metrics, a.Tenant, a.ID, region)
	}
	c.Listed = s.seen.keep
	var err error
	c.Last, err = s.seen.load(a.ID, region)
	return c, err
}

func (s *Service) logOptions(c logs.Config) logs.Config {
	a, region := c.Session.Account(), c.Region
	c.Log, c.Now, c.Sleep = s.opt.Log, s.opt.Now, s.opt.Sleep
	c.Earlier = func() map[kizashi.Partition][]kizashi.Standing {
		return s.earlier.take(kizashi.Logs, a.Tenant, a.ID, region)
	}
	c.Journal = func(fn func(kizashi.Batch) error) error { return s.lines.take(a.Tenant, a.ID, region, fn) }
	return c
}

// keepJournal is how long the journal has to be kept beyond the snapshots, so
// that sources know after any number of restarts which lines they delivered of
// the overlap; 0 where no logs are read.
func keepJournal(cfg *config.Config) (d time.Duration) {
	for _, t := range cfg.Tenants {
		for _, a := range t.Accounts {
			if a.Logs == nil {
				continue
			}
			for _, r := range a.Logs.Rules {
				d = max(d, cmp.Or(a.Logs.Overlap, logs.DefaultOverlap)+r.Hold()+time.Hour)
			}
		}
	}
	return d
}

// recalled are the lines that the journal still has, without their texts, until
// the sources have taken them. It may be used from any goroutine.
type recalled struct {
	mu   sync.Mutex
	left map[kizashi.Partition][]kizashi.Batch
}

// recall reads them.
func (s *Service) recall() error {
	if len(s.readers.Logs) == 0 {
		return nil
	}
	s.lines.mu.Lock()
	defer s.lines.mu.Unlock()
	s.lines.left = map[kizashi.Partition][]kizashi.Batch{}
	return s.store.Recall(func(p kizashi.Partition) bool { return p.Kind == kizashi.Logs }, func(b kizashi.Batch) error {
		for i := range b.Lines {
			b.Lines[i].Text, b.Lines[i].Stream = "", ""
		}
		s.lines.left[b.Partition] = append(s.lines.left[b.Partition], kizashi.Batch{Partition: b.Partition, Pos: b.Pos, Until: b.Until, Roster: b.Roster, Lines: b.Lines})
		return nil
	})
}

// take hands over those of an account's region: each partition's in order, what
// joined it before it.
func (r *recalled) take(tenant, account, region string, fn func(kizashi.Batch) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var mine []kizashi.Partition
	for k := range r.left {
		if k.Tenant == tenant && k.Account == account && k.Region == region {
			mine = append(mine, k)
		}
	}
	// Back-fills first: the last batch of one lets its main partition join.
	slices.SortFunc(mine, func(a, b kizashi.Partition) int {
		return cmp.Or(cmp.Compare(b.Backfill, a.Backfill), cmp.Compare(a.String(), b.String()))
	})
	for _, k := range mine {
		for _, b := range r.left[k] {
			if err := fn(b); err != nil {
				return err
			}
		}
		delete(r.left, k)
	}
	return nil
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
