package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"

	"github.com/kizashi-ops/kizashi/store/durable"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/tsdb/wlog"
	"github.com/prometheus/prometheus/util/compression"
)

// damagedDir, inside the journal's directory, keeps what was found damaged.
const damagedDir = "damaged"

// mostHoles is how many missing segments are filled; more of them are a
// mistake, not damage.
const mostHoles = 1024

// segments lists the numbers of the segments in dir, sorted.
func segments(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("journal: list segments: %w", err)
	}
	var out []int
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil && !e.IsDir() && n >= 0 {
			out = append(out, n)
		}
	}
	sort.Ints(out)
	return out, nil
}

func segmentPath(dir string, n int) string { return wlog.SegmentName(dir, n) }

// fill creates the segments that are missing in the row, empty, since wlog
// does not open a row with holes, and those up to from, so that no number is
// used a second time.
func fill(dir string, have []int, from int) ([]int, error) {
	if len(have) == 0 {
		if from <= 0 {
			return nil, nil
		}
		have = []int{from - 1}
		return have, create(segmentPath(dir, from-1))
	}
	last := max(have[len(have)-1], from-1)
	if holes := last - have[0] + 1 - len(have); holes > mostHoles {
		return nil, fmt.Errorf("journal: %d of the segments %d to %d in %s are missing; is it the right directory?", holes, have[0], last, dir)
	}
	out := make([]int, 0, last-have[0]+1)
	for n := have[0]; n <= last; n++ {
		if i := sort.SearchInts(have, n); i == len(have) || have[i] != n {
			if err := create(segmentPath(dir, n)); err != nil {
				return nil, err
			}
		}
		out = append(out, n)
	}
	return out, durable.SyncDir(dir)
}

func create(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("journal: fill in a missing segment: %w", err)
	}
	return f.Close()
}

// repair brings a segment's file to what fold made of it and returns where
// the bytes as they were found are kept. A torn tail is cut; any other damage
// makes a new file of the sound records, put in place by a rename.
func repair(dir string, s folded) (kept string, err error) {
	path := segmentPath(dir, s.index)
	from := s.end
	if s.holes {
		from = 0
	}
	if kept, err = keep(dir, s.index, from); err != nil {
		return "", fmt.Errorf("journal: set damaged segment %d aside: %w", s.index, err)
	}
	if s.holes {
		err = rewrite(dir, s)
	} else {
		err = cut(path, int64(s.end))
	}
	if err != nil {
		return kept, fmt.Errorf("journal: repair segment %d: %w", s.index, err)
	}
	return kept, durable.SyncDir(dir)
}

// keep copies what a segment holds from a byte on, under a name that is still
// free. Nothing to keep is no file.
func keep(dir string, index, from int) (string, error) {
	data, err := os.ReadFile(segmentPath(dir, index))
	if err != nil || from >= len(data) {
		return "", err
	}
	data = data[from:]
	aside := filepath.Join(dir, damagedDir)
	if err := os.MkdirAll(aside, 0o700); err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		path := filepath.Join(aside, fmt.Sprintf("%08d.from-byte-%d.%d", index, from, n))
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = f.Write(data)
		err = errors.Join(err, f.Sync(), f.Close(), durable.SyncDir(aside), durable.SyncDir(dir))
		return path, err
	}
}

func cut(path string, size int64) error {
	if err := os.Truncate(path, size); err != nil {
		return err
	}
	return durable.SyncFile(path)
}

// rewrite lets wlog lay out the sound records anew.
func rewrite(dir string, s folded) error {
	tmp := filepath.Join(dir, "repair.tmp")
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	wl, err := wlog.NewSize(nil, prometheus.NewRegistry(), tmp, neverRotate, compression.None)
	if err != nil {
		return err
	}
	if err := errors.Join(wl.Log(s.out...), wl.Sync(), wl.Close()); err != nil {
		return err
	}
	made := segmentPath(tmp, 0)
	if err := errors.Join(os.Chmod(made, 0o600), durable.SyncFile(made)); err != nil {
		return err
	}
	if err := os.Rename(made, segmentPath(dir, s.index)); err != nil {
		return err
	}
	return os.RemoveAll(tmp)
}
