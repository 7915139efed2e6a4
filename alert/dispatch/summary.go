package dispatch

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// digestFor is how late a digest may be: after an outage of Kizashi yesterday's
// is not told in the evening.
const digestFor = 12 * time.Hour

// digests tells each tenant's day, once.
func (p *pass) digests() {
	for _, g := range p.d.policy.Digests {
		zone := g.Zone
		if zone == nil {
			zone = time.UTC
		}
		y, m, day := p.now.In(zone).Date()
		at := time.Date(y, m, day, 0, 0, int(g.At/time.Second), 0, zone)
		if p.now.Before(at) {
			p.next(at)
			at = time.Date(y, m, day-1, 0, 0, int(g.At/time.Second), 0, zone)
		} else {
			p.next(time.Date(y, m, day+1, 0, 0, int(g.At/time.Second), 0, zone))
		}
		if p.now.Sub(at) < digestFor {
			p.digest(g.Tenant, at)
		}
	}
}

func (p *pass) digest(tenant string, due time.Time) {
	mode := p.page.TenantMode(tenant)
	for _, k := range p.d.readers(tenant) {
		if mode == alert.Shadow || mode == alert.Internal && k.recv.Tenant != "" {
			continue
		}
		date := due.Format(time.DateOnly)
		id := threadID(k.lane.Name, "digest", tenant, date)
		at := place{k.lane.Name, id}
		if p.d.statements[at] != nil {
			continue
		}
		t := &alert.Thread{ID: id, Lane: k.lane.Name, Tenant: tenant, State: kizashi.Resolved, Seq: 1, Reason: alert.ReasonDigest, By: date,
			Opened: due, Changed: p.now, Until: kizashi.TimeOf(due), Members: []alert.Member{}}
		p.d.statements[at] = t
		p.put(t, true)
	}
}

// askFor is how late somebody is asked of an act. It is less than keptFor: what
// was asked is known for as long.
const askFor = 36 * time.Hour

// reminders ask whether acts until further notice are still wanted, once each
// time that is due: those who run Kizashi, or where nobody does the tenant's
// own receivers.
func (p *pass) reminders() {
	for _, r := range p.page.Reminders {
		if p.now.Sub(r.At) >= askFor || p.page.TenantMode(r.Act.Tenant) == alert.Shadow {
			continue
		}
		for _, k := range p.d.runners(r.Act.Tenant) {
			if k.recv.Tenant != "" && p.page.TenantMode(r.Act.Tenant) == alert.Internal {
				continue
			}
			id := threadID(k.lane.Name, "ask", r.Act.ID, r.At.Unix())
			at := place{k.lane.Name, id}
			if p.d.statements[at] != nil {
				continue
			}
			t := &alert.Thread{ID: id, Lane: k.lane.Name, Tenant: r.Act.Tenant, State: kizashi.Resolved, Seq: 1, Reason: alert.ReasonAsk, By: r.Act.ID,
				Opened: r.At, Changed: p.now, Until: kizashi.TimeOf(p.now), Members: []alert.Member{}}
			p.d.statements[at] = t
			p.put(t, true)
		}
	}
}

// runners are the lanes of people who run Kizashi; where there are none, those
// in which people read of the tenant.
func (d *Dispatcher) runners(tenant string) (out []*desk) {
	for _, k := range d.desks {
		if !k.lane.Machine && k.recv.Tenant == "" {
			out = append(out, k)
		}
	}
	if len(out) == 0 {
		return d.readers(tenant)
	}
	return out
}

// readers are the lanes in which people read of a tenant: its own receivers',
// or where it has none those of the people who run Kizashi.
func (d *Dispatcher) readers(tenant string) []*desk {
	var own, internal []*desk
	for _, k := range d.desks {
		switch {
		case k.lane.Machine:
		case k.recv.Tenant == tenant:
			own = append(own, k)
		case k.recv.Tenant == "":
			internal = append(internal, k)
		}
	}
	if len(own) > 0 {
		return own
	}
	return internal
}

// caughtUp sums up what lanes could not tell in time. While a lane cannot tell
// the summary either, more goes into the same one.
func (p *pass) caughtUp() {
	for _, k := range p.d.desks {
		ids := p.d.missed[k.lane.Name]
		if len(ids) == 0 {
			continue
		}
		delete(p.d.missed, k.lane.Name)
		if k.lane.Level {
			continue
		}
		slices.Sort(ids)
		missed := map[string][]*thread{}
		for _, id := range slices.Compact(ids) {
			if t := k.loose[id]; t != nil && t.Sum == "" {
				missed[t.Tenant] = append(missed[t.Tenant], t)
			}
		}
		for _, tenant := range sortedKeys(missed) {
			k.sumUp(p, tenant, missed[tenant])
		}
	}
}

// membersOf are the alerts of a thread.
func membersOf(t *alert.Thread) map[string]bool {
	out := make(map[string]bool, len(t.Members))
	for i := range t.Members {
		out[t.Members[i].Alert] = true
	}
	return out
}

func byAlert(t *alert.Thread) {
	slices.SortFunc(t.Members, func(a, b alert.Member) int { return strings.Compare(a.Alert, b.Alert) })
}

func (k *desk) sumUp(p *pass, tenant string, missed []*thread) {
	sum := k.summary(p, tenant, missed[0])
	sum.Seq, sum.Changed = sum.Seq+1, p.now
	have := membersOf(sum)
	for _, t := range missed {
		for _, m := range t.Members {
			if m.Since > 0 && !have[m.Alert] {
				have[m.Alert] = true
				m.Since, m.At = sum.Seq, p.now
				sum.Members = append(sum.Members, m)
			}
		}
		sum.Until = max(sum.Until, t.Until)
		t.Sum = sum.ID
		p.put(&t.Thread, false)
	}
	byAlert(sum)
	p.put(sum, true)
}

// summary is the one that the lane was not told yet, or a new one.
func (k *desk) summary(p *pass, tenant string, first *thread) *alert.Thread {
	for at, t := range k.d.statements {
		if at.lane == k.lane.Name && t.Reason == alert.ReasonCaughtUp && t.Tenant == tenant {
			return t
		}
	}
	t := &alert.Thread{ID: threadID(k.lane.Name, "caught up", tenant, first.ID, first.Seq), Lane: k.lane.Name, Tenant: tenant,
		State: kizashi.Resolved, Reason: alert.ReasonCaughtUp, Opened: p.now}
	k.d.statements[place{k.lane.Name, t.ID}] = t
	return t
}
