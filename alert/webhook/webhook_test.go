package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

var (
	loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	noon     = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
)

const key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func newSink(t *testing.T, c Config) *Sink {
	t.Helper()
	c.Private, c.Now = loopback, func() time.Time { return noon }
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func place(t *testing.T, c Config) sinktest.Place {
	srv := sinktest.NewServer(t, nil)
	srv.Lie = `{"ok":false,"error":"no such channel"}`
	c.URL = srv.URL + c.URL
	return sinktest.Place{
		Sink: newSink(t, c), Set: srv.Set, Received: func() []sinktest.Told { return received(t, srv) },
		Moods: []sinktest.Mood{sinktest.Busy, sinktest.Refusing, sinktest.Silent, sinktest.Absent, sinktest.Waiting, sinktest.Lying},
	}
}

func received(t *testing.T, srv *sinktest.Server) []sinktest.Told {
	var out []sinktest.Told
	for _, r := range srv.Taken() {
		var b Body
		if err := json.Unmarshal(r.Body, &b); err != nil {
			t.Errorf("the body is no JSON: %v\n%s", err, r.Body)
		}
		out = append(out, sinktest.Told{Key: r.Header.Get("Idempotency-Key"), Alert: b.Alert.ID, State: string(b.State), Text: string(r.Body)})
	}
	return out
}

func TestContract(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Place { return place(t, Config{Secret: key, URL: "/hook"}) })
}

func TestContractWithATemplate(t *testing.T) {
	const text = `{"alert": {"id": "{{.Alert.ID}}"}, "state": "{{.State}}", "text": {{json .Text}}}`
	sinktest.Run(t, func(t *testing.T) sinktest.Place { return place(t, Config{Template: text}) })
}

// Nothing that a stranger wrote leaves the string that it stands in: the
// body, read and written again, has the fields that the golden has.
func TestCanaries(t *testing.T) {
	quotes := `{"alert": {"id": "{{.Alert.ID}}"}, "state":"{{.State}}", "text": "{{.Title}} {{.Summary}}", "labels": [{{range $i, $l := .Alert.Labels}}{{if $i}},{{end}}"{{$l.Name}}={{$l.Value}}"{{end}}]}`
	for _, template := range []string{"", quotes} {
		sinktest.RunCanaries(t, func(t *testing.T) sinktest.Place { return place(t, Config{Template: template}) }, func(t *testing.T, told sinktest.Told) {
			var m map[string]any
			if err := json.Unmarshal([]byte(told.Text), &m); err != nil || m["admin"] != nil || m["template_error"] != nil {
				t.Errorf("%v: %s", err, told.Text)
			}
			if template != "" && (len(m) != 4 || len(m["labels"].([]any)) != 2) {
				t.Errorf("the template's body has other fields: %s", told.Text)
			}
		})
	}
}

func TestSecrets(t *testing.T) {
	x := sinktest.Secrets
	sinktest.RunSecrets(t, func(t *testing.T) sinktest.Place {
		srv := sinktest.NewServer(t, nil)
		srv.Lie = `{"error":"` + x.Header + x.HMAC + x.URLPath + `"}`
		u, _ := url.Parse(srv.URL + x.URLPath)
		u.RawQuery, u.User = "key="+url.QueryEscape(x.URLQuery), url.UserPassword("bot", x.URLPassword)
		s := newSink(t, Config{URL: u.String(), Secret: x.HMAC, Headers: map[string]string{"X-Authorization": x.Header}})
		return sinktest.Place{Sink: s, Set: srv.Set, Moods: []sinktest.Mood{sinktest.Busy, sinktest.Refusing, sinktest.Absent, sinktest.Waiting, sinktest.Lying}}
	}, x.Header, x.HMAC, x.URLPath, x.URLQuery, x.URLPassword)
}

// The signature is what a library of Standard Webhooks checks; the figures are
// from its specification.
func TestSignature(t *testing.T) {
	h := http.Header{"Webhook-Id": {"msg_p5jXN8AQM9LWM0D4loKWxJek"}}
	keys, err := signingKeys(key)
	if err != nil {
		t.Fatal(err)
	}
	sign(h, keys, []byte(`{"test": 2432232314}`), time.Unix(1614265330, 0))
	if got := h.Get("Webhook-Signature"); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("signature %s", got)
	}
}

func TestWhatAReceiverChecks(t *testing.T) {
	srv := sinktest.NewServer(t, nil)
	old := "an old key of text, 24 bytes or more"
	s := newSink(t, Config{URL: srv.URL, Secret: key + "\n" + old + "\n"})
	for range 2 {
		if err := s.Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing)); err != nil {
			t.Fatal(err)
		}
	}
	first, second := srv.Taken()[0], srv.Taken()[1]
	if string(first.Body) != string(second.Body) || first.Header.Get("Webhook-Signature") != second.Header.Get("Webhook-Signature") {
		t.Error("a retry in the same second has another body or another signature")
	}
	raw, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(key, "whsec_"))
	for _, k := range [][]byte{raw, []byte(old)} {
		m := hmac.New(sha256.New, k)
		fmt.Fprintf(m, "%s.%s.%s", first.Header.Get("Webhook-Id"), first.Header.Get("Webhook-Timestamp"), first.Body)
		want := "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))
		found := false
		for _, got := range strings.Fields(first.Header.Get("Webhook-Signature")) {
			found = found || hmac.Equal([]byte(got), []byte(want))
		}
		if !found {
			t.Errorf("%q is not among %q", want, first.Header.Get("Webhook-Signature"))
		}
	}
	if first.Header.Get("Webhook-Timestamp") != fmt.Sprint(noon.Unix()) || first.Header.Get("Webhook-Id") != "a1-1" || first.Header.Get("Idempotency-Key") != `"a1-1"` {
		t.Errorf("headers %v", first.Header)
	}
	srv = sinktest.NewServer(t, nil)
	if err := newSink(t, Config{URL: srv.URL}).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing)); err != nil || srv.Taken()[0].Header.Get("Webhook-Signature") != "" {
		t.Errorf("without a secret: %v", err)
	}
}

func TestHeaderKey(t *testing.T) {
	for _, k := range []string{"", "a b", "x\r\nEvil: 1", `a"b`, "あ", strings.Repeat("x", 200)} {
		if got := headerKey(k); len(got) != 64 || got == headerKey(k+"x") {
			t.Errorf("%q: %q", k, got)
		}
	}
}

// What answers of 200 mean.
func TestAnswersOf200(t *testing.T) {
	for body, taken := range map[string]bool{
		"": true, "ok": true, "1": true, "[]": true, "{}": true, "null": true, `{"ok":true}`: true, `{"error":null}`: true, `{"errors":[]}`: true, `{"error":""}`: true, `{"errcode":0,"errmsg":"ok"}`: true,
		`{"status":"success"}`: true, `{"error":false}`: true, `{"broken`: true, "<html>errors</html>": true, "no failures": true, `{"data":{"error":"x"}}`: true,
		`{"ok":false}`: false, `{"success":false}`: false, `{"error":"x"}`: false, `{"error":{"code":1}}`: false, `{"errors":["x"]}`: false, `{"errcode":40001}`: false, `{"status":"failed"}`: false, `{"result":"error"}`: false, `{"error":true}`: false,
		`{"errorMessage":"x","errorType":"Runtime"}`: false, `{"statusCode":500,"body":"{}"}`: false, `{"status":"FAILED"}`: false, `{"status":200}`: true, `{"status":502}`: false,
		`{"ok":false,"why":"` + strings.Repeat("x", 5<<20) + `"}`: false, `{"ok":true,"why":"` + strings.Repeat("x", 5<<20) + `"}`: true, `{"ok":true,"ok2":`: true,
		"error: x": false, "Failed to post": false, "Webhook message delivery failed with error: x": false, " \n{\"ok\": false}": false,
	} {
		srv := sinktest.NewServer(t, func(w http.ResponseWriter, _ sinktest.Request) { fmt.Fprint(w, body) })
		err := newSink(t, Config{URL: srv.URL}).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing))
		if _, permanent := err.(alert.Permanent); (err == nil) != taken || permanent {
			t.Errorf("%.100s: %v", body, err)
		}
	}
}

// An answer of 200 that says no and then nothing more for ever is over when the
// request's time is, and not taken.
func TestAnAnswerThatNeverEnds(t *testing.T) {
	for _, begins := range []string{"", "ok", `{"ok":true`, `{"ok":false,`} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, begins)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}))
		start := time.Now()
		err := newSink(t, Config{URL: srv.URL, Timeout: 100 * time.Millisecond}).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing))
		if _, permanent := err.(alert.Permanent); err == nil || permanent || time.Since(start) > time.Minute {
			t.Errorf("%q: after %s %v", begins, time.Since(start), err)
		}
		srv.Close()
	}
}

func TestWhatIsExpected(t *testing.T) {
	big := strings.Repeat("x", 5<<20)
	for _, c := range []struct {
		expect, body string
		taken        bool
	}{
		{`^accepted$`, "accepted", true}, {`^accepted$`, "queued", false}, {`^accepted$`, "", false}, {`"id":\s*\d+`, `{"id": 7, "error": "not that it matters"}`, true},
		{``, big, true}, {`^xx`, big, true}, {`done$`, big + "done", false},
	} {
		srv := sinktest.NewServer(t, func(w http.ResponseWriter, _ sinktest.Request) { fmt.Fprint(w, c.body) })
		err := newSink(t, Config{URL: srv.URL, Expect: c.expect}).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing))
		if (err == nil) != c.taken || err != nil && len(err.Error()) > 1000 {
			t.Errorf("%s, answered %.20q: %v", c.expect, c.body, err)
		}
	}
}

func TestConfig(t *testing.T) {
	srv := sinktest.NewServer(t, nil)
	for want, c := range map[string]Config{
		"url: want it to begin":                   {URL: "hooks.example/secret"},
		"url: 10.0.0.1 is a private address":      {URL: "http://10.0.0.1/secret"},
		"secret: a key of 6 bytes":                {Secret: "secret"},
		"secret: what follows whsec_ is not":      {Secret: "whsec_secret!"},
		"headers: \"a b\" is no name":             {Headers: map[string]string{"a b": "secret"}},
		"headers: A: its value holds a control":   {Headers: map[string]string{"A": "secret\r\nB: c"}},
		"headers: webhook-signature is not yours": {Headers: map[string]string{"webhook-signature": "secret"}},
		"expect: error parsing regexp":            {Expect: "("},
		`Content-Type "/"`:                        {Template: "x", Headers: map[string]string{"Content-Type": "/"}},
		"my.tmpl:2":                               {Template: "\n{{.Nothing}}", TemplateName: "my.tmpl"},
		"my.tmpl:1: unclosed action":              {Template: "{{.Title", TemplateName: "my.tmpl"},
		"template: it puts out nothing":           {Template: "{{/* */}}"},
		"template: it puts out no JSON":           {Template: `{"severity": {{.Severity}}}`},
		"no function \"system\"":                  {Template: `{{system "x"}}`},
	} {
		if c.URL == "" {
			c.URL = srv.URL
		}
		c.Name, c.Private = "webhook ops", loopback
		_, err := New(c)
		if err == nil || !strings.HasPrefix(err.Error(), "webhook ops: ") || strings.Contains(err.Error(), "secret") && !strings.Contains(want, "secret") || !strings.Contains(strings.ReplaceAll(err.Error(), "function \"system\" not defined", "no function \"system\""), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	s := newSink(t, Config{URL: "https://hooks.example:8443/secret"})
	if s.Name() != "webhook hooks.example:8443" {
		t.Errorf("name %q", s.Name())
	}
}
