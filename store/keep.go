package store

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sort"
	"sync"
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

// Of more alerts than that Keep commits those alone that are told with their
// justification; the others wait ([Store.FlushSome]), in a storm of many
// partitions mostAlerts of them.
const (
	alertsAtOnce = 500
	mostAlerts   = 100_000
)

// alertsAtATime is how many alerts that wait share a commit: some tens of
// milliseconds, for which a lane that writes down what it told may have to wait.
const alertsAtATime = 50

// Keep stores what a step produced: its samples, and the rest in a
// transaction. What somebody has to be told of is committed when it returns,
// but in a storm: of hundreds of alerts only those that lead, and the others
// are where [Store.Ahead] finds them, or, after a crash, in the journal.
// Records of hours and the like wait for the next commit, [Store.Flush] or a
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
	if len(s.pending.Alerts) > 0 {
		s.drop(c.Alerts)
	}
	s.pending.Add(c)
	s.later.add(c.Alerts)
	n := len(s.pending.Alerts)
	switch {
	case len(c.Alerts)+len(c.Justifications)+len(c.Declared)+len(c.Commands) == 0 && s.pending.Rows()-n < waiting:
		return nil
	case n <= alertsAtOnce || n > mostAlerts:
		return s.commit()
	}
	return s.commitLeading()
}

// commitLeading commits all that waits but alerts without a justification, and
// how far that brings the partitions.
func (s *Store) commitLeading() error {
	c := s.pending
	c.Alerts, c.Stepped = nil, nil
	for i := range s.pending.Alerts {
		if a := &s.pending.Alerts[i]; a.Justify != "" {
			c.Alerts = append(c.Alerts, *a)
		}
	}
	if err := s.ledger.Commit(c); err != nil {
		return err
	}
	s.later.remove(c.Alerts)
	alerts, stepped := s.pending.Alerts, maps.Clone(s.pending.Stepped)
	s.pending.Reset()
	s.pending.Alerts = slices.DeleteFunc(alerts, func(a kizashi.Alert) bool { return a.Justify != "" })
	s.pending.Stepped = stepped
	return nil
}

// FlushSome commits some of what waits, but for positions alone, and says
// whether more does.
func (s *Store) FlushSome() (more bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending.Alerts) <= alertsAtATime {
		if s.pending.Rows() == 0 {
			return false, nil
		}
		return false, s.commit()
	}
	if err := s.ledger.Commit(ledger.Changes{Alerts: s.pending.Alerts[:alertsAtATime]}); err != nil {
		return true, err
	}
	s.later.remove(s.pending.Alerts[:alertsAtATime])
	s.pending.Alerts = s.pending.Alerts[alertsAtATime:]
	return true, nil
}

// Ahead commits what waits of these alerts. A message must not name an alert
// that is not in the ledger.
func (s *Store) Ahead(ids ...string) error {
	wanted := s.later.those(ids)
	if len(wanted) == 0 {
		return nil // and whoever asks does not wait for a commit of others
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var c ledger.Changes
	for i := range s.pending.Alerts {
		if a := &s.pending.Alerts[i]; wanted[a.ID] {
			c.Alerts = append(c.Alerts, *a)
		}
	}
	if len(c.Alerts) == 0 {
		return nil
	}
	if err := s.ledger.Commit(c); err != nil {
		return err
	}
	s.drop(c.Alerts)
	return nil
}

// later counts, by alert, the changes that wait.
type later struct {
	mu sync.Mutex
	n  map[string]int
}

func (l *later) add(as []kizashi.Alert) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.n == nil {
		l.n = make(map[string]int, len(as))
	}
	for i := range as {
		l.n[as[i].ID]++
	}
}

func (l *later) remove(as []kizashi.Alert) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range as {
		if l.n[as[i].ID]--; l.n[as[i].ID] <= 0 {
			delete(l.n, as[i].ID)
		}
	}
	if len(l.n) == 0 {
		l.n = nil // a storm's map is not kept
	}
}

func (l *later) those(ids []string) map[string]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.n) == 0 {
		return nil
	}
	out := map[string]bool{}
	for _, id := range ids {
		if l.n[id] > 0 {
			out[id] = true
		}
	}
	return out
}

// Waits is how many alerts wait for their commit.
func (s *Store) Waits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.pending.Alerts)
}

// change is one of an alert's.
type change struct {
	alert string
	seq   int
}

// drop takes off what waits the changes that were told again, as of the same
// time or a later one.
func (s *Store) drop(again []kizashi.Alert) {
	if len(again) == 0 {
		return
	}
	to := make(map[change]kizashi.Time, len(again))
	for i := range again {
		to[change{again[i].ID, again[i].Seq}] = again[i].To
	}
	var gone []kizashi.Alert
	s.pending.Alerts = slices.DeleteFunc(s.pending.Alerts, func(a kizashi.Alert) bool {
		t, ok := to[change{a.ID, a.Seq}]
		if ok = ok && t >= a.To; ok {
			gone = append(gone, a)
		}
		return ok
	})
	s.later.remove(gone)
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
	s.later.remove(s.pending.Alerts)
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

// flushRecords commits what waits if records do.
func (s *Store) flushRecords() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.pending.Records) == 0:
		return nil
	case len(s.pending.Alerts) > alertsAtOnce:
		return s.commitLeading()
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
// it would be lost; that is checked, but for what the journal itself has lost. Then
// the journal is truncated before the previous snapshot, or earlier where it is to be
// kept longer.
func (s *Store) Save(m Mark, positions map[kizashi.Partition]uint64, blob []byte) error {
	positions, err := s.covered(m, positions)
	if err != nil {
		return err
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
	next := state.Snapshot{Format: state.Format, Segment: m.Segment, Previous: s.snapshot.Segment, Positions: positions, Blob: blob}
	if err := state.Save(filepath.Join(s.dir, stateName), next, s.hook); err != nil {
		return err
	}
	s.snapshot, s.found = next, true
	if s.keepJournal == 0 {
		return s.journal.Truncate(next.Previous)
	}
	since, err := s.journal.Since(s.keepJournal)
	if err != nil {
		return err
	}
	return s.journal.Truncate(min(next.Previous, since))
}

// covered are the positions that a snapshot at the mark has: what was stepped, and what
// was lost before it could be.
func (s *Store) covered(m Mark, stepped map[kizashi.Partition]uint64) (map[kizashi.Partition]uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := maps.Clone(stepped)
	for p, pos := range m.Before {
		switch have := stepped[p]; {
		case have >= pos:
		case s.passed[p] >= pos:
			out[p] = pos
		default:
			return nil, fmt.Errorf("snapshot at segment %d: %s was journalled up to position %d, but is stepped up to %d only", m.Segment, p, pos, have)
		}
	}
	return out, nil
}

// Retain removes what is older than the retention, as of a moment.
func (s *Store) Retain(now kizashi.Time) (ledger.Removed, error) {
	if err := s.samples.Retain(now.Add(-samples.Judged.Retention)); err != nil {
		return nil, err
	}
	if err := s.coarse.retain(now); err != nil {
		return nil, err
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
