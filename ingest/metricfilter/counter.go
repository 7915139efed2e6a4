package metricfilter

import (
	"bytes"
	"encoding/binary"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
)

// Counter turns the lines of a log group into the minutes of one metric. It
// reads no clock: a minute is over when Until says so.
type Counter struct {
	m       *compiled
	spec    ingest.MetricSpec
	minutes map[kizashi.Time]*minute
	until   kizashi.Time // minutes before it are out
	hour    kizashi.Time // of the pairs
	pairs   map[pair]bool
	known   map[string]kizashi.Meta // series that were declared, by the keys of their points
	tally   Tally
	key     []byte
	dims    [][]byte // values of a line, scratch

	mask         func(dst, text []byte) []byte // nil = nothing is
	bare, hidden []byte                        // scratch of masking
}

type pair struct{ name, value string }

// minute is one minute of all the series of a metric.
type minute struct {
	lines  int
	points map[string]*point // by the values of the dimensions, each behind its length
}

// point is one series' minute.
type point struct {
	values        []string // of the dimensions
	n             int
	sum, min, max float64
}

// Tally says what became of the lines.
type Tally struct {
	Lines       int // looked at
	Matched     int
	Late        int // of a minute that was out: not counted
	NoValue     int // matched, but the value's field is missing or no number
	NoDimension int // matched, but a dimension's field is missing
	Refused     int // matched, but the hour had MostPairs names and values of dimensions already
}

// NewCounter makes a Counter. spec says whose the series are: tenant, account,
// region, zone, group, labels; name, namespace, unit, dimensions and statistic
// are the metric's, so that the series are those of the metric in CloudWatch.
func NewCounter(m Metric, spec ingest.MetricSpec) (*Counter, error) {
	c, err := m.compile()
	if err != nil {
		return nil, err
	}
	spec.Metric, spec.Namespace, spec.Unit, spec.Statistic, spec.Period = m.Name, m.Namespace, m.Unit, m.Statistic, time.Minute
	if spec.Statistic == "" {
		spec.Statistic = "Sum"
	}
	return &Counter{m: c, spec: spec, minutes: map[kizashi.Time]*minute{}, until: kizashi.Never, pairs: map[pair]bool{}, known: map[string]kizashi.Meta{}}, nil
}

// Mask has the values of dimensions masked before they name a series: they
// leave with its identity. mask appends a text to dst without what is personal
// or secret in it. It is called before the first Add.
func (c *Counter) Mask(mask func(dst, text []byte) []byte) { c.mask = mask }

// Tally returns what became of the lines so far.
func (c *Counter) Tally() Tally { return c.tally }

// Add takes one line.
func (c *Counter) Add(at kizashi.Time, line []byte) {
	c.tally.Lines++
	start := at.Floor(time.Minute)
	if start < c.until {
		c.tally.Late++
		return
	}
	m := c.minutes[start]
	if m == nil {
		m = &minute{points: map[string]*point{}}
		c.minutes[start] = m
	}
	m.lines++
	if !c.m.filter.Match(line) {
		return
	}
	c.tally.Matched++
	v, ok := c.m.value.value(c.m.filter, line)
	if !ok {
		c.tally.NoValue++
		return
	}
	p := c.point(m, start, line)
	if p == nil {
		return
	}
	if p.n == 0 {
		p.min, p.max = v, v
	}
	p.n++
	p.sum += v
	p.min, p.max = min(p.min, v), max(p.max, v)
}

// point finds the series of a line in its minute; nil = it has none.
func (c *Counter) point(m *minute, start kizashi.Time, line []byte) *point {
	if !c.values(line) {
		c.tally.NoDimension++
		return nil
	}
	c.key = c.key[:0]
	for _, v := range c.dims {
		c.key = append(binary.AppendUvarint(c.key, uint64(len(v))), v...) // a value may hold any byte
	}
	if p := m.points[string(c.key)]; p != nil {
		return p
	}
	p := &point{}
	for _, v := range c.dims {
		p.values = append(p.values, string(v))
	}
	if len(m.points) >= MostPairs || !c.admit(start, p.values) {
		c.tally.Refused++
		return nil
	}
	m.points[string(c.key)] = p
	return p
}

// values reads the dimensions of a line, masked; false = one has none.
func (c *Counter) values(line []byte) bool {
	c.dims, c.hidden = c.dims[:0], c.hidden[:0]
	for i := range c.m.dims {
		v, ok := c.m.dims[i].text(c.m.filter, line)
		if !ok || len(v) == 0 {
			return false
		}
		c.dims = append(c.dims, v)
	}
	if c.mask == nil || len(c.dims) == 0 {
		return true
	}
	c.bare = c.mask(c.bare[:0], line)
	for i := range c.dims {
		from := len(c.hidden)
		c.hidden = c.mask(c.hidden, c.shown(i, line))
		c.dims[i] = c.hidden[from:len(c.hidden):len(c.hidden)]
	}
	return true
}

// shown is what the masked line still shows of a dimension's value: what stands
// before a value may be all that tells what it is.
func (c *Counter) shown(i int, line []byte) []byte {
	v := c.dims[i]
	if bytes.Equal(c.bare, line) {
		return v
	}
	if d := &c.m.dims[i]; d.field < 0 {
		if v, ok := d.text(c.m.filter, c.bare); ok && len(v) > 0 {
			return v
		}
	} else if bytes.Contains(c.bare, v) {
		return v
	}
	if alone := c.mask(nil, v); !bytes.Equal(alone, v) {
		return alone
	}
	return []byte(Masked)
}

// Masked is the value of a dimension that is masked only where it stands in its
// line.
const Masked = "<masked>"

// admit says whether the hour still takes the names and values of a series.
func (c *Counter) admit(start kizashi.Time, values []string) bool {
	if hour := start.Floor(time.Hour); hour > c.hour || len(c.pairs) == 0 {
		c.hour = hour
		clear(c.pairs)
	}
	fresh := 0
	for i, v := range values {
		if !c.pairs[pair{c.m.dims[i].name, v}] {
			fresh++
		}
	}
	if len(c.pairs)+fresh > MostPairs {
		return false
	}
	for i, v := range values {
		c.pairs[pair{c.m.dims[i].name, v}] = true
	}
	return true
}

// Until closes the minutes that end at or before t, in order, and appends
// their samples, sorted by series, and the declarations of series that are new.
func (c *Counter) Until(t kizashi.Time, ds []kizashi.Declaration, ss []kizashi.Sample) ([]kizashi.Declaration, []kizashi.Sample) {
	t = t.Floor(time.Minute)
	var starts []kizashi.Time
	for s := range c.minutes {
		if s < t {
			starts = append(starts, s)
		}
	}
	slices.Sort(starts)
	for _, s := range starts {
		ds, ss = c.close(s, c.minutes[s], ds, ss)
		delete(c.minutes, s)
	}
	c.until = max(c.until, t)
	return ds, ss
}

func (c *Counter) close(start kizashi.Time, m *minute, ds []kizashi.Declaration, ss []kizashi.Sample) ([]kizashi.Declaration, []kizashi.Sample) {
	if len(m.points) == 0 && c.m.Default != nil {
		v := *c.m.Default
		m.points[""] = &point{n: 1, sum: v, min: v, max: v}
	}
	keys := make([]string, 0, len(m.points))
	for k, p := range m.points {
		if p.n > 0 {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b string) int { return slices.Compare(m.points[a].values, m.points[b].values) })
	for _, k := range keys {
		p := m.points[k]
		meta, ok := c.known[k]
		if !ok {
			if len(c.known) >= 10*MostPairs {
				clear(c.known) // to declare a series again is harmless
			}
			meta = c.series(p)
			c.known[k] = meta
			ds = append(ds, kizashi.Declaration{From: start, Meta: meta})
		}
		ss = append(ss, kizashi.Sample{Series: meta.Series, At: start, Period: time.Minute, Value: p.statistic(c.spec.Statistic)})
	}
	return ds, ss
}

func (c *Counter) series(p *point) kizashi.Meta {
	spec := c.spec
	spec.Dimensions = map[string]string{}
	for i, v := range p.values {
		spec.Dimensions[c.m.dims[i].name] = v
	}
	return ingest.Metric(spec)
}

func (p *point) statistic(name string) float64 {
	switch name {
	case "Average":
		return p.sum / float64(p.n)
	case "Minimum":
		return p.min
	case "Maximum":
		return p.max
	case "SampleCount":
		return float64(p.n)
	}
	return p.sum
}
