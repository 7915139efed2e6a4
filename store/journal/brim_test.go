package journal

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/tsdb/wlog"
	"github.com/prometheus/prometheus/util/compression"
)

// laid lets wlog write, over and over, a record that leaves so many bytes of
// a page and then one of that size.
func laid(t testing.TB, left int, sizes ...int) (recs [][]byte, segment []byte) {
	t.Helper()
	dir := t.TempDir()
	wl, err := wlog.NewSize(nil, prometheus.NewRegistry(), dir, neverRotate, compression.None)
	if err != nil {
		t.Fatal(err)
	}
	log := func(size int) {
		rec := make([]byte, size)
		seal(rec, kindBatch, 0, 1, uint64(len(recs)))
		recs = append(recs, rec)
		if err := wl.Log(rec); err != nil {
			t.Fatal(err)
		}
	}
	for _, size := range sizes {
		st, err := os.Stat(segmentPath(dir, 0))
		if err != nil {
			t.Fatal(err)
		}
		filler := pageSize - int(st.Size())%pageSize - fragmentHeader - left
		if filler <= headerSize {
			filler += pageSize - fragmentHeader // it runs into the next page
		}
		log(filler)
		log(size)
	}
	if err := wl.Close(); err != nil {
		t.Fatal(err)
	}
	if segment, err = os.ReadFile(segmentPath(dir, 0)); err != nil {
		t.Fatal(err)
	}
	return recs, segment
}

func readAs(items []item) (recs [][]byte, damage []span) {
	for _, it := range items {
		if it.rec == nil {
			damage = append(damage, it.span)
			continue
		}
		recs = append(recs, it.rec)
	}
	return recs, damage
}

// A record that begins within the last bytes of a page is read whole, however
// few they are. With exactly 7 left wlog writes its header there and the
// whole record into the next page.
func TestRecordsAtTheBrimOfAPage(t *testing.T) {
	var sizes []int
	for size := headerSize + 1; size < 100; size++ {
		sizes = append(sizes, size)
	}
	for left := range 80 {
		want, segment := laid(t, left, sizes...)
		got, damage := readAs(scan(segment))
		if len(damage) > 0 || !bytes.Equal(bytes.Join(got, nil), bytes.Join(want, nil)) {
			t.Errorf("%d bytes left: %d of %d records, damage %v", left, len(got), len(want), damage)
		}
	}
}

// The same records cut anywhere: what is whole is read, the rest is a torn
// tail from where the torn record begins, or, cut between records, nothing.
func TestTornAtTheBrimOfAPage(t *testing.T) {
	for left := range 30 {
		want, segment := laid(t, left, 40)
		whole := scan(segment)
		end := pageSize - left
		if left < fragmentHeader {
			end = pageSize // padded
		}
		for size := end + 1; size < whole[len(whole)-1].to; size++ {
			got, damage := readAs(scan(segment[:size]))
			n := 1
			for n < len(want) && whole[n].to <= size {
				n++
			}
			if len(got) != n {
				t.Fatalf("%d bytes left, cut at %d: %d records, want %d", left, size, len(got), n)
			}
			torn := size > whole[n-1].to && len(bytes.TrimLeft(segment[whole[n-1].to:size], "\x00")) > 0
			if torn && (len(damage) != 1 || damage[0] != (span{whole[n].from, size})) || !torn && len(damage) > 0 {
				t.Fatalf("%d bytes left, cut at %d (a record ends at %d): damage %v", left, size, whole[n-1].to, damage)
			}
		}
	}
}

// worded is a batch whose record has a given size.
func worded(t testing.TB, pos uint64, size int) kizashi.Batch {
	t.Helper()
	b := kizashi.Batch{Partition: partition(1), Pos: pos, Status: &kizashi.Status{}}
	for range 4 { // the length of a length may change
		recs, err := batchRecords(&b, maxRecord)
		if err != nil {
			t.Fatal(err)
		}
		if len(recs[0]) == size {
			return b
		}
		b.Status.Reason = strings.Repeat("x", len(b.Status.Reason)+size-len(recs[0]))
	}
	t.Fatalf("no batch makes a record of %d bytes", size)
	return b
}

// A journal whose last record was torn there is opened, cut and written to;
// nothing is lost but that record.
func TestTornBrimIsRepaired(t *testing.T) {
	for left := range 12 {
		dir := t.TempDir()
		j, _ := mustOpen(t, dir, Options{})
		head, err := os.Stat(segmentPath(dir, 0))
		if err != nil {
			t.Fatal(err)
		}
		want := []kizashi.Batch{worded(t, 1, pageSize-left-int(head.Size())-fragmentHeader), worded(t, 2, 140)}
		mustAppend(t, j, want...)
		mustClose(t, j)
		segment, err := os.ReadFile(segmentPath(dir, 0))
		if err != nil {
			t.Fatal(err)
		}
		got, report, _ := reopened(t, lay(t, map[string][]byte{"00000000": segment}))
		if !reflect.DeepEqual(got, want) || !report.Clean() {
			t.Fatalf("%d bytes left: %d of 2 batches, %v", left, len(got), report.Losses)
		}
		torn := scan(segment)[2]
		for size := torn.from + 1; size < torn.to; size += 7 {
			report := judge(t, lay(t, map[string][]byte{"00000000": segment[:size]}), want)
			if len(report.Losses) != 1 || !report.Losses[0].Tail || report.Losses[0].Offset != int64(torn.from) {
				t.Fatalf("%d bytes left, cut at %d: %v", left, size, report.Losses)
			}
		}
	}
}
