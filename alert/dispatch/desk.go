package dispatch

import (
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// desk is where one lane's threads are kept.
type desk struct {
	d     *Dispatcher
	recv  *Receiver
	lane  Lane
	nth   int                // among the desks
	open  map[string]*thread // by key: not over
	of    map[string]*thread // by alert: the thread that has it, open or over
	loose map[string]*thread // by id: over, and kept for a while
	spent spent              // of today's caps

	// of one pass
	inhibited map[string]string // target: source
	behind    map[string]int    // source: how many
	capped    []string          // alerts held back by a cap
	left      []*thread         // threads that lost an alert
	duty      bool              // the hours are open
	opens     time.Time         // when they will be, if not
}

func newDesk(d *Dispatcher, r *Receiver, l Lane) *desk {
	return &desk{d: d, recv: r, lane: l, nth: len(d.desks), open: map[string]*thread{}, of: map[string]*thread{}, loose: map[string]*thread{}}
}

// mayHave says that a thread of a tenant may be the lane's.
func (k *desk) mayHave(tenant string) bool { return k.recv.Tenant == "" || k.recv.Tenant == tenant }

// load takes over a thread of an earlier run.
func (k *desk) load(stored *alert.Thread) {
	if stored.Statement() {
		return
	}
	k.spent.stored = append(k.spent.stored, stored)
	t := hold(stored)
	for i := range t.Members {
		// An alert can have been in several: the one that stands counts, or the newest.
		id := t.Members[i].Alert
		if have := k.of[id]; have == nil || have.over() && (!t.over() || t.Changed.After(have.Changed)) {
			k.of[id] = t
		}
	}
	if t.over() {
		k.loose[t.ID] = t
		return
	}
	k.open[k.keyOf(t)] = t
}

// keyOf is what key made of the thread's members.
func (k *desk) keyOf(t *thread) string {
	if k.lane.Each {
		return t.ID
	}
	return t.Tenant + " " + t.Key.String()
}

// run brings the lane's threads up to now.
func (k *desk) run(p *pass) {
	k.start(p)
	cands := k.candidates(p)
	k.inhibit(p, cands)
	var touched []*thread
	for _, v := range cands {
		t := k.threadOf(p, v)
		if t == nil {
			continue
		}
		if len(t.views) == 0 {
			touched = append(touched, t)
		}
		t.views = append(t.views, v)
	}
	for _, t := range append(touched, k.left...) {
		if len(t.views) > 0 {
			k.decide(p, t)
		}
		k.keep(p, t)
		t.views, t.dirty = nil, false
	}
	k.heldBack(p)
}

// start opens the day and the hours.
func (k *desk) start(p *pass) {
	k.spent.day(p.now.In(k.recv.zone()).Format(time.DateOnly))
	k.restore()
	k.duty, k.opens, k.capped, k.left = true, time.Time{}, nil, nil
	if h := k.recv.Hours; h != nil && !h.Open(p.now) {
		k.duty = false
		if at, ok := h.NextOpen(p.now); ok {
			k.opens = at
		}
	}
}

// candidates are the alerts that the lane hears of, or heard of.
func (k *desk) candidates(p *pass) (out []*view) {
	for _, v := range p.views {
		a := &v.e.Alert
		t := k.of[a.ID]
		var m *alert.Member
		v.quiet = false
		if t != nil {
			m = t.member(a.ID)
		}
		switch {
		case m != nil && m.Since > 0:
			v.taken = v.taken || v.firing()
			// A lane that hears of it no longer, since somebody has set a mode or
			// a route leads elsewhere now, is told the end that it is owed.
			v.quiet = !k.hears(p, v)
			if !t.over() && (!v.quiet || m.Turn.State == kizashi.Firing) || m.Turn.Seq < a.Seq && !v.quiet {
				out = append(out, v)
			}
		case m != nil && m.Held != "" && m.Turn.State == kizashi.Resolved && m.Turn.Seq == a.Seq:
			// It ended while it was held: that is settled. One that only waits
			// for its interval is told, although it is over.
		case k.hears(p, v) && !k.aside(p, v, m != nil):
			v.taken = true
			out = append(out, v)
		case m != nil && !k.hears(p, v):
			k.leave(t, a.ID)
		}
	}
	return out
}

// leave takes an alert out of a thread that never told it.
func (k *desk) leave(t *thread, id string) {
	t.drop(func(m *alert.Member) bool { return m.Alert == id })
	delete(k.of, id)
	k.left = append(k.left, t)
}

// hears says whether the lane hears of an alert that it was not told of.
func (k *desk) hears(p *pass, v *view) bool {
	a := &v.e.Alert
	switch {
	case !k.mayHave(a.Tenant):
		return false // whatever a route says
	case v.mode == alert.Shadow || v.mode == alert.Internal && k.recv.Tenant != "":
		return false
	case v.class() == "record" && !k.lane.Machine:
		return false
	}
	if slices.Contains(v.who, k.recv.Name) {
		return true
	}
	_, ok := p.escalated[k.recv.Name][a.ID]
	return ok
}

// aside says that an alert of which nothing was told is the past, or is told
// otherwise; waits says that it stands in a thread. What is over is news only
// if nobody has seen it fire: it came and went between two looks, or before a
// kill left a trace of it in any lane, or of a machine in its own. A machine
// hears of what is older than that too: its lane settles it.
func (k *desk) aside(p *pass, v *view, waits bool) bool {
	a := &v.e.Alert
	if v.firing() {
		if v.past {
			v.waits = true
			p.next(p.now.Add(lookAgain))
		}
		return v.past
	}
	if waits {
		return false
	}
	// A machine owes nobody peace: what counts is what itself was told. A kill
	// can have left a trace in other lanes alone.
	if k.lane.Machine {
		return !v.e.seen.Equal(p.now) && !v.waited
	}
	return !v.news && !v.waited || v.summed || p.now.Sub(a.To.UTC()) > k.d.policy.MaxAge
}

// threadOf finds the thread that an alert belongs to, or begins one at which
// nothing is due yet.
func (k *desk) threadOf(p *pass, v *view) *thread {
	a := &v.e.Alert
	if t := k.of[a.ID]; t != nil {
		key := k.keyOf(t)
		if !t.over() {
			return t
		}
		if !v.firing() {
			return t
		}
		if k.open[key] == nil || k.open[key] == t {
			k.open[key] = t // what is new of that key joins it
			return t
		}
		// Its own thread is over, and another of that key has begun.
		k.of[a.ID] = k.open[key]
		return k.open[key]
	}
	key, ls := k.cachedKey(v)
	t := k.open[key]
	if t == nil {
		id := a.ID
		if !k.lane.Each {
			id = threadID(k.lane.Name, key, a.ID, a.Seq)
			for n := 1; k.loose[id] != nil; n++ { // it opened one before, and was held when that ended
				id = threadID(k.lane.Name, key, a.ID, a.Seq, n)
			}
		}
		t = hold(&alert.Thread{ID: id, Lane: k.lane.Name, Tenant: a.Tenant, Key: ls, State: kizashi.Firing})
		k.open[key] = t
	}
	k.of[a.ID] = t
	return t
}

type keyed struct {
	text   string
	labels kizashi.Labels
}

func (k *desk) cachedKey(v *view) (string, kizashi.Labels) {
	if v.keys == nil {
		v.keys = make([]keyed, len(k.d.desks))
	}
	c := &v.keys[k.nth]
	if c.text == "" {
		c.text, c.labels = k.key(v)
	}
	return c.text, c.labels
}

// keep hands out a thread that changed, and files it.
func (k *desk) keep(p *pass, t *thread) {
	key := k.keyOf(t)
	if t.Seq == 0 && t.State == kizashi.Firing && !slices.ContainsFunc(t.Members, func(m alert.Member) bool { return m.Turn.State == kizashi.Firing }) {
		t.State, t.Changed, t.dirty = kizashi.Resolved, p.now, true // what waited is over, or goes elsewhere
	}
	if t.over() {
		if k.open[key] == t {
			delete(k.open, key)
		}
		k.loose[t.ID] = t
	} else {
		delete(k.loose, t.ID)
		k.open[key] = t
		k.shed(p, t)
	}
	if t.dirty {
		t.sorted()
		p.put(&t.Thread, false)
	}
}
