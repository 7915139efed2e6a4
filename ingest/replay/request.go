package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// query is one of MetricDataQueries: what its result is.
type query struct {
	Id, AccountId, Label, Expression string
	Period                           int // seconds, of an expression
	ReturnData                       *bool
	MetricStat                       *metricStat
}

type metricStat struct {
	Metric struct {
		Namespace, MetricName string
		Dimensions            []struct{ Name, Value string }
	}
	Period     int
	Stat, Unit string
}

// parseRequest reads what `--cli-input-json` or `--metric-data-queries` took.
func parseRequest(file string, b []byte) (map[string]query, error) {
	var req struct{ MetricDataQueries []query }
	var err error
	if t := bytes.TrimSpace(b); len(t) > 0 && t[0] == '[' {
		err = json.Unmarshal(t, &req.MetricDataQueries)
	} else {
		err = json.Unmarshal(b, &req)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	qs := map[string]query{}
	for i, q := range req.MetricDataQueries {
		switch {
		case q.Id == "":
			return nil, fmt.Errorf("%s: query %d has no Id", file, i+1)
		case q.ReturnData != nil && !*q.ReturnData:
			continue
		case q.MetricStat == nil && q.Expression == "":
			return nil, fmt.Errorf("%s: query %s has neither MetricStat nor Expression", file, q.Id)
		}
		if _, ok := qs[q.Id]; ok {
			return nil, fmt.Errorf("%s: two queries have the Id %q", file, q.Id)
		}
		qs[q.Id] = q
	}
	if len(qs) == 0 {
		return nil, fmt.Errorf("%s: no MetricDataQueries", file)
	}
	return qs, nil
}

// period of the result.
func (q query) period() time.Duration {
	s := q.Period
	if q.MetricStat != nil {
		s = q.MetricStat.Period
	}
	return time.Duration(s) * time.Second
}

// column is what the query says of its series, over what the entry says.
func (q query) column(c Column) Column {
	if q.MetricStat == nil {
		if c.Metric = q.Label; c.Metric == "" {
			c.Metric = q.Expression
		}
		return c
	}
	m := q.MetricStat
	c.Namespace, c.Metric, c.Statistic = m.Metric.Namespace, m.Metric.MetricName, m.Stat
	if m.Unit != "" {
		c.Unit = m.Unit
	}
	c.Dimensions = map[string]string{}
	for _, d := range m.Metric.Dimensions {
		c.Dimensions[d.Name] = d.Value
	}
	return c
}
