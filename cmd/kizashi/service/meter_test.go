package service

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// capped is a service of two tenants, one with caps, on a clock that the test
// moves.
func capped(t *testing.T, dir string, clock *time.Time) (*Service, func()) {
	t.Helper()
	file := filepath.Join(dir, "kizashi.yaml")
	write(t, file, fmt.Sprintf(`
tenants:
  - {name: acme, cap: 1, accounts: [{account: "111111111111", region: us-east-1, cap: 0.5}, {account: "222222222222", region: us-east-1}]}
  - {name: umbrella, accounts: [{account: "333333333333", region: eu-west-1}]}
storage: {path: %q}
web: {listen: "127.0.0.1:0"}
`, filepath.Join(dir, "data")))
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), Options{Config: cfg, Now: func() time.Time { return *clock }})
	if err != nil {
		t.Fatal(err)
	}
	return s, func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func asked(tenant, account, region, action string, metrics int) access.Call {
	return access.Call{Tenant: tenant, Account: account, Region: region, Action: action, Metrics: metrics}
}

func TestWhatIsAskedIsOnMetricsByTenantAndAccount(t *testing.T) {
	at := now
	s, end := capped(t, t.TempDir(), &at)
	defer end()
	s.meter.called(asked("acme", "111111111111", "us-east-1", "cloudwatch:GetMetricData", 500))
	s.meter.called(asked("acme", "111111111111", "us-east-1", "cloudwatch:GetMetricData", 100))
	s.meter.called(asked("acme", "222222222222", "us-east-1", "cloudwatch:ListMetrics", 0))
	s.meter.called(asked("umbrella", "333333333333", "eu-west-1", "cloudwatch:GetMetricData", 50))
	b := s.meter.budget("acme", "111111111111")
	b.Demand("us-east-1", map[cost.Class]int64{cost.Act: 10, cost.Record: 1000}, map[cost.Class]time.Duration{cost.Act: time.Minute, cost.Record: 15 * time.Minute})
	b.Interval(cost.Record, 15*time.Minute, at)
	s.meter.tell()
	code, body := ask(s, "GET", "/metrics")
	if code != http.StatusOK {
		t.Fatalf("status %d: %s", code, body)
	}
	problems, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("lint: %v %v", err, problems)
	}
	for _, want := range []string{
		`kizashi_aws_requests_total{account="111111111111",action="cloudwatch:GetMetricData",region="us-east-1",tenant="acme"} 2`,
		`kizashi_aws_metrics_requested_total{account="111111111111",action="cloudwatch:GetMetricData",region="us-east-1",tenant="acme"} 600`,
		`kizashi_aws_estimated_dollars_total{account="111111111111",action="cloudwatch:GetMetricData",region="us-east-1",tenant="acme"} 0.006`,
		`kizashi_aws_requests_total{account="222222222222",action="cloudwatch:ListMetrics",region="us-east-1",tenant="acme"} 1`,
		`kizashi_aws_metrics_requested_total{account="333333333333",action="cloudwatch:GetMetricData",region="eu-west-1",tenant="umbrella"} 50`,
		`kizashi_cost_cap_dollars{account="",tenant="acme"} 1`, `kizashi_cost_cap_dollars{account="111111111111",tenant="acme"} 0.5`,
		`kizashi_cost_spent_dollars{account="",tenant="acme"} 0.00601`, `kizashi_cost_spent_dollars{account="333333333333",tenant="umbrella"} 0.0005`,
		`kizashi_poll_interval_seconds{account="111111111111",class="act",tenant="acme"} 60`,
		`kizashi_poll_interval_seconds{account="111111111111",class="record",tenant="acme"} 1800`,
		`kizashi_cost_steps_total{account="111111111111",class="record",tenant="acme",to="x2"} 1`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("/metrics has no %s", want)
		}
	}
	// No tenant's account stands under another.
	for _, line := range strings.Split(body, "\n") {
		if strings.Contains(line, "333333333333") == strings.Contains(line, `tenant="acme"`) && strings.Contains(line, "333333333333") {
			t.Errorf("%s", line)
		}
	}
	if strings.Contains(body, `kizashi_cost_cap_dollars{account="",tenant="umbrella"}`) {
		t.Error("a tenant without a cap has one")
	}
}

func TestStepsOfTheCapAreTold(t *testing.T) {
	at := now.Truncate(24 * time.Hour)
	s, end := capped(t, t.TempDir(), &at)
	defer end()
	b := s.meter.budget("acme", "111111111111")
	b.Demand("us-east-1", map[cost.Class]int64{cost.Act: 20, cost.Record: 1000}, map[cost.Class]time.Duration{cost.Act: time.Minute, cost.Record: 15 * time.Minute})
	b.Interval(cost.Record, 15*time.Minute, at)
	code, body := ask(s, "GET", "/api/cost")
	if code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	got := s.meter.spending()
	var steps []string
	for _, e := range got.Steps {
		steps = append(steps, e.Account+" "+e.String())
	}
	want := " record polls x2 instead of full: 0.0000 of 1.0000 USD of today spent\n" +
		" backfill polls paused instead of full: 0.0000 of 1.0000 USD of today spent\n" +
		"111111111111 record polls x6 instead of full: 0.0000 of 0.5000 USD of today spent\n" +
		"111111111111 backfill polls paused instead of full: 0.0000 of 0.5000 USD of today spent"
	if s := strings.Join(steps, "\n"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
	if n := len(s.meter.spending().Steps); n != 4 {
		t.Errorf("told again: %d", n)
	}
	for _, want := range []string{`"tenant":"acme","account":"111111111111","cap":0.5`, `"record":"x6"`, `"to":"x6"`, `"record":5400`} {
		if !strings.Contains(body, want) {
			t.Errorf("/api/cost has no %s:\n%s", want, body)
		}
	}
}

// A restart goes on with what was spent today, and forgets it at midnight.
func TestSpendSurvivesARestart(t *testing.T) {
	dir, at := t.TempDir(), now
	spent := func(s *Service) float64 { return s.meter.budget("acme", "111111111111").Spent(at).USD }
	get := asked("acme", "111111111111", "us-east-1", "cloudwatch:GetMetricData", 1000)
	s, end := capped(t, dir, &at)
	if err := s.meter.keep(s.store.Ledger(), false); err != nil { // due: the first
		t.Fatal(err)
	}
	s.meter.called(get)
	at = at.Add(time.Second)
	if err := s.meter.keep(s.store.Ledger(), false); err != nil { // a second later it is not
		t.Fatal(err)
	}
	if rows, err := s.store.Ledger().Spent(at); err != nil || len(rows) != 0 {
		t.Errorf("written each time: %v %v", rows, err)
	}
	at = at.Add(meterEvery)
	s.meter.called(get)
	if err := s.meter.keep(s.store.Ledger(), false); err != nil {
		t.Fatal(err)
	}
	s.meter.called(get) // a kill loses this one
	end()

	s, end = capped(t, dir, &at)
	if got := spent(s); got != 0.02 {
		t.Errorf("after a kill: %v", got)
	}
	s.meter.called(get)
	if err := s.meter.keep(s.store.Ledger(), true); err != nil {
		t.Fatal(err)
	}
	end()
	s, end = capped(t, dir, &at)
	if got := spent(s); got != 0.03 {
		t.Errorf("after a stop: %v", got)
	}
	// What was asked before midnight and not written yet stays in its day.
	s.meter.called(get)
	yesterday := at
	at = at.Add(12 * time.Hour)
	s.meter.called(get)
	if err := s.meter.keep(s.store.Ledger(), true); err != nil {
		t.Fatal(err)
	}
	if got := spent(s); got != 0.01 {
		t.Errorf("the next day: %v", got)
	}
	rows, err := s.store.Ledger().Spent(yesterday)
	if err != nil || len(rows) != 1 || rows[0].Calls != 4 || rows[0].Metrics != 4000 {
		t.Errorf("yesterday: %v %v", rows, err)
	}
	end()
}
