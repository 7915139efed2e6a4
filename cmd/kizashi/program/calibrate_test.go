package program

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/backtest"
	"github.com/kizashi-ops/kizashi/calibrate"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// shop writes files of a tenant's series, four weeks of 5 minutes each, and
// their mapping. On the 20th day every one of them doubles for an hour.
func shop(t *testing.T, start time.Time, names ...string) (dir, mapping string) {
	t.Helper()
	dir, mapping = t.TempDir(), filepath.Join(t.TempDir(), "mapping.yaml")
	text := []string{"files:"}
	for i, name := range names {
		noise, err := gen.NewNoise("gauss", uint64(i+1), gen.Options{Start: kizashi.TimeOf(start), Period: 5 * time.Minute, Zone: "UTC"})
		if err != nil {
			t.Fatal(err)
		}
		vs := make([]float64, 28*288)
		noise.Fill(vs)
		var b strings.Builder
		b.WriteString("timestamp,value\n")
		for k := range vs {
			v := 300 + 20*vs[k]
			if k >= 20*288 && k < 20*288+12 {
				v *= 2
			}
			fmt.Fprintf(&b, "%s,%.4f\n", start.Add(time.Duration(k)*5*time.Minute).Format(time.RFC3339), v)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".csv"), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		text = append(text, fmt.Sprintf(`  - {match: %s.csv, tenant: acme, account: "123456789012", region: us-east-1, namespace: AWS/EC2, metric: CPUUtilization, dimensions: {InstanceId: %s}, statistic: Average, period: 5m}`, name, name))
	}
	if err := os.WriteFile(mapping, []byte(strings.Join(text, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, mapping
}

var may = time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)

// The transcripts of testdata/calibrate are what calibrate prints; -update
// rewrites them.
func TestCalibrateOfFiles(t *testing.T) {
	dir, mapping := shop(t, may, "i-01", "i-02", "i-03", "i-04")
	rules, labels := filepath.Join(t.TempDir(), "rules.yaml"), filepath.Join(t.TempDir(), "labels.csv")
	if err := errors.Join(os.WriteFile(rules, []byte(`detect: {rules: [{match: ['dim_InstanceId="i-01"'], class: act}, {match: ['dim_InstanceId="i-02"'], class: act, false_alert_every: 365d}, {match: ['dim_InstanceId="i-03"'], false_alert_every: 7d}]}`), 0o600),
		os.WriteFile(labels, []byte("series,from,to,name\n,2026-05-24T00:00,2026-05-24T01:30,a bad release\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
	}{
		{"plain", []string{"--lang", "en"}},
		{"labels.en", []string{"--config", rules, "--labels", labels, "--lang", "en"}},
		{"labels.ja", []string{"--config", rules, "--labels", labels, "--lang", "ja"}},
	} {
		code, out, errs := call(t, append([]string{"calibrate", "--input", dir, "--mapping", mapping}, c.args...)...)
		if code != exitOK || errs != "" {
			t.Fatalf("%s: exit code %d, %s", c.name, code, errs)
		}
		beside := filepath.Join("testdata", "calibrate", c.name+".txt")
		if *update {
			if err := os.WriteFile(beside, []byte(out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(beside)
		if err != nil {
			t.Fatal(err)
		}
		if out != string(want) {
			t.Errorf("%s: it says\n%s\nwant\n%s", c.name, out, want)
		}
	}
	code, out, errs := call(t, "calibrate", "--input", dir, "--mapping", mapping, "--labels", labels, "--json")
	var r calibrate.Report
	if err := json.Unmarshal([]byte(out), &r); code != exitOK || err != nil || len(r.Series) != 4 || r.All.Marked < 4 {
		t.Errorf("exit code %d, %v, %s: %d series, %d marked", code, err, errs, len(r.Series), r.All.Marked)
	}
	for _, s := range r.Series {
		if s.R != kizashi.Duration(28*24*time.Hour) || s.Division != nil {
			t.Errorf("%s: one in %v; files have 28 days a series", s.Name, time.Duration(s.R))
		}
	}
}

func TestCalibrateRefuses(t *testing.T) {
	short := filepath.Join(t.TempDir(), "short.csv")
	if err := os.WriteFile(short, []byte("timestamp,value\n2026-05-04T00:00:00Z,1\n2026-05-04T00:05:00Z,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := filepath.Join(t.TempDir(), "k.yaml")
	if err := os.WriteFile(cfg, []byte(`tenants: [{name: acme, accounts: [{account: "123456789012", region: us-east-1}]}]
storage: {path: `+filepath.Join(t.TempDir(), "none")+`}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{exitFault, "no limit has counted yet", []string{"--input", short}},
		{exitFault, "no such file", []string{"--input", short, "--labels", "nowhere.csv"}},
		{exitFault, "nowhere", []string{"--input", "nowhere"}},
		{exitUsage, "--weeks 0: want 1 to 14", []string{"--input", short, "--weeks", "0"}},
		{exitUsage, "want en or ja", []string{"--input", short, "--lang", "fr"}},
		{exitFault, "none", []string{"--config", cfg}},
		{exitFault, "nowhere.yaml", []string{"--config", "nowhere.yaml"}},
	} {
		if code, out, errs := call(t, append([]string{"calibrate"}, c.args...)...); code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%v: %d %s %s, want %d and %q", c.args, code, out, errs, c.code, c.says)
		}
	}
}

// served is the data directory that a service leaves which read these files,
// with a tenant's target and what people said of alerts.
func served(t *testing.T, data, input, mapping string, commands func([]kizashi.Alert) []kizashi.Command, division kizashi.Division) {
	t.Helper()
	s, _, err := store.Open(data, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var f calibrateFlags
	f.mapping = mapping
	o, err := f.options(env{}, []string{input})
	if err != nil {
		t.Fatal(err)
	}
	p, err := pipeline.New(pipeline.Config{}, models.All(), s)
	if err != nil {
		t.Fatal(err)
	}
	target, err := division.Target("acme")
	if err != nil {
		t.Fatal(err)
	}
	series, err := backtest.List(o)
	if err != nil {
		t.Fatal(err)
	}
	part := kizashi.Partition{Tenant: "acme", Kind: kizashi.Metrics, Period: 5 * time.Minute}
	pos := uint64(0)
	var res pipeline.Result
	step := func(b kizashi.Batch) {
		pos++
		b.Pos = pos
		if err := errors.Join(s.Append([]kizashi.Batch{b}), p.Step(b, &res)); err != nil {
			t.Fatal(err)
		}
		c := ledger.Changes{Declared: res.Declared, Alerts: res.Alerts, Justifications: res.Justifications, Records: res.Records, Commands: res.Commands, Stepped: map[kizashi.Partition]uint64{b.Partition: b.Pos}}
		if err := s.Keep(nil, c); err != nil {
			t.Fatal(err)
		}
	}
	first := kizashi.Batch{Partition: part, Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: part, At: kizashi.Never + 1}}, Until: kizashi.Never}
	for _, x := range series {
		x.Meta.Hints.Class = "act"
		first.Declare = append(first.Declare, kizashi.Declaration{From: kizashi.Never, Meta: x.Meta})
	}
	step(first)
	samples, err := samplesOf(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	var b kizashi.Batch
	for _, x := range series {
		all, err := samples.Between(x.Meta.Series, 0, 1<<60)
		if err != nil {
			t.Fatal(err)
		}
		b.Samples = append(b.Samples, all...)
		b.Until = max(b.Until, all[len(all)-1].End())
		target.At = all[0].At
	}
	step(kizashi.Batch{Partition: part, Until: kizashi.Never, Commands: []kizashi.Command{target}})
	b.Partition = part
	step(b)
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	as, err := s.Ledger().Alerts(ledger.Filter{From: kizashi.Never, To: kizashi.Forever})
	if err != nil {
		t.Fatal(err)
	}
	step(kizashi.Batch{Partition: part, Until: b.Until, Commands: commands(as)})
	mark, err := s.Mark()
	if err != nil {
		t.Fatal(err)
	}
	blob, err := p.Save()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Save(mark, p.Positions(), blob), s.Close()); err != nil {
		t.Fatal(err)
	}
}

// A tenant of four series that share two false notifications a week: each has
// 14 days. What people said was right is not counted as false, unless they took
// it back; check knows the series from the same directory.
func TestCalibrateOfAService(t *testing.T) {
	start := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -28)
	input, mapping := shop(t, start, "i-01", "i-02", "i-03", "i-04")
	dir := t.TempDir()
	data, cfg := filepath.Join(dir, "data"), filepath.Join(dir, "k.yaml")
	bad := kizashi.TimeOf(start.AddDate(0, 0, 20))
	right := func(as []kizashi.Alert) (cs []kizashi.Command) {
		for _, a := range as {
			if a.Opened >= bad && a.Opened < bad.Add(time.Hour) {
				cs = append(cs, kizashi.Command{Op: kizashi.Feedback, Tenant: "acme", At: kizashi.TimeOf(start.AddDate(0, 0, 28)), Alert: a.ID, As: kizashi.SaidTrue, Series: a.Series, From: a.Opened, To: a.To, Act: "said " + a.ID})
			}
		}
		if len(cs) < 4 {
			t.Fatalf("%d alerts on the bad hour", len(cs))
		}
		return append(cs, kizashi.Command{Op: kizashi.Revoke, Tenant: "acme", At: cs[0].At, Act: cs[0].Act})
	}
	served(t, data, input, mapping, right, kizashi.Division{Weekly: 2, Series: 4})
	text := `tenants: [{name: acme, false_notifications_per_week: 0.5, accounts: [{account: "123456789012", region: us-east-1}]}]
sinks: {stdout: true}
storage: {path: ` + data + `}
detect: {rules: [{match: ['dim_InstanceId="i-02"'], class: record}, {match: ['dim_InstanceId="i-03"'], false_alert_every: 7d}]}
`
	if err := os.WriteFile(cfg, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := call(t, "calibrate", "--config", cfg, "--json", "--weeks", "4")
	var r calibrate.Report
	if err := json.Unmarshal([]byte(out), &r); code != exitOK || err != nil {
		t.Fatalf("%d %s %v", code, errs, err)
	}
	all := r.Classes[0]
	if len(r.Classes) != 1 || all.Class != "act" || all.Series != 4 || all.Asked != 2 || all.Implied < 1.99 || all.Implied > 2.01 {
		t.Errorf("%+v", r.Classes)
	}
	// Four series for 26 days at one in 14 days are 7.4; some hours are marked.
	if all.Stated < 7 || all.Stated > 7.5 || all.Marked < 3 || all.Observed < 1 {
		t.Errorf("stated %.2f, observed %d, marked %d", all.Stated, all.Observed, all.Marked)
	}
	code, out, errs = call(t, "check", cfg)
	want := `  false notifications: at most 0.5 a week wanted over its series of class act; 2 series share that, each with one false alert in 28 days
    on top, 1 series of class act with a period of their own: 1 a week
    on top, 1 series of class record with a period of their own: 0.25 a week
`
	if code != exitOK || !strings.Contains(out, want) {
		t.Errorf("%d %s\n%s\nwant\n%s", code, errs, out, want)
	}
}
