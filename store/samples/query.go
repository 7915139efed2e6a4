package samples

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/wlog"
)

// querier reads from a TSDB, whichever way it was opened.
type querier struct {
	dir  string
	open func(mint, maxt int64) (storage.Querier, error)
}

// each hands over every TSDB series that a matcher selects, with times in
// [mint, maxt].
func (q querier) each(mint, maxt int64, m *labels.Matcher, fn func(storage.Series) error) (err error) {
	db, err := q.open(mint, maxt)
	if err != nil {
		return fmt.Errorf("samples: read %s: %w", q.dir, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	set := db.Select(context.Background(), false, nil, m)
	for set.Next() {
		if err := fn(set.At()); err != nil {
			return fmt.Errorf("samples: read %s: %w", q.dir, err)
		}
	}
	if err := set.Err(); err != nil {
		return fmt.Errorf("samples: read %s: %w", q.dir, err)
	}
	return nil
}

func bySeries(id kizashi.SeriesID) *labels.Matcher {
	return labels.MustNewMatcher(labels.MatchEqual, labelSeries, id.String())
}

// samples returns a series' samples with from <= At < to, oldest first.
func (q querier) samples(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
	if to <= from {
		return nil, nil
	}
	var out []kizashi.Sample
	parts := 0
	err := q.each(int64(from), int64(to-1), bySeries(id), func(s storage.Series) error {
		k, err := keyOf(s.Labels())
		if err != nil {
			return err
		}
		parts++
		it := s.Iterator(nil)
		for it.Next() != chunkenc.ValNone {
			at, v := it.At()
			// A read-only opening may hand over more than was asked for.
			if at >= int64(from) && at < int64(to) {
				out = append(out, kizashi.Sample{Series: id, At: kizashi.Time(at), Period: k.period, Value: v, Late: k.late})
			}
		}
		return it.Err()
	})
	if parts > 1 {
		sort.Slice(out, func(i, j int) bool { return out[i].At < out[j].At })
	}
	return out, err
}

// keyOf reads what labels wrote.
func keyOf(ls labels.Labels) (k key, err error) {
	if err := k.series.UnmarshalText([]byte(ls.Get(labelSeries))); err != nil {
		return k, fmt.Errorf("labels %s: %w", ls, err)
	}
	if p := ls.Get(labelPeriod); p != "" {
		ns, err := strconv.ParseInt(p, 10, 64)
		if err != nil {
			return k, fmt.Errorf("labels %s: %w", ls, err)
		}
		k.period = time.Duration(ns)
	}
	k.late = ls.Get(labelLate) == "1"
	return k, nil
}

// lasts finds every series' last time. Nearly all series end near the newest
// time, so all are asked for a short window first; the few others one by one,
// over windows that grow backwards.
func (q querier) lasts(newest int64) (map[kizashi.SeriesID]kizashi.Time, error) {
	const first = 3 * int64(time.Hour/time.Millisecond)
	last := map[kizashi.SeriesID]kizashi.Time{}
	all := labels.MustNewMatcher(labels.MatchEqual, labels.MetricName, metricName)
	if newest < 0 {
		newest = 0
	}
	if err := q.each(newest-first, math.MaxInt64, all, func(s storage.Series) error { return latest(last, s) }); err != nil {
		return nil, err
	}
	names, err := q.names()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		var id kizashi.SeriesID
		if err := id.UnmarshalText([]byte(name)); err != nil {
			return nil, fmt.Errorf("samples: %s: %w", q.dir, err)
		}
		if err := q.search(last, id, newest-first-1, 8*first); err != nil {
			return nil, err
		}
	}
	return last, nil
}

// search looks for a series' last time up to to, in a window of so many
// milliseconds and ever longer ones before it.
func (q querier) search(last map[kizashi.SeriesID]kizashi.Time, id kizashi.SeriesID, to, span int64) error {
	const longest = 10 * 365 * 24 * int64(time.Hour/time.Millisecond) // beyond any retention
	for from := to; from > math.MinInt64; span *= 8 {
		if _, ok := last[id]; ok {
			return nil
		}
		if from = to - span; span > longest {
			from = math.MinInt64
		}
		if err := q.each(from, to, bySeries(id), func(s storage.Series) error { return latest(last, s) }); err != nil {
			return err
		}
		to = from - 1
	}
	return nil
}

// names lists the ids of all series.
func (q querier) names() (names []string, err error) {
	db, err := q.open(math.MinInt64, math.MaxInt64)
	if err != nil {
		return nil, fmt.Errorf("samples: read %s: %w", q.dir, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	names, _, err = db.LabelValues(context.Background(), labelSeries, nil)
	if err != nil {
		return nil, fmt.Errorf("samples: list series of %s: %w", q.dir, err)
	}
	return names, nil
}

func latest(last map[kizashi.SeriesID]kizashi.Time, s storage.Series) error {
	k, err := keyOf(s.Labels())
	if err != nil {
		return err
	}
	it := s.Iterator(nil)
	for it.Next() != chunkenc.ValNone {
		at := kizashi.Time(it.AtT())
		if have, ok := last[k.series]; !ok || at > have {
			last[k.series] = at
		}
	}
	return it.Err()
}

// Reader reads the samples beside a running service: what is there when it is
// asked.
type Reader struct{ q querier }

// OpenReadOnly opens the TSDB in dir for reading. It needs to write a few
// links beside the data, in a directory that is removed after each query.
func OpenReadOnly(dir string) (*Reader, error) {
	db, err := tsdb.OpenDBReadOnly(dir, "", nil)
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("samples: open %s for reading: %w", dir, err)
	}
	return &Reader{querier{dir: dir, open: func(from, to int64) (storage.Querier, error) { return openOnce(dir, from, to) }}}, nil
}

// openOnce opens the TSDB for one query: it can link the chunks of its head
// once only.
//
// The TSDB's own read-only opening leaves out of its log what is older than
// the newest block's end, also where that block holds late samples alone and
// the log the others of that time. So the log is opened as if there were no
// blocks; what it holds beside them is the same. It is opened first: what is
// gathered in a block meanwhile is then in both.
func openOnce(dir string, from, to int64) (_ storage.Querier, err error) {
	q := &onceQuerier{}
	defer func() {
		if err != nil {
			err = errors.Join(err, q.Close())
		}
	}()
	if q.links, err = linkLog(dir); err != nil {
		return nil, err
	}
	log, err := q.open(q.links)
	if err != nil {
		return nil, err
	}
	head, err := log.Querier(from, to)
	if err != nil {
		return nil, err
	}
	q.parts = []storage.Querier{head}
	for _, dir := range []string{filepath.Join(dir, backlogName), dir} {
		if err := q.addBlocks(dir, from, to); err != nil {
			return nil, err
		}
	}
	q.Querier = joined(q.parts...)
	return q, nil
}

// addBlocks adds the blocks in dir that hold anything of [from, to].
func (q *onceQuerier) addBlocks(dir string, from, to int64) error {
	db, err := q.open(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil // a backup without a backlog
	}
	if err != nil {
		return err
	}
	blocks, err := db.Blocks()
	if err != nil {
		return err
	}
	for _, b := range blocks {
		if m := b.Meta(); m.MinTime > to || m.MaxTime <= from {
			continue
		}
		part, err := tsdb.NewBlockQuerier(b, from, to)
		if err != nil {
			return err
		}
		q.parts = append(q.parts, part)
	}
	return nil
}

// linkLog makes a directory in dir with links to the TSDB's log and to the
// chunks of its head.
func linkLog(dir string) (links string, err error) {
	if links, err = os.MkdirTemp(dir, "tmp_log"); err != nil {
		return "", err
	}
	whole, err := filepath.Abs(dir)
	for _, name := range []string{"wal", "wbl", "chunks_head"} {
		if err == nil {
			err = os.Symlink(filepath.Join(whole, name), filepath.Join(links, name))
		}
	}
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(links))
	}
	return links, nil
}

// onceQuerier closes with itself all that it reads from.
type onceQuerier struct {
	storage.Querier
	parts []storage.Querier
	dbs   []*tsdb.DBReadOnly
	links string // directory to remove; "" = none
}

func (q *onceQuerier) open(dir string) (*tsdb.DBReadOnly, error) {
	db, err := tsdb.OpenDBReadOnly(dir, "", nil)
	if err == nil {
		q.dbs = append(q.dbs, db)
	}
	return db, err
}

// Close implements storage.Querier.
func (q *onceQuerier) Close() (err error) {
	for _, part := range q.parts {
		err = errors.Join(err, part.Close())
	}
	for _, db := range q.dbs {
		err = errors.Join(err, db.Close())
	}
	if q.links != "" {
		err = errors.Join(err, os.RemoveAll(q.links))
	}
	return err
}

// Samples returns the samples of a series with from <= At < to, oldest first.
// It reads the service's log, whose last record may be half written just then,
// and its blocks, which may be merged just then: that is tried again. What came
// out of order since the service's last snapshot is in its memory alone.
func (r *Reader) Samples(id kizashi.SeriesID, from, to kizashi.Time) (out []kizashi.Sample, err error) {
	for range 5 {
		out, err = r.q.samples(id, from, to)
		var torn *wlog.CorruptionErr
		if !errors.As(err, &torn) && !errors.Is(err, os.ErrNotExist) {
			break
		}
	}
	return out, err
}

// Close has nothing to close: every query closes its own.
func (r *Reader) Close() error { return nil }
