package dispatch

import (
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// prune forgets alerts that were over for long enough and that no open thread
// waits for, and statements of days ago.
func (p *pass) prune() {
	for _, v := range p.views {
		a := &v.e.Alert
		if a.State == kizashi.Firing || p.now.Sub(a.To.UTC()) <= p.d.policy.MaxAge {
			continue
		}
		if !slices.ContainsFunc(p.d.desks, func(k *desk) bool { t := k.of[a.ID]; return t != nil && !t.over() }) {
			delete(p.d.alerts, a.ID)
		}
	}
	for id, e := range p.d.alerts { // what was pending and came to nothing
		if e.Fired == 0 && e.Alert.State == kizashi.Resolved {
			delete(p.d.alerts, id)
		}
	}
	for at, t := range p.d.statements {
		if p.now.Sub(t.Changed) > keptFor {
			delete(p.d.statements, at)
		}
	}
	for _, k := range p.d.desks {
		k.prune(p.now)
	}
}

// keptFor is how long a thread that is over is kept at hand: an alert can come
// back to it, and caps count its messages.
const keptFor = 48 * time.Hour

// shed takes out of a thread that goes on what was over for long and is owed
// nothing: there are groups in which something always stands.
func (k *desk) shed(p *pass, t *thread) {
	if k.lane.Each {
		return
	}
	gone := t.drop(func(m *alert.Member) bool {
		if m.Turn.State != kizashi.Resolved || m.Since == 0 && m.Held == "" {
			return false // its end is to be told, or it waits for its interval
		}
		e := k.d.alerts[m.Alert]
		if e == nil { // the thread was over meanwhile, and its alerts forgotten
			return p.now.Sub(m.At) > keptFor
		}
		return e.Alert.State == kizashi.Resolved && p.now.Sub(e.Alert.To.UTC()) > keptFor
	})
	for _, id := range gone {
		if k.of[id] == t {
			delete(k.of, id)
		}
	}
}

// prune forgets threads that were over for long.
func (k *desk) prune(now time.Time) {
	for _, t := range k.loose {
		if now.Sub(t.Changed) <= keptFor {
			continue
		}
		delete(k.loose, t.ID)
		for i := range t.Members {
			if k.of[t.Members[i].Alert] == t {
				delete(k.of, t.Members[i].Alert)
			}
		}
	}
}
