package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/durable"
	"github.com/kizashi-ops/kizashi/store/journal"
	"github.com/kizashi-ops/kizashi/store/ledger"
	"github.com/kizashi-ops/kizashi/store/state"
)

// t0 is 2026-11-01T00:00:00Z.
const t0 = kizashi.Time(1_793_491_200_000)

func partition(n int) kizashi.Partition {
	return kizashi.Partition{Tenant: "acme", Account: fmt.Sprint(n), Kind: kizashi.Metrics, Period: time.Minute}
}

func save(s *Store, p *toy) error {
	mark, err := s.Mark()
	if err != nil {
		return err
	}
	blob, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return s.Save(mark, p.positions(), blob)
}

func opened(t testing.TB, dir string, opts Options) (*Store, Report) {
	t.Helper()
	s, r, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, r
}

func TestSaveWithUnsteppedBatchesIsRefused(t *testing.T) {
	s, _ := opened(t, t.TempDir(), Options{})
	in := input(4)
	if err := s.Append(in); err != nil {
		t.Fatal(err)
	}
	p := newToy()
	for _, b := range in[:3] {
		p.step(b)
	}
	if err := save(s, p); err == nil || !strings.Contains(err.Error(), "journalled up to position 2, but is stepped up to 1 only") {
		t.Fatalf("error %v", err)
	}
	p.step(in[3])
	if err := save(s, p); err != nil {
		t.Error(err)
	}
}

// The disk lost the only batch of a partition that nothing comes of any more: the journal
// knows of it by the positions at the head of a later segment. It cannot be stepped, and
// must not keep a service from starting for ever.
func TestSaveWithoutWhatTheJournalLost(t *testing.T) {
	dir := t.TempDir()
	s, _ := opened(t, dir, Options{})
	p := newToy()
	if err := save(s, p); err != nil {
		t.Fatal(err)
	}
	once := kizashi.Batch{Partition: partition(7), Pos: 5, Until: 1}
	in := append([]kizashi.Batch{once}, input(4)...)
	if err := s.Append(in[:1]); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(in[1:]); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Mark(); err != nil { // killed before the snapshot
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	spoil(t, filepath.Join(dir, journalName), 1)

	s, _ = opened(t, dir, Options{})
	p = newToy()
	report, err := s.Replay(func(b kizashi.Batch) error { p.step(b); return nil })
	if err != nil || report.Clean() || p.positions()[once.Partition] != 0 {
		t.Fatalf("%+v, %v, stepped %v: the batch is still there", report, err, p.positions())
	}
	if err := save(s, stepped(in[1:4])); err == nil || !strings.Contains(err.Error(), "is stepped up to") {
		t.Errorf("a partition that lost nothing, and of which a batch was not stepped: %v", err)
	}
	if err := save(s, p); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	// The next start finds it in the snapshot's positions.
	s, _ = opened(t, dir, Options{})
	if _, err := s.Replay(func(kizashi.Batch) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := save(s, p); err != nil {
		t.Error(err)
	}
}

// stepped is a toy that has stepped some batches.
func stepped(bs []kizashi.Batch) *toy {
	p := newToy()
	for _, b := range bs {
		p.step(b)
	}
	return p
}

// spoil damages the first record after the head of the so many-th segment.
func spoil(t *testing.T, dir string, n int) {
	t.Helper()
	have, err := filepath.Glob(filepath.Join(dir, "0*"))
	if err != nil || len(have) <= n {
		t.Fatalf("segments %v, %v", have, err)
	}
	b, err := os.ReadFile(have[n])
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte("acme"))
	if at < 0 {
		t.Fatalf("no batch in %s", have[n])
	}
	b[at] ^= 0xff
	if err := os.WriteFile(have[n], b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestLockNamesDirectoryAndProcess(t *testing.T) {
	dir := t.TempDir()
	s, _ := opened(t, dir, Options{})
	_, _, err := Open(dir, Options{})
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), fmt.Sprintf("process %d", os.Getpid())) {
		t.Errorf("error %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	opened(t, dir, Options{})
}

func TestBadDirectories(t *testing.T) {
	write := func(name, content string) func(*testing.T, string) string {
		return func(t *testing.T, dir string) string {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			return dir
		}
	}
	for name, tc := range map[string]struct {
		make func(t *testing.T, dir string) string
		says string
	}{
		"newer format": {write(formatName, "2\n"), "newer version of kizashi"},
		"no format":    {write(formatName, "two\n"), "no format number"},
		"a file": {func(t *testing.T, dir string) string {
			return filepath.Join(write("file", "")(t, dir), "file")
		}, "not a directory"},
		"read-only":      {func(t *testing.T, dir string) string { return "/proc/kizashi" }, "no such file or directory"},
		"not a database": {write(ledgerName, strings.Repeat("text ", 500)), ledgerName},
	} {
		t.Run(name, func(t *testing.T) {
			dir := tc.make(t, t.TempDir())
			_, _, err := Open(dir, Options{})
			if err == nil || !strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), dir) {
				t.Errorf("error %v, want %q and the directory", err, tc.says)
			}
		})
	}
	if _, err := OpenReadOnly(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("reading an empty directory: %v", err)
	}
}

// A full disk ends the journal; what was acknowledged before is there after.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	full := false
	s, _ := opened(t, dir, Options{Hook: func(step string) error {
		if full && step == durable.JournalAppendBefore {
			return syscall.ENOSPC
		}
		return nil
	}})
	in := input(4)
	if err := s.Append(in[:2]); err != nil {
		t.Fatal(err)
	}
	full = true
	err := s.Append(in[2:])
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "no space left") {
		t.Fatalf("error %v", err)
	}
	<-s.Failed()
	full = false
	if err := s.Append(in[2:]); !errors.Is(err, s.Err()) && !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a later append: %v", err)
	}
	s.Close()
	s, report := opened(t, dir, Options{})
	if !report.Clean() {
		t.Error(report.Lines())
	}
	n := 0
	if _, err := s.Replay(func(kizashi.Batch) error { n++; return nil }); err != nil || n != 2 {
		t.Errorf("%d batches, %v", n, err)
	}
}

func TestDamagedSnapshotFallsBackAndSaysSo(t *testing.T) {
	in := input(40)
	dir := t.TempDir()
	if err := session(dir, nil, in); err != nil {
		t.Fatal(err)
	}
	want := contents(t, dir)
	newest, _, err := state.Load(filepath.Join(dir, stateName))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, stateName, fmt.Sprintf("snapshot-%08d", newest.Segment))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s, report := opened(t, dir, Options{})
	lines := strings.Join(report.Lines(), "\n")
	if report.Clean() || !strings.Contains(lines, path) || !strings.Contains(lines, "nothing is lost") {
		t.Errorf("report:\n%s", lines)
	}
	s.Close()
	if err := session(dir, nil, nil); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, dir); got != want {
		t.Errorf("%s", diff(got, want))
	}
}

// The journal's last segments are gone, while the ledger knows that more was
// stepped.
func TestJournalThatEndsTooEarlyIsNoticed(t *testing.T) {
	in := input(12)
	dir := t.TempDir()
	s, _ := opened(t, dir, Options{})
	p := newToy()
	for _, b := range in {
		judged, c, _ := p.step(b)
		if err := errors.Join(s.Append([]kizashi.Batch{b}), s.Keep(judged, c)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, journalName)); err != nil {
		t.Fatal(err)
	}
	_, report := opened(t, dir, Options{})
	want := []journal.Span{{Partition: partition(0), After: 0, Before: 7}, {Partition: partition(1), After: 0, Before: 7}}
	if fmt.Sprint(report.Behind) != fmt.Sprint(want) {
		t.Errorf("behind %v, want %v", report.Behind, want)
	}
	if !strings.Contains(strings.Join(report.Lines(), "\n"), "journal ends too early for acme/1") {
		t.Errorf("report %v", report.Lines())
	}
}

func TestReadOnlyBesideTheService(t *testing.T) {
	dir := t.TempDir()
	s, _ := opened(t, dir, Options{})
	p := newToy()
	in := input(20)
	record := kizashi.Record{Series: 1, Hour: t0}
	for i, b := range in {
		judged, c, _ := p.step(b)
		if i == 0 {
			c.Records = []kizashi.Record{record}
		}
		if err := s.Keep(judged, c); err != nil {
			t.Fatal(err)
		}
	}
	r, err := OpenReadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []interface {
		Samples(kizashi.SeriesID, kizashi.Time, kizashi.Time) ([]kizashi.Sample, error)
		Records(kizashi.SeriesID, kizashi.Time, kizashi.Time) ([]kizashi.Record, error)
	}{s, r} {
		vs, err := h.Samples(1, t0, t0+4*60_000)
		if err != nil || len(vs) != 4 || vs[0] != in[0].Samples[0] {
			t.Errorf("%T: samples %v, %v", h, vs, err)
		}
		rs, err := h.Records(1, t0, t0+1)
		if err != nil || len(rs) != 1 || rs[0].Hour != t0 {
			t.Errorf("%T: records %v, %v", h, rs, err)
		}
	}
	as, err := r.Ledger().Alerts(ledger.Filter{})
	if err != nil || len(as) == 0 {
		t.Errorf("alerts %d, %v", len(as), err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// Old positions come back from the snapshot even where the journal is gone.
func TestPositionsSurviveTruncation(t *testing.T) {
	dir := t.TempDir()
	if err := session(dir, nil, input(40)); err != nil {
		t.Fatal(err)
	}
	s, _ := opened(t, dir, Options{})
	want := map[kizashi.Partition]uint64{partition(0): 20, partition(1): 20}
	if got := s.Positions(); !maps.Equal(got, want) {
		t.Errorf("positions %v, want %v", got, want)
	}
	b := input(40)[0]
	if err := s.AppendOne(&b); !errors.Is(err, journal.ErrOld) {
		t.Errorf("an old batch: %v", err)
	}
}

func TestRetain(t *testing.T) {
	s, _ := opened(t, t.TempDir(), Options{})
	over := kizashi.Alert{ID: "a1", State: kizashi.Resolved, Seq: 3, Opened: t0, To: t0}
	if err := s.Keep(nil, ledger.Changes{Alerts: []kizashi.Alert{over}, Records: []kizashi.Record{{Series: 1, Hour: t0}}}); err != nil {
		t.Fatal(err)
	}
	left := func(days int) (alerts, records int) {
		t.Helper()
		if _, err := s.Retain(t0.Add(time.Duration(days) * 24 * time.Hour)); err != nil {
			t.Fatal(err)
		}
		as, err := s.Ledger().Alerts(ledger.Filter{})
		rs, err2 := s.Records(1, t0, t0+1)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		return len(as), len(rs)
	}
	for _, tc := range []struct{ days, alerts, records int }{{99, 1, 1}, {101, 1, 0}, {455, 1, 0}, {457, 0, 0}} {
		if as, rs := left(tc.days); as != tc.alerts || rs != tc.records {
			t.Errorf("after %d days: %d alerts, %d records; want %d, %d", tc.days, as, rs, tc.alerts, tc.records)
		}
	}
}

// Judged samples that came out of order do not stay for ever.
func TestRetainSamples(t *testing.T) {
	s, _ := opened(t, t.TempDir(), Options{})
	at := func(id kizashi.SeriesID, days int) kizashi.Sample {
		return kizashi.Sample{Series: id, At: t0.Add(time.Duration(days) * 24 * time.Hour), Period: time.Minute, Value: 1}
	}
	for _, v := range []kizashi.Sample{at(1, 0), at(2, -10), at(2, -9), at(2, -1), at(1, 1)} {
		if err := s.Keep([]kizashi.Sample{v}, ledger.Changes{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Retain(t0.Add(91 * 24 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[kizashi.SeriesID]int{1: 2, 2: 2} {
		if vs, err := s.Samples(id, kizashi.Never, kizashi.Forever); err != nil || len(vs) != want {
			t.Errorf("series %d: %v, %v, want %d samples", id, vs, err, want)
		}
	}
}

// Records of hours share commits; what somebody has to be told of is there at
// once, and takes along what waits.
func TestRecordsShareACommit(t *testing.T) {
	commits := 0
	s, _, err := Open(t.TempDir(), Options{Hook: func(step string) error {
		if step == durable.LedgerCommitAfter {
			commits++
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	keep := func(c ledger.Changes) {
		t.Helper()
		if err := s.Keep(nil, c); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 100 {
		keep(ledger.Changes{Records: []kizashi.Record{{Series: kizashi.SeriesID(i + 1), Hour: t0}}, Stepped: map[kizashi.Partition]uint64{partition(i): 1}})
	}
	if commits != 0 {
		t.Errorf("%d commits for records alone", commits)
	}
	if rs, err := s.Records(7, t0, t0+1); err != nil || len(rs) != 1 || commits != 1 {
		t.Errorf("%d records, %v, after %d commits; want what was kept, after one", len(rs), err, commits)
	}
	keep(ledger.Changes{Records: []kizashi.Record{{Series: 1, Hour: t0.Add(time.Hour)}}})
	keep(ledger.Changes{Alerts: []kizashi.Alert{{ID: "a1", Series: 1, State: kizashi.Firing, Seq: 1, Opened: t0, To: t0}}})
	if commits != 2 {
		t.Errorf("%d commits, want one more for the alert", commits)
	}
	if rs, err := s.Ledger().Records(1, t0.Add(time.Hour), t0.Add(2*time.Hour)); err != nil || len(rs) != 1 {
		t.Errorf("%d records committed with the alert, %v", len(rs), err)
	}
}
