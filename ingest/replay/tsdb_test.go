package replay

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	prom "github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/sourcetest"
)

// stock writes a TSDB as a server leaves it: six hours, most of them in
// blocks, the last in its head.
func stock(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "prom-data")
	opt := tsdb.DefaultOptions()
	db, err := tsdb.Open(dir, nil, nil, opt, nil)
	if err != nil {
		t.Fatal(err)
	}
	put := func(at int64, v float64, ls ...string) {
		a := db.Appender(t.Context())
		if _, err := a.Append(0, labels.FromStrings(ls...), at, v); err != nil {
			t.Fatal(err)
		}
		if err := a.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	const begin = int64(1777593600000)
	for i := range int64(6 * 60) {
		at := begin + i*60_000
		put(at, float64(i), "__name__", "temp", "room", "a")
		put(at+7, float64(-i), "__name__", "temp", "room", "b")
		put(at, float64(10*i), "__name__", "req_total", "job", "web")
		put(at, float64(i), "__name__", "lat_bucket", "le", "1")
		if i%60 == 0 {
			a := db.Appender(t.Context())
			if _, err := a.AppendHistogram(0, labels.FromStrings("__name__", "native"), at, tsdbutil.GenerateTestHistogram(i), (*prom.FloatHistogram)(nil)); err != nil {
				t.Fatal(err)
			}
			if err := a.Commit(); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(begin+400*60_000, math.Float64frombits(value.StaleNaN), "__name__", "temp", "room", "a")
	if err := db.Compact(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// listing is every file below dir with its size.
func listing(t testing.TB, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := d.Info()
		if err == nil && !d.IsDir() {
			fmt.Fprintf(&b, "%s %d %s\n", p, st.Size(), st.ModTime())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTSDB(t *testing.T) {
	dir := stock(t)
	if blocks, err := filepath.Glob(filepath.Join(dir, "chunks_head", "0*")); len(blockNames(dir)) == 0 || len(blocks) == 0 || err != nil {
		t.Fatal("the test's TSDB has no block, or no chunk in its head")
	}
	before := listing(t, dir)
	got, r := replayed(t, Options{Paths: []string{dir}, Batch: 1e6})
	f := r.Files[0]
	equal(t, strings.Join(f.Columns, "\n"), "req_total{job=\"web\"}\ntemp{room=\"a\"}\ntemp{room=\"b\"}")
	if f.Format != TSDB || f.Tenant != "prom-data" || f.Samples != 359+360+360 || !f.Ended {
		t.Errorf("report %s", f)
	}
	if s := f.String(); !strings.Contains(s, "1 skipped: first value of a counter") || !strings.Contains(s, "366 skipped: part of a histogram") || !strings.Contains(s, "1 skipped: mark of a series that ended") {
		t.Error(s)
	}
	// Blocks and head are one, in time's order, nothing late.
	for _, want := range []string{
		"  declare req_total{job=\"web\"} group req_total\n",
		"  2026-05-01T00:00:00Z temp{room=\"a\"} = 0\n  2026-05-01T00:00:00.007Z temp{room=\"b\"} = 0\n  2026-05-01T00:01:00Z req_total{job=\"web\"} = 10\n",
		"  2026-05-01T05:59:00Z req_total{job=\"web\"} = 10\n  2026-05-01T05:59:00Z temp{room=\"a\"} = 359\n  2026-05-01T05:59:00.007Z temp{room=\"b\"} = -359\nprom-data #3",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no\n%s\nin\n%.600s", want, got)
		}
	}
	if strings.Contains(got, " late") {
		t.Error("late samples")
	}
	if after := listing(t, dir); after != before {
		t.Errorf("reading changed the directory:\n%s\nwas\n%s", after, before)
	}
}

func TestSelectAndRangeOfATSDB(t *testing.T) {
	dir := stock(t)
	a, err := kizashi.ParseMatcher(`room=~"a|x"`)
	if err != nil {
		t.Fatal(err)
	}
	got, r := replayed(t, Options{Paths: []string{filepath.Dir(dir)}, Select: kizashi.Matchers{a}, From: 1777593600000 + 60_000, To: 1777593600000 + 180_000})
	equal(t, got, `
prom-data #1 until never join@never
  declare temp{room="a"} group temp
prom-data #2 until 2026-05-01T00:02:00Z
  2026-05-01T00:01:00Z temp{room="a"} = 1
  2026-05-01T00:02:00Z temp{room="a"} = 2
prom-data #3 until 2026-05-01T00:02:00Z close@2026-05-01T00:02:00Z`)
	if len(r.Files) != 1 || len(r.Ignored) != 0 {
		t.Errorf("a folder that holds a TSDB: %+v", r)
	}
	_, err = New(Options{Paths: []string{dir}, Select: kizashi.Matchers{a}, From: 1, To: 2})
	if err == nil || !strings.Contains(err.Error(), "prom-data: no rows: no series is selected that has a sample in the range") {
		t.Errorf("nothing in the range: %v", err)
	}
}

func TestATSDBKeepsTheContract(t *testing.T) {
	dir := stock(t)
	sourcetest.Run(t, func(t *testing.T) ingest.Source {
		s, err := New(Options{Paths: []string{dir}, Batch: 100})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}, 0)
}

// A dump of a TSDB brings the same samples as the TSDB, under the same names.
func TestDumpAndTSDBAgree(t *testing.T) {
	var text strings.Builder
	for i := range 6 * 60 {
		fmt.Fprintf(&text, "temp{room=\"b\"} %d %.3f\n", -i, 1777593600.007+60*float64(i))
	}
	text.WriteString("# EOF\n")
	b, err := kizashi.ParseMatcher(`room=b`)
	if err != nil {
		t.Fatal(err)
	}
	fromDB, _ := replayed(t, Options{Paths: []string{stock(t)}, Select: kizashi.Matchers{b}})
	fromText, _ := replayText(t, "prom-data.om", text.String(), Options{})
	equal(t, fromText, fromDB)
}

func TestBrokenTSDB(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(block string) error
		want  string
	}{
		{"no meta.json", func(b string) error { return os.Remove(filepath.Join(b, "meta.json")) }, "it has no meta.json: the copy is not complete"},
		{"no index", func(b string) error { return os.Remove(filepath.Join(b, "index")) }, "corrupted block"},
		{"meta.json cut", func(b string) error { return os.Truncate(filepath.Join(b, "meta.json"), 20) }, "meta.json: unexpected end of JSON input"},
		{"no chunks", func(b string) error { return os.RemoveAll(filepath.Join(b, "chunks")) }, "chunks: no such file"},
		{"no chunk file", func(b string) error { return os.Remove(filepath.Join(b, "chunks", "000001")) }, "no file in chunks, where"},
		{"index cut", func(b string) error { return os.Truncate(filepath.Join(b, "index"), 100) }, "corrupted block"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := stock(t)
			block := blockNames(dir)[0]
			if err := c.spoil(filepath.Join(dir, block)); err != nil {
				t.Fatal(err)
			}
			_, err := New(Options{Paths: []string{dir}})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), block) || !strings.Contains(err.Error(), "prom-data: ") {
				t.Errorf("error %v\nwant prom-data: ... %s", err, c.want)
			}
		})
	}
	dir := stock(t)
	chunks := filepath.Join(dir, blockNames(dir)[0], "chunks", "000001")
	st, err := os.Stat(chunks)
	if err == nil {
		err = os.Truncate(chunks, st.Size()/2)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Paths: []string{dir}}); err == nil || !strings.Contains(err.Error(), "prom-data: series req_total{job=\"web\"}: ") {
		t.Errorf("a chunk file that is cut: %v", err)
	}
	if _, err := New(Options{Paths: []string{filepath.Join(dir, blockNames(dir)[0])}}); err == nil || !strings.Contains(err.Error(), "is one block of a TSDB: give the directory above it") {
		t.Errorf("one block: %v", err)
	}
}
