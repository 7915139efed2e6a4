package alert

import (
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Turn is a change of an alert's state by name: what it became, and Alert.Seq
// then. The zero Turn is none.
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
	OutcomeSkipped Outcome = "skipped" // too old, or over before a sink that knows only the present could hear of it
)

// Told is what one sink was told of one alert: a row of the outbox. Its
// instants are the wall clock's, good to a millisecond.
type Told struct {
	Alert    string    `json:"alert"`
	Done     Turn      `json:"done"`            // the last turn that is settled
	Outcome  Outcome   `json:"outcome"`         // how; "" while nothing is settled
	At       time.Time `json:"at"`              // when
	Due      Turn      `json:"due"`             // chosen to be told, perhaps sent already, not settled
	Since    time.Time `json:"since"`           // when Due was chosen
	Attempts int       `json:"attempts"`        // failed sends of Due
	Next     time.Time `json:"next"`            // Due is not sent before this; zero = at once
	Error    string    `json:"error,omitempty"` // of the last failed or refused send
	Kept     string    `json:"kept,omitempty"`  // what a Keeper returned last; "" = nothing
}

// Entry is an alert as it stands beside what a sink was told of it.
type Entry struct {
	Alert kizashi.Alert
	Fired int  // Seq of its last turn to firing; 0 = it never fired
	Told  Told // without a row in the outbox: zero
}
