package slack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	api "github.com/slack-go/slack"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

const token = "xoxb-12345-abcdefgh"

// slackServer answers as Slack does: names messages, and knows which threads
// there are.
type slackServer struct {
	*sinktest.Server
	answer func(p post) string // instead; "" = as ever
	hook   bool
	n      int
}

func newServer(t *testing.T, hook bool) *slackServer {
	s := &slackServer{hook: hook}
	s.Server = sinktest.NewServer(t, func(w http.ResponseWriter, r sinktest.Request) {
		p := strict(t, r.Body)
		if s.answer != nil {
			if a := s.answer(p); a != "" {
				fmt.Fprint(w, a)
				return
			}
		}
		if s.hook {
			fmt.Fprint(w, "ok")
			return
		}
		s.n++
		fmt.Fprintf(w, `{"ok":true,"channel":"C0123456789","ts":"1700000000.%06d","message":{"text":"x"}}`, s.n)
	})
	s.Lie = `{"ok":false,"error":"channel_not_found"}`
	return s
}

func (s *slackServer) sink(t *testing.T, c Config) alert.Sink {
	t.Helper()
	c.Private = loopback
	if s.hook {
		c.URL = s.URL + "/services/T000/B000/abcdefghijklmnop"
	} else {
		c.API = s.URL + "/api"
		if c.Token == "" {
			c.Token = token
		}
		if c.Channel == "" {
			c.Channel = "#alerts"
		}
	}
	k, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (s *slackServer) received(t *testing.T) []sinktest.Told {
	var out []sinktest.Told
	for _, r := range s.Taken() {
		p := strict(t, r.Body)
		told := sinktest.Told{State: string(kizashi.Firing), Text: string(r.Body)}
		if strings.HasPrefix(p.Text, "✅") {
			told.State = string(kizashi.Resolved)
		}
		foot := p.Blocks[len(p.Blocks)-1].(*api.ContextBlock).ContextElements.Elements
		ids := strings.Fields(foot[len(foot)-1].(*api.TextBlockObject).Text)
		told.Key = ids[0]
		if told.Alert, _, _ = strings.Cut(ids[0], "-"); !s.hook {
			if told.Alert != p.Metadata.EventPayload["alert"] || ids[0] != p.Metadata.EventPayload["dedup_key"] {
				t.Errorf("the foot has %v, the metadata %v", ids, p.Metadata)
			}
		}
		out = append(out, told)
	}
	return out
}

// strict reads a message by slack-go's types and refuses what they do not
// know.
func strict(t *testing.T, body []byte) post {
	t.Helper()
	var p struct {
		post
		Blocks []json.RawMessage `json:"blocks"`
	}
	read := func(data []byte, into any) {
		t.Helper()
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if err := d.Decode(into); err != nil {
			t.Errorf("%v in %s", err, data)
		}
	}
	read(body, &p)
	for _, raw := range p.Blocks {
		var kind struct {
			Type api.MessageBlockType `json:"type"`
		}
		if err := json.Unmarshal(raw, &kind); err != nil {
			t.Fatal(err)
		}
		switch kind.Type {
		case api.MBTHeader:
			b := &api.HeaderBlock{}
			read(raw, b)
			p.post.Blocks = append(p.post.Blocks, b)
		case api.MBTSection:
			b := &api.SectionBlock{}
			read(raw, b)
			p.post.Blocks = append(p.post.Blocks, b)
		case api.MBTContext:
			var b struct {
				Type     api.MessageBlockType   `json:"type"`
				Elements []*api.TextBlockObject `json:"elements"`
			}
			read(raw, &b)
			var elements []api.MixedElement
			for _, e := range b.Elements {
				elements = append(elements, e)
			}
			p.post.Blocks = append(p.post.Blocks, api.NewContextBlock("", elements...))
		default:
			t.Errorf("a block of type %q", kind.Type)
		}
	}
	checkLimits(t, p.post)
	return p.post
}

// texts are all that a message shows.
func texts(p post) []*api.TextBlockObject {
	var out []*api.TextBlockObject
	for _, b := range p.Blocks {
		switch b := b.(type) {
		case *api.HeaderBlock:
			out = append(out, b.Text)
		case *api.SectionBlock:
			if b.Text != nil {
				out = append(out, b.Text)
			}
			out = append(out, b.Fields...)
		case *api.ContextBlock:
			for _, e := range b.ContextElements.Elements {
				out = append(out, e.(*api.TextBlockObject))
			}
		}
	}
	return out
}

// checkLimits holds a message against Slack's limits, as its reference has
// them.
func checkLimits(t *testing.T, p post) {
	t.Helper()
	if len(p.Blocks) == 0 || len(p.Blocks) > 50 || units(p.Text) > 4000 || p.Text == "" {
		t.Errorf("%d blocks, a text of %d", len(p.Blocks), units(p.Text))
	}
	for _, b := range p.Blocks {
		switch b := b.(type) {
		case *api.HeaderBlock:
			if b.Text.Type != api.PlainTextType || units(b.Text.Text) > 150 {
				t.Errorf("a header of %s, %d characters", b.Text.Type, units(b.Text.Text))
			}
		case *api.SectionBlock:
			if (b.Text == nil) == (len(b.Fields) == 0) || len(b.Fields) > 10 || b.Text != nil && units(b.Text.Text) > 3000 {
				t.Errorf("a section with %d fields and the text %+v", len(b.Fields), b.Text)
			}
			for _, f := range b.Fields {
				if units(f.Text) > 2000 {
					t.Errorf("a field of %d characters", units(f.Text))
				}
			}
		case *api.ContextBlock:
			if n := len(b.ContextElements.Elements); n == 0 || n > 10 {
				t.Errorf("a context of %d elements", n)
			}
		}
	}
	for _, x := range texts(p) {
		if err := x.Validate(); err != nil {
			t.Errorf("%q: %v", x.Text, err)
		}
	}
}

func place(t *testing.T, hook bool) sinktest.Place {
	s := newServer(t, hook)
	return sinktest.Place{
		Sink: s.sink(t, Config{}), Set: s.Set, Received: func() []sinktest.Told { return s.received(t) },
		Moods: []sinktest.Mood{sinktest.Busy, sinktest.Refusing, sinktest.Silent, sinktest.Absent, sinktest.Waiting, sinktest.Lying},
	}
}

func TestContract(t *testing.T) {
	for name, hook := range map[string]bool{"bot": false, "webhook": true} {
		t.Run(name, func(t *testing.T) {
			sinktest.Run(t, func(t *testing.T) sinktest.Place { return place(t, hook) })
		})
	}
}

var ours = regexp.MustCompile(`<https://kizashi\.example/[^|<>]*\|[^<>]*>`)

// Nothing that a stranger wrote stands where Slack would parse it, and between
// < and > stand our own links alone.
func TestCanaries(t *testing.T) {
	for _, hook := range []bool{false, true} {
		sinktest.RunCanaries(t, func(t *testing.T) sinktest.Place { return placeOfCanaries(t, hook) }, func(t *testing.T, told sinktest.Told) {
			calm(t, []byte(told.Text))
		})
	}
}

// calm checks that a post mentions nobody, links nowhere but to us, and unfolds
// nothing.
func calm(t *testing.T, body []byte) {
	t.Helper()
	p := strict(t, body)
	if strings.ContainsAny(p.Text, "<>") || p.Parse != "none" || p.Mrkdwn || p.Links || p.Media {
		t.Errorf("text %q, parse %q, mrkdwn %t, unfurl %t %t", p.Text, p.Parse, p.Mrkdwn, p.Links, p.Media)
	}
	for _, x := range texts(p) {
		switch x.Type {
		case api.PlainTextType:
			if x.Emoji == nil || *x.Emoji {
				t.Errorf("names of emoji act in %q", x.Text)
			}
		case api.MarkdownType:
			if rest := ours.ReplaceAllString(x.Text, ""); !x.Verbatim || strings.ContainsAny(rest, "<>") {
				t.Errorf("verbatim %t: %q", x.Verbatim, x.Text)
			}
		}
	}
}

// placeOfCanaries cannot know ids: the foot holds a canary.
func placeOfCanaries(t *testing.T, hook bool) sinktest.Place {
	s := newServer(t, hook)
	return sinktest.Place{Sink: s.sink(t, Config{}), Set: s.Set, Received: func() []sinktest.Told {
		var out []sinktest.Told
		for _, r := range s.Taken() {
			out = append(out, sinktest.Told{Text: string(r.Body)})
		}
		return out
	}}
}

func TestSecrets(t *testing.T) {
	x := sinktest.Secrets
	moods := []sinktest.Mood{sinktest.Busy, sinktest.Refusing, sinktest.Absent, sinktest.Waiting, sinktest.Lying}
	sinktest.RunSecrets(t, func(t *testing.T) sinktest.Place {
		s := newServer(t, false)
		s.Lie = `{"ok":false,"error":"invalid_auth ` + x.SlackToken + `"}`
		return sinktest.Place{Sink: s.sink(t, Config{Token: x.SlackToken}), Set: s.Set, Moods: moods}
	}, x.SlackToken)
	sinktest.RunSecrets(t, func(t *testing.T) sinktest.Place {
		s := newServer(t, true)
		s.Lie = "no_service " + x.SlackURL
		k, err := New(Config{URL: s.URL + x.SlackURL, Private: loopback})
		if err != nil {
			t.Fatal(err)
		}
		return sinktest.Place{Sink: k, Set: s.Set, Moods: moods}
	}, append(strings.Split(x.SlackURL, "/")[2:], x.SlackURL)...)
}

// A thread of ours is one of Slack's, over restarts too: what the bot returns
// is all that it needs.
func TestThreads(t *testing.T) {
	s := newServer(t, false)
	kept := ""
	for i, e := range sinktest.Examples()[:3] {
		bot := s.sink(t, Config{}).(alert.Keeper) // after a restart
		next, err := bot.SendKept(t.Context(), e.Notice, kept)
		if err != nil || i > 0 && next != kept {
			t.Fatalf("%s: kept %q, then %q, %v", e.Name, kept, next, err)
		}
		kept = next
	}
	type seen struct {
		thread    string
		broadcast bool
	}
	var got []seen
	for _, r := range s.Taken() {
		p := strict(t, r.Body)
		got = append(got, seen{p.Thread, p.Broadcast})
		if r.Header.Get("Authorization") != "Bearer "+token || p.Channel != "#alerts" || r.Path != "/api/chat.postMessage" {
			t.Errorf("%s to %q with %v", r.Path, p.Channel, r.Header)
		}
	}
	// The first begins the thread; that a host was added is said there alone,
	// the end in the channel too.
	if want := fmt.Sprint([]seen{{}, {"1700000000.000001", false}, {"1700000000.000001", true}}); fmt.Sprint(got) != want {
		t.Errorf("threads %v, want %v", got, want)
	}
	// Somebody deleted the message, or the receiver has another channel now:
	// a new thread begins.
	s.answer = func(p post) string {
		if p.Thread != "" {
			return `{"ok":false,"error":"message_not_found"}`
		}
		return ""
	}
	more := sinktest.Examples()[1].Notice
	again, err := s.sink(t, Config{}).(alert.Keeper).SendKept(t.Context(), more, kept)
	if err != nil || again == kept || !strings.Contains(again, "1700000000.000004") {
		t.Errorf("after the message was deleted: %q, %v", again, err)
	}
	s.answer = nil
	for _, k := range []string{"nonsense", `{"channel":"#other","ts":"1"}`} {
		if _, err := s.sink(t, Config{}).(alert.Keeper).SendKept(t.Context(), more, k); err != nil {
			t.Fatal(err)
		}
		taken := s.Taken()
		if p := strict(t, taken[len(taken)-1].Body); p.Thread != "" || p.Broadcast {
			t.Errorf("kept %q: it answers in %q", k, p.Thread)
		}
	}
	// A failure loses nothing of what was kept.
	s.Set(sinktest.Busy)
	if next, err := s.sink(t, Config{}).(alert.Keeper).SendKept(t.Context(), more, kept); err == nil || next != kept {
		t.Errorf("a failure: %q, %v", next, err)
	}
}

func TestWhatSlackAnswers(t *testing.T) {
	for answer, want := range map[string]string{
		`{"ok":true,"ts":"1.2"}`: "taken", `{"ok":true}`: "again", `ok`: "again", ``: "again", `[]`: "again",
		`{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":["[ERROR] must be less than 3001 characters"]}}`: "permanent",
		`{"ok":false,"error":"msg_too_long"}`: "permanent", `{"ok":false,"error":"channel_not_found"}`: "again", `{"ok":false,"error":"invalid_auth"}`: "again",
		`{"ok":false,"error":"not_in_channel"}`: "again", `{"ok":false,"error":"ratelimited"}`: "later", `{"ok":false,"error":"new_in_2027"}`: "again", `{"ok":false}`: "again",
	} {
		s := newServer(t, false)
		s.answer = func(post) string { return answer + " " }
		err := s.sink(t, Config{}).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing))
		got := "again"
		switch {
		case err == nil:
			got = "taken"
		case errors.As(err, &alert.Permanent{}):
			got = "permanent"
		case errors.As(err, &alert.Later{}):
			got = "later"
		}
		if got != want || err != nil && !strings.HasPrefix(err.Error(), "slack #alerts: answered ") {
			t.Errorf("%s: %s, want %s: %v", answer, got, want, err)
		}
		if strings.Contains(answer, "3001") && !strings.Contains(err.Error(), "3001") {
			t.Errorf("the reason is not said: %v", err)
		}
	}
}

func TestLimits(t *testing.T) {
	for name, s := range map[string]string{"ascii": "x", "ja": "長", "emoji": "🔥", "escapes": "&<>", "words": "ab "} {
		long := strings.Repeat(s, 4000)
		n := sinktest.Notice("a1", 1, kizashi.Firing)
		n.Title, n.Summary = long, long
		m := alert.Message{Title: long, Lead: long, More: long, Foot: long}
		for range 200 {
			m.Facts, m.Lines, m.Next = append(m.Facts, alert.Fact{Name: long, Text: long}), append(m.Lines, long), append(m.Next, long)
			m.Actions = append(m.Actions, alert.Action{Label: long, URL: "https://kizashi.example/" + strings.Repeat("x", 2000), Command: long}, alert.Action{Label: long, Command: long})
		}
		n.Link = "https://kizashi.example/" + strings.Repeat("x", 2900)
		for _, n.Message = range []alert.Message{{}, m} {
			body, err := alert.JSON(compose(n))
			if err != nil {
				t.Fatal(err)
			}
			p := strict(t, body) // checks the limits
			for _, x := range append(texts(p), plain(p.Text, 4000)) {
				if strings.ContainsRune(x.Text, '\uFFFD') {
					t.Errorf("%s: cut inside a character: %.40q", name, x.Text)
				}
				if i := strings.LastIndexByte(x.Text, '&'); x.Type == api.MarkdownType && i >= 0 && !regexp.MustCompile(`^&(amp|lt|gt);`).MatchString(x.Text[i:]) {
					t.Errorf("%s: cut inside an escape: %q", name, x.Text[i:])
				}
			}
			if len(body) > 200_000 {
				t.Errorf("%s: %d bytes", name, len(body))
			}
		}
	}
	// Nothing to say is said too.
	strict(t, must(alert.JSON(compose(alert.Notification{}))))
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestGoldens(t *testing.T) {
	for _, e := range sinktest.Examples() {
		s := newServer(t, false)
		if err := s.sink(t, Config{}).Send(t.Context(), e.Notice); err != nil {
			t.Fatal(err)
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, s.Taken()[0].Body, "", "  "); err != nil {
			t.Fatal(err)
		}
		sinktest.Golden(t, e.Name, append(pretty.Bytes(), '\n'))
	}
}

func TestConfig(t *testing.T) {
	for want, c := range map[string]Config{
		"slack: want a webhook's url, or a bot's token and a channel": {},
		"slack: channel is missing":                                   {Token: token},
		"slack #a: want a webhook's url, or a bot's":                  {Channel: "#a"},
		"slack #a: it has a webhook's url, and a token or a channel":  {URL: "https://hooks.slack.com/services/canary", Channel: "#a"},
		"slack #a: token holds what no token holds":                   {Token: "xoxb-canary\n", Channel: "#a"},
		"slack #a: token is an app's; want a bot's":                   {Token: "xapp-canary", Channel: "#a"},
		"slack: url: want it to begin with http":                      {URL: "hooks.slack.com/services/canary"},
	} {
		if _, err := New(c); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v, want %q", err, want)
		}
	}
	k, err := New(Config{Token: token, Channel: "C0123456789"})
	if err != nil || k.Name() != "slack C0123456789" {
		t.Errorf("%v, %v", k, err)
	}
	if b := k.(*Bot); b.client.Host() != "slack.com" {
		t.Errorf("it posts to %s", b.client.Host())
	}
}
