package alert

import (
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
	Of      int                `json:"of,omitempty"`     // how many there are of what the members are some of: "3 of 8 hosts"; 0 = not known
	Behind  int                `json:"behind,omitempty"` // episodes that are told through this thread only as a number: inhibited by a member
}

// Member is an episode of a thread as it stood at the thread's Seq.
type Member struct {
	Alert    string   `json:"alert"`
	Turn     Turn     `json:"turn"`
	Severity Severity `json:"severity"`
	Since    int      `json:"since"`        // the thread's Seq that told it first
	By       string   `json:"by,omitempty"` // why it comes only now, or is held: an act's id, a name from the configuration
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
