package replay

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/sourcetest"
)

// nab is where the Numenta Anomaly Benchmark's files lie, if anywhere.
func nab(t *testing.T) string {
	dir := "../../../shared/data/nab/data"
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("NOT TESTED: the benchmark's files are not there: %v", err)
	}
	return dir
}

// Every row of every file is told once, in order, as it stands.
func TestNABRowsAreMirrored(t *testing.T) {
	dir := nab(t)
	mirror := map[string]*bytes.Buffer{}
	rows, samples := 0, 0
	s, err := New(Options{Paths: []string{dir}, OnRow: func(r *Row) {
		b := mirror[r.File]
		if b == nil {
			b = &bytes.Buffer{}
			mirror[r.File] = b
		}
		fmt.Fprintf(b, "%s,%s\n", r.Stamp, r.Texts[0])
		if rows++; r.Skipped {
			t.Errorf("%s:%d was skipped: %s %s", r.File, r.Line, r.Fault, r.Faults[0])
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	bs, err := drain(t, s)
	if err != nil {
		t.Fatal(err)
	}
	late := 0
	for _, b := range bs {
		samples += len(b.Samples)
		for _, x := range b.Samples {
			if x.Late {
				late++
			}
		}
	}
	for _, f := range s.Report().Files {
		want := body(t, filepath.Join(dir, f.Path))
		if got := mirror[f.Path].Bytes(); !bytes.Equal(got, want) {
			t.Errorf("%s: the rows told are not those of the file", f.Path)
		}
		if !f.Assumed || f.Zone != "UTC" || f.Format != CSV || len(f.Columns) != 1 {
			t.Errorf("report %s", f)
		}
	}
	if len(mirror) < 20 || samples != rows || late == 0 || late > samples/100 {
		t.Errorf("%d files, %d rows, %d samples, %d of them late", len(mirror), rows, samples, late)
	}
	t.Logf("%d files, %d rows, %d late", len(mirror), rows, late)
}

// body is a file without its header and carriage returns.
func body(t *testing.T, path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out bytes.Buffer
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		if out.Len() == 0 && bytes.HasPrefix(sc.Bytes(), []byte("timestamp")) {
			continue
		}
		out.Write(sc.Bytes())
		out.WriteByte('\n')
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestNABKeepsTheContract(t *testing.T) {
	dir := nab(t)
	sourcetest.Run(t, func(t *testing.T) ingest.Source {
		s, err := New(Options{Paths: []string{filepath.Join(dir, "realKnownCause")}, From: kizashi.Never, To: kizashi.Forever})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}, 0)
}
