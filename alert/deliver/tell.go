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
	n, prose := l.notification(ctx, asOf(j.alert, t))
	if err := l.step(StepSendBefore); err != nil {
		return time.Time{}, false, err
	}
	sending, cancel := context.WithTimeout(ctx, l.cfg.Timeout)
	sent := l.sink.Send(sending, n)
	cancel()
	if err := l.step(StepSendAfter); err != nil {
		return time.Time{}, false, err
	}
	if sent != nil && ctx.Err() != nil {
		return time.Time{}, false, nil
	}
	r := Report{Lane: l.Name(), Alert: j.alert.ID, Turn: t, Again: j.again, Err: sent, Prose: prose}
	l.answered(sent, &r)
	if j.again {
		l.again[j.alert.ID] = r.Next
		l.deps.Report(r)
		return r.Next, false, nil
	}
	row := l.settle(j.row, &r)
	// The answer is there, so it is written down even if the drain is over.
	if err := l.deps.Outbox.Record(context.WithoutCancel(ctx), l.Name(), row); err != nil {
		return time.Time{}, false, err
	}
	l.deps.Report(r)
	return r.Next, row.Due.None(), nil
}

// answered reads the sink's answer into r: the outcome, and when to send
// next. It closes the gate after many failures in a row; any answer, a
// refusal too, opens it.
func (l *Lane) answered(sent error, r *Report) {
	now := l.deps.Clock.Now()
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
		r.Next = now.Add(l.backoff(l.failures))
		if l.failures >= manyFailures {
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
		r.Attempts, r.Next = row.Attempts, row.Next
		return row
	}
	if r.Outcome == alert.OutcomeTold {
		l.again[row.Alert] = r.Next
	} else {
		r.Next = time.Time{}
	}
	row.Done, row.Outcome, row.At = row.Due, r.Outcome, now
	row.Due, row.Since, row.Attempts, row.Next = alert.Turn{}, time.Time{}, 0, time.Time{}
	return row
}

// notification renders an alert as it was at its turn. The key is the lane's
// to make: it must not depend on prose.
func (l *Lane) notification(ctx context.Context, a kizashi.Alert) (alert.Notification, error) {
	n, err := l.deps.Render(ctx, a)
	if err != nil {
		n = alert.Notification{}
	}
	n.Alert, n.DedupKey = a, fmt.Sprintf("%s-%d", a.ID, a.Seq)
	if n.Justification == "" {
		n.Justification = a.Justify
	}
	return n, err
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
