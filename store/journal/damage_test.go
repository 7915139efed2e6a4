package journal

import (
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

func reseal(rec []byte) { binary.LittleEndian.PutUint32(rec, crc32.Checksum(rec[4:], castagnoli)) }

// written makes a journal of three segments and returns its files and batches.
func written(t testing.TB) (map[string][]byte, []kizashi.Batch) {
	t.Helper()
	dir := t.TempDir()
	j, _ := mustOpen(t, dir, Options{maxRecord: 700})
	var bs []kizashi.Batch
	for pos := range uint64(24) {
		b := batch(int(pos%2), pos+1, 5+int(pos)*9)
		if pos == 10 {
			b = batch(0, pos+1, 9000) // over several pages
		}
		bs = append(bs, b)
		mustAppend(t, j, b)
		if pos == 8 || pos == 15 {
			if _, err := j.Cut(); err != nil {
				t.Fatal(err)
			}
		}
	}
	mustClose(t, j)
	files := map[string][]byte{}
	have, _ := segments(dir)
	for _, n := range have {
		data, err := os.ReadFile(segmentPath(dir, n))
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(segmentPath(dir, n))] = data
	}
	return files, bs
}

func lay(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// judge opens a damaged journal and checks the promise: what comes back was
// written, in order, and whatever does not come back lies inside the reported
// bound, for good.
func judge(t *testing.T, dir string, want []kizashi.Batch) Report {
	t.Helper()
	got, report := judgeOnce(t, dir, want)
	settled(t, dir, got)
	return report
}

func judgeOnce(t *testing.T, dir string, want []kizashi.Batch) ([]kizashi.Batch, Report) {
	t.Helper()
	got, report, _ := reopened(t, dir)
	lost, at := []kizashi.Batch{}, 0
	for _, b := range want {
		if at < len(got) && reflect.DeepEqual(got[at], b) {
			at++
			continue
		}
		lost = append(lost, b)
	}
	if at != len(got) {
		t.Fatalf("batch %d that came back (%s pos %d) was never written so", at, got[at].Partition, got[at].Pos)
	}
	for _, b := range lost {
		if !bounded(report, b) {
			t.Fatalf("%s pos %d is lost, and no bound covers it: %v", b.Partition, b.Pos, report.Losses)
		}
	}
	return got, report
}

// settled checks that a second start finds nothing new, and that appending
// works.
func settled(t *testing.T, dir string, got []kizashi.Batch) {
	t.Helper()
	again, second, _ := reopened(t, dir)
	if !reflect.DeepEqual(again, got) {
		t.Fatalf("the second start sees %d batches, the first %d", len(again), len(got))
	}
	for _, l := range second.Losses {
		if !l.Known {
			t.Fatalf("the second start finds new damage: %v", l)
		}
	}
	j, _ := mustOpen(t, dir, Options{})
	next := batch(9, 1, 1)
	mustAppend(t, j, next)
	mustClose(t, j)
	if after, _, _ := reopened(t, dir); len(after) != len(got)+1 {
		t.Fatalf("%d batches after one more append to %d", len(after), len(got))
	}
}

func bounded(r Report, b kizashi.Batch) bool {
	for _, l := range r.Losses {
		for _, s := range l.Spans {
			if s.Partition == b.Partition && b.Pos > s.After && (s.Before == 0 || b.Pos < s.Before) {
				return true
			}
		}
	}
	return false
}

// The last record is cut after every one of its bytes.
func TestTornTail(t *testing.T) {
	dir := t.TempDir()
	j, _ := mustOpen(t, dir, Options{})
	want := []kizashi.Batch{batch(1, 1, 3), batch(2, 1, 4)}
	mustAppend(t, j, want...)
	whole, err := os.ReadFile(segmentPath(dir, 0))
	if err != nil {
		t.Fatal(err)
	}
	mustAppend(t, j, batch(1, 2, 40))
	more, err := os.ReadFile(segmentPath(dir, 0))
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, j)
	for size := len(whole); size < len(more); size++ {
		dir := lay(t, map[string][]byte{"00000000": more[:size]})
		got, report, _ := reopened(t, dir)
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("cut at %d: %d batches", size, len(got))
		}
		if size == len(whole) {
			same(t, "a cut between records leaves no trace here", report.Clean(), true)
			continue
		}
		if len(report.Losses) != 1 || !report.Losses[0].Tail || report.Losses[0].Bytes != int64(size-len(whole)) {
			t.Fatalf("cut at %d: %v", size, report.Losses)
		}
		if kept, err := os.ReadFile(report.Losses[0].Kept); err != nil || string(kept) != string(more[len(whole):size]) {
			t.Fatalf("cut at %d: the tail is not kept: %v", size, err)
		}
		if size%16 == 0 {
			judge(t, lay(t, map[string][]byte{"00000000": more[:size]}), append(want, batch(1, 2, 40)))
		}
	}
}

func TestThousandBitFlips(t *testing.T) {
	files, want := written(t)
	rng := rand.New(rand.NewPCG(3, 8))
	names := []string{"00000000", "00000001", "00000002"}
	costly := 0
	for n := range 1000 {
		name := names[rng.IntN(len(names))]
		data := append([]byte{}, files[name]...)
		at, bit := rng.IntN(len(data)), rng.IntN(8)
		data[at] ^= 1 << bit
		damaged := map[string][]byte{}
		for name, d := range files {
			damaged[name] = d
		}
		damaged[name] = data
		dir := lay(t, damaged)
		got, report := judgeOnce(t, dir, want)
		if n%20 == 0 {
			settled(t, dir, got)
		}
		if report.Clean() {
			t.Fatalf("%s byte %d bit %d: nothing reported", name, at, bit)
		}
		if report.Losses[0].Records > 0 {
			costly++
		}
	}
	if costly < 300 {
		t.Errorf("only %d flips cost a record: the test does not hit", costly)
	}
}

func TestWorseDamage(t *testing.T) {
	for _, tc := range []struct {
		name string
		do   func(map[string][]byte)
		says string
	}{
		{"a page of zeros", func(f map[string][]byte) { clear(f["00000001"][pageSize : 2*pageSize]) }, "segment 1"},
		{"a middle segment cut in half", func(f map[string][]byte) { f["00000001"] = f["00000001"][:50_000] }, "segment 1"},
		{"a middle segment empty", func(f map[string][]byte) { f["00000001"] = nil }, "missing records"},
		{"a middle segment gone", func(f map[string][]byte) { delete(f, "00000001") }, "missing records"},
		{"the first bytes gone", func(f map[string][]byte) { clear(f["00000000"][:100]) }, "segment 0"},
		{"a segment of noise", func(f map[string][]byte) {
			rng := rand.New(rand.NewPCG(1, 1))
			f["00000001"] = make([]byte, 100_000)
			for i := range f["00000001"] {
				f["00000001"][i] = byte(rng.Uint32())
			}
		}, "segment 1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			files, want := written(t)
			tc.do(files)
			report := judge(t, lay(t, files), want)
			if report.Clean() || !strings.Contains(report.Losses[0].String(), tc.says) {
				t.Errorf("report %v, want %q", report.Losses, tc.says)
			}
		})
	}
}

// An exact loss is counted exactly and names where it is.
func TestLossIsCounted(t *testing.T) {
	dir := t.TempDir()
	j, _ := mustOpen(t, dir, Options{})
	var ends []int64
	for pos := range uint64(10) {
		mustAppend(t, j, batch(1, pos+1, 2))
		st, err := os.Stat(segmentPath(dir, 0))
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, st.Size())
	}
	mustClose(t, j)
	path := segmentPath(dir, 0)
	data, _ := os.ReadFile(path)
	data[ends[3]+20] ^= 4 // in record 5
	data[ends[4]+20] ^= 4 // in record 6
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	got, report, _ := reopened(t, dir)
	same(t, "batches", len(got), 8)
	l := report.Losses[0]
	same(t, "losses", len(report.Losses), 1)
	same(t, "records", []any{l.Records, l.Exact, l.Offset, l.Bytes}, []any{uint64(2), true, ends[3], ends[5] - ends[3]})
	same(t, "spans", l.Spans, []Span{{partition(1), 4, 7}})
	kept, err := os.ReadFile(l.Kept)
	if err != nil || string(kept) != string(data) {
		t.Errorf("the damaged segment is not kept: %v", err)
	}
}

func FuzzScan(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, pageSize+9))
	f.Add(append([]byte{fragmentFull, 0, 1}, 9, 9, 9, 9, 9))
	f.Fuzz(func(t *testing.T, data []byte) {
		at := 0
		for _, it := range scan(data) {
			if it.from < at || it.to <= it.from || it.to > len(data) {
				t.Fatalf("item [%d, %d) after byte %d of %d", it.from, it.to, at, len(data))
			}
			at = it.to
		}
		fold := folder{tracker: newTracker()}
		_, _ = fold.segment(0, data)
		fold.end()
	})
}
