package config

import (
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/catalogue"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/yamlstrict"
)

// namespace reads a name, or a mapping with more to say.
func (w *walker) namespace(c *Config, n *yaml.Node, name string) (ns cloudwatch.Namespace) {
	defer func() { w.known(c, n, name, ns.Name) }()
	if n.Kind == yaml.ScalarNode {
		w.needed(&ns.Name, name)(n)
		return ns
	}
	w.Fields(n, name, map[string]func(*yaml.Node){
		"name":     w.needed(&ns.Name, name+".name"),
		"period":   w.Duration(&ns.Period, name+".period"),
		"settle":   w.settle(&ns.Settle, name+".settle"),
		"group":    w.Text(&ns.Group, name+".group"),
		"group_by": w.Text(&ns.GroupBy, name+".group_by"),
		"metrics": w.List(name+".metrics", func(n *yaml.Node, name string) {
			m := w.metric(n, name)
			ns.Metrics = append(ns.Metrics, m)
			w.unit(c, n, name, &ns.Name, m.Name, m.Unit)
		}),
	})
	if ns.Name == "" {
		w.Fail(n, "%s: name is missing", name)
	}
	return ns
}

// metric reads a name, or a mapping with more to say.
func (w *walker) metric(n *yaml.Node, name string) (m cloudwatch.Metric) {
	if n.Kind == yaml.ScalarNode {
		w.needed(&m.Name, name)(n)
		return m
	}
	w.Fields(n, name, map[string]func(*yaml.Node){
		"name":       w.needed(&m.Name, name+".name"),
		"statistic":  w.statistic(&m.Statistic, name+".statistic"),
		"unit":       w.Text(&m.Unit, name+".unit"),
		"lower":      w.numberOr(&m.Lower, name+".lower"),
		"upper":      w.numberOr(&m.Upper, name+".upper"),
		"dimensions": w.TextList(&m.Dimensions, name+".dimensions"),
	})
	if m.Name == "" {
		w.Fail(n, "%s: name is missing", name)
	}
	return m
}

// operand are the keys of a metric that is named with its dimensions.
func (w *walker) operand(d *cloudwatch.Declared, name string) map[string]func(*yaml.Node) {
	return map[string]func(*yaml.Node){
		"account":    w.accountID(&d.Account, name+".account"),
		"namespace":  w.needed(&d.Namespace, name+".namespace"),
		"metric":     w.needed(&d.Metric, name+".metric"),
		"dimensions": w.Texts(&d.Dimensions, name+".dimensions"),
		"statistic":  w.statistic(&d.Statistic, name+".statistic"),
	}
}

func (w *walker) declared(c *Config, n *yaml.Node, name string) cloudwatch.Declared {
	d, before := cloudwatch.Declared{}, w.Faults()
	fields := w.operand(&d, name)
	fields["period"] = w.Duration(&d.Period, name+".period")
	fields["settle"] = w.settle(&d.Settle, name+".settle")
	fields["unit"] = w.Text(&d.Unit, name+".unit")
	fields["group"] = w.Text(&d.Group, name+".group")
	w.Fields(n, name, fields)
	w.named(c, n, name, &d, before)
	w.unit(c, n, name, &d.Namespace, d.Metric, d.Unit)
	return d
}

// named checks that an operand says what it is.
func (w *walker) named(c *Config, n *yaml.Node, name string, d *cloudwatch.Declared, before int) {
	if before != w.Faults() {
		return
	}
	if d.Namespace == "" || d.Metric == "" {
		w.Fail(n, "%s: want namespace and metric", name)
		return
	}
	w.known(c, n, name, d.Namespace)
}

func (w *walker) expression(c *Config, n *yaml.Node, name string) cloudwatch.Expression {
	e, before := cloudwatch.Expression{Metrics: map[string]cloudwatch.Declared{}}, w.Faults()
	w.Fields(n, name, map[string]func(*yaml.Node){
		"name":       w.needed(&e.Name, name+".name"),
		"expression": w.needed(&e.Expression, name+".expression"),
		"period":     w.Duration(&e.Period, name+".period"),
		"settle":     w.settle(&e.Settle, name+".settle"),
		"unit":       w.Text(&e.Unit, name+".unit"),
		"group":      w.Text(&e.Group, name+".group"),
		"metrics": func(n *yaml.Node) {
			w.Pairs(n, name+".metrics", func(k, v *yaml.Node) {
				d, item, before := cloudwatch.Declared{}, name+".metrics."+k.Value, w.Faults()
				if !operandID.MatchString(k.Value) {
					w.Fail(k, "%s: an id begins with a small letter and has letters, digits and _ only (GetMetricData)", item)
				}
				w.Fields(v, item, w.operand(&d, item))
				w.named(c, v, item, &d, before)
				e.Metrics[k.Value] = d
			})
		},
	})
	if before == w.Faults() {
		w.formula(n, e, name)
	}
	return e
}

var (
	operandID = regexp.MustCompile(`^[a-z][A-Za-z0-9_]*$`)
	word      = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
	quotes    = regexp.MustCompile(`"[^"]*"|'[^']*'`)
)

// formula checks an expression against its metrics, as far as that can be seen
// without calling anybody.
func (w *walker) formula(n *yaml.Node, e cloudwatch.Expression, name string) {
	if e.Name == "" || e.Expression == "" {
		w.Fail(n, "%s: want name and expression", name)
		return
	}
	bare := quotes.ReplaceAllString(e.Expression, "")
	used := map[string]bool{}
	for _, id := range word.FindAllString(bare, -1) {
		used[id] = true
		if _, ok := e.Metrics[id]; !ok && operandID.MatchString(id) {
			w.Fail(n, "%s: the expression uses %q, which is none of its metrics", name, id)
		}
	}
	for _, id := range sortedKeys(e.Metrics) {
		if !used[id] && !used["METRICS"] {
			w.Fail(n, "%s: metric %q is not used in the expression", name, id)
		}
	}
	if strings.HasPrefix(strings.TrimSpace(bare), "SEARCH(") {
		w.Fail(n, "%s: a SEARCH gives several series, and an expression has to give one; put it into SUM(...), AVG(...) or the like", name)
	}
}

// settle reads a settling delay; 0 is one, left out is none.
func (w *walker) settle(into **time.Duration, name string) func(*yaml.Node) {
	return func(n *yaml.Node) { *into = new(time.Duration); w.Duration(*into, name)(n) }
}

func (w *walker) statistic(into *string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := w.Scalar(n, name)
		if ok && !catalogue.Statistic(s) {
			w.Fail(n, "%s: %q is no statistic of CloudWatch%s", name, s,
				yamlstrict.Nearest(s, []string{"Average", "Sum", "Minimum", "Maximum", "SampleCount", "p50", "p90", "p99", "TM(5%:95%)"}))
		}
		*into = s
	}
}

// known refuses a namespace that is probably another one misspelt.
func (w *walker) known(c *Config, n *yaml.Node, name, namespace string) {
	w.afterwards = append(w.afterwards, func() {
		near := c.Catalogue.Nearest(namespace)
		if namespace == "" || near == "" || near == namespace {
			return
		}
		w.Fail(n, "%s: namespace %q is unknown; did you mean %q? (One of your own with such a name has to stand in a catalogue file.)", name, namespace, near)
	})
}

// unit refuses a unit that the catalogue says otherwise.
func (w *walker) unit(c *Config, n *yaml.Node, name string, namespace *string, metric, unit string) {
	w.afterwards = append(w.afterwards, func() {
		m, ok := c.Catalogue.Find(*namespace, metric)
		if !ok || unit == "" {
			return
		}
		if err := m.CheckUnit(unit); err != nil {
			w.Fail(n, "%s: %s", name, err)
		}
	})
}

// alternatives reads a list of lists of matchers: what one of them matches.
// A list of matchers alone is one alternative.
func (w *walker) alternatives(into *[]kizashi.Matchers, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		n = yamlstrict.Resolve(n)
		if n.Kind == yaml.SequenceNode && len(n.Content) > 0 && yamlstrict.Resolve(n.Content[0]).Kind == yaml.ScalarNode {
			var ms kizashi.Matchers
			w.Matchers(&ms, name)(n)
			*into = append(*into, ms)
			return
		}
		w.List(name, func(n *yaml.Node, name string) {
			var ms kizashi.Matchers
			w.Matchers(&ms, name)(n)
			if len(ms) == 0 {
				w.Fail(n, "%s: want matchers such as 'namespace=\"AWS/EC2\"'; none of them matches every series", name)
			}
			*into = append(*into, ms)
		})(n)
	}
}
