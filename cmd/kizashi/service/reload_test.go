package service

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// reloads writes the file of a service with something else in it and reads it
// again.
func reloads(t *testing.T, s *Service, change func(string) string) (waits []string) {
	t.Helper()
	b, err := os.ReadFile(s.opt.Config.File)
	if err != nil {
		t.Fatal(err)
	}
	next := change(string(b))
	if next == string(b) {
		t.Fatal("nothing is changed")
	}
	write(t, s.opt.Config.File, next)
	if waits, err = s.Reload(); err != nil {
		t.Fatal(err)
	}
	return waits
}

func TestAReloadTakesJobs(t *testing.T) {
	s := employed(t, map[string][]string{"backup": {"2026-06-15 02:40"}})
	waits := reloads(t, s, func(text string) string {
		return strings.Replace(text, "cron 0 2 * * * for 1h in UTC", "cron 30 1 * * * for 1h in UTC", 1)
	})
	if got := dayOf(t, s, "2026-06-15"); len(waits) > 0 || !strings.Contains(got, "LATE backup, due Mon 2026-06-15 02:30") {
		t.Errorf("waits %q; the digest says %s", waits, got)
	}
}

// Where receivers wait for a restart the hours that they name wait with them:
// none of them is left without hours.
func TestHoursWaitWithTheReceiversThatNameThem(t *testing.T) {
	s, _, _ := routed(t, `
hours: [{name: duty, zone: UTC, open: ["Mon-Fri 14:00-18:00"]}]
receivers:
  - {name: oncall, hours: duty, waits: [check], sinks: [{mail: {from: k@example.com, to: [oncall@example.com], dir: DIR}}]}
routes: [{receivers: [oncall]}]
`)
	waits := reloads(t, s, func(text string) string {
		return strings.NewReplacer("duty", "office", "[oncall@example.com]", "[team@example.com]").Replace(text)
	})
	if !slices.Equal(waits, []string{"sinks", "hours"}) {
		t.Errorf("waits %q", waits)
	}
	p, err := Policy(s.configNow())
	if err != nil || p.Receivers[0].Hours == nil {
		t.Errorf("the receiver has no hours any more: %+v, %v", p.Receivers, err)
	}
}
