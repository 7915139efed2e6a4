package ledger

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/deliver"
)

var _ deliver.Outbox = (*Ledger)(nil)

// What a lane was told, and which alerts it is to look at, as alert/deliver
// asks for them.
func TestOutbox(t *testing.T) {
	l := fresh(t)
	told(t, l)
	ctx := context.Background()
	row := alert.Told{Thread: "a3-over", Done: alert.Turn{Seq: 3, State: kizashi.Resolved}, Outcome: alert.OutcomeTold, At: noon}
	if err := l.Record(ctx, "am", alert.Told{Thread: "a2-firing"}, alert.Told{}); err == nil {
		t.Error("a row without a thread was accepted")
	}
	if told := must(l.Told("a2-firing"))(t); len(told) != 1 {
		t.Errorf("all or none: %v", told)
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if err := l.Record(over, "sns", row); !errors.Is(err, context.Canceled) {
		t.Errorf("record after the end: %v", err)
	}
	if strings.Contains(dump(t, l), "503") || !strings.Contains(dump(t, l), "told\tsns\ta3-over\t3\tresolved\ttold") {
		t.Errorf("dump:\n%s", dump(t, l))
	}
}

var noon = time.Date(2026, 11, 1, 12, 0, 0, 250e6, time.UTC)

func told(t *testing.T, l *Ledger) {
	ctx := context.Background()
	threads := func(as ...kizashi.Alert) {
		t.Helper()
		for _, lane := range []string{"sns", "am"} {
			for _, a := range as {
				fired := a.Seq
				if a.State == kizashi.Resolved {
					fired--
				}
				if err := l.Threads(alert.Alone(lane, a, fired, noon)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	threads(episode("a2-firing", 2, kizashi.Firing, t0), episode("a3-over", 3, kizashi.Resolved, t0+hour))
	waits := alert.Alone("sns", episode("a1-waits", 1, kizashi.Firing, t0), 0, noon)
	waits.Seq = 0
	if err := l.Threads(waits); err != nil {
		t.Fatal(err)
	}
	ids := func(lane string, since time.Time) string {
		t.Helper()
		var out []string
		for _, e := range must(l.Entries(ctx, lane, since))(t) {
			out = append(out, fmt.Sprintf("%s/%d", e.Thread.ID, e.Thread.Fired))
		}
		return strings.Join(out, " ")
	}
	want := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	want("a new lane sees all that is due", ids("sns", noon), "a2-firing/2 a3-over/2")
	row := alert.Told{Thread: "a3-over", Done: alert.Turn{Seq: 3, State: kizashi.Resolved}, Outcome: alert.OutcomeTold, At: noon, Took: alert.Turn{Seq: 3, State: kizashi.Resolved}, Kept: "ts 1.2",
		Due: alert.Turn{Seq: 5, State: kizashi.Firing}, Since: noon, Attempts: 2, Next: noon.Add(time.Second), Error: "503"}
	if err := l.Record(ctx, "sns", row, alert.Told{Thread: "a2-firing", Done: alert.Turn{Seq: 2, State: kizashi.Firing}, Outcome: alert.OutcomeTold, At: noon}); err != nil {
		t.Fatal(err)
	}
	for _, e := range must(l.Entries(ctx, "sns", noon))(t) {
		if e.Thread.ID == "a3-over" && !reflect.DeepEqual(e.Told, row) {
			t.Errorf("the row came back as %+v, want %+v", e.Told, row)
		}
	}
	if told := must(l.Told("a3-over"))(t); !reflect.DeepEqual(told, map[string]alert.Told{"sns": row}) {
		t.Errorf("told: %+v", told)
	}
	row.Due, row.Since, row.Next = alert.Turn{}, time.Time{}, time.Time{}
	if err := l.Record(ctx, "sns", row); err != nil {
		t.Fatal(err)
	}
	want("settled, just now", ids("sns", noon), "a2-firing/2 a3-over/2")
	want("settled, a while ago", ids("sns", noon.Add(time.Millisecond)), "a2-firing/2")
	want("another lane", ids("am", noon), "a2-firing/2 a3-over/2")
	threads(episode("a3-over", 5, kizashi.Resolved, t0+3*hour))
	want("it came back", ids("sns", noon.Add(time.Hour)), "a2-firing/2 a3-over/4")
}

func TestRetention(t *testing.T) {
	l := fresh(t)
	old, open, recent := episode("old", 2, kizashi.Resolved, t0), episode("open", 2, kizashi.Firing, t0), episode("recent", 2, kizashi.Resolved, t0+5*hour)
	js := []kizashi.Justification{{Alert: "old", Opening: kizashi.Moment{At: t0}}, {Alert: "open", Opening: kizashi.Moment{At: t0}}}
	old.Justify, open.Justify = must(kizashi.HashOf(js[0]))(t), must(kizashi.HashOf(js[1]))(t)
	c := day(t)
	c.Alerts, c.Justifications = []kizashi.Alert{old, open, recent}, js
	commit(t, l, c)
	for _, a := range c.Alerts {
		if err := l.Threads(alert.Alone("sns", a, 1, t0.UTC())); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Record(context.Background(), "sns", alert.Told{Thread: "old"}, alert.Told{Thread: "open"}); err != nil {
		t.Fatal(err)
	}
	gone := must(l.Retain(t0+hour, t0+hour))(t)
	equal(t, "what is gone, by table", []int64{gone["alerts"], gone["alert_changes"], gone["justifications"], gone["threads"], gone["members"], gone["outbox"], gone["records"], gone["acts"]},
		[]int64{1, 1, 1, 1, 1, 1, 2, 0})
	if _, err := l.Alert("old"); !errors.Is(err, ErrNotFound) {
		t.Errorf("old: %v", err)
	}
	if _, err := l.Justification(old.Justify); !errors.Is(err, ErrNotFound) {
		t.Errorf("its justification: %v", err)
	}
	must(l.Justification(open.Justify))(t)
	must(l.Alert("recent"))(t)
	if told := must(l.Told("old"))(t); len(told) != 0 {
		t.Errorf("its outbox rows: %v", told)
	}
	if _, err := l.Thread("sns", "old"); !errors.Is(err, ErrNotFound) {
		t.Errorf("its thread: %v", err)
	}
	must(l.Thread("sns", "recent"))(t)
	equal(t, "records", must(l.Records(0xfedcba9876543210, t0, t0+9*hour))(t), c.Records[1:2])
	must(l.Checkpoint(c.Checkpoints[0].Hash))(t) // records start from it
	if _, err := l.Retain(t0, t0+40*24*hour); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Checkpoint(c.Checkpoints[0].Hash); !errors.Is(err, ErrNotFound) {
		t.Errorf("its checkpoint: %v", err)
	}
}
