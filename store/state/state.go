// Package state keeps snapshots: what the pipeline knew, the positions it had
// stepped, and the journal segment from which to replay. A snapshot file is
// whole or it is not used: written beside, fsynced, renamed, checksummed; the
// previous one stays until the next but one is there.
//
// It knows nothing of what the snapshot holds. docs/state-format.md has the
// layout.
package state

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/codec"
	"github.com/kizashi-ops/kizashi/store/durable"
)

// Format is the layout that Save writes.
const Format = 1

// ErrNewer says that a snapshot was written by a later program.
var ErrNewer = errors.New("the snapshot is of a newer format than this program knows")

const (
	magic  = "KIZASNAP"
	prefix = "snapshot-"
	// fixed is what a file takes beside positions and blob: magic, format,
	// segment, previous, two lengths, checksum.
	fixed = len(magic) + 4 + 4*8 + sha256.Size
)

// Snapshot is the state of everything at one point of the journal.
type Snapshot struct {
	Format    int                          // set by Load
	Segment   int                          // replay starts at this journal segment's first byte
	Previous  int                          // that of the snapshot before; truncation stops there
	Positions map[kizashi.Partition]uint64 // last stepped
	Blob      []byte                       // what the pipeline saved
}

// Report says what Load found.
type Report struct {
	Found   bool     // there is a snapshot
	Path    string   // of the one that was taken
	Damaged []string // newer files that could not be used, and why
}

// Lost says that there were snapshots and none could be used: what was
// learned before the journal begins is gone.
func (r Report) Lost() bool { return !r.Found && len(r.Damaged) > 0 }

// Save writes a snapshot and removes those that are neither this nor the
// previous one. When it returns nil the snapshot is durable. Segment must
// grow from one snapshot to the next.
func Save(dir string, s Snapshot, hook durable.Hook) error {
	if s.Segment < 0 || s.Previous < 0 || s.Previous > s.Segment {
		return fmt.Errorf("save snapshot: segment %d with previous segment %d", s.Segment, s.Previous)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("save snapshot: %w", err)
	}
	if err := durable.SyncDir(filepath.Dir(dir)); err != nil {
		return fmt.Errorf("save snapshot: %w", err)
	}
	data := encode(s)
	err := durable.WriteFile(path(dir, s.Segment), hook, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		return fmt.Errorf("save snapshot: %w", err)
	}
	return prune(dir, s.Segment, s.Previous)
}

// Load returns the newest snapshot that is sound. Damaged ones are named in
// the report; where none is sound the snapshot is zero and Report.Found is
// false. A sound one of a later program is ErrNewer: it is never passed over.
func Load(dir string) (Snapshot, Report, error) {
	var r Report
	segments, err := list(dir)
	if err != nil {
		return Snapshot{}, r, fmt.Errorf("load snapshot: %w", err)
	}
	for i := len(segments) - 1; i >= 0; i-- {
		name := path(dir, segments[i])
		data, err := os.ReadFile(name)
		if err != nil {
			return Snapshot{}, r, fmt.Errorf("load snapshot: %w", err)
		}
		s, err := decode(data)
		if err == nil && s.Segment != segments[i] {
			err = fmt.Errorf("it is that of segment %d", s.Segment)
		}
		if errors.Is(err, ErrNewer) || errors.Is(err, codec.ErrNewer) {
			return Snapshot{}, r, fmt.Errorf("%s: %w", name, err)
		}
		if err == nil {
			r.Found, r.Path = true, name
			return s, r, nil
		}
		r.Damaged = append(r.Damaged, fmt.Sprintf("%s: %v", name, err))
	}
	return Snapshot{}, r, nil
}

func path(dir string, segment int) string {
	return filepath.Join(dir, fmt.Sprintf("%s%08d", prefix, segment))
}

// list returns the segments of which there are snapshots, sorted.
func list(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []int
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), prefix)
		n, err := strconv.Atoi(rest)
		if ok && err == nil && n >= 0 && path(dir, n) == filepath.Join(dir, e.Name()) {
			out = append(out, n)
		}
	}
	sort.Ints(out)
	return out, nil
}

// prune removes the snapshots that are not to be kept, and what a stopped Save left behind.
func prune(dir string, keep ...int) error {
	left, err := filepath.Glob(filepath.Join(dir, prefix+"*.tmp"))
	if err != nil {
		return fmt.Errorf("remove old snapshots: %w", err)
	}
	for _, name := range left {
		if err := os.Remove(name); err != nil {
			return fmt.Errorf("remove old snapshots: %w", err)
		}
	}
	segments, err := list(dir)
	if err != nil {
		return fmt.Errorf("remove old snapshots: %w", err)
	}
	for _, n := range segments {
		if n == keep[0] || n == keep[1] {
			continue
		}
		if err := os.Remove(path(dir, n)); err != nil {
			return fmt.Errorf("remove old snapshots: %w", err)
		}
	}
	return nil
}

func encode(s Snapshot) []byte {
	positions := codec.AppendPositions(nil, s.Positions)
	b := make([]byte, 0, fixed+len(positions)+len(s.Blob))
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint32(b, Format)
	b = binary.LittleEndian.AppendUint64(b, uint64(s.Segment))
	b = binary.LittleEndian.AppendUint64(b, uint64(s.Previous))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(positions)))
	b = append(b, positions...)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(s.Blob)))
	b = append(b, s.Blob...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// decode reads a file. The checksum stands at the end and covers all before
// it, in every format, so that it is checked before anything is believed.
func decode(data []byte) (Snapshot, error) {
	if len(data) < fixed {
		return Snapshot{}, fmt.Errorf("it is cut: %d bytes", len(data))
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if string(body[:len(magic)]) != magic {
		return Snapshot{}, errors.New("it is no snapshot: the first bytes are not " + magic)
	}
	if got := sha256.Sum256(body); string(got[:]) != string(sum) {
		return Snapshot{}, errors.New("it is damaged: the checksum does not match")
	}
	b := body[len(magic):]
	s := Snapshot{Format: int(binary.LittleEndian.Uint32(b))}
	if s.Format > Format {
		return Snapshot{}, fmt.Errorf("format %d: %w", s.Format, ErrNewer)
	}
	b = b[4:]
	s.Segment, s.Previous = int(binary.LittleEndian.Uint64(b)), int(binary.LittleEndian.Uint64(b[8:]))
	positions, b, err := field(b[16:])
	if err != nil {
		return Snapshot{}, err
	}
	if s.Positions, err = codec.DecodePositions(positions); err != nil {
		return Snapshot{}, err
	}
	blob, b, err := field(b)
	if err != nil {
		return Snapshot{}, err
	}
	if len(b) > 0 {
		return Snapshot{}, fmt.Errorf("%d bytes too many", len(b))
	}
	s.Blob = blob
	return s, nil
}

// field reads a length and that many bytes.
func field(b []byte) (p, rest []byte, err error) {
	if len(b) < 8 {
		return nil, nil, errors.New("a length is cut")
	}
	n := binary.LittleEndian.Uint64(b)
	if b = b[8:]; n > uint64(len(b)) {
		return nil, nil, fmt.Errorf("a length of %d with %d bytes left", n, len(b))
	}
	return b[:n], b[n:], nil
}
