package deliver

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// job is one send that is to be made, not before at.
type job struct {
	thread alert.Thread
	row    alert.Told
	again  bool // a reminder: row.Done once more
	at     time.Time
}

// pass looks and tells until nothing can be told now. It returns when to look
// next. Once run has ended it sends no reminders; ctx cuts what is in flight.
func (l *Lane) pass(run, ctx context.Context) (time.Time, error) {
	l.missed = false
	for {
		jobs, err := l.look(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return time.Time{}, nil // cut by the shutdown; nothing was under way
			}
			return time.Time{}, err
		}
		settled, next := false, l.deps.Clock.Now().Add(lookEvery)
		for _, j := range jobs {
			if ctx.Err() != nil {
				return time.Time{}, nil
			}
			at, done, err := l.turn(ctx, j, run.Err() != nil)
			if err != nil {
				return time.Time{}, err
			}
			settled = settled || done
			if !at.IsZero() && at.Before(next) {
				next = at
			}
		}
		// What was settled may have a next turn: the end after the beginning.
		if !settled {
			return next, nil
		}
	}
}

// turn makes one send if its time has come. It returns when it is to be tried
// again, if it is, and whether a turn was settled.
func (l *Lane) turn(ctx context.Context, j job, ending bool) (at time.Time, settled bool, err error) {
	at = j.at
	if l.gate.After(at) {
		at = l.gate
	}
	switch {
	case ending && j.again:
		return time.Time{}, false, nil
	case at.After(l.deps.Clock.Now()):
		return at, false, nil
	}
	return l.tell(ctx, j)
}

// look compares what threads are with what the sink was told, writes what it
// chose into the outbox, and returns what is to be sent: those that failed
// least first, so that one the sink stumbles over stops no other.
func (l *Lane) look(ctx context.Context) ([]job, error) {
	now := l.deps.Clock.Now()
	entries, err := l.deps.Outbox.Entries(ctx, l.Name(), now.Add(-l.cfg.Keep))
	if err != nil {
		return nil, err
	}
	if l.deps.Mine != nil {
		entries = slices.DeleteFunc(entries, func(e alert.Entry) bool { return !l.deps.Mine(l.Name(), e.Thread) })
	}
	var jobs []job
	var rows []alert.Told
	seen := make(map[string]bool, len(entries))
	for _, e := range entries {
		seen[e.Thread.ID] = true
		row, changed := l.chooser.choose(e, now)
		if changed {
			rows = append(rows, row)
		}
		if j, ok := l.job(e, row, now); ok {
			jobs = append(jobs, j)
		}
	}
	if len(rows) > 0 {
		if err := l.deps.Outbox.Record(ctx, l.Name(), rows...); err != nil {
			return nil, err
		}
		l.missed = l.reportSkipped(rows) || l.missed
	}
	if l.missed {
		// What this pass has found missed belongs into the summary that waits:
		// it is told when dispatch has put it there, and has woken the lane.
		jobs = slices.DeleteFunc(jobs, func(j job) bool { return j.thread.Reason == alert.ReasonCaughtUp })
	}
	forget(l.again, seen)
	slices.SortStableFunc(jobs, func(a, b job) int {
		return cmp.Or(cmp.Compare(a.row.Attempts, b.row.Attempts), a.row.Since.Compare(b.row.Since), cmp.Compare(a.thread.ID, b.thread.ID))
	})
	return jobs, nil
}

// job returns what is to be sent for a row, if anything is.
func (l *Lane) job(e alert.Entry, row alert.Told, now time.Time) (job, bool) {
	if !row.Due.None() {
		// A clock that was set back must not make it wait for longer than a
		// wait can be.
		if row.Next.After(now.Add(max(l.cfg.MaxBackoff, alert.LongestAfter))) {
			row.Next = now
		}
		return job{thread: e.Thread, row: row, at: row.Next}, true
	}
	current := row.Outcome == alert.OutcomeTold && row.Done == e.Thread.Turn()
	over := row.Done.State == kizashi.Resolved && now.Sub(row.At) >= l.cfg.Keep
	if l.cfg.Resend == 0 || !current || over || e.Thread.Statement() {
		return job{}, false
	}
	return job{thread: e.Thread, row: row, again: true, at: l.again[e.Thread.ID]}, true
}

// reportSkipped reports what was settled without being told, and whether any
// of it was missed.
func (l *Lane) reportSkipped(rows []alert.Told) (missed bool) {
	for _, r := range rows {
		if r.Due.None() {
			l.deps.Report(Report{Lane: l.Name(), Thread: r.Thread, Turn: r.Done, Outcome: r.Outcome})
			missed = missed || r.Outcome == alert.OutcomeMissed
		}
	}
	return missed
}

// forget drops what is kept of threads that the outbox no longer lists.
func forget(m map[string]time.Time, seen map[string]bool) {
	for id := range m {
		if !seen[id] {
			delete(m, id)
		}
	}
}
