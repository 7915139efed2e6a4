package pattern

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// everything is all lines of the stories and headers, and some garbage.
func everything() (lines [][]byte) {
	for _, s := range stories {
		for _, l := range s.lines {
			lines = append(lines, []byte(l))
		}
	}
	for _, h := range headers {
		lines = append(lines, []byte(h.line))
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		lines = append(lines, bytes.Clone(garbage(r, nil)))
	}
	r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return lines
}

// A miner that is written and read at any line goes on as if nothing had
// happened, to the byte, through merges and evictions.
func TestRestartChangesNothing(t *testing.T) {
	cfg := Config{Patterns: 120, Aliases: 40}
	a, b := New(cfg), New(cfg)
	var x, y Match
	for i, l := range append(everything(), everything()...) {
		if i%23 == 22 {
			state, err := b.AppendBinary(nil)
			if err != nil {
				t.Fatal(err)
			}
			b = New(cfg)
			if err := b.Decode(state); err != nil {
				t.Fatalf("line %d: %v", i, err)
			}
			again, _ := b.AppendBinary(nil)
			if !bytes.Equal(state, again) {
				t.Fatalf("line %d: the state that was read is written as another", i)
			}
		}
		a.Add(l, kizashi.Time(i), &x)
		b.Add(l, kizashi.Time(i), &y)
		if x.ID != y.ID || x.Index != y.Index || x.New != y.New {
			t.Fatalf("line %d %q: %s %d %v, after a restart %s %d %v", i, l, x.ID, x.Index, x.New, y.ID, y.Index, y.New)
		}
		if i%50 == 0 {
			a.Events(nil)
			b.Events(nil)
		}
	}
	s1, _ := a.AppendBinary(nil)
	s2, _ := b.AppendBinary(nil)
	if !bytes.Equal(s1, s2) {
		t.Error("the states differ in the end")
	}
	if total(a) != a.Lines() {
		t.Errorf("%d lines of %d", total(a), a.Lines())
	}
}

func TestBadStateIsRefused(t *testing.T) {
	m, _ := mine(stories[0].lines...)
	good, _ := m.AppendBinary(nil)
	edit := func(i int, v byte) []byte {
		b := bytes.Clone(good)
		b[i] = v
		return b
	}
	for _, c := range []struct {
		says  string
		state []byte
		want  string
	}{
		{"nothing", nil, "does not begin as one"},
		{"another file", []byte("PK\x03\x04...."), "does not begin as one"},
		{"a later version", edit(4, 9), "version 9, want 1"},
		{"cut short", good[:len(good)-3], "ends early"},
		{"too long", append(bytes.Clone(good), 0), "behind its end"},
		{"another count", edit(5, good[5]+1), "lines of"},
	} {
		m := New(Config{})
		err := m.Decode(c.state)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.says, err, c.want)
		}
	}
}

// An id that merges took away leads to the pattern that has its lines.
func TestAliases(t *testing.T) {
	m := New(Config{})
	var match Match
	var ids []ID
	for _, w := range []string{"up", "down", "flapping", "lost", "idle"} {
		m.Add([]byte("link "+w+" after reset of port"), 0, &match)
		ids = append(ids, match.ID)
	}
	for _, id := range ids {
		if m.Resolve(id) != match.ID {
			t.Errorf("%s leads to %s, want %s", id, m.Resolve(id), match.ID)
		}
	}
	merged := 0
	for _, e := range m.Events(nil) {
		if e.Kind == Merged {
			merged++
		}
	}
	if merged != 3 && merged != 4 {
		t.Errorf("%d merges told", merged)
	}
	if id, err := ParseID(match.ID.String()); err != nil || id != match.ID {
		t.Errorf("%s is read as %s, %v", match.ID, id, err)
	}
	if _, err := ParseID("17"); err == nil {
		t.Error("17 is read as an id")
	}
}
