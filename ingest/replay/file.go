package replay

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
)

// file is one input, or, of a CloudWatch answer, the part of one partition.
type file struct {
	found
	entry   *Entry // nil = none matches
	zone    string
	stated  bool // somebody stated the zone
	lay     layout
	ids     []string // of a CloudWatch answer, one for each column
	columns []output
	part    kizashi.Partition
	rep     *FileReport
	held    *stream // stdin, whose head was read already
}

// output is a series that a file brings.
type output struct {
	meta kizashi.Meta
	// last is the time of the series' last sample, where several files of a
	// partition bring the same series; else nil.
	last *kizashi.Time
}

// own says whether the file is a tenant of its own.
func (f *file) own() bool { return f.entry == nil || f.entry.Tenant == "" }

func (f *file) period() time.Duration { return f.part.Period }

// errNotInput says why a file of a folder is no input, which is no error.
type errNotInput struct{ why string }

func (e errNotInput) Error() string { return e.why }

// inspect looks into an input and says what is in it. A CloudWatch answer
// whose queries differ in period or account comes back as several files.
func inspect(in found, tenant string, o *Options) (files []*file, err error) {
	f := &file{found: in, entry: o.Mapping.entryFor(in.rel), zone: o.Zone}
	if f.entry != nil && f.entry.Zone != "" {
		f.zone = f.entry.Zone
	}
	f.stated = f.zone != ""
	raw, err := openRaw(in, o.Stdin)
	if err != nil {
		return nil, err
	}
	s, err := openStream(raw, f.encoding(o))
	if in.path != "-" {
		defer func() {
			if e := raw.Close(); err == nil {
				err = e
			}
		}()
	}
	if err != nil {
		return nil, err
	}
	f.rep = &FileReport{Path: in.rel, Encoding: s.encoding, Gzip: s.gzip, Mapped: !f.own(), First: kizashi.Never, Last: kizashi.Never}
	results, err := f.layOut(s, o)
	if err != nil {
		if b, ok := s.rest.(failing); ok {
			err = fmt.Errorf("%w; the input breaks off: %w", err, b.err)
		}
		return nil, err
	}
	f.rep.Columns, f.rep.Unread = f.lay.names, f.lay.ignored
	if in.path == "-" {
		f.held = s
	}
	if f.own() {
		return []*file{f}, f.ownColumns(tenant, o)
	}
	return f.mappedColumns(results)
}

func (f *file) encoding(o *Options) string {
	if f.entry != nil && f.entry.Encoding != "" {
		return f.entry.Encoding
	}
	return o.Encoding
}

// layOut tells the format and finds the columns.
func (f *file) layOut(s *stream, o *Options) (results []result, err error) {
	w := wish{timestamp: o.Timestamp, values: o.Values}
	if f.entry != nil {
		if f.entry.Timestamp != "" {
			w.timestamp = f.entry.Timestamp
		}
		if len(f.entry.Columns) > 0 {
			w.values = keys(f.entry.Columns)
		}
	}
	c, err := newClock(f.zone)
	if err != nil {
		return nil, err
	}
	h := bytes.TrimSpace(s.head)
	switch {
	case len(h) == 0:
		return nil, fmt.Errorf("no rows in the first %d KiB", headSize>>10)
	case h[0] == '{' && bytes.Contains(h, []byte(`"MetricDataResults"`)):
		f.rep.Format = MetricData
		if results, err = f.answer(s); err != nil {
			return nil, err
		}
		f.lay, f.ids, err = answerLayout(results, w)
	case (h[0] == '{' || h[0] == '[') && bytes.Contains(h, []byte(`"MetricDataQueries"`)):
		return nil, errNotInput{"a request for metric data, not its answer: name it in the mapping"}
	case h[0] == '[':
		return nil, fmt.Errorf("a JSON list: want one JSON object on each line")
	case h[0] == '{':
		f.rep.Format = JSONLines
		f.lay, err = jsonLayout(s.head, s.full, w, c)
	default:
		f.lay, f.rep.Format, err = csvLayout(s.head, s.full, w, c)
	}
	return results, err
}

// answer reads a whole CloudWatch answer; that of stdin is kept.
func (f *file) answer(s *stream) ([]result, error) {
	b, err := io.ReadAll(s.all())
	if err != nil {
		return nil, err
	}
	s.head, s.rest = b, ended{}
	return readAnswer(bytes.NewReader(b))
}

// ownColumns makes each column a series and a group of the file's own tenant.
func (f *file) ownColumns(tenant string, o *Options) error {
	e := f.entry
	if e == nil {
		e = &Entry{Column: noColumn()}
	}
	f.rep.Tenant = tenant
	f.part = kizashi.Partition{Tenant: tenant, Kind: kizashi.Metrics, Period: e.Period, Settle: e.Settle}
	base := path.Base(stem(f.rel))
	for i, n := range f.lay.names {
		c := e.columnOf(f.lay.aliases[i])
		name := base
		if len(f.lay.names) > 1 {
			name += ":" + n
		}
		labels := map[string]string{}
		for k, v := range c.Labels {
			labels[k] = v
		}
		labels["name"], labels["file"], labels["column"] = name, f.rel, n
		group := c.Group
		if group == "" {
			group = name
		}
		id := kizashi.LabelsOf(map[string]string{"column": n})
		f.columns = append(f.columns, output{meta: kizashi.Meta{
			Series: kizashi.IDOf(tenant, id), Tenant: tenant, Identity: id, Labels: kizashi.LabelsOf(labels), Group: group,
			Unit: c.Unit, Statistic: c.Statistic, Period: kizashi.Duration(e.Period), Settle: kizashi.Duration(e.Settle),
			Lower: c.Lower, Upper: c.Upper, Zone: f.zone,
		}})
	}
	return nil
}

// columnOf returns what the entry says of a column by any of its names.
func (e *Entry) columnOf(names []string) Column {
	for k, c := range e.Columns {
		if _, err := findColumn([][]string{names}, k); err == nil {
			return c
		}
	}
	return e.Column
}

// mappedColumns gives the columns the identity of live series.
func (f *file) mappedColumns(results []result) ([]*file, error) {
	e := f.entry
	f.rep.Tenant = e.Tenant
	if len(e.queries) > 0 {
		if len(results) == 0 {
			return nil, fmt.Errorf("the mapping's line %d gives a request, but this is %s, not the answer to one", e.Line, f.rep.Format)
		}
		return f.byQuery()
	}
	if len(e.Columns) == 0 && len(f.lay.names) > 1 {
		return nil, fmt.Errorf("%d value columns (%q): the mapping's line %d must say under columns: what each is", len(f.lay.names), f.lay.names, e.Line)
	}
	f.part = e.partition(e.Account, e.Period)
	for i := range f.lay.names {
		f.columns = append(f.columns, output{meta: e.meta(f.part, f.zone, e.columnOf(f.lay.aliases[i]))})
	}
	return []*file{f}, nil
}

func (e *Entry) partition(account string, period time.Duration) kizashi.Partition {
	return kizashi.Partition{Tenant: e.Tenant, Account: account, Region: e.Region, Kind: kizashi.Metrics, Period: period, Settle: e.Settle}
}

func (e *Entry) meta(p kizashi.Partition, zone string, c Column) kizashi.Meta {
	return ingest.Metric(ingest.MetricSpec{
		Tenant: p.Tenant, Account: p.Account, Region: p.Region, Namespace: c.Namespace, Metric: c.Metric, Dimensions: c.Dimensions,
		Statistic: c.Statistic, Period: p.Period, Settle: p.Settle, Unit: c.Unit, Lower: c.Lower, Upper: c.Upper,
		Zone: zone, Group: c.Group, Labels: c.Labels,
	})
}

// byQuery splits an answer by the partitions of its queries.
func (f *file) byQuery() ([]*file, error) {
	var out []*file
	at := map[kizashi.Partition]*file{}
	for i, id := range f.ids {
		q, ok := f.entry.queries[id]
		if !ok {
			known := keys(f.entry.queries)
			return nil, fmt.Errorf("result %q is not among the queries of the request%s", id, nearest(id, known))
		}
		account := f.entry.Account
		if q.AccountId != "" {
			account = q.AccountId
		}
		p := f.entry.partition(account, q.period())
		g := at[p]
		if g == nil {
			part := *f
			g = &part
			g.part, g.columns, g.ids = p, nil, nil
			g.lay.names, g.lay.aliases = nil, nil
			at[p], out = g, append(out, g)
		}
		g.ids = append(g.ids, id)
		g.lay.names, g.lay.aliases = append(g.lay.names, f.lay.names[i]), append(g.lay.aliases, f.lay.aliases[i])
		g.columns = append(g.columns, output{meta: f.entry.meta(p, f.zone, q.column(f.entry.Column))})
	}
	return out, nil
}
