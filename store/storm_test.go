package store

import (
	"fmt"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// manyOpen is what a storm's step produces: n alerts, of which the first few
// have their justification.
func manyOpen(n, justified int) (c ledger.Changes) {
	c.Stepped = map[kizashi.Partition]uint64{partition(0): 7}
	for i := range n {
		a := kizashi.Alert{ID: fmt.Sprintf("a%05d", i), Series: kizashi.SeriesID(i + 1), Tenant: "acme", Group: "checkout", State: kizashi.Firing, Seq: 1, Opened: t0, To: t0, Changed: t0}
		if i < justified {
			a.Justify = fmt.Sprintf("j%05d", i)
		}
		c.Alerts = append(c.Alerts, a)
	}
	return c
}

func stored(t *testing.T, s *Store) (ids map[string]kizashi.Alert) {
	t.Helper()
	as, err := s.Ledger().Alerts(ledger.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	ids = map[string]kizashi.Alert{}
	for _, a := range as {
		ids[a.ID] = a
	}
	return ids
}

func drained(t *testing.T, s *Store) (commits int) {
	t.Helper()
	for more := true; more; commits++ {
		var err error
		if more, err = s.FlushSome(); err != nil {
			t.Fatal(err)
		}
	}
	return commits
}

// TestAStormCommitsWhatLeadsFirst: of two thousand alerts of one step the
// justified ones are in the ledger at once, one that is asked for is put
// before the others, and these follow some at a time; the partition's position
// comes with the last of them.
func TestAStormCommitsWhatLeadsFirst(t *testing.T) {
	s, _ := opened(t, t.TempDir(), Options{})
	if err := s.Keep(nil, manyOpen(2000, 4)); err != nil {
		t.Fatal(err)
	}
	if n := len(stored(t, s)); n != 4 {
		t.Fatalf("%d alerts are stored at once, want the 4 justified ones", n)
	}
	if err := s.Ahead("a01500", "a00002", "nobody"); err != nil {
		t.Fatal(err)
	}
	if as := stored(t, s); len(as) != 5 || as["a01500"].ID == "" {
		t.Fatalf("%d alerts are stored, want the one that was asked for too", len(as))
	}
	if ps, err := s.Ledger().Positions(); err != nil || len(ps) != 0 {
		t.Errorf("positions %v, %v, while some of their step waits", ps, err)
	}
	if n := drained(t, s); n < 10 {
		t.Errorf("the others took %d commits, want some at a time", n)
	}
	if n := len(stored(t, s)); n != 2000 || s.Waits() != 0 {
		t.Errorf("%d alerts are stored in the end, %d wait", n, s.Waits())
	}
	if ps, err := s.Ledger().Positions(); err != nil || ps[partition(0)] != 7 {
		t.Errorf("positions %v, %v, when all is stored", ps, err)
	}
}

// TestWhatWaitsDoesNotUndoWhatIsKnown: an alert that waits gets its
// justification, and an end, before its first row was committed.
func TestWhatWaitsDoesNotUndoWhatIsKnown(t *testing.T) {
	s, _ := opened(t, t.TempDir(), Options{})
	c := manyOpen(2000, 4)
	if err := s.Keep(nil, c); err != nil {
		t.Fatal(err)
	}
	justified, over := c.Alerts[1999], c.Alerts[1998]
	justified.Justify = "late"
	over.State, over.Seq, over.Justify, over.To = kizashi.Resolved, 2, "ended", t0+60_000
	if err := s.Keep(nil, ledger.Changes{Alerts: []kizashi.Alert{justified, over}}); err != nil {
		t.Fatal(err)
	}
	drained(t, s)
	as := stored(t, s)
	if len(as) != 2000 || as[justified.ID].Justify != "late" || as[over.ID].State != kizashi.Resolved {
		t.Errorf("%d alerts; justification %q, state %s", len(as), as[justified.ID].Justify, as[over.ID].State)
	}
	if told, err := s.Ledger().Changes(over.ID); err != nil || len(told) != 2 {
		t.Errorf("%d changes of what ended, %v; want its beginning too", len(told), err)
	}
}

// TestAStormAndAKillGiveTheSameLedger: the process ends after each number of
// commits; the steps are kept again from the journal.
func TestAStormAndAKillGiveTheSameLedger(t *testing.T) {
	whole := t.TempDir()
	keep := func(s *Store, commits int) {
		t.Helper()
		if err := s.Keep(nil, manyOpen(1200, 4)); err != nil {
			t.Fatal(err)
		}
		for range commits {
			if _, err := s.FlushSome(); err != nil {
				t.Fatal(err)
			}
		}
	}
	s, _ := opened(t, whole, Options{})
	keep(s, 0)
	drained(t, s)
	want := stored(t, s)
	for _, commits := range []int{0, 1, 7, 12} {
		dir := t.TempDir()
		first, _ := opened(t, dir, Options{})
		keep(first, commits)
		first.pending.Reset() // as a kill does
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		again, _ := opened(t, dir, Options{})
		keep(again, 0)
		drained(t, again)
		if got := stored(t, again); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("killed after %d commits: %d alerts, want %d", commits, len(got), len(want))
		}
	}
}
