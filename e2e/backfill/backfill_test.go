package backfill

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"
)

func newMachine(t *testing.T, w *world) *machine {
	t.Helper()
	m := &machine{w: w, dir: t.TempDir(), every: time.Minute, first: map[string]moment{}}
	var err error
	if m.began, err = m.now(); err != nil {
		t.Fatal(err)
	}
	return m
}

// watched is how long after the beginning: all history is there by then.
const watched = 75 * time.Minute

// alive runs a world that nobody kills, and checks how soon it judges.
func alive(t *testing.T, series int) *machine {
	t.Helper()
	m := newMachine(t, newWorld(t, series))
	if err := m.life(begin.Add(watched), never, 0); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d series: %d samples judged, %d calls for history with %d points, %d live", series, m.samples, m.w.calls["history"], m.w.points, m.w.calls["live"])
	for _, first := range []struct {
		what   string
		within time.Duration
	}{
		{judged, 2 * time.Minute}, {limited, 2 * time.Minute},
		// Twice what 1,000 series take: processor time, of all that goes on side by
		// side, grows by a third where the machine is busy.
		{live, 10 * time.Minute},
	} {
		clock, used, ok := m.after(first.what)
		t.Logf("first %s: %s on the clock + %s of processor after the start", first.what, clock.Round(time.Millisecond), used.Round(time.Millisecond))
		if !ok || clock+used > first.within {
			t.Errorf("first %s: %v, %s + %s, want %s at most", first.what, ok, clock, used, first.within)
		}
	}
	return m
}

// Killed ten times on the way, it comes to the same, and asks for nothing
// again but for the page that was in flight. Not killed, it judges within
// minutes.
func TestKilledTenTimesItComesToTheSame(t *testing.T) {
	const kills = 10
	series := 40
	if soak() {
		series = 1000
	}
	want := alive(t, series)
	// The kills are spread over the history, the last of them before its end.
	most := max(2*want.history/(kills+3), 1)
	w := newWorld(t, series)
	got := newMachine(t, w)
	rnd := rand.New(rand.NewPCG(4, 8))
	for k := range kills {
		at := []where{before, durable, stepped}[k%3]
		if err := got.life(begin.Add(watched), at, 1+rnd.IntN(most)); !errors.Is(err, errKilled) {
			t.Fatalf("life %d ended with %v, want to be killed", k+1, err)
		}
		t.Logf("killed at %s with %d pages of history read, asked again %d", w.Now().Format(time.TimeOnly), w.calls["history"], w.again())
	}
	if w.calls["history"] >= want.w.calls["history"] {
		t.Error("the history was read before the last kill: the test would show little")
	}
	if err := got.life(begin.Add(watched), never, 0); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d calls for history, %d without kills; asked again: %d", w.calls["history"], want.w.calls["history"], w.again())
	if a := w.again(); a > kills {
		t.Errorf("%d requests were made again, want one a kill at most", a)
	}
	if extra := w.calls["history"] - want.w.calls["history"]; extra > kills {
		t.Errorf("%d calls more than without kills, want one a kill at most", extra)
	}
	compare(t, want, got)
}

func compare(t *testing.T, want, got *machine) {
	t.Helper()
	a, err := want.dump()
	b, err2 := got.dump()
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d and %d lines of what is stored", len(a), len(b))
	shown := 0
	for i := range max(len(a), len(b)) {
		x, y := "", ""
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			if shown++; shown > 5 {
				t.Fatal("and more")
			}
			t.Errorf("line %d differs:\nalive   %.300s\nkilled  %.300s", i, x, y)
		}
	}
}
