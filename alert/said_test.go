package alert

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSaidWithoutAMessage(t *testing.T) {
	n := Notification{Title: "CPU\nis high", Summary: "97.5 %\r\nlimit\x1b[31m 81.5 %", Justification: "sha256:feed", DedupKey: "a1-1"}
	got := n.Said().Text("https://kizashi.example/alerts/a1")
	want := "CPU is high\n\n97.5 %\nlimit[31m 81.5 %\n\nhttps://kizashi.example/alerts/a1\na1-1 · sha256:feed\n"
	if got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}

func TestSaidInParts(t *testing.T) {
	n := Notification{Title: "unused", Summary: "unused", DedupKey: "a1-1", Justification: "sha256:feed", Message: Message{
		Title: "3 of 8 hosts", Lead: "CPU is high.", Facts: []Fact{{"limit", "81.5 %"}}, Lines: []string{"i-1", "i-2"}, More: "and 1 other",
		Next: []string{"restart it"}, Foot: "a1-1",
		Actions: []Action{{Name: "ack", Label: "I am on it", URL: "javascript:alert(1)", Command: "kizashi ack a1"}, {Label: "watch", URL: "https://k.example/w", Command: "kizashi watch a1"}, {Label: "none"}},
	}}
	want := "3 of 8 hosts\n\nCPU is high.\n\nlimit: 81.5 %\n\n- i-1\n- i-2\nand 1 other\n\n→ restart it\n\nI am on it: kizashi ack a1\nwatch: https://k.example/w\n\na1-1 · sha256:feed\n"
	if got := n.Said().Text("ftp://no"); got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}

func TestSaidIsBounded(t *testing.T) {
	long := strings.Repeat("長", 10_000)
	m := Message{Title: long, Lead: long, More: long, Foot: long}
	for range 1000 {
		m.Facts, m.Lines, m.Next = append(m.Facts, Fact{long, long}), append(m.Lines, long), append(m.Next, long)
		m.Actions = append(m.Actions, Action{Label: long, Command: long, URL: "https://h/" + long})
	}
	got := Notification{Message: m}.Said()
	if n := utf8.RuneCountInString(got.Title); n != 300 || !strings.HasSuffix(got.Title, "長…") {
		t.Errorf("a title of %d runes", n)
	}
	if text := got.Text(""); len(text) > 2<<20 || !utf8.ValidString(text) || len(got.Lines) != 101 || len(got.Actions) != 10 {
		t.Errorf("%d bytes, %d lines, %d actions", len(text), len(got.Lines), len(got.Actions))
	}
}

func TestWebLink(t *testing.T) {
	for in, want := range map[string]string{
		"https://k.example/a?x=1&y=2#z":       "https://k.example/a?x=1&y=2#z",
		"http://[::1]:8080/a":                 "http://[::1]:8080/a",
		"https://k.example/<b>|\"x\"":         "https://k.example/%3Cb%3E%7C%22x%22",
		"https://k.example/?q=<!channel>|'x'": "https://k.example/?q=%3C!channel%3E%7C%27x%27",
		"https://k.example/アラート":              "https://k.example/%E3%82%A2%E3%83%A9%E3%83%BC%E3%83%88",
		"javascript:alert(1)":                 "", "data:text/html,x": "", "//h/x": "", "not a link": "", "https://user:pass@h/": "", "https://h/\n": "",
	} {
		if got := WebLink(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestJSONIsQuietOnATerminal(t *testing.T) {
	in := map[string]string{"a": "\x1b[31m \u009b31m \u202egnp.exe \x7f <b>&日本語\n\u2028 \xff"}
	got, err := JSON(in)
	if err != nil || strings.ContainsFunc(string(got), acts) || !strings.Contains(string(got), `\u009b31m \u202egnp.exe \u007f <b>&日本語\n`) {
		t.Errorf("%q, %v", got, err)
	}
	var back map[string]string
	if err := json.Unmarshal(got, &back); err != nil || back["a"] != strings.ToValidUTF8(in["a"], "\uFFFD") {
		t.Errorf("it reads back as %q, %v", back, err)
	}
	if _, err := JSON(func() {}); err == nil {
		t.Error("a function became JSON")
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		s    string
		n    int
		want string
	}{{"あいう", 3, "あいう"}, {"あいうえ", 3, "あい…"}, {"abc", 3, "abc"}, {"abc", 1, "…"}, {"", 0, ""}} {
		if got := Cut(c.s, c.n); got != c.want {
			t.Errorf("%q to %d: %q", c.s, c.n, got)
		}
	}
}
