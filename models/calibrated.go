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
// frozen when an hour begins, for the share that the row has of the target. The
// statistic is evaluated at most once a sample; what is evaluated more seldom has
// so many fewer evaluations a day, and the same rule.
type calibrated struct {
	Theta    float64 // the limit in force in the hour; 0 = none yet
	Tail     baseline.Tail
	Hour     hour   // that it is frozen for
	Restarts uint16 // of the baseline's scale, as far as the tail knows
	Taken    bool   // the hour has an evaluation
}

// evidencePrior is what is said of an evidence vote's tail before it speaks: its shape
// is the band's, and any limit will do.
var evidencePrior = baseline.Prior{}

func newCalibrated() calibrated {
	return calibrated{Tail: baseline.Tail{Last: kizashi.Never}, Hour: noHour}
}

// begin ends the hour in force and freezes the limit of the one that begins.
func (s *calibrated) begin(c *detect.Case) {
	s.roll(c.View.Hour, c.View.Restarts, time.Duration(c.Settings.R), shareOf(c))
}

// shareOf the target is what the row in hand has of it in the hour.
func shareOf(c *detect.Case) float64 { return c.Share / c.View.Whole }

// roll is begin for an hour, a target and a share of it; restarts are those of the
// baseline's scale so far.
func (s *calibrated) roll(at kizashi.Time, restarts int, r time.Duration, w float64) {
	if s.Taken {
		s.Tail.Roll(s.Hour.time().Add(time.Hour))
		s.Taken = false
	}
	if n := uint16(restarts); n != s.Restarts {
		s.Tail.Restart() // what scores were measured in is another now
		s.Restarts = n
	}
	s.Hour, s.Theta = hourOf(at), s.Tail.Freeze(evidencePrior, r, w)
}

// Turned makes the state one that knows of so many turns of the baseline.
func (s *calibrated) Turned(restarts int, _ uint16) { s.Restarts = uint16(restarts) }

// take learns an evaluation, made at an instant, as the case may be learned.
func (s *calibrated) take(c *detect.Case, stat float64, at kizashi.Time) {
	if c.Learns() && c.View.Ready {
		s.add(stat, at, c.Stance == baseline.Admitted)
	}
}

// add learns an evaluation; admitted = as if there were no limit.
func (s *calibrated) add(stat float64, at kizashi.Time, admitted bool) {
	s.Taken = true
	switch {
	case !(s.Theta > 0) || admitted:
		s.Tail.TakeAll(stat, at)
	case stat > s.Theta:
		s.Tail.Take(stat, at, s.Theta, s.far())
	default:
		s.Tail.Take(stat, at, s.Theta, s.Theta) // no tail ends before its limit
	}
}

// ground fills in what a vote of a share w of the target rests on.
func (s *calibrated) ground(r kizashi.Duration, w float64, g *kizashi.Ground) {
	t := s.Tail.Stated(evidencePrior, w, s.Theta)
	g.Tail, g.Limit, g.R = &t, t.Theta, r
}

// far is where the tail ends.
func (s *calibrated) far() float64 { return s.Tail.FarOf(s.Theta) }

func (s *calibrated) appendBinary(b []byte) []byte {
	b = wire.U32(wire.F64(s.Tail.Append(b), s.Theta), s.Hour)
	return wire.Bool(wire.U16(b, s.Restarts), s.Taken)
}

func (s *calibrated) read(r *wire.Reader) error {
	if err := s.Tail.Read(r); err != nil {
		return err
	}
	s.Theta, s.Hour, s.Restarts, s.Taken = r.F64(), hour(r.I32()), r.U16(), r.Bool()
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
