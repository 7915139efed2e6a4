package models

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/wire"
)

// calibrated is the statistic of an evidence vote with all that its limit
// follows from. Its limit is that of band and spike (docs/method.md, section 6):
// that of the hour's begin, for the share that the row has of the target. It is
// worked out where a statistic lies beyond u, which hardly any does: no limit lies
// nearer. The statistic is evaluated at most once a sample; what is evaluated more
// seldom has so many fewer evaluations a day, and the same rule.
type calibrated struct {
	Hour     hour   // that u is of
	Restarts uint16 // of the baseline's scale, as far as the tail knows
	Taken    bool   // the hour has an evaluation
	limits   bool   // there is a u, and with it a limit
	Tail     baseline.Tail
}

// nearest is what no u lies below: what is nearer still is not of a tail.
const nearest = .5

// evidencePrior is what is said of an evidence vote's tail before it speaks: its shape
// is the band's, and any limit will do.
var evidencePrior = baseline.Prior{}

func newCalibrated() calibrated {
	return calibrated{Tail: baseline.Tail{Last: kizashi.Never}, Hour: noHour}
}

// begin ends the hour in force.
func (s *calibrated) begin(c *detect.Case) { s.roll(c.View.Hour, c.View.Restarts) }

// roll is begin for an hour; restarts are those of the baseline's scale so far.
func (s *calibrated) roll(at kizashi.Time, restarts int) {
	if s.Taken {
		s.Tail.Roll(s.Hour.time().Add(time.Hour))
		s.Taken = false
	}
	if n := uint16(restarts); n != s.Restarts {
		s.Tail.Restart() // what scores were measured in is another now
		s.Restarts = n
	}
	s.Hour = hourOf(at)
	s.Tail.Settle()
	s.limits = s.Tail.U > 0
}

// shareOf the target is what the row in hand has of it in the hour.
func shareOf(c *detect.Case) float64 { return c.Share / c.View.Whole }

// theta is the limit in the hour for a target and a share of it; 0 = there is none yet.
func (s *calibrated) theta(r time.Duration, w float64) float64 {
	if !s.limits {
		return 0
	}
	t := s.Tail.Stated(evidencePrior, w, 0)
	return baseline.Theta(&t, r)
}

// near says that no limit lies as near as a statistic does. Mostly the first question
// answers it.
func (s *calibrated) near(stat float64) bool { return stat <= float64(s.Tail.U) || stat < nearest }

// beyond says that a statistic lies beyond the limit that there is.
func (s *calibrated) beyond(c *detect.Case, stat float64) bool {
	return s.limits && !s.near(stat) && stat > s.limit(c)
}

// limit is theta for the row in hand.
func (s *calibrated) limit(c *detect.Case) float64 {
	return s.theta(time.Duration(c.View.R), shareOf(c))
}

// Turned makes the state one that knows of so many turns of the baseline.
func (s *calibrated) Turned(restarts int, _ uint16) { s.Restarts = uint16(restarts) }

// take learns an evaluation, made at an instant, as the case may be learned.
func (s *calibrated) take(c *detect.Case, stat float64, at kizashi.Time) {
	if !c.Learns() || !c.View.Ready {
		return
	}
	theta := 0.
	if !s.near(stat) && c.Stance != baseline.Admitted {
		theta = s.limit(c)
	}
	s.add(stat, at, theta)
}

// add learns an evaluation where a limit is in force; 0 = as if there were none, as
// for those that lie near.
func (s *calibrated) add(stat float64, at kizashi.Time, theta float64) {
	switch s.Taken = true; {
	case stat < nearest:
	case theta > 0:
		s.Tail.Take(stat, at, theta, s.Tail.FarOf(theta))
	default:
		s.Tail.TakeAll(stat, at)
	}
}

// ground fills in what a vote of a share w of the target r rests on.
func (s *calibrated) ground(r kizashi.Duration, w float64, g *kizashi.Ground) {
	t := s.Tail.Stated(evidencePrior, w, s.theta(time.Duration(r), w))
	g.Tail, g.Limit, g.R = &t, t.Theta, r
}

func (s *calibrated) appendBinary(b []byte) []byte {
	b = wire.U32(s.Tail.Append(b), s.Hour)
	return wire.Bool(wire.U16(b, s.Restarts), s.Taken)
}

func (s *calibrated) read(r *wire.Reader) error {
	if err := s.Tail.Read(r); err != nil {
		return err
	}
	s.Hour, s.Restarts, s.Taken, s.limits = hour(r.I32()), r.U16(), r.Bool(), s.Tail.U > 0
	return r.Err()
}

// hour is a whole hour, counted from 1970.
type hour int32

const (
	noHour hour = math.MinInt32
	anHour      = kizashi.Time(time.Hour / time.Millisecond)
)

// hourOf an instant; noHour for Never.
func hourOf(t kizashi.Time) hour {
	if t == kizashi.Never {
		return noHour
	}
	return hour(floorDiv(int64(t), int64(anHour)))
}

// time is when it begins.
func (h hour) time() kizashi.Time {
	if h == noHour {
		return kizashi.Never
	}
	return kizashi.Time(h) * anHour
}
