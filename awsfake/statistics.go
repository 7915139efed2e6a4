package awsfake

import (
	"cmp"
	"fmt"
	"net/http"
	"time"
)

// maxDatapoints is how many one GetMetricStatistics may return.
const maxDatapoints = 1440

// getMetricStatistics answers up to five statistics of one metric, in no
// order, as CloudWatch says of it: oldest first here.
func getMetricStatistics(q *request) (object, error) {
	from, err := instant(q.in["StartTime"])
	if err != nil {
		return nil, fmt.Errorf("StartTime: %w", err)
	}
	to, err := instant(q.in["EndTime"])
	if err != nil {
		return nil, fmt.Errorf("EndTime: %w", err)
	}
	period, err := number(q.in["Period"])
	if err != nil {
		return nil, fmt.Errorf("Period: %w", err)
	}
	names, extended := texts(q.in["Statistics"]), texts(q.in["ExtendedStatistics"])
	switch {
	case !from.Before(to):
		return nil, fmt.Errorf("the parameter StartTime must be less than the parameter EndTime")
	case !periodOK(int64(period)):
		return nil, fmt.Errorf("the parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60")
	case (len(names) == 0) == (len(extended) == 0):
		return nil, &failure{http.StatusBadRequest, "InvalidParameterCombination", "want either Statistics or ExtendedStatistics"}
	}
	if n := to.Sub(from) / (time.Duration(period) * time.Second); n > maxDatapoints {
		return nil, &failure{http.StatusBadRequest, "InvalidParameterCombination", fmt.Sprintf(
			"You have requested up to %d datapoints, which exceeds the limit of %d. You may reduce the datapoints requested by increasing Period, or decreasing the time range.", n, maxDatapoints)}
	}
	x := query{namespace: text(q.in["Namespace"]), name: text(q.in["MetricName"]), dims: readDims(q.in["Dimensions"]), unit: text(q.in["Unit"]), region: q.region}
	points, err := q.datapoints(&x, spanOf(from, to, q.now, int64(period), false, maxDatapoints+1), names, extended)
	if err != nil {
		return nil, err
	}
	return object{{"Label", x.name}, {"Datapoints", points}}, nil
}

func (q *request) datapoints(x *query, p span, names, extended []string) ([]any, error) {
	stats := make([]statistic, 0, len(names)+len(extended))
	for _, name := range append(append([]string{}, names...), extended...) {
		st, err := readStatistic(name)
		if err != nil {
			return nil, err
		}
		stats = append(stats, st)
	}
	s, unit := q.region.find(appendKey(nil, x.namespace, x.name, x.dims), x.unit)
	if x.series = s; s == nil {
		return []any{}, nil
	}
	var times []int64
	values := map[int64]object{}
	for i, st := range stats {
		sc := &scratch{}
		x.st = st
		q.read(sc, x, p, 0)
		for k, at := range sc.times {
			if values[at] == nil {
				times = append(times, at)
				values[at] = object{{"Timestamp", time.Unix(at, 0).UTC()}, {"Unit", cmp.Or(unit, "None")}}
			}
			values[at] = extend(values[at], st.name, sc.values[k], i >= len(names))
		}
	}
	points := []any{}
	for _, at := range times {
		points = append(points, values[at])
	}
	return points, nil
}

// extend adds a statistic to a datapoint; extended ones are a map in it.
func extend(o object, name string, v float64, extended bool) object {
	if !extended {
		return append(o, field{name, v})
	}
	for i := range o {
		if o[i].Name == "ExtendedStatistics" {
			o[i].Value = append(o[i].Value.(dictionary), field{name, v})
			return o
		}
	}
	return append(o, field{"ExtendedStatistics", dictionary{{name, v}}})
}
