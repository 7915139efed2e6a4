package service

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/handling"
)

// The days that a window names can go from the configuration while a mute by
// it is in force.
func TestAnActWhoseWindowCannotBeReadIsSaidInTheLog(t *testing.T) {
	s, at, _ := routed(t, people)
	var log bytes.Buffer
	s.opt.Log = slog.New(slog.NewTextHandler(&log, nil))
	b := handling.New(handling.Rules{})
	b.Add(s.saidOf(alert.Act{ID: "m", At: *at, Kind: alert.ActMute, Tenant: "acme", Window: "days no-such-days at 00:00 for 2h in UTC"}))
	if m, ok := b.At(at.AddDate(2, 0, 0)).Muted(&kizashi.Alert{ID: "a", Tenant: "acme"}, nil); ok {
		t.Errorf("two years later it is muted by %s", m.ID)
	}
	if line := log.String(); !strings.Contains(line, "not in force: its window cannot be read") || !strings.Contains(line, "no-such-days") || strings.Count(line, "\n") != 1 {
		t.Errorf("the log says %q", line)
	}
}

// A watch is measured with the severity that dispatch holds it to, also where
// a rule goes by the owner.
func TestAWatchWhoseSeverityGoesByTheOwner(t *testing.T) {
	s, at, mails := routed(t, people+`
owners: [{match: ['group="web"'], owner: dba}]
severity: {rules: [{match: ['owner="dba"'], severity: notice}]}
`)
	fires(t, s, cpuID, *at)
	equal(t, "it fires", mails(), oncall+": opened")
	a, err := s.Say(alert.Act{Kind: alert.ActWatch, Alert: cpuID, Author: "sato", Reason: "known", Until: at.Add(72 * time.Hour)})
	if err != nil || !strings.Contains(a.Value, fmt.Sprintf(`"severity":%d,`, alert.Notice)) {
		t.Fatalf("measured as %q, %v", a.Value, err)
	}
	for _, later := range []time.Duration{time.Minute, 30 * time.Minute} {
		*at = at.Add(later)
		equal(t, "under watch", mails())
	}
	ts, err := s.store.Ledger().OpenThreads(*at)
	if err != nil || len(ts) != 1 || ts[0].Members[0].Severity != alert.Notice {
		t.Errorf("%+v, %v", ts, err)
	}
}
