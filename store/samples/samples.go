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
	dir     string
	kind    Kind
	hook    durable.Hook
	db      *tsdb.DB // what comes in the order of time, or nearly
	refs    refs     // of db
	backlog *backlog
	q       querier

	mu     sync.Mutex
	last   map[kizashi.SeriesID]kizashi.Time
	newest kizashi.Time // of all
}

// key is what makes a TSDB series.
type key struct {
	series kizashi.SeriesID
	period time.Duration
	late   bool
}

// refs are the references of the TSDB series of one head.
type refs map[key]ref

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
	s := &Store{dir: dir, kind: kind, hook: opts.Hook, refs: refs{}}
	if err := s.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("samples: open %s: %w", dir, err), s.Close())
	}
	return s, nil
}

func (s *Store) open() (err error) {
	o := tsdb.DefaultOptions()
	o.RetentionDuration = s.kind.Retention.Milliseconds()
	o.MaxBlockDuration = max(o.MinBlockDuration, min(s.kind.Retention/10, 31*24*time.Hour).Milliseconds())
	o.NoLockfile = true // the whole data directory has one
	if s.db, err = tsdb.Open(s.dir, nil, prometheus.NewRegistry(), o, nil); err != nil {
		return err
	}
	if s.backlog, err = openBacklog(filepath.Join(s.dir, backlogName), s.kind); err != nil {
		return err
	}
	s.q = querier{dir: s.dir, open: s.querier}
	if s.last, err = s.q.lasts(int64(max(headTime(s.db), s.backlog.newest()))); err != nil {
		return err
	}
	s.newest = kizashi.Never
	for _, at := range s.last {
		s.newest = max(s.newest, at)
	}
	return nil
}

// querier reads from all there is. It asks the backlog first: what becomes a
// block meanwhile is then in both.
func (s *Store) querier(from, to int64) (storage.Querier, error) {
	old, err := s.backlog.querier(from, to)
	if err != nil {
		return nil, err
	}
	db, err := s.db.Querier(from, to)
	if err != nil {
		return nil, errors.Join(err, old.Close())
	}
	return joined(db, old), nil
}

// headTime is the newest time in the database, or a little later: the end of a
// block.
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
	asides, err := s.append(samples)
	if err != nil {
		return nil, fmt.Errorf("samples: append to %s: %w", s.dir, err)
	}
	return asides, s.hook.At(s.kind.Steps[1])
}

func (s *Store) append(samples []kizashi.Sample) ([]Aside, error) {
	sorted := s.sort(samples)
	app, old := s.db.Appender(context.Background()), s.backlog.appender()
	if err := errors.Join(s.refs.put(app, sorted.new), s.backlog.front.refs.put(old, sorted.old)); err != nil {
		return nil, errors.Join(err, app.Rollback(), old.Rollback())
	}
	if err := app.Commit(); err != nil {
		return nil, errors.Join(err, old.Rollback())
	}
	s.reach(sorted.new)
	if err := old.Commit(); err != nil {
		return nil, err
	}
	s.reach(sorted.old)
	s.backlog.hold(sorted.old)
	if s.backlog.full() || len(sorted.old) > 0 && !s.backlog.merging.Load() && s.caughtUp() {
		if err := s.flush(); err != nil {
			return nil, err
		}
	}
	more, err := s.compare(sorted.behind)
	return append(sorted.tooOld, more...), err
}

// caughtUp says whether every series of the backlog's front has come to where
// the TSDB's head takes it again. Then a flush lets it go there.
func (s *Store) caughtUp() bool {
	from, ok := s.db.Head().AppendableMinValidTime()
	for id := range s.backlog.front.held {
		if !ok || int64(s.last[id]) < from {
			return false
		}
	}
	return true
}

// reach notes what is stored.
func (s *Store) reach(samples []kizashi.Sample) {
	for _, v := range samples {
		s.last[v.Series] = v.At
		s.newest = max(s.newest, v.At)
	}
}

// sorted is where samples go: a series' samples are all new or all old.
type sorted struct {
	new, old, behind []kizashi.Sample
	tooOld           []Aside
}

func (s *Store) sort(samples []kizashi.Sample) (out sorted) {
	from := s.headTakes(samples)
	reached, held := map[kizashi.SeriesID]kizashi.Time{}, map[kizashi.SeriesID]bool{}
	for _, v := range samples {
		last, ok := reached[v.Series]
		if !ok {
			last, ok = s.last[v.Series]
		}
		switch {
		case ok && v.At <= last:
			out.behind = append(out.behind, v)
			continue
		case v.At < s.newest.Add(-s.kind.Window):
			out.tooOld = append(out.tooOld, Aside{v, kizashi.None(), TooOld})
			continue
		case s.kind.Coarse, v.At < from, held[v.Series], s.backlog.front.held[v.Series]:
			held[v.Series] = true
			out.old = append(out.old, v)
		default:
			out.new = append(out.new, v)
		}
		reached[v.Series] = v.At
	}
	return out
}

// headTakes is the first time that the TSDB's head takes in order. A head that
// holds nothing yet takes what is near the first sample it gets.
func (s *Store) headTakes(samples []kizashi.Sample) kizashi.Time {
	if from, ok := s.db.Head().AppendableMinValidTime(); ok {
		return kizashi.Time(from)
	}
	newest := samples[0].At
	for _, v := range samples {
		newest = max(newest, v.At)
	}
	return newest.Add(-time.Duration(tsdb.DefaultBlockDuration/2) * time.Millisecond)
}

// put adds samples.
func (r refs) put(app storage.Appender, samples []kizashi.Sample) error {
	for _, v := range samples {
		if err := r.putOne(app, v); err != nil {
			return fmt.Errorf("series %s at %s: %w", v.Series, v.At, err)
		}
	}
	return nil
}

func (r refs) putOne(app storage.Appender, v kizashi.Sample) error {
	if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
		return fmt.Errorf("%v is not a finite number", v.Value)
	}
	k := key{v.Series, v.Period, v.Late}
	have, ok := r[k]
	if !ok {
		have.labels = k.labels()
	}
	id, err := app.Append(have.id, have.labels, int64(v.At), v.Value)
	if err != nil {
		return err
	}
	if !ok || id != have.id {
		have.id = id
		r[k] = have
	}
	return nil
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
	if err := s.hook.At(s.kind.Steps[2]); err != nil {
		return err
	}
	s.mu.Lock()
	err := s.flush()
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.hook.At(s.kind.Steps[3])
}

// flush makes durable what is in the log, and then the backlog, which goes on
// where the log ends, for a series that fell behind.
func (s *Store) flush() error {
	if err := syncAll(filepath.Join(s.dir, "wal")); err != nil {
		return fmt.Errorf("samples: %w", err)
	}
	if err := s.backlog.flush(); err != nil {
		return fmt.Errorf("samples: %s: %w", s.dir, err)
	}
	if err := durable.SyncDir(s.dir); err != nil {
		return fmt.Errorf("samples: %w", err)
	}
	return nil
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

// Close closes the TSDB. What came out of order since the last Sync is not
// stored: it is to be appended again, as after a kill.
func (s *Store) Close() (err error) {
	if s.backlog != nil {
		err = s.backlog.close()
	}
	if s.db != nil {
		err = errors.Join(err, s.db.Close())
	}
	if err != nil {
		return fmt.Errorf("samples: close %s: %w", s.dir, err)
	}
	return nil
}
