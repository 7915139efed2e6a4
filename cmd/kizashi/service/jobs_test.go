package service

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// employed is a service with declared jobs whose digest comes at noon, read up
// to then. ends are when a job's series had a sample above zero.
func employed(t *testing.T, ends map[string][]string) *Service {
	t.Helper()
	o := options(t)
	b, err := os.ReadFile(o.Config.File)
	if err != nil {
		t.Fatal(err)
	}
	write(t, o.Config.File, strings.Replace(string(b), "{name: acme,", `{name: acme, digest: "12:00",`, 1)+strings.ReplaceAll(people, "DIR", t.TempDir())+`
calendars: [{name: jp, country: jp}]
jobs:
  - {name: backup, match: ['job="backup"'], window: cron 0 2 * * * for 1h in UTC}
  - {name: export, match: ['job="export"'], window: cron 0 4 * * * for 30m in UTC}
  - {name: close, match: ['job="close"'], window: days month-end none at 00:00 for 24h in UTC}
`)
	if o.Config, err = config.Load(o.Config.File); err != nil {
		t.Fatal(err)
	}
	s := open(t, o)
	s.ready.Store(true)
	s.behind["acme"] = now
	var samples []kizashi.Sample
	var c ledger.Changes
	for name, at := range ends {
		m := kizashi.Meta{Series: kizashi.IDOf("acme", kizashi.LabelsOf(map[string]string{"job": name})), Tenant: "acme", Labels: kizashi.LabelsOf(map[string]string{"job": name}),
			Period: kizashi.Duration(time.Minute), Settle: kizashi.Duration(3 * time.Minute), Lower: kizashi.None(), Upper: kizashi.None()}
		c.Declared = append(c.Declared, kizashi.Declaration{Meta: m})
		for _, v := range at {
			when, err := time.Parse("2006-01-02 15:04", v)
			if err != nil {
				t.Fatal(err)
			}
			samples = append(samples, kizashi.Sample{Series: m.Series, At: kizashi.TimeOf(when.Add(-2 * time.Minute)), Period: time.Minute, Value: 0},
				kizashi.Sample{Series: m.Series, At: kizashi.TimeOf(when.Add(-time.Minute)), Period: time.Minute, Value: 1})
		}
	}
	if err := s.store.Keep(samples, c); err != nil {
		t.Fatal(err)
	}
	if err := s.store.Flush(); err != nil {
		t.Fatal(err)
	}
	return s
}

// dayOf is what the digest of a day at noon says of jobs.
func dayOf(t *testing.T, s *Service, day string) string {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", day+" 12:00")
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.render(context.Background(), alert.Thread{ID: "x", Lane: oncall, Tenant: "acme", Seq: 1, Reason: alert.ReasonDigest, Opened: at})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range n.Message.Facts {
		if f.Name == "Jobs" {
			out = append(out, f.Text)
		}
	}
	for _, l := range n.Message.Lines {
		for _, word := range []string{"DONE ", "LATE ", "NOT "} {
			if strings.HasPrefix(l, word) {
				out = append(out, l)
			}
		}
	}
	return strings.Join(out, "; ")
}

// The digest says of each run that ended in its day whether it was done, in
// time or late, and of one of an earlier day that it was done after all.
func TestJobsAreToldInTheDigest(t *testing.T) {
	s := employed(t, map[string][]string{
		"backup": {"2026-06-13 02:20", "2026-06-14 02:40", "2026-06-15 02:10"},
		"export": {"2026-06-13 04:10", "2026-06-14 06:00", "2026-06-15 01:00"}, // the last one is that of the day before again
		"close":  {"2026-06-02 15:00"},
	})
	for _, c := range []struct{ day, want string }{
		{"2026-06-13", "2 done, 0 late, 0 did not come; DONE backup, Sat 2026-06-13 02:20; DONE export, Sat 2026-06-13 04:10"},
		{"2026-06-14", "1 done, 1 late, 0 did not come; LATE export, due Sun 2026-06-14 04:30, done Sun 2026-06-14 06:00; DONE backup, Sun 2026-06-14 02:40"},
		{"2026-06-15", "1 done, 0 late, 1 did not come; NOT DONE export, due Mon 2026-06-15 04:30; DONE backup, Mon 2026-06-15 02:10"},
		{"2026-06-01", "0 done, 0 late, 3 did not come; NOT DONE close, due Mon 2026-06-01 00:00; NOT DONE backup, due Mon 2026-06-01 03:00; NOT DONE export, due Mon 2026-06-01 04:30"},
		{"2026-06-03", "0 done, 1 late, 2 did not come; NOT DONE backup, due Wed 2026-06-03 03:00; NOT DONE export, due Wed 2026-06-03 04:30; LATE close, due Mon 2026-06-01 00:00, done Tue 2026-06-02 15:00"},
	} {
		if got := dayOf(t, s, c.day); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.day, got, c.want)
		}
	}
}

// What Kizashi could not see is not said to be undone: nothing was judged so
// far, or the account could not be read.
func TestAJobThatCannotBeSeenIsNotSaidToBeUndone(t *testing.T) {
	s := employed(t, map[string][]string{"backup": {"2026-06-14 02:40"}, "export": {"2026-06-14 04:10"}})
	s.behind["acme"] = now.Add(-8 * time.Hour) // 04:00
	want := "0 done, 0 late, 1 did not come, 1 could not be seen; NOT DONE backup, due Mon 2026-06-15 03:00; NOT SEEN export, due Mon 2026-06-15 04:30"
	if got := dayOf(t, s, "2026-06-15"); got != want {
		t.Errorf("behind\ngot  %s\nwant %s", got, want)
	}
	s.behind["acme"] = now
	a := cpu(cpuID)
	a.Opened, a.To, a.State, a.Models = kizashi.TimeOf(now.Add(-8*time.Hour)), kizashi.TimeOf(now.Add(-7*time.Hour)), kizashi.Resolved, []string{string(kizashi.ClaimBlind)}
	a.From, a.Changed = a.Opened, a.To
	if err := s.store.Ledger().Commit(ledger.Changes{Alerts: []kizashi.Alert{a}}); err != nil {
		t.Fatal(err)
	}
	if got := dayOf(t, s, "2026-06-15"); got != want {
		t.Errorf("blind from 04:00 to 05:00\ngot  %s\nwant %s", got, want)
	}
}

// What a cap held back from the lane in the day is counted, and no other.
func TestTheDigestCountsWhatWasHeldBack(t *testing.T) {
	s := employed(t, nil)
	member := func(n int, at time.Time) alert.Member {
		return alert.Member{Alert: fmt.Sprint(n), At: at, Held: alert.HeldCap, Turn: alert.Turn{Seq: 1, State: kizashi.Firing}}
	}
	summary := func(id, lane string, ms ...alert.Member) alert.Thread {
		return alert.Thread{ID: id, Lane: lane, Tenant: "acme", State: kizashi.Resolved, Seq: 1, Reason: alert.ReasonHeldBack, By: "2026-06-15", Opened: now, Changed: now.Add(-12 * time.Hour), Members: ms}
	}
	if err := s.store.Ledger().Threads(summary("a", oncall, member(1, now.Add(-30*time.Hour)), member(2, now.Add(-20*time.Hour)), member(3, now.Add(-time.Hour))),
		summary("b", manager, member(4, now.Add(-time.Hour)))); err != nil {
		t.Fatal(err)
	}
	n, err := s.render(context.Background(), alert.Thread{ID: "x", Lane: oncall, Tenant: "acme", Seq: 1, Reason: alert.ReasonDigest, Opened: now})
	if err != nil || !strings.Contains(fmt.Sprint(n.Message.Facts), "{Held back by a cap 2 alerts}") {
		t.Errorf("%v %v", err, n.Message.Facts)
	}
}
