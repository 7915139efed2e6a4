package detect

import "github.com/kizashi-ops/kizashi"

// routined is a State that knows what comes at a time of the day.
type routined interface {
	// Routine is what comes at the time of the case; nil = nothing that it knows.
	Routine(c *Case) *kizashi.Routine
}

// routine is what comes at the time of the sample in hand.
func (j *judge) routine() *kizashi.Routine {
	for i := range j.e.rows {
		if r, ok := j.e.layout.state(j.s, i).(routined); ok && !j.s.set.off[i] {
			return r.Routine(&j.c)
		}
	}
	return nil
}
