package service

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/dispatch"
	"github.com/kizashi-ops/kizashi/alert/handling"
	"github.com/kizashi-ops/kizashi/alert/route"
	"github.com/kizashi-ops/kizashi/alert/severity"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// Policy is what a configuration says of who is told, when, and of what. The
// error is what is wrong with its routes.
func Policy(cfg *config.Config) (p dispatch.Policy, err error) {
	if p.Routes, err = Routes(cfg); err != nil {
		return p, err
	}
	p.Severity, p.Handling = severityOf(cfg), handlingOf(cfg)
	for _, i := range cfg.Inhibit {
		p.Inhibit = append(p.Inhibit, dispatch.Inhibition{Source: i.Source, Target: i.Target, Equal: i.Equal})
	}
	for _, r := range cfg.Receivers {
		one, err := receiverOf(cfg, r)
		if err != nil {
			return p, err
		}
		p.Receivers = append(p.Receivers, one)
	}
	for _, t := range cfg.Tenants {
		if t.Digest == "" {
			continue
		}
		at, err := time.Parse("15:04", t.Digest)
		if err != nil {
			return p, fmt.Errorf("%s:%d: digest: %w", cfg.File, t.Line, err)
		}
		zone, err := calendar.Load(t.Zone)
		if err != nil {
			return p, err
		}
		p.Digests = append(p.Digests, dispatch.Digest{Tenant: t.Name, Zone: zone.Location(),
			At: time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute})
	}
	return p, nil
}

// Routes is the tree of a configuration's routes; nil where it has none, and
// the default receiver hears all.
func Routes(cfg *config.Config) (*route.Tree, error) {
	if len(cfg.Routes) == 0 {
		return nil, nil
	}
	var rs []route.Receiver
	for _, r := range cfg.Receivers {
		one := route.Receiver{Name: r.Name, Tenant: r.Tenant}
		if r.Escalate != nil {
			one.Escalate = r.Escalate.To
		}
		rs = append(rs, one)
	}
	t, err := route.New(rs, routesOf(cfg.Routes))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.File, err)
	}
	return t, nil
}

func routesOf(rs []config.Route) (out []route.Route) {
	for _, r := range rs {
		out = append(out, route.Route{Match: r.Match, Receivers: r.Receivers, Continue: r.Continue, Routes: routesOf(r.Routes)})
	}
	return out
}

func severityOf(cfg *config.Config) (s severity.Rules) {
	for _, r := range cfg.Severities {
		s.Overrides = append(s.Overrides, severity.Override{Match: r.Match, Severity: r.Severity})
	}
	for _, r := range cfg.Redundancy {
		s.Redundancy = append(s.Redundancy, severity.Redundancy{Match: r.Match, CanLose: r.CanLose})
	}
	return s
}

func handlingOf(cfg *config.Config) handling.Rules {
	var h handling.Rules
	if len(cfg.Tenants) > 0 { // rules alone, as for a dry run, say nothing of tenants
		h.Modes = map[string]alert.Mode{}
	}
	for _, t := range cfg.Tenants {
		h.Modes[t.Name] = t.Mode
	}
	for _, m := range cfg.Modes {
		h.Series = append(h.Series, handling.ModeRule{Tenant: m.Tenant, Match: m.Match, Mode: m.Mode})
	}
	for _, o := range cfg.Owners {
		h.Owners = append(h.Owners, handling.OwnerRule{Match: o.Match, Owner: o.Owner})
	}
	for _, d := range cfg.Declared {
		if d.Act.Kind == alert.ActMute {
			h.Declared = append(h.Declared, handling.Said{Act: d.Act, Window: d.Window})
		}
	}
	return h
}

// receiverOf is a receiver with its lanes. A day of its caps is one of its
// tenant, or of its hours.
func receiverOf(cfg *config.Config, r config.Receiver) (dispatch.Receiver, error) {
	out := dispatch.Receiver{Name: r.Name, Tenant: r.Tenant, GroupBy: r.GroupBy, Interval: r.Interval, Repeat: r.Repeat, HoursName: r.Hours, Waits: r.Waits,
		Caps: dispatch.Caps(r.Caps)}
	zone := ""
	for _, t := range cfg.Tenants {
		if t.Name == r.Tenant {
			zone = t.Zone
		}
	}
	for _, h := range cfg.Hours {
		if h.Name == r.Hours {
			out.Hours, zone = h.Hours, h.Zone
		}
	}
	z, err := calendar.Load(zone)
	if err != nil {
		return out, err
	}
	out.Zone = z.Location()
	if r.Escalate != nil {
		out.Escalate = dispatch.Escalation{After: r.Escalate.After, To: r.Escalate.To}
	}
	for _, k := range r.Sinks {
		out.Lanes = append(out.Lanes, dispatch.Lane{Name: k.Name, Each: k.Each, Machine: k.Each && k.Machine(), Level: k.Resend > 0})
	}
	return out, nil
}

// dispatcher makes one that goes on from what the ledger holds, by the
// configuration in force.
func (s *Service) dispatcher() (*dispatch.Dispatcher, error) {
	p, err := Policy(s.configNow())
	if err != nil {
		return nil, err
	}
	p.MaxAge, p.Patience, p.Past = pastIs, dispatchPatience, s.holds
	p.Summed = func(a kizashi.Alert) bool { return !s.absences.wants(a) }
	p.Members = s.siblings.count
	l, since := s.store.Ledger(), s.opt.Now().Add(-threadsKept)
	threads, err := l.OpenThreads(since)
	if err != nil {
		return nil, err
	}
	as, fired, err := l.Episodes(kizashi.TimeOf(since), threads)
	if err != nil {
		return nil, err
	}
	episodes := make([]dispatch.Episode, len(as))
	for i := range as {
		episodes[i] = dispatch.Episode{Alert: as[i], Fired: fired[i]}
	}
	d := dispatch.New(p, threads, episodes)
	said, err := s.said()
	if err != nil {
		return nil, err
	}
	d.Say(said...)
	return d, s.missedBefore(d)
}

// said are all acts, with their windows.
func (s *Service) said() (out []handling.Said, err error) {
	acts, err := s.allActs()
	for _, a := range acts {
		out = append(out, s.saidOf(a))
	}
	return out, err
}

// saidOf is an act with its window. One whose window cannot be read any more,
// as when its file is gone, holds no longer, and the log says so.
func (s *Service) saidOf(a alert.Act) handling.Said {
	if a.Window == "" {
		return handling.Said{Act: a}
	}
	w, err := s.configNow().Window(a.Window, "")
	if err != nil {
		s.opt.Log.Warn("what an act says is not in force: its window cannot be read", "act", a.ID, "kind", a.Kind, "tenant", a.Tenant, "window", a.Window, "err", err)
		return handling.Said{Act: a}
	}
	return handling.Said{Act: a, Window: w}
}

// siblings counts the series that are like an alert's: of its tenant, group
// and metric.
type siblings struct {
	mu sync.Mutex
	of map[kizashi.SeriesID]severity.Metric
	n  map[severity.Metric]int
}

// load counts what was declared in earlier runs. It is not to be done when the
// first alert asks: of a fleet it takes a second.
func (c *siblings) load(l *ledger.Ledger) error {
	metas, err := l.Metas()
	if err != nil {
		return err
	}
	c.of, c.n = make(map[kizashi.SeriesID]severity.Metric, len(metas)), map[severity.Metric]int{}
	for i := range metas {
		c.declare(&metas[i])
	}
	return nil
}

// note counts what is declared.
func (c *siblings) note(ds []kizashi.Declaration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range ds {
		c.declare(&ds[i].Meta)
	}
}

func (c *siblings) declare(m *kizashi.Meta) {
	like := severity.MetricOf(m.Tenant, m.Group, m.Labels)
	if was, ok := c.of[m.Series]; ok {
		c.n[was]--
	}
	c.of[m.Series] = like
	c.n[like]++
}

// count is 0 where it is not known.
func (c *siblings) count(a *kizashi.Alert) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[severity.MetricOf(a.Tenant, a.Group, a.Labels)]
}

// errNobody says that there are receivers and no way to them.
var errNobody = errors.New("receivers are there and no routes lead to them, and nothing stands under sinks: nobody would be told")

// CheckWays says whether anybody is told at all where receivers are
// configured.
func CheckWays(cfg *config.Config) error {
	byDefault := slices.ContainsFunc(cfg.Receivers, func(r config.Receiver) bool { return r.Name == config.DefaultReceiver })
	if len(cfg.Receivers) > 0 && len(cfg.Routes) == 0 && !byDefault {
		return fmt.Errorf("%s: %w", cfg.File, errNobody)
	}
	return nil
}
