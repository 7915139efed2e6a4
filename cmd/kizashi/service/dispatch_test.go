package service

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// routed is a service with receivers, whose clock can be moved, that mails
// into directories.
func routed(t *testing.T, more string) (s *Service, at *time.Time, mails func() map[string]string) {
	t.Helper()
	o := options(t)
	b, err := os.ReadFile(o.Config.File)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	text := strings.ReplaceAll(string(b)+more, "DIR", dir)
	write(t, o.Config.File, text)
	if o.Config, err = config.Load(o.Config.File); err != nil {
		t.Fatal(err)
	}
	clock := now
	o.Now = func() time.Time { return clock }
	s = open(t, o)
	s.ready.Store(true)
	return s, &clock, func() map[string]string { return due(t, s) }
}

// due lets dispatch look once and returns the reason of each thread that has
// something to tell, by lane.
func due(t *testing.T, s *Service) map[string]string {
	t.Helper()
	if _, err := s.dispatch.pass(); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, l := range s.lanes {
		es, err := s.store.Ledger().Entries(context.Background(), l.Name(), s.opt.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range es {
			if e.Thread.Turn() == e.Told.Done {
				continue
			}
			out[l.Name()] = string(e.Thread.Reason)
			row := alert.Told{Thread: e.Thread.ID, Done: e.Thread.Turn(), Outcome: alert.OutcomeTold, At: s.opt.Now(), Took: e.Thread.Turn()}
			if err := s.store.Ledger().Record(context.Background(), l.Name(), row); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out
}

// fires puts an alert of class act into the ledger and tells dispatch.
func fires(t *testing.T, s *Service, id string, at time.Time) {
	t.Helper()
	a := cpu(id)
	a.Class, a.Opened = "act", kizashi.TimeOf(at)
	a.From, a.To, a.Changed = a.Opened, a.Opened.Add(time.Minute), a.Opened
	if err := s.store.Ledger().Commit(ledger.Changes{Alerts: []kizashi.Alert{a}}); err != nil {
		t.Fatal(err)
	}
	s.dispatch.note(a)
}

const people = `
receivers:
  - {name: oncall, repeat: 1h, escalate: {after: 30m, to: manager}, sinks: [{mail: {from: k@example.com, to: [oncall@example.com], dir: DIR}}]}
  - {name: manager, sinks: [{mail: {from: k@example.com, to: [boss@example.com], dir: DIR}}]}
routes: [{receivers: [oncall]}]
`

func equal(t *testing.T, what string, got map[string]string, want ...string) {
	t.Helper()
	var all []string
	for k, v := range got {
		all = append(all, fmt.Sprintf("%s: %s", k, v))
	}
	slices.Sort(all)
	slices.Sort(want)
	if !slices.Equal(all, want) {
		t.Errorf("%s: told %q, want %q", what, all, want)
	}
}

const (
	oncall  = "oncall mail oncall@example.com"
	manager = "manager mail boss@example.com"
)

func TestAnAckEndsTheEscalation(t *testing.T) {
	for _, acked := range []bool{false, true} {
		s, at, mails := routed(t, people)
		fires(t, s, cpuID, *at)
		equal(t, "it fires", mails(), oncall+": opened")
		if acked {
			if _, err := s.Say(alert.Act{Kind: alert.ActAck, Alert: cpuID, Author: "sato"}); err != nil {
				t.Fatal(err)
			}
		}
		*at = at.Add(31 * time.Minute)
		if acked {
			equal(t, "acknowledged", mails())
			continue
		}
		equal(t, "nobody acknowledged", mails(), manager+": escalated")
	}
}

// A 静観 comes back by itself at its end; what it must grow beyond is kept with
// it.
func TestWatchedUntil(t *testing.T) {
	s, at, mails := routed(t, people)
	fires(t, s, cpuID, *at)
	equal(t, "it fires", mails(), oncall+": opened")
	a, err := s.Say(alert.Act{Kind: alert.ActWatch, Alert: cpuID, Author: "sato", Reason: "known", Until: at.Add(3 * time.Hour)})
	if err != nil || !strings.Contains(a.Value, `"peak":97`) {
		t.Fatalf("%v %+v", err, a)
	}
	*at = at.Add(2 * time.Hour)
	equal(t, "watched", mails())
	*at = at.Add(61 * time.Minute)
	equal(t, "its end", mails(), oncall+": unwatched", manager+": escalated")
}

// A mute that is written into the file holds after a reload, without a
// restart; so does a route.
func TestRoutesAndMutesAreReloaded(t *testing.T) {
	s, at, mails := routed(t, people)
	b, err := os.ReadFile(s.opt.Config.File)
	if err != nil {
		t.Fatal(err)
	}
	write(t, s.opt.Config.File, string(b)+`mutes: [{match: ['group="web"'], window: 2026-06-15T00:00Z/2026-06-15T13:00Z, reason: move}]`)
	if waits, err := s.Reload(); err != nil || len(waits) > 0 {
		t.Fatalf("%v %v", waits, err)
	}
	fires(t, s, cpuID, *at)
	equal(t, "muted", mails())
	write(t, s.opt.Config.File, strings.Replace(string(b), "[{receivers: [oncall]}]", "[{receivers: [manager]}]", 1))
	if waits, err := s.Reload(); err != nil || len(waits) > 0 {
		t.Fatalf("%v %v", waits, err)
	}
	equal(t, "the mute is gone and the route is another", mails(), manager+": opened")
}

func TestWhatNobodyHearsOfIsListed(t *testing.T) {
	s, at, mails := routed(t, strings.Replace(people, "[{receivers: [oncall]}]", "[{match: ['group=\"db\"'], receivers: [oncall]}]", 1))
	fires(t, s, cpuID, *at)
	equal(t, "no route", mails())
	if got := s.dispatch.undeliverable(); len(got) != 1 || got[0] != cpuID {
		t.Errorf("undeliverable: %v", got)
	}
	if _, body := ask(s, "GET", "/metrics"); !strings.Contains(body, "kizashi_alerts_undeliverable 1\n") {
		t.Error("/metrics does not count it")
	}
}

// A tenant's day is told in its own receivers, in their language, with what is
// muted and watched.
func TestADigestIsWritten(t *testing.T) {
	s, at, _ := routed(t, people)
	fires(t, s, cpuID, at.Add(-time.Hour))
	if _, err := s.Say(alert.Act{Kind: alert.ActMute, Tenant: "acme", Author: "sato", Reason: "move", Until: at.Add(9 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	s.config.Receivers[0].Language = "ja"
	*at = at.Add(time.Minute)
	n, err := s.render(context.Background(), alert.Thread{ID: "x", Lane: oncall, Tenant: "acme", Seq: 1, Reason: alert.ReasonDigest, Opened: *at})
	if err != nil || n.Lang != "ja" || !strings.Contains(n.Title, "日次まとめ") {
		t.Fatalf("%v %+v", err, n)
	}
	all := fmt.Sprint(n.Message)
	for _, want := range []string{"sato", "move", "CPUUtilization"} {
		if !strings.Contains(all, want) {
			t.Errorf("the digest does not say %q: %s", want, all)
		}
	}
}

// A mute until further notice is asked about when its reminder is due, in the
// language of the receiver, and stands in the digest until somebody ends it.
func TestAMuteUntilFurtherNoticeIsAskedAbout(t *testing.T) {
	s, at, mails := routed(t, people)
	act, err := s.Say(alert.Act{Kind: alert.ActMute, Tenant: "acme", Author: "sato", Reason: "to be scrapped", Remind: at.Add(48 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "nothing yet", mails())
	*at = at.Add(48 * time.Hour)
	equal(t, "when it is due", mails(), oncall+": ask", manager+": ask")
	equal(t, "once", mails())
	s.config.Receivers[0].Language = "ja"
	n, err := s.render(context.Background(), alert.Thread{ID: "x", Lane: oncall, Tenant: "acme", Seq: 1, Reason: alert.ReasonAsk, By: act.ID, Opened: *at})
	if err != nil || !strings.Contains(n.Title, "継続確認") || !strings.Contains(n.Summary, "sato") || n.Message.Actions[0].Command != "kizashi undo "+act.ID+" --reason TEXT" {
		t.Errorf("%v %+v", err, n)
	}
	day, err := s.render(context.Background(), alert.Thread{ID: "d", Lane: manager, Tenant: "acme", Seq: 1, Reason: alert.ReasonDigest, Opened: *at})
	if err != nil || !strings.Contains(fmt.Sprint(day.Message.Lines), "STILL WANTED? mute") {
		t.Errorf("%v %+v", err, day.Message)
	}
}
