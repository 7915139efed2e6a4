package cloudwatch

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

// query asks for a statistic of a metric. It names no unit: one that does not
// match would select nothing.
func (s *Source) query(account, namespace, name string, dims map[string]string, statistic string, period time.Duration) types.MetricDataQuery {
	m := &types.Metric{Namespace: aws.String(namespace), MetricName: aws.String(name)}
	for _, d := range slices.Sorted(maps.Keys(dims)) {
		m.Dimensions = append(m.Dimensions, types.Dimension{Name: aws.String(d), Value: aws.String(dims[d])})
	}
	q := types.MetricDataQuery{MetricStat: &types.MetricStat{Metric: m, Period: aws.Int32(int32(period / time.Second)), Stat: aws.String(statistic)}}
	if account != "" && account != s.account {
		q.AccountId = aws.String(account)
	}
	return q
}

// queriesOf a listed series: one, or of an expression one an operand and the
// expression.
func (s *Source) queriesOf(l *listed, sp *spec, meta kizashi.Meta) []types.MetricDataQuery {
	if len(sp.expression) == 0 {
		return []types.MetricDataQuery{s.query(l.Account, sp.namespace, sp.metric, l.Dimensions, sp.statistic, sp.period)}
	}
	var out []types.MetricDataQuery
	var names []string
	for i, o := range sp.expression {
		q := s.query(l.Account, sp.namespace, o, l.Dimensions, sp.statistic, sp.period)
		id := operand(meta.Series, strconv.Itoa(i))
		q.Id, q.ReturnData = aws.String(id), aws.Bool(false)
		out, names = append(out, q), append(names, id)
	}
	return append(out, types.MetricDataQuery{Expression: aws.String(strings.Join(names, " - ")), Label: aws.String(meta.Name())})
}

// operand is the id of a query that only its expression uses. No other series'
// is the same, as they share calls.
func operand(id kizashi.SeriesID, name string) string { return "x" + id.String() + "_" + name }

// declared makes the series that the configuration names one by one.
func (s *Source) declared() ([]found, error) {
	var out []found
	for i, d := range s.cfg.Series {
		sp, err := s.cfg.declaredSpec(d)
		if err != nil {
			return nil, fmt.Errorf("cloudwatch: series[%d] %s %s: %w", i, d.Namespace, d.Metric, err)
		}
		out = append(out, s.found(&listed{Metric: inventory.Metric{Account: s.owner(d), Namespace: d.Namespace, Name: d.Metric, Dimensions: d.Dimensions}}, &sp))
	}
	for i, e := range s.cfg.Expressions {
		f, err := s.expression(e)
		if err != nil {
			return nil, fmt.Errorf("cloudwatch: expressions[%d] %q: %w", i, e.Name, err)
		}
		out = append(out, f)
	}
	return out, nil
}

func (s *Source) owner(d Declared) string {
	if d.Account != "" {
		return d.Account
	}
	return s.account
}

// declaredSpec is what is known of a declared series.
func (cfg *Config) declaredSpec(d Declared) (spec, error) {
	if d.Namespace == "" || d.Metric == "" {
		return spec{}, errors.New("namespace or metric is missing")
	}
	sp, err := cfg.spec(Namespace{Name: d.Namespace, Period: d.Period, Settle: d.Settle, Group: d.Group},
		Metric{Name: d.Metric, Statistic: d.Statistic, Unit: d.Unit})
	if err == nil && len(sp.expression) > 0 {
		err = errors.New("it is an expression of the catalogue, no metric")
	}
	return sp, err
}

// spelled writes out METRICS(), which would take in the queries of every series
// that shares the call.
func (e Expression) spelled() string {
	return metricsCall.ReplaceAllStringFunc(e.Expression, func(call string) string {
		part := strings.Trim(metricsCall.FindStringSubmatch(call)[1], `"'`)
		var ids []string
		for _, id := range slices.Sorted(maps.Keys(e.Metrics)) {
			if strings.Contains(id, part) {
				ids = append(ids, id)
			}
		}
		return "[" + strings.Join(ids, ", ") + "]"
	})
}

var metricsCall = regexp.MustCompile(`\bMETRICS\(\s*("[^"]*"|'[^']*')?\s*\)`)

var words = regexp.MustCompile(`"[^"]*"|'[^']*'|[A-Za-z_][A-Za-z0-9_]*`)

// expression makes a series of metric math. Its operands' ids become those of
// no other series.
func (s *Source) expression(e Expression) (found, error) {
	if e.Name == "" || e.Expression == "" {
		return found{}, errors.New("name or expression is missing")
	}
	if len(e.Metrics) >= maxQueries {
		return found{}, fmt.Errorf("%d metrics; one call takes %d queries", len(e.Metrics), maxQueries)
	}
	sp := spec{metric: e.Name, statistic: "Average", period: e.Period, settle: defaultSettle, unit: e.Unit, lower: kizashi.None(), upper: kizashi.None()}
	if sp.period == 0 {
		sp.period = defaultPeriod
	}
	if e.Settle != nil {
		sp.settle = *e.Settle
	}
	if err := sp.check(); err != nil {
		return found{}, err
	}
	meta := ingest.Metric(ingest.MetricSpec{Tenant: s.tenant, Account: s.account, Region: s.cfg.Region, Metric: e.Name, Period: sp.period, Settle: sp.settle,
		Unit: e.Unit, Lower: sp.lower, Upper: sp.upper, Zone: s.cfg.Zone, Group: e.Group, Labels: s.cfg.Labels})
	f := s.place(meta, "expressions")
	for _, id := range slices.Sorted(maps.Keys(e.Metrics)) {
		d := e.Metrics[id]
		if !operandID.MatchString(id) {
			return found{}, fmt.Errorf("metrics: id %q: want a small letter, then letters, digits and _", id)
		}
		op, err := s.cfg.declaredSpec(d)
		if err != nil {
			return found{}, fmt.Errorf("metrics: %s: %w", id, err)
		}
		q := s.query(s.owner(d), d.Namespace, d.Metric, d.Dimensions, op.statistic, sp.period)
		q.Id, q.ReturnData = aws.String(operand(meta.Series, id)), aws.Bool(false)
		f.series.queries = append(f.series.queries, q)
	}
	text := words.ReplaceAllStringFunc(e.spelled(), func(w string) string {
		if _, ok := e.Metrics[w]; ok {
			return operand(meta.Series, w)
		}
		return w
	})
	q := types.MetricDataQuery{Expression: aws.String(text), Label: aws.String(e.Name)}
	if len(e.Metrics) == 0 {
		q.Period = aws.Int32(int32(sp.period / time.Second)) // a search, or a Metrics Insights query
	}
	f.series.queries = append(f.series.queries, q)
	return f, nil
}
