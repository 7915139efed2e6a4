package alert

import (
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Turn is a change of an alert's state, or of a thread's, by name: what it
// became, and its Seq then. The zero Turn is none.
type Turn struct {
	Seq   int                `json:"seq"`
	State kizashi.AlertState `json:"state"`
}

// None says that there is no turn.
func (t Turn) None() bool { return t.State == "" }

// TurnOf returns the turn that brought a to where it stands.
func TurnOf(a kizashi.Alert) Turn { return Turn{Seq: a.Seq, State: a.State} }

// Outcome is how the telling of a turn was settled.
type Outcome string

const (
	OutcomeTold    Outcome = "told"    // the sink has taken it
	OutcomeRefused Outcome = "refused" // the sink will never take it: a Permanent error
	OutcomeSkipped Outcome = "skipped" // too old when it became due, or over before a sink that knows only the present could hear of it
	OutcomeMissed  Outcome = "missed"  // it was over for too long when the sink could be told again; a summary counts it
)

// Told is what one lane's sink was told of one thread: a row of the outbox.
// Its instants are the wall clock's, good to a millisecond.
type Told struct {
	Thread   string    `json:"thread"`
	Done     Turn      `json:"done"`            // the last turn that is settled
	Outcome  Outcome   `json:"outcome"`         // how; "" while nothing is settled
	At       time.Time `json:"at"`              // when
	Took     Turn      `json:"took"`            // the last turn that the sink has taken
	Due      Turn      `json:"due"`             // chosen to be told, perhaps sent already, not settled
	Since    time.Time `json:"since"`           // when Due was chosen
	Attempts int       `json:"attempts"`        // failed sends of Due
	Next     time.Time `json:"next"`            // Due is not sent before this; zero = at once
	Error    string    `json:"error,omitempty"` // of the last failed or refused send
	Kept     string    `json:"kept,omitempty"`  // what a Keeper returned last; "" = nothing
}

// Entry is a thread as it stands beside what its sink was told of it.
type Entry struct {
	Thread Thread
	Told   Told // without a row in the outbox: zero
}

// AsOf returns an alert as it was at turn t, as far as what it is now lets one
// say.
func AsOf(a kizashi.Alert, t Turn) kizashi.Alert {
	if TurnOf(a) == t {
		return a
	}
	a.Seq, a.State = t.Seq, t.State
	if t.State == kizashi.Firing {
		a.Ended = ""
	}
	return a
}
