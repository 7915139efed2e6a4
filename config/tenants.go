package config

import (
	"net/url"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/yamlstrict"
)

func (w *walker) tenant(n *yaml.Node, name string) (t Tenant) {
	w.Fields(n, name, map[string]func(*yaml.Node){
		"name":     w.Text(&t.Name, name+".name"),
		"zone":     w.zone(&t.Zone, name+".zone"),
		"language": w.language(&t.Language, name+".language"),
		"accounts": w.List(name+".accounts", func(n *yaml.Node, name string) {
			t.Accounts = append(t.Accounts, w.account(n, name))
		}),
	})
	if t.Name == "" {
		w.Fail(n, "%s: name is missing", name)
	}
	if len(t.Accounts) == 0 {
		w.Fail(n, "%s: accounts: want at least one", name)
	}
	return t
}

func (w *walker) account(n *yaml.Node, name string) Account {
	a, before := Account{Line: n.Line}, w.Faults()
	s := &a.Source
	w.Fields(n, name, map[string]func(*yaml.Node){
		"account":  w.accountID(&s.Account, name+".account"),
		"region":   w.needed(&s.Region, name+".region"),
		"endpoint": w.url(&s.Endpoint, name+".endpoint"),
		"protocol": w.oneOf(&s.Protocol, name+".protocol", "cbor", "json", "query"),
		"poll":     w.Duration(&s.Poll, name+".poll"),
		"backfill": w.backfill(&s.Backfill, name+".backfill"),
		"overlap":  w.Duration(&s.Overlap, name+".overlap"),
		"labels":   w.Texts(&s.Labels, name+".labels"),
		"namespaces": w.List(name+".namespaces", func(n *yaml.Node, name string) {
			s.Namespaces = append(s.Namespaces, w.namespace(n, name))
		}),
	})
	for _, f := range [][2]string{{"account", s.Account}, {"region", s.Region}} {
		if before == w.Faults() && f[1] == "" {
			w.Fail(n, "%s: %s is missing", name, f[0])
		}
	}
	return a
}

// backfill reads how much history is read first; 0 means none of it.
func (w *walker) backfill(into *time.Duration, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		d := time.Duration(-1)
		w.Duration(&d, name)(n)
		if d == 0 {
			d = -1 // the source takes 0 as "not said"
		}
		*into = d
	}
}

func (w *walker) accountID(into *string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := w.Scalar(n, name)
		if ok && (len(s) != 12 || !digits(s)) {
			w.Fail(n, "%s: want twelve digits, not %q", name, s)
		}
		*into = s
	}
}

func digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// namespace reads a name, or a mapping with more to say.
func (w *walker) namespace(n *yaml.Node, name string) (ns cloudwatch.Namespace) {
	if n.Kind == yaml.ScalarNode {
		w.needed(&ns.Name, name)(n)
		return ns
	}
	w.Fields(n, name, map[string]func(*yaml.Node){
		"name":     w.needed(&ns.Name, name+".name"),
		"period":   w.Duration(&ns.Period, name+".period"),
		"settle":   func(n *yaml.Node) { ns.Settle = new(time.Duration); w.Duration(ns.Settle, name+".settle")(n) },
		"group":    w.Text(&ns.Group, name+".group"),
		"group_by": w.Text(&ns.GroupBy, name+".group_by"),
		"metrics": w.List(name+".metrics", func(n *yaml.Node, name string) {
			ns.Metrics = append(ns.Metrics, w.metric(n, name))
		}),
	})
	if ns.Name == "" {
		w.Fail(n, "%s: name is missing", name)
	}
	return ns
}

// metric reads a name, or a mapping with more to say.
func (w *walker) metric(n *yaml.Node, name string) (m cloudwatch.Metric) {
	if n.Kind == yaml.ScalarNode {
		w.needed(&m.Name, name)(n)
		return m
	}
	w.Fields(n, name, map[string]func(*yaml.Node){
		"name":       w.needed(&m.Name, name+".name"),
		"statistic":  w.Text(&m.Statistic, name+".statistic"),
		"unit":       w.Text(&m.Unit, name+".unit"),
		"lower":      w.numberOr(&m.Lower, name+".lower"),
		"upper":      w.numberOr(&m.Upper, name+".upper"),
		"dimensions": w.TextList(&m.Dimensions, name+".dimensions"),
	})
	if m.Name == "" {
		w.Fail(n, "%s: name is missing", name)
	}
	return m
}

// numberOr reads a number that may be left out.
func (w *walker) numberOr(into **float64, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		v := kizashi.None()
		w.Number(&v, name)(n)
		if f := float64(v); v.Ok() {
			*into = &f
		}
	}
}

func (w *walker) oneOf(into *string, name string, known ...string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := w.Scalar(n, name)
		if ok && !slices.Contains(known, s) {
			w.Fail(n, "%s: %q is unknown%s", name, s, yamlstrict.Nearest(s, slices.Clone(known)))
		}
		*into = s
	}
}

func (w *walker) url(into *string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := w.Scalar(n, name)
		u, err := url.Parse(s)
		*into = s
		if ok && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			w.Fail(n, "%s: want a URL such as http://127.0.0.1:9093, not %q", name, s)
		}
	}
}
