package service

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
)

// oncalls is the thread that the lane oncall has now.
func oncalls(t *testing.T, s *Service) alert.Thread {
	t.Helper()
	ts, err := s.store.Ledger().OpenThreads(now.Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, th := range ts {
		if th.Lane == oncall {
			return th
		}
	}
	t.Fatalf("no thread of %s in %v", oncall, ts)
	return alert.Thread{}
}

// letterOf is how the lane oncall writes its thread now.
func letterOf(t *testing.T, s *Service) alert.Notification {
	t.Helper()
	n, err := s.render(context.Background(), oncalls(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// An owner's next step stands in the message whatever its rule matches: a
// label of the series, or one of ours; and after somebody made another one the
// owner it is that one's.
func TestAnOwnersNextStepIsTold(t *testing.T) {
	for _, match := range []string{`metric="CPUUtilization"`, `group="web"`, `tenant="acme"`, `class="act"`, `side="up"`} {
		s, at, mails := routed(t, people+`
owners:
  - {match: ['`+match+`'], owner: infra, next: restart it, runbook: 'https://wiki.example/r'}
  - {match: ['group="db"'], owner: dba, next: look at the locks}
`)
		fires(t, s, cpuID, *at)
		equal(t, match, mails(), oncall+": opened")
		if got := strings.Join(letterOf(t, s).Message.Next, "; "); got != "restart it; Runbook: https://wiki.example/r" {
			t.Errorf("%s: next %q", match, got)
		}
		if _, err := s.Say(alert.Act{Kind: alert.ActAssign, Alert: cpuID, Value: "dba", Author: "sato", Reason: "theirs"}); err != nil {
			t.Fatal(err)
		}
		*at = at.Add(2 * time.Hour)
		mails()
		if th := oncalls(t, s); th.Owner != "dba" {
			t.Fatalf("owner %q after it was assigned", th.Owner)
		}
		if got := strings.Join(letterOf(t, s).Message.Next, "; "); got != "look at the locks" {
			t.Errorf("%s, assigned: next %q", match, got)
		}
	}
}

// The end of a mute is told with its reason, of one of the configuration too;
// never with its id.
func TestTheEndOfADeclaredMuteIsToldWithItsReason(t *testing.T) {
	mute := `mutes: [{match: ['group="web"'], window: 2026-06-15T00:00Z/2026-06-15T13:00Z, reason: move}]`
	s, at, mails := routed(t, people+mute)
	fires(t, s, cpuID, *at)
	equal(t, "muted", mails())
	*at = at.Add(time.Hour)
	equal(t, "its end", mails(), oncall+": unmuted")
	if got := letterOf(t, s).Message.Lead; !strings.HasPrefix(got, `The mute "move" is over, and it still stands.`) {
		t.Errorf("lead %q", got)
	}
	reloads(t, s, func(text string) string { return strings.Replace(text, mute, "", 1) })
	if got := letterOf(t, s).Message.Lead; !strings.HasPrefix(got, "The mute is over, and it still stands.") {
		t.Errorf("the mute is declared no more: lead %q", got)
	}
}

// A reminder of several says how many of them nobody is at.
func TestAReminderCountsWhatIsNotAcknowledged(t *testing.T) {
	s, at, mails := routed(t, strings.Replace(people, "repeat: 1h, escalate: {after: 30m, to: manager}", "group_by: [service]", 1))
	ids := []string{cpuID, "1123456789abcdef", "2123456789abcdef"}
	for _, id := range ids {
		fires(t, s, id, *at)
	}
	equal(t, "first", mails(), oncall+": opened")
	for i, want := range []string{"Nobody has acknowledged it so far", "2 of 3 alerts are not acknowledged so far", "1 of 3 alerts is not acknowledged so far"} {
		*at = at.Add(4 * time.Hour)
		equal(t, want, mails(), oncall+": reminder")
		if got := letterOf(t, s).Message.Lead; !strings.HasPrefix(got, want+", and it still stands after ") {
			t.Errorf("lead %q; want %s", got, want)
		}
		if _, err := s.Say(alert.Act{Kind: alert.ActAck, Alert: ids[i], Author: "sato"}); err != nil {
			t.Fatal(err)
		}
	}
}
