package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/e2e/virtual"
)

// The processes that a measurement starts are this binary again.
func TestMain(m *testing.M) {
	if os.Getenv(child) == "1" {
		main()
		return
	}
	if err := virtual.Credentials(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// limits that hold on a machine that is busy with other things too: the floors
// of what is aimed at.
const (
	mostProcessor = 60 * time.Microsecond // a series and minute
	mostCalls     = 1.15                  // of the least possible
)

// Every point is judged once, with limits, in few calls, and one account that
// is throttled delays nobody else.
func TestAnHourOfAFleet(t *testing.T) {
	sizes := []size{{Accounts: 3, Regions: 2, Series: 60, Mixed: true}, {Accounts: 2, Regions: 1, Series: 520}}
	learn := defaultLearning
	if os.Getenv("KIZASHI_SOAK") == "1" {
		sizes = []size{{Accounts: 30, Regions: 3, Series: 1000}, {Accounts: 30, Regions: 3, Series: 1000, Mixed: true}}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sizes {
		r, err := job{size: s, learn: learn}.measure(self)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		r.print(&b)
		t.Log("\n" + b.String())
		r.check(t)
	}
}

func (r report) check(t *testing.T) {
	t.Helper()
	for what, m := range map[string]measured{"alone": r.Plain, "one throttled": r.Held} {
		if m.Twice > 0 {
			t.Errorf("%s: %d points were judged twice or out of turn", what, m.Twice)
		}
		if m.Points != m.Due || m.Due == 0 {
			t.Errorf("%s: %d points judged, %d due", what, m.Points, m.Due)
		}
		if m.Forced > 0 {
			t.Errorf("%s: the clock moved on %d times while somebody worked", what, m.Forced)
		}
	}
	m := r.Plain
	if want := 60 * int64(m.Size.series()); !m.Size.Mixed && m.Due != want {
		t.Errorf("%d points were due, want %d", m.Due, want)
	}
	if least := m.Due / int64(m.Size.Accounts) * int64(m.Size.Accounts-1); r.Held.Points < least {
		t.Errorf("with one account throttled %d points were judged, want the %d of the others at least", r.Held.Points, least)
	}
	if m.Opinions != m.Points || m.Statuses > 0 {
		t.Errorf("%d of %d points were judged against limits, %d outages", m.Opinions, m.Points, m.Statuses)
	}
	if m.perPoint() > mostProcessor {
		t.Errorf("%s of processor a series and minute, want %s at most", m.perPoint(), mostProcessor)
	}
	if m.calls() > mostCalls {
		t.Errorf("%d calls, %.3f of the least possible, want %.2f at most", m.Calls, m.calls(), mostCalls)
	}
	_, before := m.lags(tenant(0))
	_, after := r.Held.lags(tenant(0))
	if after > before+time.Second {
		t.Errorf("with one account throttled the others are up to %s behind, without %s", after, before)
	}
	if r.Held.Lag[tenant(0)] <= before+time.Second {
		t.Error("the throttled account is not behind: the test would show nothing")
	}
}
