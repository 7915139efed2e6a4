package program

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest/catalogue"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/yamlstrict"
)

// whatIf is another choice, as it is written, and what it does to a source.
type whatIf struct {
	text  string
	apply func(*cloudwatch.Config)
}

// whatIfKeys are those that can be told, for who mistypes one.
var whatIfKeys = []string{"poll", "poll.act", "poll.check", "poll.record", "poll.guard", "drop", "select", "stat", "backfill", "coarse"}

// parseWhatIf reads poll.check=10m, drop=namespace="AWS/EBS", stat=all and
// the like.
func parseWhatIf(text string) (whatIf, error) {
	key, value, ok := strings.Cut(text, "=")
	if !ok || value == "" {
		return whatIf{}, fmt.Errorf("--what-if %q: want KEY=VALUE, such as poll.check=10m", text)
	}
	var apply func(*cloudwatch.Config)
	var err error
	switch {
	case key == "poll" || strings.HasPrefix(key, "poll."):
		apply, err = whatIfPoll(strings.TrimPrefix(strings.TrimPrefix(key, "poll"), "."), value)
	case key == "drop" || key == "select":
		apply, err = whatIfSelection(key, value)
	case key == "stat" || strings.HasPrefix(key, "stat."):
		apply, err = whatIfStatistics(strings.TrimPrefix(strings.TrimPrefix(key, "stat"), "."), value)
	case key == "backfill":
		apply, err = whatIfBackfill(value)
	case key == "coarse":
		var on bool
		on, err = strconv.ParseBool(value)
		apply = func(c *cloudwatch.Config) { c.Coarse = on }
	default:
		err = fmt.Errorf("unknown key %q%s", key, yamlstrict.Nearest(key, slices.Clone(whatIfKeys)))
	}
	if err != nil {
		return whatIf{}, fmt.Errorf("--what-if %s: %w", text, err)
	}
	return whatIf{text, apply}, nil
}

// whatIfPoll is another interval of a class, or of all.
func whatIfPoll(class, value string) (func(*cloudwatch.Config), error) {
	d, err := kizashi.ParseDuration(value)
	if err != nil || d <= 0 {
		return nil, fmt.Errorf("want an interval such as 10m, not %q", value)
	}
	classes := []string{class}
	known := []string{}
	for _, c := range cost.Classes() {
		known = append(known, string(c))
	}
	if class == "" {
		classes = known
	} else if !slices.Contains(known, class) {
		return nil, fmt.Errorf("unknown class %q%s", class, yamlstrict.Nearest(class, known))
	}
	return func(c *cloudwatch.Config) {
		c.Poll = maps.Clone(c.Poll)
		if c.Poll == nil {
			c.Poll = map[string]time.Duration{}
		}
		for _, k := range classes {
			c.Poll[k] = d
		}
	}, nil
}

// whatIfSelection drops what matches, or everything else.
func whatIfSelection(key, value string) (func(*cloudwatch.Config), error) {
	var ms kizashi.Matchers
	for _, one := range splitOutside(value, ',') {
		m, err := kizashi.ParseMatcher(one)
		if err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	if len(ms) == 0 {
		return nil, fmt.Errorf("want a matcher such as namespace=\"AWS/EBS\", not %q", value)
	}
	if key == "drop" {
		return func(c *cloudwatch.Config) { c.Drop = append(slices.Clone(c.Drop), ms) }, nil
	}
	return func(c *cloudwatch.Config) {
		if len(c.Select) == 0 {
			c.Select = []kizashi.Matchers{ms}
			return
		}
		c.Select = slices.Clone(c.Select)
		for i := range c.Select {
			c.Select[i] = slices.Concat(c.Select[i], ms)
		}
	}, nil
}

// splitOutside splits at a separator that stands in no double quotes.
func splitOutside(s string, at rune) []string {
	quoted := false
	return strings.FieldsFunc(s, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == at && !quoted
	})
}

// whatIfStatistics watches other statistics of a metric, or all that the
// catalogue has of each.
func whatIfStatistics(metric, value string) (func(*cloudwatch.Config), error) {
	if metric == "" {
		if value != "all" {
			return nil, fmt.Errorf("want stat=all, or stat.NAMESPACE/METRIC=STATISTIC,STATISTIC, not %q", value)
		}
		return func(c *cloudwatch.Config) {
			watchStatistics(c, func(n string, m cloudwatch.Metric) []string {
				e, _ := c.Catalogue.Find(n, m.Name)
				return e.Statistics
			})
		}, nil
	}
	i := strings.LastIndex(metric, "/")
	if i < 1 || i == len(metric)-1 {
		return nil, fmt.Errorf("want stat.NAMESPACE/METRIC=STATISTIC, not %q", metric)
	}
	stats := strings.Split(value, ",")
	for _, s := range stats {
		if !catalogue.Statistic(s) {
			return nil, fmt.Errorf("%q is no statistic of CloudWatch%s", s, yamlstrict.Nearest(s, []string{"Average", "Sum", "Minimum", "Maximum", "SampleCount", "p99"}))
		}
	}
	return func(c *cloudwatch.Config) {
		watchStatistics(c, func(n string, m cloudwatch.Metric) []string {
			if n == metric[:i] && m.Name == metric[i+1:] {
				return stats
			}
			return nil
		})
	}, nil
}

// watchStatistics writes out what is watched by default, and gives metrics
// other statistics; none = those that they have.
func watchStatistics(c *cloudwatch.Config, stats func(namespace string, m cloudwatch.Metric) []string) {
	var out []cloudwatch.Namespace
	for _, n := range c.Watched() {
		var ms []cloudwatch.Metric
		for _, m := range n.Metrics {
			e, _ := c.Catalogue.Find(n.Name, m.Name)
			more := stats(n.Name, m)
			if len(more) == 0 || e.Expression != nil {
				ms = append(ms, m)
				continue
			}
			for _, m.Statistic = range more {
				ms = append(ms, m)
			}
		}
		n.Metrics = ms
		out = append(out, n)
	}
	c.Namespaces = out
}

func whatIfBackfill(value string) (func(*cloudwatch.Config), error) {
	d, err := kizashi.ParseDuration(value)
	if value == "0" {
		d, err = 0, nil
	}
	if err != nil || d < 0 {
		return nil, fmt.Errorf("want how long, such as 7d, or 0, not %q", value)
	}
	if d == 0 {
		d = -1 // what the source takes for none
	}
	return func(c *cloudwatch.Config) { c.Backfill = d }, nil
}

// changed applies what-ifs to copies of the scopes.
func changed(scopes []*scope, what ...whatIf) []*scope {
	out := make([]*scope, len(scopes))
	for i, s := range scopes {
		c := *s
		for _, w := range what {
			w.apply(&c.source)
		}
		out[i] = &c
	}
	return out
}

// compared is a plan beside the first one.
type compared struct {
	Name  string     `json:"what_if"`
	Plan  cost.Row   `json:"total"`
	Saves cost.Money `json:"saves_a_month"` // less than nothing = it costs more
	Once  cost.Money `json:"saves_backfill"`
}

// errNothing says that a what-if makes no difference.
var errNothing = errors.New("it changes nothing: no series matches, or it is so already")

func compare(name string, base, other cost.Row) (compared, error) {
	if base.Series == other.Series && base.Metrics == other.Metrics && base.OnceMetrics == other.OnceMetrics {
		return compared{}, fmt.Errorf("--what-if %s: %w", name, errNothing)
	}
	return compared{name, other, base.Month.Minus(other.Month), base.Once.Minus(other.Once)}, nil
}
