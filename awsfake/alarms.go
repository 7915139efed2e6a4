package awsfake

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Alarm is a CloudWatch metric alarm with its history.
type Alarm struct {
	Name, Description  string
	Namespace, Metric  string
	Dimensions         map[string]string
	Statistic          string // Average, ..., or an extended one: p99
	Period             time.Duration
	Evaluation, Points int // EvaluationPeriods, DatapointsToAlarm; 0 points = not said
	Threshold          float64
	Operator           string // GreaterThanThreshold, ...
	Missing            string // TreatMissingData; "" = not said
	State, Reason      string // OK, ALARM, INSUFFICIENT_DATA
	Updated            time.Time
	Actions            []string
	History            []History
}

// History is one item of an alarm's history.
type History struct {
	At            time.Time
	Type          string // StateUpdate, ConfigurationUpdate, Action
	Summary, Data string
}

// Alarm adds an alarm or changes the one of the same name.
func (r *Region) Alarm(a Alarm) {
	a.Dimensions, a.Actions, a.History = maps.Clone(a.Dimensions), slices.Clone(a.Actions), slices.Clone(a.History)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.state.alarms {
		if r.state.alarms[i].Name == a.Name {
			r.state.alarms[i] = a
			return
		}
	}
	r.state.alarms = append(r.state.alarms, a)
}

func describeAlarms(q *request) (object, error) {
	n, err := q.limit("MaxRecords", 1, 100, 50)
	if err != nil {
		return nil, err
	}
	q.region.mu.RLock()
	defer q.region.mu.RUnlock()
	names := texts(q.in["AlarmNames"])
	var found []any
	for _, a := range q.region.state.alarms {
		if len(names) > 0 && !slices.Contains(names, a.Name) || !strings.HasPrefix(a.Name, text(q.in["AlarmNamePrefix"])) {
			continue
		}
		if s := text(q.in["StateValue"]); s != "" && s != a.State {
			continue
		}
		found = append(found, a.wire(q.region))
	}
	out, err := q.paged("MetricAlarms", found, "NextToken", q.in["NextToken"], n)
	return append(out, field{"CompositeAlarms", []any{}}), err
}

func (a Alarm) wire(r *Region) object {
	stat := "Statistic"
	if plain[a.Statistic] == 0 || a.Statistic == "IQM" {
		stat = "ExtendedStatistic"
	}
	actions := []any{}
	for _, x := range a.Actions {
		actions = append(actions, x)
	}
	o := object{{"AlarmName", a.Name}, {"AlarmArn", r.account.arn("cloudwatch", r.name, "alarm:"+a.Name)}, {"AlarmDescription", a.Description},
		{"ActionsEnabled", true}, {"AlarmActions", actions}, {"StateValue", a.State}, {"StateReason", a.Reason}, {"StateUpdatedTimestamp", a.Updated},
		{"AlarmConfigurationUpdatedTimestamp", a.Updated}, {"Namespace", a.Namespace}, {"MetricName", a.Metric},
		{"Dimensions", wireDims(Metric{Dimensions: a.Dimensions}.dims())}, {stat, a.Statistic}, {"Period", int(a.Period / time.Second)},
		{"EvaluationPeriods", a.Evaluation}, {"Threshold", a.Threshold}, {"ComparisonOperator", a.Operator}, {"TreatMissingData", a.Missing}}
	if a.Points > 0 {
		o = append(o, field{"DatapointsToAlarm", a.Points})
	}
	return given(o)
}

func describeAlarmHistory(q *request) (object, error) {
	n, err := q.limit("MaxRecords", 1, 100, 100)
	if err != nil {
		return nil, err
	}
	var from, to time.Time
	for k, at := range map[string]*time.Time{"StartDate": &from, "EndDate": &to} {
		if q.in[k] == nil {
			continue
		}
		if *at, err = instant(q.in[k]); err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
	}
	sign := -1 // newest first, unless the call says otherwise
	switch by := text(q.in["ScanBy"]); by {
	case "TimestampAscending":
		sign = 1
	case "", "TimestampDescending":
	default:
		return nil, fmt.Errorf("ScanBy %q: want TimestampDescending or TimestampAscending", by)
	}
	q.region.mu.RLock()
	defer q.region.mu.RUnlock()
	type owned struct {
		History
		of string
	}
	var items []owned
	for _, a := range q.region.state.alarms {
		if x := text(q.in["AlarmName"]); x != "" && x != a.Name {
			continue
		}
		for _, h := range a.History {
			if t := text(q.in["HistoryItemType"]); t != "" && t != h.Type || h.At.Before(from) || !to.IsZero() && h.At.After(to) {
				continue
			}
			items = append(items, owned{h, a.Name})
		}
	}
	slices.SortStableFunc(items, func(a, b owned) int { return sign * a.At.Compare(b.At) })
	var found []any
	for _, h := range items {
		found = append(found, given(object{{"AlarmName", h.of}, {"AlarmType", "MetricAlarm"}, {"Timestamp", h.At},
			{"HistoryItemType", h.Type}, {"HistorySummary", h.Summary}, {"HistoryData", h.Data}}))
	}
	return q.paged("AlarmHistoryItems", found, "NextToken", q.in["NextToken"], n)
}

// describeAnomalyDetectors tells of none: nothing here makes one.
func describeAnomalyDetectors(q *request) (object, error) {
	if _, err := q.limit("MaxResults", 1, 100, 100); err != nil {
		return nil, err
	}
	return object{{"AnomalyDetectors", []any{}}}, nil
}
