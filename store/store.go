// Package store ties together what survives: the journal of batches, the
// snapshots of the pipeline's state, the samples, the coarser history, and the
// ledger of alerts, evidence and deliveries. One process at a time has the data directory;
// others may read beside it.
//
// It decides nothing about alerts and starts no goroutine of its own.
// docs/state-format.md has what lies in the directory.
package store

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/store/durable"
	"github.com/kizashi-ops/kizashi/store/journal"
	"github.com/kizashi-ops/kizashi/store/ledger"
	"github.com/kizashi-ops/kizashi/store/samples"
	"github.com/kizashi-ops/kizashi/store/state"
)

var (
	_ alert.History = (*Store)(nil)
	_ alert.History = (*Reader)(nil)
)

// What lies in the data directory.
const (
	lockName    = "lock"
	formatName  = "FORMAT"
	journalName = "journal"
	samplesName = "tsdb"
	stateName   = "state"
	hourlyName  = "tsdb-hourly"
	fivesName   = "tsdb-5m"
	ledgerName  = "kizashi.db"
)

// Options of a store.
type Options struct {
	Hook        durable.Hook // tests fail or kill at its steps
	SegmentSize int          // bytes of a journal segment; 0 = journal.DefaultSegmentSize
	// KeepJournal is how long the journal keeps what two snapshots cover, for
	// Recall; 0 = not at all.
	KeepJournal time.Duration
}

// Report says what Open found that a person should know of.
type Report struct {
	State   state.Report
	Journal journal.Report
	// Behind names partitions whose results were stored up to Before-1, while
	// the journal ends at After: the disk lost what had been acknowledged.
	// Sources that can are asked again from After on.
	Behind []journal.Span
}

// Clean says that nothing was damaged or lost.
func (r Report) Clean() bool {
	return len(r.State.Damaged) == 0 && r.Journal.Clean() && len(r.Behind) == 0
}

// Lines tells the report, a line for each thing.
func (r Report) Lines() []string {
	var out []string
	for _, d := range r.State.Damaged {
		out = append(out, "snapshot not used: "+d)
	}
	switch {
	case r.State.Lost():
		out = append(out, "no snapshot could be used: what was known before the journal begins is lost; series are learned again from stored samples, log patterns anew")
	case len(r.State.Damaged) > 0:
		out = append(out, "the previous snapshot is used; nothing is lost, the journal is replayed from there: "+r.State.Path)
	}
	for _, l := range r.Journal.Losses {
		out = append(out, l.String())
	}
	for _, b := range r.Behind {
		out = append(out, fmt.Sprintf("journal ends too early for %s: at position %d, results are stored up to %d", b.Partition, b.After, b.Before-1))
	}
	return out
}

// Store is an open data directory. Keep, Mark and Save are for the goroutine
// that steps the pipeline; the other methods for any.
type Store struct {
	dir     string
	lock    *flock.Flock
	hook    durable.Hook
	journal *journal.Journal
	samples *samples.Store
	coarse  coarse
	ledger  *ledger.Ledger

	keepJournal time.Duration // beyond what two snapshots need

	mu       sync.Mutex
	snapshot state.Snapshot
	found    bool
	passed   map[kizashi.Partition]uint64 // up to here nothing is to come any more: it is in the snapshot, or lost
	pending  ledger.Changes               // not yet in the ledger
	later    later                        // alerts of pending; it has its own lock
}

// Open opens the data directory dir, made if it is not there, and holds its
// lock until Close.
func Open(dir string, opts Options) (*Store, Report, error) {
	s := &Store{dir: dir, hook: opts.Hook, keepJournal: opts.KeepJournal}
	report, err := s.open(opts)
	if err != nil {
		return nil, report, errors.Join(fmt.Errorf("data directory %s: %w", dir, err), s.Close())
	}
	return s, report, nil
}

func (s *Store) open(opts Options) (r Report, err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return r, err
	}
	if s.lock, err = acquire(filepath.Join(s.dir, lockName)); err != nil {
		return r, err
	}
	if err := stamp(filepath.Join(s.dir, formatName)); err != nil {
		return r, err
	}
	if s.snapshot, r.State, err = state.Load(filepath.Join(s.dir, stateName)); err != nil {
		return r, err
	}
	s.found, s.passed = r.State.Found, s.snapshot.Positions
	s.journal, r.Journal, err = journal.Open(filepath.Join(s.dir, journalName), journal.Options{
		Hook: opts.Hook, SegmentSize: opts.SegmentSize, From: s.snapshot.Segment, Positions: s.snapshot.Positions,
	})
	if err != nil {
		return r, err
	}
	if s.samples, err = samples.Open(filepath.Join(s.dir, samplesName), samples.Options{Hook: opts.Hook}); err != nil {
		return r, err
	}
	if s.coarse, err = openCoarse(s.dir, opts.Hook); err != nil {
		return r, err
	}
	if s.ledger, err = ledger.Open(filepath.Join(s.dir, ledgerName), opts.Hook); err != nil {
		return r, err
	}
	r.Behind, err = s.behind(r.Journal.Reached)
	return r, err
}

// Close closes all that is open and gives up the lock.
func (s *Store) Close() error {
	var errs []error
	if s.journal != nil {
		errs = append(errs, s.journal.Close())
	}
	if s.ledger != nil {
		if s.Waits() <= waiting { // more would take its time, and comes again from the journal
			errs = append(errs, s.flush())
		}
		errs = append(errs, s.ledger.Close())
	}
	if s.samples != nil {
		errs = append(errs, s.samples.Close())
	}
	errs = append(errs, s.coarse.close())
	if s.lock != nil {
		errs = append(errs, s.lock.Unlock())
	}
	return errors.Join(errs...)
}

// Snapshot returns the state to load the pipeline from; ok is false if there
// is none, and everything begins anew.
func (s *Store) Snapshot() (blob []byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.snapshot.Blob, s.found
}

// Replay hands over, in order, the batches that were journalled after the
// snapshot and before Open. Some may be in the snapshot's state already; the
// pipeline drops those by their position. What the report says is lost a later Save
// does not ask for.
func (s *Store) Replay(fn func(kizashi.Batch) error) (journal.Report, error) {
	s.mu.Lock()
	from := s.snapshot.Segment
	s.mu.Unlock()
	came := map[kizashi.Partition]bool{}
	report, err := s.journal.Replay(from, func(b kizashi.Batch) error {
		came[b.Partition] = true
		return fn(b)
	})
	if err == nil && !report.Clean() {
		s.pass(report, came)
	}
	return report, err
}

// pass notes up to where nothing is to come any more of the partitions that lost some, and
// of those of which nothing came.
func (s *Store) pass(report journal.Report, came map[kizashi.Partition]bool) {
	for _, l := range report.Losses {
		for _, p := range l.Spans {
			delete(came, p.Partition)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passed = maps.Clone(s.passed)
	if s.passed == nil {
		s.passed = map[kizashi.Partition]uint64{}
	}
	for p, pos := range s.journal.Positions() {
		if !came[p] {
			s.passed[p] = pos
		}
	}
}

// Recall hands over, in order, the batches of some partitions that were in the
// journal at Open, those that snapshots cover too, as far as they are kept.
func (s *Store) Recall(want func(kizashi.Partition) bool, fn func(kizashi.Batch) error) error {
	return s.journal.Recall(want, fn)
}

// Append journals batches and returns when they are durable. Batches that
// were journalled before are passed over. Another error is final.
func (s *Store) Append(bs []kizashi.Batch) error { return s.journal.AppendAll(bs) }

// AppendOne journals one batch; many goroutines may call it and share an
// fsync. It is journal.ErrOld for one that was journalled before.
func (s *Store) AppendOne(b *kizashi.Batch) error { return s.journal.Append(b) }

// Positions returns the last journalled position of each partition.
func (s *Store) Positions() map[kizashi.Partition]uint64 { return s.journal.Positions() }

// Failed is closed when the journal has failed for good; Err says why.
func (s *Store) Failed() <-chan struct{} { return s.journal.Failed() }

// Err returns the error that ended the journal, if one did.
func (s *Store) Err() error { return s.journal.Err() }

// Ledger is what is read by key, and the outbox of the deliveries.
func (s *Store) Ledger() *ledger.Ledger { return s.ledger }

// Samples returns the samples of a series with from <= At < to, as they were
// judged, oldest first.
func (s *Store) Samples(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
	return s.samples.Samples(id, from, to)
}

// Records returns a series' records of the hours that overlap [from, to),
// oldest first.
func (s *Store) Records(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	if err := s.flushRecords(); err != nil {
		return nil, err
	}
	return s.ledger.Records(id, from, to)
}

// Limits returns of the same records hour, slots and whether they count.
func (s *Store) Limits(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	if err := s.flushRecords(); err != nil {
		return nil, err
	}
	return s.ledger.Limits(id, from, to)
}
