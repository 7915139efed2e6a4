package store

import (
	"fmt"
	"maps"
	"path/filepath"
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/journal"
	"github.com/kizashi-ops/kizashi/store/ledger"
	"github.com/kizashi-ops/kizashi/store/samples"
	"github.com/kizashi-ops/kizashi/store/state"
)

// How long things are kept.
const (
	EvidenceRetention = 456 * 24 * time.Hour // alerts and evidence: 15 months
	RecordRetention   = 100 * 24 * time.Hour // records of hours and checkpoints, like samples
)

// waiting is how many rows of the ledger wait at the most for a commit.
const waiting = 10_000

// Keep stores what a step produced: its samples, and the rest in a
// transaction. What somebody has to be told of is committed when it returns;
// records of hours and the like wait for the next commit, [Store.Flush] or a
// snapshot: a fleet's hour begins with hundreds of steps, and each commit is an
// fsync. After a crash the same steps may be kept again.
func (s *Store) Keep(judged []kizashi.Sample, c ledger.Changes) error {
	asides, err := s.samples.Append(judged)
	if err != nil {
		return err
	}
	c.Revisions = append(c.Revisions, revisions(asides)...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending.Add(c)
	if len(c.Alerts)+len(c.Justifications)+len(c.Declared)+len(c.Commands) == 0 && s.pending.Rows() < waiting {
		return nil
	}
	return s.commit()
}

func revisions(asides []samples.Aside) []ledger.Revision {
	var out []ledger.Revision
	for _, a := range asides {
		out = append(out, ledger.Revision{Sample: a.Sample, Stored: a.Stored, Why: a.Why})
	}
	return out
}

func (s *Store) commit() error {
	if err := s.ledger.Commit(s.pending); err != nil {
		return err
	}
	s.pending.Reset()
	return nil
}

// Flush commits what waits, but for positions alone: they can wait on.
func (s *Store) Flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending.Rows() == 0 {
		return nil
	}
	return s.commit()
}

// flush commits all that waits.
func (s *Store) flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending.Empty() {
		return nil
	}
	return s.commit()
}

// Mark is a place in the journal at which a snapshot can begin.
type Mark struct {
	Segment int
	Before  map[kizashi.Partition]uint64 // what was journalled before it
}

// Mark cuts the journal. What was appended before must be stepped and kept;
// then Save may be called with the state.
func (s *Store) Mark() (Mark, error) {
	segment, before, err := s.journal.Mark()
	return Mark{segment, before}, err
}

// Save makes a snapshot durable: blob is the pipeline's state, positions what
// it has stepped. All that was journalled before the mark must be in it, or
// it would be lost; that is checked. Then the journal is truncated before the
// previous snapshot.
func (s *Store) Save(m Mark, positions map[kizashi.Partition]uint64, blob []byte) error {
	for p, pos := range m.Before {
		if have, ok := positions[p]; !ok || have < pos {
			return fmt.Errorf("snapshot at segment %d: %s was journalled up to position %d, but is stepped up to %d only", m.Segment, p, pos, have)
		}
	}
	if err := s.flush(); err != nil {
		return err
	}
	if err := s.samples.Sync(); err != nil {
		return err
	}
	if err := s.coarse.sync(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := state.Snapshot{Format: state.Format, Segment: m.Segment, Previous: s.snapshot.Segment, Positions: maps.Clone(positions), Blob: blob}
	if err := state.Save(filepath.Join(s.dir, stateName), next, s.hook); err != nil {
		return err
	}
	s.snapshot, s.found = next, true
	return s.journal.Truncate(next.Previous)
}

// Retain removes what is older than the retention, as of a moment. The judged
// samples remove themselves.
func (s *Store) Retain(now kizashi.Time) error {
	if err := s.coarse.retain(now); err != nil {
		return err
	}
	return s.ledger.Retain(now.Add(-EvidenceRetention), now.Add(-RecordRetention))
}

// behind compares where the journal ends with what is known to have been in
// it: the snapshot's positions and those of the results.
func (s *Store) behind(reached map[kizashi.Partition]uint64) ([]journal.Span, error) {
	known, err := s.ledger.Positions()
	if err != nil {
		return nil, err
	}
	for p, pos := range s.snapshot.Positions {
		known[p] = max(known[p], pos)
	}
	var out []journal.Span
	for p, pos := range known {
		if at, ok := reached[p]; !ok || at < pos {
			out = append(out, journal.Span{Partition: p, After: at, Before: pos + 1})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Partition.String() < out[j].Partition.String() })
	return out, nil
}
