package dispatch

import (
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// reopen brings a thread back that was over.
func (k *desk) reopen(p *pass, t *thread, n *news) {
	if len(n.back) == 0 && len(n.fresh) == 0 {
		return
	}
	if k.lane.Each {
		k.say(p, t, n, alert.ReasonAgain, "")
		return
	}
	if n.standing == 0 && len(n.fresh) == 0 {
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
	if !k.duty && !n.prompt && !k.lane.Level && !k.lane.Each {
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
		if v.quiet && v.firing() {
			firing = true
			continue // it stays as it was told
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
	m.Turn, m.Severity, m.Owes = alert.TurnOf(v.e.Alert), v.result.Severity, v.e.Alert.Justify == ""
	t.Until = max(t.Until, v.e.Alert.To)
}
