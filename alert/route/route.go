// Package route says which receivers hear of an alert: a tree of matchers over
// its labels. No route crosses a tenant's border.
package route

import (
	"fmt"
	"slices"

	"github.com/kizashi-ops/kizashi"
)

// Default is the receiver that hears where there are no routes.
const Default = "default"

// Receiver is what routes know of one.
type Receiver struct {
	Name     string
	Tenant   string // it hears of this one only; "" = internal: those who run Kizashi
	Escalate string // who is told of what nobody acknowledged; "" = nobody
}

// Route sends what it matches to receivers. The first route of a list that
// matches takes an alert, and the next ones too where it says Continue. Inside
// it the routes below it go on in the same way; where none of them matches it
// is its own receivers that hear.
type Route struct {
	Match     kizashi.Matchers // over Labels
	Receivers []string         // none = those of the route above
	Continue  bool
	Routes    []Route
}

// Labels are what routes, mutes and rules match: the alert's labels, and under
// our own names what we say of it. Ours win over a series' label of the same
// name, or whoever writes labels could choose who hears.
func Labels(a *kizashi.Alert, class, severity, owner string) kizashi.Labels {
	own := [...]kizashi.Label{{Name: "class", Value: class}, {Name: "group", Value: a.Group}, {Name: "owner", Value: owner},
		{Name: "severity", Value: severity}, {Name: "side", Value: a.Side.String()}, {Name: "tenant", Value: a.Tenant}}
	out := make(kizashi.Labels, 0, len(a.Labels)+len(own))
	i := 0
	for _, l := range a.Labels {
		for i < len(own) && own[i].Name < l.Name {
			out, i = append(out, own[i]), i+1
		}
		if i < len(own) && own[i].Name == l.Name {
			continue
		}
		out = append(out, l)
	}
	return append(out, own[i:]...)
}

// Tree is a set of routes that was checked. It may be used by any number of
// goroutines.
type Tree struct {
	receivers []Receiver
	index     map[string]int
	routes    []Route
}

// New checks receivers and routes. The error joins all that is wrong.
func New(receivers []Receiver, routes []Route) (*Tree, error) {
	t := &Tree{receivers: receivers, index: map[string]int{}, routes: routes}
	for i, r := range receivers {
		if _, twice := t.index[r.Name]; twice {
			return nil, fmt.Errorf("receivers: two are named %q", r.Name)
		}
		t.index[r.Name] = i
	}
	return t, t.check()
}

// Who returns the names of the receivers that hear of an alert of tenant with
// these labels, each once, in the order in which routes name them.
func (t *Tree) Who(tenant string, ls kizashi.Labels) []string {
	var out []string
	tell := func(names []string) {
		for _, n := range names {
			if t.Hears(n, tenant) && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	if len(t.routes) == 0 {
		tell([]string{Default})
		return out
	}
	walk(t.routes, nil, ls, tell)
	return out
}

// Hears says whether a receiver may hear of a tenant at all.
func (t *Tree) Hears(receiver, tenant string) bool {
	i, ok := t.index[receiver]
	return ok && (t.receivers[i].Tenant == "" || t.receivers[i].Tenant == tenant)
}

// walk calls tell for each route that takes the alert.
func walk(routes []Route, inherited []string, ls kizashi.Labels, tell func([]string)) (taken bool) {
	for i := range routes {
		r := &routes[i]
		if !r.Match.Matches(ls) {
			continue
		}
		taken = true
		names := r.Receivers
		if len(names) == 0 {
			names = inherited
		}
		if !walk(r.Routes, names, ls, tell) {
			tell(names)
		}
		if !r.Continue {
			break
		}
	}
	return taken
}
