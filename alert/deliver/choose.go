package deliver

import (
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// statementAge is how old a digest or a summary may be and still be told.
const statementAge = 24 * time.Hour

// chooser compares a thread with what its sink was told. It is a function of
// what it is given and the instant, so that a restart chooses the same.
type chooser struct {
	resend time.Duration // 0 = a sink that takes events
	maxAge time.Duration
	start  time.Time // of the lane
}

// choose returns the row as it should be, and whether that differs from what
// it is: it has a turn Due, or one that was settled as skipped.
func (c chooser) choose(e alert.Entry, now time.Time) (alert.Told, bool) {
	t, turn := e.Told, e.Thread.Turn()
	if e.Thread.Seq == 0 {
		return t, false // nothing of it is due yet
	}
	if turn != t.Done {
		if how := c.skip(e, now); how != "" {
			return alert.Told{Thread: e.Thread.ID, Done: turn, Outcome: how, At: now, Took: t.Took, Kept: t.Kept}, true
		}
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
	if !update(e, due) {
		t.Since, t.Attempts, t.Next, t.Error = now, 0, time.Time{}, ""
	}
	t.Thread, t.Due = e.Thread.ID, due
	return t, true
}

// skip says how a turn is settled without being told, or "" if it is told. A
// sink that knows of the beginning is told the end, however late.
func (c chooser) skip(e alert.Entry, now time.Time) alert.Outcome {
	t, th := e.Told, e.Thread
	if th.Statement() {
		if now.Sub(th.Changed) > statementAge {
			return alert.OutcomeSkipped
		}
		return ""
	}
	old := tooOld(th, now, c.maxAge)
	switch {
	case th.State != kizashi.Resolved || knowsFiring(t):
		return ""
	case t.Due.None() && (c.resend > 0 || th.Fired <= t.Done.Seq || th.Sum != ""):
		// There is nothing to end: the sink knows only the present, or
		// refused the beginning, or hears of it by a summary.
		return alert.OutcomeSkipped
	case old && tooOld(th, th.Changed, c.maxAge):
		return alert.OutcomeSkipped // it was the past when it became due
	case old:
		return alert.OutcomeMissed
	}
	return ""
}

// event chooses for a sink that takes events. A turn once chosen stays until
// it is settled: it may have been sent, and the end never overtakes the
// beginning. Of what is new in a thread that fires it hears the latest only.
func event(e alert.Entry) alert.Turn {
	t, turn, fired := e.Told, e.Thread.Turn(), alert.Turn{Seq: e.Thread.Fired, State: kizashi.Firing}
	switch {
	case update(e, turn):
		return turn
	case !t.Due.None():
		return t.Due
	case turn.Seq <= t.Done.Seq:
		return alert.Turn{}
	case fired.Seq <= t.Done.Seq:
		return turn // what is new in it, or its end
	case turn.State == kizashi.Resolved && !knowsFiring(t):
		return fired // it began, or began again, and the sink has not heard
	case turn == fired && knowsFiring(t):
		return alert.Turn{} // it ended and began again unheard: nothing to hear
	}
	return turn
}

// update says that due is only the later news of what is due already and
// fires, or is a statement.
func update(e alert.Entry, due alert.Turn) bool {
	old := e.Told.Due
	if old.None() || old.State != due.State || due.Seq <= old.Seq {
		return false
	}
	return e.Thread.Statement() || due.State == kizashi.Firing && due.Seq > e.Thread.Fired
}

// level chooses for a sink that keeps state: only what is current.
func level(e alert.Entry) alert.Turn {
	t, turn := e.Told, e.Thread.Turn()
	switch {
	case !t.Due.None() && turn.Seq <= t.Due.Seq:
		return t.Due
	case turn.Seq <= t.Done.Seq:
		return alert.Turn{}
	}
	return turn
}

func knowsFiring(t alert.Told) bool { return t.Took.State == kizashi.Firing }

// refusedBefore gives what was refused before this lane started one more
// attempt while it fires: the operator may have mended what was wrong.
func (c chooser) refusedBefore(t alert.Told, turn alert.Turn) bool {
	return t.Outcome == alert.OutcomeRefused && t.Done == turn && turn.State == kizashi.Firing && t.At.Before(c.start)
}

// tooOld says whether a thread was over for longer than maxAge.
func tooOld(t alert.Thread, now time.Time, maxAge time.Duration) bool {
	return t.State == kizashi.Resolved && now.Sub(t.Until.UTC()) > maxAge
}
