package deliver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// tell makes one send and settles it, or notes the failure. A send that the
// shutdown cut stays due and counts as no failure.
func (l *Lane) tell(ctx context.Context, j job) (at time.Time, settled bool, err error) {
	t := j.row.Due
	if j.again {
		t = j.row.Done
	}
	n, prose := l.notification(ctx, j.thread.AsOf(t))
	if prose != nil && ctx.Err() != nil {
		return time.Time{}, false, nil // the prose was cut by the shutdown: a sink that takes no notice would tell it without
	}
	if err := l.step(StepSendBefore); err != nil {
		return time.Time{}, false, err
	}
	sending, cancel := context.WithTimeout(ctx, l.cfg.Timeout)
	kept, sent := l.send(sending, n, j.row.Kept)
	cancel()
	if err := l.step(StepSendAfter); err != nil {
		return time.Time{}, false, err
	}
	if sent != nil && ctx.Err() != nil {
		return time.Time{}, false, nil
	}
	r := Report{Lane: l.Name(), Thread: j.thread.ID, Turn: t, Again: j.again, Err: sent, Prose: prose}
	l.answered(sent, &r)
	row, renamed := j.row, kept != j.row.Kept
	row.Kept = kept
	if j.again {
		l.again[j.thread.ID] = r.Next
	} else {
		row = l.settle(row, &r)
	}
	if j.again && !renamed {
		l.deps.Report(r)
		return r.Next, false, nil
	}
	// The answer is there, so it is written down even if the drain is over.
	if err := l.deps.Outbox.Record(context.WithoutCancel(ctx), l.Name(), row); err != nil {
		return time.Time{}, false, err
	}
	l.deps.Report(r)
	return r.Next, row.Due.None() && !j.again, nil
}

// send hands a notification to the sink, with the name that the place gave to
// the thread if it gives names.
func (l *Lane) send(ctx context.Context, n alert.Notification, kept string) (string, error) {
	if k, ok := l.sink.(alert.Keeper); ok {
		return k.SendKept(ctx, n, kept)
	}
	return kept, l.sink.Send(ctx, n)
}

// answered reads the sink's answer into r: the outcome, and when to send
// next. It closes the gate after many failures in a row, and for as long as
// the place asks to be left alone; any other answer, a refusal too, opens it.
func (l *Lane) answered(sent error, r *Report) {
	now := l.deps.Clock.Now()
	var later alert.Later
	switch {
	case sent == nil, isPermanent(sent):
		r.Outcome = alert.OutcomeTold
		if sent != nil {
			r.Outcome = alert.OutcomeRefused
		}
		l.failures, l.gate = 0, time.Time{}
		if l.cfg.Resend > 0 {
			r.Next = now.Add(l.cfg.Resend)
		}
	default:
		l.failures++
		wait := l.backoff(l.failures)
		asked := errors.As(sent, &later)
		if asked {
			wait = min(max(wait, later.After), alert.LongestAfter)
		}
		r.Next = now.Add(wait)
		if asked || l.failures >= manyFailures {
			l.gate = r.Next
		}
	}
}

// settle returns the row after an answer.
func (l *Lane) settle(row alert.Told, r *Report) alert.Told {
	now := l.deps.Clock.Now()
	row.Error = ""
	if r.Err != nil {
		row.Error = r.Err.Error()
	}
	if r.Outcome == "" {
		row.Attempts++
		row.Next = now.Add(l.backoff(row.Attempts))
		if l.gate.After(row.Next) {
			row.Next = l.gate // also for the next start
		}
		r.Attempts, r.Next = row.Attempts, row.Next
		return row
	}
	if r.Outcome == alert.OutcomeTold {
		row.Took = row.Due
		l.again[row.Thread] = r.Next
	} else {
		r.Next = time.Time{}
	}
	row.Done, row.Outcome, row.At = row.Due, r.Outcome, now
	row.Due, row.Since, row.Attempts, row.Next = alert.Turn{}, time.Time{}, 0, time.Time{}
	return row
}

// notification renders a thread as it was at its turn. The key is the lane's
// to make: it must not depend on prose.
func (l *Lane) notification(ctx context.Context, t alert.Thread) (alert.Notification, error) {
	n, err := l.deps.Render(ctx, t)
	if err != nil {
		n = alert.Notification{Alert: n.Alert}
	}
	if n.Alert.ID == "" {
		n.Alert = bare(t)
	}
	n.Thread, n.DedupKey = &t, fmt.Sprintf("%s-%d", t.ID, t.Seq)
	if n.Justification == "" {
		n.Justification = n.Alert.Justify
	}
	return n, err
}

// bare is all that a thread itself says of its first alert.
func bare(t alert.Thread) kizashi.Alert {
	none := kizashi.Moment{Value: kizashi.None(), Verdict: kizashi.Verdict{Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None()}}
	a := kizashi.Alert{ID: t.ID, Tenant: t.Tenant, Labels: t.Key, State: t.State, Seq: t.Seq,
		From: kizashi.TimeOf(t.Opened), To: t.Until, Changed: kizashi.TimeOf(t.Changed), Opening: none, Peak: none}
	if len(t.Members) > 0 {
		m := t.Members[0]
		a.ID, a.State, a.Seq = m.Alert, m.Turn.State, m.Turn.Seq
	}
	return a
}

func (l *Lane) step(name string) error {
	if err := l.deps.Hook(name); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func isPermanent(err error) bool {
	var p alert.Permanent
	return errors.As(err, &p)
}
