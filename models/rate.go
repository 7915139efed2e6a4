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

// weigh finds the first change that stands, else the first that has an opinion, and
// the earlier value.
func (s *rateState) weigh(c *detect.Case) (w weighed, of *kizashi.Change, earlier float64) {
	for i := range c.Settings.Change {
		ch := &c.Settings.Change[i]
		gap := c.Base.Gap()
		if gap <= 0 || time.Duration(ch.Over) > detect.MaxN*gap {
			continue
		}
		x, ok := s.before(c.Sample.At.Add(-time.Duration(ch.Over)), gap)
		if !ok || ch.Part > 0 && x == 0 {
			continue
		}
		one := changed(c, ch, x)
		if !finite(one.stat) {
			continue // of nearly nothing any change is too many times as much to be said
		}
		if one.crossed || of == nil {
			w, of, earlier = one, ch, x
		}
		if w.crossed {
			break
		}
	}
	return w, of, earlier
}

// changed weighs a change from an earlier value.
func changed(c *detect.Case, ch *kizashi.Change, earlier float64) (w weighed) {
	by := c.Sample.Value - earlier
	if w.side = ch.Side; w.side == kizashi.Both {
		if w.side = kizashi.Up; by < 0 {
			w.side = kizashi.Down
		}
	}
	w.stat, w.limit = float64(w.side)*by, ch.By
	if ch.Part > 0 {
		w.stat, w.limit = w.stat/math.Abs(earlier), ch.Part
	}
	w.crossed = w.stat > w.limit && mayAlert(c, w.side)
	return w
}

// Brief is Judge in short.
func (s *rateState) Brief(c *detect.Case) (detect.Said, float64) {
	w, of, _ := s.weigh(c)
	return w.short(of != nil), 0
}

// Judge gives the earlier value and the limit that follows from it.
func (s *rateState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	w, of, earlier := s.weigh(c)
	if of == nil {
		return false
	}
	unit := ""
	if of.Part > 0 {
		unit = "part"
	}
	w.tell(v, unit)
	v.Center = kizashi.Num(earlier)
	if limit := kizashi.Num(earlier + float64(w.side)*of.Least(earlier)); w.side == kizashi.Down {
		v.Lower = limit
	} else {
		v.Upper = limit
	}
	return true
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
