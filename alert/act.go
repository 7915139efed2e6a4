package alert

import (
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Act is what somebody said of alerts: a row of the audit trail, kept for as
// long as alerts are. It changes delivery, at once; where it changes outcomes
// too (feedback, exclude, expect), Command is what went into the journal.
// Instants are the wall clock's.
type Act struct {
	ID      string           `json:"id"` // 12 hexadecimal digits
	At      time.Time        `json:"at"`
	Kind    ActKind          `json:"kind"`
	Tenant  string           `json:"tenant"`            // whose alerts; never empty
	Alert   string           `json:"alert,omitempty"`   // the one it is about, or Match
	Match   kizashi.Matchers `json:"match,omitempty"`   // labels of alerts; with Alert empty
	From    time.Time        `json:"from,omitzero"`     // of a mute, an exclusion, an expectation; zero = At
	Until   time.Time        `json:"until,omitzero"`    // watch, mute ...: when it ends by itself
	Window  string           `json:"window,omitempty"`  // instead of From and Until: when it holds, as calendar/recur reads it
	Remind  time.Time        `json:"remind,omitzero"`   // of one without an end: when somebody is asked whether it is still wanted
	Value   string           `json:"value,omitempty"`   // feedback: true, false, owner, expected; assign: the owner; mode: the mode; expect: its factors
	Reason  string           `json:"reason,omitempty"`  // in the author's words
	Author  string           `json:"author"`            // who did it
	Request string           `json:"request,omitempty"` // on whose behalf (静観: the requester)
	Ticket  string           `json:"ticket,omitempty"`
	Via     string           `json:"via"`               // cli, http, link
	Undoes  string           `json:"undoes,omitempty"`  // undo: the act that is taken back
	Command *kizashi.Command `json:"command,omitempty"` // what the journal was given
}

// ActKind is a kind of act.
type ActKind string

const (
	ActAck      ActKind = "ack"      // somebody is at it: no reminder, no escalation
	ActWatch    ActKind = "watch"    // 静観: known, wait until Until, or until it grows worse
	ActMute     ActKind = "mute"     // not delivered; judged and learned as ever
	ActExclude  ActKind = "exclude"  // not learned; delivered as ever
	ActExpect   ActKind = "expect"   // judged against a scaled band
	ActFeedback ActKind = "feedback" // the alert was true, false, for another owner, expected
	ActAssign   ActKind = "assign"   // the alert has another owner
	ActMode     ActKind = "mode"     // the delivery mode of a tenant, or of the series matched
	ActPattern  ActKind = "pattern"  // what a person decides of patterns of log lines; it is decided anew, not taken back
	ActUndo     ActKind = "undo"     // Undoes no longer holds
)

// Mode says who hears of a tenant's, or of a series', alerts.
type Mode string

const (
	Shadow   Mode = "shadow"   // nobody: they are stored and shown
	Internal Mode = "internal" // receivers without a tenant: those who run Kizashi
	Live     Mode = "live"     // every receiver that the routes name
)

// Check says what is wrong with an act, if anything is.
func (a Act) Check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%s: "+format, append([]any{a.Kind}, args...)...)
	}
	switch {
	case a.Author == "":
		return bad("author is missing: the audit trail says who did it")
	case a.Kind == ActUndo && a.Undoes == "":
		return bad("it names no act to take back")
	case a.Kind == ActUndo:
		return nil
	case a.Tenant == "":
		return bad("tenant is missing")
	case a.Alert != "" && len(a.Match) > 0:
		return bad("it names an alert and matchers; want one of them")
	}
	switch a.Kind {
	case ActAck, ActWatch, ActFeedback, ActAssign:
		if a.Alert == "" {
			return bad("alert is missing")
		}
	case ActMute, ActExclude, ActExpect:
		if a.Window != "" && (!a.From.IsZero() || !a.Until.IsZero()) {
			return bad("it has a window, and from or until; want one of them")
		}
		if a.Window == "" && a.Until.IsZero() && a.Remind.IsZero() {
			return bad("it has no end; say until when, or when to ask again (remind)")
		}
	case ActPattern:
		if _, err := kizashi.ParsePatternAct(a.Value); err != nil {
			return bad("%w", err)
		}
		if len(a.Match) == 0 {
			return bad("matchers are missing: which log groups")
		}
	case ActMode:
		if m := Mode(a.Value); m != Shadow && m != Internal && m != Live {
			return bad("mode %q: want shadow, internal or live", a.Value)
		}
		return nil
	default:
		return fmt.Errorf("act %q: unknown", a.Kind)
	}
	return a.checkValue(bad)
}

func (a Act) checkValue(bad func(string, ...any) error) error {
	switch {
	case a.Reason == "" && a.Kind != ActAck && a.Kind != ActFeedback:
		return bad("reason is missing")
	case a.Kind == ActWatch && !a.Until.After(a.At):
		return bad("want an end that lies ahead (until)")
	case a.Kind == ActAssign && a.Value == "":
		return bad("owner is missing")
	case !a.Until.IsZero() && a.Kind != ActExclude && a.Kind != ActExpect && !a.Until.After(a.From):
		return bad("it ends at %s, before it begins", a.Until.UTC().Format(time.RFC3339))
	}
	if a.Kind == ActFeedback {
		switch a.Value {
		case "true", "false", "owner", "expected":
		default:
			return bad("feedback %q: want true, false, owner or expected", a.Value)
		}
	}
	return nil
}
