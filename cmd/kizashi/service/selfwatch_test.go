package service

import (
	"encoding/json"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

const watchDir = "../../../deploy/prometheus/"

// exposed are the names of all metrics that a service shows which has done
// everything once.
func exposed(t *testing.T) []string {
	t.Helper()
	s, at, mails := routed(t, people)
	fires(t, s, cpuID, *at)
	mails()
	p := kizashi.Partition{Tenant: "acme", Kind: kizashi.Metrics, Period: time.Minute}
	s.metrics.took(&kizashi.Batch{Partition: p, Until: 60_000, Status: &kizashi.Status{}})
	s.metrics.kept(&pipeline.Result{Partition: p, Ran: 60_000, Alerts: []kizashi.Alert{cpu(cpuID)}, Judged: detect.Judged{
		Crossings: []kizashi.Crossing{{Verdict: kizashi.Verdict{Votes: []kizashi.Vote{{Model: "band"}}}}}, Faults: []detect.Fault{{Model: "band"}}}})
	s.metrics.switched([]string{"acme-own"}, nil)
	s.metrics.evicted(ledger.Removed{"records": 1})
	ask(s, "POST", "/api/acts")
	s.metrics.sent(deliver.Report{Lane: "stdout", Outcome: alert.OutcomeTold})
	s.readings.took(&kizashi.Batch{Partition: p, Until: 60_000})
	_, body := ask(s, "GET", "/metrics")
	var out []string
	for _, l := range strings.Split(body, "\n") {
		if name := regexp.MustCompile(`^[a-z_:]+`).FindString(l); name != "" {
			out = append(out, name)
		}
	}
	return append(out, "up")
}

// known checks that an expression is one, and asks for nothing that is not
// there.
func known(t *testing.T, where, expr string, names []string) {
	t.Helper()
	e, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
	if err != nil {
		t.Errorf("%s: %s: %v", where, expr, err)
		return
	}
	found := false
	parser.Inspect(e, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok {
			found = true
			if !slices.Contains(names, v.Name) {
				t.Errorf("%s asks for %s, which /metrics does not have", where, v.Name)
			}
		}
		return nil
	})
	if !found {
		t.Errorf("%s asks for nothing: %s", where, expr)
	}
}

// The rules file is one for Prometheus, by its own reader, and each rule asks
// for what the service shows.
func TestTheRulesFile(t *testing.T) {
	names := exposed(t)
	b, err := os.ReadFile(watchDir + "kizashi.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	groups, errs := rulefmt.Parse(b, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			if r.Record != "" {
				names = append(names, r.Record)
			}
			known(t, r.Record+r.Alert, r.Expr, names)
			if r.Alert != "" && (r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["summary_ja"] == "" || r.Annotations["description"] == "") {
				t.Errorf("%s: severity, summary, summary_ja and description are wanted", r.Alert)
			}
		}
	}
}

// Each panel of the dashboard asks for what the service shows, and no two lie
// on each other.
func TestTheDashboard(t *testing.T) {
	names := exposed(t)
	b, err := os.ReadFile(watchDir + "kizashi.dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	type place struct{ X, Y, W, H int }
	var d struct {
		UID    string
		Panels []struct {
			Title   string
			GridPos place
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(b, &d); err != nil || d.UID == "" || len(d.Panels) == 0 {
		t.Fatalf("%v %+v", err, d)
	}
	for i, p := range d.Panels {
		for _, q := range p.Targets {
			known(t, p.Title, q.Expr, names)
		}
		for _, o := range d.Panels[:i] {
			a, b := p.GridPos, o.GridPos
			if a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				t.Errorf("%s lies on %s", p.Title, o.Title)
			}
		}
	}
}

func TestStatusAndTheOutboxInMetrics(t *testing.T) {
	s, at, _ := routed(t, people)
	fires(t, s, cpuID, *at)
	if _, err := s.dispatch.pass(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Say(alert.Act{Kind: alert.ActWatch, Alert: cpuID, Author: "sato", Reason: "known", Until: at.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	*at = at.Add(10 * time.Minute)
	_, body := ask(s, "GET", "/metrics")
	for _, want := range []string{`kizashi_outbox_threads{sink="` + oncall + `"} 1`, `kizashi_outbox_oldest_seconds{sink="` + oncall + `"} 600`,
		`kizashi_outbox_threads{sink="` + manager + `"} 0`, `kizashi_alerts{state="firing",tenant="acme"} 1`, `kizashi_acts_in_force{kind="watch"} 1`} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics has no %s", want)
		}
	}
	var st Status
	code, body := ask(s, "GET", "/api/status")
	if err := json.Unmarshal([]byte(body), &st); err != nil || code != 200 || !st.Running || len(st.Outbox) != 1 || st.Outbox[0].Waiting != 1 ||
		len(st.Alerts) != 1 || st.Alerts[0] != (ledger.Count{Tenant: "acme", State: "firing", N: 1}) || len(st.Watched) != 1 {
		t.Errorf("%v %d %s", err, code, body)
	}
}

func TestWhereABackupMayGo(t *testing.T) {
	s := spoken(t, options(t))
	for _, dir := range []string{"relative", s.opt.Config.Storage.Path, s.opt.Config.Storage.Path + "/inside", t.TempDir()} {
		done := make(chan int, 1)
		go func() {
			code, _ := post(t, s, "/api/backup", `{"dir":"`+dir+`"}`)
			done <- code
		}()
		b := <-s.backups
		b.done <- s.store.Backup(b.dir)
		if code := <-done; code != 400 {
			t.Errorf("to %s: %d, want 400", dir, code)
		}
	}
	if code, _ := post(t, s, "/api/backup", `{"dir":"/x"}`, "Authorization", ""); code != 401 {
		t.Errorf("without the token: %d", code)
	}
}

// Votes are counted by detector, an alert that is told again under its Seq
// once; what is refused and what retention removes is counted too.
func TestVotesRefusalsAndEvictionsAreCounted(t *testing.T) {
	s, _, _ := routed(t, people)
	vote := func(models ...string) (c kizashi.Crossing) {
		for _, m := range models {
			c.Verdict.Votes = append(c.Verdict.Votes, kizashi.Vote{Model: m, Crossed: true})
		}
		return c
	}
	judged := detect.Judged{Crossings: []kizashi.Crossing{vote("band", "spike"), vote("band"), vote()},
		Judgements: []detect.Judgement{{State: kizashi.Judged}, {State: kizashi.LateSample}, {State: kizashi.NoOpinion, Why: kizashi.ClaimUnusable}}}
	a := cpu(cpuID)
	again := a
	again.Peak.Value = 200
	over := a
	over.State, over.Seq = kizashi.Resolved, 2
	back := a
	back.Seq = 3
	s.metrics.kept(&pipeline.Result{Alerts: []kizashi.Alert{a, again, over, back}, Judged: judged, Compared: []kizashi.Vote{{Model: "sibling", Side: kizashi.Up, Crossed: true}}})
	s.metrics.evicted(ledger.Removed{"records": 7, "alerts": 2})
	s.metrics.evicted(ledger.Removed{"records": 1})
	ask(s, "POST", "/api/acts")
	ask(s, "GET", "/act/forged.token")
	ask(s, "GET", "/api/alerts")
	ask(s, "GET", "/nowhere/anybody's=label")
	_, body := ask(s, "GET", "/metrics")
	for _, want := range []string{
		`kizashi_votes_total{model="band"} 2`, `kizashi_votes_total{model="spike"} 1`, `kizashi_votes_total{model="sibling"} 1`,
		`kizashi_alert_changes_by_model_total{model="spike"} 2`,
		`kizashi_samples_judged_total 1`, `kizashi_samples_late_total 1`, `kizashi_samples_unusable_total 1`,
		`kizashi_evicted_rows_total{table="alerts"} 2`, `kizashi_evicted_rows_total{table="records"} 8`,
		`kizashi_http_refused_total{code="401",handler="/api/acts"} 1`, `kizashi_http_refused_total{code="403",handler="/act/{token}"} 1`,
		`kizashi_http_refused_total{code="404",handler="other"} 1`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("/metrics does not say %s", want)
		}
	}
	if strings.Contains(body, "anybody") || strings.Contains(body, `handler="/api/alerts"`) {
		t.Error("a path that was asked for is a label, or what was answered counts as refused")
	}
}
