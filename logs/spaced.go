package logs

import (
	"time"

	"github.com/kizashi-ops/kizashi"
)

// spaced are events of which nothing is known but that they are seldom: one of them is
// told where there was none of its kind for as long as the target asks, or for as long
// as anything is known. So at most one in R/w is told, whatever their rate is.
type spaced struct {
	Last  kizashi.Time // of those after the silent days; Never = there was none
	Count int32
}

// ask returns the statistic and its limit, both in days, for an event at an instant;
// start is when the log group was read first.
func (s *spaced) ask(at, start kizashi.Time, r time.Duration, w float64) (stat, limit float64) {
	days := func(d time.Duration) float64 { return d.Hours() / 24 }
	known := at.Sub(start)
	limit = min(days(r)/w, days(known-Silent))
	if s.Last == kizashi.Never {
		return days(known), limit
	}
	return days(at.Sub(s.Last)), limit
}

// note counts an event.
func (s *spaced) note(at kizashi.Time) { s.Last, s.Count = max(s.Last, at), s.Count+1 }
