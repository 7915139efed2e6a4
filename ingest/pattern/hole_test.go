package pattern

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// few are lines of few words, with numbers among them, so that many skeletons
// are alike but for one word and what stands beside it.
func few(r *rand.Rand) string {
	words := []string{"alpha", "beta", "gamma", "delta", "eps", "user", "for", "from", "id", "failed", "ok", "took", "FULL", "EMPTY", "en0", "en1", "status=503", "state=up", "(a)", "GET"}
	k := r.IntN(6)
	var b strings.Builder
	fmt.Fprintf(&b, "INFO base%c line", 'a'+k)
	for range k {
		if r.IntN(3) == 0 {
			fmt.Fprint(&b, " ", r.IntN(6))
			continue
		}
		b.WriteByte(' ')
		b.WriteString(words[(k*7+r.IntN(1+r.IntN(len(words))))%len(words)])
	}
	return b.String()
}

// What a miner keeps apart, one that is read from its state keeps apart too, and
// what it merges later the other merges with the same line.
func TestRestartMergesNothing(t *testing.T) {
	for seed, c := range []Config{{}, {}, {}, {Patterns: 60}, {Patterns: 60}, {Patterns: 200}} {
		r := rand.New(rand.NewPCG(uint64(seed), 9))
		a, b := New(c), New(c)
		var x, y Match
		for i := range 2500 {
			if i%10 == 9 {
				state, err := b.AppendBinary(nil)
				if err != nil {
					t.Fatal(err)
				}
				b = New(c)
				if err := b.Decode(state); err != nil {
					t.Fatalf("seed %d, line %d: %v", seed, i, err)
				}
				if a, b := a.Health().Patterns, b.Health().Patterns; a != b {
					t.Fatalf("seed %d, line %d: %d patterns, after a restart %d", seed, i, a, b)
				}
			}
			l := []byte(few(r))
			a.Add(l, kizashi.Time(i), &x)
			b.Add(l, kizashi.Time(i), &y)
			if x.ID != y.ID || x.Index != y.Index || x.New != y.New {
				t.Fatalf("seed %d, line %d %q: %s %d %v, after a restart %s %d %v", seed, i, l, x.ID, x.Index, x.New, y.ID, y.Index, y.New)
			}
			if i%50 == 0 {
				a.Events(nil)
				b.Events(nil)
			}
		}
		s1, _ := a.AppendBinary(nil)
		s2, _ := b.AppendBinary(nil)
		if !bytes.Equal(s1, s2) {
			t.Errorf("seed %d: the states differ in the end", seed)
		}
	}
}

// Two skeletons that have the same word in a hole are both of its pattern, once it
// is one.
func TestSameWordInAHoleIsAMemberToo(t *testing.T) {
	m, ids := New(Config{}), map[ID]bool{}
	var x Match
	for _, l := range []string{"line failed 1", "line 1 failed", "line began 1", "line rested 1", "line closed 1", "line opened 1", "line stopped 1", "line waited 1"} {
		m.Add([]byte(l), 0, &x)
		ids[x.ID] = true
	}
	for id := range ids {
		if m.Resolve(id) != x.ID {
			t.Errorf("%s leads to %s, want %s, among %q", id, m.Resolve(id), x.ID, templates(m))
		}
	}
}

// To read a template merges nothing, not even where the sample falls into the slots
// of two patterns, which a line would make one.
func TestTemplateLearnsNothing(t *testing.T) {
	m, _ := mine()
	var x Match
	for _, w := range []string{"began", "rested", "closed", "opened", "stopped", "waited", "turned"} {
		m.Add([]byte("engine "+w+" while waiting"), 0, &x)
		m.Add([]byte("engine ready while "+w), 0, &x)
	}
	if n := m.Health().Patterns; n != 2 {
		t.Fatalf("%d patterns, want 2: %q", n, templates(m))
	}
	line := []byte("engine ready while waiting")
	m.Events(nil)
	other := int32(3) - x.Index
	m.pats[other].sample, m.pats[x.Index].sample = line, line
	before, _ := m.AppendBinary(nil)
	if got := m.Template(other); got != "engine <*> while waiting" {
		t.Errorf("template %q", got)
	}
	if got := m.Template(x.Index); got != "engine ready while <*>" {
		t.Errorf("template %q", got)
	}
	if after, _ := m.AppendBinary(nil); !bytes.Equal(before, after) {
		t.Errorf("the state changed: %v", m.Events(nil))
	}
	if m.Add(line, 0, &x); m.Health().Patterns != 1 {
		t.Errorf("the line itself left %d patterns", m.Health().Patterns)
	}
}
