package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"github.com/kizashi-ops/kizashi"
)

// idLength is that of a block's name, a ULID.
const idLength = 26

// isBlock says whether a directory is a block of a TSDB.
func isBlock(dir string) bool {
	return has(dir, "meta.json") && (has(dir, "index") || has(dir, "chunks"))
}

// isTSDB says whether a directory holds blocks, or is that of a server that
// has written none yet.
func isTSDB(dir string) bool {
	return has(dir, "wal") && has(dir, "chunks_head") || len(blockNames(dir)) > 0
}

func has(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

// blockNames lists what is or was meant to be a block.
func blockNames(dir string) (names []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // whoever opens it says so
	}
	for _, e := range entries {
		d := filepath.Join(dir, e.Name())
		if e.IsDir() && len(e.Name()) == idLength && (has(d, "meta.json") || has(d, "index") && has(d, "chunks")) {
			names = append(names, e.Name())
		}
	}
	return names
}

// database is a TSDB opened for one reading.
type database struct {
	storage.Querier
	db *tsdb.DBReadOnly
}

// openDatabase opens blocks and head. Nothing is written into the directory,
// except where the head's chunks lie on another file system than the folder for
// temporary files: then links to them stand beside them until Close.
func openDatabase(dir string, from, to kizashi.Time) (*database, error) {
	for _, n := range blockNames(dir) {
		if err := checkBlock(filepath.Join(dir, n)); err != nil {
			return nil, fmt.Errorf("block %s: %w", n, err)
		}
	}
	d, err := openIn(os.TempDir(), dir, from, to)
	var link *os.LinkError
	if errors.As(err, &link) {
		d, err = openIn("", dir, from, to)
	}
	return d, err
}

// checkBlock refuses what the TSDB itself would pass over in silence, or name
// by the number of a chunk alone.
func checkBlock(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, "meta.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("it has no meta.json: the copy is not complete")
	} else if err != nil {
		return err
	}
	var meta tsdb.BlockMeta
	if err := json.Unmarshal(b, &meta); err != nil {
		return fmt.Errorf("meta.json: %w", err)
	}
	files, err := os.ReadDir(filepath.Join(dir, "chunks"))
	if err == nil && len(files) == 0 && meta.Stats.NumChunks > 0 {
		err = fmt.Errorf("no file in chunks, where %d chunks should be: the copy is not complete", meta.Stats.NumChunks)
	}
	return err
}

func openIn(sandbox, dir string, from, to kizashi.Time) (*database, error) {
	db, err := tsdb.OpenDBReadOnly(dir, sandbox, nil)
	if err != nil {
		return nil, err
	}
	last := int64(to)
	if to != kizashi.Forever {
		last--
	}
	q, err := db.Querier(int64(from), last)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &database{Querier: q, db: db}, nil
}

// Close gives everything back, in order.
func (d *database) Close() error {
	return errors.Join(d.Querier.Close(), d.db.Close())
}

// each hands over the series that any of the selections wants, each once.
func (d *database) each(selections []kizashi.Matchers, fn func(labelled, storage.Series) error) error {
	seen := map[string]bool{}
	for _, sel := range selections {
		ms, err := matchersOf(sel)
		if err != nil {
			return err
		}
		set := d.Select(context.Background(), true, nil, ms...)
		for set.Next() {
			s := set.At()
			l := newLabelled(s.Labels().Map())
			if seen[l.key] {
				continue
			}
			seen[l.key] = true
			if err := fn(l, s); err != nil {
				return fmt.Errorf("series %s: %w", l.name(), err)
			}
		}
		if err := set.Err(); err != nil {
			return err
		}
	}
	return nil
}

// matchersOf turns matchers into those of Prometheus; none select everything.
func matchersOf(sel kizashi.Matchers) ([]*labels.Matcher, error) {
	if len(sel) == 0 {
		return []*labels.Matcher{labels.MustNewMatcher(labels.MatchRegexp, metricName, ".*")}, nil
	}
	types := map[string]labels.MatchType{"=": labels.MatchEqual, "!=": labels.MatchNotEqual, "=~": labels.MatchRegexp, "!~": labels.MatchNotRegexp}
	var out []*labels.Matcher
	for _, m := range sel {
		p, err := labels.NewMatcher(types[m.Op], m.Name, m.Value)
		if err != nil {
			return nil, fmt.Errorf("select %s: %w", m, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// selections are those of all entries that describe the file.
func (f *file) selections(o *Options) ([]kizashi.Matchers, error) {
	es, err := f.entries(o)
	var out []kizashi.Matchers
	for _, e := range es {
		out = append(out, e.selects(o))
	}
	return out, err
}

// listTSDB finds the series that have a sample in the range asked for.
func (f *file) listTSDB(tenant string, o *Options) (parts []*file, err error) {
	f.rep = &FileReport{Path: f.rel, Format: TSDB, First: kizashi.Never, Last: kizashi.Never}
	sel, err := f.selections(o)
	if err != nil {
		return nil, err
	}
	d, err := openDatabase(f.path, o.From, o.To)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	var all []labelled
	native := map[string]bool{}
	err = d.each(sel, func(l labelled, s storage.Series) error {
		b := newStored(s, o)
		p, err := b.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		native[l.key] = p.fault == Histogram
		all = append(all, l)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errors.New("no rows: no series is selected that has a sample in the range asked for")
	}
	(&families{}).kinds(all)
	for i := range all {
		if native[all[i].key] {
			all[i].kind = histogram
		}
	}
	return f.assign(all, tenant, o)
}

// openTSDB lines the series of a file up by time. A chunk of each is in memory
// at a time.
func openTSDB(f *file, o *Options) (io.Closer, decoder, error) {
	sel, err := f.selections(o)
	if err != nil {
		return nil, nil, err
	}
	db, err := openDatabase(f.path, o.From, o.To)
	if err != nil {
		return nil, nil, err
	}
	d := &strandDecoder{}
	err = db.each(sel, func(l labelled, s storage.Series) error {
		t, ok := f.targets[l.key]
		if !ok {
			return nil
		}
		return d.add(t, f.strand(t, newStored(s, o)))
	})
	return db, d, err
}

// stored is a strand over a series of a TSDB.
type stored struct {
	it       chunkenc.Iterator
	from, to kizashi.Time
}

func newStored(s storage.Series, o *Options) *stored {
	return &stored{it: s.Iterator(nil), from: o.From, to: o.To}
}

func (s *stored) next() (point, error) {
	for {
		typ := s.it.Next()
		if typ == chunkenc.ValNone {
			if err := s.it.Err(); err != nil {
				return point{}, err
			}
			return point{}, io.EOF
		}
		p := point{at: kizashi.Time(s.it.AtT())}
		// A head may hand over more than was asked for.
		if p.at < s.from || p.at >= s.to {
			continue
		}
		if typ != chunkenc.ValFloat {
			p.fault = Histogram
			return p, nil
		}
		switch _, p.value = s.it.At(); {
		case value.IsStaleNaN(p.value):
			p.fault = Stale
		case math.IsNaN(p.value), math.IsInf(p.value, 0):
			p.fault = NotFinite
		}
		return p, nil
	}
}
