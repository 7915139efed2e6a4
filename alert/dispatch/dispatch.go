// Package dispatch decides what each lane is to be told: it compares what
// alerts are, and what people said of them, with the threads so far, and
// returns the threads as they should be. It reads no clock, sends nothing and
// stores nothing: the same alerts, acts, threads and instants give the same
// threads.
//
// docs/decisions/0025-dispatch.md has the rules.
package dispatch

import (
	"cmp"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/handling"
)

// Episode is an alert, and the Seq of its last turn to firing.
type Episode struct {
	Alert kizashi.Alert
	Fired int
}

// Result is what a pass has found.
type Result struct {
	Threads       []alert.Thread // those that changed, by lane and id: to be stored before a lane looks
	Wake          []string       // lanes that have something to tell
	Undeliverable []string       // alerts of class act, by id, that no receiver takes
	Next          time.Time      // when to look again if nothing happens meanwhile; zero = only then
}

// Dispatcher holds the alerts that matter and the threads so far. It must be
// used by one goroutine at a time.
type Dispatcher struct {
	policy     Policy
	book       *handling.Book
	alerts     map[string]*episode
	desks      []*desk
	statements map[place]*alert.Thread // digests and summaries of the last days
	missed     map[string][]string     // threads that a lane could not tell in time, by lane

	changed bool // since the last pass
	last    Result
}

type place struct{ lane, thread string }

// episode is an alert with what is worth keeping of it from pass to pass.
type episode struct {
	Episode
	seen time.Time // first, here
	view view
}

// lookAgain is how often what is past is asked for again.
const lookAgain = time.Minute

// New returns a Dispatcher that goes on from threads and episodes, as the
// store has them: the threads that are not over or changed in the last two
// days, and the alerts that fire, ended lately, or are part of such a thread.
func New(p Policy, threads []alert.Thread, episodes []Episode) *Dispatcher {
	d := &Dispatcher{policy: p, book: handling.New(p.Handling), alerts: map[string]*episode{},
		statements: map[place]*alert.Thread{}, missed: map[string][]string{}, changed: true}
	byLane := map[string]*desk{}
	for i := range p.Receivers {
		for _, l := range p.Receivers[i].Lanes {
			k := newDesk(d, &p.Receivers[i], l)
			d.desks, byLane[l.Name] = append(d.desks, k), k
		}
	}
	for _, e := range episodes {
		d.alerts[e.Alert.ID] = &episode{Episode: e}
	}
	for i := range threads {
		t := threads[i]
		k := byLane[t.Lane]
		if k != nil && !k.mayHave(t.Tenant) {
			continue // the receiver was another tenant's: not even an end crosses the border
		}
		t.Members = slices.Clone(t.Members)
		if t.Statement() && t.Reason != alert.ReasonCaughtUp { // what is missed from now on has a summary of its own
			d.statements[place{t.Lane, t.ID}] = &t
		}
		if k != nil {
			k.load(&t)
		}
	}
	return d
}

// Note takes in changes of alerts, in the order in which they happened. The
// same change again may bring a peak that lies further out.
func (d *Dispatcher) Note(as ...kizashi.Alert) {
	for _, a := range as {
		e := d.alerts[a.ID]
		if e == nil {
			e = &episode{}
			d.alerts[a.ID] = e
		}
		if a.Seq < e.Alert.Seq || a.Seq == e.Alert.Seq && a.To < e.Alert.To {
			continue
		}
		if justified(&e.Alert, &a) {
			e.Alert = a
			continue // it decides nothing: 50,000 of them are no 50,000 reasons to look
		}
		e.Alert = a
		if a.State == kizashi.Firing {
			e.Fired = a.Seq
		}
		e.view.base = nil
		d.changed = true
	}
}

// justified says that a differs from was in that it has its justification.
func justified(was, a *kizashi.Alert) bool {
	return was.Justify == "" && a.Justify != "" && a.Seq == was.Seq && a.State == was.State && a.Class == was.Class &&
		a.To == was.To && a.Changed == was.Changed && a.Peak.At == was.Peak.At
}

// Say takes in acts, in the order in which they were said.
func (d *Dispatcher) Say(acts ...handling.Said) {
	if d.book.Add(acts...) {
		d.changed = true
	}
}

// Missed takes in that a lane settled threads as missed.
func (d *Dispatcher) Missed(lane string, threads ...string) {
	d.missed[lane] = append(d.missed[lane], threads...)
	d.changed = true
}

// Told takes in that a lane's sink has taken a thread. Of interest are
// summaries: what is missed after that goes into a new one.
func (d *Dispatcher) Told(lane, thread string) {
	if t := d.statements[place{lane, thread}]; t != nil && t.Reason == alert.ReasonCaughtUp {
		delete(d.statements, place{lane, thread})
	}
}

// Stir makes the next pass a full one: what Past, Summed or Members say has
// changed.
func (d *Dispatcher) Stir() { d.changed = true }

// Pass returns the threads that have to change at now.
func (d *Dispatcher) Pass(now time.Time) Result {
	if !d.changed && (d.last.Next.IsZero() || now.Before(d.last.Next)) {
		return Result{Next: d.last.Next, Undeliverable: d.last.Undeliverable}
	}
	p := &pass{d: d, now: now, page: d.book.At(now)}
	p.next(p.page.Next)
	p.look()
	p.escalate()
	for _, k := range d.desks {
		k.run(p)
	}
	p.digests()
	p.reminders()
	p.caughtUp()
	p.undeliverable()
	p.prune()
	d.changed = false
	slices.SortFunc(p.out.Threads, func(a, b alert.Thread) int {
		return cmp.Or(cmp.Compare(a.Lane, b.Lane), cmp.Compare(a.ID, b.ID))
	})
	slices.Sort(p.out.Wake)
	p.out.Wake = slices.Compact(p.out.Wake)
	d.last = Result{Next: p.out.Next, Undeliverable: p.out.Undeliverable}
	return p.out
}

// pass is the work of one Pass.
type pass struct {
	d         *Dispatcher
	now       time.Time
	page      *handling.Page
	views     []*view                      // by alert id
	escalated map[string]map[string]string // receiver, alert: the receiver that did not acknowledge
	out       Result
}

// next notes an instant at which something may change by itself.
func (p *pass) next(t time.Time) {
	if !t.IsZero() && (p.out.Next.IsZero() || t.Before(p.out.Next)) {
		p.out.Next = t
	}
}

// put hands a thread out as it is now; due says that its Seq grew.
func (p *pass) put(t *alert.Thread, due bool) {
	out := *t
	out.Members = slices.Clone(t.Members)
	p.out.Threads = append(p.out.Threads, out)
	if due {
		p.out.Wake = append(p.out.Wake, t.Lane)
	}
}

// undeliverable lists what nobody hears of although somebody should.
func (p *pass) undeliverable() {
	for _, v := range p.views {
		if v.firing() && v.class() == "act" && !v.taken && !v.waits && v.hold == "" && v.mode != alert.Shadow {
			p.out.Undeliverable = append(p.out.Undeliverable, v.e.Alert.ID)
		}
	}
}
