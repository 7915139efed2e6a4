package alert

import (
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Thread is what one lane is told together: the episodes that share the labels
// that its receiver groups by, from the first one that is told until all of
// them are over. A lane that takes each alert on its own has a thread of one
// member an alert, under the alert's id.
//
// A thread says what is to be told; what was told is the lane's row in the
// outbox ([Told]). Its instants are the wall clock's.
type Thread struct {
	ID      string             `json:"id"` // 16 hexadecimal digits: of lane, key and the alert that opened it; of one alert, the alert's
	Lane    string             `json:"lane"`
	Tenant  string             `json:"tenant"`           // of every member
	Key     kizashi.Labels     `json:"key,omitempty"`    // the labels grouped by, with their values
	State   kizashi.AlertState `json:"state"`            // firing while a member does that was told, else resolved
	Seq     int                `json:"seq"`              // grows by one with each message that became due
	Fired   int                `json:"fired"`            // Seq of the last one to say that it began, or began again
	Reason  Reason             `json:"reason"`           // why Seq is due
	By      string             `json:"by,omitempty"`     // what Reason refers to: an act, a mute, the receiver that did not acknowledge
	Opened  time.Time          `json:"opened"`           // when it became due first
	Changed time.Time          `json:"changed"`          // when Seq became due
	Until   kizashi.Time       `json:"until"`            // the last To of a member: how long ago it ended
	Members []Member           `json:"members"`          // by id
	Terms   []Term             `json:"terms,omitempty"`  // why the leading member has its severity
	Owner   string             `json:"owner,omitempty"`  // whose the leading member is; "" = nobody said
	Of      int                `json:"of,omitempty"`     // how many there are of what the members are some of: "3 of 8 hosts"; 0 = not known
	Behind  int                `json:"behind,omitempty"` // episodes that are told through this thread only as a number: inhibited by a member
	Sum     string             `json:"sum,omitempty"`    // what sums it up for a lane that has not told it: the id of another thread, or SumAbsence
	Day     string             `json:"day,omitempty"`    // the receiver's day of Today, 2026-11-29
	Today   int                `json:"today,omitempty"`  // messages of that day that count against caps
}

// SumAbsence is the Sum of an episode that the note of an absence covers.
const SumAbsence = "absence"

// Member is an episode of a thread as it stood at the thread's Seq; one that
// was not told yet (Since is 0) waits: for the rest of its interval, or, with
// Held, for what By names to end.
type Member struct {
	Alert    string    `json:"alert"`
	Turn     Turn      `json:"turn"`
	Severity Severity  `json:"severity"`
	Since    int       `json:"since"`          // the thread's Seq that told it first; 0 = not told
	At       time.Time `json:"at,omitzero"`    // when that became due
	Held     Hold      `json:"held,omitempty"` // why nothing new is told of it
	By       string    `json:"by,omitempty"`   // what holds it, or held it until it was told: an act's id, a name from the configuration
	Owes     bool      `json:"owes,omitempty"` // it had no justification yet when it was told last
}

// Hold names why an episode is not told.
type Hold string

const (
	HeldMute    Hold = "mute"    // an act, or a mute of the configuration
	HeldWatch   Hold = "watch"   // 静観
	HeldInhibit Hold = "inhibit" // another alert, By, speaks for it
	HeldHours   Hold = "hours"   // its class waits for duty hours
	HeldCap     Hold = "cap"     // the receiver's cap of the day is reached
)

// Turn is where the thread stands.
func (t Thread) Turn() Turn { return Turn{Seq: t.Seq, State: t.State} }

// Statement says that the thread tells of nothing that begins or ends: a
// digest, a summary. It is told once.
func (t Thread) Statement() bool { return t.Seq > 0 && t.Fired == 0 }

// Lead returns the member that leads: of those told, the worst that fires, else
// the worst that is over; of equals the one that was told first, and of these
// one that has its justification.
func (t Thread) Lead() (lead Member, ok bool) {
	for _, m := range t.Members {
		if m.Since > 0 && (!ok || leads(m, lead)) {
			lead, ok = m, true
		}
	}
	return lead, ok
}

func leads(a, b Member) bool {
	if fa, fb := a.Turn.State == kizashi.Firing, b.Turn.State == kizashi.Firing; fa != fb {
		return fa
	}
	if a.Severity != b.Severity {
		return a.Severity > b.Severity
	}
	if a.Since != b.Since {
		return a.Since < b.Since
	}
	return b.Owes && !a.Owes
}

// AsOf returns the thread as it was at turn u, as far as what it is now lets
// one say: without members that were told only later, and without those that
// were not told at all.
func (t Thread) AsOf(u Turn) Thread {
	back := t.State != u.State
	t.Seq, t.State = u.Seq, u.State
	members := make([]Member, 0, len(t.Members))
	for _, m := range t.Members {
		if m.Since == 0 || m.Since > u.Seq {
			continue
		}
		if back { // the end follows the last turn to firing
			m.Turn = Turn{Seq: m.Turn.Seq - 1, State: u.State}
		}
		members = append(members, m)
	}
	t.Members = members
	if back && u.Seq == t.Fired {
		t.Reason, t.By = ReasonOpened, ""
		if slices.ContainsFunc(members, func(m Member) bool { return m.Since < u.Seq }) {
			t.Reason = ReasonAgain
		}
	}
	return t
}

// Alone is the thread of an alert that a lane takes on its own; fired is the
// Seq of its last turn to firing, now when the thread became due.
func Alone(lane string, a kizashi.Alert, fired int, now time.Time) Thread {
	t := Thread{
		ID: a.ID, Lane: lane, Tenant: a.Tenant, State: a.State, Seq: a.Seq, Fired: fired, Reason: ReasonOpened,
		Opened: now, Changed: now, Until: a.To, Members: []Member{{Alert: a.ID, Turn: TurnOf(a), Since: fired, At: now}},
	}
	if a.State == kizashi.Resolved {
		t.Reason = ReasonResolved
	}
	return t
}

// Reason names why a message goes out. Each has words in English and in
// Japanese in alert/explain; there is none without both.
type Reason string

const (
	ReasonOpened    Reason = "opened"    // the first of its thread
	ReasonMore      Reason = "more"      // episodes were added
	ReasonWorse     Reason = "worse"     // the severity rose
	ReasonAgain     Reason = "again"     // it came back after it had ended
	ReasonResolved  Reason = "resolved"  // all members are over
	ReasonReminder  Reason = "reminder"  // nobody acknowledged it and it still stands
	ReasonEscalated Reason = "escalated" // nobody acknowledged it at the receiver By
	ReasonUnwatched Reason = "unwatched" // 静観 has come to its end: By
	ReasonGrown     Reason = "grown"     // 静観 ended at once: it grew worse than was agreed: By
	ReasonUnmuted   Reason = "unmuted"   // it still stands after the mute By
	ReasonHours     Reason = "hours"     // it waited for duty hours: By
	ReasonAssigned  Reason = "assigned"  // somebody made this receiver's team its owner: By
	ReasonHeldBack  Reason = "held back" // a summary of what a cap held back
	ReasonCaughtUp  Reason = "caught up" // a summary of what ended while the lane could not tell it
	ReasonDigest    Reason = "digest"    // of a tenant's day
	ReasonAsk       Reason = "ask"       // an act until further notice, By: is it still wanted?
	ReasonTest      Reason = "test"      // somebody tries the way
)

// Severity is how urgent an alert is, from stated terms; alert/severity
// computes it and lists the terms.
type Severity int

const (
	Notice   Severity = 1 // to be read
	Warning  Severity = 2 // to be looked at in duty hours
	Critical Severity = 3 // to be acted on now
)

// String is notice, warning or critical.
func (s Severity) String() string {
	switch s {
	case Critical:
		return "critical"
	case Warning:
		return "warning"
	case Notice:
		return "notice"
	}
	return ""
}
