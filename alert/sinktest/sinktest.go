// Package sinktest is the contract test that every alert.Sink passes. It
// knows nothing of a sink's protocol: a test of the sink lends it a place to
// send to, whose answers it can choose.
package sinktest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// Mood is how the place behind a sink answers from now on.
type Mood string

const (
	Well     Mood = "well"      // takes what it is sent
	Busy     Mood = "busy"      // fails in a way that a retry may cure
	Refusing Mood = "refusing"  // fails in a way that no retry cures
	Silent   Mood = "silent"    // answers never, until the mood changes or the test ends
	Absent   Mood = "not there" // nobody is there
	Waiting  Mood = "waiting"   // asks to be left alone for Wait
	Lying    Mood = "lying"     // answers that all is well, and says in the same breath that it is not; a retry may cure it
)

// Wait is what a place in the mood Waiting asks for.
const Wait = 7 * time.Second

// Told is one thing that a place has taken.
type Told struct {
	Key   string // by which the place, or who reads it, knows the same again
	Alert string // the alert's id
	State string // firing or resolved
	Text  string // all that it was told, as it came, or decoded
	Raw   []byte // as it came, where Text is not
}

// Place is a sink with what is behind it.
type Place struct {
	Sink     alert.Sink
	Received func() []Told // what was taken, oldest first
	Set      func(Mood)
	Moods    []Mood // besides Well, those that this place can be in
}

// Run tests the contract. Each case has a place of its own from newPlace.
func Run(t *testing.T, newPlace func(t *testing.T) Place) {
	t.Helper()
	t.Run("takes and says so", func(t *testing.T) { takes(t, newPlace(t)) })
	t.Run("the same key twice is the same alert", func(t *testing.T) { same(t, newPlace(t)) })
	t.Run("takes any text", func(t *testing.T) { texts(t, newPlace(t)) })
	t.Run("ended context", func(t *testing.T) { ended(t, newPlace(t)) })
	moods := newPlace(t).Moods
	if len(moods) == 0 {
		t.Error("the place is always well: nothing shows that failures are seen")
	}
	for _, m := range moods {
		t.Run(string(m), func(t *testing.T) {
			p := newPlace(t)
			t.Cleanup(func() { p.Set(Well) })
			p.Set(m)
			if m == Silent {
				silent(t, p)
				return
			}
			fails(t, p, m)
		})
	}
}

// Notice is a notification as a lane makes it.
func Notice(id string, seq int, state kizashi.AlertState) alert.Notification {
	at := kizashi.Time(1762000000000)
	return alert.Notification{
		Alert: kizashi.Alert{
			ID: id, Series: 0x1234, Tenant: "acme", Group: "shop", Side: kizashi.Up, Class: "act", State: state, Seq: seq,
			Labels: kizashi.LabelsOf(map[string]string{"name": "CPUUtilization", "InstanceId": "i-0abc", "aws:autoscaling": "web", "部署": "運用"}),
			Opened: at, From: at, To: at.Add(5 * 60e9), Changed: at.Add(3 * 60e9), Justify: "sha256:feed",
			Opening: kizashi.Moment{At: at, Value: 97.5, Verdict: kizashi.Verdict{Expected: 40, Lower: kizashi.None(), Upper: 81.5}},
			Peak:    kizashi.Moment{At: at, Value: kizashi.None()},
		},
		Title: "CPUUtilization of i-0abc is high", Summary: "97.5 % at 21:26, the limit is 81.5 %.", Lang: "en",
		Justification: "sha256:feed", Link: "http://127.0.0.1:9/alerts/" + id,
		Fields: map[string]string{"runbook": "restart it"}, DedupKey: fmt.Sprintf("%s-%d", id, seq),
	}
}

func takes(t *testing.T, p Place) {
	if p.Sink.Name() == "" || p.Sink.Name() != p.Sink.Name() {
		t.Errorf("name %q: want one that stays", p.Sink.Name())
	}
	if got := p.Received(); len(got) != 0 {
		t.Fatalf("before the first send the place has %v", got)
	}
	for i, state := range []kizashi.AlertState{kizashi.Firing, kizashi.Resolved} {
		send(t, p, Notice("a1", i+1, state))
		got := p.Received()
		if len(got) != i+1 || got[i].Alert != "a1" || got[i].State != string(state) {
			t.Fatalf("Send has returned nil, the place has %v; want a1 %s as number %d", got, state, i+1)
		}
		if !strings.Contains(got[i].Text, "CPUUtilization of i-0abc is high") || !strings.Contains(got[i].Text, "sha256:feed") {
			t.Errorf("title or justification's hash are missing in %s", got[i].Text)
		}
	}
}

func same(t *testing.T, p Place) {
	for range 2 {
		send(t, p, Notice("a1", 1, kizashi.Firing))
	}
	send(t, p, Notice("a2", 1, kizashi.Firing))
	keys := map[string]string{}
	for _, r := range p.Received() {
		if id, ok := keys[r.Key]; ok && id != r.Alert {
			t.Errorf("alerts %s and %s have the same key %q", id, r.Alert, r.Key)
		}
		keys[r.Key] = r.Alert
	}
	if len(keys) != 2 {
		t.Errorf("one alert sent twice and one sent once have the keys %v; want two keys", keys)
	}
}

func texts(t *testing.T, p Place) {
	n := Notice("a1", 1, kizashi.Firing)
	n.Title, n.Lang = "CPU 使用率が高い 🔥", "ja"
	n.Summary = "97.5 % (上限 81.5 %)\n<b>\"&\\ \x00\x1b[31m\xff end"
	n.Fields["空"] = ""
	n.Alert.Labels = append(n.Alert.Labels, kizashi.Label{Name: "z", Value: "bad\xff"})
	n.Link = "not a link"
	send(t, p, n)
	got := p.Received()
	if len(got) != 1 || !utf8.ValidString(got[0].Text) || !strings.Contains(got[0].Text, "上限 81.5 %") {
		t.Errorf("the place has %v", got)
	}
	// A lane without prose sends this.
	send(t, p, alert.Notification{Alert: n.Alert, DedupKey: "a1-2"})
}

func ended(t *testing.T, p Place) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := p.Sink.Send(ctx, Notice("a1", 1, kizashi.Firing))
	if !errors.Is(err, context.Canceled) || isPermanent(err) {
		t.Errorf("Send with an ended context: %v; want one that wraps context.Canceled and can be retried", err)
	}
	if got := p.Received(); len(got) != 0 {
		t.Errorf("the place has %v", got)
	}
}

func silent(t *testing.T, p Place) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- p.Sink.Send(ctx, Notice("a1", 1, kizashi.Firing)) }()
	cancel()
	if err := <-done; err == nil || isPermanent(err) {
		t.Errorf("Send to a silent place, cut: %v; want an error that can be retried", err)
	}
	p.Set(Well)
	send(t, p, Notice("a2", 1, kizashi.Firing))
}

func fails(t *testing.T, p Place, m Mood) {
	err := p.Sink.Send(t.Context(), Notice("a1", 1, kizashi.Firing))
	switch {
	case err == nil:
		t.Fatal("Send returned nil")
	case isPermanent(err) != (m == Refusing):
		t.Errorf("Permanent is %t: %v", isPermanent(err), err)
	}
	var later alert.Later
	if errors.As(err, &later) != (m == Waiting) || later.After != 0 && later.After != Wait {
		t.Errorf("it asks to wait for %s: %v", later.After, err)
	}
	if got := p.Received(); len(got) != 0 {
		t.Errorf("Send failed, the place has %v", got)
	}
	p.Set(Well)
	send(t, p, Notice("a1", 1, kizashi.Firing))
	if got := p.Received(); len(got) != 1 {
		t.Errorf("well again, the place has %v", got)
	}
}

func send(t *testing.T, p Place, n alert.Notification) {
	t.Helper()
	if err := p.Sink.Send(t.Context(), n); err != nil {
		t.Fatalf("send %s: %v", n.DedupKey, err)
	}
}

func isPermanent(err error) bool {
	var p alert.Permanent
	return errors.As(err, &p)
}
