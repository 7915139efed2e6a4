package baseline

import (
	"errors"
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/wire"
)

var errNumber = errors.New("it holds an impossible number")

// append writes what is learned, all of it, as it stands.
func (l *learned) append(b []byte) []byte {
	b = wire.U64(wire.U64(wire.U64(wire.U64(b, l.Hour), l.First), l.Since), l.LastAt)
	b = wire.U32(wire.U8(wire.Bool(wire.Bool(b, l.Log), l.Lattice), l.Season), l.Restarts)
	b = wire.U64(wire.U64(wire.U64(b, l.Hours), l.Samples), l.Period)
	b = wire.U32(wire.U32(wire.U32(b, l.M), l.N), l.GapAt)
	for _, g := range l.Gaps {
		b = wire.U32(b, g)
	}
	b = wire.F64(wire.F64(wire.F64(b, l.Level[:]...), l.Error[:]...), l.Error2[:]...)
	b = wire.F64(b, l.ErrorN, l.Error2N, l.AllAbs, l.AllN, l.SpikeAbs, l.SpikeN, l.StreakSum, l.StreakN, l.RunMean, l.RunOff)
	b = append(append(wire.F32(wire.F32(b, l.Day[:]...), l.Week[:]...), l.DayN[:]...), l.WeekN[:]...)
	b = wire.U16s(wire.F32(b, l.Abs[:]...), l.AbsN[:])
	b = wire.Bool(b, l.habits != nil)
	if h := l.habits; h != nil {
		b = append(wire.F32(b, h.Ratio[:]...), h.RatioN[:]...)
		b = wire.U16s(wire.F32(b, h.Again[:]...), h.AgainDay[:])
		for _, yes := range h.Recurs {
			b = wire.Bool(b, yes)
		}
		b = wire.U16(b, h.Moves)
	}
	for _, n := range l.PairHours {
		b = wire.U32(b, n)
	}
	b = wire.U32(wire.U32(wire.U32(wire.U32(b, l.Streak), l.RunN), l.RunHeld), l.Excluded)
	b = wire.U64(wire.U64(b, l.RunAt), l.RunFrom)
	b = wire.U64(wire.U64(b, l.Starts[0]), l.Starts[1])
	b = append(append(b, l.Hashes[0][:]...), l.Hashes[1][:]...)
	b = wire.Bool(b, l.Informed != nil)
	if i := l.Informed; i != nil {
		b = wire.U32(wire.U64(wire.U64(wire.U64(b, i.At), i.From), i.To), i.Hours)
	}
	b = appendSeen(b, l.Seen)
	for i := range l.Tails {
		b = l.Tails[i].Append(b)
	}
	b = wire.U8(b, len(l.HeldSlots))
	for _, h := range l.HeldSlots {
		b = wire.U16(wire.U8(wire.U8(b, h.Slot), h.Days), h.Last)
	}
	return b
}

// read reads what append wrote, and refuses indices that would reach outside.
func (l *learned) read(r *wire.Reader) error {
	l.Hour, l.First, l.Since, l.LastAt = kizashi.Time(r.I64()), kizashi.Time(r.I64()), kizashi.Time(r.I64()), kizashi.Time(r.I64())
	l.Log, l.Lattice, l.Season, l.Restarts = r.Bool(), r.Bool(), int32(r.U8()), r.I32()
	l.Hours, l.Samples, l.Period = r.I64(), r.I64(), r.I64()
	l.M, l.N, l.GapAt = r.I32(), r.I32(), r.I32()
	for i := range l.Gaps {
		l.Gaps[i] = r.I32()
	}
	for _, three := range [...]*[seasons]float64{&l.Level, &l.Error, &l.Error2} {
		r.F64s(&three[0], &three[1], &three[2])
	}
	r.F64s(&l.ErrorN, &l.Error2N, &l.AllAbs, &l.AllN, &l.SpikeAbs, &l.SpikeN, &l.StreakSum, &l.StreakN, &l.RunMean, &l.RunOff)
	r.F32s(l.Day[:])
	r.F32s(l.Week[:])
	r.Fill(l.DayN[:])
	r.Fill(l.WeekN[:])
	r.F32s(l.Abs[:])
	wire.ReadU16s(r, l.AbsN[:])
	if l.habits = nil; r.Bool() {
		h := l.known()
		r.F32s(h.Ratio[:])
		r.Fill(h.RatioN[:])
		r.F32s(h.Again[:])
		wire.ReadU16s(r, h.AgainDay[:])
		for i := range h.Recurs {
			h.Recurs[i] = r.Bool()
		}
		h.Moves = r.U16()
	}
	for i := range l.PairHours {
		l.PairHours[i] = r.I32()
	}
	l.Streak, l.RunN, l.RunHeld, l.Excluded = r.I32(), r.I32(), r.I32(), r.I32()
	l.RunAt, l.RunFrom = kizashi.Time(r.I64()), kizashi.Time(r.I64())
	l.Starts = [2]kizashi.Time{kizashi.Time(r.I64()), kizashi.Time(r.I64())}
	r.Fill(l.Hashes[0][:])
	r.Fill(l.Hashes[1][:])
	if l.Informed = nil; r.Bool() {
		l.Informed = &informed{kizashi.Time(r.I64()), kizashi.Time(r.I64()), kizashi.Time(r.I64()), r.I32()}
	}
	l.Seen = readSeen(r)
	for i := range l.Tails {
		if err := l.Tails[i].Read(r); err != nil {
			return err
		}
	}
	l.HeldSlots = nil
	for range r.U8() {
		h := heldSlot{r.U8(), r.U8(), r.U16()}
		if h.Slot >= daySlots {
			return errors.New("it holds an impossible slot")
		}
		l.HeldSlots = append(l.HeldSlots, h)
	}
	if l.Season >= seasons || l.GapAt < 0 || l.M < 0 || l.N < l.M || l.N > 1<<10 || l.Period < 0 {
		return errNumber
	}
	return r.Err()
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

func readSeen(r *wire.Reader) *seen {
	if !r.Bool() {
		return nil
	}
	s := &seen{Low: r.F64(), High: r.F64()}
	if r.Bool() {
		s.before = &kizashi.Seen{Low: r.F64(), High: r.F64()}
	}
	return s
}

func (s *surprise) append(b []byte) []byte {
	b = wire.U64(wire.U64(wire.F64(b, s.SurMean, s.SurFirst, s.SurN, s.SurU, s.SurPu, s.SurXi, s.SurSigma), s.SurSeen), s.SurBase)
	return wire.F32(b, s.SurHist[:]...)
}

func (s *surprise) read(r *wire.Reader) error {
	r.F64s(&s.SurMean, &s.SurFirst, &s.SurN, &s.SurU, &s.SurPu, &s.SurXi, &s.SurSigma)
	s.SurSeen, s.SurBase = r.I64(), r.I64()
	r.F32s(s.SurHist[:])
	if s.SurBase < 0 && s.SurBase < -surpriseMid || s.SurBase > math.MaxInt16 {
		return errNumber
	}
	return r.Err()
}

func (h *hourly) append(b []byte) []byte {
	f := &h.rec
	for i := range f.Slots {
		s := &f.Slots[i]
		b = wire.F32(wire.U32(wire.F64(wire.F64(b, s.Center, s.Scale), s.Lower, s.Upper), s.Day), s.below, s.above)
	}
	b = wire.F64(wire.F64(wire.F64(b, f.Theta[:]...), f.Spike, f.Whole), f.Lower, f.Upper)
	b = wire.U64(wire.U64(wire.U64(b, f.Period), f.R), f.Samples)
	b = wire.Bool(wire.Bool(wire.U16(wire.U16(b, f.M), f.N), f.Ready), f.Calibrat)
	b = wire.Count(b, len(f.Special()))
	for _, d := range f.Special() {
		b = wire.F64(wire.U32(wire.Text(b, d.Kind), d.Days), d.Low, d.High)
	}
	for i := range h.sums {
		b = h.sums[i].append(b)
	}
	return wire.F64(b, h.SpikeN1, h.SpikeAbs1)
}

func (h *hourly) read(r *wire.Reader) error {
	*h = hourly{}
	f := &h.rec
	for i := range f.Slots {
		s := &f.Slots[i]
		s.Center, s.Scale, s.Lower, s.Upper, s.Day = r.F64(), r.F64(), kizashi.Num(r.F64()), kizashi.Num(r.F64()), r.I32()
		var beside [2]float32
		r.F32s(beside[:])
		s.below, s.above = beside[0], beside[1]
	}
	for i := range f.Theta {
		f.Theta[i] = r.F64()
	}
	f.Spike, f.Whole, f.Lower, f.Upper = r.F64(), r.F64(), kizashi.Num(r.F64()), kizashi.Num(r.F64())
	f.Period, f.R, f.Samples = kizashi.Duration(r.I64()), kizashi.Duration(r.I64()), r.I64()
	f.M, f.N, f.Ready, f.Calibrat = int16(r.U16()), int16(r.U16()), r.Bool(), r.Bool()
	var days []kizashi.SpecialDay
	for range r.Count(1 + 4 + 16) {
		days = append(days, kizashi.SpecialDay{Kind: r.Text(), Days: int(r.I32()), Low: r.F64(), High: r.F64()})
	}
	if len(days) > 0 {
		f.special = &days
	}
	for i := range h.sums {
		if err := h.sums[i].read(r); err != nil {
			return err
		}
		if d := f.Slots[i].Day; d < 0 || int(d) > len(days) {
			return errors.New("it holds an impossible day")
		}
	}
	h.SpikeN1, h.SpikeAbs1 = r.F64(), r.F64()
	return r.Err()
}

func (s *sums) append(b []byte) []byte {
	b = wire.F32(wire.U16(wire.U16(b, s.Slot), s.Week), s.N, s.HeldUp, s.HeldDown, s.LearnN, s.OtherN, s.Sum, s.LearnSum, s.OtherSum, s.Square, s.LearnAbs)
	return wire.F32(wire.F32(b, s.Off[:]...), s.Err[:]...)
}

func (s *sums) read(r *wire.Reader) error {
	s.Slot, s.Week = int16(r.U16()), int16(r.U16())
	var f [10]float32
	r.F32s(f[:])
	s.N, s.HeldUp, s.HeldDown, s.LearnN, s.OtherN = f[0], f[1], f[2], f[3], f[4]
	s.Sum, s.LearnSum, s.OtherSum, s.Square, s.LearnAbs = f[5], f[6], f[7], f[8], f[9]
	r.F32s(s.Off[:])
	r.F32s(s.Err[:])
	if s.Slot < 0 || s.Slot >= daySlots || s.Week < 0 || s.Week >= weekHours {
		return errors.New("it holds an impossible slot")
	}
	return nil
}
