package program

import (
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// leap is how far a time may lie from those above it before it is asked whether
// the next line agrees: one wrong clock would stretch the span of a file over
// years. It is that of the replay (ingest/replay).
const leap = 24 * time.Hour

// stray looks for times of a file that its other lines rule out. They are no part
// of spans, of spark lines and of hours of the week.
type stray struct {
	top  kizashi.Time // of the lines so far; Never = there was none
	held bool         // a line has leapt, and no next one was seen
	at   kizashi.Time // its time
	id   pattern.ID   // its pattern
	odd  int          // times that were ruled out
}

// timed says by which time an event is counted; Never = by none, for now or at
// all. A line that leaps waits for the next one with a time of its own.
func (s *survey) timed(e *entry, id pattern.ID) kizashi.Time {
	o := &s.stray
	switch {
	case !e.found: // it goes with what is above it
		return o.top
	case o.held:
		s.settle(o.ruledOut(e.at))
	}
	if o.top == kizashi.Never || e.at > o.top.Add(leap) || e.at < o.top.Add(-leap) {
		o.held, o.at, o.id = true, e.at, id
		return kizashi.Never
	}
	o.top = max(o.top, e.at)
	return e.at
}

// ruledOut says whether the next time shows that the held one is wrong: it goes
// back to where the file was.
func (o *stray) ruledOut(next kizashi.Time) bool {
	switch {
	case o.top == kizashi.Never:
		return next < o.at.Add(-leap)
	case o.at > o.top:
		return next >= o.top.Add(-leap) && next < o.at.Add(-leap)
	}
	return next >= o.top.Add(-leap)
}

// settle ends the waiting of the line that leapt.
func (s *survey) settle(odd bool) {
	o := &s.stray
	if !o.held {
		return
	}
	o.held = false
	if odd {
		o.odd++
		return
	}
	o.top = o.at
	i, ok := s.miner.Lookup(o.id)
	if !ok {
		i = pattern.OtherIndex // where the lines of an evicted one went
	}
	s.grow(i)
	s.place(&s.counts[i], o.at)
}
