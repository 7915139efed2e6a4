package dispatch

import (
	"fmt"
	"slices"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// spent is what a lane has had of its caps on one day. It follows from the
// threads, so that a restart counts the same.
type spent struct {
	date    string
	all     int
	tenants map[string]int
	keys    map[string]int
	series  map[kizashi.SeriesID]int
	stored  []*alert.Thread // of an earlier run: counted when their day is opened
}

// day begins to count anew when the date changes.
func (s *spent) day(date string) {
	if s.date == date {
		return
	}
	*s = spent{date: date, tenants: map[string]int{}, keys: map[string]int{}, series: map[kizashi.SeriesID]int{}, stored: s.stored}
}

// restore counts what an earlier run has told on this day.
func (k *desk) restore() {
	s := &k.spent
	for _, t := range s.stored {
		if t.Day != s.date {
			continue
		}
		s.all += t.Today
		s.tenants[t.Tenant] += t.Today
		s.keys[k.keyOf(&thread{Thread: *t})] += t.Today
		for _, m := range t.Members {
			if e := k.d.alerts[m.Alert]; e != nil && m.Since > 0 && m.At.In(k.recv.zone()).Format("2006-01-02") == s.date {
				s.series[e.Alert.Series]++
			}
		}
	}
	s.stored = nil
}

// allowed asks the caps. What they hold back of a message is marked so; if
// nothing is left of it there is no message. An end is always told, and a
// guard rail always passes, with what comes with it.
func (k *desk) allowed(p *pass, t *thread, n *news, reason alert.Reason) bool {
	c, s := k.recv.Caps, &k.spent
	if k.lane.Machine || c == (Caps{}) || reason == alert.ReasonResolved || reason == alert.ReasonEscalated {
		return true
	}
	if slices.ContainsFunc(n.fresh, (*view).guard) || n.worst != nil && n.worst.guard() {
		return true
	}
	reached := func(have, most int) bool { return most > 0 && have >= most }
	why := ""
	switch {
	case reached(s.all, c.Day):
		why = "day"
	case reached(s.tenants[t.Tenant], c.Tenant):
		why = "tenant"
	case reached(s.keys[k.keyOf(t)], c.Service):
		why = "service"
	}
	if why != "" {
		p.next(k.midnight(p.now))
		for _, v := range n.fresh {
			k.holdBack(t, v, why)
		}
		return false
	}
	if c.Series == 0 || len(n.fresh) == 0 {
		return true
	}
	left := n.fresh[:0]
	for _, v := range n.fresh {
		if reached(s.series[v.e.Alert.Series], c.Series) {
			p.next(k.midnight(p.now))
			k.holdBack(t, v, "series")
			continue
		}
		left = append(left, v)
	}
	n.fresh = left
	return len(left) > 0 || reason != alert.ReasonMore && reason != alert.ReasonOpened && t.Seq > 0
}

// holdBack marks an alert as held by a cap.
func (k *desk) holdBack(t *thread, v *view, why string) {
	m := t.member(v.e.Alert.ID)
	by := fmt.Sprintf("%s cap of %s", why, k.spent.date)
	if m.Held != alert.HeldCap || m.By != by {
		m.Held, m.By, t.dirty, v.fresh = alert.HeldCap, by, true, false
		k.capped = append(k.capped, v.e.Alert.ID)
	}
}

// spend counts a message.
func (k *desk) spend(t *thread, n *news) {
	if k.lane.Machine || t.State == kizashi.Resolved && len(n.fresh) == 0 {
		return
	}
	s := &k.spent
	if t.Day != s.date {
		t.Day, t.Today = s.date, 0
	}
	t.Today++
	s.all++
	s.tenants[t.Tenant]++
	s.keys[k.keyOf(t)]++
	for _, v := range n.fresh {
		s.series[v.e.Alert.Series]++
	}
}

// heldBack keeps the summary of the day: the first thing held back is told at
// once, so that nobody takes the silence for peace, and the rest when the day
// is over.
func (k *desk) heldBack(p *pass) {
	for at, t := range k.d.statements {
		if at.lane != k.lane.Name || t.Reason != alert.ReasonHeldBack || t.By == k.spent.date || !slices.ContainsFunc(t.Members, func(m alert.Member) bool { return m.Since == 0 }) {
			continue
		}
		for i := range t.Members {
			if t.Members[i].Since == 0 {
				t.Members[i].Since = t.Seq + 1
			}
		}
		t.Seq, t.Changed = t.Seq+1, p.now
		p.put(t, true)
	}
	if len(k.capped) == 0 {
		return
	}
	p.next(p.now) // a thread may be over now, and what was behind one of them no longer is
	byTenant := map[string][]string{}
	for _, id := range k.capped {
		tenant := k.d.alerts[id].Alert.Tenant
		byTenant[tenant] = append(byTenant[tenant], id)
	}
	for _, tenant := range sortedKeys(byTenant) {
		k.addHeldBack(p, tenant, byTenant[tenant])
	}
}

func (k *desk) addHeldBack(p *pass, tenant string, ids []string) {
	id := threadID(k.lane.Name, "held back", tenant, k.spent.date)
	at := place{k.lane.Name, id}
	t := k.d.statements[at]
	due := t == nil
	if t == nil {
		t = &alert.Thread{ID: id, Lane: k.lane.Name, Tenant: tenant, State: kizashi.Resolved, Seq: 1, Reason: alert.ReasonHeldBack, By: k.spent.date, Opened: p.now, Changed: p.now}
		k.d.statements[at] = t
	}
	have := membersOf(t)
	for _, a := range ids {
		if have[a] {
			continue
		}
		e := k.d.alerts[a]
		m := alert.Member{Alert: a, Turn: alert.TurnOf(e.Alert), Severity: e.view.result.Severity, At: p.now, Held: alert.HeldCap}
		if due {
			m.Since = 1
		}
		t.Until = max(t.Until, e.Alert.To)
		t.Members = append(t.Members, m)
	}
	byAlert(t)
	p.next(k.midnight(p.now))
	p.put(t, due)
}
