package awsfake

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Metric math, as much of it as tests need: + - * / over numbers, ids and
// brackets, and SEARCH, which gives several series and so the error that
// such an expression makes.

// curve is what an expression gives: a number, or points in time order.
type curve struct {
	scalar bool
	number float64
	times  []int64
	values []float64
}

// expressionRows appends the results of an expression.
func (q *request) expressionRows(in *dataRequest, sc *scratch, x *query, after int64, limit int) (more bool) {
	if x.searches() {
		q.searchRows(in, sc, x)
		return false
	}
	p := &parser{s: x.expr, of: func(id string) (curve, error) { return q.curveOf(in, sc, id, 0) }}
	c, err := p.whole()
	if err != nil {
		q.wrong = fmt.Errorf("error in expression '%s': %w", x.id, err)
		return false
	}
	lo := len(sc.values)
	desc := in.scan != "TimestampAscending"
	for i := range c.times {
		k := i
		if desc {
			k = len(c.times) - 1 - i
		}
		if t := c.times[k]; after != 0 && (desc && t >= after || !desc && t <= after) || math.IsNaN(c.values[k]) || math.IsInf(c.values[k], 0) {
			continue
		}
		if len(sc.values)-lo == limit {
			more = true
			break
		}
		sc.times, sc.values = append(sc.times, c.times[k]), append(sc.values, c.values[k])
	}
	sc.rows = append(sc.rows, row{id: x.id, label: x.labelled(), status: "Complete", lo: lo, hi: len(sc.values)})
	return more
}

// searches says whether an expression is a search.
func (x *query) searches() bool { return strings.HasPrefix(strings.TrimSpace(x.expr), "SEARCH(") }

// maxNested bounds expressions of expressions.
const maxNested = 10

// curveOf computes the query of an id.
func (q *request) curveOf(in *dataRequest, sc *scratch, id string, depth int) (curve, error) {
	i := slices.IndexFunc(in.queries, func(x query) bool { return x.id == id })
	if i < 0 {
		return curve{}, fmt.Errorf("id %s is not known", id)
	}
	x := &in.queries[i]
	if !x.metric {
		if depth > maxNested {
			return curve{}, fmt.Errorf("%s refers to itself", id)
		}
		p := &parser{s: x.expr, of: func(id string) (curve, error) { return q.curveOf(in, sc, id, depth+1) }}
		return p.whole()
	}
	if x.series == nil {
		return curve{}, nil
	}
	begin := len(sc.values)
	q.read(sc, x, spanOf(in.from, in.to, q.now, x.period, false, MaxPoints), 0)
	c := curve{times: slices.Clone(sc.times[begin:]), values: slices.Clone(sc.values[begin:])}
	sc.times, sc.values = sc.times[:begin], sc.values[:begin]
	return c, nil
}

// combine applies an operator; of two curves, where both have a point.
func combine(op byte, a, b curve) curve {
	do := func(x, y float64) float64 {
		switch op {
		case '+':
			return x + y
		case '-':
			return x - y
		case '*':
			return x * y
		}
		return x / y
	}
	switch {
	case a.scalar && b.scalar:
		return curve{scalar: true, number: do(a.number, b.number)}
	case a.scalar, b.scalar:
		out := curve{times: a.times}
		if a.scalar {
			out.times = b.times
		}
		for i := range out.times {
			if a.scalar {
				out.values = append(out.values, do(a.number, b.values[i]))
			} else {
				out.values = append(out.values, do(a.values[i], b.number))
			}
		}
		return out
	}
	var out curve
	for i, j := 0, 0; i < len(a.times) && j < len(b.times); {
		switch {
		case a.times[i] < b.times[j]:
			i++
		case a.times[i] > b.times[j]:
			j++
		default:
			out.times, out.values = append(out.times, a.times[i]), append(out.values, do(a.values[i], b.values[j]))
			i, j = i+1, j+1
		}
	}
	return out
}

// parser reads an expression.
type parser struct {
	s     string
	depth int
	of    func(id string) (curve, error)
}

func (p *parser) whole() (curve, error) {
	c, err := p.sum()
	if err == nil && p.peek() != 0 {
		err = fmt.Errorf("%q is not supported", p.s)
	}
	if err == nil && c.scalar {
		err = fmt.Errorf("the expression returns a number, not a time series")
	}
	return c, err
}

func (p *parser) peek() byte {
	if p.s = strings.TrimLeft(p.s, " \t\n"); p.s == "" {
		return 0
	}
	return p.s[0]
}

func (p *parser) sum() (curve, error) { return p.chain("+-", p.product) }

func (p *parser) product() (curve, error) { return p.chain("*/", p.term) }

func (p *parser) chain(ops string, next func() (curve, error)) (curve, error) {
	c, err := next()
	for err == nil && p.peek() != 0 && strings.IndexByte(ops, p.peek()) >= 0 {
		op := p.s[0]
		p.s = p.s[1:]
		var d curve
		if d, err = next(); err == nil {
			c = combine(op, c, d)
		}
	}
	return c, err
}

// maxBrackets bounds brackets in brackets.
const maxBrackets = 50

func (p *parser) term() (curve, error) {
	if p.depth++; p.depth > maxBrackets {
		return curve{}, fmt.Errorf("more than %d brackets in brackets", maxBrackets)
	}
	defer func() { p.depth-- }()
	switch c := p.peek(); {
	case c == '-':
		p.s = p.s[1:]
		x, err := p.term()
		return combine('*', curve{scalar: true, number: -1}, x), err
	case c == '(':
		p.s = p.s[1:]
		x, err := p.sum()
		if err == nil && p.peek() != ')' {
			err = fmt.Errorf("a bracket is not closed")
		}
		if err == nil {
			p.s = p.s[1:]
		}
		return x, err
	case c >= '0' && c <= '9' || c == '.':
		word := p.word("0123456789.eE")
		v, err := strconv.ParseFloat(word, 64)
		return curve{scalar: true, number: v}, err
	case c >= 'a' && c <= 'z':
		return p.of(p.word("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"))
	}
	return curve{}, fmt.Errorf("%q is not supported", p.s)
}

func (p *parser) word(of string) string {
	n := 0
	for n < len(p.s) && strings.IndexByte(of, p.s[n]) >= 0 {
		n++
	}
	w := p.s[:n]
	p.s = p.s[n:]
	return w
}

// searchRows appends one result a metric that a SEARCH finds, all with the
// expression's id: SEARCH('{Namespace,Dim} MetricName="Name"', 'Stat', 300).
func (q *request) searchRows(in *dataRequest, sc *scratch, x *query) {
	fail := func(note string) { q.wrong = fmt.Errorf("error in expression '%s': %s", x.id, note) }
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(x.expr), "SEARCH("), ")"), "'")
	if len(parts) != 5 {
		fail("SEARCH: want SEARCH('{Namespace,Dimension} MetricName=\"Name\"', 'Stat', period)")
		return
	}
	period := x.period
	if n, err := strconv.ParseInt(strings.Trim(parts[4], ", "), 10, 64); err == nil {
		period = n
	}
	st, err := readStatistic(parts[3])
	if err != nil || !periodOK(period) {
		fail(fmt.Sprintf("SEARCH: statistic %q, period %d", parts[3], period))
		return
	}
	schema, term, _ := strings.Cut(strings.TrimPrefix(parts[1], "{"), "}")
	names := strings.Split(schema, ",")
	metric := strings.Trim(strings.TrimPrefix(strings.TrimSpace(term), "MetricName="), `"`)
	for _, s := range q.region.all() {
		if s.namespace != strings.Trim(names[0], `" `) || s.name != metric || len(s.dims) != len(names)-1 {
			continue
		}
		y := query{metric: true, name: s.name, region: q.region, series: s, st: st, period: period}
		r := row{id: x.id, label: s.label(), status: "Complete", lo: len(sc.values)}
		q.read(sc, &y, spanOf(in.from, in.to, q.now, period, in.scan != "TimestampAscending", MaxPoints), 0)
		r.hi = len(sc.values)
		sc.rows = append(sc.rows, r)
	}
}

// label of a found series: its dimensions' values, then its name.
func (s *series) label() string {
	var out []string
	for _, d := range s.dims {
		out = append(out, d.value)
	}
	return strings.Join(append(out, s.name), " ")
}
