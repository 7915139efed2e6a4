package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/durable"
	"github.com/prometheus/prometheus/tsdb/wlog"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func partition(n int) kizashi.Partition {
	return kizashi.Partition{Tenant: "acme", Account: fmt.Sprintf("%012d", n), Region: "ap-northeast-1", Kind: kizashi.Metrics, Period: time.Minute}
}

// batch is batch pos of partition n with some samples.
func batch(n int, pos uint64, samples int) kizashi.Batch {
	b := kizashi.Batch{Partition: partition(n), Pos: pos, Until: kizashi.Time(pos * 60_000)}
	for i := range samples {
		b.Samples = append(b.Samples, kizashi.Sample{
			Series: kizashi.SeriesID(n*1000 + i), At: kizashi.Time(pos * 60_000), Period: time.Minute, Value: float64(i) + 0.25*float64(pos),
		})
	}
	return b
}

func mustOpen(t testing.TB, dir string, opts Options) (*Journal, Report) {
	t.Helper()
	j, report, err := Open(dir, opts)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return j, report
}

func mustClose(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

func mustAppend(t testing.TB, j *Journal, bs ...kizashi.Batch) {
	t.Helper()
	for i := range bs {
		if err := j.Append(&bs[i]); err != nil {
			t.Fatalf("append pos %d: %v", bs[i].Pos, err)
		}
	}
}

// replay returns what the journal hands over from a segment on.
func replay(t testing.TB, j *Journal, from int) ([]kizashi.Batch, Report) {
	t.Helper()
	var out []kizashi.Batch
	report, err := j.Replay(from, func(b kizashi.Batch) error {
		out = append(out, b)
		return nil
	})
	if err != nil {
		t.Fatalf("replay: %v", err)
	}
	return out, report
}

// reopened opens a directory, replays all of it and closes it again.
func reopened(t testing.TB, dir string) ([]kizashi.Batch, Report, map[kizashi.Partition]uint64) {
	t.Helper()
	j, report := mustOpen(t, dir, Options{})
	defer mustClose(t, j)
	bs, _ := replay(t, j, 0)
	return bs, report, j.Positions()
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func TestWhatWasAppendedComesBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	j, report := mustOpen(t, dir, Options{})
	same(t, "a new journal is clean", report.Clean(), true)
	want := []kizashi.Batch{batch(1, 1, 3), batch(2, 7, 0), batch(1, 2, 5000), batch(1, 9, 1)}
	mustAppend(t, j, want...)
	none, _ := replay(t, j, 0)
	same(t, "what came after Open is not replayed", len(none), 0)
	mustClose(t, j)

	got, report, positions := reopened(t, dir)
	same(t, "batches", got, want)
	same(t, "losses", report.Losses, []Loss{})
	same(t, "positions", positions, map[kizashi.Partition]uint64{partition(1): 9, partition(2): 7})
}

func TestOldBatchIsToldSo(t *testing.T) {
	dir := t.TempDir()
	j, _ := mustOpen(t, dir, Options{})
	mustAppend(t, j, batch(1, 5, 1))
	for _, pos := range []uint64{0, 4, 5} {
		b := batch(1, pos, 1)
		if err := j.Append(&b); !errors.Is(err, ErrOld) {
			t.Errorf("pos %d after 5: %v, want ErrOld", pos, err)
		}
	}
	mustClose(t, j)
	j, _ = mustOpen(t, dir, Options{Positions: map[kizashi.Partition]uint64{partition(2): 3}})
	for _, b := range []kizashi.Batch{batch(1, 5, 1), batch(2, 3, 1)} {
		if err := j.Append(&b); !errors.Is(err, ErrOld) {
			t.Errorf("after a restart, %s pos %d: %v, want ErrOld", b.Partition, b.Pos, err)
		}
	}
	mustAppend(t, j, batch(1, 6, 1), batch(2, 4, 1))
	mustClose(t, j)
	if err := j.Append(&kizashi.Batch{Partition: partition(1), Pos: 9}); !errors.Is(err, ErrClosed) {
		t.Errorf("append after close: %v", err)
	}
}

func TestAppendAllIsOneFsync(t *testing.T) {
	dir, fsyncs := t.TempDir(), 0
	j, _ := mustOpen(t, dir, Options{Hook: func(step string) error {
		if step == durable.JournalFsyncAfter {
			fsyncs++ // the writer goroutine alone calls it
		}
		return nil
	}})
	var bs []kizashi.Batch
	for pos := range uint64(500) {
		bs = append(bs, batch(1, pos+1, 1))
	}
	if err := j.AppendAll(append(bs[:3:3], bs...)); err != nil {
		t.Fatal(err)
	}
	segment, before, err := j.Mark()
	if err != nil || segment != 1 {
		t.Errorf("mark: segment %d, %v", segment, err)
	}
	same(t, "before the mark", before, map[kizashi.Partition]uint64{partition(1): 500})
	if err := j.AppendAll([]kizashi.Batch{batch(1, 501, 1), {}}); err == nil {
		t.Error("a batch of no partition was accepted")
	}
	mustClose(t, j)
	if err := j.AppendAll(bs); !errors.Is(err, ErrClosed) {
		t.Errorf("after close: %v", err)
	}
	got, report, _ := reopened(t, dir)
	same(t, "batches", got, append(bs, batch(1, 501, 1)))
	same(t, "reached", report.Reached, map[kizashi.Partition]uint64{partition(1): 501})
	if fsyncs > 100 {
		t.Errorf("%d fsyncs for 500 batches", fsyncs)
	}
}

func TestBadBatchHarmsNothing(t *testing.T) {
	j, _ := mustOpen(t, t.TempDir(), Options{})
	defer mustClose(t, j)
	if err := j.Append(&kizashi.Batch{}); err == nil || !strings.Contains(err.Error(), "no partition") {
		t.Errorf("a batch of no partition: %v", err)
	}
	b := batch(1, 1, 1)
	zero := 0.0
	b.Samples[0].Value = 1 / zero
	if err := j.Append(&b); err == nil || !strings.Contains(err.Error(), "not a finite number") {
		t.Errorf("an infinite sample: %v", err)
	}
	mustAppend(t, j, batch(1, 1, 1))
}

func TestManyAppendersShareAnFsync(t *testing.T) {
	dir := t.TempDir()
	fsyncs := 0
	j, _ := mustOpen(t, dir, Options{SegmentSize: 64 << 10, Hook: func(step string) error {
		if step == durable.JournalFsyncAfter {
			fsyncs++ // the writer goroutine alone calls it
		}
		return nil
	}})
	const writers, each = 64, 40
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for pos := range uint64(each) {
				b := batch(w, pos+1, 4)
				if err := j.Append(&b); err != nil {
					t.Errorf("append: %v", err)
				}
			}
		})
	}
	wg.Wait()
	mustClose(t, j)
	if fsyncs == 0 || fsyncs > writers*each/2 {
		t.Errorf("%d fsyncs for %d appends by %d goroutines", fsyncs, writers*each, writers)
	}
	got, report, _ := reopened(t, dir)
	same(t, "losses", report.Losses, []Loss{})
	last := map[kizashi.Partition]uint64{}
	for _, b := range got {
		if b.Pos != last[b.Partition]+1 {
			t.Fatalf("%s: pos %d after %d", b.Partition, b.Pos, last[b.Partition])
		}
		last[b.Partition] = b.Pos
	}
	same(t, "batches", len(got), writers*each)
	if report.Segments < 3 {
		t.Errorf("%d segments: none was cut by size", report.Segments)
	}
}

func TestLongBatchIsSplit(t *testing.T) {
	dir := t.TempDir()
	j, _ := mustOpen(t, dir, Options{maxRecord: 1000})
	want := []kizashi.Batch{batch(1, 1, 2000), batch(1, 2, 1), batch(2, 1, 300)}
	mustAppend(t, j, want...)
	mustClose(t, j)
	got, report, _ := reopened(t, dir)
	same(t, "batches", got, want)
	same(t, "losses", report.Losses, []Loss{})
}

func TestCutAndTruncate(t *testing.T) {
	dir := t.TempDir()
	j, _ := mustOpen(t, dir, Options{})
	mustAppend(t, j, batch(1, 1, 1), batch(2, 1, 1))
	first, err := j.Cut()
	if err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, batch(1, 2, 1))
	second, err := j.Cut()
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Truncate(first); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, batch(1, 3, 1))
	mustClose(t, j)

	j, report := mustOpen(t, dir, Options{})
	same(t, "losses after truncation", report.Losses, []Loss{})
	same(t, "partition 2 is remembered", j.Positions(), map[kizashi.Partition]uint64{partition(1): 3, partition(2): 1})
	got, _ := replay(t, j, second)
	same(t, "from the second cut", got, []kizashi.Batch{batch(1, 3, 1)})
	got, report = replay(t, j, first)
	same(t, "from the first cut", got, []kizashi.Batch{batch(1, 2, 1), batch(1, 3, 1)})
	same(t, "its losses", report.Losses, []Loss{})
	_, report = replay(t, j, first-1)
	if report.Clean() || !strings.Contains(report.Losses[0].String(), "unknown number") {
		t.Errorf("a replay from a segment that is gone must say so: %v", report.Losses)
	}
	mustClose(t, j)
}

func TestRestartsAddNoSegments(t *testing.T) {
	dir := t.TempDir()
	j, _ := mustOpen(t, dir, Options{})
	mustAppend(t, j, batch(1, 1, 1))
	mustClose(t, j)
	for range 5 {
		j, _ := mustOpen(t, dir, Options{})
		mustClose(t, j)
	}
	have, err := segments(dir)
	if err != nil || len(have) != 2 {
		t.Errorf("segments %v, %v; want 2", have, err)
	}
	j, _ = mustOpen(t, filepath.Join(dir, "gone"), Options{From: 17})
	mustAppend(t, j, batch(1, 1, 1))
	mustClose(t, j)
	j, _ = mustOpen(t, filepath.Join(dir, "gone"), Options{From: 17})
	got, _ := replay(t, j, 17)
	same(t, "a journal that was lost begins at the snapshot's segment", len(got), 1)
	mustClose(t, j)
}

func TestWlogReadsItToo(t *testing.T) {
	dir := t.TempDir()
	j, _ := mustOpen(t, dir, Options{SegmentSize: 100 << 10})
	for pos := range uint64(60) {
		mustAppend(t, j, batch(1, pos+1, int(pos*37)))
	}
	mustClose(t, j)
	var want [][]byte
	have, _ := segments(dir)
	for _, n := range have {
		data, err := os.ReadFile(segmentPath(dir, n))
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range scan(data) {
			want = append(want, it.rec)
		}
	}
	segs, err := wlog.NewSegmentsReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer segs.Close()
	var got [][]byte
	for r := wlog.NewReader(segs); ; {
		if !r.Next() {
			if r.Err() != nil {
				t.Fatal(r.Err())
			}
			break
		}
		got = append(got, append([]byte{}, r.Record()...))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("wlog's reader sees %d records, this one %d", len(got), len(want))
	}
}

// Every step that can fail fails once; what was acknowledged survives, the
// journal takes nothing more, and says why.
func TestFirstErrorIsFinal(t *testing.T) {
	for _, step := range durable.Steps() {
		if strings.HasPrefix(step, "journal") {
			t.Run(step, func(t *testing.T) { failAt(t, step) })
		}
	}
}

func failAt(t *testing.T, step string) {
	dir, broken, armed := t.TempDir(), errors.New("the disk is gone"), false
	j, _ := mustOpen(t, dir, Options{Hook: func(s string) error {
		if armed && s == step {
			return broken
		}
		return nil
	}})
	mustAppend(t, j, batch(1, 1, 3))
	armed = true
	b := batch(1, 2, 3)
	err := j.Append(&b)
	acknowledged := err == nil
	if acknowledged {
		_, err = j.Cut()
	}
	if err == nil {
		err = j.Truncate(1)
	}
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), step) {
		t.Fatalf("error %v, want that of %q", err, step)
	}
	armed = false
	b = batch(1, 3, 3)
	if err := j.Append(&b); !errors.Is(err, broken) {
		t.Errorf("append after it: %v", err)
	}
	<-j.Failed()
	if !errors.Is(j.Err(), broken) {
		t.Errorf("Err: %v", j.Err())
	}
	mustClose(t, j)

	got, report, _ := reopened(t, dir)
	same(t, "losses", len(report.Losses), 0)
	want := map[bool]int{true: 2, false: len(got)}[acknowledged]
	if step == durable.JournalTruncateAfter {
		want = 0 // segment 0 was removed, as was asked for
	}
	if len(got) != want || len(got) > 2 || want > 0 && got[0].Pos != 1 {
		t.Errorf("%d batches after the restart, acknowledged %v", len(got), acknowledged)
	}
}

func TestNewerRecordIsAClearError(t *testing.T) {
	dir := t.TempDir()
	j, _ := mustOpen(t, dir, Options{})
	mustAppend(t, j, batch(1, 1, 1))
	rec := headRecord(5, nil)
	rec[4] = frameVersion + 1
	reseal(rec)
	if err := j.wl.Log(rec); err != nil {
		t.Fatal(err)
	}
	mustClose(t, j)
	before, _ := os.ReadFile(segmentPath(dir, 0))
	_, _, err := Open(dir, Options{})
	if err == nil || !strings.Contains(err.Error(), "newer format") {
		t.Fatalf("error %v", err)
	}
	after, _ := os.ReadFile(segmentPath(dir, 0))
	same(t, "the segment is left alone", after, before)
}
