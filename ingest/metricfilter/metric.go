package metricfilter

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Metric is what a filter makes of the lines that match: a metric filter with
// its one transformation.
type Metric struct {
	Name       string            // of the metric
	Namespace  string            //
	Filter     string            // the pattern
	Value      string            // metricValue: a number, $.field of JSON, $field of a space-delimited line
	Default    *float64          // of minutes with lines but none that matches; nil = such a minute has no value
	Unit       string            // of CloudWatch; "" = None
	Dimensions map[string]string // name to $.field or $field
	Statistic  string            // Sum (also ""), Average, Minimum, Maximum, SampleCount: what of a minute's values the series is
}

// units are those of CloudWatch.
var units = []string{"Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count",
	"Bytes/Second", "Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second", "Gigabits/Second", "Terabits/Second", "Count/Second", "None"}

// statistics a minute can be.
var statistics = []string{"Sum", "Average", "Minimum", "Maximum", "SampleCount"}

// source says where in a line a value stands.
type source struct {
	name   string  // of a dimension
	number float64 // of a constant
	path   []step  // of JSON
	field  int     // of a space-delimited line; -1 = none of the two
}

// compiled is a Metric that can be counted.
type compiled struct {
	Metric
	filter *Filter
	value  source
	dims   []source
}

// Check says what is wrong with metrics, and whether they are more than a log
// group can have.
func Check(metrics []Metric) error {
	var errs []error
	regexps := 0
	for i, m := range metrics {
		c, err := m.compile()
		if err != nil {
			errs = append(errs, fmt.Errorf("metric filter %d: %w", i+1, err))
			continue
		}
		regexps += c.filter.regexps
	}
	if len(metrics) > MostFilters {
		errs = append(errs, fmt.Errorf("%d metric filters: a log group can have %d", len(metrics), MostFilters))
	}
	if regexps > MostGroupRegexps {
		errs = append(errs, fmt.Errorf("the metric filters have %d regular expressions: those of a log group can have %d", regexps, MostGroupRegexps))
	}
	return errors.Join(errs...)
}

func (m Metric) compile() (*compiled, error) {
	fail := func(format string, a ...any) error {
		return fmt.Errorf("%s: %w", m.Name, fmt.Errorf(format, a...))
	}
	switch {
	case m.Name == "":
		return nil, errors.New("it has no name")
	case strings.ContainsAny(m.Name, ":*$") || len(m.Name) > 255:
		return nil, fail("the name holds one of : * $, or more than 255 bytes")
	case strings.ContainsAny(m.Namespace, ":*$") || len(m.Namespace) > 255:
		return nil, fail("namespace %q: it holds one of : * $, or more than 255 bytes", m.Namespace)
	case m.Unit != "" && !slices.Contains(units, m.Unit):
		return nil, fail("unit %q: CloudWatch has none of that name (want such as Count, Milliseconds, Bytes)", m.Unit)
	case m.Statistic != "" && !slices.Contains(statistics, m.Statistic):
		return nil, fail("statistic %q: want one of %s", m.Statistic, strings.Join(statistics, ", "))
	case len(m.Dimensions) > MostDimensions:
		return nil, fail("%d dimensions: want at most %d", len(m.Dimensions), MostDimensions)
	case m.Default != nil && len(m.Dimensions) > 0:
		return nil, fail("a default value and dimensions: a metric with dimensions can have none, as nobody could say whose it is")
	}
	f, err := Parse(m.Filter)
	if err != nil {
		return nil, fail("%w", err)
	}
	c := &compiled{Metric: m, filter: f}
	if c.value, err = f.source(m.Value, true); err != nil {
		return nil, fail("value: %w", err)
	}
	names := make([]string, 0, len(m.Dimensions))
	for n := range m.Dimensions {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		s, err := f.source(m.Dimensions[n], false)
		if n == "" {
			err = errors.New("it has no name")
		}
		if err != nil {
			return nil, fail("dimension %s: %w", n, err)
		}
		s.name = n
		c.dims = append(c.dims, s)
	}
	return c, nil
}

// source reads where a value stands.
func (f *Filter) source(s string, numbers bool) (source, error) {
	out := source{field: -1}
	if !strings.HasPrefix(s, "$") {
		v, err := strconv.ParseFloat(s, 64)
		if !numbers {
			return out, fmt.Errorf("%q: want a field, $.field or $field", s)
		}
		if err != nil || !isNumber(s) {
			return out, fmt.Errorf("%q: want a number, $.field or $field", s)
		}
		out.number = v
		return out, nil
	}
	switch f.kind {
	case jsonKind:
		p := &parser{src: s}
		path, err := p.path()
		if err == nil && p.at < len(s) {
			err = p.fail(p.at, "the end")
		}
		out.path = path
		return out, err
	case spaceKind:
		if out.field = slices.Index(f.space.names, s[1:]); out.field < 0 {
			return out, fmt.Errorf("%q: the pattern has no field %q (it has %s)", s, s[1:], strings.Join(f.space.names, ", "))
		}
		return out, nil
	}
	return out, fmt.Errorf("%q: fields are of JSON and space-delimited patterns only", s)
}

// text returns the text of a line's field; false = the line has none. The line
// is one that the filter has matched last.
func (s *source) text(f *Filter, line []byte) ([]byte, bool) {
	if s.field >= 0 {
		i, _ := f.space.place(s.field, len(f.parts))
		return f.parts[i], true
	}
	v := line
	for _, st := range s.path {
		if st.key == nil && st.index == anyIndex {
			st.index = 0 // the first
		}
		if v = st.into(v); v == nil {
			return nil, false
		}
	}
	switch v[0] {
	case '{', '[', 'n':
		return nil, false
	case '"':
		return unquote(v), true
	}
	return v, true
}

// number returns the value that a line gives.
func (s *source) value(f *Filter, line []byte) (float64, bool) {
	if s.field < 0 && s.path == nil {
		return s.number, true
	}
	b, ok := s.text(f, line)
	if !ok {
		return 0, false
	}
	return number(b)
}
