package replay

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// metricName is the label that holds a metric's name in Prometheus' data.
const metricName = "__name__"

// labelled is a series that its labels name, of OpenMetrics text or a TSDB.
type labelled struct {
	key    string // its labels, canonical
	metric string
	labels map[string]string // metricName among them
	kind   kind
}

// newLabelled takes the labels over.
func newLabelled(ls map[string]string) labelled {
	return labelled{key: kizashi.LabelsOf(ls).String(), metric: ls[metricName], labels: ls}
}

// plain are the labels without the metric's name.
func (l labelled) plain() map[string]string {
	m := map[string]string{}
	for n, v := range l.labels {
		if n != metricName {
			m[n] = v
		}
	}
	return m
}

// name is what people call the series: metric{label="value"}.
func (l labelled) name() string {
	ls := kizashi.LabelsOf(l.plain())
	if len(ls) == 0 {
		return l.metric
	}
	return l.metric + ls.String()
}

// target is where a series' samples go.
type target struct {
	col  int // in the file's columns; -1 = counted only
	kind kind
}

// entries are those that describe a labelled input; without any it is a tenant
// of its own.
func (f *file) entries(o *Options) ([]*Entry, error) {
	if len(o.Values) > 0 {
		return nil, errors.New("values are columns of tables; series with labels are chosen with select")
	}
	es := o.Mapping.entriesFor(f.rel)
	for _, e := range es {
		switch {
		case len(e.Columns) > 0:
			return nil, fmt.Errorf("the mapping's line %d gives columns, but this is %s: choose its series with select:", e.Line, f.rep.Format)
		case len(e.queries) > 0:
			return nil, fmt.Errorf("the mapping's line %d gives a request, but this is %s, not the answer to one", e.Line, f.rep.Format)
		}
	}
	if len(es) == 0 {
		es = []*Entry{{Column: noColumn()}}
	}
	return es, nil
}

// selects are the entry's matchers, or those of the options.
func (e *Entry) selects(o *Options) kizashi.Matchers {
	if len(e.Select) > 0 {
		return e.Select
	}
	return o.Select
}

// assign gives each series to the first entry that selects it, and splits the
// input by partitions.
func (f *file) assign(all []labelled, tenant string, o *Options) ([]*file, error) {
	es, err := f.entries(o)
	if err != nil {
		return nil, err
	}
	f.rep.Mapped = false // until a series is
	s := &split{of: f, tenant: tenant, opt: o, at: map[partKey]*file{}, stated: map[*Entry]string{}}
	for _, l := range all {
		var e *Entry
		ls := kizashi.LabelsOf(l.labels)
		for _, x := range es {
			if x.selects(o).Matches(ls) {
				e = x
				break
			}
		}
		if e == nil || l.kind == created {
			f.rep.Unread = append(f.rep.Unread, l.name())
			continue
		}
		if err := s.add(l, e); err != nil {
			return nil, err
		}
	}
	if len(s.parts) == 0 {
		return nil, fmt.Errorf("no series of %d is selected, or all are histograms", len(all))
	}
	s.parts[0].histograms(s.skipped)
	f.rep.Tenant = strings.Join(s.tenants, ", ")
	return s.parts, nil
}

// histograms lets a part count the samples of series that are none.
func (f *file) histograms(all []labelled) {
	f.lead = true
	for _, l := range all {
		f.targets[l.key] = target{col: -1, kind: histogram}
	}
}

// split is a labelled input on its way to being files of one partition each.
type split struct {
	of      *file
	tenant  string // of series that no entry gives one
	opt     *Options
	parts   []*file
	at      map[partKey]*file
	stated  map[*Entry]string // the series that got the entry's metric
	skipped []labelled
	tenants []string
}

type partKey struct {
	part kizashi.Partition
	own  bool
}

func (s *split) add(l labelled, e *Entry) error {
	if l.kind == histogram {
		s.skipped = append(s.skipped, l)
		return nil
	}
	if e.Type != "" {
		l.kind = kindNames[e.Type]
	}
	if before, ok := s.stated[e]; ok && e.Column.Metric != "" {
		return fmt.Errorf("the mapping's line %d names one metric, %s, but selects several series: %s and %s: narrow select:, or leave metric: out", e.Line, e.Column.Metric, before, l.name())
	}
	s.stated[e] = l.name()
	f := s.part(e)
	meta := f.ownSeries(l, s.tenant)
	if e.Tenant != "" {
		meta = e.meta(f.part, f.zone, e.series(l))
	}
	f.targets[l.key] = target{col: len(f.columns), kind: l.kind}
	f.columns = append(f.columns, output{meta: meta})
	f.rep.Columns = append(f.rep.Columns, l.name())
	return nil
}

// part returns the file for an entry's series.
func (s *split) part(e *Entry) *file {
	p := kizashi.Partition{Tenant: s.tenant, Kind: kizashi.Metrics, Period: e.Period, Settle: e.Settle}
	if e.Tenant != "" {
		p = e.partition(e.Account, e.Period)
	}
	k := partKey{p, e.Tenant == ""}
	g := s.at[k]
	if g == nil {
		part := *s.of
		g = &part
		g.part, g.columns, g.targets = p, nil, map[string]target{}
		s.at[k], s.parts = g, append(s.parts, g)
		s.note(p.Tenant)
	}
	g.entry, g.rep.Mapped = e, g.rep.Mapped || e.Tenant != ""
	if g.zone = s.opt.Zone; e.Zone != "" {
		g.zone = e.Zone
	}
	return g
}

func (s *split) note(tenant string) {
	for _, t := range s.tenants {
		if t == tenant {
			return
		}
	}
	s.tenants = append(s.tenants, tenant)
}

// series is what an entry says of a series: the metric that it names, else the
// series' own metric with its labels as dimensions.
func (e *Entry) series(l labelled) Column {
	c := e.Column
	c.Labels = over(l.plain(), c.Labels)
	if c.Metric == "" {
		c.Metric, c.Dimensions = l.metric, over(l.plain(), c.Dimensions)
	}
	return l.kind.column(c)
}

// over is base with the values of top over it.
func over(base, top map[string]string) map[string]string {
	for n, v := range top {
		base[n] = v
	}
	return base
}

// ownSeries makes a series of the file's own tenant: its identity is its
// labels, its group its metric.
func (f *file) ownSeries(l labelled, tenant string) kizashi.Meta {
	c := l.kind.column(f.entry.Column)
	labels := over(over(map[string]string{}, l.labels), c.Labels)
	if n, ok := l.labels["name"]; ok {
		labels["exported_name"] = n
	}
	labels["name"] = l.name()
	group := c.Group
	if group == "" {
		group = l.metric
	}
	id := kizashi.LabelsOf(l.labels)
	return kizashi.Meta{
		Series: kizashi.IDOf(tenant, id), Tenant: tenant, Identity: id, Labels: kizashi.LabelsOf(labels), Group: group,
		Unit: c.Unit, Statistic: c.Statistic, Period: kizashi.Duration(f.entry.Period), Settle: kizashi.Duration(f.entry.Settle),
		Lower: c.Lower, Upper: c.Upper, Zone: f.zone,
	}
}
