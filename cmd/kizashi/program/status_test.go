package program

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/store"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

func TestWhoWouldBeTold(t *testing.T) {
	full := filepath.Join(configs, "full.yaml")
	for _, c := range []struct {
		labels, says, not string
	}{
		{"tenant=acme severity=critical", "told: oncall", "told: default"},
		{"tenant=acme severity=critical", "told: acme-people", ""},
		{"tenant=globex severity=notice", "told: default", "told: acme-people"},
	} {
		code, out, errs := call(t, append([]string{"routes", "test", "--config", full}, strings.Fields(c.labels)...)...)
		if code != exitOK || !strings.Contains(out, c.says) || c.not != "" && strings.Contains(out, "\n"+c.not) {
			t.Errorf("%s: %d %s\n%s", c.labels, code, errs, out)
		}
	}
	if code, _, errs := call(t, "routes", "test", "--config", full, "severity=critical"); code != exitUsage || !strings.Contains(errs, "tenant is missing") {
		t.Errorf("without a tenant, of two: %d %s", code, errs)
	}
	if code, _, errs := call(t, "routes", "test", "--config", full, "tenant=acne"); code != exitUsage || !strings.Contains(errs, "no such tenant") {
		t.Errorf("a tenant that is not there: %d %s", code, errs)
	}
	if code, _, errs := call(t, "routes", "--config", full); code != exitUsage || !strings.Contains(errs, "routes test") {
		t.Errorf("without labels: %d %s", code, errs)
	}
}

// Without routes the default receiver hears all; where there is none either,
// nobody does.
func TestWhoWouldBeToldWithoutRoutes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "k.yaml")
	for sinks, says := range map[string]string{
		"sinks: {stdout: true}\n": "told: default (no routes)", "": "not told: default (no routes): there is no such receiver\nnobody is told",
		"receivers: [{name: oncall, sinks: [{stdout: true}]}]\n": "nobody is told",
	} {
		if err := os.WriteFile(file, []byte("tenants: [{name: shop, accounts: [{account: \"012345678901\", region: eu-west-1}]}]\n"+sinks), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, out, errs := call(t, "routes", "test", "--config", file, "tenant=shop"); code != exitOK || !strings.Contains(out, says) {
			t.Errorf("%s: %d %s\n%s", sinks, code, errs, out)
		}
	}
}

// A test goes by every way of a receiver, in its language; a preview goes
// nowhere.
func TestNotify(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "k.yaml")
	text := `
tenants: [{name: shop, accounts: [{account: "012345678901", region: eu-west-1}]}]
receivers:
  - {name: people, language: ja, sinks: [{mail: {from: k@example.com, to: [a@example.com], dir: .}}]}
  - {name: robots, sinks: [{stdout: true}, {webhook: {url: "http://127.0.0.1:1/CANARY", allow_private: [127.0.0.0/8]}}]}
routes: [{receivers: [people, robots]}]
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := call(t, "notify", "--preview", "people", "--config", file)
	if code != exitOK || !strings.Contains(out, "テスト") || strings.Contains(out, "robots") {
		t.Errorf("preview: %d %s %s", code, out, errs)
	}
	if ms, err := filepath.Glob(filepath.Join(dir, "*.eml")); err != nil || len(ms) != 0 {
		t.Errorf("a preview was sent: %v %v", ms, err)
	}
	code, out, errs = call(t, "notify", "--test", "--config", file)
	if code != exitFault || !strings.Contains(out, "ok      people mail a@example.com") || !strings.Contains(out, "FAILED  robots webhook 127.0.0.1:1") || strings.Contains(out+errs, "CANARY") {
		t.Errorf("test: %d\n%s%s", code, out, errs)
	}
	if ms, err := filepath.Glob(filepath.Join(dir, "*.eml")); err != nil || len(ms) != 1 {
		t.Errorf("mails: %v %v", ms, err)
	}
	if code, _, errs := call(t, "notify", "--test", "peple", "--config", file); code != exitFault || !strings.Contains(errs, `did you mean "people"`) {
		t.Errorf("an unknown receiver: %d %s", code, errs)
	}
	if code, _, _ := call(t, "notify", "--config", file); code != exitUsage {
		t.Errorf("neither test nor preview: %d", code)
	}
}

func TestStatusIsTold(t *testing.T) {
	l, to := listening(t)
	at := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	l.code, l.answer = 200, service.Status{At: at, Running: true, Snapshot: at.Add(-5 * time.Minute), Undeliverable: []string{"a9"},
		Reads:   []service.Read{{Tenant: "shop", Account: "1", Region: "r", Period: "1m0s", Out: "no\x1b[31m"}},
		Alerts:  []ledger.Count{{Tenant: "shop", State: "firing", N: 3}},
		Outbox:  []ledger.Depth{{Lane: "oncall mail", Waiting: 2, Failing: 1, Oldest: at.Add(-time.Hour), Error: "refused"}},
		Watched: []alert.Act{{ID: "000000000002", Kind: alert.ActWatch, Tenant: "shop", Alert: "a1", Until: at.Add(50 * time.Hour), Author: "sato"}}}
	off := service.SwitchedOff{At: kizashi.TimeOf(at), Author: "kizashi", Reason: "too slow"}
	l.answer = withDetectors(l.answer.(service.Status), service.Detector{Name: "acme-slow", Off: &off}, service.Detector{Name: "acme-bad", Faults: 4, LeftOut: 2, Took: 700})
	code, out, errs := call(t, append([]string{"status"}, to[:4]...)...)
	if code != exitOK {
		t.Fatalf("%d %s", code, errs)
	}
	for _, want := range []string{"snapshot 5 minutes ago", "shop: 3 firing", "oncall mail: 2 threads, the first due 1 hour ago; 1 failing: refused", "(2 days left)", "NOBODY HEARS of alert a9", "cannot be read: no",
		"DETECTOR acme-slow is OFF for all series since 2026-11-29T12:00:00Z, by kizashi: too slow", "DETECTOR acme-bad failed 4 times since the start; is left out of 2 series, where it failed three times; takes 700ns a sample"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Error("an escape of a terminal came through")
	}
}

// Without a service status reads what the last one left.
func TestStatusWithoutAService(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "k.yaml")
	data := filepath.Join(dir, "data")
	s, _, err := store.Open(data, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	text := "tenants: [{name: shop, accounts: [{account: \"012345678901\", region: eu-west-1}]}]\nstorage: {path: " + data + "}\nweb: {listen: \"127.0.0.1:1\"}\n"
	for f, b := range map[string]string{file: text, filepath.Join(data, service.TokenFile): "x"} {
		if err := os.WriteFile(f, []byte(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, errs := call(t, "status", "--config", file)
	if code != exitOK || !strings.Contains(out, "does not run") || !strings.Contains(out, "none") {
		t.Errorf("%d %s %s", code, out, errs)
	}
}

func TestBackupIsAskedFor(t *testing.T) {
	l, to := listening(t)
	l.answer = map[string]string{"dir": "/somewhere"}
	code, out, errs := call(t, append([]string{"backup", "/somewhere"}, to[:4]...)...)
	if code != exitOK || l.path != "/api/backup" || !strings.Contains(out, "storage.path") {
		t.Errorf("%d %s %s", code, out, errs)
	}
	if code, _, _ := call(t, append([]string{"backup"}, to[:4]...)...); code != exitUsage {
		t.Errorf("without a directory: %d", code)
	}
}

func withDetectors(st service.Status, ds ...service.Detector) service.Status {
	st.Detectors = ds
	return st
}

// A detector is switched by its name; what the service is asked for is what was said.
func TestSwitch(t *testing.T) {
	l, to := listening(t)
	l.answer = service.Switching{Model: "level", Author: "sato", Reason: "noisy"}
	code, out, errs := call(t, append([]string{"switch", "level", "off", "--reason", "noisy", "--author", "sato"}, to[:4]...)...)
	if code != exitOK || l.path != "/api/models" || !strings.Contains(out, "level is off from now on, for all series") {
		t.Errorf("%d %s %s %s", code, out, errs, l.path)
	}
	for _, c := range []struct{ args, says string }{
		{"switch levle off --reason x", `did you mean "level"`}, {"switch level --reason x", "on or off"}, {"switch level sideways --reason x", "on or off"}, {"switch level off", "--reason is needed"},
	} {
		if code, _, errs := call(t, append(strings.Fields(c.args), to[:4]...)...); code != exitUsage || !strings.Contains(errs, c.says) {
			t.Errorf("%s: %d %s", c.args, code, errs)
		}
	}
	l.answer = withDetectors(service.Status{}, service.Detector{Name: "level", Off: &service.SwitchedOff{Author: "sato", Reason: "noisy"}})
	for args, says := range map[string]string{"models --live": "level is OFF", "models level --live": "level is OFF", "models band --live": "None of them failed"} {
		if code, out, errs := call(t, append(strings.Fields(args), to[:4]...)...); code != exitOK || !strings.Contains(out, says) {
			t.Errorf("%s: %d %s %s", args, code, out, errs)
		}
	}
}
