package dispatch

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/handling"
	"github.com/kizashi-ops/kizashi/alert/route"
	"pgregory.net/rapid"
)

// anyPolicy draws receivers of two tenants and of nobody's, routes between
// them, caps, hours' lengths and an inhibition.
func anyPolicy(t *rapid.T) Policy {
	minutes := func(name string, most int) time.Duration {
		return time.Duration(rapid.IntRange(0, most).Draw(t, name)) * time.Minute
	}
	var rs []Receiver
	var names []route.Receiver
	for _, n := range []struct{ name, tenant string }{{"default", ""}, {"boss", ""}, {"shop", "shop"}, {"bank", "bank"}} {
		r := Receiver{Name: n.name, Tenant: n.tenant, Interval: minutes("interval", 10), Repeat: minutes("repeat", 1) * 240, Waits: []string{"check"}}
		r.GroupBy = rapid.SampledFrom([][]string{nil, {"service"}, {"service", "host"}}).Draw(t, "group by")
		if rapid.Bool().Draw(t, "caps") {
			r.Caps = Caps{Series: rapid.IntRange(0, 2).Draw(t, "series"), Service: rapid.IntRange(0, 3).Draw(t, "service"), Day: rapid.IntRange(0, 5).Draw(t, "day")}
		}
		if n.name != "boss" && rapid.Bool().Draw(t, "escalates") {
			r.Escalate = Escalation{After: 30 * time.Minute, To: "boss"}
		}
		r.Lanes = []Lane{{Name: n.name + " mail"}}
		if rapid.Bool().Draw(t, "machine") {
			r.Lanes = append(r.Lanes, Lane{Name: n.name + " am", Each: true, Machine: true, Level: rapid.Bool().Draw(t, "level")}, Lane{Name: n.name + " each", Each: true})
		}
		rs, names = append(rs, r), append(names, route.Receiver{Name: n.name, Tenant: n.tenant, Escalate: r.Escalate.To})
	}
	var routes []route.Route
	for range rapid.IntRange(0, 3).Draw(t, "routes") {
		m := rapid.SampledFrom([]string{`service="web"`, `severity="critical"`, `tenant="shop"`, `class="act"`, `host=~"h1|h2"`, `owner="app"`}).Draw(t, "match")
		pm, err := kizashi.ParseMatcher(m)
		if err != nil {
			t.Fatal(err)
		}
		who := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"default", "boss", "shop", "bank"}), 1, 3, rapid.ID).Draw(t, "who")
		routes = append(routes, route.Route{Match: kizashi.Matchers{pm}, Receivers: who, Continue: true})
	}
	if rapid.Bool().Draw(t, "for the rest") {
		routes = append(routes, route.Route{Receivers: []string{"default"}})
	}
	tree, err := route.New(names, routes)
	if err != nil {
		t.Skip(err) // a route that its receiver cannot hear
	}
	p := Policy{Receivers: rs, Routes: tree, MaxAge: time.Hour, Patience: 5 * time.Minute}
	if rapid.Bool().Draw(t, "inhibits") {
		p.Inhibit = []Inhibition{{Source: matchOne(`host="h1"`), Target: matchOne(`host!="h1"`), Equal: []string{"service"}}}
	}
	return p
}

func matchOne(s string) kizashi.Matchers {
	m, err := kizashi.ParseMatcher(s)
	if err != nil {
		panic(err)
	}
	return kizashi.Matchers{m}
}

// world is a run of a drawn policy.
type world struct {
	*rapid.T
	p     Policy
	d     *Dispatcher
	now   time.Time
	store map[place]alert.Thread
	known map[string]kizashi.Alert
	fired map[string]int
	acts  []handling.Said
	last  Result
}

func (w *world) recv(lane string) *Receiver {
	for i := range w.p.Receivers {
		if slices.ContainsFunc(w.p.Receivers[i].Lanes, func(l Lane) bool { return l.Name == lane }) {
			return &w.p.Receivers[i]
		}
	}
	w.Fatalf("no lane %s", lane)
	return nil
}

func (w *world) machine(lane string) bool {
	return slices.ContainsFunc(w.recv(lane).Lanes, func(l Lane) bool { return l.Name == lane && l.Machine })
}

func (w *world) look() {
	for range 20 {
		r := w.d.Pass(w.now)
		for _, t := range r.Threads {
			w.checkThread(w.store[place{t.Lane, t.ID}], t)
			w.store[place{t.Lane, t.ID}] = t
		}
		w.last = r
		if r.Next.IsZero() || r.Next.After(w.now) {
			return
		}
	}
	w.Fatal("it never comes to rest")
}

// checkThread holds a thread against what it was.
func (w *world) checkThread(old, t alert.Thread) {
	if r := w.recv(t.Lane); r.Tenant != "" && r.Tenant != t.Tenant {
		w.Fatalf("%s of tenant %s is told of tenant %s", r.Name, r.Tenant, t.Tenant)
	}
	for _, m := range t.Members {
		if w.known[m.Alert].Tenant != t.Tenant {
			w.Fatalf("thread %s of %s has alert %s of another tenant", t.ID, t.Tenant, m.Alert)
		}
		if m.Since > t.Seq || m.Since > 0 && m.Held != "" && m.Held != alert.HeldMute && m.Held != alert.HeldWatch && !t.Statement() {
			w.Fatalf("member %+v of a thread at %d", m, t.Seq)
		}
	}
	switch {
	case t.Seq < old.Seq || t.Seq == old.Seq && t.Seq > 0 && (t.State != old.State || t.Reason != old.Reason || t.Changed != old.Changed):
		w.Fatalf("the same key says something else:\n%+v\n%+v", old, t)
	case t.Seq > old.Seq && t.Reason == "":
		w.Fatalf("no reason: %+v", t)
	case t.Seq > old.Seq && old.Seq > 0 && old.State == kizashi.Resolved && t.State == kizashi.Firing && t.Fired != t.Seq && !t.Statement():
		w.Fatalf("it comes back without saying so: %+v", t)
	case t.Seq > 0 && old.Seq == 0 && !t.Statement() && (t.Fired == 0 || t.State == kizashi.Resolved && t.Fired >= t.Seq):
		w.Fatalf("the end before the beginning: %+v", t)
	case t.Seq > old.Seq && t.State == kizashi.Resolved && old.State == kizashi.Resolved && old.Seq > 0 && t.Fired <= old.Seq && !t.Statement():
		w.Fatalf("it ends twice: %+v then %+v", old, t)
	}
}

// checkReach finds each alert to act on in some lane, or in the list.
func (w *world) checkReach() {
	page := w.d.book.At(w.now)
	for id, a := range w.known {
		e := w.d.alerts[id]
		if a.State != kizashi.Firing || e.view.class() != "act" || e.view.past {
			continue
		}
		ls := e.view.labels
		_, muted := page.Muted(&a, ls)
		_, watched := page.Watched(&a)
		if muted || watched || page.Mode(&a, ls) == alert.Shadow || slices.Contains(w.last.Undeliverable, id) {
			continue
		}
		if why := w.reached(id); why != "" {
			w.Fatalf("at %s alert %s (%s) reaches nobody: %s", w.now, id, a.Tenant, why)
		}
	}
}

func (w *world) reached(id string) (why string) {
	why = "no thread has it"
	for _, t := range w.store {
		for _, m := range t.Members {
			if m.Alert != id || t.Statement() {
				continue
			}
			switch {
			case m.Since > 0, m.Held == alert.HeldCap:
				return ""
			case m.Held == alert.HeldInhibit && w.speaks(t.Lane, m.By):
				return ""
			case m.Held == "" && t.Changed.Add(w.recv(t.Lane).Interval).After(w.now):
				return ""
			}
			why = fmt.Sprintf("%s has it as %+v", t.Lane, m)
		}
	}
	// What waits for the rest of its interval need not be stored.
	for _, k := range w.d.desks {
		if t := k.of[id]; t != nil {
			if m := t.member(id); m != nil && m.Held == "" && t.Changed.Add(k.recv.Interval).After(w.now) {
				return ""
			}
		}
	}
	return why
}

// speaks says that a lane tells a source, or will when its interval is over.
func (w *world) speaks(lane, source string) bool {
	for _, k := range w.d.desks {
		if t := k.of[source]; k.lane.Name == lane && t != nil {
			if m := t.member(source); m != nil && m.Held == "" {
				return true
			}
		}
	}
	for _, t := range w.store {
		if t.Lane == lane && slices.ContainsFunc(t.Members, func(m alert.Member) bool { return m.Alert == source && m.Since > 0 }) {
			return true
		}
	}
	return false
}

func (w *world) note(a kizashi.Alert) {
	if a.State == kizashi.Firing {
		w.fired[a.ID] = a.Seq
	}
	w.known[a.ID] = a
	w.d.Note(a)
}

// change fires an alert or ends it.
func (w *world) change() {
	tenant := rapid.SampledFrom([]string{"shop", "bank"}).Draw(w.T, "tenant")
	id := tenant + rapid.SampledFrom([]string{"1", "2", "3", "4", "5"}).Draw(w.T, "alert")
	a := w.known[id]
	at := kizashi.TimeOf(w.now)
	if a.ID == "" {
		ls := kizashi.LabelsOf(map[string]string{"name": "CPU", "service": rapid.SampledFrom([]string{"web", "db"}).Draw(w.T, "of"),
			"host": rapid.SampledFrom([]string{"h1", "h2", "h3"}).Draw(w.T, "host"), "tenant": rapid.SampledFrom([]string{"shop", "bank", ""}).Draw(w.T, "lie")})
		a = kizashi.Alert{ID: id, Series: kizashi.IDOf(id, ls), Tenant: tenant, Group: "g", Labels: ls, Side: kizashi.Up, State: kizashi.Resolved,
			Class: rapid.SampledFrom([]string{"act", "act", "check", "record"}).Draw(w.T, "class"), Models: []string{rapid.SampledFrom([]string{"band", "band", "guard"}).Draw(w.T, "model")}}
	}
	if a.State == kizashi.Resolved {
		a.State, a.From = kizashi.Firing, at
	} else {
		a.State = kizashi.Resolved
	}
	a.Seq, a.To, a.Changed = a.Seq+1, at, at
	w.note(a)
}

// act lets somebody say something.
func (w *world) act() {
	tenant := rapid.SampledFrom([]string{"shop", "bank"}).Draw(w.T, "tenant")
	a := alert.Act{ID: fmt.Sprint(len(w.acts)), At: w.now, Tenant: tenant, Author: "x", Until: w.now.Add(time.Duration(rapid.IntRange(1, 300).Draw(w.T, "for")) * time.Minute)}
	a.Kind = rapid.SampledFrom([]alert.ActKind{alert.ActAck, alert.ActWatch, alert.ActMute, alert.ActMute, alert.ActAssign, alert.ActMode, alert.ActUndo}).Draw(w.T, "kind")
	// Somebody may name an alert that is not his.
	a.Alert = rapid.SampledFrom([]string{"shop1", "shop2", "bank1", "bank2"}).Draw(w.T, "about")
	switch a.Kind {
	case alert.ActMute:
		if rapid.Bool().Draw(w.T, "by labels") {
			a.Alert, a.Match = "", matchOne(rapid.SampledFrom([]string{`service="web"`, `host="h1"`, `class="act"`}).Draw(w.T, "which"))
		}
	case alert.ActAssign:
		a.Value = "app"
	case alert.ActMode:
		a.Alert, a.Value = "", rapid.SampledFrom([]string{"shadow", "internal", "live"}).Draw(w.T, "mode")
	case alert.ActUndo:
		a.Undoes = fmt.Sprint(rapid.IntRange(0, 10).Draw(w.T, "undoes"))
	}
	w.acts = append(w.acts, handling.Said{Act: a})
	w.d.Say(handling.Said{Act: a})
}

// wait lets time pass, with a look whenever one was asked for.
func (w *world) wait(d time.Duration) {
	end := w.now.Add(d)
	for w.last.Next.After(w.now) && !w.last.Next.After(end) {
		w.now = w.last.Next
		w.look()
	}
	w.now = end
	w.look()
}

// restart begins anew from what is stored, and has nothing to say by itself.
func (w *world) restart() {
	var es []Episode
	for _, id := range slices.Sorted(maps.Keys(w.known)) {
		es = append(es, Episode{w.known[id], w.fired[id]})
	}
	w.d = New(w.p, slices.Collect(maps.Values(w.store)), es)
	w.d.Say(w.acts...)
	before := maps.Clone(w.store)
	w.look()
	for at, t := range w.store {
		if old := before[at]; t.Seq != old.Seq && !w.unseen(before, old, t) {
			w.Fatalf("a restart at %s tells\n%+v\nit was\n%+v", w.now, t, old)
		}
	}
}

// unseen says that all that is new in a thread came and went, and that no lane,
// or of a machine its own, had a trace of it: it may have been lost in a kill.
func (w *world) unseen(before map[place]alert.Thread, old, t alert.Thread) bool {
	isNew := func(m alert.Member) bool { return m.Since > old.Seq }
	return slices.ContainsFunc(t.Members, isNew) && !slices.ContainsFunc(t.Members, func(m alert.Member) bool {
		if !isNew(m) {
			return false
		}
		if m.Turn.State == kizashi.Firing {
			return true
		}
		for _, b := range before {
			if (b.Lane == t.Lane || !w.machine(t.Lane)) && slices.ContainsFunc(b.Members, func(o alert.Member) bool { return o.Alert == m.Alert }) {
				return true
			}
		}
		return false
	})
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPolicy(t)
		w := &world{T: t, p: p, d: New(p, nil, nil), now: noon, store: map[place]alert.Thread{}, known: map[string]kizashi.Alert{}, fired: map[string]int{}}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "step") {
			case 0, 1, 2, 3, 4:
				w.change()
			case 5, 6:
				w.act()
			case 7, 8:
				w.wait(time.Duration(rapid.IntRange(1, 200).Draw(t, "minutes")) * time.Minute)
			case 9:
				w.look()
				w.restart()
			}
			if rapid.Bool().Draw(t, "look") {
				w.look()
				w.checkReach()
			}
		}
		w.finish()
	})
}

// finish ends all alerts and all mutes: whoever was told that something began
// is told that it is over, and nobody has touched what happened.
func (w *world) finish() {
	w.look()
	for _, id := range slices.Sorted(maps.Keys(w.known)) {
		if a := w.known[id]; a.State == kizashi.Firing {
			a.State, a.Seq, a.To, a.Changed = kizashi.Resolved, a.Seq+1, kizashi.TimeOf(w.now), kizashi.TimeOf(w.now)
			w.note(a)
		}
		if have := w.d.alerts[id]; have != nil && !reflect.DeepEqual(have.Alert, w.known[id]) {
			w.Fatalf("alert %s was changed", id)
		}
	}
	w.wait(24 * time.Hour)
	for _, t := range w.store {
		if t.State != kizashi.Resolved {
			w.Fatalf("all is over, and not %+v", t)
		}
	}
}
