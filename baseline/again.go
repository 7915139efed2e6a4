package baseline

import (
	"github.com/kizashi-ops/kizashi"
)

// What is far is no part of a tail: an incident must not lift the limit out of
// its own reach. But what comes back day after day, at whatever hour - bursts of
// a job without a timetable - is how the series is: told on againDays days it is
// taken into the tail from then on, which is announced.

// farOn counts the day of a far statistic.
func (s *State) farOn(tail int, at kizashi.Time) {
	h := s.known()
	if d := uint16(int64(at) / (24 * hour).Milliseconds()); d != h.AgainDay[tail] {
		h.AgainDay[tail] = d
		h.Again[tail]++
	}
}

// statistics are what the tails are of, as facts name them.
var statistics = [tails]string{"band up", "band down", "spike up", "spike down"}

// recurrences ends an observed hour: it says of which tails what is far is a part.
func (s *State) recurrences(w *Room) {
	if s.habits == nil {
		return
	}
	for i := range s.Again {
		s.Again[i] *= float32(s.decay())
		switch {
		case s.Again[i] < againLeast:
			s.Recurs[i] = false
		case !s.Recurs[i] && s.Again[i] > againDays-1:
			s.Recurs[i] = true
			s.fact(w, kizashi.Evidence{Claim: kizashi.ClaimRecurs, Text: statistics[i], Count: againDays,
				Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()})
		}
	}
}

// recurs says that what is far is of the tail by now.
func (s *State) recurs(tail int) bool { return s.habits != nil && s.Recurs[tail] }
