package program

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/store"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// warnIdle names what the configuration says of alerts and series that match
// nothing of the last weeks, as far as the data directory knows them. It is no
// fault: they may be for what is still to come.
func warnIdle(w io.Writer, cfg *config.Config, now time.Time) (err error) {
	r, err := store.OpenReadOnly(cfg.Storage.Path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil // no service has run here yet, or it is not ours to see
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	seen, err := seenLabels(r.Ledger(), now)
	if err != nil || len(seen) == 0 {
		return err
	}
	for _, m := range matchersOf(cfg) {
		if !slices.ContainsFunc(seen, func(ls kizashi.Labels) bool { return asFarAsKnown(m.match).Matches(ls) }) {
			fmt.Fprintf(w, "\nWARNING %s:%d: %s %s matches nothing of the last %d weeks\n", cfg.File, m.line, m.what, matchOf(m.match), service.Weeks)
		}
	}
	return nil
}

// seenLabels are those of every series, and of the alerts of the last weeks,
// with what we say of them.
func seenLabels(l *ledger.Ledger, now time.Time) (out []kizashi.Labels, err error) {
	metas, err := l.Metas()
	if err != nil {
		return nil, err
	}
	add := func(ls kizashi.Labels, tenant, group string) {
		m := ls.Map()
		m["tenant"], m["group"] = tenant, group
		out = append(out, kizashi.LabelsOf(m))
	}
	for _, m := range metas {
		add(m.Labels, m.Tenant, m.Group)
	}
	as, err := l.Alerts(ledger.Filter{From: kizashi.TimeOf(now.AddDate(0, 0, -7*service.Weeks))})
	for _, a := range as {
		add(a.Labels, a.Tenant, a.Group)
	}
	return out, err
}

// asFarAsKnown leaves out what only follows from an alert's state.
func asFarAsKnown(ms kizashi.Matchers) kizashi.Matchers {
	return slices.DeleteFunc(slices.Clone(ms), func(m kizashi.Matcher) bool {
		return slices.Contains([]string{"severity", "owner", "class", "side"}, m.Name)
	})
}

type placed struct {
	what  string
	line  int
	match kizashi.Matchers
}

// matchersOf a configuration, with their places.
func matchersOf(cfg *config.Config) (out []placed) {
	var routes func([]config.Route)
	routes = func(rs []config.Route) {
		for _, r := range rs {
			out = append(out, placed{"route", r.Line, r.Match})
			routes(r.Routes)
		}
	}
	routes(cfg.Routes)
	for _, d := range cfg.Declared {
		out = append(out, placed{string(d.Act.Kind), d.Line, d.Act.Match})
	}
	for _, j := range cfg.Jobs {
		out = append(out, placed{"job " + j.Name, j.Line, j.Match})
	}
	for _, i := range cfg.Inhibit {
		out = append(out, placed{"source", i.Line, i.Source}, placed{"target", i.Line, i.Target})
	}
	for _, o := range cfg.Owners {
		out = append(out, placed{"owner " + o.Owner, o.Line, o.Match})
	}
	for _, r := range cfg.Redundancy {
		out = append(out, placed{"group", r.Line, r.Match})
	}
	for _, m := range cfg.Modes {
		out = append(out, placed{"mode", m.Line, m.Match})
	}
	return out
}
