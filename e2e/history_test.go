package e2e

import (
	"math/rand/v2"
	"testing"
	"time"
)

// shot is a kill: so long after so many batches of a life were journalled.
type shot struct {
	batches int
	after   time.Duration
}

// history brings a service to where all history of its account is read and
// judged, and an hour after it. It is killed while there are shots.
func (w *world) history(shots []shot) {
	w.t.Helper()
	for _, k := range shots {
		s := start(w.t, w.config, "KIZASHI_CLOCK="+w.clock)
		journalled := func() int {
			v, _ := s.gauge(`kizashi_batches_total{kind="metrics",tenant="acme"}`)
			return int(v)
		}
		s.await("batches of the history", func() bool { return journalled() >= k.batches || w.settled(s) })
		time.Sleep(k.after)
		w.t.Logf("killed with %d batches of this life journalled, all judged: %v", journalled(), w.settled(s))
		s.kill()
		w.kills++
	}
	s := start(w.t, w.config, "KIZASHI_CLOCK="+w.clock)
	s.await("the history", func() bool { return w.settled(s) })
	for i := range 6 {
		w.set(begin.Add(time.Duration(i+1) * step))
		s.await("what follows", func() bool { return w.settled(s) })
	}
	s.stop()
}

// The process is killed ten times while it reads the history of sixty series,
// in several pages. In the end all is as if nothing had happened.
func TestKilledWhileHistoryIsRead(t *testing.T) {
	const instances = 60
	end := begin.Add(8 * step)
	want := newWorldOf(t, instances, end)
	want.history(nil)
	random := rand.New(rand.NewPCG(15, 455))
	var kills []shot
	for i := range 10 {
		kills = append(kills, shot{i % 3, time.Duration(random.Int64N(int64(300 * time.Millisecond)))})
	}
	got := newWorldOf(t, instances, end)
	got.history(kills)
	a, b := want.dump(), got.dump()
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("the dumps differ:\nnever killed: %.600s\nkilled:       %.600s", a[i], b[i])
		}
	}
	if len(a) != len(b) {
		t.Errorf("%d lines of dump, never killed %d", len(b), len(a))
	}
	if len(want.notes) != 1 || len(got.notes) != 1 {
		t.Errorf("first looks: %v, and %v in the run never killed; want one each", got.notes, want.notes)
	}
	t.Logf("%d kills, %d lines of dump", got.kills, len(b))
}
