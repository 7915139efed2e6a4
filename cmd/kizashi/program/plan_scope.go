package program

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
)

// scope is one region of one account: what exists there, and the source that
// would read it.
type scope struct {
	tenant string
	found  *inventory.Snapshot
	times  map[string]int64 // by Metric.Key: how many metrics a row stands for, where that is not one
	source cloudwatch.Config
	hourly []cost.Use // what a list asks beside ListMetrics
	daily  []cost.Use // what else is asked in a day
	seen   map[string]bool
}

// of is how many metrics a row stands for.
func (s *scope) of(m inventory.Metric) int64 { return cmp.Or(s.times[m.Key()], 1) }

// input of a plan of what the scope's source would read.
func (s *scope) input(ctx context.Context) (in cost.Input, err error) {
	src, err := cloudwatch.New(ctx, s.source)
	if err != nil {
		return in, fmt.Errorf("tenant %s, account %s in %s: %w", s.tenant, s.found.Account, s.found.Region, err)
	}
	in.Demands = src.Demands(s.found, s.of)
	in.Existing = s.existing()
	in.Hourly, in.Daily = s.hourly, s.daily
	in.Poll = map[cost.Class]time.Duration{}
	for c, d := range s.source.Poll {
		in.Poll[cost.Class(c)] = d
	}
	in.History = cost.History{Length: cmp.Or(s.source.Backfill, cloudwatch.DefaultBackfill), Coarse: s.source.Coarse}
	return in, src.Close()
}

// existing counts the metrics of each namespace.
func (s *scope) existing() []cost.Existing {
	alone := s.source.Alone()
	sums := map[cost.Existing]int64{}
	for _, m := range s.found.Metrics {
		if len(alone) > 0 && !slices.Contains(alone, m.Namespace) {
			continue
		}
		e, _ := s.source.Catalogue.Find(m.Namespace, m.Name)
		sums[cost.Existing{Tenant: s.tenant, Account: s.found.Account, Region: s.found.Region, Namespace: m.Namespace, Period: e.Period, Alone: len(alone) > 0}] += s.of(m)
	}
	out := make([]cost.Existing, 0, len(sums))
	for e, n := range sums {
		e.Count = n
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b cost.Existing) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Period, b.Period))
	})
	return out
}

// planOf makes one plan of all scopes.
func planOf(ctx context.Context, scopes []*scope, p *cost.Prices) (cost.Plan, error) {
	ins := make([]cost.Input, len(scopes))
	for i, s := range scopes {
		var err error
		if ins[i], err = s.input(ctx); err != nil {
			return cost.Plan{}, err
		}
	}
	return cost.Make(p, ins...), nil
}

// scopesOf puts the rows of a list into scopes. An account that the
// configuration has is watched as it says, another one as the catalogue does.
func scopesOf(ctx context.Context, rows []counted, cfg *config.Config) ([]*scope, error) {
	by := map[place]*scope{}
	for _, r := range rows {
		k := place{r.tenant, r.account, r.region}
		s := by[k]
		if s == nil {
			var err error
			if s, err = listScope(ctx, r, cfg); err != nil {
				return nil, err
			}
			by[k] = s
		}
		s.add(r)
	}
	keys := slices.SortedFunc(maps.Keys(by), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.tenant, b.tenant), cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region))
	})
	out := make([]*scope, len(keys))
	for i, k := range keys {
		out[i] = by[k]
	}
	return out, nil
}

type place struct{ tenant, account, region string }

func listScope(ctx context.Context, r counted, cfg *config.Config) (*scope, error) {
	a := config.Account{Coarse: true}
	a.Tenant, a.ID = r.tenant, r.account
	for _, t := range cfg.Tenants {
		for _, have := range t.Accounts {
			if t.Name == r.tenant && have.ID == r.account && slices.Contains(have.Regions, r.region) {
				a = have
			}
		}
	}
	session, err := access.Open(ctx, access.Account{Tenant: r.tenant, ID: r.account}, access.Options{})
	if err != nil {
		return nil, err
	}
	return &scope{tenant: r.tenant, found: &inventory.Snapshot{Account: r.account, Region: r.region}, times: map[string]int64{}, seen: map[string]bool{},
		source: sourceOf(cfg, a, session, r.region)}, nil
}

// sourceOf is what the service would make of an account, the classes of its
// rules included.
func sourceOf(cfg *config.Config, a config.Account, session *access.Session, region string) cloudwatch.Config {
	c := service.SourceOf(cfg, a, session, region)
	c.Classify = func(m kizashi.Meta) string { return service.ClassOf(cfg.Detect, &m) }
	return c
}

// add takes in a row. A metric that is listed twice is one.
func (s *scope) add(r counted) {
	e, _ := s.source.Catalogue.Find(r.namespace, r.metric)
	var under []string
	if len(e.Identity) > 0 {
		under = e.Identity[0]
	}
	m := r.listed(under)
	key := m.Key()
	if !s.seen[key] {
		s.seen[key] = true
		s.found.Metrics = append(s.found.Metrics, m)
		s.times[key] = r.count
	} else if r.dims == nil {
		s.times[key] += r.count
	}
}

// liveScopes asks AWS what exists. What an account or a region refuses is told,
// and the others go on.
func liveScopes(ctx context.Context, cfg *config.Config, r *planned) ([]*scope, error) {
	var out []*scope
	for _, t := range cfg.Tenants {
		for _, a := range t.Accounts {
			for _, region := range a.Regions {
				s, err := liveScope(ctx, cfg, a, region, r)
				if ctx.Err() != nil {
					return nil, ctx.Err()
				}
				if err != nil {
					r.Blind = append(r.Blind, err.Error())
					continue
				}
				out = append(out, s)
			}
		}
	}
	if len(out) == 0 {
		return nil, errors.New(strings.Join(r.Blind, "\n"))
	}
	return out, nil
}

func liveScope(ctx context.Context, cfg *config.Config, a config.Account, region string, r *planned) (_ *scope, err error) {
	s := &scope{tenant: a.Tenant}
	var mu sync.Mutex
	session, err := access.Open(ctx, a.Account, access.Options{OnCall: func(c access.Call) {
		mu.Lock()
		defer mu.Unlock()
		// A session is opened once, and ListMetrics counts by its pages.
		if c.Failed || c.Action == cost.ListMetrics || strings.HasPrefix(c.Action, "sts:") {
			return
		}
		s.hourly = append(s.hourly, cost.Use{Tenant: c.Tenant, Account: c.Account, Region: c.Region, Action: c.Action, Calls: 1})
	}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	s.source = sourceOf(cfg, a, session, region)
	src, err := cloudwatch.New(ctx, s.source)
	if err != nil {
		return nil, fmt.Errorf("%s:%d: tenant %s, account %s: %w", cfg.File, a.Line, a.Tenant, a.In(region), err)
	}
	s.found, err = src.Scan(ctx)
	if err = errors.Join(err, src.Close()); err != nil || a.Logs == nil {
		return s, err
	}
	l, err := planLogs(ctx, a, session, region)
	if ctx.Err() == nil && err != nil {
		r.Blind = append(r.Blind, err.Error())
		return s, nil
	}
	s.daily = append(s.daily, cost.Use{Tenant: a.Tenant, Account: a.ID, Region: region, Action: logs.FilterLogEvents, Calls: int64(math.Ceil(l.CallsADay))})
	r.Logs = append(r.Logs, l)
	return s, err
}
