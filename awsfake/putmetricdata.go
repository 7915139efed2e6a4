package awsfake

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Limits of PutMetricData, as its documentation states them.
const (
	maxData   = 1000
	maxValues = 150
	putPast   = 14 * 24 * time.Hour // a point may be two weeks old ...
	putAhead  = 2 * time.Hour       // ... or two hours ahead
)

// putMetricData stores points. What is put twice for the same time adds to
// it: two samples.
func putMetricData(q *request) (object, error) {
	ns := text(q.in["Namespace"])
	data := list(q.in["MetricData"])
	switch {
	case ns == "":
		return nil, &failure{http.StatusBadRequest, "MissingParameter", "The parameter Namespace is required."}
	case strings.HasPrefix(ns, "AWS/") && q.who != nil:
		return nil, fmt.Errorf("the value AWS/ for parameter Namespace is invalid")
	case len(data) > maxData:
		return nil, fmt.Errorf("the collection MetricData must not have a size greater than %d", maxData)
	}
	type put struct {
		m  Metric
		at time.Time
		s  set
		u  string
	}
	var puts []put
	for i, d := range data {
		m, at, s, err := q.datum(ns, dict(d))
		if err != nil {
			return nil, fmt.Errorf("MetricData.member.%d: %w", i+1, err)
		}
		puts = append(puts, put{m, at, s, text(dict(d)["Unit"])})
	}
	q.region.mu.Lock()
	defer q.region.mu.Unlock()
	for _, p := range puts {
		s := q.region.at(p.m)
		if p.u != "" {
			s.unit = p.u
		}
		s.add(p.at.Unix(), p.s, q.now)
	}
	return object{}, nil
}

// add adds samples to what is there at a time.
func (s *series) add(at int64, x set, now time.Time) {
	if old, ok := s.stored(at); ok {
		x = x.plus(old)
	}
	s.put(at, version{seen: now.UnixNano(), set: &x})
}

func (s *series) stored(at int64) (set, bool) {
	i, ok := s.place(at)
	if !ok {
		return set{}, false
	}
	v := s.points[i].versions[len(s.points[i].versions)-1]
	if v.set != nil {
		return *v.set, true
	}
	return set{1, v.value, v.value, v.value, []float64{v.value}, []float64{1}}, true
}

func (s set) plus(o set) set {
	out := set{n: s.n + o.n, sum: s.sum + o.sum, min: math.Min(s.min, o.min), max: math.Max(s.max, o.max)}
	if s.values != nil && o.values != nil {
		out.values, out.counts = append(append([]float64{}, o.values...), s.values...), append(append([]float64{}, o.counts...), s.counts...)
	}
	return out
}

// datum reads one MetricDatum.
func (q *request) datum(ns string, d map[string]any) (m Metric, at time.Time, s set, err error) {
	m = Metric{Namespace: ns, Name: text(d["MetricName"]), Dimensions: map[string]string{}}
	for _, x := range list(d["Dimensions"]) {
		m.Dimensions[text(dict(x)["Name"])] = text(dict(x)["Value"])
	}
	at = q.now
	if d["Timestamp"] != nil {
		if at, err = instant(d["Timestamp"]); err != nil {
			return m, at, s, fmt.Errorf("Timestamp: %w", err)
		}
	}
	high, err := number(d["StorageResolution"])
	switch {
	case err != nil:
		return m, at, s, fmt.Errorf("StorageResolution: %w", err)
	case m.Name == "":
		return m, at, s, fmt.Errorf("MetricName is required")
	case at.Before(q.now.Add(-putPast)) || at.After(q.now.Add(putAhead)):
		return m, at, s, fmt.Errorf("the Timestamp %s is more than two weeks old or two hours ahead", at.Format(time.RFC3339))
	}
	if high != 1 {
		at = at.Truncate(time.Minute)
	}
	s, err = readSet(d)
	return m, at, s, err
}

// readSet reads a datum's Value, Values with Counts, or StatisticValues.
func readSet(d map[string]any) (set, error) {
	if st := dict(d["StatisticValues"]); st != nil {
		var v [4]float64
		for i, k := range []string{"SampleCount", "Sum", "Minimum", "Maximum"} {
			var err error
			if v[i], err = number(st[k]); err != nil {
				return set{}, fmt.Errorf("%s: %w", k, err)
			}
		}
		if v[0] <= 0 || v[2] > v[3] || slices.ContainsFunc(v[:], func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }) {
			return set{}, fmt.Errorf("the statistics %v (samples, sum, least, most) are not supported", v)
		}
		return set{n: v[0], sum: v[1], min: v[2], max: v[3]}, nil
	}
	values, counts := list(d["Values"]), list(d["Counts"])
	if d["Value"] != nil {
		values = []any{d["Value"]}
	}
	if len(values) == 0 || len(values) > maxValues || len(counts) > 0 && len(counts) != len(values) {
		return set{}, fmt.Errorf("want Value, StatisticValues, or up to %d Values with as many Counts", maxValues)
	}
	s := set{min: math.Inf(1), max: math.Inf(-1)}
	for i := range values {
		v, err := number(values[i])
		if err != nil {
			return s, err
		}
		n := 1.0
		if len(counts) > 0 {
			if n, err = number(counts[i]); err != nil {
				return s, err
			}
		}
		if math.IsNaN(v) || math.IsInf(v, 0) || n <= 0 {
			return s, fmt.Errorf("the value %v counted %v times is not supported", v, n)
		}
		s.n, s.sum, s.min, s.max = s.n+n, s.sum+n*v, math.Min(s.min, v), math.Max(s.max, v)
		s.values, s.counts = append(s.values, v), append(s.counts, n)
	}
	return s, nil
}
