package service

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// daily is the thread of acme's digest for a lane.
func daily(lane string, due time.Time) alert.Thread {
	return alert.Thread{ID: "x", Lane: lane, Tenant: "acme", Seq: 1, Reason: alert.ReasonDigest, Opened: due}
}

// burning is a service on which n alerts of one group fire.
func burning(t *testing.T, more string, n int) *Service {
	t.Helper()
	s, _, _ := routed(t, people+more)
	var as []kizashi.Alert
	for i := range n {
		a := cpu(fmt.Sprintf("%016x", i+1))
		a.Series = kizashi.SeriesID(i + 1)
		as = append(as, a)
	}
	if err := s.store.Ledger().Commit(ledger.Changes{Alerts: as}); err != nil {
		t.Fatal(err)
	}
	return s
}

// What a digest costs grows as what it tells of, not as its square; a stop
// does not wait for it.
func TestTheDigestOfAStormReadsEachAlertOnce(t *testing.T) {
	cost := func(n int) float64 {
		s := burning(t, "", n)
		return testing.AllocsPerRun(1, func() {
			if _, err := s.render(context.Background(), daily(oncall, now.Add(time.Minute))); err != nil {
				t.Error(err)
			}
		})
	}
	if few, many := cost(50), cost(200); many > 6*few {
		t.Errorf("%.0f allocations for 50 alerts, %.0f for 200", few, many)
	}
	s := burning(t, "", 3)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.render(ctx, daily(oncall, now.Add(time.Minute))); !errors.Is(err, context.Canceled) {
		t.Errorf("a digest at the stop: %v", err)
	}
}

// How many fire beside an alert counts in its digest too.
func TestTheDigestCountsWhatFiresBesideAnAlert(t *testing.T) {
	for lost, want := range map[string]string{"2": "CRITICAL ", "3": "WARNING "} {
		class := map[string]string{"2": "act 3, check 0", "3": "act 0, check 3"}[lost]
		s := burning(t, "severity: {groups: [{match: ['group=\"web\"'], can_lose: "+lost+"}]}\n", 3)
		n, err := s.render(context.Background(), daily(oncall, now.Add(time.Minute)))
		if err != nil || len(n.Message.Lines) != 3 || !strings.HasPrefix(n.Message.Lines[0], want) {
			t.Errorf("of a group that can lose %s: %q, %v; want %s", lost, n.Message.Lines, err, want)
		}
		if got := fmt.Sprint(n.Message.Facts); !strings.Contains(got, "{Began "+class) {
			t.Errorf("of a group that can lose %s: %s; want %s", lost, got, class)
		}
	}
}

// What is in mode shadow stands in nobody's digest, what is in mode internal
// not in a tenant's own; whether the configuration says so or a person.
func TestTheDigestKeepsToTheModeOfASeries(t *testing.T) {
	const own = `
receivers:
  - {name: acme, tenant: acme, sinks: [{mail: {from: k@example.com, to: [acme@example.com], dir: DIR}}]}
  - {name: oncall, sinks: [{mail: {from: k@example.com, to: [oncall@example.com], dir: DIR}}]}
routes: [{receivers: [acme, oncall]}]
`
	for _, c := range []struct {
		mode         string
		tenant, runs int
	}{{"live", 1, 1}, {"internal", 0, 1}, {"shadow", 0, 0}} {
		for _, by := range []string{"configuration", "a person"} {
			more, mode := own, ""
			if by == "configuration" {
				more += "modes: [{match: ['group=\"web\"'], mode: " + c.mode + "}]\n"
			} else {
				mode = c.mode
			}
			s, at, _ := routed(t, more)
			fires(t, s, cpuID, at.Add(-time.Hour))
			if mode != "" {
				if _, err := s.Say(alert.Act{Kind: alert.ActMode, Alert: cpuID, Value: mode, Author: "sato", Reason: "trial"}); err != nil {
					t.Fatal(err)
				}
			}
			for lane, want := range map[string]int{"acme mail acme@example.com": c.tenant, oncall: c.runs} {
				n, err := s.render(context.Background(), daily(lane, at.Add(time.Minute)))
				if err != nil || strings.Count(strings.Join(n.Message.Lines, "\n"), "CPUUtilization") != want {
					t.Errorf("%s by %s, %s: %q, %v; want %d alerts", c.mode, by, lane, n.Message.Lines, err, want)
				}
			}
		}
	}
}

// A digest goes on where the one before it ended, on the day of a change of
// the clock too.
func TestADigestGoesOnWhereTheLastEnded(t *testing.T) {
	for _, c := range []struct{ zone, due, from string }{
		{"Asia/Tokyo", "2026-03-29T08:30:00+09:00", "2026-03-28T08:30:00+09:00"},
		{"", "2026-03-29T08:30:00Z", "2026-03-28T08:30:00Z"},
		{"Europe/Berlin", "2026-03-29T08:30:00+02:00", "2026-03-28T08:30:00+01:00"}, // 23 hours
		{"Europe/Berlin", "2026-10-25T08:30:00+01:00", "2026-10-24T08:30:00+02:00"}, // 25 hours
	} {
		if got, err := dayBefore(must(t, c.due).UTC(), c.zone); err != nil || got.String() != kizashi.TimeOf(must(t, c.from)).String() {
			t.Errorf("%s, due %s: the day begins at %s, %v; want %s", c.zone, c.due, got, err, c.from)
		}
	}
}

func must(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
