package service

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// linked is a service that people reach, and the path of an alert's form.
func linked(t *testing.T, lang explain.Lang) (*Service, string) {
	t.Helper()
	s := spoken(t, options(t))
	s.config.External = "https://kizashi.example/ops"
	a := cpu(cpuID)
	ls, err := s.links(&a, lang, now)
	if err != nil {
		t.Fatal(err)
	}
	path, ok := strings.CutPrefix(ls["ack"], "https://kizashi.example/ops")
	if !ok || !strings.HasSuffix(path, "?do=ack") || len(ls) != len(linkKinds) {
		t.Fatalf("links %v", ls)
	}
	return s, strings.TrimSuffix(path, "?do=ack")
}

// submit sends a form as a browser does.
func submit(s *Service, path string, fields map[string]string, headers ...string) *httptest.ResponseRecorder {
	v := url.Values{"nonce": {"aaaaaaaaaaaa"}}
	for k, x := range fields {
		v.Set(k, x)
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

func kept(t *testing.T, s *Service) []alert.Act {
	t.Helper()
	as, err := s.store.Ledger().Acts(ledger.ActFilter{})
	if err != nil {
		t.Fatal(err)
	}
	return as
}

// A mail scanner that follows a link changes nothing; a person who submits the
// form does, once.
func TestAFormShowsByGetAndActsByPost(t *testing.T) {
	s, path := linked(t, explain.English)
	for range 2 {
		if code, body := ask(s, "GET", path+"?do=watch"); code != 200 || !strings.Contains(body, `value="watch" required checked`) || len(kept(t, s)) != 0 {
			t.Fatalf("%d, said %v\n%s", code, kept(t, s), body)
		}
	}
	for range 2 { // a double click
		w := submit(s, path, map[string]string{"kind": "watch", "for": "24h", "author": "sato", "reason": "known"})
		if w.Code != 303 || w.Header().Get("Location") != "?done=aaaaaaaaaaaa" {
			t.Fatalf("%d %s %s", w.Code, w.Header(), w.Body)
		}
	}
	as := kept(t, s)
	if len(as) != 1 || as[0].Kind != alert.ActWatch || as[0].Alert != cpuID || as[0].Tenant != "acme" || as[0].Via != "link" || !as[0].Until.Equal(now.Add(24*time.Hour)) {
		t.Errorf("said: %+v", as)
	}
	if code, body := ask(s, "GET", path+"?done=aaaaaaaaaaaa"); code != 200 || !strings.Contains(body, "kizashi undo aaaaaaaaaaaa") || !strings.Contains(body, "sato watches it, until") || strings.Contains(body, "<form") {
		t.Errorf("afterwards: %d\n%s", code, body)
	}
}

// A page that is sent twice says it once. Changed in between, as the browser's
// way back allows, it is no repetition: it says so and asks again.
func TestAPageThatIsSentAgain(t *testing.T) {
	s, path := linked(t, explain.English)
	for i, c := range []struct {
		fields map[string]string
		code   int
	}{
		{map[string]string{"kind": "mute", "for": "4h", "reason": "r", "author": "sato"}, 303},
		{map[string]string{"kind": "mute", "for": "4h", "reason": "r", "author": "sato"}, 303},
		{map[string]string{"kind": "mute", "for": "8h", "reason": "r", "author": "sato"}, 409},
		{map[string]string{"kind": "feedback", "judge": "true", "author": "sato"}, 409},
	} {
		w := submit(s, path, c.fields)
		if w.Code != c.code || c.code == 409 && (!strings.Contains(w.Body.String(), "sent already") || strings.Contains(w.Body.String(), `value="aaaaaaaaaaaa"`)) {
			t.Errorf("%d: %d, want %d", i, w.Code, c.code)
		}
	}
	if as := kept(t, s); len(as) != 1 {
		t.Errorf("said: %v", as)
	}
}

func TestLinksThatAreRefused(t *testing.T) {
	s, path := linked(t, explain.English)
	token := strings.TrimPrefix(path, "/act/")
	body, sum, _ := strings.Cut(token, ".")
	forge := func(g grant, key []byte) string {
		t.Helper()
		out, err := sign(key, g)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	good := grant{cpuID, "acme", linkKinds, now.Add(time.Hour).Unix(), "en"}
	other, foreign, expired, narrow := good, good, good, good
	other.Alert, foreign.Tenant, expired.Until, narrow.Kinds = "ffff456789abcdef", "globex", now.Unix(), []alert.ActKind{alert.ActAck}
	swapped, err := json.Marshal(other)
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		token string
		code  int
	}{
		"nothing":                    {"x", 403},
		"no signature":               {body + ".", 403},
		"another signature":          {body + "." + strings.Repeat("A", len(sum)), 403},
		"another alert's body":       {tokenForm.EncodeToString(swapped) + "." + sum, 403},
		"another key":                {forge(good, []byte("key")), 403},
		"expired":                    {forge(expired, s.linkKey), 410},
		"an alert of another tenant": {forge(foreign, s.linkKey), 404},
		"an alert that is gone":      {forge(grant{"00000000", "acme", linkKinds, good.Until, "en"}, s.linkKey), 404},
		"only the first digits":      {forge(grant{cpuID[:6], "acme", linkKinds, good.Until, "en"}, s.linkKey), 404},
	} {
		if code, body := ask(s, "GET", "/act/"+c.token); code != c.code || strings.Contains(body, "<form") {
			t.Errorf("GET with %s: %d, want %d", what, code, c.code)
		}
		if w := submit(s, "/act/"+c.token, map[string]string{"kind": "ack", "author": "eve"}); w.Code != c.code {
			t.Errorf("POST with %s: %d, want %d", what, w.Code, c.code)
		}
	}
	for what, c := range map[string]struct {
		fields  map[string]string
		token   string
		headers []string
		code    int
	}{
		"a kind that the link does not name": {map[string]string{"kind": "mute", "for": "4h", "reason": "r", "author": "eve"}, forge(narrow, s.linkKey), nil, 400},
		"a kind that no form has":            {map[string]string{"kind": "mode", "author": "eve"}, token, nil, 400},
		"no name":                            {map[string]string{"kind": "ack"}, token, nil, 400},
		"no reason":                          {map[string]string{"kind": "watch", "for": "4h", "author": "eve"}, token, nil, 400},
		"for ever":                           {map[string]string{"kind": "mute", "for": "9000h", "reason": "r", "author": "eve"}, token, nil, 400},
		"a page of another site":             {map[string]string{"kind": "ack", "author": "eve"}, token, []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://elsewhere.example"}, 403},
	} {
		if w := submit(s, "/act/"+c.token, c.fields, c.headers...); w.Code != c.code {
			t.Errorf("%s: %d, want %d", what, w.Code, c.code)
		}
	}
	if as := kept(t, s); len(as) != 0 {
		t.Errorf("something was said: %v", as)
	}
}

// What strangers wrote stays text, and the page may run nothing.
func TestAFormIsInert(t *testing.T) {
	s, _ := linked(t, explain.English)
	a := cpu("eeee456789abcdef")
	a.Labels = kizashi.LabelsOf(map[string]string{"metric": `<script>alert(1)</script>`, "host": "\"><img src=x onerror=alert(1)>\x1b[31m"})
	if err := s.store.Ledger().Commit(ledger.Changes{Alerts: []kizashi.Alert{a}}); err != nil {
		t.Fatal(err)
	}
	ls, err := s.links(&a, "ja", now)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(ls["ack"])
	if err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(u.Path, "/ops")
	r := httptest.NewRequest("GET", path, nil)
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if csp := w.Header().Get("Content-Security-Policy"); w.Code != 200 || !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("%d, policy %q", w.Code, csp)
	}
	for _, bad := range []string{"<script", "<img", "\x1b"} {
		if strings.Contains(w.Body.String(), bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if bad := submit(s, path, map[string]string{"kind": "watch", "author": `"><script>`, "reason": "</textarea><script>", "for": "0s"}); bad.Code != 400 || strings.Contains(bad.Body.String(), "<script") {
		t.Errorf("what was typed comes back live: %d", bad.Code)
	}
}

// TestShowForm writes the pages for eyes, where KIZASHI_SHOW names a directory.
func TestShowForm(t *testing.T) {
	dir := os.Getenv("KIZASHI_SHOW")
	for _, lang := range []explain.Lang{explain.English, explain.Japanese} {
		s, path := linked(t, lang)
		submit(s, path, map[string]string{"nonce": "bbbbbbbbbbbb", "kind": "ack", "author": "佐藤"})
		_, body := ask(s, "GET", path+"?do=watch")
		w := submit(s, path, map[string]string{"kind": "watch", "for": "24h", "author": "佐藤"})
		_, done := ask(s, "GET", path+"?done=bbbbbbbbbbbb")
		for name, page := range map[string]string{"form": body, "fault": w.Body.String(), "done": done} {
			if !strings.Contains(page, `lang="`+string(lang)+`"`) {
				t.Errorf("%s in %s: %s", name, lang, page)
			}
			if dir == "" {
				continue
			}
			page = strings.Replace(page, `<link rel="stylesheet" href="../act.css">`, "<style>"+string(formCSS)+"</style>", 1)
			if err := os.WriteFile(dir+"/"+name+"-"+string(lang)+".html", []byte(page), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
