package route

import (
	"fmt"
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// Step is a route that was asked.
type Step struct {
	Route  string // routes[0].routes[1]
	Match  string // its matchers
	Taken  bool   // it matches
	Failed string // the matcher that does not
	Last   bool   // it takes the alert, and the ones after it are not asked
}

// Verdict is what becomes of a receiver that a route names.
type Verdict struct {
	Receiver string
	Route    string // that names it
	Told     bool
	Why      string // why it is not told
}

// Explanation says who would be told of labels, and why.
type Explanation struct {
	Labels    kizashi.Labels
	Steps     []Step
	Receivers []Verdict
}

// Explain says who would be told of an alert of tenant with these labels.
func (t *Tree) Explain(tenant string, ls kizashi.Labels) Explanation {
	e := Explanation{Labels: ls}
	told := map[string]bool{}
	tell := func(path string, names []string) {
		for _, n := range names {
			v := Verdict{Receiver: n, Route: path, Told: t.Hears(n, tenant) && !told[n]}
			switch {
			case told[n]:
				v.Why = "it is told already"
			case !v.Told:
				v.Why = t.deaf(n)
			}
			told[n] = told[n] || v.Told
			e.Receivers = append(e.Receivers, v)
		}
	}
	if len(t.routes) == 0 {
		tell("no routes", []string{Default})
		return e
	}
	e.walk(t.routes, "routes", nil, ls, tell)
	return e
}

// deaf says why a receiver does not hear of a tenant.
func (t *Tree) deaf(receiver string) string {
	i, ok := t.index[receiver]
	if !ok {
		return "there is no such receiver"
	}
	return fmt.Sprintf("it hears of tenant %s only", t.receivers[i].Tenant)
}

func (e *Explanation) walk(routes []Route, above string, inherited []string, ls kizashi.Labels, tell func(string, []string)) (taken bool) {
	for i, r := range routes {
		s := Step{Route: fmt.Sprintf("%s[%d]", above, i), Match: text(r.Match), Taken: true}
		for _, m := range r.Match {
			if !m.Matches(ls) {
				s.Taken, s.Failed = false, fmt.Sprintf("%s: %s is %q", m, m.Name, ls.Get(m.Name))
				break
			}
		}
		s.Last = s.Taken && !r.Continue
		e.Steps = append(e.Steps, s)
		if !s.Taken {
			continue
		}
		taken = true
		names := r.Receivers
		if len(names) == 0 {
			names = inherited
		}
		if !e.walk(r.Routes, s.Route+".routes", names, ls, tell) {
			tell(s.Route, names)
		}
		if s.Last {
			break
		}
	}
	return taken
}

// String is what `kizashi routes test` prints.
func (e Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", e.Labels)
	for _, s := range e.Steps {
		depth := strings.Repeat("  ", strings.Count(s.Route, "["))
		switch {
		case !s.Taken:
			fmt.Fprintf(&b, "%s%s {%s}: no, %s\n", depth, s.Route, s.Match, s.Failed)
		case s.Last:
			fmt.Fprintf(&b, "%s%s {%s}: matches\n", depth, s.Route, s.Match)
		default:
			fmt.Fprintf(&b, "%s%s {%s}: matches, and continues\n", depth, s.Route, s.Match)
		}
	}
	none := true
	for _, v := range e.Receivers {
		if v.Told {
			none = false
			fmt.Fprintf(&b, "told: %s (%s)\n", v.Receiver, v.Route)
		} else {
			fmt.Fprintf(&b, "not told: %s (%s): %s\n", v.Receiver, v.Route, v.Why)
		}
	}
	if none {
		b.WriteString("nobody is told\n")
	}
	return b.String()
}

func text(ms kizashi.Matchers) string {
	texts := make([]string, len(ms))
	for i, m := range ms {
		texts[i] = m.String()
	}
	return strings.Join(texts, ", ")
}
