package catalogue

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/yamlstrict"
)

// units is CloudWatch's StandardUnit (API reference, MetricDatum).
var units = strings.Fields(`Seconds Microseconds Milliseconds
	Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits Gigabits Terabits
	Percent Count None Count/Second
	Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second Terabytes/Second
	Bits/Second Kilobits/Second Megabits/Second Gigabits/Second Terabits/Second`)

var (
	classes  = []string{"act", "check", "record"}
	meanings = []string{string(Missing), string(Zero), string(Idle), string(Stopped)}
)

// Units returns the units that CloudWatch knows.
func Units() []string { return slices.Clone(units) }

// statistics is CloudWatch's (user guide, "CloudWatch statistics
// definitions"): plain ones, one-sided percentiles and trimmed ones (p99.9,
// tm90), and those of a range.
var statistics = regexp.MustCompile(`^(Average|Sum|Minimum|Maximum|SampleCount|IQM` +
	`|(p|tm|wm|tc|ts)(100|\d{1,2}(\.\d{1,10})?)` +
	`|(TM|WM|TC|TS|PR)\((\d+(\.\d+)?%?:(\d+(\.\d+)?%?)?|:\d+(\.\d+)?%?)\))$`)

// Statistic says whether CloudWatch knows a statistic.
func Statistic(s string) bool { return statistics.MatchString(s) }

func (e *entry) oneOf(into *string, field string, known []string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := e.Scalar(n, e.name(field))
		if ok && !slices.Contains(known, s) {
			e.Fail(n, "%s: %q is unknown%s", e.name(field), s, yamlstrict.Nearest(s, slices.Clone(known)))
		}
		*into = s
	}
}

// references checks what an entry says of others, and its guard rails against
// its bounds.
func (e *entry) references() {
	others := e.metrics[e.m.Namespace]
	at := func(field string) *yaml.Node {
		if n, ok := e.row.fields[field]; ok {
			return n
		}
		return e.key
	}
	if d := e.m.Denominator.Metric; d != "" {
		if _, ok := others[d]; !ok {
			e.Fail(at("denominator"), "%s: the denominator %s is not in the catalogue", e.what, d)
		}
	}
	for _, o := range e.m.Expression {
		if _, ok := others[o]; !ok {
			e.Fail(at("expression"), "%s: the operand %s is not in the catalogue", e.what, o)
		}
	}
	for _, g := range e.m.Guards {
		v := g.Value
		if g.Above && v >= float64(e.m.Upper) || !g.Above && v <= float64(e.m.Lower) {
			e.Fail(at("guards"), "%s: no value is beyond the guard rail %v, as the bounds are %v and %v", e.what, v, e.m.Lower, e.m.Upper)
		}
	}
	for i, f := range e.m.Forecast {
		side := kizashi.Down
		if f.Above {
			side = kizashi.Up
		}
		switch v := f.Value; {
		case slices.ContainsFunc(e.m.Forecast[:i], func(o Ahead) bool { return o.Statistic == f.Statistic }):
			e.Fail(at("forecast"), "%s: of one statistic one limit can be told ahead; a rule may have more", e.what)
		case v > float64(e.m.Upper) || v < float64(e.m.Lower):
			e.Fail(at("forecast"), "%s: nothing comes to %v, as the bounds are %v and %v", e.what, v, e.m.Lower, e.m.Upper)
		case e.m.Direction != kizashi.Both && e.m.Direction != side:
			e.Fail(at("forecast"), "%s: the limit %v lies on the side where it gets better", e.what, v)
		case f.Within < time.Hour || f.Lead > mostAhead || f.Within > mostAhead-f.Lead:
			e.Fail(at("forecast"), "%s: want within of at least 1h, and no more than 28d together with lead", e.what)
		}
	}
}

// mostAhead is how far ahead the detector looks.
const mostAhead = 28 * 24 * time.Hour
