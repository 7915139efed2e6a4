package dispatch

import (
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// news is what a thread's views add up to.
type news struct {
	fresh    []*view // not told, and nothing holds them
	standing int     // told, and firing
	ends     int     // told and over, of which the end is held by a mute
	back     []*view // told as over, and firing again
	act      bool    // one of those told is to be acted on
	most     alert.Severity
	worst    *view // the worst that rose, if its severity is beyond all that was told
	remind   bool  // one that stands waits for somebody

	reason alert.Reason // that cannot wait
	by     string
}

// decide finds out what is due of a thread, and says it.
func (k *desk) decide(p *pass, t *thread) {
	n := k.gather(p, t)
	switch {
	case t.Seq == 0:
		if len(n.fresh) > 0 {
			reason, by := alert.ReasonOpened, ""
			if n.reason != "" {
				reason, by = n.reason, n.by
			}
			k.say(p, t, n, reason, by)
		}
	case t.over():
		k.reopen(p, t, n)
	case n.standing == 0 && n.ends == 0 && !anyFiring(n.fresh):
		k.end(p, t, n)
	default:
		k.continues(p, t, n)
	}
}

func anyFiring(vs []*view) bool {
	for _, v := range vs {
		if v.firing() {
			return true
		}
	}
	return false
}

// gather looks at each of a thread's alerts and notes what holds it.
func (k *desk) gather(p *pass, t *thread) *news {
	n := &news{}
	for _, v := range t.views {
		m := t.member(v.e.Alert.ID)
		why, by := k.held(p, v, m)
		if v.fresh = false; m == nil || m.Since == 0 {
			k.waiting(p, t, n, v, m, why, by)
		} else {
			k.told(p, t, n, v, m, why, by)
		}
	}
	if n.worst != nil && n.worst.result.Severity <= n.most {
		n.worst = nil
	}
	return n
}

// waiting looks at an alert that was not told. One that is over while it is
// held is settled so: there is nothing to tell of it.
func (k *desk) waiting(p *pass, t *thread, n *news, v *view, m *alert.Member, why alert.Hold, by string) {
	turn := alert.TurnOf(v.e.Alert)
	if m == nil {
		m = t.add(alert.Member{Alert: v.e.Alert.ID, Turn: turn, Severity: v.result.Severity})
		t.dirty = t.dirty || why != ""
	}
	if m.Turn.State == kizashi.Resolved && v.firing() && m.Held != "" {
		m.Held, m.By, t.dirty = "", "", true // it ended while it was held; this is a new beginning
	}
	was, wasBy := m.Held, m.By
	if m.Turn != turn && (why != "" || was != "") {
		t.dirty = true
	}
	m.Turn = turn
	if !v.firing() && was != "" {
		return
	}
	if why != "" {
		if m.Held != why || m.By != by {
			m.Held, m.By, t.dirty = why, by, true
		}
		return
	}
	v.fresh = true
	n.fresh = append(n.fresh, v)
	k.newsOf(p, n, v, was, wasBy)
}

// newsOf says why an alert that was not told cannot wait for its interval.
func (k *desk) newsOf(p *pass, n *news, v *view, was alert.Hold, by string) {
	because := func(r alert.Reason, by string) {
		if n.reason == "" {
			n.reason, n.by = r, by
		}
	}
	if from, ok := p.escalated[k.recv.Name][v.e.Alert.ID]; ok {
		because(alert.ReasonEscalated, from)
		return
	}
	switch was {
	case alert.HeldMute:
		because(alert.ReasonUnmuted, by)
	case alert.HeldWatch:
		because(unwatched(v), by)
	case alert.HeldHours:
		because(alert.ReasonHours, by)
	case alert.HeldInhibit, alert.HeldCap:
		because(alert.ReasonOpened, by)
	case "":
		if v.by.ID != "" && k.toldElsewhere(v, v.by.At) {
			because(alert.ReasonAssigned, v.by.ID)
		}
	}
}

func unwatched(v *view) alert.Reason {
	if v.grown != "" {
		return alert.ReasonGrown
	}
	return alert.ReasonUnwatched
}

// toldElsewhere says that another lane was told of an alert before a time.
func (k *desk) toldElsewhere(v *view, before time.Time) bool {
	for _, o := range k.d.desks {
		if t := o.of[v.e.Alert.ID]; o != k && t != nil {
			if m := t.member(v.e.Alert.ID); m != nil && m.Since > 0 && m.At.Before(before) {
				return true
			}
		}
	}
	return false
}

// told looks at an alert that the lane was told of.
func (k *desk) told(p *pass, t *thread, n *news, v *view, m *alert.Member, why alert.Hold, by string) {
	n.act = n.act || v.class() == "act"
	if !v.firing() {
		if why == alert.HeldMute && !k.lane.Level && m.Turn.State == kizashi.Firing {
			n.ends++
			if m.Held != why || m.By != by {
				m.Held, m.By, t.dirty = why, by, true
			}
		}
		if m.Turn.Seq < v.e.Alert.Seq && t.over() {
			n.back = append(n.back, v)
		}
		return
	}
	n.standing++
	was, wasBy := m.Held, m.By
	if why == "" && was != "" {
		switch {
		case k.lane.Machine:
			m.Held, m.By, t.dirty = "", "", true
		case was == alert.HeldMute:
			n.reason, n.by = alert.ReasonUnmuted, wasBy
		case was == alert.HeldWatch:
			n.reason, n.by = unwatched(v), wasBy
		}
	}
	if why != was && why != "" {
		m.Held, m.By, t.dirty = why, by, true
	}
	if why != "" {
		n.most = max(n.most, m.Severity)
		return
	}
	if m.Turn.State == kizashi.Resolved || k.lane.Each && m.Turn.Seq < v.e.Alert.Seq {
		n.back = append(n.back, v)
	}
	n.most = max(n.most, m.Severity)
	if v.result.Severity > m.Severity && (n.worst == nil || v.result.Severity > n.worst.result.Severity) {
		n.worst = v
	}
	if (v.class() == "act" || k.duty) && !k.acked(p, t, v, m) {
		n.remind = true
	} else if !k.duty && v.class() != "act" {
		p.next(k.opens)
	}
}

// acked says that somebody is at an alert.
func (k *desk) acked(p *pass, t *thread, v *view, m *alert.Member) bool {
	if _, ok := p.page.Acked(&v.e.Alert); ok {
		return true
	}
	act, ok := p.page.AckedThread(t.ID, t.Tenant)
	return ok && t.ID != v.e.Alert.ID && !act.At.Before(m.At)
}

// reopen brings a thread back that was over.
func (k *desk) reopen(p *pass, t *thread, n *news) {
	if len(n.back) == 0 && !anyFiring(n.fresh) {
		return
	}
	if k.lane.Each {
		k.say(p, t, n, alert.ReasonAgain, "")
		return
	}
	if n.standing == 0 && !anyFiring(n.fresh) {
		for _, v := range n.back { // it came and went between two looks, after its end was told
			t.member(v.e.Alert.ID).Turn, t.dirty = alert.TurnOf(v.e.Alert), true
		}
		return
	}
	due := t.Changed.Add(k.recv.Interval)
	if n.act || n.reason != "" || k.pressing(n) || !p.now.Before(due) {
		k.say(p, t, n, alert.ReasonAgain, "")
		return
	}
	p.next(due)
}

// end says that all members are over.
func (k *desk) end(p *pass, t *thread, n *news) {
	if !k.duty && !n.act && !k.lane.Level && !k.lane.Each && len(k.recv.Waits) > 0 {
		p.next(k.opens)
		return
	}
	for _, id := range t.drop(func(m *alert.Member) bool { return m.Since == 0 && m.Held != "" && m.Turn.State == kizashi.Firing }) {
		delete(k.of, id) // what is held goes on in a thread of its own
		p.next(p.now)
	}
	k.say(p, t, n, alert.ReasonResolved, "")
}

// continues says what is new in a thread that stands.
func (k *desk) continues(p *pass, t *thread, n *news) {
	reason, by, at := n.reason, n.by, p.now
	switch {
	case reason == alert.ReasonOpened:
		reason = alert.ReasonMore
	case reason != "":
	case len(n.back) > 0 && k.lane.Each:
		reason = alert.ReasonAgain
	case n.worst != nil && n.worst.class() == "act":
		reason = alert.ReasonWorse
	case k.pressing(n):
		reason = alert.ReasonMore
	case len(n.fresh) > 0 || len(n.back) > 0:
		reason, at = alert.ReasonMore, t.Changed.Add(k.recv.Interval)
	case n.worst != nil && !k.lane.Machine:
		reason, at = alert.ReasonWorse, t.Changed.Add(k.recv.Interval)
	case n.remind && k.recv.Repeat > 0 && !k.lane.Machine:
		reason, at = alert.ReasonReminder, t.Changed.Add(k.recv.Repeat)
	default:
		return
	}
	if k.lane.Machine && reason == alert.ReasonWorse {
		return
	}
	if at.After(p.now) {
		p.next(at)
		return
	}
	k.say(p, t, n, reason, by)
}

// pressing says that among what is new is something to be acted on that is
// worse than all that was told.
func (k *desk) pressing(n *news) bool {
	for _, v := range n.fresh {
		if v.class() == "act" && v.result.Severity > n.most {
			return true
		}
	}
	return false
}

// say makes a message due, unless a cap holds it back.
func (k *desk) say(p *pass, t *thread, n *news, reason alert.Reason, by string) {
	if !k.allowed(p, t, n, reason) {
		return
	}
	seq := t.Seq + 1
	if k.lane.Each {
		seq = max(seq, t.views[0].e.Alert.Seq)
	}
	firing, of := false, 0
	t.Until = kizashi.Time(0)
	for _, v := range t.views {
		a := &v.e.Alert
		m := t.member(a.ID)
		if m == nil || m.Since == 0 && !v.fresh {
			continue // it goes on to wait
		}
		k.sayOf(p, t, v, m, seq)
		firing = firing || v.firing()
		if p.d.policy.Members != nil && of == 0 {
			of = p.d.policy.Members(a)
		}
	}
	first := t.Seq == 0
	if first {
		t.Opened = p.now
	}
	if first || t.State == kizashi.Resolved || reason == alert.ReasonAgain {
		k.began(t, seq, firing)
		seq = t.Seq
	} else {
		t.Seq = seq
	}
	t.State, t.Reason, t.By, t.Changed, t.Of = kizashi.Firing, reason, by, p.now, of
	if !firing {
		t.State = kizashi.Resolved
		t.Reason = alert.ReasonResolved
	}
	t.Behind = k.behindOf(t)
	t.grounds()
	t.dirty = true
	if k.recv.Escalate.To != "" {
		p.next(p.now.Add(k.recv.Escalate.After))
	}
	if k.recv.Repeat > 0 && firing && !k.lane.Machine {
		p.next(p.now.Add(k.recv.Repeat))
	}
	p.out.Wake = append(p.out.Wake, k.lane.Name)
	k.spend(t, n)
}

// grounds notes of the member that leads why it is as urgent as it is, and
// whose it is.
func (t *thread) grounds() {
	lead, _ := t.Lead()
	for _, v := range t.views {
		if v.e.Alert.ID == lead.Alert {
			t.Terms, t.Owner = v.result.Terms, v.owner
		}
	}
}

// began sets what says that a thread began, or began again: at a Seq of its
// own, before the one that ends it if it is over already.
func (k *desk) began(t *thread, seq int, firing bool) {
	if firing {
		t.Seq, t.Fired, t.Sum = seq, seq, ""
		return
	}
	if k.lane.Each {
		v := t.views[0]
		t.Fired = max(t.Seq+1, v.e.Fired)
		t.Seq = max(t.Fired+1, v.e.Alert.Seq)
		if v.summed {
			t.Sum = alert.SumAbsence
		}
	} else {
		t.Fired, t.Seq = seq, seq+1
	}
	for i := range t.Members {
		if t.Members[i].Since > t.Fired {
			t.Members[i].Since = t.Fired
		}
	}
}

// sayOf brings a member to where its alert stands.
func (k *desk) sayOf(p *pass, t *thread, v *view, m *alert.Member, seq int) {
	if m.Since == 0 {
		m.Since, m.At = seq, p.now
		if m.Held != "" {
			m.Held = "" // By stays: why it comes only now
		}
		if m.By == "" {
			m.By = p.escalated[k.recv.Name][v.e.Alert.ID]
		}
	} else if m.Turn.State == kizashi.Resolved && v.firing() {
		m.At = p.now
	}
	if m.Held != "" && v.hold == "" {
		m.Held, m.By = "", ""
	}
	m.Turn, m.Severity = alert.TurnOf(v.e.Alert), v.result.Severity
	t.Until = max(t.Until, v.e.Alert.To)
}

// escalate finds what was told, is to be acted on, and that nobody
// acknowledged for too long.
func (p *pass) escalate() {
	p.escalated = map[string]map[string]string{}
	for _, k := range p.d.desks {
		if e := k.recv.Escalate; e.To != "" && !k.lane.Machine {
			for _, t := range k.open {
				k.escalate(p, t, e)
			}
		}
	}
}

func (k *desk) escalate(p *pass, t *thread, e Escalation) {
	for i := range t.Members {
		m := &t.Members[i]
		known := k.d.alerts[m.Alert]
		if known == nil || m.Since == 0 {
			continue
		}
		v := &known.view
		if !v.firing() || v.class() != "act" || v.hold != "" || k.acked(p, t, v, m) {
			continue
		}
		if at := m.At.Add(e.After); at.After(p.now) {
			p.next(at)
			continue
		}
		if p.escalated[e.To] == nil {
			p.escalated[e.To] = map[string]string{}
		}
		if have, ok := p.escalated[e.To][m.Alert]; !ok || k.recv.Name < have {
			p.escalated[e.To][m.Alert] = k.recv.Name
		}
	}
}
