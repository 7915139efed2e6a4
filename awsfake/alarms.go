package awsfake

import "time"

// Alarm is a CloudWatch alarm with its history.
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
	History            []History // newest first
}

// History is one item of an alarm's history.
type History struct {
	At            time.Time
	Type          string // StateUpdate, ConfigurationUpdate, Action
	Summary, Data string
}

// Alarm adds an alarm or changes the one of the same name.
func (r *Region) Alarm(a Alarm) {
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
