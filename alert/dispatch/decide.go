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
	prompt   bool    // one of those told, or new, does not wait for the hours
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
		// That it waits is stored also if nothing holds it: after a restart it is
		// over perhaps, and other lanes have it, so that nothing else says that
		// this one is owed it.
		t.dirty = t.dirty || why != "" || !k.lane.Each
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
	n.prompt = n.prompt || !k.waits(v)
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
	n.act, n.prompt = n.act || v.class() == "act", n.prompt || !k.waits(v)
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
	if v.quiet {
		n.most = max(n.most, m.Severity)
		return
	}
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
	now := k.duty || !k.waits(v)
	if now && !k.acked(p, t, v, m) {
		n.remind = true
	} else if !now {
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
