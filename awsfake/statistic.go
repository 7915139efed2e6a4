package awsfake

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// statistic is one of CloudWatch's, read from its name.
type statistic struct {
	name   string
	kind   byte    // 'a'verage 's'um 'm'inimum 'M'aximum 'n' count; 'p'ercentile, 't'rimmed mean, 'T'rimmed count, 'S' trimmed sum, 'w'insorized mean, 'r' percentile rank
	lo, hi float64 // percent; values where abs
	abs    bool
}

var plain = map[string]byte{"Average": 'a', "Sum": 's', "Minimum": 'm', "Maximum": 'M', "SampleCount": 'n', "IQM": 't'}

// ranged are the statistics of a range, by their long names.
var ranged = map[string]byte{"TM": 't', "TC": 'T', "TS": 'S', "WM": 'w', "PR": 'r'}

// readStatistic reads a name: Average, p99.9, tm90, TM(10%:90%), PR(:300), IQM.
func readStatistic(name string) (statistic, error) {
	st := statistic{name: name, kind: plain[name], lo: 25, hi: 75}
	if st.kind != 0 {
		return st, nil
	}
	bad := fmt.Errorf("the value %s for parameter Stat is not supported", name)
	if p, ok := strings.CutPrefix(name, "p"); ok {
		v, ok := plainNumber(p)
		if !ok || v > 100 {
			return st, bad
		}
		return statistic{name: name, kind: 'p', hi: v}, nil
	}
	if len(name) < 3 {
		return st, bad
	}
	kind := ranged[strings.ToUpper(name[:2])]
	if v, ok := plainNumber(name[2:]); ok && kind != 0 && kind != 'r' && strings.ToLower(name[:2]) == name[:2] && v <= 100 {
		return statistic{name: name, kind: kind, hi: v}, nil
	}
	if st, ok := readRange(name, ranged[name[:2]]); ok {
		return st, nil
	}
	return st, bad
}

// readRange reads TM(10%:90%), PR(:300).
func readRange(name string, kind byte) (st statistic, ok bool) {
	lo, hi, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(name[2:], "("), ")"), ":")
	if kind == 0 || !ok || name[2] != '(' || !strings.HasSuffix(name, ")") || lo == "" && hi == "" {
		return st, false
	}
	st = statistic{name: name, kind: kind, abs: !strings.Contains(name, "%"), hi: 100}
	if st.abs {
		st.lo, st.hi = math.Inf(-1), math.Inf(1)
	}
	for _, e := range []struct {
		s  string
		to *float64
	}{{lo, &st.lo}, {hi, &st.hi}} {
		if e.s == "" {
			continue
		}
		v, ok := plainNumber(strings.TrimSuffix(e.s, "%"))
		if !ok || strings.HasSuffix(e.s, "%") == st.abs {
			return st, false
		}
		*e.to = v
	}
	return st, true
}

// plainNumber reads digits with at most one point: Go's own reader would
// take NaN, 1e3 and 0x1p4 too.
func plainNumber(s string) (float64, bool) {
	if strings.Trim(s, "0123456789.") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil
}

// sums says whether a statistic can be told from sum, count and extremes.
func (st statistic) sums() bool {
	return st.kind == 'a' || st.kind == 's' || st.kind == 'm' || st.kind == 'M' || st.kind == 'n'
}

// single is the statistic of one value.
func (st statistic) single(v float64) (float64, bool) {
	switch st.kind {
	case 'n':
		return 1, true
	case 'r', 'T', 't', 'S', 'w':
		return st.over([]weighted{{v, 1}}, 1)
	}
	return v, true
}

// weighted is a value that was counted n times.
type weighted struct{ v, n float64 }

// gathered is what is known of the samples of one bin.
type gathered struct {
	set
	vs    []weighted
	blind bool // some samples were put as statistics only
}

func (g *gathered) reset() {
	*g = gathered{set: set{min: math.Inf(1), max: math.Inf(-1)}, vs: g.vs[:0]}
}

func (g *gathered) add(x version, values bool, v view, at int64) {
	if x.set == nil {
		y := v.value(at, x.value)
		g.n, g.sum, g.min, g.max = g.n+1, g.sum+y, min(g.min, y), max(g.max, y)
		if values {
			g.vs = append(g.vs, weighted{y, 1})
		}
		return
	}
	g.n, g.sum, g.min, g.max = g.n+x.set.n, g.sum+x.set.sum, min(g.min, x.set.min), max(g.max, x.set.max)
	switch {
	case len(x.set.values) > 0:
		for i, y := range x.set.values {
			g.vs = append(g.vs, weighted{y, x.set.counts[i]})
		}
	case x.set.min == x.set.max:
		g.vs = append(g.vs, weighted{x.set.min, x.set.n})
	default:
		g.blind = true
	}
}

// of computes a statistic; not ok where it is not defined: percentiles of
// statistic sets, and trimmed statistics over no values.
func (st statistic) of(g *gathered) (float64, bool) {
	switch st.kind {
	case 's':
		return g.sum, true
	case 'm':
		return g.min, true
	case 'M':
		return g.max, true
	case 'n':
		return g.n, true
	case 'a':
		return g.sum / g.n, g.n > 0
	}
	if g.blind {
		return 0, false
	}
	slices.SortFunc(g.vs, func(a, b weighted) int { return cmp.Compare(a.v, b.v) })
	return st.over(g.vs, g.n)
}

// over computes a statistic of sorted values. A percentile is the nearest
// rank, and a range in percent takes the values whose rank lies in it: AWS
// does not publish how it interpolates.
func (st statistic) over(vs []weighted, total float64) (float64, bool) {
	if st.kind == 'p' {
		return rank(vs, st.hi/100*total), true
	}
	lo, hi := st.lo, st.hi
	if !st.abs {
		lo, hi = st.lo/100*total, st.hi/100*total
	}
	var n, sum, below, least, most float64
	least, most = math.Inf(1), math.Inf(-1)
	for _, x := range vs {
		in := x.n
		if st.abs && (x.v <= lo || x.v > hi) {
			in = 0
		} else if !st.abs {
			in = max(0, min(below+x.n, hi)-max(below, lo))
		}
		below += x.n
		if in > 0 {
			n, sum, least, most = n+in, sum+in*x.v, min(least, x.v), max(most, x.v)
		}
	}
	switch st.kind {
	case 'T':
		return n, true
	case 'r':
		return n / total * 100, true
	case 'S':
		return sum, n > 0
	case 'w':
		return winsorized(vs, least, most, total), n > 0
	}
	return sum / n, n > 0
}

func rank(vs []weighted, want float64) float64 {
	below := 0.0
	for _, x := range vs {
		if below += x.n; below >= want {
			return x.v
		}
	}
	return vs[len(vs)-1].v
}

func winsorized(vs []weighted, least, most, total float64) float64 {
	sum := 0.0
	for _, x := range vs {
		sum += x.n * min(max(x.v, least), most)
	}
	return sum / total
}
