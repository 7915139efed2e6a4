package dispatch

import (
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/handling"
	"github.com/kizashi-ops/kizashi/alert/route"
	"github.com/kizashi-ops/kizashi/alert/severity"
	"github.com/kizashi-ops/kizashi/calendar"
)

// Policy is what a Dispatcher goes by. Durations are wall time.
type Policy struct {
	Receivers []Receiver
	Routes    *route.Tree // nil = all go to the receiver route.Default
	Severity  severity.Rules
	Handling  handling.Rules
	Inhibit   []Inhibition
	Digests   []Digest
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
	// Members is how many series there are like an alert's in its group; 0 =
	// not known. Nil: never known.
	Members func(*kizashi.Alert) int
}

// Receiver is who is told, and when.
type Receiver struct {
	Name      string
	Tenant    string          // it hears of this one only; "" = internal
	GroupBy   []string        // labels whose alerts are told together; none = the alert's group
	Interval  time.Duration   // for how long more of the same are collected
	Repeat    time.Duration   // a reminder of what nobody acknowledged; 0 = none
	Hours     *calendar.Hours // of duty; nil = always
	HoursName string
	Waits     []string // classes that wait for the hours; act never does
	Escalate  Escalation
	Caps      Caps
	Zone      *time.Location // in which a day of caps is one; nil = UTC
	Lanes     []Lane
}

// Escalation says who is told of what is to be acted on and nobody
// acknowledged. The zero one is none.
type Escalation struct {
	After time.Duration
	To    string
}

// Caps are how many messages a lane gets in a day at the most; 0 = no cap.
type Caps struct {
	Series  int // of one series
	Service int // of one key: a service, a group
	Tenant  int // of one tenant
	Day     int // in all
}

// Lane is one sink of a receiver.
type Lane struct {
	Name string // the sink's
	// Each tells every alert on its own, at once.
	Each bool
	// Machine hears of each change of state and of nothing else: no reminder,
	// no summary, no cap; of class record too.
	Machine bool
	// Level is a sink that keeps state: it is told an end at once, also while a
	// mute holds, so that it is never left with a state that is not so.
	Level bool
}

// Inhibition holds alerts of Target back from a lane while that lane is told
// of one of Source that has the same tenant and the same values of the labels
// Equal.
type Inhibition struct {
	Source, Target kizashi.Matchers
	Equal          []string
}

// Digest is when a tenant's day is told.
type Digest struct {
	Tenant string
	At     time.Duration // after midnight, by the clock of the wall
	Zone   *time.Location
}

// zone is where the receiver's days are.
func (r *Receiver) zone() *time.Location {
	if r.Zone == nil {
		return time.UTC
	}
	return r.Zone
}
