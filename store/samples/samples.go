// Package samples keeps samples in Prometheus's TSDB: those that were judged,
// and in directories of their own the points of a coarser history. A series
// only grows: a second value for a time, or one before the series' last time,
// is handed back, since the TSDB itself would take it without an error and let
// it win.
//
// It is a derivation of the journal: the same samples again change nothing.
// It knows nothing of alerts or baselines. docs/state-format.md has the
// labels.
package samples

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/durable"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// The labels of a TSDB series. The TSDB keeps times and values only, so what
// else belongs to a sample is a label: a series whose period changes, or that
// has late samples, is several series there.
const (
	metricName  = "kizashi_sample"
	labelSeries = "series_id" // 16 hexadecimal digits
	labelPeriod = "period_ns" // length in nanoseconds; absent = not known
	labelLate   = "late"      // "1", or absent
)

// Why a sample was handed back.
const (
	Revised = "revised" // the series has another value at that time
	Behind  = "behind"  // the series has later samples, none at that time
	TooOld  = "too old" // further back than Window
)

// Aside is a sample that was not stored.
type Aside struct {
	Sample kizashi.Sample
	Stored kizashi.Num // the value that stands at that time; None = none
	Why    string      // Revised, Behind or TooOld
}

// Options of a store.
type Options struct {
	Kind Kind // zero = Judged
	Hook durable.Hook
}

// Store is an open TSDB. Append and Sync are for one goroutine at a time,
// Samples for many beside it.
type Store struct {
	dir  string
	kind Kind
	hook durable.Hook
	db   *tsdb.DB
	q    querier

	mu   sync.Mutex
	last map[kizashi.SeriesID]kizashi.Time
	refs map[key]ref

	fresh int // samples appended since they were last gathered in blocks
}

// key is what makes a TSDB series.
type key struct {
	series kizashi.SeriesID
	period time.Duration
	late   bool
}

type ref struct {
	id     storage.SeriesRef
	labels labels.Labels
}

// Open opens the TSDB in dir, made if it is not there, and finds out each
// series' last time.
func Open(dir string, opts Options) (*Store, error) {
	kind := opts.Kind
	if kind.Retention == 0 {
		kind = Judged
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("samples: %w", err)
	}
	o := tsdb.DefaultOptions()
	o.RetentionDuration = kind.Retention.Milliseconds()
	o.OutOfOrderTimeWindow = kind.Window.Milliseconds()
	o.MinBlockDuration = max(o.MinBlockDuration, kind.Block.Milliseconds())
	o.MaxBlockDuration = max(o.MinBlockDuration, min(kind.Retention/10, 31*24*time.Hour).Milliseconds())
	o.NoLockfile = true // the whole data directory has one
	db, err := tsdb.Open(dir, nil, prometheus.NewRegistry(), o, nil)
	if err != nil {
		return nil, fmt.Errorf("samples: open %s: %w", dir, err)
	}
	if err := gather(db); err != nil {
		return nil, errors.Join(fmt.Errorf("samples: open %s: %w", dir, err), db.Close())
	}
	s := &Store{dir: dir, kind: kind, hook: opts.Hook, db: db, q: querier{dir: dir, open: db.Querier}, refs: map[key]ref{}}
	if s.last, err = s.q.lasts(int64(headTime(db))); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// gather puts into blocks what came out of order before the last end. The
// TSDB's log of such samples says which of them were written to a chunk, by
// the chunk's place in a file; a kill loses what was not flushed to that file,
// later chunks take those places, and the start after the next kill then
// leaves out samples that are in no chunk at all. A log that is emptied at
// every start tells of one life only.
func gather(db *tsdb.DB) error { return db.CompactOOOHead(context.Background()) }

// headTime is the newest time in the database.
func headTime(db *tsdb.DB) kizashi.Time {
	newest := db.Head().MaxTime()
	for _, b := range db.BlockMetas() {
		newest = max(newest, b.MaxTime)
	}
	return kizashi.Time(newest)
}

// Append stores samples that are after their series' last one and hands the
// others back, but for those that are stored already. On an error some of
// them may be stored; appending all of them again is right.
func (s *Store) Append(samples []kizashi.Sample) ([]Aside, error) {
	if len(samples) == 0 {
		return nil, nil
	}
	if err := s.hook.At(s.kind.Steps[0]); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	asides, err := s.apart(samples)
	if err != nil {
		return nil, fmt.Errorf("samples: append to %s: %w", s.dir, err)
	}
	return asides, s.hook.At(s.kind.Steps[1])
}

func (s *Store) append(samples []kizashi.Sample) (asides []Aside, err error) {
	app := s.db.Appender(context.Background())
	var behind []kizashi.Sample
	reached := map[kizashi.SeriesID]kizashi.Time{}
	for _, v := range samples {
		last, ok := reached[v.Series]
		if !ok {
			last, ok = s.last[v.Series]
		}
		if ok && v.At <= last {
			behind = append(behind, v)
			continue
		}
		tooOld, err := s.put(app, v)
		if err != nil {
			return nil, errors.Join(err, app.Rollback())
		}
		if tooOld {
			asides = append(asides, Aside{v, kizashi.None(), TooOld})
			continue
		}
		reached[v.Series] = v.At
	}
	if err := app.Commit(); err != nil {
		return nil, err
	}
	s.fresh += len(samples)
	for id, at := range reached {
		s.last[id] = at
	}
	more, err := s.compare(behind)
	return append(asides, more...), err
}

// put adds one sample. It says so if the TSDB no longer takes that time.
func (s *Store) put(app storage.Appender, v kizashi.Sample) (tooOld bool, err error) {
	if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
		return false, fmt.Errorf("series %s at %s: %v is not a finite number", v.Series, v.At, v.Value)
	}
	k := key{v.Series, v.Period, v.Late}
	r, ok := s.refs[k]
	if !ok {
		r.labels = k.labels()
	}
	id, err := app.Append(r.id, r.labels, int64(v.At), v.Value)
	switch {
	case errors.Is(err, storage.ErrTooOldSample), errors.Is(err, storage.ErrOutOfBounds):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("series %s at %s: %w", v.Series, v.At, err)
	}
	if !ok || id != r.id {
		r.id = id
		s.refs[k] = r
	}
	return false, nil
}

func (k key) labels() labels.Labels {
	ls := []string{labels.MetricName, metricName, labelSeries, k.series.String()}
	if k.period != 0 {
		ls = append(ls, labelPeriod, strconv.FormatInt(int64(k.period), 10))
	}
	if k.late {
		ls = append(ls, labelLate, "1")
	}
	return labels.FromStrings(ls...)
}

// compare tells samples behind their series' end from those that are stored
// already.
func (s *Store) compare(behind []kizashi.Sample) ([]Aside, error) {
	type reach struct{ from, to kizashi.Time }
	reaches := map[kizashi.SeriesID]reach{}
	for _, v := range behind {
		r, ok := reaches[v.Series]
		if !ok {
			r = reach{v.At, v.At}
		}
		reaches[v.Series] = reach{min(r.from, v.At), max(r.to, v.At)}
	}
	stored := map[kizashi.SeriesID]map[kizashi.Time]float64{}
	for id, r := range reaches {
		have, err := s.q.samples(id, r.from, r.to+1)
		if err != nil {
			return nil, err
		}
		stored[id] = make(map[kizashi.Time]float64, len(have))
		for _, v := range have {
			stored[id][v.At] = v.Value
		}
	}
	var out []Aside
	for _, v := range behind {
		switch have, ok := stored[v.Series][v.At]; {
		case !ok:
			out = append(out, Aside{v, kizashi.None(), Behind})
		case have != v.Value:
			out = append(out, Aside{v, kizashi.Num(have), Revised})
		}
	}
	return out, nil
}

// Samples returns the samples of a series with from <= At < to, oldest first.
func (s *Store) Samples(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
	return s.q.samples(id, from, to)
}

// Last returns the time of a series' last sample; ok is false if it has none.
func (s *Store) Last(id kizashi.SeriesID) (at kizashi.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok = s.last[id]
	return at, ok
}

// Sync makes durable all that was appended. The TSDB writes its log without
// an fsync; what a power cut takes is in the journal until a snapshot says
// otherwise, and that waits for this.
func (s *Store) Sync() error {
	if err := s.gather(); err != nil {
		return err
	}
	if err := s.hook.At(s.kind.Steps[2]); err != nil {
		return err
	}
	for _, name := range []string{"wal", "wbl"} {
		if err := syncAll(filepath.Join(s.dir, name)); err != nil {
			return fmt.Errorf("samples: %w", err)
		}
	}
	if err := durable.SyncDir(s.dir); err != nil {
		return fmt.Errorf("samples: %w", err)
	}
	return s.hook.At(s.kind.Steps[3])
}

// syncAll makes a log directory's files and names durable. A file that the
// TSDB removed meanwhile is in a block, which it has synced.
func syncAll(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if e.IsDir() {
			err = syncAll(path)
		} else {
			err = durable.SyncFile(path)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := durable.SyncDir(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Close closes the TSDB.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("samples: close %s: %w", s.dir, err)
	}
	return nil
}
