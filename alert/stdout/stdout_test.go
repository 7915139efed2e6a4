package stdout

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

// pipe is a writer with moods.
type pipe struct {
	mu    sync.Mutex
	b     bytes.Buffer
	mood  sinktest.Mood
	moved chan struct{}
}

func (p *pipe) set(m sinktest.Mood) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mood = m
	close(p.moved)
	p.moved = make(chan struct{})
}

func (p *pipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	for p.mood == sinktest.Silent {
		moved := p.moved
		p.mu.Unlock()
		<-moved
		p.mu.Lock()
	}
	defer p.mu.Unlock()
	if p.mood == sinktest.Busy {
		return p.tear(b)
	}
	return p.b.Write(b)
}

func (p *pipe) tear(b []byte) (int, error) {
	k, _ := p.b.Write(b[:len(b)/2])
	return k, errors.New("no space left on device")
}

func (p *pipe) received(t *testing.T) []sinktest.Told {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []sinktest.Told
	for line := range strings.Lines(p.b.String()) {
		var n alert.Notification
		if json.Unmarshal([]byte(line), &n) != nil {
			continue // torn
		}
		out = append(out, sinktest.Told{Key: n.DedupKey, Alert: n.Alert.ID, State: string(n.Alert.State), Text: line})
	}
	return out
}

func newPipe() *pipe { return &pipe{mood: sinktest.Well, moved: make(chan struct{})} }

func TestContract(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Place {
		p := newPipe()
		return sinktest.Place{
			Sink: New("stdout", p), Set: p.set, Received: func() []sinktest.Told { return p.received(t) },
			Moods: []sinktest.Mood{sinktest.Busy, sinktest.Silent},
		}
	})
}

func TestALineIsOneLine(t *testing.T) {
	var b bytes.Buffer
	s := New("stdout", &b)
	n := sinktest.Notice("a1", 1, kizashi.Firing)
	n.Summary = "two\nlines, <b> & 日本語"
	if err := s.Send(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if strings.Count(b.String(), "\n") != 1 || !strings.Contains(b.String(), `two\nlines, <b> & 日本語`) {
		t.Errorf("wrote %q", b.String())
	}
}

func TestAfterATornLineANewOneBegins(t *testing.T) {
	p := newPipe()
	s := New("stdout", p)
	p.set(sinktest.Busy)
	if err := s.Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing)); err == nil {
		t.Fatal("a full disk was no error")
	}
	p.set(sinktest.Well)
	if err := s.Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing)); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(p.b.String(), "\n"), "\n")
	if len(lines) != 2 || json.Valid([]byte(lines[0])) || !json.Valid([]byte(lines[1])) {
		t.Errorf("wrote %q", lines)
	}
}

// A terminal shows each canary, and does what none of them wants.
func TestCanaries(t *testing.T) {
	p := newPipe()
	sinktest.RunCanaries(t, func(t *testing.T) sinktest.Place {
		return sinktest.Place{Sink: New("stdout", p), Set: p.set, Received: func() []sinktest.Told { return p.received(t) }}
	}, func(t *testing.T, told sinktest.Told) {
		if strings.Count(told.Text, "\n") != 1 {
			t.Errorf("not one line: %q", told.Text)
		}
	})
}

func TestGoldens(t *testing.T) {
	for _, e := range sinktest.Examples() {
		var b bytes.Buffer
		if err := New("stdout", &b).Send(t.Context(), e.Notice); err != nil {
			t.Fatal(err)
		}
		sinktest.Golden(t, e.Name, b.Bytes())
	}
}
