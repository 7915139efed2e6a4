package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// batchAt is a batch of one sample of a series.
func batchAt(pos uint64, at kizashi.Time, v float64) kizashi.Batch {
	return kizashi.Batch{Partition: kizashi.Partition{Tenant: "t", Kind: kizashi.Metrics}, Pos: pos, Until: at,
		Samples: []kizashi.Sample{{Series: 1, At: at, Value: v}}}
}

func dumpOf(t *testing.T, s *Store) string {
	t.Helper()
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := s.Ledger().Dump(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A backup is a data directory: opened elsewhere it has the snapshot, what was
// journalled behind it, the samples, the ledger and the files beside, and goes
// on.
func TestABackupIsADataDirectory(t *testing.T) {
	home := t.TempDir()
	s, _, err := Open(filepath.Join(home, "data"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const minute = kizashi.Time(60_000)
	keep := func(s *Store, pos uint64) {
		t.Helper()
		b := batchAt(pos, kizashi.Time(pos)*minute, float64(pos))
		if err := s.Append([]kizashi.Batch{b}); err != nil {
			t.Fatal(err)
		}
		c := ledger.Changes{Alerts: []kizashi.Alert{{ID: "a", Tenant: "t", State: kizashi.Firing, Seq: int(pos), To: b.Until}}, Stepped: map[kizashi.Partition]uint64{b.Partition: pos}}
		if err := s.Keep(b.Samples, c); err != nil {
			t.Fatal(err)
		}
	}
	part := batchAt(0, 0, 0).Partition
	keep(s, 1)
	m, err := s.Mark()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Save(m, map[kizashi.Partition]uint64{part: 1}, []byte("state")); err != nil {
		t.Fatal(err)
	}
	keep(s, 2)
	if err := os.WriteFile(filepath.Join(home, "data", "api-token"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(home, "copy")
	if err := s.Backup(copied); err != nil {
		t.Fatal(err)
	}
	want := dumpOf(t, s)
	keep(s, 3) // it goes on; the copy does not
	if err := s.Backup(copied); !errors.Is(err, ErrBackupPlace) {
		t.Errorf("over a backup: %v", err)
	}

	r, report, err := Open(copied, Options{})
	if err != nil || !report.Clean() {
		t.Fatalf("%v %v", err, report.Lines())
	}
	defer r.Close()
	if blob, ok := r.Snapshot(); !ok || string(blob) != "state" {
		t.Errorf("snapshot %q %t", blob, ok)
	}
	if got := dumpOf(t, r); got != want {
		t.Errorf("the ledger differs:\n%s\nwant\n%s", got, want)
	}
	var replayed []uint64
	if _, err := r.Replay(func(b kizashi.Batch) error { replayed = append(replayed, b.Pos); return nil }); err != nil || len(replayed) != 1 || replayed[0] != 2 {
		t.Errorf("replayed %v, %v; want the batch behind the snapshot", replayed, err)
	}
	keep(r, 3)
	got, err := r.Samples(1, 0, 10*minute)
	if err != nil || len(got) != 3 || got[0].Value != 1 || got[2].Value != 3 {
		t.Errorf("samples %v %v", got, err)
	}
	if _, err := os.Stat(filepath.Join(copied, "api-token")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(copied + ".partial"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a half copy is left: %v", err)
	}
}
