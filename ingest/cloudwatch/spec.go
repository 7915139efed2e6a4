package cloudwatch

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/catalogue"
)

// spec is a metric that is watched: what the configuration says of it, and
// for the rest the catalogue.
type spec struct {
	namespace, metric, statistic string
	expression                   []string // operands, each subtracted from the first; nil = a metric of CloudWatch's own
	period, settle               time.Duration
	unit                         string
	lower, upper                 kizashi.Num
	sets                         [][]string // of dimensions that are watched; nil = any
	group, groupBy               string
	hints                        kizashi.Hints
}

// specs of the whole configuration.
func (cfg *Config) specs() ([]spec, error) {
	spaces := cfg.Namespaces
	if len(spaces) == 0 {
		for _, n := range cfg.Catalogue.Namespaces() {
			if len(watched(cfg.Catalogue, n)) > 0 {
				spaces = append(spaces, Namespace{Name: n})
			}
		}
	}
	var out []spec
	for i, n := range spaces {
		ss, err := cfg.space(n)
		if err != nil {
			return nil, fmt.Errorf("cloudwatch: namespaces[%d] %q: %w", i, n.Name, err)
		}
		out = append(out, ss...)
	}
	return out, nil
}

// watched are the metrics of a namespace that are watched when the
// configuration names none.
func watched(c *catalogue.Catalogue, namespace string) []Metric {
	var out []Metric
	for _, m := range c.Metrics(namespace) {
		if m.Class == "act" || m.Class == "check" {
			out = append(out, Metric{Name: m.Name})
		}
	}
	return out
}

func (cfg *Config) space(n Namespace) ([]spec, error) {
	if n.Name == "" {
		return nil, errors.New("name is missing")
	}
	metrics := n.Metrics
	if len(metrics) == 0 {
		metrics = watched(cfg.Catalogue, n.Name)
	}
	if len(metrics) == 0 {
		why := "metrics is empty, and the catalogue has none of this namespace to act on or to check"
		if near := cfg.Catalogue.Nearest(n.Name); near != "" && near != n.Name {
			why += fmt.Sprintf("; did you mean %q?", near)
		}
		return nil, errors.New(why)
	}
	if n.Period != 0 && !allowedPeriod(n.Period) {
		return nil, badPeriod(n.Period)
	}
	var out []spec
	for i, m := range metrics {
		if m.Name == "" {
			return nil, fmt.Errorf("metrics[%d]: name is missing", i)
		}
		s, err := cfg.spec(n, m)
		if err != nil {
			return nil, fmt.Errorf("metrics[%d] %s: %w", i, m.Name, err)
		}
		out = append(out, s)
	}
	return out, nil
}

func badPeriod(p time.Duration) error {
	return fmt.Errorf("period %s: want 10s, 20s, 30s or whole minutes up to a day", p)
}

// spec of a metric.
func (cfg *Config) spec(n Namespace, m Metric) (spec, error) {
	e, ok := cfg.Catalogue.Find(n.Name, m.Name)
	if !ok {
		e.Lower, e.Upper = kizashi.None(), kizashi.None()
	}
	s := spec{namespace: n.Name, metric: m.Name, statistic: m.Statistic, expression: e.Expression, period: n.Period,
		unit: m.Unit, lower: num(m.Lower), upper: num(m.Upper), group: n.Group, groupBy: n.GroupBy}
	if ok && m.Unit != "" {
		if err := e.CheckUnit(m.Unit); err != nil {
			return s, err
		}
	}
	s.fill(e)
	if n.Settle != nil {
		s.settle = *n.Settle
	}
	if m.Lower == nil {
		s.lower = e.Lower
	}
	if m.Upper == nil {
		s.upper = e.Upper
	}
	switch {
	case len(m.Dimensions) > 0:
		s.sets = [][]string{m.Dimensions}
	case len(e.Identity) > 0:
		s.sets = e.Identity[:1]
	}
	s.hints = cfg.Catalogue.Hints(n.Name, m.Name, s.statistic)
	return s, s.check()
}

// fill takes from the catalogue's entry what is not said.
func (s *spec) fill(e catalogue.Metric) {
	if s.statistic == "" && len(e.Statistics) > 0 {
		s.statistic = e.Statistics[0]
	}
	if s.statistic == "" {
		s.statistic = "Average"
	}
	if s.period == 0 {
		s.period = e.Period
	}
	if !allowedPeriod(s.period) && s.period == e.Period {
		s.period = defaultPeriod
	}
	if s.unit == "" {
		s.unit = e.Unit
	}
	s.settle = e.Settle
	if s.settle == 0 {
		s.settle = defaultSettle
	}
}

func (s *spec) check() error {
	switch {
	case !catalogue.Statistic(s.statistic):
		return fmt.Errorf("statistic %q is none of CloudWatch", s.statistic)
	case !allowedPeriod(s.period):
		return badPeriod(s.period)
	case s.settle < 0 || s.settle%time.Second != 0:
		return fmt.Errorf("settle %s: want whole seconds, not negative", s.settle)
	case s.lower >= s.upper:
		return fmt.Errorf("lower %v is not below upper %v", s.lower, s.upper)
	}
	return nil
}

// wants says whether dims are exactly one of the sets of dimensions.
func (s *spec) wants(dims map[string]string) bool {
	return s.sets == nil || slices.ContainsFunc(s.sets, func(set []string) bool {
		for _, d := range set {
			if _, ok := dims[d]; !ok {
				return false
			}
		}
		return len(dims) == len(set)
	})
}
