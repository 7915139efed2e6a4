package handling

import (
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// Grown says that an alert has grown worse than was agreed when it was put
// under watch: its severity rose, or its peak lies beyond the one of then by
// more than half of what that one lay beyond its limit. An act without a
// measure is held to the severity in told.
func Grown(watch alert.Act, told alert.Severity, a *kizashi.Alert, now alert.Severity) bool {
	m, ok := alert.ParseMeasure(watch.Value)
	if !ok {
		m = alert.Measure{Severity: told, Peak: kizashi.None(), Limit: kizashi.None()}
	}
	return m.Severity != 0 && now > m.Severity || m.Beyond(a)
}
