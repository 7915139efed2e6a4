package route

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// Fault is something wrong with a route or a receiver.
type Fault struct {
	Route    string // routes[0].routes[1]; "" = it is about a receiver
	Receiver string
	What     string
}

// Error says where and what.
func (f Fault) Error() string {
	if f.Route == "" {
		return fmt.Sprintf("receiver %s: %s", f.Receiver, f.What)
	}
	return f.Route + ": " + f.What
}

func (t *Tree) check() error {
	var errs []error
	fail := func(f Fault) { errs = append(errs, f) }
	t.checkEscalation(fail)
	t.checkRoutes(t.routes, "routes", nil, nil, fail)
	return errors.Join(errs...)
}

// checkEscalation follows each receiver's escalation to its end.
func (t *Tree) checkEscalation(fail func(Fault)) {
	for _, r := range t.receivers {
		if r.Escalate == "" {
			continue
		}
		i, ok := t.index[r.Escalate]
		switch {
		case !ok:
			fail(Fault{Receiver: r.Name, What: fmt.Sprintf("escalate: %q is no receiver", r.Escalate)})
			continue
		case t.receivers[i].Tenant != "" && t.receivers[i].Tenant != r.Tenant:
			fail(Fault{Receiver: r.Name, What: fmt.Sprintf("escalate: %s hears of tenant %s only", r.Escalate, t.receivers[i].Tenant)})
		}
		way := []string{r.Name}
		for next := r.Escalate; next != "" && ok; {
			way = append(way, next)
			if next == r.Name {
				fail(Fault{Receiver: r.Name, What: "escalate goes round in a circle: " + strings.Join(way, " to ")})
				break
			}
			if len(way) > len(t.receivers) {
				break // a circle that this one only leads to; those in it say so
			}
			if i, ok = t.index[next]; ok {
				next = t.receivers[i].Escalate
			}
		}
	}
}

func (t *Tree) checkRoutes(routes []Route, above string, inherited []string, outer kizashi.Matchers, fail func(Fault)) {
	for i, r := range routes {
		path := fmt.Sprintf("%s[%d]", above, i)
		names := r.Receivers
		if len(names) == 0 {
			names = inherited
		}
		if len(names) == 0 && len(r.Routes) == 0 {
			fail(Fault{Route: path, What: "it has no receivers, and none stand above it"})
		}
		all := slices.Concat(outer, r.Match)
		for _, n := range r.Receivers {
			t.checkReceiver(n, path, all, fail)
		}
		if a, b, ok := contradiction(all); ok {
			fail(Fault{Route: path, What: fmt.Sprintf("it can never match: %s and %s", a, b)})
		}
		for j, o := range routes[:i] {
			if !o.Continue && covers(o.Match, r.Match) {
				fail(Fault{Route: path, What: fmt.Sprintf("it is never reached: %s[%d] takes all that it would match, and does not continue", above, j)})
				break
			}
		}
		t.checkRoutes(r.Routes, path+".routes", names, all, fail)
	}
}

func (t *Tree) checkReceiver(name, path string, all kizashi.Matchers, fail func(Fault)) {
	i, ok := t.index[name]
	if !ok {
		fail(Fault{Route: path, What: fmt.Sprintf("%q is no receiver; there are: %s", name, strings.Join(t.names(), ", "))})
		return
	}
	for _, m := range all {
		own := kizashi.Labels{{Name: "tenant", Value: t.receivers[i].Tenant}}
		if m.Name == "tenant" && own[0].Value != "" && !m.Matches(own) {
			fail(Fault{Route: path, What: fmt.Sprintf("receiver %s hears of tenant %s only, and the route matches %s", name, own[0].Value, m)})
		}
	}
}

func (t *Tree) names() []string {
	var out []string
	for _, r := range t.receivers {
		out = append(out, r.Name)
	}
	return out
}

// covers says that whatever satisfies b satisfies a: each matcher of a stands
// in b too, or follows from an equality there. It may be wrong on the safe
// side only.
func covers(a, b kizashi.Matchers) bool {
	for _, m := range a {
		follows := func(o kizashi.Matcher) bool {
			return m.Name == o.Name && (m.String() == o.String() || o.Op == "=" && m.Matches(kizashi.Labels{{Name: o.Name, Value: o.Value}}))
		}
		if !slices.ContainsFunc(b, follows) {
			return false
		}
	}
	return true
}

// contradiction finds an equality that another matcher excludes.
func contradiction(ms kizashi.Matchers) (a, b kizashi.Matcher, ok bool) {
	for _, a := range ms {
		for _, b := range ms {
			if a.Op == "=" && a.Name == b.Name && !b.Matches(kizashi.Labels{{Name: a.Name, Value: a.Value}}) {
				return a, b, true
			}
		}
	}
	return a, b, false
}
