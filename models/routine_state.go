package models

import (
	"time"

	"github.com/kizashi-ops/kizashi/wire"
)

// routineSize is what a routine without days takes, at the least.
const routineSize = 4*2 + 2 + 8 + 3*8 + 2*4 + 8 + 1 + 2*8

// AppendBinary appends the state.
func (s *routineState) AppendBinary(b []byte) []byte {
	if s.jobs == nil {
		return wire.Count(b, 0)
	}
	b = wire.Count(b, len(*s.jobs))
	for i := range *s.jobs {
		b = (*s.jobs)[i].append(b)
	}
	return b
}

func (r *routine) append(b []byte) []byte {
	b = wire.U16(wire.U16(wire.U16(wire.U16(b, r.From), r.Length), r.Slot), r.Slots)
	b = wire.F64(wire.U8(wire.U8(b, r.Side), r.Missing), r.Level)
	b = wire.Count(b, int(r.N))
	for _, d := range append(r.Days[:r.N:r.N], r.Today) {
		b = appendTimes(b, d.From, d.Began, d.Ended)
	}
	b = appendTimes(wire.U32(wire.U32(b, r.Seen), r.Row), r.RowFrom)
	return wire.U64(wire.U64(wire.Bool(b, r.Skip), r.usual), r.wait)
}

// Decode reads what AppendBinary wrote.
func (s *routineState) Decode(b []byte) ([]byte, error) {
	r := wire.Read(b)
	s.jobs = nil
	if n := r.Count(routineSize); n > routines {
		return nil, errNumber
	} else if n > 0 {
		jobs := make([]routine, n)
		for i := range jobs {
			if !jobs[i].read(r) {
				return nil, errNumber
			}
		}
		s.jobs = &jobs
	}
	return ended(r, true)
}

func (j *routine) read(r *wire.Reader) bool {
	j.From, j.Length, j.Slot, j.Slots = int16(r.U16()), int16(r.U16()), int16(r.U16()), int16(r.U16())
	j.Side, j.Missing, j.Level = int8(r.U8()), int8(r.U8()), r.F64()
	if j.N = int32(r.Count(3 * 8)); j.N > routineDays {
		return false
	}
	for i := range j.N {
		d := &j.Days[i]
		readTimes(r, &d.From, &d.Began, &d.Ended)
	}
	readTimes(r, &j.Today.From, &j.Today.Began, &j.Today.Ended)
	j.Seen, j.Row = r.I32(), r.I32()
	readTimes(r, &j.RowFrom)
	j.Skip, j.usual, j.wait = r.Bool(), time.Duration(r.I64()), time.Duration(r.I64())
	return finite(j.Level) && j.From >= 0 && j.From < wallDay && j.Length > 0 && j.Length < wallDay && j.Slot >= 0 && j.Slot < 96 && j.Slots > 0 && j.Slots <= 96 &&
		(j.Side == 1 || j.Side == -1) && j.Missing >= 0 && j.Seen >= 0 && j.Row >= 0
}
