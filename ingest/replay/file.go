package replay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/logfile"
)

// file is one input, or, of a CloudWatch answer, the part of one partition.
type file struct {
	found
	entry   *Entry // nil = none matches
	zone    string
	stated  bool // somebody stated the zone
	lay     layout
	ids     []string // of a CloudWatch answer, one for each column
	unit    string   // that the input itself states, "" = none
	columns []output
	part    kizashi.Partition
	rep     *FileReport
	held    *stream           // of what can be read once, its head read already
	source  io.Closer         // of held
	targets map[string]target // of series with labels, by their labels
	log     bool
	group   string          // the log group; * = those that it names itself
	tailed  *logfile.Reader // of a log that can be read once, its head read already
	lead    bool            // of several parts this one counts what belongs to none
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
// whose queries differ in period or account comes back as several files, and so
// does an input whose labelled series the mapping gives different partitions.
func inspect(in found, tenant string, o *Options) (files []*file, err error) {
	f := &file{found: in, entry: o.Mapping.entryFor(in.rel), zone: o.Zone}
	if f.entry != nil && f.entry.Zone != "" {
		f.zone = f.entry.Zone
	}
	f.stated = f.zone != ""
	if in.tsdb {
		return f.listTSDB(tenant, o)
	}
	if f.loggish() && !in.once {
		return f.listLog(tenant, o, nil, nil)
	}
	raw, err := openRaw(in, o.Stdin)
	if err != nil {
		return nil, err
	}
	if f.loggish() {
		return f.listLog(tenant, o, raw, raw)
	}
	defer func() {
		if err != nil || !in.once {
			err = errors.Join(err, raw.Close())
		}
	}()
	s, err := openStream(raw, f.encoding(o))
	if err != nil {
		return nil, err
	}
	f.rep = &FileReport{Path: in.rel, Encoding: s.encoding, Gzip: s.gzip, Mapped: !f.own(), First: kizashi.Never, Last: kizashi.Never}
	if err = f.layOut(s, o); err == errLog {
		if in.once {
			return f.listLog(tenant, o, s.all(), raw)
		}
		return f.listLog(tenant, o, nil, nil)
	} else if err != nil {
		if b, ok := s.rest.(failing); ok {
			err = fmt.Errorf("%w; the input breaks off: %w", err, b.err)
		}
		return nil, err
	}
	if in.once {
		f.held, f.source = s, raw
	}
	if f.rep.Format == OpenMetrics {
		return f.listOpenMetrics(s, tenant, o)
	}
	return f.listColumns(tenant, o)
}

// letGo closes what inspect kept open.
func (f *file) letGo() error {
	if f.source == nil {
		return nil
	}
	c := f.source
	f.source = nil
	return c.Close()
}

// listColumns makes series of the columns that layOut found.
func (f *file) listColumns(tenant string, o *Options) ([]*file, error) {
	f.rep.Columns, f.rep.Unread = f.lay.names, f.lay.ignored
	if e := f.entry; e != nil && (len(e.Select) > 0 || e.Type != "") {
		return nil, fmt.Errorf("the mapping's line %d has select: or type:, which are for series with labels, but this is %s", e.Line, f.rep.Format)
	}
	if f.own() {
		return []*file{f}, f.ownColumns(tenant, o)
	}
	return f.mappedColumns()
}

func (f *file) encoding(o *Options) string {
	if f.entry != nil && f.entry.Encoding != "" {
		return f.entry.Encoding
	}
	return o.Encoding
}

// wish is what is asked for of this file.
func (f *file) wish(o *Options) wish {
	w := wish{timestamp: o.Timestamp, values: o.Values}
	e := f.entry
	if e == nil {
		return w
	}
	if e.Timestamp != "" {
		w.timestamp = e.Timestamp
	}
	switch {
	case len(e.Columns) > 0:
		w.values = keys(e.Columns)
	case f.rep.Format == Statistics && e.Column.Statistic != "":
		w.values = []string{e.Column.Statistic}
	}
	return w
}

// layOut tells the format and finds the columns, except those of text that
// names its series on each line.
func (f *file) layOut(s *stream, o *Options) error {
	c, err := newClock(f.zone)
	if err != nil {
		return err
	}
	h := bytes.TrimSpace(s.head)
	holds := func(key string) bool { return bytes.Contains(h, []byte(`"`+key+`"`)) }
	switch {
	case len(h) == 0:
		return fmt.Errorf("no rows in the first %d KiB", headSize>>10)
	case isOpenMetrics(h):
		f.rep.Format = OpenMetrics
	case h[0] != '{' && h[0] != '[':
		f.lay, f.rep.Format, err = csvLayout(s.head, s.full, f.wish(o), c)
	case h[0] == '{' && (holds("logEvents") && holds("messageType") || holds("awslogs")), h[0] == '{' && holds("events") && holds("message"):
		err = errLog
	case h[0] == '{' && holds("MetricDataResults"):
		f.rep.Format = MetricData
		err = f.answer(s, o)
	case h[0] == '{' && holds("Datapoints"):
		f.rep.Format = Statistics
		err = f.answer(s, o)
	case h[0] == '{' && holds("AlarmHistoryItems"):
		err = errNotInput{"the history of alarms: labels to compare with, not samples"}
	case holds("MetricDataQueries"):
		err = errNotInput{"a request for metric data, not its answer: name it in the mapping"}
	case h[0] == '[':
		err = fmt.Errorf("a JSON list: want one JSON object on each line")
	default:
		f.rep.Format = JSONLines
		f.lay, err = jsonLayout(s.head, s.full, f.wish(o), c)
	}
	return err
}

// answer reads a whole CloudWatch answer; that of stdin is kept.
func (f *file) answer(s *stream, o *Options) error {
	b, err := s.whole(maxWhole)
	if err != nil {
		return err
	}
	rs, unit, doubts, err := f.rep.Format.results(b)
	if err != nil {
		return err
	}
	f.rep.Doubts = doubts
	if f.unit = unit; unit == "None" {
		f.unit = ""
	}
	f.lay, f.ids, err = answerLayout(rs, f.wish(o))
	return err
}

// results reads an answer of CloudWatch.
func (f Format) results(b []byte) (rs []result, unit string, doubts []string, err error) {
	if f == Statistics {
		rs, unit, err = readStatistics(b)
		return rs, unit, nil, err
	}
	rs, doubts, err = readAnswer(b)
	return rs, "", doubts, err
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
		c := f.column(e, i)
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

// column is what the entry and the input say of a column.
func (f *file) column(e *Entry, i int) Column {
	c := e.columnOf(f.lay.aliases[i])
	if f.rep.Format == Statistics {
		c.Statistic = f.lay.names[i]
		if c.Unit == "" {
			c.Unit = f.unit
		}
	}
	return c
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
func (f *file) mappedColumns() ([]*file, error) {
	e := f.entry
	f.rep.Tenant = e.Tenant
	if len(e.queries) > 0 {
		if f.rep.Format != MetricData {
			return nil, fmt.Errorf("the mapping's line %d gives a request, but this is %s, not the answer to one", e.Line, f.rep.Format)
		}
		return f.byQuery()
	}
	if f.unit != "" && e.Column.Unit != "" && f.unit != e.Column.Unit {
		return nil, fmt.Errorf("the datapoints are in %s, but the mapping's line %d says %s", f.unit, e.Line, e.Column.Unit)
	}
	if len(e.Columns) == 0 && len(f.lay.names) > 1 && f.rep.Format != Statistics {
		return nil, fmt.Errorf("%d value columns (%q): the mapping's line %d must say under columns: what each is", len(f.lay.names), f.lay.names, e.Line)
	}
	f.part = e.partition(e.Account, e.Period)
	for i := range f.lay.names {
		f.columns = append(f.columns, output{meta: e.meta(f.part, f.zone, f.column(e, i))})
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
		Zone: zone, Group: c.Group, Labels: c.Labels, Hints: e.known.Hints(c.Namespace, c.Metric, c.Statistic),
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
