package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
)

// DefaultReceiver is the receiver of the sinks that stand under sinks: it is
// told where there are no routes.
const DefaultReceiver = "default"

// Receiver is who is told, by which ways, and when. Durations are wall time.
type Receiver struct {
	Line     int // in the file
	Name     string
	Tenant   string       // it hears of this one only; "" = internal: those who run Kizashi
	Language explain.Lang // "" = that of the tenant
	GroupBy  []string     // labels whose alerts are told together; none = the alert's group
	Interval time.Duration
	Repeat   time.Duration // 0 = no reminders
	Hours    string        // name of duty hours; "" = always
	Waits    []string      // classes that wait for them
	Escalate *Escalation
	Caps     Caps
	Sinks    []Sink
}

// Escalation says who is told of what nobody acknowledged.
type Escalation struct {
	After time.Duration
	To    string // a receiver
}

// Caps are how many messages a receiver gets in a day at the most; 0 = no cap.
type Caps struct {
	Series  int // of one series
	Service int // of one thread's key: a service, a group
	Tenant  int // of one tenant
	Day     int // in all
}

// Route sends alerts to receivers. The first route of a list that matches
// takes the alert, and the next ones too where it says continue; within it the
// routes below it go on in the same way, and where none of them matches it is
// its own receivers that hear.
type Route struct {
	Line      int
	Match     kizashi.Matchers // over the alert's labels, and tenant, group, class, severity, side, owner
	Receivers []string         // none = those of the route above
	Continue  bool
	Routes    []Route
}

// Defaults of a receiver.
const (
	DefaultInterval = 5 * time.Minute
	DefaultRepeat   = 4 * time.Hour
	shortestRepeat  = time.Minute
)

// classes of alerts, the most pressing first.
var classes = []string{"act", "check", "record"}

func newReceiver(name string) Receiver {
	return Receiver{Name: name, Interval: DefaultInterval, Repeat: DefaultRepeat, Waits: []string{"check", "record"}}
}

func (w *walker) receiver(n *yaml.Node, name string) Receiver {
	r := newReceiver("")
	r.Line = n.Line
	var each *bool
	grouped := false
	w.Fields(n, name, map[string]func(*yaml.Node){
		"name":     w.needed(&r.Name, name+".name"),
		"tenant":   w.needed(&r.Tenant, name+".tenant"),
		"language": w.language(&r.Language, name+".language"),
		"group_by": func(n *yaml.Node) { grouped = true; w.TextList(&r.GroupBy, name+".group_by")(n) },
		"each":     func(n *yaml.Node) { each = new(bool); w.Bool(each, name+".each")(n) },
		"interval": w.Duration(&r.Interval, name+".interval"),
		"repeat":   w.repeat(&r.Repeat, name+".repeat"),
		"hours":    w.needed(&r.Hours, name+".hours"),
		"waits":    w.waits(&r.Waits, name+".waits"),
		"escalate": func(n *yaml.Node) { r.Escalate = w.escalation(n, name+".escalate") },
		"caps":     func(n *yaml.Node) { w.caps(&r.Caps, n, name+".caps") },
		"sinks":    w.List(name+".sinks", func(n *yaml.Node, name string) { r.Sinks = append(r.Sinks, w.sinkItem(n, name)...) }),
	})
	switch {
	case r.Name == "":
		w.Fail(n, "%s: name is missing", name)
	case r.Name == DefaultReceiver:
		w.Fail(n, "%s.name: %q is the receiver of what stands under sinks; use another name", name, r.Name)
	case len(r.Sinks) == 0:
		w.Fail(n, "%s: sinks: want at least one", name)
	}
	if each != nil && *each && grouped {
		w.Fail(n, "%s: group_by tells alerts together, and each tells every one on its own; give one of them", name)
	}
	for i := range r.Sinks {
		if each != nil {
			r.Sinks[i].Each = *each
		} else if grouped {
			r.Sinks[i].Each = false
		}
	}
	w.distinct(n, &r, name)
	return r
}

// repeat reads how often somebody is reminded; 0 means never.
func (w *walker) repeat(into *time.Duration, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		before := w.Faults()
		w.Duration(into, name)(n)
		if before == w.Faults() && *into > 0 && *into < shortestRepeat {
			w.Fail(n, "%s: want at least %s, or 0s for no reminders, not %s", name, shortestRepeat, *into)
		}
	}
}

func (w *walker) waits(into *[]string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*into = []string{}
		w.List(name, func(n *yaml.Node, name string) {
			var c string
			w.oneOf(&c, name, classes...)(n)
			if c == "act" {
				w.Fail(n, "%s: alerts of class act never wait", name)
			}
			*into = append(*into, c)
		})(n)
	}
}

func (w *walker) escalation(n *yaml.Node, name string) *Escalation {
	e, before := &Escalation{}, w.Faults()
	w.Fields(n, name, map[string]func(*yaml.Node){
		"after": w.atLeast(&e.After, time.Minute, name+".after"),
		"to":    w.needed(&e.To, name+".to"),
	})
	if before == w.Faults() && (e.After == 0 || e.To == "") {
		w.Fail(n, "%s: want after, how long nobody acknowledged, and to, the receiver who is told then", name)
	}
	return e
}

func (w *walker) caps(c *Caps, n *yaml.Node, name string) {
	count := func(into *int, key string) func(*yaml.Node) {
		return func(n *yaml.Node) {
			before := w.Faults()
			w.Int(into, name+"."+key)(n)
			if before == w.Faults() && *into < 1 {
				w.Fail(n, "%s.%s: want 1 or more messages a day, not %d; leave it out for no cap", name, key, *into)
			}
		}
	}
	w.Fields(n, name, map[string]func(*yaml.Node){
		"series": count(&c.Series, "series"), "service": count(&c.Service, "service"), "tenant": count(&c.Tenant, "tenant"), "day": count(&c.Day, "day"),
	})
}

func (w *walker) route(n *yaml.Node, name string) Route {
	r := Route{Line: n.Line}
	w.Fields(n, name, map[string]func(*yaml.Node){
		"match":     w.Matchers(&r.Match, name+".match"),
		"receivers": w.TextList(&r.Receivers, name+".receivers"),
		"continue":  w.Bool(&r.Continue, name+".continue"),
		"routes":    w.List(name+".routes", func(n *yaml.Node, name string) { r.Routes = append(r.Routes, w.route(n, name)) }),
	})
	if len(r.Receivers) == 0 && len(r.Routes) == 0 {
		w.Fail(n, "%s: it names no receivers and no routes", name)
	}
	return r
}

// wayOut checks, once the whole file is read, that routes and escalations lead
// to receivers that there are, in no circle, and across no tenant's border.
func (w *walker) wayOut(c *Config) {
	all, names := map[string]*Receiver{}, []string{}
	for i := range c.Receivers {
		r := &c.Receivers[i]
		at := &yaml.Node{Line: r.Line}
		if all[r.Name] != nil && r.Name != "" {
			w.Fail(at, "receivers: two are named %q", r.Name)
		}
		all[r.Name], names = r, append(names, r.Name)
		w.tenantOf(c, at, "receiver "+r.Name, r.Tenant)
		w.hoursOf(c, at, r)
	}
	for i := range c.Receivers {
		w.escalates(all, names, &c.Receivers[i])
	}
	w.leads(c.Routes, "", "routes", all, names)
}

// escalates follows the escalation of a receiver to its end.
func (w *walker) escalates(all map[string]*Receiver, names []string, r *Receiver) {
	at, way := &yaml.Node{Line: r.Line}, []string{r.Name}
	for e := r; e.Escalate != nil && e.Escalate.To != ""; {
		next := all[e.Escalate.To]
		switch {
		case next == nil && e == r:
			w.Fail(at, "receiver %s escalates to %q, which is no receiver%s", r.Name, e.Escalate.To, nearest(e.Escalate.To, names))
			return
		case next == nil:
			return // told at the receiver that says so
		case e == r && next.Tenant != "" && next.Tenant != r.Tenant:
			w.Fail(at, "receiver %s escalates to %s, which hears of tenant %s only", r.Name, next.Name, next.Tenant)
		}
		way = append(way, next.Name)
		if i := slices.Index(way, next.Name); i < len(way)-1 {
			if i == 0 && r.Name == slices.Min(way) { // a circle is told once
				w.Fail(at, "escalation goes in a circle: %s", strings.Join(way, " to "))
			}
			return
		}
		e = next
	}
}

// leads checks routes; tenant is what the routes above them are limited to.
func (w *walker) leads(routes []Route, tenant, name string, all map[string]*Receiver, names []string) {
	for i, r := range routes {
		at, name := &yaml.Node{Line: r.Line}, fmt.Sprintf("%s[%d]", name, i)
		of := tenant
		for _, m := range r.Match {
			if m.Name == "tenant" && m.Op == "=" {
				of = m.Value
			}
		}
		for _, to := range r.Receivers {
			switch rec := all[to]; {
			case rec == nil:
				w.Fail(at, "%s: %q is no receiver%s", name, to, nearest(to, names))
			case rec.Tenant != "" && of != "" && of != rec.Tenant:
				w.Fail(at, "%s: receiver %s hears of tenant %s only, and this route is of tenant %s", name, to, rec.Tenant, of)
			}
		}
		w.leads(r.Routes, of, name+".routes", all, names)
	}
}
