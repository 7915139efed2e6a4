// Package dispatch decides what each lane is to be told: it compares what
// alerts are with the threads so far and returns the threads as they should
// be. It reads no clock, sends nothing and stores nothing: the same alerts,
// threads and instants give the same threads.
package dispatch

import (
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// Lane is one sink of a receiver.
type Lane struct {
	Name string // the sink's
}

// Policy is what a Dispatcher goes by.
type Policy struct {
	Lanes []Lane
	// MaxAge is how long ago the past is.
	MaxAge time.Duration
	// Patience is how long a firing alert waits that became so longer than
	// MaxAge before it was first seen here. A back-fill passes its end
	// meanwhile; what still fires then is going on now: after an outage of
	// Kizashi, or on a metric that settles hours late.
	Patience time.Duration
	// Past says that a firing alert is not to be told yet, because it is the
	// past that is being worked through. It is asked at every pass. Nil: age
	// alone decides.
	Past func(kizashi.Alert) bool
	// Summed says that a note sums the alert up. It is not told by itself. Nil:
	// none is.
	Summed func(kizashi.Alert) bool
}

// Episode is an alert, and the Seq of its last turn to firing.
type Episode struct {
	Alert kizashi.Alert
	Fired int
}

// Result is what a pass has found.
type Result struct {
	Threads []alert.Thread // those that changed: to be stored before a lane looks
	Next    time.Time      // when to look again if nothing happens meanwhile; zero = only then
}

// Dispatcher holds the alerts that matter and the threads so far. It must be
// used by one goroutine at a time.
type Dispatcher struct {
	policy  Policy
	alerts  map[string]*episode
	threads map[place]*alert.Thread
	dirty   map[string]bool // alerts that changed since the last pass, or wait
}

type place struct{ lane, thread string }

type episode struct {
	Episode
	seen time.Time // first, here
}

// lookAgain is how often what is past is asked for again.
const lookAgain = time.Minute

// New returns a Dispatcher that goes on from threads and episodes, as the
// store has them.
func New(p Policy, threads []alert.Thread, episodes []Episode) *Dispatcher {
	d := &Dispatcher{policy: p, alerts: map[string]*episode{}, threads: map[place]*alert.Thread{}, dirty: map[string]bool{}}
	for _, t := range threads {
		d.threads[place{t.Lane, t.ID}] = &t
	}
	for _, e := range episodes {
		d.alerts[e.Alert.ID], d.dirty[e.Alert.ID] = &episode{Episode: e}, true
	}
	return d
}

// Note takes in changes of alerts, in the order in which they happened.
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
		e.Alert = a
		if a.State == kizashi.Firing {
			e.Fired = a.Seq
		}
		d.dirty[a.ID] = true
	}
}

// Pass returns the threads that have to change at now.
func (d *Dispatcher) Pass(now time.Time) Result {
	var r Result
	ids := make([]string, 0, len(d.dirty))
	for id := range d.dirty {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		e := d.alerts[id]
		if e.seen.IsZero() {
			e.seen = now
		}
		waits := false
		for _, l := range d.policy.Lanes {
			t := d.threads[place{l.Name, id}]
			if e.Fired == 0 || t != nil && t.Seq >= e.Alert.Seq || e.Alert.State == kizashi.Pending {
				continue
			}
			if t == nil && e.Alert.State == kizashi.Firing && d.past(e, now) {
				waits = true
				continue
			}
			r.Threads = append(r.Threads, d.alone(l, t, e, now))
		}
		if waits {
			r.Next = now.Add(lookAgain)
			continue
		}
		delete(d.dirty, id)
		if e.Alert.State == kizashi.Resolved && now.Sub(e.Alert.To.UTC()) > d.policy.MaxAge {
			delete(d.alerts, id)
		}
	}
	return r
}

// alone brings the thread of one alert up to where the alert stands.
func (d *Dispatcher) alone(l Lane, old *alert.Thread, e *episode, now time.Time) alert.Thread {
	t := alert.Alone(l.Name, e.Alert, e.Fired, now)
	if old != nil {
		t.Opened, t.Members[0].At = old.Opened, old.Members[0].At
		if t.State == kizashi.Firing {
			t.Reason = alert.ReasonAgain
		}
	}
	if t.State == kizashi.Resolved && d.policy.Summed != nil && d.policy.Summed(e.Alert) {
		t.Sum = alert.SumAbsence
	}
	d.threads[place{l.Name, t.ID}] = &t
	return t
}

// past says that a firing alert of which nothing was told has to wait.
func (d *Dispatcher) past(e *episode, now time.Time) bool {
	if d.policy.Past != nil && d.policy.Past(e.Alert) {
		return true
	}
	return now.Sub(e.Alert.Changed.UTC()) > d.policy.MaxAge && now.Sub(e.seen) < d.policy.Patience
}
