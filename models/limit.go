package models

import (
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/wire"
)

// limitModel votes on limits that people set: static limits, and guard rails,
// which are the same rule with another standing.
type limitModel struct{ guards bool }

// New returns a state that has seen no sample.
func (m limitModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	if m.guards {
		return &guardState{}
	}
	return &staticState{}
}

// limitState remembers, for each limit of the settings, which samples of the
// last 64 periods were over it; nothing where there is none.
type limitState struct{ own *limitOwn }

// guardState is that of guard rails, staticState that of static limits.
type (
	guardState  struct{ limitState }
	staticState struct{ limitState }
)

type limitOwn struct {
	key  uint64   // of the limits that over counts
	over []uint64 // a bit a period, that of the newest sample lowest
	last kizashi.Time
}

func (m limitModel) limits(set *kizashi.Settings) []kizashi.Limit {
	if m.guards {
		return set.Guards
	}
	return set.Static
}

// weigh finds the first limit that stands, else the first one. Samples N periods
// old or older do not count: what is missing is not over the limit.
func (s *limitState) weigh(c *detect.Case, ls []kizashi.Limit) (w weighed, ok bool) {
	if len(ls) == 0 {
		return w, false
	}
	known := s.own != nil && s.own.key == keyOf(ls)
	for i, l := range ls {
		if l.Over(c.Sample.Value) && s.count(i, l, c, known) >= l.M {
			return weighed{c.Sample.Value, l.Value, l.Side, true}, true
		}
	}
	return weighed{c.Sample.Value, ls[0].Value, ls[0].Side, false}, true
}

// Brief is Judge in short.
func (s *guardState) Brief(c *detect.Case) (detect.Said, float64) {
	w, ok := s.weigh(c, c.Settings.Guards)
	return w.short(ok), 0
}

// Brief is Judge in short.
func (s *staticState) Brief(c *detect.Case) (detect.Said, float64) {
	w, ok := s.weigh(c, c.Settings.Static)
	return w.short(ok), 0
}

// Judge tells the guard rail.
func (s *guardState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	return s.tell(c, c.Settings.Guards, v)
}

// Judge tells the limit.
func (s *staticState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	return s.tell(c, c.Settings.Static, v)
}

func (s *limitState) tell(c *detect.Case, ls []kizashi.Limit, v *kizashi.Vote) bool {
	w, ok := s.weigh(c, ls)
	if !ok {
		return false
	}
	if w.tell(v, ""); w.side == kizashi.Down {
		v.Lower = kizashi.Num(w.limit)
	} else {
		v.Upper = kizashi.Num(w.limit)
	}
	return true
}

// count of the last N samples over limit i, this one included.
func (s *limitState) count(i int, l kizashi.Limit, c *detect.Case, known bool) int {
	n := 0
	if l.Over(c.Sample.Value) {
		n = 1
	}
	if !known {
		return n
	}
	bits := s.own.over[i] << (s.own.steps(c) - 1)
	for k := 1; k < l.N; k++ {
		n += int(bits & 1)
		bits >>= 1
	}
	return n
}

// steps is how many periods lie between the sample before and this one: what
// is missing takes its place among the N.
func (s *limitOwn) steps(c *detect.Case) int {
	gap := c.Base.Gap()
	if gap <= 0 {
		return 1
	}
	return int(min(max((c.Sample.At.Sub(s.last)+gap/2)/gap, 1), 64))
}

// Learn shifts the sample in.
func (s *guardState) Learn(c *detect.Case, _ bool) { s.learn(c, c.Settings.Guards) }

// Learn shifts the sample in.
func (s *staticState) Learn(c *detect.Case, _ bool) { s.learn(c, c.Settings.Static) }

func (s *limitState) learn(c *detect.Case, ls []kizashi.Limit) {
	if len(ls) == 0 {
		s.own = nil
		return
	}
	if key := keyOf(ls); s.own == nil || key != s.own.key {
		s.own = &limitOwn{key: key, over: make([]uint64, len(ls))} // the settings changed: count anew
	}
	o := s.own
	steps := o.steps(c)
	for i, l := range ls {
		o.over[i] <<= steps
		if l.Over(c.Sample.Value) {
			o.over[i] |= 1
		}
	}
	o.last = c.Sample.At
}

// Explain adds nothing: the settings hold the limit and its note.
func (s *limitState) Explain(*detect.Case) []kizashi.Evidence { return nil }

// keyOf tells limits apart, so that what was counted for one is not taken for
// another's: FNV-1a over all that counts. No limits have the key 0.
func keyOf(ls []kizashi.Limit) uint64 {
	if len(ls) == 0 {
		return 0
	}
	h := uint64(14695981039346656037)
	add := func(v uint64) { h = (h ^ v) * 1099511628211 }
	for _, l := range ls {
		add(uint64(l.Side + 2))
		add(math.Float64bits(l.Value))
		add(uint64(l.M)<<16 | uint64(l.N))
		if l.Equal {
			add(1)
		}
	}
	return h
}

// AppendBinary appends the number of limits, and where there are any their bits,
// their key and the last time.
func (s *limitState) AppendBinary(b []byte) []byte {
	if s.own == nil {
		return append(b, 0)
	}
	b = append(b, byte(len(s.own.over)))
	for _, o := range s.own.over {
		b = wire.U64(b, o)
	}
	return wire.U64(wire.U64(b, s.own.key), s.own.last)
}

// Decode reads what AppendBinary wrote.
func (s *limitState) Decode(b []byte) ([]byte, error) {
	r := wire.Read(b)
	s.own = nil
	if n := int(r.U8()); n > 0 {
		s.own = &limitOwn{over: make([]uint64, n)}
		for i := range s.own.over {
			s.own.over[i] = r.U64()
		}
		s.own.key, s.own.last = r.U64(), kizashi.Time(r.I64())
	}
	return ended(r, true)
}
