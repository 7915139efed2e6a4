package sns

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

func TestSubject(t *testing.T) {
	for _, c := range []struct{ title, want string }{
		{"CPU is high", "[FIRING] CPU is high"},
		{"", "[FIRING] acme CPUUtilization up a1"},
		{"CPU 使用率が高い", "[FIRING] acme CPUUtilization up a1"},
		{" CPU\nis\t\x00high\r\n", "[FIRING] CPU is high"},
		{"caf\u00e9", "[FIRING] acme CPUUtilization up a1"},
		{strings.Repeat("x", 200), "[FIRING] " + strings.Repeat("x", 90)},
		{strings.Repeat("x", 89) + " y", "[FIRING] " + strings.Repeat("x", 89)},
	} {
		n := sinktest.Notice("a1", 1, kizashi.Firing)
		n.Title = c.title
		if got := subject(n); got != c.want {
			t.Errorf("title %q: subject %q, want %q", c.title, got, c.want)
		}
	}
}

// TestSubjectRules checks SNS's own rules on what is hard to say.
func TestSubjectRules(t *testing.T) {
	n := sinktest.Notice("a1", 1, kizashi.Firing)
	for _, title := range []string{"", "\x00", "\u3000", strings.Repeat("あ", 300), strings.Repeat("a ", 300), "\xff\xfe"} {
		for _, a := range []kizashi.Alert{n.Alert, {}, {ID: "a1", Tenant: "東京", Labels: kizashi.LabelsOf(map[string]string{"name": strings.Repeat("あx", 90)})}} {
			got := subject(alert.Notification{Title: title, Alert: a})
			if len(got) == 0 || len(got) > 99 || got[0] <= ' ' || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("title %q, alert %v: subject %q", title, a.ID, got)
			}
		}
	}
}

func TestFitsInBytes(t *testing.T) {
	s := &Sink{topic: topic, body: formats[Plain]}
	for name, change := range map[string]func(n *alert.Notification){
		"summary":     func(n *alert.Notification) { n.Summary = strings.Repeat("あ", 100_000) },
		"odd offset":  func(n *alert.Notification) { n.Summary = "a" + strings.Repeat("🔥", 80_000) },
		"escapes":     func(n *alert.Notification) { n.Summary = strings.Repeat("\"\n\x01", 90_000) },
		"title":       func(n *alert.Notification) { n.Title = strings.Repeat("x", 300_000) },
		"field":       func(n *alert.Notification) { n.Fields["log"] = strings.Repeat("ログ", 100_000) },
		"all of them": func(n *alert.Notification) { n.Title, n.Fields["log"], n.Summary = blob('t'), blob('f'), blob('s') },
		"not UTF-8":   func(n *alert.Notification) { n.Summary = strings.Repeat("\xff", 200_000) },
	} {
		n := sinktest.Notice("a1", 1, kizashi.Firing)
		change(&n)
		before := len(n.Fields["log"])
		in, err := s.input(n)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		total := len(*in.Message) + size(in)
		m := read(t, *in.Message)
		if total > maxMessage || !m.Truncated || !utf8.ValidString(*in.Message) || len(n.Fields["log"]) != before {
			t.Errorf("%s: %d bytes in all, truncated %t, the caller's own changed: %t", name, total, m.Truncated, len(n.Fields["log"]) != before)
		}
		if name != "not UTF-8" && strings.ContainsRune(*in.Message, utf8.RuneError) {
			t.Errorf("%s: cut inside a rune", name)
		}
		if m.Alert.ID != "a1" || m.DedupKey != "a1-1" || m.Link == "" || m.Justification == "" {
			t.Errorf("%s: what is not text was cut: %+v", name, m)
		}
		if name == "summary" && total < maxMessage-10 {
			t.Errorf("%s: cut to %d bytes, more than needed", name, total)
		}
	}
}

func blob(c byte) string { return strings.Repeat(string(c), 200_000) }

func TestTheLastByteFits(t *testing.T) {
	n := sinktest.Notice("a1", 1, kizashi.Firing)
	s := &Sink{topic: topic, body: formats[Plain]}
	in, err := s.input(n)
	if err != nil {
		t.Fatal(err)
	}
	room := maxMessage - len(*in.Message) - size(in)
	for extra, cut := range map[int]bool{0: false, 1: true} {
		n.Summary = sinktest.Notice("a1", 1, kizashi.Firing).Summary + strings.Repeat("x", room+extra)
		in, err := s.input(n)
		if err != nil {
			t.Fatal(err)
		}
		if m := read(t, *in.Message); m.Truncated != cut {
			t.Errorf("%d bytes over the limit: truncated is %t", extra, m.Truncated)
		}
		if total := len(*in.Message) + size(in); total > maxMessage {
			t.Errorf("%d bytes in all", total)
		}
	}
}

// Labels are cut and members left out before a message is lost; an alert whose own
// name is too long for the place is refused.
func TestWhatIsNoTextIsLeftOut(t *testing.T) {
	c := newCloud(t)
	n := sinktest.Notice("a1", 1, kizashi.Firing)
	n.Alert.Labels = kizashi.LabelsOf(map[string]string{"huge": strings.Repeat("x", 300_000)})
	n.Thread = &alert.Thread{ID: "t1", State: kizashi.Firing, Reason: alert.ReasonMore, Key: n.Alert.Labels}
	for i := range 5000 {
		n.Thread.Members = append(n.Thread.Members, alert.Member{Alert: fmt.Sprintf("%016x", i)})
	}
	if err := c.sink(t, topic).Send(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	m := read(t, c.posts(t)[0].Get("Message"))
	if !m.Truncated || m.Title != n.Title || m.Thread.ID != "t1" || len(n.Alert.Labels.Get("huge")) != 300_000 || len(n.Thread.Members) != 5000 || len(n.Thread.Key) != 1 {
		t.Errorf("truncated %t, %q, thread %q; the caller's has %d members", m.Truncated, m.Title, m.Thread.ID, len(n.Thread.Members))
	}
	n.Alert.Labels, n.Thread.Key = nil, nil // the members alone are too many
	if err := c.sink(t, topic).Send(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if m := read(t, c.posts(t)[1].Get("Message")); len(m.Thread.Members) != 100 || m.Summary != n.Summary {
		t.Errorf("%d members, summary %q", len(m.Thread.Members), m.Summary)
	}
	n.Alert.ID, n.DedupKey = blob('x'), blob('y')
	var refused alert.Permanent
	if err := c.sink(t, topic).Send(t.Context(), n); !errors.As(err, &refused) || c.Asked() != 2 {
		t.Errorf("%d requests, %v", c.Asked(), err)
	}
}

// Whatever labels and steps hold, the forms that others parse stay whole and
// short enough.
func TestFormsFit(t *testing.T) {
	n := slow("en", kizashi.Firing)
	labels := map[string]string{"account": blob('&'), "region": blob('"'), "metric": blob('\\'), "namespace": blob('\x01'), "stat": blob('x')}
	for i := range 100 {
		labels[fmt.Sprintf("dim_%d%s", i, strings.Repeat("名", 3000))] = blob('"')
	}
	n.Alert.Labels, n.Alert.Tenant, n.Title, n.Rule.Statistic, n.Rule.Unit = kizashi.LabelsOf(labels), blob('<'), blob('&'), "", blob('u')
	n.Message = alert.Message{Title: blob('&'), Lead: blob('<')}
	for range 100 {
		n.Message.Next = append(n.Message.Next, blob('&'))
	}
	for _, f := range []Format{CloudWatch, Chat} {
		s := &Sink{topic: topic, body: formats[f]}
		in, err := s.input(n)
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		if total := len(*in.Message) + size(in); total > maxMessage || !json.Valid([]byte(*in.Message)) {
			t.Errorf("%s: %d bytes in all", f, total)
		}
	}
}

// What a topic's policies filter on, and the order of a FIFO topic, are the
// thread's, whichever of its alerts leads.
func TestAThread(t *testing.T) {
	c := newCloud(t)
	s := c.sink(t, topic+".fifo")
	for i, leads := range []string{"a1", "a2"} {
		n := sinktest.Notice(leads, 1, kizashi.Firing)
		n.Thread, n.Severity = &alert.Thread{ID: "t1", State: kizashi.Firing, Seq: i + 1}, alert.Critical
		if err := s.Send(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range c.posts(t) {
		attrs := fmt.Sprint(p)
		if p.Get("MessageGroupId") != "t1" || !strings.Contains(attrs, "critical") {
			t.Errorf("published %v", attrs)
		}
	}
}
