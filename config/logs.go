package config

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
	"github.com/kizashi-ops/kizashi/ingest/mask"
	"github.com/kizashi-ops/kizashi/ingest/metricfilter"
)

// Logs says which log groups of an account are read, and how.
type Logs struct {
	Rules    []logs.Rule   // the first that fits a group
	Backfill time.Duration // 0 = the default, negative = none
	Budget   int64         // bytes of history; 0 = the default
	Overlap  time.Duration // 0 = the default
	Mask     mask.Config
}

// ByTags says whether the tags of groups have to be known.
func (l *Logs) ByTags() bool { return logs.ByTags(l.Rules) }

// longestHold bounds a hold-back: what comes later is counted as late.
const longestHold = 6 * time.Hour

func (w *walker) logs(into **Logs, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		l, before := &Logs{}, w.Faults()
		w.Fields(n, name, map[string]func(*yaml.Node){
			"groups": w.List(name+".groups", func(n *yaml.Node, name string) {
				l.Rules = append(l.Rules, w.logRule(n, name))
			}),
			"backfill": w.backfill(&l.Backfill, name+".backfill"),
			"budget":   w.bytes(&l.Budget, name+".budget"),
			"overlap":  w.atLeast(&l.Overlap, time.Minute, name+".overlap"),
			"mask":     w.masking(&l.Mask, name+".mask"),
		})
		if before == w.Faults() && len(l.Rules) == 0 {
			w.Fail(n, "%s: groups: want at least one, such as {prefix: /aws/lambda/}; {} is every group", name)
		}
		w.apartMetrics(n, l, name)
		*into = l
	}
}

// logRule reads a name, or a mapping with more to say.
func (w *walker) logRule(n *yaml.Node, name string) (r logs.Rule) {
	if n.Kind == yaml.ScalarNode {
		w.needed(&r.Name, name)(n)
		return r
	}
	before := w.Faults()
	w.Fields(n, name, map[string]func(*yaml.Node){
		"name":      w.needed(&r.Name, name+".name"),
		"prefix":    w.needed(&r.Prefix, name+".prefix"),
		"tags":      w.Texts(&r.Tags, name+".tags"),
		"log_class": w.oneOf(&r.Class, name+".log_class", logs.Standard, "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"),
		"skip":      w.Bool(&r.Skip, name+".skip"),
		"hold_back": w.holdBack(&r.HoldBack, name+".hold_back"),
		"group":     w.needed(&r.Group, name+".group"),
		"labels":    w.Texts(&r.Labels, name+".labels"),
		"metric_filters": w.List(name+".metric_filters", func(n *yaml.Node, name string) {
			r.Metrics = append(r.Metrics, w.metricFilter(n, name))
		}),
	})
	if before == w.Faults() && r.Skip && (r.HoldBack != nil || r.Group != "" || len(r.Labels) > 0 || len(r.Metrics) > 0) {
		w.Fail(n, "%s: skip means that such groups are not read; nothing else can be said of them", name)
	}
	w.logLabels(n, r.Labels, name)
	return r
}

// logLabels refuses labels of log groups that have a meaning already.
func (w *walker) logLabels(n *yaml.Node, labels map[string]string, name string) {
	for _, k := range sortedKeys(labels) {
		if logs.Reserved(k) {
			w.Fail(n, "%s.labels: %q is what Kizashi calls something itself", name, k)
		}
	}
}

// metricFilter reads a metric filter as CloudWatch has them.
func (w *walker) metricFilter(n *yaml.Node, name string) (m metricfilter.Metric) {
	before := w.Faults()
	w.Fields(n, name, map[string]func(*yaml.Node){
		"name":       w.needed(&m.Name, name+".name"),
		"namespace":  w.needed(&m.Namespace, name+".namespace"),
		"filter":     w.Text(&m.Filter, name+".filter"),
		"value":      w.needed(&m.Value, name+".value"),
		"default":    w.numberOr(&m.Default, name+".default"),
		"unit":       w.needed(&m.Unit, name+".unit"),
		"statistic":  w.needed(&m.Statistic, name+".statistic"),
		"dimensions": w.Texts(&m.Dimensions, name+".dimensions"),
	})
	if m.Value == "" {
		m.Value = "1"
	}
	if before != w.Faults() {
		return m
	}
	if m.Namespace == "" {
		w.Fail(n, "%s: namespace is missing", name)
	}
	if err := metricfilter.Check([]metricfilter.Metric{m}); err != nil {
		w.Fail(n, "%s: %s", name, strings.TrimPrefix(err.Error(), "metric filter 1: "))
	}
	return m
}

// apartMetrics checks that no two filters of an account make one metric: its
// series would have two values a minute.
func (w *walker) apartMetrics(n *yaml.Node, l *Logs, name string) {
	seen := map[string]bool{}
	for i, r := range l.Rules {
		for _, m := range r.Metrics {
			k := m.Namespace + " " + m.Name
			if seen[k] {
				w.Fail(n, "%s.groups[%d]: metric %s is made by another filter already", name, i, k)
			}
			seen[k] = true
		}
	}
}

func (w *walker) holdBack(into **time.Duration, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		d, before := new(time.Duration), w.Faults()
		w.Duration(d, name)(n)
		if before == w.Faults() && (*d%time.Minute != 0 || *d > longestHold) {
			w.Fail(n, "%s: want whole minutes, at most %s, not %s", name, longestHold, *d)
		}
		*into = d
	}
}

var bytesForm = regexp.MustCompile(`^([0-9]+)(?:\.([0-9]{1,3}))?(MB|GB|TB)$`)

// bytes reads a size in the units in which CloudWatch bills.
func (w *walker) bytes(into *int64, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := w.Scalar(n, name)
		m := bytesForm.FindStringSubmatch(strings.ReplaceAll(s, " ", ""))
		if ok && m == nil {
			w.Fail(n, "%s: want a size such as 500MB or 2.5GB, not %q", name, s)
			return
		}
		if m == nil {
			return
		}
		v, err := strconv.ParseInt(m[1], 10, 64)
		thousandths, _ := strconv.ParseInt((m[2] + "000")[:3], 10, 64) // digits, by the form
		unit := map[string]int64{"MB": 1e6, "GB": 1e9, "TB": 1e12}[m[3]]
		if err != nil || v+thousandths < 1 || v >= 1e18/unit && (v > 1e18/unit || thousandths > 0) {
			w.Fail(n, "%s: want more than 0 and at most 1000000TB, not %q", name, s)
			return
		}
		*into = v*unit + thousandths*(unit/1000)
	}
}

// masking reads which kinds are left as they are, and rules of one's own.
func (w *walker) masking(into *mask.Config, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var off []string
		before := w.Faults()
		w.Fields(n, name, map[string]func(*yaml.Node){
			"off": w.TextList(&off, name+".off"),
			"own": w.List(name+".own", func(n *yaml.Node, name string) {
				var r mask.Rule
				w.Fields(n, name, map[string]func(*yaml.Node){"name": w.needed(&r.Name, name+".name"), "pattern": w.needed(&r.Pattern, name+".pattern")})
				into.Own = append(into.Own, r)
			}),
		})
		for _, k := range off {
			into.Off = append(into.Off, mask.Kind(k))
		}
		if before != w.Faults() {
			return
		}
		for _, c := range []mask.Config{{Off: into.Off}, {Own: into.Own}} { // both have their say
			_, err := mask.New(c)
			if err == nil {
				continue
			}
			for _, line := range strings.Split(err.Error(), "\n") {
				w.Fail(n, "%s: %s", name, strings.TrimPrefix(line, "mask: "))
			}
		}
	}
}
