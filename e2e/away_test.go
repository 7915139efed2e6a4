package e2e

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// TestAway stops the service, lets hours or days pass with two incidents in
// them, and starts it again: the gap is fetched and judged, what ended
// meanwhile is in the store and in one note, what goes on is told by itself. A
// kill -9 in the middle changes nothing.
func TestAway(t *testing.T) {
	for _, c := range []struct {
		gone         time.Duration
		ended, fires int // incidents
		kill         bool
	}{
		{6 * time.Hour, 2, 0, false},
		{5*time.Hour + 20*time.Minute, 1, 1, true},
		{72 * time.Hour, 2, 0, true},
	} {
		t.Run(c.gone.String(), func(t *testing.T) {
			w := newWorldUntil(t, begin.Add(c.gone+3*time.Hour))
			plain, err := os.ReadFile(w.config)
			if err != nil {
				t.Fatal(err)
			}
			// What is told is counted: no alert by chance, nor one more for the incidents' being flat.
			w.write(w.config, string(plain)+"detect: {rules: [{false_alert_every: 3650d, off: [stuck]}]}\n")
			s := start(t, w.config, "KIZASHI_CLOCK="+w.clock)
			s.await("the history is judged", func() bool { return w.settled(s) })
			s.stop()
			heard := maps.Clone(w.receiver.states)
			w.set(begin.Add(c.gone))
			s = start(t, w.config, "KIZASHI_CLOCK="+w.clock)
			if c.kill {
				time.Sleep(50 * time.Millisecond) // somewhere on the way
				s.kill()
				<-s.done
				s = start(t, w.config, "KIZASHI_CLOCK="+w.clock)
			}
			s.await("it has caught up", func() bool { return w.settled(s) && note(s) != nil })
			n := note(s)
			ended, fires := stored(s)
			if head := n.Facts[0]; head.Count != ended || head.Of != fires || len(n.Facts) != 1+ended {
				t.Errorf("the note says %+v; stored are %d ended and %d that fire", n.Facts, ended, fires)
			}
			if ended != c.ended || fires != c.fires {
				t.Errorf("stored: %d ended and %d that fire, want %d and %d: %+v", ended, fires, c.ended, c.fires, n.Facts)
			}
			s.await("both sinks have heard of it", func() bool {
				w.receiver.mu.Lock()
				defer w.receiver.mu.Unlock()
				return w.receiver.notes["alertmanager absence "+n.ID] > 0 && w.receiver.notes["sns absence "+n.ID] > 0
			})
			w.wantHeard(t, heard, n.ID, c.fires)
			for range 8 {
				w.set(w.time().Add(step))
				s.await("the next step", func() bool { return w.settled(s) })
			}
			if n := note(s); n.State != kizashi.Resolved || n.Ended != kizashi.ClaimSaid {
				t.Errorf("after 80 minutes the note is %s %s", n.State, n.Ended)
			}
			s.stop()
		})
	}
}

// note is the service's word on its absence, if it has said it.
func note(s *service) *kizashi.Alert {
	for _, a := range s.alerts() {
		if slices.Contains(a.Models, string(kizashi.ClaimAway)) {
			return &a
		}
	}
	return nil
}

// stored counts the alerts since the story begins.
func stored(s *service) (ended, fires int) {
	for _, a := range s.alerts() {
		switch {
		case a.Group == "kizashi" || a.Opened.UTC().Before(begin):
		case a.State == kizashi.Resolved:
			ended++
		case a.State == kizashi.Firing:
			fires++
		}
	}
	return ended, fires
}

// wantHeard checks that both sinks heard of the note and of what fires still,
// and of nothing else.
func (w *world) wantHeard(t *testing.T, before map[string][]string, note string, fires int) {
	t.Helper()
	w.receiver.mu.Lock()
	defer w.receiver.mu.Unlock()
	news := 0
	for id, states := range w.receiver.states {
		if _, old := before[id]; old {
			continue
		}
		if news++; !slices.Equal(states, []string{"firing"}) {
			t.Errorf("Alertmanager heard of %s: %v", id, states)
		}
	}
	if news != fires || w.receiver.notes["alertmanager absence "+note] != 1 {
		t.Errorf("Alertmanager heard of %d things, want the note and %d alerts: %v, %v", news, fires, w.receiver.states, w.receiver.notes)
	}
	said := 0
	for key := range w.receiver.keys {
		id, _, _ := strings.Cut(key, "-")
		if _, old := before[id]; !old {
			said++
		}
	}
	if w.receiver.notes["sns absence "+note] == 0 || said != fires {
		t.Errorf("SNS heard of %d things, want the note and %d alerts: %v, %v", said, fires, w.receiver.keys, w.receiver.notes)
	}
}
