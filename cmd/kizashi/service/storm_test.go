package service

import (
	"fmt"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

const teams = `
receivers:
  - {name: oncall, group_by: [service], sinks: [{mail: {from: k@example.com, to: [oncall@example.com], dir: DIR}}]}
  - {name: machine, sinks: [{file: {path: DIR/alerts.jsonl}}]}
routes: [{receivers: [oncall, machine]}]
`

// TestAMessageOfAStormNamesWhatIsStored: a thousand alerts of one step. The
// threads are due while most rows wait; what a message names is in the ledger
// before it is sent, and in the end all of it.
func TestAMessageOfAStormNamesWhatIsStored(t *testing.T) {
	s, at, _ := routed(t, teams)
	r := pipeline.Result{Ran: kizashi.Never}
	for i := range 1000 {
		a := cpu(fmt.Sprintf("%016x", i))
		a.Series, a.Class, a.Opened = kizashi.SeriesID(i+1), "act", kizashi.TimeOf(*at)
		a.Labels = kizashi.LabelsOf(map[string]string{"metric": "CPUUtilization", "service": fmt.Sprint("svc-", i%2)})
		a.From, a.To, a.Changed = a.Opened, a.Opened.Add(time.Minute), a.Opened
		r.Alerts = append(r.Alerts, a)
		r.Declared = append(r.Declared, kizashi.Declaration{From: a.Opened, Meta: kizashi.Meta{Series: a.Series, Tenant: a.Tenant, Identity: a.Labels, Labels: a.Labels, Group: a.Group, Lower: kizashi.None(), Upper: kizashi.None()}})
	}
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
