package samples

import (
	"math/rand/v2"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// history is where a back-fill stands that goes on after every kill with what
// comes after the last Sync, as a journal does.
type history struct {
	t      *testing.T
	s      *Store
	dir    string
	synced []kizashi.Sample // by then
	since  []kizashi.Sample
}

func (h *history) put(vs ...kizashi.Sample) {
	h.t.Helper()
	if asides := put(h.t, h.s, vs...); len(asides) > 0 {
		h.t.Fatalf("handed back: %+v", asides[0])
	}
	h.since = append(h.since, vs...)
}

func (h *history) sync() {
	h.t.Helper()
	if err := h.s.Sync(); err != nil {
		h.t.Fatal(err)
	}
	h.synced, h.since = append(h.synced, h.since...), nil
}

// kill closes without a Sync, and hands over again what came since.
func (h *history) kill() {
	h.t.Helper()
	shut(h.t, h.s)
	h.s = open(h.t, h.dir)
	if asides := put(h.t, h.s, h.since...); len(asides) > 0 {
		h.t.Fatalf("handed back after a kill: %+v", asides[0])
	}
}

func (h *history) check() {
	h.t.Helper()
	want := map[int][]kizashi.Sample{}
	for _, v := range append(h.synced[:len(h.synced):len(h.synced)], h.since...) {
		want[int(v.Series)] = append(want[int(v.Series)], v)
	}
	for id, vs := range want {
		got := all(h.t, h.s, id)
		if len(got) != len(vs) {
			h.t.Errorf("series %d has %d samples of %d", id, len(got), len(vs))
			continue
		}
		for i := range vs {
			if got[i] != vs[i] {
				h.t.Errorf("series %d: %+v, want %+v", id, got[i], vs[i])
				break
			}
		}
	}
}

// Series are back-filled at random speeds beside one that is at the present,
// until they are there too and go on in order. Blocks are made and merged
// meanwhile, and it is killed again and again: never is a sample handed back,
// and none is missing.
func TestBacklogLosesNothing(t *testing.T) {
	const series, days = 40, 6
	for seed := range uint64(2) {
		rng := rand.New(rand.NewPCG(seed, 32))
		dir := t.TempDir()
		h := &history{t: t, s: open(t, dir), dir: dir}
		now := 0
		at := [series]int{}
		for i := range at {
			at[i] = -days * 24 * 60
		}
		h.put(sample(series, now, 0))
		for round := range 90 {
			now += 1 + rng.IntN(90) // time moves on: blocks are due
			h.put(sample(series, now, 0))
			for range 8 {
				var batch []kizashi.Sample
				for id := range at {
					to := min(now, at[id]+rng.IntN(120+10*id))
					for ; at[id] < to; at[id]++ {
						batch = append(batch, sample(id, at[id], float64(id*at[id])))
					}
				}
				h.put(batch...)
			}
			if rng.IntN(6) == 0 {
				h.sync()
			}
			if rng.IntN(8) == 0 {
				h.kill()
			}
			if round%30 == 29 {
				h.check()
			}
		}
		if len(h.s.db.Blocks()) == 0 || len(h.s.backlog.db.Blocks()) == 0 {
			t.Error("no blocks were made: the test would show nothing")
		}
		h.sync()
		copied := t.TempDir()
		if err := h.s.Backup(copied); err != nil {
			t.Fatal(err)
		}
		shut(t, h.s)
		h.s = open(t, copied)
		h.check()
		shut(t, h.s)
	}
}

// A kill may come between the blocks of a flush: of each series what comes
// before is there, and the rest is taken again.
func TestKilledBetweenBlocks(t *testing.T) {
	dir := t.TempDir()
	h := &history{t: t, s: open(t, dir), dir: dir}
	h.put(sample(9, 0, 0))
	for at := -10 * 24 * 60; at < 0; at += 7 {
		h.put(sample(1, at, float64(at)), sample(2, at, 1))
	}
	h.put(sample(9, 1, 0))
	head, span := h.s.backlog.front.head, h.s.backlog.span
	to := floor(head.MinTime(), span) + 4*span
	for from := to - 4*span; from < to; from += span {
		if err := h.s.backlog.block(from); err != nil {
			t.Fatal(err)
		}
	}
	h.kill()
	h.check()
	if last, _ := h.s.Last(1); last != t0-minute {
		t.Errorf("last is %s", last)
	}
	h.sync()
	h.check()
	shut(t, h.s)
}

// Series that are found late, one after another, lie across all blocks: those
// are merged beside, and whoever reads meanwhile sees all.
func TestBlocksAreMerged(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	put(t, s, sample(99, 0, 0))
	var want [6]int
	for id := range want {
		for at := -14 * 24 * 60; at < -60; at += 30 {
			put(t, s, sample(id, at, float64(at)))
			want[id]++
		}
		if err := s.Sync(); err != nil {
			t.Fatal(err)
		}
		for done := range id + 1 {
			if n := len(all(t, s, done)); n != want[done] {
				t.Fatalf("series %d has %d samples of %d", done, n, want[done])
			}
		}
	}
	s.backlog.merges.Wait()
	if n := len(s.backlog.db.Blocks()); n >= 6*14 || n == 0 {
		t.Errorf("%d blocks: none were merged", n)
	}
	shut(t, s)
	s = open(t, dir)
	defer shut(t, s)
	for id := range want {
		if n := len(all(t, s, id)); n != want[id] {
			t.Errorf("after a restart series %d has %d samples of %d", id, n, want[id])
		}
	}
}
