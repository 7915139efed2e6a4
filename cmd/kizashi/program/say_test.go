package program

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
)

// listener is a service that keeps what it is told.
type listener struct {
	*httptest.Server
	path, token string
	act         alert.Act
	answer      any
	code        int
}

func listening(t *testing.T) (*listener, []string) {
	t.Helper()
	l := &listener{code: 201}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.path, l.token, l.act = r.URL.Path, r.Header.Get(service.TokenHeader), alert.Act{}
		b, err := io.ReadAll(r.Body)
		if err == nil && len(b) > 0 {
			_ = json.Unmarshal(b, &l.act) // a backup is asked for in other words
		}
		if err != nil {
			t.Error(err)
		}
		answer := l.answer
		if answer == nil {
			a := l.act
			a.ID = "0123456789ab"
			answer = map[string]alert.Act{"act": a}
		}
		w.WriteHeader(l.code)
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(l.Close)
	token := filepath.Join(t.TempDir(), "api-token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return l, []string{"--url", l.URL, "--token-file", token, "--author", "sato"}
}

func TestWhatCommandsSay(t *testing.T) {
	l, to := listening(t)
	for _, c := range []struct {
		line string
		want string // of the act, as JSON without what is said of every one
	}{
		{"ack 0123", `{"kind":"ack","alert":"0123"}`},
		{"watch 0123 --until 2099-12-01T08:00+09:00 --reason known --for yamada --ticket INC-1", `{"kind":"watch","alert":"0123","until":"2099-11-30T23:00:00Z","reason":"known","request":"yamada","ticket":"INC-1"}`},
		{"mute 0123 --until 2099-12-01T08:00Z --reason patches", `{"kind":"mute","alert":"0123","until":"2099-12-01T08:00:00Z","reason":"patches"}`},
		{`mute service=web env!=dev --tenant shop --window W --reason patches`, `{"kind":"mute","tenant":"shop","match":["service=\"web\"","env!=\"dev\""],"window":"W","reason":"patches"}`},
		{"exclude --all --tenant shop --from 2099-01-01T00:00Z --until 2099-01-02T00:00Z --reason move", `{"kind":"exclude","tenant":"shop","from":"2099-01-01T00:00:00Z","until":"2099-01-02T00:00:00Z","reason":"move"}`},
		{"expect service=web --tenant shop --scale x3 --until 2099-01-02T00:00Z --reason test", `{"kind":"expect","tenant":"shop","match":["service=\"web\""],"until":"2099-01-02T00:00:00Z","value":"x3","reason":"test"}`},
		{"feedback 0123 false", `{"kind":"feedback","alert":"0123","value":"false"}`},
		{"assign 0123 csirt --reason theirs", `{"kind":"assign","alert":"0123","value":"csirt","reason":"theirs"}`},
		{"mode shadow --tenant shop --reason trial", `{"kind":"mode","tenant":"shop","value":"shadow","reason":"trial"}`},
		{"mode env=dev internal --tenant shop --reason trial", `{"kind":"mode","tenant":"shop","match":["env=\"dev\""],"value":"internal","reason":"trial"}`},
		{"undo 0123456789ab", `{"kind":"undo","undoes":"0123456789ab"}`},
	} {
		code, out, errs := call(t, append(strings.Fields(c.line), to...)...)
		if code != exitOK || l.path != "/api/acts" || l.token != "secret" || !strings.Contains(out, "kizashi undo 0123456789ab") {
			t.Errorf("kizashi %s: exit code %d, to %s, %q\n%s%s", c.line, code, l.path, l.token, out, errs)
			continue
		}
		var want alert.Act
		if err := json.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		want.Author, want.Via = "sato", "cli"
		got, err1 := json.Marshal(l.act)
		wanted, err2 := json.Marshal(want)
		if err1 != nil || err2 != nil || string(got) != string(wanted) {
			t.Errorf("kizashi %s says\n%s\nwant\n%s", c.line, got, wanted)
		}
	}
}

func TestWhatCommandsRefuse(t *testing.T) {
	l, to := listening(t)
	for _, c := range []struct {
		line, says string
		code       int
	}{
		{"ack", "want ALERT", exitUsage},
		{"ack service=web", "want ALERT", exitUsage},
		{"watch 0123 --until 4h", "--reason is needed", exitUsage},
		{"watch 0123 --until friday --reason x", `"friday"`, exitUsage},
		{"mute --until 4h --reason x", "--all", exitUsage},
		{"mute service=web --all --until 4h --reason x", "two things", exitUsage},
		{"mute service~web --until 4h --reason x", "matcher", exitUsage},
		{"feedback", "want ALERT", exitUsage},
	} {
		if code, _, errs := call(t, append(strings.Fields(c.line), to...)...); code != c.code || !strings.Contains(errs, c.says) || l.path != "" {
			t.Errorf("kizashi %s: exit code %d, asked %q, %s", c.line, code, l.path, errs)
		}
	}
	l.code, l.answer = 403, map[string]string{"error": "alert 0123: it is of another tenant"}
	if code, _, errs := call(t, append([]string{"ack", "0123"}, to...)...); code != exitFault || !strings.Contains(errs, "of another tenant") {
		t.Errorf("what the service refuses: %d %s", code, errs)
	}
	l.Close()
	if code, _, errs := call(t, append([]string{"ack", "0123"}, to...)...); code != exitFault || !strings.Contains(errs, "does not answer") {
		t.Errorf("without a service: %d %s", code, errs)
	}
}

func TestTheListOfActs(t *testing.T) {
	l, to := listening(t)
	at := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	l.code, l.answer = 200, service.Heard{Now: at.Add(time.Hour), Undone: []string{"000000000001"}, Acts: []alert.Act{
		{ID: "000000000001", At: at, Kind: alert.ActAck, Tenant: "shop", Alert: "a1", Author: "sato"},
		{ID: "000000000002", At: at, Kind: alert.ActWatch, Tenant: "shop", Alert: "a2", Until: at.Add(75 * time.Hour), Reason: "known\x1b[31m", Request: "yamada", Author: "sato"},
	}, Declared: []alert.Act{{ID: "000000000003", Kind: alert.ActMute, Tenant: "shop", Window: "cron 0 2 * * * for 2h", Reason: "backup", Author: "configuration"}}}
	code, out, errs := call(t, append([]string{"acts"}, to[:4]...)...)
	if code != exitOK {
		t.Fatalf("%d %s", code, errs)
	}
	for _, want := range []string{"000000000001", "(taken back)", "for yamada", "(3 days left)", "(in the configuration)", "all of it"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Errorf("an escape of a terminal came through: %q", out)
	}
}

func TestWhatADryRunTells(t *testing.T) {
	l, to := listening(t)
	l.code, l.answer = 200, service.Covered{Spans: 4, Held: "8h0m0s", NumSeries: 2, Series: []string{"cpu of a", "cpu of b"}}
	code, out, _ := call(t, append(strings.Fields("mute service=web --tenant shop --until 4h --reason x --dry-run"), to...)...)
	if code != exitOK || l.path != "/api/acts/dry-run" || !strings.Contains(out, "held 4 times, 8h0m0s in all") || !strings.Contains(out, "0 alerts and 2 series") || !strings.Contains(out, "cpu of b") {
		t.Errorf("%d to %s:\n%s", code, l.path, out)
	}
	l.answer = service.Covered{Always: true}
	if _, out, _ := call(t, append(strings.Fields("exclude service=wbe --tenant shop --until 4h --reason x --dry-run"), to...)...); !strings.Contains(out, "match nothing") {
		t.Errorf("matchers that match nothing:\n%s", out)
	}
}

// The page about operating lists all that can be said.
func TestThePageListsWhatCanBeSaid(t *testing.T) {
	b, err := os.ReadFile("../../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sayings {
		if !strings.Contains(string(b), "\n    kizashi "+string(s.kind)+" ") {
			t.Errorf("%s is not there", s.kind)
		}
	}
	for _, page := range []string{"../../../README.md", "../../../README.ja.md", "../../../docs/operating.md"} {
		if b, err := os.ReadFile(page); err != nil || !strings.Contains(string(b), "logs.md)") {
			t.Errorf("%s does not lead to the page about logs: %v", page, err)
		}
	}
}
