package replay

import (
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// kind says what the values of a labelled series mean.
type kind uint8

const (
	gauge     kind = iota
	counter        // its increase from sample to sample is delivered
	histogram      // no series: its samples are counted
	created        // the time at which a counter began: not read
)

// kindNames are what a mapping may call them.
var kindNames = map[string]kind{"gauge": gauge, "counter": counter}

// column adds what follows from the kind, where nobody stated it.
func (k kind) column(c Column) Column {
	if k != counter {
		return c
	}
	if c.Statistic == "" {
		c.Statistic = "increase"
	}
	if !c.Lower.Ok() {
		c.Lower = 0
	}
	return c
}

// families tells what series are by what is declared of their metrics, and
// where nothing is (a TSDB keeps no types, and a dump of one has none) by
// their names: Prometheus' own conventions.
type families struct {
	types map[string]string // TYPE, by the family's name
	le    map[string]bool   // undeclared families with buckets
	quant map[string]bool   // and with quantiles
}

// suffixes of a family's samples (OpenMetrics 1.0, "Suffixes").
var suffixes = []string{"_total", "_created", "_count", "_sum", "_bucket", "_gcount", "_gsum", "_info"}

// kinds sets the kind of every series.
func (f *families) kinds(all []labelled) {
	f.le, f.quant = map[string]bool{}, map[string]bool{}
	for _, l := range all {
		if base, ok := strings.CutSuffix(l.metric, "_bucket"); ok && l.labels["le"] != "" {
			f.le[base] = true
		}
		if l.labels["quantile"] != "" {
			f.quant[l.metric] = true
		}
	}
	for i := range all {
		all[i].kind = f.kind(all[i])
	}
}

func (f *families) kind(l labelled) kind {
	base, suffix := l.metric, ""
	for _, s := range suffixes {
		if b, ok := strings.CutSuffix(l.metric, s); ok {
			base, suffix = b, s
			break
		}
	}
	declared, ok := f.types[l.metric]
	if !ok {
		declared = f.types[base]
	}
	part := suffix == "_count" || suffix == "_sum"
	switch declared {
	case "", "unknown":
		return f.byName(base, suffix, part)
	case "histogram", "gaugehistogram":
		return histogram
	case "counter", "summary":
		if suffix == "_created" {
			return created
		}
		if declared == "counter" || part {
			return counter
		}
	}
	return gauge
}

// byName is the kind of what nobody declared.
func (f *families) byName(base, suffix string, part bool) kind {
	switch {
	case f.le[base] && (part || suffix == "_bucket"):
		return histogram
	case suffix == "_total", f.quant[base] && part:
		return counter
	}
	return gauge
}

// point is one value of a labelled series.
type point struct {
	at    kizashi.Time
	value float64
	line  int   // 0 = of no text
	fault Fault // why it is no sample
}

// strand yields the points of one series, each later than the one before, and
// io.EOF after the last.
type strand interface {
	next() (point, error)
}

// rememberedIntervals are enough to know a counter's usual interval again
// three samples after it changed.
const rememberedIntervals = 5

// increases turns the values of a counter into what was added since the value
// before, at the time of the later one. Where the value falls the counter
// began at zero again, as Prometheus' increase() takes it too.
//
// An increase over more than one and a half of the usual intervals is not
// delivered: it holds what several samples would, and would look like a burst.
type increases struct {
	of     strand
	period time.Duration // usual interval, 0 = the median of the last few
	began  bool
	last   point
	steps  []time.Duration
}

func (c *increases) next() (point, error) {
	p, err := c.of.next()
	if err != nil || p.fault != "" {
		return p, err
	}
	before := c.last
	c.last = p
	if !c.began {
		c.began = true
		p.fault = FirstCount
		return p, nil
	}
	if p.value >= before.value {
		p.value -= before.value
	}
	step := p.at.Sub(before.at)
	if usual := c.usual(step); step > usual+usual/2 {
		p.fault = OverGap
	}
	return p, nil
}

// usual returns the usual interval before this one, and remembers this one.
func (c *increases) usual(step time.Duration) time.Duration {
	if c.period > 0 {
		return c.period
	}
	usual := step
	if n := len(c.steps); n > 0 {
		sorted := slices.Clone(c.steps)
		slices.Sort(sorted)
		usual = sorted[n/2]
	}
	if c.steps = append(c.steps, step); len(c.steps) > rememberedIntervals {
		c.steps = c.steps[1:]
	}
	return usual
}
