package state

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/durable"
)

func snapshot(segment, previous int) Snapshot {
	return Snapshot{Format: Format, Segment: segment, Previous: previous,
		Positions: map[kizashi.Partition]uint64{{Tenant: "acme", Kind: kizashi.Metrics}: uint64(segment), {Tenant: "acme", Kind: kizashi.Commands}: 2},
		Blob:      []byte(strings.Repeat("what was learned ", 5+segment))}
}

func save(t *testing.T, dir string, s Snapshot) {
	t.Helper()
	if err := Save(dir, s, nil); err != nil {
		t.Fatal(err)
	}
}

func TestNewestOfTwoIsLoaded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	if s, r, err := Load(dir); err != nil || r.Found || r.Lost() || !reflect.DeepEqual(s, Snapshot{}) {
		t.Errorf("nothing there: %+v, %+v, %v", s, r, err)
	}
	save(t, dir, snapshot(3, 0))
	save(t, dir, snapshot(4, 3))
	save(t, dir, snapshot(9, 4))
	s, r, err := Load(dir)
	if err != nil || !r.Found || len(r.Damaged) > 0 || !reflect.DeepEqual(s, snapshot(9, 4)) {
		t.Errorf("loaded %+v, %+v, %v", s, r, err)
	}
	if left, err := list(dir); err != nil || !reflect.DeepEqual(left, []int{4, 9}) {
		t.Errorf("files left: %v, %v; want the newest two", left, err)
	}
	if err := Save(dir, Snapshot{Segment: 3, Previous: 9}, nil); err == nil {
		t.Error("a previous segment after the present one was accepted")
	}
}

// Whatever is done to the newest file, the previous one is taken and it is
// said why; with both damaged that is said.
func TestDamageFallsBack(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, snapshot(1, 0))
	save(t, dir, snapshot(2, 1))
	newest, older := path(dir, 2), path(dir, 1)
	whole, err := os.ReadFile(newest)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, data []byte) {
		t.Helper()
		if err := os.WriteFile(newest, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s, r, err := Load(dir)
		if err != nil || s.Segment != 1 || r.Path != older || len(r.Damaged) != 1 || !strings.Contains(r.Damaged[0], newest) {
			t.Fatalf("%s: segment %d, %+v, %v", what, s.Segment, r, err)
		}
	}
	for n := range whole {
		check("cut", whole[:n])
	}
	check("lengthened", append(append([]byte{}, whole...), 0))
	rng := rand.New(rand.NewPCG(7, 9))
	for range 1000 {
		data := append([]byte{}, whole...)
		data[rng.IntN(len(data))] ^= 1 << rng.IntN(8)
		check("bit flip", data)
	}
	if err := os.WriteFile(older, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, r, err := Load(dir)
	if err != nil || r.Found || !r.Lost() || len(r.Damaged) != 2 || !reflect.DeepEqual(s, Snapshot{}) {
		t.Errorf("both damaged: %+v, %+v, %v", s, r, err)
	}
}

// A sound file under another segment's name would replay from the wrong
// place.
func TestWrongNameIsDamage(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, snapshot(1, 0))
	data, _ := os.ReadFile(path(dir, 1))
	if err := os.WriteFile(path(dir, 5), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, r, err := Load(dir); err != nil || s.Segment != 1 || len(r.Damaged) != 1 {
		t.Errorf("%+v, %+v, %v", s, r, err)
	}
}

func TestNewerFormatIsAClearError(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, snapshot(1, 0))
	save(t, dir, snapshot(2, 1))
	data, _ := os.ReadFile(path(dir, 2))
	binary.LittleEndian.PutUint32(data[len(magic):], Format+1)
	body := data[:len(data)-sha256.Size]
	sum := sha256.Sum256(body)
	if err := os.WriteFile(path(dir, 2), append(body, sum[:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := Load(dir)
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), path(dir, 2)) {
		t.Errorf("error %v", err)
	}
}

// A stop at any step leaves the old snapshot or the new one, whole.
func TestStopAtEveryStep(t *testing.T) {
	stop := errors.New("stopped")
	for _, step := range durable.Steps() {
		if !strings.HasPrefix(step, "state") {
			continue
		}
		t.Run(step, func(t *testing.T) {
			dir := t.TempDir()
			save(t, dir, snapshot(1, 0))
			err := Save(dir, snapshot(2, 1), func(s string) error {
				if s == step {
					return stop
				}
				return nil
			})
			if !errors.Is(err, stop) {
				t.Fatalf("save: %v", err)
			}
			s, r, err := Load(dir)
			if err != nil || len(r.Damaged) > 0 {
				t.Fatalf("load: %+v, %v", r, err)
			}
			want := snapshot(1, 0)
			if slices.Index(durable.Steps(), step) >= slices.Index(durable.Steps(), durable.StateRenameAfter) {
				want = snapshot(2, 1)
			}
			if !reflect.DeepEqual(s, want) {
				t.Errorf("loaded %+v", s)
			}
			save(t, dir, snapshot(3, s.Segment))
			if s, _, err := Load(dir); err != nil || s.Segment != 3 {
				t.Errorf("after the next save: %d, %v", s.Segment, err)
			}
		})
	}
}

func TestReadOnlyDirectoryIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Save(file, snapshot(1, 0), nil); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("save into a file: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(magic))
	f.Add(encode(snapshot(3, 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decode(data)
		if err == nil && string(encode(s)) != string(data) && s.Format == Format {
			if again, err := decode(encode(s)); err != nil || !reflect.DeepEqual(again, s) {
				t.Fatalf("accepted, but does not come back: %v", err)
			}
		}
		// With a checksum that matches, the fields must stand on their own.
		if len(data) > fixed {
			sum := sha256.Sum256(data)
			_, _ = decode(append(append([]byte{}, data...), sum[:]...))
		}
	})
}
