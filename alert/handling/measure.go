package handling

import (
	"encoding/json"
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// Measure is how bad an alert was when somebody said to wait. It stands in the
// act's Value, so that later nobody has to find out.
type Measure struct {
	Severity alert.Severity `json:"severity"`
	Peak     kizashi.Num    `json:"peak"`  // in the series' unit; null = a silence
	Limit    kizashi.Num    `json:"limit"` // that the peak was beyond
}

// MeasureOf is what a watch that begins now is measured against, as an act's
// Value.
func MeasureOf(a *kizashi.Alert, s alert.Severity) (string, error) {
	b, err := json.Marshal(Measure{Severity: s, Peak: a.Peak.Value, Limit: limit(a)})
	return string(b), err
}

// Grown says that an alert has grown worse than was agreed when it was put
// under watch: its severity rose, or its peak lies beyond the one of then by
// more than half of what that one lay beyond its limit. An act without a
// measure is held to the severity in told.
func Grown(watch alert.Act, told alert.Severity, a *kizashi.Alert, now alert.Severity) bool {
	m := Measure{Severity: told, Peak: kizashi.None(), Limit: kizashi.None()}
	if watch.Value != "" {
		var said Measure
		if json.Unmarshal([]byte(watch.Value), &said) == nil {
			m = said
		}
	}
	if m.Severity != 0 && now > m.Severity {
		return true
	}
	if !m.Peak.Ok() || !m.Limit.Ok() || !a.Peak.Value.Ok() {
		return false
	}
	further := float64(a.Peak.Value - m.Peak)
	if a.Side == kizashi.Down {
		further = -further
	}
	return further > math.Abs(float64(m.Peak-m.Limit))/2
}

// limit is the one on the alert's side at its peak.
func limit(a *kizashi.Alert) kizashi.Num {
	if a.Side == kizashi.Down {
		return a.Peak.Verdict.Lower
	}
	return a.Peak.Verdict.Upper
}
