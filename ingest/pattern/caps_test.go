package pattern

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
)

// ledger follows a miner's events as a caller does that keeps a count for
// each index.
type ledger struct {
	count []uint64
	ids   map[ID]int32
	buf   []Event
	wrong []Event // that name what is not there
}

func (l *ledger) add(m *Miner, match *Match) {
	l.follow(m)
	l.grow(match.Index)
	l.count[match.Index]++
}

func (l *ledger) grow(i int32) {
	for int(i) >= len(l.count) {
		l.count = append(l.count, 0)
	}
}

func (l *ledger) follow(m *Miner) {
	l.buf = m.Events(l.buf[:0])
	for _, e := range l.buf {
		l.grow(max(e.Index, e.IntoIndex))
		if l.ids == nil {
			l.ids = map[ID]int32{OtherID: OtherIndex}
		}
		if e.Kind == Born {
			l.ids[e.ID] = e.Index
			continue
		}
		if l.ids[e.ID] != e.Index {
			l.wrong = append(l.wrong, e)
		}
		delete(l.ids, e.ID)
		if e.Kind == Renamed {
			l.ids[e.Into] = e.Index
		} else if l.ids[e.Into] != e.IntoIndex {
			l.wrong = append(l.wrong, e)
		}
		if e.Kind == Merged || e.Kind == Evicted {
			l.count[e.IntoIndex] += l.count[e.Index]
			l.count[e.Index] = 0
		}
	}
}

func total(m *Miner) (n uint64) {
	for p := range m.Patterns() {
		n += p.Lines
	}
	return n
}

// garbage is a line of words that nobody wrote before.
func garbage(r *rand.Rand, b []byte) []byte {
	b = b[:0]
	for range 4 + r.IntN(12) {
		for range 2 + r.IntN(8) {
			b = append(b, byte('a'+r.IntN(26)))
		}
		b = append(b, ' ')
	}
	return b
}

// Every line counts in one pattern, whatever is evicted or merged, and a caller
// that follows the events has the same counts.
func TestCountsAddUp(t *testing.T) {
	m := New(Config{Patterns: 50})
	r := rand.New(rand.NewPCG(1, 2))
	var match Match
	var l ledger
	var b []byte
	evicted := 0
	for i := range 20_000 {
		switch r.IntN(3) {
		case 0:
			b = garbage(r, b)
		case 1:
			b = fmt.Appendf(b[:0], "job %s finished with code %d", string(rune('a'+r.IntN(26)))+"x", r.IntN(9))
		default:
			b = fmt.Appendf(b[:0], "connection %d closed after %d ms", i, r.IntN(99))
		}
		m.Add(b, 0, &match)
		l.add(m, &match)
		for _, e := range l.buf {
			if e.Kind == Evicted {
				evicted++
			}
		}
	}
	l.follow(m)
	if evicted == 0 {
		t.Fatal("nothing was evicted: the test shows nothing")
	}
	if n := total(m); n != 20_000 || m.Lines() != 20_000 {
		t.Errorf("the patterns hold %d lines, the miner says %d, of 20000", n, m.Lines())
	}
	for p := range m.Patterns() {
		if l.count[p.Index] != p.Lines {
			t.Errorf("pattern %s %q: the ledger has %d lines, the miner %d", p.ID, p.Template, l.count[p.Index], p.Lines)
		}
	}
	if len(l.wrong) > 0 {
		t.Errorf("events that do not follow from those before: %+v", l.wrong[:min(5, len(l.wrong))])
	}
	n := 0
	for p := range m.Patterns() {
		n++
		if i, ok := l.ids[p.ID]; !ok || i != p.Index {
			t.Errorf("pattern %s: at %d by the events, %v, at %d by the miner", p.ID, i, ok, p.Index)
		}
	}
	if n != len(l.ids) {
		t.Errorf("%d patterns by the events, %d by the miner", len(l.ids), n)
	}
	if n := m.Len(); n > 50*3 {
		t.Errorf("%d indices for 50 patterns", n)
	}
	// What is written often outlives what is written once.
	for _, line := range []string{"connection 7 closed after 8 ms", "job zx finished with code 3"} {
		if m.Add([]byte(line), 0, &match); match.New || match.ID == OtherID {
			t.Errorf("%q was evicted by lines that came once", line)
		}
	}
}

// Lines that never repeat cost bounded memory and a time that does not grow.
func TestGarbageIsBounded(t *testing.T) {
	n := 200_000
	m := New(Config{})
	r := rand.New(rand.NewPCG(3, 4))
	var match Match
	var b []byte
	var events []Event
	for range n {
		b = garbage(r, b)
		m.Add(b, 0, &match)
		events = m.Events(events[:0])
	}
	runtime.GC()
	var ms runtime.MemStats
	runtime.ReadMemStats(&ms)
	if ms.HeapAlloc > 256<<20 {
		t.Errorf("%d MiB after %d lines of garbage", ms.HeapAlloc>>20, n)
	}
	if h := m.Health(); h.Clusters || h.Reason == "" || h.Share < .9 {
		t.Errorf("garbage is said to cluster: %+v", h)
	}
	if total(m) != uint64(n) {
		t.Errorf("%d lines of %d", total(m), n)
	}
	t.Logf("%d MiB, %d patterns, nodes %d, table %d, holes %d, known %d", ms.HeapAlloc>>20, m.live, len(m.nodes), len(m.tab.keys), len(m.holes), m.known.n)
}
