// Package replay reads files as if they were live: CSV, JSON lines, the
// CloudWatch console's CSV, what get-metric-data and get-metric-statistics
// print and OpenMetrics text, plain or gzip, from files, folders or stdin; the
// data directory of a Prometheus server; and batches from memory.
//
// A file that no mapping describes is a tenant of its own, each of its value
// columns a series and a group. Its rows are delivered in the order in which
// they stand; what repeats a time or goes back is marked Late, and the core
// drops what it has judged already. Mapped files have the identity of the live
// series, and those of one partition are merged by time.
//
// OpenMetrics text and TSDBs name their series by labels. Each is a series of
// the file's tenant, named metric{label="value"}, its labels as they are, its
// group the metric. Gauges are delivered as they are, of counters the increase
// from sample to sample; samples of histograms are counted and skipped.
//
// Log files bring lines, masked: a file that no mapping describes is a tenant and
// a log group of its own. Lines of a minute that is over, by the hold-back, are
// marked Late.
//
// A row that cannot be used is counted, reported and skipped. A file that
// cannot be used is an error that names file and line.
package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/catalogue"
	"github.com/kizashi-ops/kizashi/ingest/mask"
)

// Options say what to read, and how.
type Options struct {
	Paths     []string             // files, folders, "-" for stdin
	Stdin     io.Reader            // what "-" reads
	Mapping   *Mapping             // nil = none
	Catalogue *catalogue.Catalogue // of the hints of mapped files; nil = the one that comes with the program
	Zone      string               // of timestamps without one, where the mapping states none; "" = UTC, and the report says so
	Timestamp string               // column; "" = found
	Values    []string             // columns; none = all that hold numbers
	Select    kizashi.Matchers     // of series with labels (OpenMetrics, TSDB) those to read, where the mapping selects none; none = all
	Encoding  string               // utf-8 or cp932; "" = found
	From, To  kizashi.Time         // [From, To) is delivered; 0, Never and Forever = no bound
	Batch     int                  // samples or lines in a batch, about; 0 = 4096
	Mask      mask.Config          // of log files: what is masked
	masker    *mask.Masker
	OnRow     func(*Row) // called for each row in the order of its file, before its batch is delivered, also for rows of batches that Open skips
}

// BrokenError says which files broke off. It comes at the end, in the place of
// io.EOF, after all that could be read was delivered; a partition with such a
// file was not closed.
type BrokenError struct {
	Files []error // each names its file, and the line
}

func (e *BrokenError) Error() string { return errors.Join(e.Files...).Error() }

// Unwrap returns what was wrong with each file.
func (e *BrokenError) Unwrap() []error { return e.Files }

// Source is an ingest.Source over files.
type Source struct {
	opt     Options
	files   []*file
	lanes   []*lane
	reports []*FileReport
	ignored []Ignored
	at      int // lanes before it are done
	err     error
}

var _ ingest.Source = (*Source)(nil)

// New finds the inputs and reads the beginning of each. Its error lists every
// file that cannot be used.
func New(o Options) (*Source, error) {
	if o.Batch <= 0 {
		o.Batch = 4096
	}
	if o.From == 0 {
		o.From = kizashi.Never
	}
	if o.To == 0 {
		o.To = kizashi.Forever
	}
	if err := checkZone("zone", o.Zone); err != nil {
		return nil, err
	}
	in, ignored, err := find(o.Paths)
	errs := []error{err}
	names, err := tenants(in)
	if err != nil {
		return nil, errors.Join(append(errs, err)...)
	}
	if err := o.know(); err != nil {
		return nil, err
	}
	if o.masker, err = mask.New(o.Mask); err != nil {
		return nil, err
	}
	s := &Source{opt: o, ignored: ignored}
	for i, f := range in {
		files, err := inspect(f, names[i], &s.opt)
		var not errNotInput
		switch {
		case errors.As(err, &not) && f.folder:
			s.ignored = append(s.ignored, Ignored{f.rel, not.why})
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", f.path, err))
		default:
			s.files, s.reports = append(s.files, files...), append(s.reports, files[0].rep)
		}
	}
	if errors.Join(errs...) == nil && len(s.files) == 0 {
		errs = append(errs, errors.New("no input was found"))
	}
	errs = append(errs, s.check())
	if err := errors.Join(errs...); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// know gives the mapping's entries the catalogue: a file's series have the
// hints of the live ones.
func (o *Options) know() error {
	if o.Mapping == nil {
		return nil
	}
	if o.Catalogue == nil {
		var err error
		if o.Catalogue, err = catalogue.Load(); err != nil {
			return err
		}
	}
	for i := range o.Mapping.Entries {
		o.Mapping.Entries[i].known = o.Catalogue
	}
	return nil
}

// check refuses series that could not be told apart.
func (s *Source) check() error {
	type place struct {
		file *file
		part kizashi.Partition
	}
	var errs []error
	seen := map[kizashi.SeriesID]place{}
	for _, f := range s.files {
		for i := range f.columns {
			m := f.columns[i].meta
			before, ok := seen[m.Series]
			switch {
			case !ok:
				seen[m.Series] = place{f, f.part}
			case before.file == f:
				errs = append(errs, fmt.Errorf("%s: two of its columns are the same series: %s", f.path, m.Name()))
			case before.part != f.part:
				errs = append(errs, fmt.Errorf("%s and %s hold the same series, but the mapping gives them different settling delays: %s", before.file.path, f.path, m.Name()))
			}
		}
	}
	return errors.Join(errs...)
}

// Open starts the source. Files are read from their beginning again, and what
// from knows is passed over, so the same files give the same batches.
func (s *Source) Open(from map[kizashi.Partition]uint64) error {
	if s.lanes != nil {
		return errors.New("replay: opened twice")
	}
	at := map[kizashi.Partition]*lane{}
	for _, f := range s.files {
		l := at[f.part]
		if l == nil {
			l = &lane{part: f.part, opt: &s.opt, skip: from[f.part], until: kizashi.Never, top: kizashi.Never}
			at[f.part], s.lanes = l, append(s.lanes, l)
		}
		l.files = append(l.files, f)
	}
	// A tenant's partitions stand together, in the order of the input.
	rank := map[string]int{}
	for i, l := range s.lanes {
		if _, ok := rank[l.part.Tenant]; !ok {
			rank[l.part.Tenant] = i
		}
		l.share()
	}
	sort.SliceStable(s.lanes, func(i, j int) bool { return rank[s.lanes[i].part.Tenant] < rank[s.lanes[j].part.Tenant] })
	return nil
}

// Next returns the next batch: tenant after tenant, and within one the
// partition that is furthest behind, after all of them have joined. At the end
// it returns io.EOF, or a BrokenError.
func (s *Source) Next(ctx context.Context) (kizashi.Batch, error) {
	for s.err == nil {
		if err := ctx.Err(); err != nil {
			return kizashi.Batch{}, err
		}
		l := s.pick()
		if l == nil {
			s.err = s.end()
			break
		}
		b, err := l.next()
		switch {
		case errors.Is(err, errCut):
		case err != nil:
			s.err = err
		case b.Pos > l.skip:
			return b, nil
		}
	}
	return kizashi.Batch{}, s.err
}

// end is io.EOF, or what broke off.
func (s *Source) end() error {
	var all []error
	for _, l := range s.lanes {
		all = append(all, l.broken...)
	}
	if len(all) == 0 {
		return io.EOF
	}
	return &BrokenError{all}
}

// pick returns the lane to read from, or nil.
func (s *Source) pick() *lane {
	for s.at < len(s.lanes) && s.lanes[s.at].state == closed {
		s.at++
	}
	if s.at == len(s.lanes) {
		return nil
	}
	best := s.lanes[s.at]
	for _, l := range s.lanes[s.at:] {
		switch {
		case l.part.Tenant != best.part.Tenant:
			return best
		case l.state == unopened:
			return l
		case l.state == running && l.until < best.until:
			best = l
		}
	}
	return best
}

// Ack needs no answer: a file does not go away.
func (s *Source) Ack(kizashi.Partition, uint64) error { return nil }

// Close closes what is open.
func (s *Source) Close() error {
	var errs []error
	for _, l := range s.lanes {
		errs = append(errs, l.close())
	}
	for _, f := range s.files {
		errs = append(errs, f.letGo())
	}
	return errors.Join(errs...)
}

// Report says what has become of the input so far. It is complete once Next
// has returned io.EOF, and it must not run beside Next.
func (s *Source) Report() Report {
	r := Report{Ignored: append([]Ignored(nil), s.ignored...)}
	for _, f := range s.reports {
		r.Files = append(r.Files, f.copy())
	}
	return r
}

// Series lists the metrics that the input holds, in the order of files and columns, before
// anything is read.
func (s *Source) Series() []FileSeries {
	var out []FileSeries
	for _, f := range s.files {
		if f.log {
			continue // its series are patterns that nobody knows before it is read
		}
		fs := FileSeries{Path: f.rel}
		for _, c := range f.columns {
			fs.Metas = append(fs.Metas, c.meta)
		}
		out = append(out, fs)
	}
	return out
}

// LogGroups are the log groups of the log files; of a file that names its groups
// itself none is known before it is read.
func (s *Source) LogGroups() []FileSeries {
	var out []FileSeries
	for _, f := range s.files {
		if !f.log {
			continue
		}
		fs := FileSeries{Path: f.rel}
		for _, c := range f.columns {
			fs.Metas = append(fs.Metas, c.meta)
		}
		out = append(out, fs)
	}
	return out
}

// FileSeries are the series of an input, in the order of Row.Series. An answer
// of CloudWatch with several periods has one FileSeries for each.
type FileSeries struct {
	Path  string // as in FileReport.Path and Row.File
	Metas []kizashi.Meta
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
