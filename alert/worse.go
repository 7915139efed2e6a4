package alert

import (
	"encoding/json"
	"math"

	"github.com/kizashi-ops/kizashi"
)

// Effect is how many times as far from the expected value as the limit a peak
// has to lie to be a ground of its own for a severity.
const Effect = 3

// EffectOf is how many times as far from the expected value as the limit a
// moment's value lies on its alert's side: 1 = at the limit. 0 where that
// cannot be said: a silence, no limit, a limit at the expected value.
func EffectOf(m kizashi.Moment, side kizashi.Side) float64 {
	limit := limitAt(m, side)
	if !m.Value.Ok() || !limit.Ok() || !m.Verdict.Expected.Ok() {
		return 0
	}
	reach, far := float64(limit-m.Verdict.Expected), float64(m.Value-m.Verdict.Expected)
	if reach == 0 || far/reach < 0 {
		return 0
	}
	return far / reach
}

// limitAt is the limit of a moment on a side.
func limitAt(m kizashi.Moment, side kizashi.Side) kizashi.Num {
	if side == kizashi.Down {
		return m.Verdict.Lower
	}
	return m.Verdict.Upper
}

// Measure is how bad an alert was at a time. A watch has it in its act's
// Value, so that later nobody has to find out.
type Measure struct {
	Severity Severity    `json:"severity"`
	Peak     kizashi.Num `json:"peak"`  // in the series' unit; null = a silence
	Limit    kizashi.Num `json:"limit"` // that the peak was beyond
}

// MeasureOf is what a watch that begins now is measured against.
func MeasureOf(a *kizashi.Alert, s Severity) Measure {
	return Measure{Severity: s, Peak: a.Peak.Value, Limit: limitAt(a.Peak, a.Side)}
}

// String is the form in which it stands in an act's Value.
func (m Measure) String() string {
	b, _ := json.Marshal(m) // numbers alone: it cannot fail
	return string(b)
}

// ParseMeasure reads what String wrote.
func ParseMeasure(s string) (m Measure, ok bool) {
	m = Measure{Peak: kizashi.None(), Limit: kizashi.None()}
	return m, json.Unmarshal([]byte(s), &m) == nil
}

// Beyond says that an alert's peak lies further out than the measure's by more
// than half of what that one lay beyond its limit.
func (m Measure) Beyond(a *kizashi.Alert) bool {
	if !m.Peak.Ok() || !m.Limit.Ok() || !a.Peak.Value.Ok() {
		return false
	}
	further := float64(a.Peak.Value - m.Peak)
	if a.Side == kizashi.Down {
		further = -further
	}
	return further > math.Abs(float64(m.Peak-m.Limit))/2
}

// told is the peak of an alert as it was told last.
type told struct {
	Peak   kizashi.Num `json:"peak"`
	Limit  kizashi.Num `json:"limit"`
	Effect bool        `json:"effect,omitempty"` // it was a ground for a severity
}

func toldOf(a *kizashi.Alert) told {
	return told{Peak: a.Peak.Value, Limit: limitAt(a.Peak, a.Side), Effect: EffectOf(a.Peak, a.Side) >= Effect}
}

// outgrown says that the peak of an alert has to be told: it has grown by what
// ends a watch that began at the peak told last, or has become a ground for a
// severity. Each time it has to grow by half of what it lies beyond its limit,
// so that even a peak that grows ten thousandfold is told less than 25 times.
func (t told) outgrown(a *kizashi.Alert) bool {
	return Measure{Peak: t.Peak, Limit: t.Limit}.Beyond(a) || !t.Effect && EffectOf(a.Peak, a.Side) >= Effect
}
