package catalogue

import (
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
)

// entry is a metric while it is read.
type entry struct {
	*reader
	what  string
	key   *yaml.Node
	row   row
	m     *Metric
	fresh bool // not in the catalogue yet
}

// blank is a metric of which nothing is known. Its class is check: so is that
// of every series whose class nobody set.
func blank(namespace, name string) Metric {
	m := Metric{Namespace: namespace, Name: name, Lower: kizashi.None(), Upper: kizashi.None(),
		NoData: Unknown, Class: "check", Sources: map[string]string{}}
	for _, f := range Fields() {
		m.Sources[f] = "unknown"
	}
	return m
}

// read takes over each field that the row gives, with its source.
func (e *entry) read() {
	setters := e.setters()
	for _, f := range settable() {
		n, given := e.row.fields[f]
		if !given {
			if f == "forecast" && e.fresh {
				e.m.Sources[f] = "ours" // few have a limit that is known beforehand
			} else if e.fresh && !e.user && f != "expression" {
				e.Fail(e.key, "%s: no %s; write unknown if nobody knows", e.what, f)
			}
			continue
		}
		e.field(f, n, setters[f])
	}
	if e.fresh {
		e.m.Sources["name"] = e.source("name")
	}
	e.m.Sources["namespace"] = e.m.Sources["name"]
	if e.fresh && len(e.m.Statistics) == 0 {
		e.Fail(e.key, "%s: no statistics", e.what)
	}
	if e.m.Lower >= e.m.Upper {
		e.Fail(e.key, "%s: lower %v is not below upper %v", e.what, e.m.Lower, e.m.Upper)
	}
	e.refs = append(e.refs, e.references)
}

func (e *entry) field(f string, n *yaml.Node, set func(*yaml.Node)) {
	if e.bad[n] {
		return
	}
	before := e.Faults()
	if n.Kind == yaml.ScalarNode && n.Value == "unknown" {
		if f == "statistics" || f == "class" || f == "expression" {
			e.Fail(n, "%s: %s cannot be unknown", e.what, f)
		}
		e.forget(f)
		e.m.Sources[f] = "unknown"
	} else {
		set(n)
		if f != "expression" {
			e.m.Sources[f] = e.source(f)
		}
	}
	if e.Faults() > before {
		e.bad[n] = true
	}
}

// forget empties a field, so that a user can take back what the catalogue says.
func (e *entry) forget(f string) {
	was, none := *e.m, blank("", "")
	switch f {
	case "period":
		was.Period = 0
	case "unit":
		was.Unit = ""
	case "lower":
		was.Lower = none.Lower
	case "upper":
		was.Upper = none.Upper
	case "direction":
		was.Direction = none.Direction
	case "no_data":
		was.NoData = none.NoData
	case "denominator":
		was.Denominator = Denominator{}
	case "settle":
		was.Settle = 0
	case "identity":
		was.Identity = nil
	case "guards":
		was.Guards = nil
	case "forecast":
		was.Forecast = nil
	}
	*e.m = was
}

// source is where a field is from: what the file says, else the user's file.
func (e *entry) source(f string) string {
	if n, ok := e.row.sources[f]; ok {
		if e.bad[n] {
			return ""
		}
		before := e.Faults()
		s := e.from(n)
		if e.Faults() > before {
			e.bad[n] = true
		}
		return s
	}
	if e.user {
		return "user: " + e.File
	}
	e.Fail(e.key, "%s: no source of %s", e.what, f)
	return ""
}

func (e *entry) setters() map[string]func(*yaml.Node) {
	m := e.m
	return map[string]func(*yaml.Node){
		"expression":  e.expression,
		"statistics":  e.statistics,
		"period":      e.duration(&m.Period, "period"),
		"unit":        e.oneOf(&m.Unit, "unit", units),
		"lower":       e.bound(&m.Lower, "lower"),
		"upper":       e.bound(&m.Upper, "upper"),
		"direction":   e.direction,
		"no_data":     e.noData,
		"denominator": e.denominator,
		"settle":      e.duration(&m.Settle, "settle"),
		"identity":    e.identity,
		"guards":      e.guards,
		"forecast":    e.forecast,
		"class":       e.oneOf(&m.Class, "class", classes),
	}
}

func (e *entry) name(field string) string { return e.what + " " + field }

func (e *entry) duration(into *time.Duration, field string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		e.Duration(into, e.name(field))(n)
		if *into == 0 {
			e.Fail(n, "%s: want more than zero, or unknown", e.name(field))
		}
	}
}

func (e *entry) bound(into *kizashi.Num, field string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Value == "none" {
			*into = kizashi.None()
			return
		}
		e.Number(into, e.name(field))(n)
	}
}

func (e *entry) direction(n *yaml.Node) {
	s, ok := e.Scalar(n, e.name("direction"))
	if ok && e.m.Direction.UnmarshalText([]byte(s)) != nil {
		e.Fail(n, "%s: want up, down or both, not %q", e.name("direction"), s)
	}
}

func (e *entry) noData(n *yaml.Node) {
	var s string
	e.oneOf(&s, "no_data", meanings)(n)
	e.m.NoData = NoData(s)
}

func (e *entry) statistics(n *yaml.Node) {
	e.m.Statistics = nil
	e.List(e.name("statistics"), func(c *yaml.Node, item string) {
		var s string
		e.Text(&s, item)(c)
		e.statistic(c, s, item)
		e.m.Statistics = append(e.m.Statistics, s)
	})(n)
	if len(e.m.Statistics) == 0 {
		e.Fail(n, "%s: want at least one", e.name("statistics"))
	}
}

func (e *entry) statistic(n *yaml.Node, s, name string) {
	if !Statistic(s) {
		e.Fail(n, "%s: %q is no statistic of CloudWatch's", name, s)
	}
}

// denominator reads "none", "Metric Statistic", or "SampleCount" for the
// metric's own.
func (e *entry) denominator(n *yaml.Node) {
	s, _ := e.Scalar(n, e.name("denominator"))
	switch i := strings.LastIndexByte(s, ' '); {
	case s == "none":
		e.m.Denominator = Denominator{}
	case s == "SampleCount":
		e.m.Denominator = Denominator{e.m.Name, s}
	case i < 0:
		e.Fail(n, "%s: want none, SampleCount, or a metric and its statistic, not %q", e.name("denominator"), s)
	default:
		e.m.Denominator = Denominator{s[:i], s[i+1:]}
		e.statistic(n, s[i+1:], e.name("denominator"))
	}
}

func (e *entry) identity(n *yaml.Node) {
	e.m.Identity = nil
	e.List(e.name("identity"), func(c *yaml.Node, item string) {
		set := []string{}
		e.TextList(&set, item)(c)
		e.m.Identity = append(e.m.Identity, set)
	})(n)
	if len(e.m.Identity) == 0 {
		e.Fail(n, "%s: want at least one set of dimensions; the empty set is the whole account", e.name("identity"))
	}
}

// guards reads a list of "Maximum > 0".
func (e *entry) guards(n *yaml.Node) {
	e.m.Guards = nil
	e.List(e.name("guards"), func(c *yaml.Node, item string) {
		s, _ := e.Scalar(c, item)
		w := strings.Fields(s)
		if len(w) != 3 || w[1] != ">" && w[1] != "<" {
			e.Fail(c, "%s: want a statistic, > or <, and a number, not %q", item, s)
			return
		}
		e.m.Guards = append(e.m.Guards, e.guard(c, w, item))
	})(n)
}

// guard reads "Maximum > 0", cut into words.
func (e *entry) guard(n *yaml.Node, w []string, item string) Guard {
	v, err := strconv.ParseFloat(w[2], 64)
	if err != nil || !kizashi.Num(v).Ok() {
		e.Fail(n, "%s: %q is no number", item, w[2])
	}
	e.statistic(n, w[0], item)
	return Guard{w[0], w[1] == ">", v}
}

// forecast reads a list of "Minimum < 0 within 7d lead 14d", lead being optional.
func (e *entry) forecast(n *yaml.Node) {
	e.m.Forecast = nil
	e.List(e.name("forecast"), func(c *yaml.Node, item string) {
		s, _ := e.Scalar(c, item)
		w := strings.Fields(s)
		if len(w) != 5 && len(w) != 7 || w[1] != ">" && w[1] != "<" || w[3] != "within" || len(w) == 7 && w[5] != "lead" {
			e.Fail(c, "%s: want a statistic, > or <, a number, within and a duration, and lead and a duration where the remedy takes time, not %q", item, s)
			return
		}
		a := Ahead{Guard: e.guard(c, w, item)}
		for i, into := range [...]*time.Duration{&a.Within, &a.Lead} {
			if k := 4 + 2*i; k < len(w) {
				e.Duration(into, item)(&yaml.Node{Kind: yaml.ScalarNode, Value: w[k], Line: c.Line, Column: c.Column})
			}
		}
		e.m.Forecast = append(e.m.Forecast, a)
	})(n)
}

func (e *entry) expression(n *yaml.Node) {
	s, _ := e.Scalar(n, e.name("expression"))
	e.m.Expression = strings.Split(s, " - ")
	if len(e.m.Expression) < 2 {
		e.Fail(n, "%s: want one metric less others (A - B), not %q", e.name("expression"), s)
	}
}
