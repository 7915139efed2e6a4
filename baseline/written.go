package baseline

import (
	"errors"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/wire"
)

var errNumber = errors.New("it holds an impossible number")

const mostN = 1 << 10 // that a rule may look at

// finite says that numbers could have been written. What is damaged is told when it is
// read: a checkpoint of it, days later, could not be written down.
func finite[T float32 | float64](vs ...T) bool {
	for _, v := range vs {
		if v-v != 0 {
			return false
		}
	}
	return true
}

func (h *hourly) append(b []byte) []byte {
	b = wire.F64(wire.U64(wire.U64(b, h.Hour), h.Samples), h.SpikeAbs1)
	b = wire.U32(wire.U32(wire.U32(wire.U32(b, h.SpikeN1), h.First), h.Hours), h.Restarts)
	b = wire.U8(wire.U16(wire.U16(wire.U16(b, h.Moves), h.M), h.N), h.Season)
	b = h.rec.append(wire.Bool(wire.Bool(b, h.Log), h.Lattice))
	for i := range h.Tails {
		b = h.Tails[i].Append(b)
	}
	return b
}

func (h *hourly) read(r *wire.Reader) error {
	*h = hourly{}
	h.Hour, h.Samples, h.SpikeAbs1 = kizashi.Time(r.I64()), r.I64(), r.F64()
	h.SpikeN1, h.First, h.Hours, h.Restarts = r.I32(), onHour(r.I32()), r.I32(), r.I32()
	h.Moves, h.M, h.N, h.Season = r.U16(), int16(r.U16()), int16(r.U16()), int8(r.U8())
	h.Log, h.Lattice = r.Bool(), r.Bool()
	err := h.rec.read(r)
	for i := range h.Tails {
		err = errors.Join(err, h.Tails[i].Read(r))
	}
	if h.Season < 0 || h.Season >= seasons || h.M < 0 || h.N < h.M || h.N > mostN || h.Hours < 0 || !finite(h.SpikeAbs1) {
		return errors.Join(err, errNumber)
	}
	return err
}

func (f *inForce) append(b []byte) []byte {
	b = wire.Bool(wire.Bool(wire.U16(wire.U16(b, f.M), f.N), f.Ready), f.Calibrat)
	b = wire.F64(wire.F64(append(b, f.Day[:]...), f.Theta[:]...), f.Spike, f.Whole)
	b = wire.F64(wire.U64(wire.U64(b, f.Period), f.R), f.Lower, f.Upper)
	for i := range f.Slots {
		s := &f.Slots[i]
		b = wire.F32(wire.F64(wire.F64(b, s.Center, s.Scale), s.Lower, s.Upper), s.below, s.above)
		b = s.sums.append(b)
	}
	return b
}

func (f *inForce) read(r *wire.Reader) error {
	f.M, f.N, f.Ready, f.Calibrat = int16(r.U16()), int16(r.U16()), r.Bool(), r.Bool()
	r.Fill(f.Day[:])
	for i := range f.Theta {
		f.Theta[i] = r.F64()
	}
	r.F64s(&f.Spike, &f.Whole)
	f.Period, f.R = kizashi.Duration(r.I64()), kizashi.Duration(r.I64())
	f.Lower, f.Upper = kizashi.Num(r.F64()), kizashi.Num(r.F64())
	for i := range f.Slots {
		s := &f.Slots[i]
		s.Center, s.Scale, s.Lower, s.Upper = r.F64(), r.F64(), kizashi.Num(r.F64()), kizashi.Num(r.F64())
		s.below, s.above = r.F32(), r.F32()
		if err := s.sums.read(r); err != nil {
			return err
		}
		if !finite(s.Center, s.Scale) || !finite(s.below, s.above) {
			return errNumber
		}
	}
	if !finite(f.Theta[:]...) || !finite(f.Spike, f.Whole) {
		return errNumber
	}
	return nil
}

func (s *sums) append(b []byte) []byte {
	b = wire.U16(wire.U16(wire.U16(wire.U8(wire.U8(b, s.Slot), s.Week), s.N), s.HeldUp), s.HeldDown)
	return wire.F32(wire.F32(wire.F32(b, s.Sum, s.Square, s.LearnSum, s.LearnAbs), s.Off[:]...), s.Err[:]...)
}

func (s *sums) read(r *wire.Reader) error {
	s.Slot, s.Week, s.N, s.HeldUp, s.HeldDown = r.U8(), r.U8(), r.U16(), r.U16(), r.U16()
	s.Sum, s.Square, s.LearnSum, s.LearnAbs = r.F32(), r.F32(), r.F32(), r.F32()
	r.F32s(s.Off[:])
	r.F32s(s.Err[:])
	if s.Slot >= daySlots || s.Week >= weekHours || int(s.HeldUp)+int(s.HeldDown) > int(s.N) {
		return errors.New("it holds an impossible slot")
	}
	if !finite(s.Sum, s.Square, s.LearnSum, s.LearnAbs) || !finite(s.Off[:]...) || !finite(s.Err[:]...) {
		return errNumber
	}
	return nil
}

func (m *run) append(b []byte) []byte {
	return wire.U16(wire.U16(wire.U64(wire.U64(wire.F64(b, m.RunMean, m.RunOff), m.RunFrom), m.LastAt), m.RunN), m.RunHeld)
}

func (m *run) read(r *wire.Reader) error {
	m.RunMean, m.RunOff, m.RunFrom, m.LastAt = r.F64(), r.F64(), kizashi.Time(r.I64()), kizashi.Time(r.I64())
	if m.RunN, m.RunHeld = int16(r.U16()), int16(r.U16()); !finite(m.RunMean, m.RunOff) {
		return errNumber
	}
	return nil
}

func (l *learned) append(b []byte) []byte {
	b = wire.F64(wire.F64(wire.F64(b, l.Level[:]...), l.Error[:]...), l.Error2[:]...)
	b = wire.F64(b, l.ErrorN, l.Error2N, l.AllAbs, l.AllN, l.SpikeAbs, l.SpikeN)
	for _, n := range l.PairHours {
		b = wire.U32(b, n)
	}
	b = wire.U32(wire.U32(wire.U32(wire.U32(b, l.Period), l.Since), l.Starts[0]), l.Starts[1])
	return append(append(b, l.Hashes[0][:]...), l.Hashes[1][:]...)
}

func (l *learned) read(r *wire.Reader) error {
	for _, three := range [...]*[seasons]float64{&l.Level, &l.Error, &l.Error2} {
		r.F64s(&three[0], &three[1], &three[2])
	}
	r.F64s(&l.ErrorN, &l.Error2N, &l.AllAbs, &l.AllN, &l.SpikeAbs, &l.SpikeN)
	for i := range l.PairHours {
		l.PairHours[i] = r.I32()
	}
	l.Period, l.Since, l.Starts = r.I32(), onHour(r.I32()), [2]onHour{onHour(r.I32()), onHour(r.I32())}
	r.Fill(l.Hashes[0][:])
	r.Fill(l.Hashes[1][:])
	if l.Period < 0 || !finite(l.Level[:]...) || !finite(l.Error[:]...) || !finite(l.Error2[:]...) ||
		!finite(l.ErrorN, l.Error2N, l.AllAbs, l.AllN, l.SpikeAbs, l.SpikeN) {
		return errNumber
	}
	return nil
}

func (c *byClock) append(b []byte) []byte {
	b = appendEights(appendEights(b, c.Day.n[:], c.Day.unit[:]), c.Week.n[:], c.Week.unit[:])
	b = append(append(b, c.DayN[:]...), c.WeekN[:]...)
	for i := range c.Abs.n {
		b = wire.U8(wire.U16s(b, c.Abs.n[i][:]), c.Abs.exp[i])
	}
	for i := range c.AbsN {
		b = wire.U8(append(b, c.AbsN[i].n[:]...), c.AbsN[i].exp)
	}
	return b
}

func (c *byClock) read(r *wire.Reader) error {
	err := errors.Join(readEights(r, c.Day.n[:], c.Day.unit[:]), readEights(r, c.Week.n[:], c.Week.unit[:]))
	r.Fill(c.DayN[:])
	r.Fill(c.WeekN[:])
	for i := range c.Abs.n {
		wire.ReadU16s(r, c.Abs.n[i][:])
		if c.Abs.exp[i] = int8(r.U8()); c.Abs.exp[i] < leastExp {
			return errNumber
		}
	}
	for i := range c.AbsN {
		r.Fill(c.AbsN[i].n[:])
		if c.AbsN[i].exp = r.U8(); c.AbsN[i].exp > 8 {
			return errNumber
		}
	}
	return err
}

func appendEights(b []byte, all []eight, of []doublings) []byte {
	for i := range all {
		b = wire.U8(wire.U16s(b, all[i][:]), of[i])
	}
	return b
}

func readEights(r *wire.Reader, all []eight, of []doublings) error {
	for i := range all {
		wire.ReadU16s(r, all[i][:])
		if of[i] = doublings(r.U8()); of[i] > mostExp-leastExp {
			return errNumber
		}
	}
	return nil
}

func (h *habits) append(b []byte) []byte {
	if h == nil {
		return b
	}
	b = append(wire.F32(b, h.Ratio[:]...), h.RatioN[:]...)
	b = wire.U16s(wire.F32(b, h.Again[:]...), h.AgainDay[:])
	for _, yes := range h.Recurs {
		b = wire.Bool(b, yes)
	}
	return b
}

func (h *habits) read(r *wire.Reader) error {
	r.F32s(h.Ratio[:])
	r.Fill(h.RatioN[:])
	r.F32s(h.Again[:])
	wire.ReadU16s(r, h.AgainDay[:])
	for i := range h.Recurs {
		h.Recurs[i] = r.Bool()
	}
	if !finite(h.Ratio[:]...) || !finite(h.Again[:]...) {
		return errNumber
	}
	return nil
}

func (t *trouble) append(b []byte) []byte {
	if t == nil {
		return b
	}
	b = wire.F64(wire.U32(b, t.Streak), t.StreakSum, t.StreakN)
	b = wire.U8(b, len(t.HeldSlots))
	for _, h := range t.HeldSlots {
		b = wire.U16(wire.U8(wire.U8(b, h.Slot), h.Days), h.Last)
	}
	b = wire.Count(b, len(t.Held))
	for i := range t.Held {
		b = appendStretch(b, &t.Held[i])
	}
	return b
}

func (t *trouble) read(r *wire.Reader) error {
	if t.Streak, t.StreakSum, t.StreakN = r.I32(), r.F64(), r.F64(); !finite(t.StreakSum, t.StreakN) {
		return errNumber
	}
	for range r.U8() {
		h := heldSlot{r.U8(), r.U8(), r.U16()}
		if h.Slot >= daySlots {
			return errors.New("it holds an impossible slot")
		}
		t.HeldSlots = append(t.HeldSlots, h)
	}
	for range r.Count(stretchSize) {
		t.Held = append(t.Held, readStretch(r))
	}
	return nil
}

func (x *rare) append(b []byte) []byte {
	if x == nil {
		return b
	}
	b = appendRare(appendRare(b, x.heir, x.heir == nil), x.profiles, x.profiles == nil)
	b = wire.Bool(b, x.informed != nil)
	if i := x.informed; i != nil {
		b = wire.U32(wire.U64(wire.U64(wire.U64(b, i.At), i.From), i.To), i.Hours)
	}
	b = wire.Count(b, len(x.special))
	for _, d := range x.special {
		b = wire.F64(wire.U32(wire.Text(b, d.Kind), d.Days), d.Low, d.High)
	}
	b = wire.U8(b, x.gapAt)
	for _, g := range x.gaps {
		b = wire.U32(b, g)
	}
	return b
}

func (x *rare) read(r *wire.Reader) error {
	err := errors.Join(readRare(r, &x.heir), readRare(r, &x.profiles))
	if r.Bool() {
		x.informed = &informed{kizashi.Time(r.I64()), kizashi.Time(r.I64()), kizashi.Time(r.I64()), r.I32()}
	}
	for range r.Count(1 + 4 + 16) {
		d := kizashi.SpecialDay{Kind: r.Text(), Days: int(r.I32()), Low: r.F64(), High: r.F64()}
		if x.special = append(x.special, d); !finite(d.Low, d.High) {
			return errNumber
		}
	}
	x.gapAt = int32(r.U8())
	for i := range x.gaps {
		x.gaps[i] = r.I32()
	}
	return err
}

func appendSeen(b []byte, s *seen) []byte {
	if b = wire.Bool(b, s != nil); s == nil {
		return b
	}
	b = wire.Bool(wire.F64(b, s.Low, s.High), s.before != nil)
	if s.before != nil {
		b = wire.F64(b, s.before.Low, s.before.High)
	}
	return b
}

func readSeen(r *wire.Reader) (*seen, error) {
	if !r.Bool() {
		return nil, nil
	}
	s, before := &seen{Low: r.F64(), High: r.F64()}, kizashi.Seen{}
	if r.Bool() {
		before = kizashi.Seen{Low: r.F64(), High: r.F64()}
		s.before = &before
	}
	if !finite(s.Low, s.High, before.Low, before.High) {
		return nil, errNumber
	}
	return s, nil
}

func (s *surprise) append(b []byte) []byte {
	b = wire.F32(wire.F64(b, s.SurMean, s.SurU, s.SurSigma), s.SurXi, s.SurPu, s.SurN, float32(s.SurUnit))
	return wire.U16s(wire.U16(wire.U32(b, s.SurSeen), s.SurBase), s.SurHist[:])
}

func (s *surprise) read(r *wire.Reader) error {
	r.F64s(&s.SurMean, &s.SurU, &s.SurSigma)
	s.SurXi, s.SurPu, s.SurN, s.SurUnit = r.F32(), r.F32(), r.F32(), Unit(r.F32())
	s.SurSeen, s.SurBase = r.U32(), int16(r.U16())
	wire.ReadU16s(r, s.SurHist[:])
	if s.SurBase < -surpriseMid || !s.SurUnit.Sane(surpriseUnit) {
		return errNumber
	}
	return nil
}
