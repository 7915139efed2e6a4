package awsfake

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// query is one MetricDataQuery.
type query struct {
	id     string
	metric Metric
	stat   string
	period time.Duration
}

// bin is one point of an answer.
type bin struct {
	at    time.Time
	value float64
}

func (c *CloudWatch) getMetricData(in call, f Fault) (object, error) {
	queries, from, to, err := readQueries(in.in)
	if err != nil {
		return nil, err
	}
	skip, err := offset(in.in["NextToken"])
	if err != nil {
		return nil, err
	}
	log := Call{Op: in.op, Protocol: in.proto, Queries: len(queries), From: from, To: to, Scan: text(in.in["ScanBy"])}
	for _, q := range queries {
		log.Points += int(to.Sub(from) / q.period)
	}
	c.calls = append(c.calls, log)
	if f.Empty {
		return object{{"MetricDataResults", []any{}}, {"NextToken", fmt.Sprint("after-", skip)}}, nil
	}
	room := MaxPoints
	if f.Points > 0 {
		room = f.Points
	}
	results, next := c.page(queries, from, to, log.Scan != "TimestampAscending", skip, room, f)
	out := object{{"MetricDataResults", results}}
	if next > 0 {
		out = append(out, field{"NextToken", fmt.Sprint("after-", next)})
	}
	if f.Message != "" {
		out = append(out, field{"Messages", []any{object{{"Code", f.Message}, {"Value", f.Note}}}})
	}
	return out, nil
}

// page returns the results of one page: room points after the first skip
// ones. next is where the following page begins, 0 if there is none.
func (c *CloudWatch) page(queries []query, from, to time.Time, newest bool, skip, room int, f Fault) (results []any, next int) {
	all, total := make([][]bin, len(queries)), 0
	for i, q := range queries {
		all[i] = c.bins(q, from, to)
		if newest {
			slices.Reverse(all[i])
		}
		total += len(all[i])
	}
	if total > skip+room {
		next = skip + room
	}
	results = []any{}
	seen := 0 // points of the queries before
	for i, q := range queries {
		bins := all[i]
		lo, hi := min(max(skip-seen, 0), len(bins)), min(max(skip+room-seen, 0), len(bins))
		here := lo < hi || len(bins) == 0 && seen >= skip && (seen < skip+room || next == 0)
		seen += len(bins)
		hit := f.Metric == "" || f.Metric == q.metric.Name
		switch {
		case !here, f.Omit && hit:
		case f.Result != "" && hit:
			results = append(results, object{{"Id", q.id}, {"StatusCode", f.Result}, {"Messages", []any{object{{"Code", f.Result}, {"Value", f.Note}}}}})
		case hi < len(bins):
			results = append(results, result(q, bins[lo:hi], "PartialData"))
		default:
			results = append(results, result(q, bins[lo:hi], "Complete"))
		}
	}
	return results, next
}

func result(q query, bins []bin, status string) object {
	at, values := make([]any, len(bins)), make([]any, len(bins))
	for i, b := range bins {
		at[i], values[i] = b.at, b.value
	}
	return object{{"Id", q.id}, {"Label", q.metric.Name}, {"Timestamps", at}, {"Values", values}, {"StatusCode", status}}
}

// retention is how long points of a period are kept.
func retention(period time.Duration) time.Duration {
	const day = 24 * time.Hour
	switch {
	case period < time.Minute:
		return 3 * time.Hour
	case period%time.Hour == 0:
		return 455 * day
	case period%(5*time.Minute) == 0:
		return 63 * day
	}
	return 15 * day
}

// bins gathers what is stored and visible into the query's period.
func (c *CloudWatch) bins(q query, from, to time.Time) []bin {
	s := c.series[q.metric.key()]
	if s == nil {
		return nil
	}
	now := c.now()
	if oldest := now.Add(-retention(q.period)); from.Before(oldest) {
		from = oldest
	}
	step := int64(q.period / time.Second)
	values := map[int64][]float64{}
	for at, vs := range s.points {
		if at < from.Unix() || at >= to.Unix() {
			continue
		}
		for i := len(vs) - 1; i >= 0; i-- {
			if !vs[i].seen.After(now) {
				values[at-at%step] = append(values[at-at%step], vs[i].value)
				break
			}
		}
	}
	out := make([]bin, 0, len(values))
	for at, vs := range values {
		out = append(out, bin{time.Unix(at, 0).UTC(), statistic(q.stat, vs)})
	}
	slices.SortFunc(out, func(a, b bin) int { return a.at.Compare(b.at) })
	return out
}

// statistic of the values of one bin; a percentile is the nearest rank.
func statistic(name string, vs []float64) float64 {
	slices.Sort(vs)
	sum := 0.0
	for _, v := range vs {
		sum += v
	}
	switch name {
	case "Sum":
		return sum
	case "Minimum":
		return vs[0]
	case "Maximum":
		return vs[len(vs)-1]
	case "SampleCount":
		return float64(len(vs))
	}
	if p, err := strconv.ParseFloat(strings.TrimPrefix(name, "p"), 64); err == nil {
		return vs[max(int(math.Ceil(p/100*float64(len(vs))))-1, 0)]
	}
	return sum / float64(len(vs))
}

func readQueries(in map[string]any) (qs []query, from, to time.Time, err error) {
	if from, err = instant(in["StartTime"]); err != nil {
		return nil, from, to, fmt.Errorf("StartTime: %w", err)
	}
	if to, err = instant(in["EndTime"]); err != nil {
		return nil, from, to, fmt.Errorf("EndTime: %w", err)
	}
	if !from.Before(to) {
		return nil, from, to, fmt.Errorf("the parameter StartTime must be less than the parameter EndTime")
	}
	if n := len(list(in["MetricDataQueries"])); n == 0 || n > MaxQueries {
		return nil, from, to, fmt.Errorf("MetricDataQueries: %d queries, want 1 to %d", n, MaxQueries)
	}
	for i, v := range list(in["MetricDataQueries"]) {
		q, err := readQuery(dict(v))
		if err != nil {
			return nil, from, to, fmt.Errorf("MetricDataQueries.member.%d: %w", i+1, err)
		}
		qs = append(qs, q)
	}
	return qs, from, to, nil
}

func readQuery(in map[string]any) (query, error) {
	ms := dict(in["MetricStat"])
	m := dict(ms["Metric"])
	sec, err := number(ms["Period"])
	if err != nil {
		return query{}, fmt.Errorf("Period: %w", err)
	}
	if sec < 1 || sec >= 60 && math.Mod(sec, 60) != 0 {
		return query{}, fmt.Errorf("Period %v: want a multiple of 60", sec)
	}
	q := query{id: text(in["Id"]), stat: text(ms["Stat"]), period: time.Duration(sec) * time.Second,
		metric: Metric{Namespace: text(m["Namespace"]), Name: text(m["MetricName"])}}
	if q.id == "" || q.stat == "" || q.metric.Name == "" {
		return query{}, fmt.Errorf("Id, Stat and MetricName are required")
	}
	for _, d := range list(m["Dimensions"]) {
		if q.metric.Dimensions == nil {
			q.metric.Dimensions = map[string]string{}
		}
		q.metric.Dimensions[text(dict(d)["Name"])] = text(dict(d)["Value"])
	}
	return q, nil
}
