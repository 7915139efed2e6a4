package service

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

const teams = `
receivers:
  - {name: oncall, group_by: [service], sinks: [{mail: {from: k@example.com, to: [oncall@example.com], dir: DIR}}]}
  - {name: machine, sinks: [{file: {path: DIR/alerts.jsonl}}]}
routes: [{receivers: [oncall, machine]}]
`

// storm is a step in which a thousand alerts of two services open.
func storm(at time.Time) pipeline.Result {
	r := pipeline.Result{Ran: kizashi.Never}
	for i := range 1000 {
		a := cpu(fmt.Sprintf("%016x", i))
		a.Series, a.Class, a.Opened = kizashi.SeriesID(i+1), "act", kizashi.TimeOf(at)
		a.Labels = kizashi.LabelsOf(map[string]string{"metric": "CPUUtilization", "service": fmt.Sprint("svc-", i%2)})
		a.From, a.To, a.Changed = a.Opened, a.Opened.Add(time.Minute), a.Opened
		r.Alerts = append(r.Alerts, a)
		r.Declared = append(r.Declared, kizashi.Declaration{From: a.Opened, Meta: kizashi.Meta{Series: a.Series, Tenant: a.Tenant, Identity: a.Labels, Labels: a.Labels, Group: a.Group, Lower: kizashi.None(), Upper: kizashi.None()}})
	}
	return r
}

// TestAMessageOfAStormNamesWhatIsStored: a thousand alerts of one step. The
// threads are due while most rows wait; what a message names is in the ledger
// before it is sent, and in the end all of it.
func TestAMessageOfAStormNamesWhatIsStored(t *testing.T) {
	s, at, _ := routed(t, teams)
	r := storm(*at)
	if err := s.keep(&r); err != nil {
		t.Fatal(err)
	}
	if n := s.store.Waits(); n != 1000 {
		t.Fatalf("%d alerts wait", n)
	}
	if _, err := s.dispatch.pass(); err != nil {
		t.Fatal(err)
	}
	threads, err := s.store.Ledger().OpenThreads(*at)
	if err != nil {
		t.Fatal(err)
	}
	people := 0
	for _, th := range threads {
		if th.Lane != oncall {
			continue
		}
		people++
		if len(th.Members) != 500 || th.Of != 1000 {
			t.Errorf("thread of %d members of %d; want 500 of 1000", len(th.Members), th.Of)
		}
		n, err := s.render(t.Context(), th)
		if err != nil {
			t.Fatal(err)
		}
		if as := alerts(t, s); as[n.Alert.ID].ID == "" || len(as) != 2*mostTold {
			t.Errorf("%d alerts are stored, want those that the two messages name", len(as))
		}
	}
	if people != 2 || len(threads) != 1002 {
		t.Errorf("%d threads for people, %d in all", people, len(threads))
	}
	for more := true; more; {
		if more, err = s.store.FlushSome(); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(alerts(t, s)); n != 1000 {
		t.Errorf("%d alerts are stored in the end", n)
	}
	if told, err := s.store.Ledger().Told(r.Alerts[700].ID); err != nil || len(told) != 0 {
		t.Errorf("told %v, %v before any lane", told, err)
	}
	for _, th := range threads {
		if th.Lane == oncall {
			row := alert.Told{Thread: th.ID, Done: th.Turn(), Outcome: alert.OutcomeTold, At: *at}
			if err := s.store.Ledger().Record(t.Context(), oncall, row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if told, err := s.store.Ledger().Told(r.Alerts[700].ID); err != nil || len(told) != 1 {
		t.Errorf("alert 700 of the storm: told %v, %v", told, err)
	}
}

// In a storm an alert that people see may wait to be stored: what is said of it
// is taken all the same.
func TestAnActOnAnAlertThatWaitsToBeStored(t *testing.T) {
	s, at, _ := routed(t, people)
	r := pipeline.Result{Ran: kizashi.Never}
	for i := range 1000 {
		a := cpu(fmt.Sprintf("%016x", i))
		a.Series = kizashi.SeriesID(i + 1)
		r.Alerts = append(r.Alerts, a)
	}
	if err := s.keep(&r); err != nil {
		t.Fatal(err)
	}
	if s.store.Waits() == 0 {
		t.Fatal("nothing waits")
	}
	id := r.Alerts[900].ID
	a, err := s.Say(alert.Act{Kind: alert.ActWatch, Alert: id, Author: "sato", Reason: "known", Until: at.Add(time.Hour)})
	if err != nil || a.Alert != id || a.Tenant != "acme" {
		t.Errorf("%+v, %v", a, err)
	}
}

func alerts(t *testing.T, s *Service) map[string]kizashi.Alert {
	t.Helper()
	as, err := s.store.Ledger().Alerts(ledger.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]kizashi.Alert{}
	for _, a := range as {
		out[a.ID] = a
	}
	return out
}

// TestAReloadInAStorm: dispatch begins anew while alerts of which it knows wait
// for their commit. It loses none of them: a thread is not over before all its
// alerts are, and then it is.
func TestAReloadInAStorm(t *testing.T) {
	s, at, _ := routed(t, teams)
	r := storm(*at)
	if err := s.keep(&r); err != nil {
		t.Fatal(err)
	}
	pass := func() {
		t.Helper()
		if _, err := s.dispatch.pass(); err != nil {
			t.Fatal(err)
		}
	}
	firing := func() (people, machines int) {
		t.Helper()
		pass()
		threads, err := s.store.Ledger().OpenThreads(at.Add(time.Hour)) // those that are not over
		if err != nil {
			t.Fatal(err)
		}
		for _, th := range threads {
			if th.State != kizashi.Firing {
				continue
			}
			if th.Lane == oncall {
				people++
			} else {
				machines++
			}
		}
		return people, machines
	}
	pass()
	s.dispatch.reload()
	pass()
	over := func(as []kizashi.Alert) {
		t.Helper()
		*at = at.Add(10 * time.Minute)
		var end pipeline.Result
		end.Ran = kizashi.Never
		for _, a := range as {
			a.State, a.Seq, a.To, a.Changed = kizashi.Resolved, 2, kizashi.TimeOf(*at), kizashi.TimeOf(*at)
			end.Alerts = append(end.Alerts, a)
		}
		if err := s.keep(&end); err != nil {
			t.Fatal(err)
		}
	}
	over(r.Alerts[:24])
	if people, machines := firing(); people != 2 || machines != 976 {
		t.Errorf("24 of 1000 are over: %d threads of people and %d of machines fire, want 2 and 976", people, machines)
	}
	over(r.Alerts[24:])
	if people, machines := firing(); people != 0 || machines != 0 {
		t.Errorf("all are over: %d threads of people and %d of machines fire", people, machines)
	}
}

// What can wait lets a storm's messages go first: until a lane has tried each of
// them that is due, or, if a sink hangs, for a while.
func TestMessagesHaveAStart(t *testing.T) {
	s, at, _ := routed(t, teams)
	r := storm(*at)
	if err := s.keep(&r); err != nil {
		t.Fatal(err)
	}
	d := s.dispatch
	if _, err := d.pass(); err != nil {
		t.Fatal(err)
	}
	threads, err := s.store.Ledger().OpenThreads(*at)
	if err != nil {
		t.Fatal(err)
	}
	left := 2
	for _, th := range threads {
		if th.Lane != oncall {
			continue
		}
		if d.sent == nil || len(d.untried) != left {
			t.Fatalf("%d messages have a start, want %d", len(d.untried), left)
		}
		d.report(deliver.Report{Lane: th.Lane, Thread: th.ID, Err: errors.New("busy")})
		left--
	}
	if left != 0 || d.sent != nil {
		t.Errorf("%d messages were not seen; something waits still: %v", left, d.sent != nil)
	}
	d.settled() // at once
}
