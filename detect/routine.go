package detect

import "github.com/kizashi-ops/kizashi"

// routined is a State that knows what comes at a time of the day.
type routined interface {
	// Routine is what comes at the time of the case; nil = nothing that it knows.
	Routine(c *Case) *kizashi.Routine
}

// routineRow notes what comes at the time of the sample in hand, if the row is the one
// that knows.
func routineRow(j *judge, i int) {
	if r, ok := j.e.layout.state(j.s, i).(routined); ok && !j.s.set.off[i] {
		j.regular = r.Routine(&j.c)
	}
}
