// Package handling says what people have said of alerts, as it holds at a
// time: acknowledged, watched, muted, whose they are, and who may hear of them
// at all. It reads no clock; what it says follows from the acts, the
// configuration and the time alone.
package handling

import (
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/calendar/recur"
)

// Said is an act with its window, if it has one. One whose text names a window
// and that has none, since it cannot be read any more, does not hold.
type Said struct {
	alert.Act
	Window *recur.Window
}

// ModeRule sets the delivery mode of the series of a tenant that it matches.
type ModeRule struct {
	Tenant string // "" = of every tenant
	Match  kizashi.Matchers
	Mode   alert.Mode
}

// OwnerRule says whose an alert is.
type OwnerRule struct {
	Match kizashi.Matchers // over the alert's labels, tenant, group, class and side
	Owner string
}

// Rules are what the configuration says before anybody has said anything.
type Rules struct {
	Modes    map[string]alert.Mode // by tenant, "" = live; one that is not there is internal at most. Nil: nothing is said of tenants, and all are live
	Series   []ModeRule            // over the tenant's mode; the last that matches
	Owners   []OwnerRule           // the first that matches
	Declared []Said                // mutes
}

// Book holds the rules and all acts that may still count.
type Book struct {
	rules Rules
	acts  []Said // in the order in which they were said
	known map[string]bool
}

// New returns a Book of rules.
func New(r Rules) *Book { return &Book{rules: r, known: map[string]bool{}} }

// Add takes in acts, in the order in which they were said; one that it has
// changes nothing.
func (b *Book) Add(acts ...Said) (added bool) {
	for _, a := range acts {
		if b.known[a.ID] {
			continue
		}
		b.known[a.ID], added = true, true
		b.acts = append(b.acts, a)
	}
	return added
}

// Page is what holds at one time.
type Page struct {
	Next      time.Time  // when the first mute or watch in force ends, or somebody is to be asked; zero = never
	Reminders []Reminder // of acts that hold, in the order in which they were said

	rules   *Rules
	acks    map[string]alert.Act // by alert: the last one
	watches map[string]alert.Act
	owners  map[string]alert.Act
	modes   map[string]alert.Act // by tenant: the last one
	series  []alert.Act          // modes of series
	mutes   []alert.Act
	named   map[string]alert.Act // mutes of one alert
}

// At opens the Book at a time: what was said later does not count yet, what
// was taken back by then no longer.
func (b *Book) At(now time.Time) *Page {
	p := &Page{rules: &b.rules, acks: map[string]alert.Act{}, watches: map[string]alert.Act{}, owners: map[string]alert.Act{},
		modes: map[string]alert.Act{}, named: map[string]alert.Act{}}
	undone := map[string]bool{}
	for _, a := range b.acts {
		if a.Kind == alert.ActUndo && !a.At.After(now) {
			undone[a.Undoes] = true
		}
	}
	for _, a := range slices.Concat(b.rules.Declared, b.acts) {
		if !undone[a.ID] && !a.At.After(now) {
			p.take(a, now)
		}
	}
	return p
}

func (p *Page) take(a Said, now time.Time) {
	if a.Act.Window != "" && a.Window == nil {
		return // without its window it would hold for ever
	}
	p.remind(a.Act, now)
	switch a.Kind {
	case alert.ActAck:
		p.acks[a.Alert] = a.Act
	case alert.ActFeedback:
		if a.Value != "owner" {
			p.acks[a.Alert] = a.Act // somebody has looked at it
		}
	case alert.ActAssign:
		p.owners[a.Alert] = a.Act
	case alert.ActMode:
		if a.Alert != "" || len(a.Match) > 0 {
			p.series = append(p.series, a.Act)
		} else {
			p.modes[a.Tenant] = a.Act
		}
	case alert.ActWatch:
		if now.Before(a.Until) {
			p.watches[a.Alert] = a.Act
			p.ends(a.Until)
		} else {
			delete(p.watches, a.Alert) // a later word ends an earlier one
		}
	case alert.ActMute:
		p.mute(a, now)
	}
}

func (p *Page) mute(a Said, now time.Time) {
	until := a.Until
	if a.Window != nil {
		span, ok := a.Window.At(now)
		if !ok {
			return
		}
		until = span.To
	} else if now.Before(a.From) || !until.IsZero() && !now.Before(until) {
		return
	}
	p.ends(until)
	if a.Alert != "" {
		p.named[a.Alert] = a.Act
		return
	}
	p.mutes = append(p.mutes, a.Act)
}

func (p *Page) ends(t time.Time) {
	if !t.IsZero() && (p.Next.IsZero() || t.Before(p.Next)) {
		p.Next = t
	}
}

// Muted returns the mute that keeps an alert from being delivered. labels are
// those that matchers see.
func (p *Page) Muted(a *kizashi.Alert, labels kizashi.Labels) (alert.Act, bool) {
	if m, ok := p.named[a.ID]; ok && m.Tenant == a.Tenant {
		return m, true
	}
	for _, m := range p.mutes {
		if m.Tenant == a.Tenant && m.Match.Matches(labels) {
			return m, true
		}
	}
	return alert.Act{}, false
}

// Acked returns who is at an alert, or has judged it: an acknowledgement, or
// feedback, of its present stretch. One that came back after it was over has
// to be acknowledged again.
func (p *Page) Acked(a *kizashi.Alert) (alert.Act, bool) {
	act, ok := p.acks[a.ID]
	if !ok || act.Tenant != a.Tenant || a.State == kizashi.Firing && act.At.Before(a.Changed.UTC()) {
		return alert.Act{}, false
	}
	return act, true
}

// AckedThread returns who is at all that a thread had told by then.
func (p *Page) AckedThread(id, tenant string) (alert.Act, bool) {
	act, ok := p.acks[id]
	return act, ok && act.Tenant == tenant
}

// Watched returns the 静観 that an alert is under.
func (p *Page) Watched(a *kizashi.Alert) (alert.Act, bool) {
	act, ok := p.watches[a.ID]
	return act, ok && act.Tenant == a.Tenant
}

// Owner returns whose an alert is, and the act that made it so; without one
// its ID is "".
func (p *Page) Owner(a *kizashi.Alert, labels kizashi.Labels) (owner string, by alert.Act) {
	if act, ok := p.owners[a.ID]; ok && act.Tenant == a.Tenant {
		return act.Value, act
	}
	return p.OwnerByRule(labels), alert.Act{}
}

// OwnerByRule returns whose an alert is before anybody has said anything.
func (p *Page) OwnerByRule(labels kizashi.Labels) string {
	for _, r := range p.rules.Owners {
		if r.Match.Matches(labels) {
			return r.Owner
		}
	}
	return ""
}

// Mode returns who may hear of an alert. What was said by command goes before
// the configuration, and what was said of a series before its tenant's.
func (p *Page) Mode(a *kizashi.Alert, labels kizashi.Labels) alert.Mode {
	return p.known(a.Tenant, p.mode(a, labels))
}

func (p *Page) mode(a *kizashi.Alert, labels kizashi.Labels) alert.Mode {
	for _, act := range slices.Backward(p.series) {
		if act.Tenant == a.Tenant && (act.Alert == a.ID || act.Alert == "" && act.Match.Matches(labels)) {
			return alert.Mode(act.Value)
		}
	}
	for _, r := range slices.Backward(p.rules.Series) {
		if (r.Tenant == "" || r.Tenant == a.Tenant) && r.Match.Matches(labels) {
			return r.Mode
		}
	}
	return p.TenantMode(a.Tenant)
}

// TenantMode returns who may hear of a tenant, its digest included.
func (p *Page) TenantMode(tenant string) alert.Mode {
	m := alert.Live
	if act, ok := p.modes[tenant]; ok {
		m = alert.Mode(act.Value)
	} else if rule := p.rules.Modes[tenant]; rule != "" {
		m = rule
	}
	return p.known(tenant, m)
}

// known keeps what is left of a tenant that was taken out of the configuration
// among those who run Kizashi: its mode went with it, and may have been a
// shadow.
func (p *Page) known(tenant string, m alert.Mode) alert.Mode {
	if _, ok := p.rules.Modes[tenant]; !ok && p.rules.Modes != nil && m == alert.Live {
		return alert.Internal
	}
	return m
}
