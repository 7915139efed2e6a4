package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

var now = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// options of a service with an empty AWS, in a new directory.
func options(t *testing.T) Options {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	aws, err := awsfake.New("127.0.0.1:0", awsfake.NewCloudWatch(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := aws.Close(); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	file := filepath.Join(dir, "kizashi.yaml")
	write(t, file, fmt.Sprintf(`
tenants: [{name: acme, accounts: [{account: "123456789012", region: us-east-1, protocol: json, endpoint: %s}]}]
storage: {path: %q}
web: {listen: "127.0.0.1:0"}
`, aws.URL, filepath.Join(dir, "data")))
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return Options{Config: cfg, Now: func() time.Time { return now }}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, o Options) *Service {
	t.Helper()
	s, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func ask(s *Service, method, path string, headers ...string) (int, string) {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestMetricsAreCleanToLint(t *testing.T) {
	s := open(t, options(t))
	p := kizashi.Partition{Tenant: "acme", Kind: kizashi.Metrics, Period: time.Minute}
	s.metrics.took(&kizashi.Batch{Partition: p, Until: 60_000, Status: &kizashi.Status{}})
	s.metrics.kept(&pipeline.Result{Partition: p, Ran: 60_000, Alerts: []kizashi.Alert{{Tenant: "acme", State: kizashi.Firing}},
		Judged: detect.Judged{Judgements: []detect.Judgement{{State: kizashi.Judged}, {State: kizashi.LateSample}}}})
	s.metrics.sent(deliver.Report{Lane: "stdout", Outcome: alert.OutcomeTold})
	s.metrics.sent(deliver.Report{Lane: "stdout"})
	code, body := ask(s, "GET", "/metrics")
	if code != http.StatusOK {
		t.Fatalf("status %d", code)
	}
	problems, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("lint: %v %v", err, problems)
	}
	for _, want := range []string{
		"kizashi_samples_judged_total 1\n", "kizashi_samples_late_total 1\n", `kizashi_alert_changes_total{state="firing",tenant="acme"} 1`,
		`kizashi_judged_until_timestamp_seconds{settling="prompt",tenant="acme"} 60`, `kizashi_source_outages_total{tenant="acme"} 1`,
		`kizashi_deliveries_total{outcome="failed",sink="stdout"} 1`, `kizashi_deliveries_total{outcome="told",sink="stdout"} 1`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics has no %s", want)
		}
	}
}

func TestHealthyBeforeReady(t *testing.T) {
	s := open(t, options(t))
	for path, want := range map[string]int{"/-/healthy": 200, "/-/ready": 503, "/": 404, "/-/reload": 405} {
		if code, body := ask(s, "GET", path); code != want {
			t.Errorf("GET %s: %d %s, want %d", path, code, body, want)
		}
	}
}

// A service is ready when it runs, ends without an error when told to, and
// leaves a snapshot from which the next one goes on.
func TestRunUntilToldToStop(t *testing.T) {
	o := options(t)
	s, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	// The clock stands, so the command source waits for ever once it has told
	// where it stands: that is when the service runs.
	s.commands.sleep = func(ctx context.Context, _ time.Duration) error {
		if code, body := ask(s, "GET", "/-/ready"); code != http.StatusOK {
			t.Errorf("ready: %d %s", code, body)
		}
		stop()
		return ctx.Err()
	}
	if err := s.Run(ctx); err != nil {
		t.Fatalf("Run: %v", err)
	}
	if code, _ := ask(s, "GET", "/-/ready"); code != http.StatusServiceUnavailable {
		t.Errorf("it ended and is still ready: %d", code)
	}
	again := open(t, o)
	if _, ok := again.store.Snapshot(); !ok {
		t.Error("no snapshot was left")
	}
}

func TestASecondServiceIsRefused(t *testing.T) {
	o := options(t)
	open(t, o)
	if _, err := Open(context.Background(), o); !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), o.Config.Storage.Path) {
		t.Errorf("error %v, want one that names the directory and says that it is in use", err)
	}
}

func TestAlertsAndTheirTexts(t *testing.T) {
	s := open(t, options(t))
	if code, body := ask(s, "GET", "/api/alerts"); code != 200 || body != "{\"alerts\":[]}\n" {
		t.Errorf("no alerts: %d %s", code, body)
	}
	if code, body := ask(s, "GET", "/api/alerts/feed"); code != 404 || !strings.Contains(body, "not found") {
		t.Errorf("an unknown alert: %d %s", code, body)
	}
	m := kizashi.Moment{At: kizashi.TimeOf(now), Value: 97, Verdict: kizashi.Verdict{Expected: 40, Lower: kizashi.None(), Upper: 60}}
	a := kizashi.Alert{ID: "0123456789abcdef", Series: 1, Tenant: "acme", Group: "web", Labels: kizashi.LabelsOf(map[string]string{"name": "cpu"}), Side: kizashi.Up,
		Class: "check", State: kizashi.Firing, Opened: m.At, From: m.At, To: m.At.Add(time.Minute), Changed: m.At, Seq: 1, Opening: m, Peak: m, Models: []string{"spike"}}
	old := a
	old.ID, old.State, old.To = "00", kizashi.Resolved, a.To.Add(-8*24*time.Hour)
	if err := s.store.Ledger().Commit(ledger.Changes{Alerts: []kizashi.Alert{a, old}}); err != nil {
		t.Fatal(err)
	}
	var all struct{ Alerts []kizashi.Alert }
	if _, body := ask(s, "GET", "/api/alerts"); json.Unmarshal([]byte(body), &all) != nil || len(all.Alerts) != 1 || all.Alerts[0].ID != a.ID {
		t.Errorf("/api/alerts has %v, want the open one only", all.Alerts)
	}
	var one struct {
		Alert kizashi.Alert
		Texts map[string]struct{ Title string }
	}
	code, body := ask(s, "GET", "/api/alerts/"+a.ID)
	if err := json.Unmarshal([]byte(body), &one); err != nil || code != 200 || one.Alert.ID != a.ID || one.Texts["en"].Title == "" || one.Texts["ja"].Title == one.Texts["en"].Title {
		t.Errorf("%v: %d %s", err, code, body)
	}
}

func TestReload(t *testing.T) {
	s := open(t, options(t))
	file := s.opt.Config.File
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if code, body := ask(s, "POST", "/-/reload"); code != 200 || body != "rules are in force\n" || len(s.commands.waiting) != 0 {
		t.Errorf("an unchanged file: %d %s, commands %v", code, body, s.commands.waiting)
	}
	write(t, file, "# everything stands a line further down\n"+string(b))
	if code, body := ask(s, "POST", "/-/reload"); code != 200 || body != "rules are in force\n" {
		t.Errorf("a comment: %d %s, want nothing that waits for a restart", code, body)
	}
	write(t, file, string(b)+"detect: {rules: [{class: act}]}\nsinks: {stdout: true}\n")
	if code, body := ask(s, "POST", "/-/reload"); code != 200 || !strings.Contains(body, "restart is needed for: sinks") {
		t.Errorf("new rules and sinks: %d %s", code, body)
	}
	if code, body := ask(s, "POST", "/-/reload"); code != 200 || len(s.commands.waiting) != 1 {
		t.Errorf("read twice: %d %s, %d commands, want 1", code, body, len(s.commands.waiting))
	}
	var rules detect.Config
	if c := s.commands.waiting[0]; c.Op != kizashi.Reload || json.Unmarshal(c.Body, &rules) != nil || rules.Rules[0].Class != "act" {
		t.Errorf("command %+v", c)
	}
	write(t, file, string(b)+"detect: {rulez: []}\n")
	if code, body := ask(s, "POST", "/-/reload"); code != 500 || !strings.Contains(body, `did you mean "rules"?`) || len(s.commands.waiting) != 1 {
		t.Errorf("a fault: %d %s", code, body)
	}
	if code, _ := ask(s, "POST", "/-/reload", "Origin", "http://elsewhere.example", "Sec-Fetch-Site", "cross-site"); code != http.StatusForbidden {
		t.Errorf("a page of another site: %d, want 403", code)
	}
}

// What fires in the past that is worked through may be over since: it is held
// until the tenant has caught up.
func TestThePastIsHeld(t *testing.T) {
	s := open(t, options(t))
	p := kizashi.Partition{Tenant: "acme", Kind: kizashi.Metrics, Settle: 10 * time.Minute}
	at := func(ago time.Duration) kizashi.Time { return kizashi.TimeOf(now.Add(-ago)) }
	old, fresh := kizashi.Alert{Tenant: "acme", To: at(5 * time.Hour)}, kizashi.Alert{Tenant: "acme", To: at(5 * time.Minute)}
	s.progress(&pipeline.Result{Partition: p, Ran: at(4 * time.Hour)})
	if !s.hold(old) || s.hold(fresh) {
		t.Errorf("four hours behind: held %t and %t, want the old one only", s.hold(old), s.hold(fresh))
	}
	s.progress(&pipeline.Result{Partition: p, Ran: at(10 * time.Minute)})
	if s.hold(old) {
		t.Error("caught up, and still held")
	}
}

func TestRevisionsAreStored(t *testing.T) {
	s := open(t, options(t))
	vs := []kizashi.Revision{{Series: 7, At: 60_000, Old: 1, New: 2}, {Series: 7, At: 120_000, Old: kizashi.None(), New: 3}}
	if err := s.keep(&pipeline.Result{Partition: commandPart, Pos: 1, Revised: vs}); err != nil {
		t.Fatal(err)
	}
	if err := s.store.Flush(); err != nil {
		t.Fatal(err)
	}
	got, err := s.store.Ledger().Revisions(7, 0, 200_000)
	if err != nil || len(got) != 2 || got[0].Why != ledger.Revised || got[1].Why != ledger.Behind {
		t.Errorf("%v %v", got, err)
	}
}
