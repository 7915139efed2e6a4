package deliver

import (
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// chooser compares an alert with what its sink was told. It is a function of
// what it is given and the instant, so that a restart chooses the same.
type chooser struct {
	resend time.Duration // 0 = a sink that takes events
	maxAge time.Duration
	start  time.Time // of the lane
	hold   func(kizashi.Alert, time.Time) bool
}

// choose returns the row as it should be, and whether that differs from what
// it is: it has a turn Due, or one that was settled as skipped.
func (c chooser) choose(e alert.Entry, now time.Time) (alert.Told, bool) {
	t, turn := e.Told, alert.TurnOf(e.Alert)
	over := turn.State == kizashi.Resolved
	switch {
	case e.Fired == 0:
		return t, false
	case unheard(t) && over && turn != t.Done && (c.resend > 0 || e.Fired <= t.Done.Seq || tooOld(e.Alert, now, c.maxAge)):
		// Too long ago; or there is nothing to end: the sink knows only the
		// present, or refused the beginning.
		return skipped(e.Alert, now), true
	case unheard(t) && !over && c.hold(e.Alert, now):
		return t, false
	}
	due := t.Due
	switch {
	case due.None() && c.refusedBefore(t, turn):
		due = turn
	case c.resend > 0:
		due = level(e)
	default:
		due = event(e)
	}
	if due.None() || due == t.Due {
		return t, false
	}
	t.Alert, t.Due, t.Since = e.Alert.ID, due, now
	t.Attempts, t.Next, t.Error = 0, time.Time{}, ""
	return t, true
}

// event chooses for a sink that takes events. A turn once chosen stays until
// it is settled: it may have been sent, and the end never overtakes the
// beginning.
func event(e alert.Entry) alert.Turn {
	t, turn, fired := e.Told, alert.TurnOf(e.Alert), alert.Turn{Seq: e.Fired, State: kizashi.Firing}
	switch {
	case !t.Due.None():
		return t.Due
	case turn.Seq <= t.Done.Seq || turn.State == kizashi.Pending:
		return alert.Turn{}
	case fired.Seq > t.Done.Seq && !knowsFiring(t):
		return fired // it began, or began again, and the sink has not heard
	case turn.State == kizashi.Firing:
		return alert.Turn{} // it ended and began again unheard: nothing to hear
	}
	return turn
}

// level chooses for a sink that keeps state: only what is current.
func level(e alert.Entry) alert.Turn {
	t, turn := e.Told, alert.TurnOf(e.Alert)
	switch {
	case !t.Due.None() && turn.Seq <= t.Due.Seq:
		return t.Due
	case turn.Seq <= t.Done.Seq || turn.State == kizashi.Pending:
		return alert.Turn{}
	}
	return turn
}

// unheard says that the sink has not taken anything of the alert, and that
// nothing is under way.
func unheard(t alert.Told) bool {
	return t.Due.None() && t.Outcome != alert.OutcomeTold
}

func knowsFiring(t alert.Told) bool {
	return t.Outcome == alert.OutcomeTold && t.Done.State == kizashi.Firing
}

// refusedBefore gives what was refused before this lane started one more
// attempt while it fires: the operator may have mended what was wrong.
func (c chooser) refusedBefore(t alert.Told, turn alert.Turn) bool {
	return t.Outcome == alert.OutcomeRefused && t.Done == turn && turn.State == kizashi.Firing && t.At.Before(c.start)
}

// tooOld says whether the last change is longer ago than maxAge. What is over
// changed when its last vote stood; what fires, at the tick that made it fire.
func tooOld(a kizashi.Alert, now time.Time, maxAge time.Duration) bool {
	last := a.Changed
	if a.State == kizashi.Resolved {
		last = a.To
	}
	return now.Sub(last.UTC()) > maxAge
}

// skipped is the row of an alert that is settled without being told.
func skipped(a kizashi.Alert, now time.Time) alert.Told {
	return alert.Told{Alert: a.ID, Done: alert.TurnOf(a), Outcome: alert.OutcomeSkipped, At: now}
}

// asOf returns the alert as it was at turn t, as far as what it is now lets
// one say.
func asOf(a kizashi.Alert, t alert.Turn) kizashi.Alert {
	if alert.TurnOf(a) == t {
		return a
	}
	a.Seq, a.State = t.Seq, t.State
	if t.State == kizashi.Firing {
		a.Ended = ""
	}
	return a
}
