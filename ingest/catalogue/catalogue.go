// Package catalogue knows what CloudWatch's metrics are: their units, bounds,
// direction, what the absence of a point means, and from where each of these
// is known. The entries are data, one YAML file per group of services; a file
// of the user's adds to them and overrides them.
package catalogue

import (
	"embed"
	"fmt"
	"os"
	"path"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

//go:embed data/*.yaml
var files embed.FS

// Metric is one entry. A field that nobody is certain of is empty and its
// source is "unknown".
type Metric struct {
	Namespace  string
	Name       string
	Expression []string      // operands, each subtracted from the first; nil = a metric of CloudWatch's own
	Statistics []string      // worth watching, the first one most
	Period     time.Duration // how often CloudWatch gets a point; 0 = unknown
	Unit       string        // one of CloudWatch's; "" = unknown
	Lower      kizashi.Num   // no value can be below; None = no bound, or unknown
	Upper      kizashi.Num   // no value can be above; None = no bound, or unknown
	Direction  kizashi.Side  // where it gets worse
	NoData     NoData
	// Denominator counts what this metric is taken over: with little of it the
	// metric says little. Metric "" = none.
	Denominator Denominator
	Settle      time.Duration // how long after its end a point may still change; 0 = unknown
	// Identity is the sets of dimensions under which CloudWatch publishes the
	// metric, the one to watch first. An empty set is the whole account and
	// region. Nil = unknown.
	Identity [][]string
	Guards   []Guard // limits that need no learning
	Forecast []Ahead // limits that are told before the series gets there
	Class    string  // act, check or record
	// Sources says of each of Fields where it is from: "cdk", "aws: <page>",
	// "ours", "unknown", or "user: <file>", with detail after a colon.
	Sources map[string]string
}

// Fields are the keys of Metric.Sources.
func Fields() []string {
	return []string{"namespace", "name", "statistics", "period", "unit", "lower", "upper", "direction",
		"no_data", "denominator", "settle", "identity", "guards", "forecast", "class"}
}

// NoData is what the absence of a point means.
type NoData string

const (
	Missing NoData = "missing" // there should be one: the source or the resource fails
	Zero    NoData = "zero"    // nothing of the kind happened
	Idle    NoData = "idle"    // nothing was asked of the resource, so there is no value
	Stopped NoData = "stopped" // the resource, or the agent on it, does not run
	Unknown NoData = "unknown"
)

// Denominator is a statistic of a metric of the same namespace.
type Denominator struct{ Metric, Statistic string }

// Ahead is a limit that is told where the series may reach it within a time, and
// the time that the remedy takes.
type Ahead struct {
	Guard
	Within, Lead time.Duration
}

// Guard is a limit: a value that stands on the far side of it is wrong.
type Guard struct {
	Statistic string
	Above     bool // wrong above Value; else wrong below
	Value     float64
}

// Catalogue holds the entries.
type Catalogue struct {
	metrics map[string]map[string]Metric // by namespace, name
	also    map[string]string            // what people write instead of a namespace
}

// Load reads the entries that come with the program.
func Load() (*Catalogue, error) {
	names, err := files.ReadDir("data")
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	c := &Catalogue{metrics: map[string]map[string]Metric{}, also: map[string]string{}}
	for _, n := range names {
		b, err := files.ReadFile(path.Join("data", n.Name()))
		if err != nil {
			return nil, fmt.Errorf("catalogue: %w", err)
		}
		if err := c.add(n.Name(), b, false); err != nil {
			return nil, fmt.Errorf("catalogue: %w", err)
		}
	}
	return c, nil
}

// Override adds the entries of a user's file and replaces the fields that it
// gives of those there are. A file with a fault changes nothing; the error
// names each fault with file and line.
func (c *Catalogue) Override(file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	if err := c.add(file, b, true); err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	return nil
}

// Find returns an entry. It shares no memory with the catalogue.
func (c *Catalogue) Find(namespace, metric string) (Metric, bool) {
	m, ok := c.metrics[namespace][metric]
	if !ok {
		return Metric{}, false
	}
	return m.clone(), true
}

// Namespaces returns the names of all, sorted.
func (c *Catalogue) Namespaces() []string {
	out := make([]string, 0, len(c.metrics))
	for n := range c.metrics {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Metrics returns the entries of a namespace, by name.
func (c *Catalogue) Metrics(namespace string) []Metric {
	out := make([]Metric, 0, len(c.metrics[namespace]))
	for _, m := range c.metrics[namespace] {
		out = append(out, m.clone())
	}
	slices.SortFunc(out, func(a, b Metric) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// CheckUnit says how a unit that came with data differs from the entry's. A
// unit that the catalogue does not know differs from none.
func (m Metric) CheckUnit(got string) error {
	if m.Unit == "" || got == m.Unit {
		return nil
	}
	return fmt.Errorf("%s %s: unit %q; the catalogue says %q (%s)", m.Namespace, m.Name, got, m.Unit, m.Sources["unit"])
}

func (m Metric) clone() Metric {
	m.Expression, m.Statistics, m.Guards = slices.Clone(m.Expression), slices.Clone(m.Statistics), slices.Clone(m.Guards)
	m.Forecast = slices.Clone(m.Forecast)
	m.Identity = slices.Clone(m.Identity)
	for i := range m.Identity {
		m.Identity[i] = slices.Clone(m.Identity[i])
	}
	s := make(map[string]string, len(m.Sources))
	for k, v := range m.Sources {
		s[k] = v
	}
	m.Sources = s
	return m
}
