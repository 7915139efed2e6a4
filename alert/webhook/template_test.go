package webhook

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

// chat is a template as a team would write one, for Mattermost.
const chat = `{
  "username": "kizashi",
  "icon_emoji": "{{if eq .State "resolved"}}:white_check_mark:{{else}}:rotating_light:{{end}}",
  "text": "**{{cut 120 .Title}}**\n{{calm .Message.Lead}}{{range .Message.Lines}}\n- {{calm .}}{{end}}{{with .Link}}\n{{.}}{{end}}",
  "props": {"severity": "{{.Severity}}", "fields": {{json .Fields}}}
}`

// Each body stands as a golden: our own, which receivers rely on, and a
// template's. Both are read back without a field that is not documented.
func TestGoldens(t *testing.T) {
	for _, e := range sinktest.Examples() {
		for name, template := range map[string]string{"": "", "chat.": chat} {
			s := newSink(t, Config{URL: "http://127.0.0.1/hook", Template: template})
			r, err := s.Preview(e.Notice)
			if err != nil {
				t.Fatal(err)
			}
			if template == "" {
				d := json.NewDecoder(bytes.NewReader(r.Body))
				d.DisallowUnknownFields()
				var b Body
				if err := d.Decode(&b); err != nil {
					t.Errorf("%s: %v", e.Name, err)
				}
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, r.Body, "", "  "); err != nil {
				t.Fatal(err)
			}
			var head bytes.Buffer
			if err := r.Header.Write(&head); err != nil {
				t.Fatal(err)
			}
			sinktest.Golden(t, name+e.Name, []byte(strings.ReplaceAll(head.String(), "\r", "")+"\n"+pretty.String()+"\n"))
		}
	}
}

// A template that fails on a notification: the plain body goes out, says so,
// and so does the sink.
func TestATemplateThatFails(t *testing.T) {
	for why, text := range map[string]string{
		"nil pointer":             `{"reason": "{{.Thread.Reason}}"}`,
		"index out of range":      `{"limit": "{{(index .Message.Facts 0).Text}}"}`,
		"it puts out no JSON":     `{"when": {{if .Thread}}1{{else}}it depends{{end}}}`,
		"more than 1024000 bytes": `{"x": "{{if not .Thread}}{{range .Alert.Labels}}{{printf "%2000000s" .Value}}{{end}}{{end}}"}`,
	} {
		srv := sinktest.NewServer(t, nil)
		var warned []error
		s, err := New(Config{URL: srv.URL, Template: text, TemplateName: "ops.tmpl", Private: loopback, Warn: func(err error) { warned = append(warned, err) }})
		if err != nil {
			t.Fatalf("%s: %v", why, err)
		}
		n := sinktest.Notice("a1", 1, kizashi.Firing) // without thread and message
		if err := s.Send(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		got := srv.Taken()[0]
		var b Body
		if err := json.Unmarshal(got.Body, &b); err != nil || b.Title != n.Title || !strings.Contains(b.TemplateError, why) || !strings.Contains(b.Text, n.Summary) {
			t.Errorf("%s: %v, %s", why, err, got.Body)
		}
		if got.Header.Get("Kizashi-Template") != "failed" || got.Header.Get("Content-Type") != "application/json" || len(warned) != 1 || !strings.Contains(warned[0].Error(), "a1") || !strings.Contains(warned[0].Error(), why) {
			t.Errorf("%s: header %v, warned of %v", why, got.Header, warned)
		}
	}
}

func TestEscaping(t *testing.T) {
	n := sinktest.Notice("a1", 1, kizashi.Firing)
	n.Title, n.Message.Lead = "a\"b&c=<d>\n\x1be", "@here <!channel> <#C1>"
	for _, c := range []struct{ kind, template, want string }{
		{"application/json", `{"t":"{{.Title}}"}`, `{"t":"a\"b&c=<d>\n\u001be"}`},
		{"application/vnd.x+json; charset=utf-8", `{"t":{{json .Title}},"u":{{.Title | json}},"n":{{len .Title}}}`, `{"t":"a\"b&c=<d>\n\u001be","u":"a\"b&c=<d>\n\u001be","n":12}`},
		{"application/json", `{"t":"{{$x := .Title}}{{with $x}}{{line .}}{{end}}"}`, `{"t":"a\"b&c=<d> e"}`},
		{"application/json", `{"t":"{{template "x" .}}"}{{define "x"}}{{.Title}}{{end}}`, `{"t":"a\"b&c=<d>\n\u001be"}`},
		{"application/json", `{"t":"{{printf "%s" .Title}}{{if false}}{{else}}{{cut 3 .Title}}{{end}}"}`, `{"t":"a\"b&c=<d>\n\u001bea\"…"}`},
		{"application/json", `{"t":"{{calm .Message.Lead}}"}`, "{\"t\":\"@\u200bhere <\u200b!channel> <\u200b#C1>\"}"},
		{"application/x-www-form-urlencoded", `body={{.Title}}&self_unread=1`, `body=a%22b%26c%3D%3Cd%3E%0A%1Be&self_unread=1`},
		{"text/plain; charset=utf-8", `{{.Title}}`, "a\"b&c=<d>\ne"},
		{"text/html", `<p title="{{.Title}}">`, `<p title="a&#34;b&amp;c=&lt;d&gt;` + "\n" + `e">`},
	} {
		s := newSink(t, Config{URL: "http://127.0.0.1/", Template: c.template, Headers: map[string]string{"content-type": c.kind}})
		r, err := s.Preview(n)
		if err != nil || string(r.Body) != c.want || r.Header.Get("Content-Type") != c.kind {
			t.Errorf("%s, %s: %q, %v; want %q", c.kind, c.template, r.Body, err, c.want)
		}
	}
}

func TestABodyIsBounded(t *testing.T) {
	srv := sinktest.NewServer(t, nil)
	s := newSink(t, Config{URL: srv.URL})
	long := strings.Repeat("長\x00", 1<<18)
	for i, grow := range []func(*alert.Notification){
		func(n *alert.Notification) { n.Title, n.Summary = long, long },
		func(n *alert.Notification) { n.Fields["log"] = long },
		func(n *alert.Notification) { n.Message.Lines = strings.SplitAfter(long, "\x00")[:1<<17] },
		func(n *alert.Notification) {
			n.Alert.Labels = append(n.Alert.Labels, kizashi.Label{Name: "z", Value: long})
		},
		func(n *alert.Notification) { n.Alert.Group = long },
	} {
		n := sinktest.Notice("a1", 1, kizashi.Firing)
		grow(&n)
		if err := s.Send(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		var b Body
		body := srv.Taken()[i].Body
		if err := json.Unmarshal(body, &b); err != nil || len(body) > longestBody || !b.Truncated || b.Alert.ID != "a1" || b.DedupKey != "a1-1" || b.Text == "" {
			t.Errorf("%d: %d bytes, %v, %+.500v", i, len(body), err, b)
		}
	}
}

func TestPreviewShowsNoSecret(t *testing.T) {
	s := newSink(t, Config{URL: "http://127.0.0.1/", Secret: sinktest.Secrets.HMAC, Headers: map[string]string{"Authorization": sinktest.Secrets.Header}})
	r, err := s.Preview(sinktest.Notice("a1", 1, kizashi.Firing))
	if err != nil || r.Header.Get("Authorization") != "" || r.Header.Get("Webhook-Signature") != "" || r.Header.Get("Webhook-Id") != "a1-1" {
		t.Errorf("%v, %v", r.Header, err)
	}
}

func TestHeadersAreSent(t *testing.T) {
	srv := sinktest.NewServer(t, nil)
	s := newSink(t, Config{URL: srv.URL, Headers: map[string]string{"authorization": "Bearer x", "content-type": "text/plain"}, Template: "{{.Title}}"})
	if err := s.Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing)); err != nil {
		t.Fatal(err)
	}
	got := srv.Taken()[0]
	if got.Header.Get("Authorization") != "Bearer x" || got.Header.Get("Content-Type") != "text/plain" || string(got.Body) != "CPUUtilization of i-0abc is high" {
		t.Errorf("%v %s", got.Header, got.Body)
	}
}
