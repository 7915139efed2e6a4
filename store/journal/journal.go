// Package journal keeps batches before anything is done with them, so that
// pulled, pushed and replayed input are equal and a killed process can go on
// where it was. It writes with Prometheus's tsdb/wlog, one record a batch,
// from one goroutine, many appends to one fsync; it reads with a reader of
// its own that names damage and goes on behind it.
//
// It decides nothing about what is in a batch beyond its partition and
// position. docs/state-format.md has the layout.
package journal

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"sync"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/durable"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/tsdb/wlog"
	"github.com/prometheus/prometheus/util/compression"
)

// ErrOld is returned for a batch that is not after the last journalled
// position of its partition, once that position is durable: acknowledge and
// drop it.
var ErrOld = errors.New("the batch was journalled before")

// ErrClosed is returned after Close.
var ErrClosed = errors.New("the journal is closed")

// DefaultSegmentSize is the size in bytes at which a new segment is begun.
const DefaultSegmentSize = 32 << 20

// neverRotate is the segment size that wlog is told: it would rotate without
// waiting for the fsync, so segments are cut here instead.
const neverRotate = math.MaxInt / pageSize * pageSize

// Options of a journal.
type Options struct {
	Hook        durable.Hook
	SegmentSize int // bytes; 0 = DefaultSegmentSize
	// From and Positions come from the snapshot: no segment below From is
	// begun, and no batch up to these positions is taken again, even where the
	// journal itself is gone.
	From      int
	Positions map[kizashi.Partition]uint64

	maxRecord int // tests split small batches
}

// Journal is open for appending. Its methods may be called from many
// goroutines.
type Journal struct {
	dir  string
	opts Options
	wl   *wlog.WL
	old  int // segments below this one were there at Open

	requests chan *request
	stopped  chan struct{} // the writer has ended
	failed   chan struct{} // closed at the first error

	// Of the writer goroutine.
	next    uint64
	segment int
	size    int // bytes in the segment, about
	recs    [][]byte
	group   []*request

	mu        sync.Mutex
	positions map[kizashi.Partition]uint64 // durable
	err       error
}

// Open opens the journal in dir, made if it is not there. A torn tail is cut;
// other damage is repaired, the damaged bytes are kept aside, and the report
// says what may be lost. One process at a time: the caller holds the lock.
func Open(dir string, opts Options) (*Journal, Report, error) {
	if opts.SegmentSize <= 0 {
		opts.SegmentSize = DefaultSegmentSize
	}
	if opts.maxRecord <= 0 {
		opts.maxRecord = maxRecord
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, Report{}, fmt.Errorf("journal: make directory: %w", err)
	}
	if err := durable.SyncDir(filepath.Dir(dir)); err != nil {
		return nil, Report{}, fmt.Errorf("journal: %w", err)
	}
	f, err := recoverDir(dir, opts)
	if err != nil {
		return nil, f.report, err
	}
	j := &Journal{
		dir: dir, opts: opts, next: f.next, positions: f.positions,
		requests: make(chan *request, 1024), stopped: make(chan struct{}), failed: make(chan struct{}),
	}
	if err := j.begin(); err != nil {
		return nil, f.report, err
	}
	go j.run()
	return j, f.report, nil
}

// recoverDir reads and repairs what is there.
func recoverDir(dir string, opts Options) (folder, error) {
	f := folder{tracker: newTracker()}
	have, err := segments(dir)
	if err != nil {
		return f, err
	}
	if have, err = fill(dir, have, opts.From); err != nil {
		return f, err
	}
	last, kept, err := f.readAll(dir, have)
	if err != nil {
		return f, err
	}
	f.report.Reached = maps.Clone(f.positions)
	f.raise(opts.Positions)
	f.report.Losses = f.end()
	for i := range f.report.Losses {
		if l := &f.report.Losses[i]; !l.Known {
			l.Kept = kept[l.Segment]
		}
	}
	// A segment that holds nothing would be one more at each start.
	if len(have) > 1 && last.batches == 0 && !last.dirty && !last.gaps {
		if err := os.Remove(segmentPath(dir, last.index)); err != nil {
			return f, fmt.Errorf("journal: %w", err)
		}
	}
	return f, nil
}

// readAll folds in segments and repairs those that need it. It returns the
// last one, and by segment where damaged bytes are kept.
func (f *folder) readAll(dir string, have []int) (last folded, kept map[int]string, err error) {
	kept = map[int]string{}
	for _, n := range have {
		data, err := os.ReadFile(segmentPath(dir, n))
		if err != nil {
			return last, kept, fmt.Errorf("journal: read segment: %w", err)
		}
		if last, err = f.segment(n, data); err != nil {
			return last, kept, fmt.Errorf("journal: segment %s: %w", segmentPath(dir, n), err)
		}
		if !last.dirty {
			continue
		}
		if kept[n], err = repair(dir, last); err != nil {
			return last, kept, err
		}
	}
	return last, kept, nil
}

// begin opens a new segment to write to.
func (j *Journal) begin() error {
	wl, err := wlog.NewSize(nil, prometheus.NewRegistry(), j.dir, neverRotate, compression.None)
	if err != nil {
		return fmt.Errorf("journal: begin a segment in %s: %w", j.dir, err)
	}
	j.wl = wl
	_, j.segment, err = wlog.Segments(j.dir)
	j.old = j.segment
	if err == nil {
		err = j.head(j.next)
	}
	if err == nil {
		err = durable.SyncDir(j.dir)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("journal: begin segment %d in %s: %w", j.segment, j.dir, err), wl.Close())
	}
	return nil
}

// Append writes a batch and returns when it is durable. A batch that is not
// after the last one of its partition is ErrOld. Any other error but one
// about the batch itself is final: nothing can be appended any more.
func (j *Journal) Append(b *kizashi.Batch) error {
	r, err := j.batchRequest(b)
	if err != nil {
		return err
	}
	return j.ask(r)
}

func (j *Journal) batchRequest(b *kizashi.Batch) (*request, error) {
	if b.Partition == (kizashi.Partition{}) {
		return nil, errors.New("journal: a batch of no partition")
	}
	recs, err := batchRecords(b, j.opts.maxRecord)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return &request{recs: recs, part: b.Partition, pos: b.Pos}, nil
}

// AppendAll writes batches in order and returns when all of them are durable,
// by few fsyncs. Old ones are passed over, as a source may bring them again.
func (j *Journal) AppendAll(bs []kizashi.Batch) error {
	asked := make([]*request, 0, len(bs))
	var err error
	for i := range bs {
		var r *request
		if r, err = j.batchRequest(&bs[i]); err != nil {
			break
		}
		j.send(r)
		asked = append(asked, r)
	}
	for _, r := range asked {
		if e := j.wait(r); e != nil && !errors.Is(e, ErrOld) && err == nil {
			err = e
		}
	}
	return err
}

// Positions returns the last durable position of each partition.
func (j *Journal) Positions() map[kizashi.Partition]uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return maps.Clone(j.positions)
}

// Cut ends the present segment and returns the number of the one that begins
// then. What was appended before lies before it, and is durable.
func (j *Journal) Cut() (segment int, err error) {
	segment, _, err = j.Mark()
	return segment, err
}

// Mark is Cut that also says what lies before the cut: the last position of
// each partition.
func (j *Journal) Mark() (segment int, before map[kizashi.Partition]uint64, err error) {
	err = j.ask(&request{do: func() error {
		err := j.cut()
		segment, before = j.segment, maps.Clone(j.positions)
		return err
	}})
	return segment, before, err
}

// Truncate removes the segments before the one named, never the present one.
func (j *Journal) Truncate(before int) error {
	return j.ask(&request{do: func() error { return j.truncate(min(before, j.segment)) }})
}

// Failed is closed when the journal has failed for good; Err says why.
func (j *Journal) Failed() <-chan struct{} { return j.failed }

// Err returns the error that ended the journal, if one did.
func (j *Journal) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// Close ends the journal: what was accepted is durable when it returns nil.
func (j *Journal) Close() error { return j.ask(&request{last: true}) }
