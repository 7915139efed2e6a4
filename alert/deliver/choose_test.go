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
		b.deps.Report = func(r Report) { reports = append(reports, fmt.Sprintf("%s %s", r.Alert, r.Outcome)) }
		b.put("ended 61m ago", 1, kizashi.Firing, 3*time.Hour)
		b.put("ended 61m ago", 2, kizashi.Resolved, 61*time.Minute)
		b.put("ended 59m ago", 1, kizashi.Firing, 3*time.Hour)
		b.put("ended 59m ago", 2, kizashi.Resolved, 59*time.Minute)
		// The clock of its group stood still for hours before it closed it.
		a := kizashi.Alert{ID: "closed late", Seq: 1, State: kizashi.Firing}
		b.outbox.Put(a)
		a.Seq, a.State, a.Changed = 2, kizashi.Resolved, kizashi.TimeOf(time.Now())
		a.To = a.Changed.Add(-2 * time.Hour)
		b.outbox.Put(a)
		b.put("began 61m ago", 1, kizashi.Firing, 61*time.Minute)
		b.put("began 59m ago", 1, kizashi.Firing, 59*time.Minute)
		l := b.run(events(), &fake{b: b, name: "mail"})
		b.want("0s mail firing began 59m ago-1", "0s mail firing ended 59m ago-1", "0s mail resolved ended 59m ago-2")
		if got := strings.Join(reports, ", "); !strings.HasPrefix(got, "closed late skipped, ended 61m ago skipped, ") {
			t.Errorf("reports: %s", got)
		}
		// The back-fill comes to its end: nothing is told of it.
		b.put("began 61m ago", 2, kizashi.Resolved, 50*time.Hour, l...)
		// This one is old too, but does not end: it is going on now.
		b.put("still on", 1, kizashi.Firing, 30*time.Hour, l...)
		b.pass(7 * time.Minute)
		b.want("5m0s mail firing still on-1")
	})
}

func TestHoldIsAskedAgain(t *testing.T) {
	play(t, func(b *bench) {
		var past atomic.Bool
		past.Store(true)
		b.deps.Hold = func(kizashi.Alert) bool { return past.Load() }
		b.put("a", 1, kizashi.Firing, 0)
		b.run(events(), &fake{b: b, name: "mail"})
		b.pass(90 * time.Second)
		past.Store(false)
		b.pass(time.Minute)
		b.want("2m0s mail firing a-1")
	})
}

func TestRoutes(t *testing.T) {
	play(t, func(b *bench) {
		var unwanted atomic.Bool
		b.deps.Wants = func(a kizashi.Alert) bool { return !unwanted.Load() && a.ID != "other" }
		l := b.run(events(), &fake{b: b, name: "mail"})
		b.put("a", 1, kizashi.Firing, 0, l...)
		b.put("other", 1, kizashi.Firing, 0, l...)
		unwanted.Store(true)
		b.put("a", 2, kizashi.Resolved, 0, l...) // whoever heard the beginning hears the end
		b.put("other", 2, kizashi.Resolved, 0, l...)
		b.want("0s mail firing a-1", "0s mail resolved a-2")
		es, err := b.outbox.Entries(t.Context(), "mail", time.Now().Add(time.Hour))
		if err != nil || len(es) != 0 {
			t.Errorf("still to be looked at: %v, %v", es, err)
		}
	})
}

func TestWithoutProseItIsToldAllTheSame(t *testing.T) {
	play(t, func(b *bench) {
		b.deps.Render = func(context.Context, kizashi.Alert) (alert.Notification, error) {
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
