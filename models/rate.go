package models

import (
	"errors"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/wire"
)

// rateModel votes on changes that a person asked for: how far a value lies from
// the one a while before. It stands outside the false-alert target.
type rateModel struct{}

// New returns a state that has seen no sample.
func (rateModel) New(*kizashi.Meta, *kizashi.Settings) detect.State { return &rateState{} }

// rateState remembers the last samples, where a change is asked for: no more
// than detect.MaxN periods before the next.
type rateState struct{ *rateRing }

type rateRing struct {
	ring [rateKept]placedValue
	next int // where the next one goes
}

func newRing() *rateRing {
	r := &rateRing{}
	for i := range r.ring {
		r.ring[i].At = kizashi.Never
	}
	return r
}

type placedValue struct {
	At    kizashi.Time // Never = none yet
	Value float64
}

const rateKept = detect.MaxN + 1

// before is the sample nearest to an instant, at most half a period from it; of
// two as near the later one.
func (s *rateState) before(at kizashi.Time, gap time.Duration) (float64, bool) {
	best, value := gap/2+1, 0.
	if s.rateRing == nil {
		return 0, false
	}
	for i := range s.ring {
		p := s.ring[(s.next+i)%rateKept]
		if p.At == kizashi.Never {
			continue
		}
		if d := p.At.Sub(at).Abs(); d < best || d == best && best <= gap/2 {
			best, value = d, p.Value
		}
	}
	return value, best <= gap/2
}

// Judge tells the first change that stands, else the first that has an opinion.
func (s *rateState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	told := false
	for i := range c.Settings.Change {
		ch := &c.Settings.Change[i]
		gap := c.Base.Gap()
		if gap <= 0 || time.Duration(ch.Over) > detect.MaxN*gap {
			continue
		}
		earlier, ok := s.before(c.Sample.At.Add(-time.Duration(ch.Over)), gap)
		if !ok || ch.Part > 0 && earlier == 0 {
			continue
		}
		w := *v
		changed(c, ch, earlier, &w)
		if w.Crossed || !told {
			*v, told = w, true
		}
		if w.Crossed {
			break
		}
	}
	return told
}

// changed fills in the vote on a change from an earlier value.
func changed(c *detect.Case, ch *kizashi.Change, earlier float64, v *kizashi.Vote) {
	by, side := c.Sample.Value-earlier, ch.Side
	if side == kizashi.Both {
		if side = kizashi.Up; by < 0 {
			side = kizashi.Down
		}
	}
	v.Side, v.Limit, v.Unit = side, ch.By, ""
	v.Stat = float64(side) * by
	if ch.Part > 0 {
		v.Limit, v.Unit = ch.Part, "part"
		v.Stat /= math.Abs(earlier)
	}
	v.Center, v.Lower, v.Upper = kizashi.Num(earlier), kizashi.None(), kizashi.None()
	if limit := kizashi.Num(earlier + float64(side)*ch.Least(earlier)); side == kizashi.Down {
		v.Lower = limit
	} else {
		v.Upper = limit
	}
	v.Crossed = v.Stat > v.Limit && (c.Settings.Direction == kizashi.Both || c.Settings.Direction == side)
}

// Learn remembers the sample.
func (s *rateState) Learn(c *detect.Case, _ bool) {
	if len(c.Settings.Change) == 0 {
		s.rateRing = nil
		return
	}
	if s.rateRing == nil {
		s.rateRing = newRing()
	}
	s.ring[s.next] = placedValue{c.Sample.At, c.Sample.Value}
	s.next = (s.next + 1) % rateKept
}

// Explain adds nothing: the settings hold the change and its note.
func (s *rateState) Explain(*detect.Case) []kizashi.Evidence { return nil }

// AppendBinary appends how many samples there are, and these, oldest first.
func (s *rateState) AppendBinary(b []byte) []byte {
	n := len(b)
	b = append(b, 0)
	if s.rateRing == nil {
		return b
	}
	for i := range s.ring {
		if p := s.ring[(s.next+i)%rateKept]; p.At != kizashi.Never {
			b[n]++
			b = wire.F64(wire.U64(b, p.At), p.Value)
		}
	}
	return b
}

var errRate = errors.New("state of a change holds too many samples")

// Decode reads what AppendBinary wrote.
func (s *rateState) Decode(b []byte) ([]byte, error) {
	r := wire.Read(b)
	n := int(r.U8())
	if n > rateKept {
		return nil, errRate
	}
	if s.rateRing = nil; n > 0 {
		s.rateRing = newRing()
		s.next = n % rateKept
	}
	for i := range n {
		s.ring[i] = placedValue{kizashi.Time(r.I64()), r.F64()}
	}
	return ended(r, true)
}
