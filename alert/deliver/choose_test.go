package deliver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

func TestAge(t *testing.T) {
	play(t, func(b *bench) {
		var reports []string
		b.deps.Report = func(r Report) { reports = append(reports, fmt.Sprintf("%s %s", r.Thread, r.Outcome)) }
		b.put("ended 61m ago", 1, kizashi.Firing, 3*time.Hour)
		b.put("ended 61m ago", 2, kizashi.Resolved, 61*time.Minute)
		b.put("ended 59m ago", 1, kizashi.Firing, 3*time.Hour)
		b.put("ended 59m ago", 2, kizashi.Resolved, 59*time.Minute)
		b.run(events(), &fake{b: b, name: "mail"})
		b.want("0s mail firing ended 59m ago-1", "0s mail resolved ended 59m ago-2")
		if got := strings.Join(reports, ", "); !strings.HasPrefix(got, "ended 61m ago skipped, ") {
			t.Errorf("reports: %s", got)
		}
	})
}

// What ended while the sink was down is told if it is not long ago, and else
// left to the summary; of what it knew it is told the end, however late.
func TestWhatASinkMissedInAnOutage(t *testing.T) {
	play(t, func(b *bench) {
		var down atomic.Bool
		f := &fake{b: b, name: "mail", answer: func(context.Context, alert.Notification) error {
			if down.Load() {
				return errors.New("503")
			}
			return nil
		}}
		b.put("known", 1, kizashi.Firing, 0)
		l := b.run(events(), f)
		b.want("0s mail firing known-1")
		down.Store(true)
		b.put("brief", 1, kizashi.Firing, 0, l...)
		b.pass(10 * time.Minute)
		b.put("brief", 2, kizashi.Resolved, 0, l...)
		b.put("known", 2, kizashi.Resolved, 0, l...)
		b.pass(50 * time.Minute)
		b.put("late", 1, kizashi.Firing, 0, l...)
		b.put("late", 2, kizashi.Resolved, 0, l...)
		b.pass(25 * time.Minute)
		down.Store(false)
		b.read()
		b.pass(2 * time.Minute)
		got := strings.Join(b.read(), "\n")
		for _, want := range []string{"resolved known-2", "firing late-1", "resolved late-2"} {
			if strings.Count(got, want) != 1 {
				t.Errorf("%s is not told once:\n%s", want, got)
			}
		}
		if strings.Contains(got, "brief") || b.outbox.Row("mail", "brief").Outcome != alert.OutcomeMissed {
			t.Errorf("what ended 75 minutes ago unheard: %+v\n%s", b.outbox.Row("mail", "brief"), got)
		}
	})
}

// group puts a thread of several alerts at a Seq.
func (b *bench) group(seq, fired int, state kizashi.AlertState, reason alert.Reason, lanes ...*Lane) {
	now := time.Now()
	b.outbox.Put(alert.Thread{ID: "g", State: state, Seq: seq, Fired: fired, Reason: reason, Opened: b.start, Changed: now, Until: kizashi.TimeOf(now),
		Members: []alert.Member{{Alert: "a", Turn: alert.Turn{Seq: 1, State: state}, Since: 1}, {Alert: "b", Turn: alert.Turn{Seq: 1, State: state}, Since: 2}, {Alert: "c", Held: alert.HeldMute}}})
	for _, l := range lanes {
		l.Wake()
	}
	b.pass(0)
}

func TestNewsOfAThreadIsToldTheLatestOnly(t *testing.T) {
	for _, cfg := range []Config{events(), levels()} {
		cfg.Resend = 2 * min(cfg.Resend, 1) * time.Hour // no reminder in this story
		play(t, func(b *bench) {
			var down atomic.Bool
			f := &fake{b: b, name: "mail", answer: func(_ context.Context, n alert.Notification) error {
				if down.Load() {
					return errors.New("503")
				}
				var members []string
				for _, m := range n.Thread.Members {
					members = append(members, m.Alert)
				}
				b.note("%s of %s", n.Thread.Reason, members)
				return nil
			}}
			b.group(0, 0, kizashi.Firing, "") // nothing is due yet
			l := b.run(cfg, f)
			b.want()
			b.group(1, 1, kizashi.Firing, alert.ReasonOpened, l...)
			b.group(2, 1, kizashi.Firing, alert.ReasonMore, l...)
			b.want("0s opened of [a]", "0s mail firing g-1", "0s more of [a b]", "0s mail firing g-2")
			down.Store(true)
			b.group(3, 1, kizashi.Firing, alert.ReasonReminder, l...)
			b.pass(time.Minute)
			b.group(4, 1, kizashi.Firing, alert.ReasonWorse, l...)
			down.Store(false)
			b.read()
			b.pass(2 * time.Minute)
			if got := b.read(); len(got) != 2 || !strings.Contains(got[0], "worse of") || !strings.Contains(got[1], "firing g-4") {
				t.Errorf("after the outage: %q", got)
			}
			b.group(5, 1, kizashi.Resolved, alert.ReasonResolved, l...)
			b.pass(time.Minute)
			if got := strings.Join(b.read(), " "); strings.Count(got, "g-5") != 1 {
				t.Errorf("the end: %q", got)
			}
		})
	}
}

func TestTheEndOfAThreadIsToldWithItsBeginning(t *testing.T) {
	play(t, func(b *bench) {
		f := &fake{b: b, name: "mail", answer: func(_ context.Context, n alert.Notification) error {
			b.note("%s of %d, %s", n.Thread.Reason, len(n.Thread.Members), n.Thread.Members[0].Turn.State)
			return nil
		}}
		b.group(5, 1, kizashi.Resolved, alert.ReasonResolved)
		b.run(events(), f)
		b.want("0s opened of 1, firing", "0s mail firing g-1", "0s resolved of 2, resolved", "0s mail resolved g-5")
	})
}

// The sink refuses news of what it knows: its end is told all the same.
func TestARefusalOfNewsDoesNotCostTheEnd(t *testing.T) {
	play(t, func(b *bench) {
		f := &fake{b: b, name: "mail", answer: func(_ context.Context, n alert.Notification) error {
			if n.Thread.Seq == 2 {
				return alert.Permanent{Err: errors.New("too long")}
			}
			return nil
		}}
		b.group(1, 1, kizashi.Firing, alert.ReasonOpened)
		l := b.run(events(), f)
		b.group(2, 1, kizashi.Firing, alert.ReasonMore, l...)
		b.group(3, 1, kizashi.Resolved, alert.ReasonResolved, l...)
		b.want("0s mail firing g-1", "0s mail firing g-2: too long", "0s mail resolved g-3")
	})
}

func TestAStatementIsToldOnceUnlessItIsOfYesterday(t *testing.T) {
	play(t, func(b *bench) {
		s := alert.Thread{ID: "digest", State: kizashi.Resolved, Seq: 1, Reason: alert.ReasonDigest, Changed: time.Now().Add(-23 * time.Hour)}
		b.outbox.Put(s)
		s.ID, s.Changed = "old", time.Now().Add(-25*time.Hour)
		b.outbox.Put(s)
		b.run(events(), &fake{b: b, name: "mail"})
		b.pass(time.Hour)
		b.want("0s mail resolved digest-1")
	})
}

// What another message sums up is not told by itself.
func TestWhatIsSummedUpElsewhereIsSkipped(t *testing.T) {
	play(t, func(b *bench) {
		th := alert.Alone("", kizashi.Alert{ID: "a", Seq: 2, State: kizashi.Resolved, To: kizashi.TimeOf(time.Now())}, 1, time.Now())
		th.Sum = alert.SumAbsence
		b.outbox.Put(th)
		b.run(events(), &fake{b: b, name: "mail"})
		b.want()
		if got := b.outbox.Row("mail", "a").Outcome; got != alert.OutcomeSkipped {
			t.Errorf("settled as %q", got)
		}
	})
}

func TestWithoutProseItIsToldAllTheSame(t *testing.T) {
	play(t, func(b *bench) {
		b.deps.Render = func(context.Context, alert.Thread) (alert.Notification, error) {
			return alert.Notification{Title: "half"}, errors.New("no justification")
		}
		var got Report
		b.deps.Report = func(r Report) { got = r }
		b.put("a", 1, kizashi.Firing, 0)
		b.run(events(), &fake{b: b, name: "mail", answer: func(_ context.Context, n alert.Notification) error {
			if n.Title != "" || n.Alert.ID != "a" || n.DedupKey != "a-1" {
				t.Errorf("told %+v", n)
			}
			return nil
		}})
		b.want("0s mail firing a-1")
		if got.Prose == nil || got.Outcome != alert.OutcomeTold {
			t.Errorf("report %+v", got)
		}
	})
}
