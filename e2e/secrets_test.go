package e2e

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// gossip is a place that takes nothing and repeats all that it was asked, as
// careless places do.
type gossip struct {
	mu    sync.Mutex
	asked strings.Builder
}

func (g *gossip) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	dump, err := httputil.DumpRequest(r, true)
	if err != nil {
		return // who asked is gone
	}
	g.mu.Lock()
	g.asked.Write(dump)
	g.mu.Unlock()
	w.WriteHeader(http.StatusInternalServerError)
	fmt.Fprintf(w, "no: %s", dump)
}

func (g *gossip) heard(secret string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Contains(g.asked.String(), secret)
}

// canary is a secret of the configuration, or of the environment.
type canary struct {
	file, text string
	sent       bool // as it is, to the place that it is for
}

// secrets of all kinds that sinks and sources have. What is signed with, or
// only sent once a place has said who it is, is never sent as it is.
func secrets() []canary {
	return []canary{
		{"smtp", "canary-smtp-9f31", false}, {"token", "xoxb-canary-slack-52c8", true}, {"incoming", "/services/canary-incoming-7d10", true},
		{"hook", "/canary-hook-a04e", true}, {"hmac", "canary-hmac-0123456789-6b92", false}, {"bearer", "Bearer canary-bearer-e5d3", true},
		{"key", "canary-api-key-18fa", true}, {"", "/canary-beat-3c77", true},
		{"", "canary-aws-secret-c2b9", false}, {"", "canary-aws-session-4e65", true},
	}
}

// TestSecretsStaySecret lets every sink fail at a place that repeats what it
// was asked, and looks for the secrets in all that the service says and keeps.
func TestSecretsStaySecret(t *testing.T) {
	g := &gossip{}
	srv := httptest.NewServer(g)
	t.Cleanup(srv.Close)
	dir := t.TempDir()
	for _, c := range secrets() {
		text := c.text
		if strings.HasPrefix(text, "/") {
			text = srv.URL + text
		}
		if c.file == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, c.file), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in := func(file string) string { return filepath.Join(dir, file) }
	const private = "allow_private: [127.0.0.0/8]"
	w := newWorldOf(t, 3, begin.Add(3*time.Hour))
	b, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(b), "sinks:")
	w.write(w.config, text+fmt.Sprintf(`
detect: {rules: [{class: act}]}
receivers:
- name: all
  sinks:
  - mail: {server: %q, from: k@example.org, to: [ops@example.org], user: kizashi, password_file: %q, tls: none}
  - slack: {token_file: %q, channel: "#alerts", api: %q, %s}
  - slack: {url_file: %q, %s}
  - webhook: {url_file: %q, secret_file: %q, headers: {Authorization_file: %q, X-Api-Key_file: %q}, %s}
  - sns: {topic: "arn:aws:sns:ap-northeast-1:123456789012:alerts", endpoint: %q}
routes: [{receivers: [all]}]
heartbeat: {every: 30s, http: %q}
`, strings.TrimPrefix(srv.URL, "http://"), in("smtp"), in("token"), srv.URL, private, in("incoming"), private, in("hook"), in("hmac"), in("bearer"), in("key"), private, srv.URL, srv.URL+"/canary-beat-3c77"))
	w.lanes = nil
	s := start(t, w.config, "KIZASHI_CLOCK="+w.clock, "AWS_ACCESS_KEY_ID=AKIACANARY", "AWS_SECRET_ACCESS_KEY=canary-aws-secret-c2b9", "AWS_SESSION_TOKEN=canary-aws-session-4e65")
	for i := range 9 {
		w.set(begin.Add(time.Duration(i) * step))
		s.await("the next step", func() bool { return w.settled(s) })
	}
	for _, sink := range []string{"all mail", "all slack #alerts", "all slack", "all webhook", "all sns"} {
		s.await("a failure of "+sink, func() bool {
			return strings.Contains(s.said(), `sink="`+sink) && strings.Contains(s.said(), "not told")
		})
	}
	said := map[string]string{}
	for _, path := range []string{"/metrics", "/api/alerts", "/api/acts", "/api/sources", "/api/cost", "/api/status"} {
		body, ok := s.get(path)
		if said[path] = string(body); !ok {
			t.Errorf("%s: no answer", path)
		}
	}
	for _, a := range s.alerts() {
		body, _ := s.get("/api/alerts/" + a.ID)
		said["/api/alerts/"+a.ID] = string(body)
	}
	for _, c := range secrets() {
		if c.sent && !g.heard(c.text) {
			t.Errorf("%s was never sent to its place: nothing is shown of it", c.text)
		}
	}
	s.stop()
	said["log"], said["standard output"] = s.said(), s.out.String()
	for _, args := range [][]string{{"check", "--config", w.config}} {
		cmd := exec.Command(binary, args...)
		out, err := cmd.CombinedOutput()
		if said[strings.Join(args, " ")] = string(out); err != nil {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	said["dump"] = strings.Join(w.dump(), "\n")
	kept(t, filepath.Join(w.dir, "data"), said)
	for where, text := range said {
		for _, c := range secrets() {
			if i := strings.Index(text, strings.TrimPrefix(c.text, "Bearer ")); i >= 0 {
				t.Errorf("%s holds %s:\n%.400s", where, c.text, text[max(0, i-200):])
			}
		}
	}
	t.Logf("%d texts looked through", len(said))
}

// kept reads every file of a directory.
func kept(t *testing.T, dir string, said map[string]string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		var b bytes.Buffer
		_, err = io.Copy(&b, f)
		said[path] = b.String()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
