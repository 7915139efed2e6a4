package pattern

import (
	"fmt"
	"strings"
	"testing"
)

func find1(t *testing.T, m *Miner, template string) Pattern {
	t.Helper()
	for p := range m.Patterns() {
		if p.Template == template {
			return p
		}
	}
	t.Fatalf("no pattern %q among %q", template, templates(m))
	return Pattern{}
}

func TestPinnedOutlivesTheCaps(t *testing.T) {
	m := New(Config{Patterns: 20})
	var match Match
	m.Add([]byte("nightly report is written"), 0, &match)
	id := match.ID
	if err := m.Pin(id); err != nil {
		t.Fatal(err)
	}
	if err := m.Name(id, "nightly"); err != nil {
		t.Fatal(err)
	}
	for i := range 500 {
		m.Add([]byte(strings.Repeat(string(rune('a'+i%26)), 3+i/26)+" is new"), 0, &match)
	}
	m.Add([]byte("nightly report is written"), 0, &match)
	if match.ID != id || match.New {
		t.Errorf("the pinned pattern was evicted")
	}
	p, ok := m.Pattern(match.Index)
	if !ok || p.Name != "nightly" || !p.Pinned || p.Lines != 2 {
		t.Errorf("%+v", p)
	}
	if err := m.Unpin(id); err != nil {
		t.Error(err)
	}
	if err := m.Pin(ID(77)); err == nil || !strings.Contains(err.Error(), "000000000000004d") {
		t.Errorf("pinning what is not there: %v", err)
	}
}

func TestSeedIsThePatternOfItsLines(t *testing.T) {
	m := New(Config{})
	id, err := m.Seed("order <*> was paid by <*> in <*> ms")
	if err != nil {
		t.Fatal(err)
	}
	var match Match
	m.Add([]byte("order A-17 was paid by carol in 12 ms"), 0, &match)
	if match.ID != id || match.New {
		t.Errorf("line has %s, the seed is %s", match.ID, id)
	}
	if got := templates(m); !sameSet(got, []string{"1 order A-<*> was paid by <*> in <*> ms"}) {
		t.Errorf("%q", got)
	}
	for _, bad := range []string{"", "<*> <*>", strings.Repeat("x", MaxBytes+1)} {
		if _, err := m.Seed(bad); err == nil {
			t.Errorf("seed of %d bytes is taken", len(bad))
		}
	}
}

func TestMergeByHand(t *testing.T) {
	m, _ := mine("cache was flushed", "buffers were written out", "cache was flushed")
	a, b := find1(t, m, "cache was flushed"), find1(t, m, "buffers were written out")
	m.Events(nil)
	to, err := m.Merge(b.ID, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	var match Match
	for _, l := range []string{"cache was flushed", "buffers were written out"} {
		m.Add([]byte(l), 0, &match)
		if match.ID != to {
			t.Errorf("%q has %s, want %s", l, match.ID, to)
		}
	}
	if m.Resolve(a.ID) != to || m.Resolve(b.ID) != to {
		t.Error("an id does not lead to the pattern that both are now")
	}
	if p, _ := m.Pattern(match.Index); p.Lines != 5 {
		t.Errorf("%d lines, want 5", p.Lines)
	}
}

func TestSplitByHand(t *testing.T) {
	var lines []string
	for i := range 6 {
		lines = append(lines, fmt.Sprintf("request %d answered with status %d", 100+i, 200+i%2*303))
	}
	m, _ := mine(lines...)
	p := find1(t, m, "request <*> answered with status <*>")
	id, err := m.Split(p.ID, 1, "503")
	if err != nil {
		t.Fatal(err)
	}
	state, err := m.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	again := New(Config{})
	if err := again.Decode(state); err != nil {
		t.Fatal(err)
	}
	for _, m := range []*Miner{m, again} {
		var match Match
		m.Add([]byte("request 7 answered with status 503"), 0, &match)
		if match.ID != id {
			t.Errorf("503 has %s, want %s", match.ID, id)
		}
		m.Add([]byte("request 7 answered with status 200"), 0, &match)
		if match.ID != p.ID {
			t.Errorf("200 has %s, want %s", match.ID, p.ID)
		}
		if got := templates(m); !sameSet(got, []string{"7 request <*> answered with status <*>", "1 request <*> answered with status <*> [503]"}) {
			t.Errorf("%q", got)
		}
	}
	for _, bad := range []struct {
		id    ID
		slot  int32
		value string
	}{{7, 0, "x"}, {p.ID, 9, "x"}, {p.ID, 0, ""}, {id, 0, "x"}} {
		if _, err := m.Split(bad.id, bad.slot, bad.value); err == nil {
			t.Errorf("split %v is taken", bad)
		}
	}
}

// A split at the cap evicts others, not the pattern that it splits, be that the one
// that was seen longest ago.
func TestSplitAtTheCapSparesItsPattern(t *testing.T) {
	m := New(Config{Patterns: 4})
	var x Match
	for i := range 8 {
		m.Add([]byte(fmt.Sprintf("INFO moved part %d to shelf", i)), 0, &x)
	}
	of := x.ID
	for _, l := range []string{"a quick fox ran", "one lazy dog slept here", "nothing much else happened at all"} {
		for range 3 {
			m.Add([]byte(l), 0, &x)
		}
	}
	if n := m.Health().Patterns; n != 4 {
		t.Fatalf("%d patterns, want as many as there is room for: %q", n, templates(m))
	}
	id, err := m.Split(of, 0, "3")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		line string
		want ID
	}{{"INFO moved part 3 to shelf", id}, {"INFO moved part 4 to shelf", of}} {
		if m.Add([]byte(c.line), 0, &x); x.ID != c.want || x.New {
			t.Errorf("%q has %s (new %v), want %s", c.line, x.ID, x.New, c.want)
		}
	}
	if got, want := templates(m), []string{"9 INFO moved part <*> to shelf", "1 INFO moved part <*> to shelf [3]", "3 one lazy dog slept here", "3 nothing much else happened at all"}; !sameSet(got, want) {
		t.Errorf("%q, want %q", got, want)
	}

	// With all others pinned there is no room, and nothing is lost.
	for p := range m.Patterns() {
		if p.ID != of && p.ID != OtherID {
			if err := m.Pin(p.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := m.Split(of, 0, "5"); err == nil || !strings.Contains(err.Error(), "no room") {
		t.Errorf("split without room: %v", err)
	}
	if _, ok := m.Lookup(of); !ok {
		t.Error("the pattern went")
	}
}
