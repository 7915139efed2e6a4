package dispatch

import (
	"slices"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/handling"
	"github.com/kizashi-ops/kizashi/alert/route"
	"github.com/kizashi-ops/kizashi/alert/severity"
)

// view is all that is known of an alert at a pass before any lane is looked
// at.
type view struct {
	e      *episode
	like   severity.Alike
	base   kizashi.Labels // without severity and owner; nil = the alert has changed
	ruled  kizashi.Labels // that severity's rules see: with the owner by configuration
	labels kizashi.Labels // that matchers see
	who    []string       // receivers by the routes, of labels

	result severity.Result
	owner  string
	by     alert.Act // what made it so, if somebody did
	mode   alert.Mode
	hold   alert.Hold // of every lane: mute or watch
	holder string     // the act that holds it
	grown  string     // the watch that it has outgrown
	past   bool       // it is the past that is being worked through
	waits  bool       // for that it was held back from some lane
	waited bool       // and so it was at the last pass
	news   bool       // it is over, and no pass and no lane has seen it fire
	fresh  bool       // of the lane that is looked at: not told, and nothing holds it
	quiet  bool       // of that lane too: it was told, and hears of no more than the end
	summed bool       // a note covers it
	taken  bool       // some lane tells it, or holds it for a reason
	keys   []keyed    // of labels, by desk
}

func (v *view) firing() bool  { return v.e.Alert.State == kizashi.Firing }
func (v *view) class() string { return v.result.Class }
func (v *view) guard() bool   { return severity.Guarded(&v.e.Alert) }

// look makes the views of all alerts that ever fired.
func (p *pass) look() {
	firing := map[severity.Alike]int{}
	for _, e := range p.d.alerts {
		if e.Fired == 0 || e.Alert.State == kizashi.Pending {
			continue
		}
		if e.view.e = e; e.view.base == nil {
			e.view.like = severity.AlikeOf(&e.Alert)
		}
		p.views = append(p.views, &e.view)
		if e.Alert.State == kizashi.Firing {
			firing[e.view.like]++
		}
	}
	slices.SortFunc(p.views, func(a, b *view) int { return strings.Compare(a.e.Alert.ID, b.e.Alert.ID) })
	for _, v := range p.views {
		v.see(p, firing[v.like])
	}
}

func (v *view) see(p *pass, firing int) {
	a, policy := &v.e.Alert, &p.d.policy
	if v.e.seen.IsZero() {
		v.e.seen = p.now
	}
	fresh := v.base == nil
	if fresh {
		v.base = route.Labels(a, a.Class, "", "")
		if v.ruled = v.base; len(policy.Handling.Owners) > 0 {
			v.ruled = route.Labels(a, a.Class, "", p.page.OwnerByRule(v.base))
		}
	}
	of := 0
	if policy.Members != nil {
		of = policy.Members(a)
	}
	was, owner := v.result, v.owner
	v.result = policy.Severity.Of(severity.Case{Alert: a, Labels: v.ruled, Firing: max(firing, 1), Of: of, Now: p.now})
	p.next(v.result.Until)
	v.owner, v.by = p.page.Owner(a, v.base)
	if fresh || was.Class != v.result.Class || was.Severity != v.result.Severity || owner != v.owner {
		v.labels = route.Labels(a, v.result.Class, v.result.Severity.String(), v.owner)
		v.keys = nil
		v.who = []string{route.Default}
		if policy.Routes != nil {
			v.who = policy.Routes.Who(a.Tenant, v.labels)
		}
	}
	v.mode = p.page.Mode(a, v.labels)
	v.taken, v.waits, v.waited = false, false, v.waits
	v.summed = policy.Summed != nil && policy.Summed(*a)
	v.past = v.firing() && v.isPast(p)
	v.news = !v.firing() && v.e.seen.Equal(p.now) && !slices.ContainsFunc(p.d.desks, func(k *desk) bool { return k.of[a.ID] != nil })
	v.held(p)
}

// isPast says that a firing alert of which nothing was told has to wait.
func (v *view) isPast(p *pass) bool {
	a, policy := &v.e.Alert, &p.d.policy
	if policy.Past != nil && policy.Past(*a) {
		return true
	}
	return p.now.Sub(a.Changed.UTC()) > policy.MaxAge && p.now.Sub(v.e.seen) < policy.Patience
}

// held finds the mute or the watch that an alert is under.
func (v *view) held(p *pass) {
	v.hold, v.holder, v.grown = "", "", ""
	if m, ok := p.page.Muted(&v.e.Alert, v.labels); ok {
		v.hold, v.holder = alert.HeldMute, m.ID
		return
	}
	w, ok := p.page.Watched(&v.e.Alert)
	switch {
	case !ok || !v.firing():
	case handling.Grown(w, 0, &v.e.Alert, v.result.Severity):
		v.grown = w.ID
	default:
		v.hold, v.holder = alert.HeldWatch, w.ID
	}
}
