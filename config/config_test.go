package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/config"
)

var update = flag.Bool("update", false, "rewrite the expected errors beside the bad examples")

const examples = "../testdata/configs"

func list(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(examples, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return files
}

func TestEveryExampleIsSound(t *testing.T) {
	for _, f := range list(t, "*.yaml") {
		if _, err := config.Load(f); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
}

// Each bad example stands beside the error that it gives.
func TestEveryBadExampleSaysWhy(t *testing.T) {
	for _, f := range list(t, "bad/*.yaml") {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		_, err = config.Parse(filepath.Base(f), b)
		if err == nil {
			t.Errorf("%s: was taken", f)
			continue
		}
		got, beside := err.Error()+"\n", strings.TrimSuffix(f, ".yaml")+".err"
		if *update {
			if err := os.WriteFile(beside, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(beside)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s says\n%swant\n%s", f, got, want)
		}
	}
}

func TestAFileThatIsNotThere(t *testing.T) {
	if _, err := config.Load("nowhere.yaml"); err == nil || !strings.Contains(err.Error(), "nowhere.yaml") {
		t.Errorf("error %v, want one that names nowhere.yaml", err)
	}
}

func TestWhatTheFullExampleMeans(t *testing.T) {
	c, err := config.Load(filepath.Join(examples, "full.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	a := c.Tenants[0].Accounts[0]
	if a.Tenant != "acme" || a.Zone != "Asia/Tokyo" || a.ID != "012345678901" || a.Backfill != 14*24*time.Hour {
		t.Errorf("first account: %+v", a)
	}
	shop := a.Namespaces[2]
	if shop.Metrics[1].Statistic != "p99" || *shop.Metrics[1].Lower != 0 || shop.Metrics[1].Upper != nil || *a.Namespaces[1].Settle != 3*time.Minute {
		t.Errorf("namespaces: %+v", a.Namespaces)
	}
	if c.LanguageOf("globex") != explain.English || c.LanguageOf("acme") != explain.Japanese {
		t.Errorf("languages: %q, %q", c.LanguageOf("globex"), c.LanguageOf("acme"))
	}
	m := kizashi.Meta{Labels: kizashi.LabelsOf(map[string]string{"metric": "Latency", "env": "prod"})}
	set, _, err := c.Detect.Resolve(&m)
	if err != nil {
		t.Fatal(err)
	}
	if set.Class != "act" || set.Direction != kizashi.Up || set.M != 3 || set.N != 5 || set.For != kizashi.Duration(5*time.Minute) ||
		set.Recover != 5 || !set.Silence || set.Guards[0].Value != 95 || set.Static[0].Side != kizashi.Down ||
		len(set.Change) != 2 || set.Change[0].Part != .2 || set.Change[0].Side != kizashi.Both || set.Change[1].By != 50 || set.Change[1].Side != kizashi.Down || set.Change[1].Over != kizashi.Duration(time.Hour) {
		t.Errorf("settings of Latency: %+v", set)
	}
}

// What is left out has the defaults; a back-fill of 0 s is none, not the
// default.
func TestDefaults(t *testing.T) {
	c, err := config.Parse("f", []byte("tenants: [{name: a, accounts: [{account: \"012345678901\", region: eu-west-1, backfill: 0s}]}]\nsinks: {alertmanager: {urls: [\"http://h\"]}}"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Web.Listen != "127.0.0.1:9690" || c.Storage.Path != "data" || c.Receivers[0].Sinks[0].Resend != time.Minute || c.Language != "en" {
		t.Errorf("%+v", c)
	}
	if got := c.Tenants[0].Accounts[0].Backfill; got >= 0 {
		t.Errorf("backfill: 0s became %s, want negative: none", got)
	}
}

// Files that the configuration names have lines of their own, and all faults
// are told at once.
func TestFaultsOfNamedFilesHaveTheirOwnLines(t *testing.T) {
	dir := t.TempDir()
	main, more, prices := filepath.Join(dir, "kizashi.yaml"), filepath.Join(dir, "more.yml"), filepath.Join(dir, "prices.yml")
	for file, text := range map[string]string{
		main:   "tenants: [{name: a, accounts: [{account: \"012345678901\", region: eu-west-1}]}]\ncatalogue: more.yml\nprices: prices.yml\nwebb: {}\n",
		more:   "namespaces:\n  Acme/Shop:\n    metrics:\n      Orders: {unti: Count}\n",
		prices: "prices:\n  metrics_requested:\n    {value: -0.01, unit: 1000 metrics, as_of: 2026-11-21, source: invoice, verified: true}\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := config.Load(main)
	if err == nil {
		t.Fatal("the files were taken")
	}
	for _, want := range []string{main + ":4: unknown key \"webb\"", more + ":4", prices + ":2"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nwant %s in it", err, want)
		}
	}
}

// Three lines are enough for one account.
func TestThreeLines(t *testing.T) {
	c, err := config.Parse("f", []byte("tenants:\n- name: acme\n  accounts: [{account: \"123456789012\", region: ap-northeast-1}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	a := c.Tenants[0].Accounts[0]
	if a.Tenant != "acme" || a.ID != "123456789012" || !a.Coarse || !a.Discover.Tags || len(a.Namespaces) != 0 {
		t.Errorf("%+v", a)
	}
}

func TestWhatTheFullExampleSaysOfAccess(t *testing.T) {
	c, err := config.Load(filepath.Join(examples, "full.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	acme, globex := c.Tenants[0], c.Tenants[1].Accounts[0]
	a := acme.Accounts[0]
	if acme.Cap != 20 || a.Cap != 5 || a.Share != 0.2 || a.ExternalID != "acme-7f3c9b" || a.Tags["purpose"] != "monitoring" || a.Poll["record"] != 15*time.Minute {
		t.Errorf("acme: %+v", a)
	}
	if len(a.Select) != 2 || len(a.Select[0]) != 2 || len(a.Drop) != 1 || a.GroupBy != "tag_system" || a.Discover.Agents || !a.Discover.Tags {
		t.Errorf("acme's selection: %+v", a)
	}
	if s, e := a.Series[0], a.Expressions[0]; s.Dimensions["Job"] != "monthly" || s.Period != time.Hour || e.Metrics["failed"].Statistic != "Sum" || *e.Settle != 3*time.Minute {
		t.Errorf("acme's own series: %+v %+v", s, e)
	}
	if b := acme.Accounts[1]; len(b.Regions) != 2 || b.Poll["guard"] != time.Minute || b.Poll["check"] != time.Minute {
		t.Errorf("acme's second account: %+v", b)
	}
	if !globex.Monitoring || len(globex.Linked) != 2 {
		t.Errorf("globex: %+v", globex)
	}
	h := c.Heartbeat
	if h.Every != time.Minute || h.Method != "POST" || len(h.Alertmanager) != 2 || h.SNS.Topic == "" || c.BlindAfter != 15*time.Minute {
		t.Errorf("heartbeat: %+v", h)
	}
	if m, ok := c.Catalogue.Find("Acme/Shop", "Orders"); !ok || m.Class != "act" {
		t.Errorf("catalogue: %+v", m)
	}
}

// The configurations that the guides show are sound.
func TestTheGuidesConfigurationsAreSound(t *testing.T) {
	for _, f := range []string{"guide-thirty-customers.md", "guide-thirty-customers.ja.md"} {
		b, err := os.ReadFile(filepath.Join("..", "docs", f))
		if err != nil {
			t.Fatal(err)
		}
		_, text, ok := strings.Cut(string(b), "```yaml\n")
		text, _, _ = strings.Cut(text, "```")
		if c, err := config.Parse(f, []byte(text)); !ok || err != nil || len(c.Tenants) != 2 {
			t.Errorf("%s: %v", f, err)
		}
	}
}
