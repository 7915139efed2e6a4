package models

import (
	"fmt"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/wire"
)

func exp2(x float64) float64 { return math.Exp2(x) }

// weeks are the last three weeks in which samples came, by hour of the week.
type weeks struct {
	Newest int16        // counted from 1970
	Had    [3][3]uint64 // a bit an hour, of the newest week and those before it
}

// mark says that the hour of a week had a sample.
func (w *weeks) mark(hour int, week int16) {
	if week == w.Newest && w.Had[0][hour/64]>>(hour%64)&1 == 1 {
		return // as most samples find it
	}
	if w.Had == [3][3]uint64{} {
		w.Newest = week
	}
	for ; w.Newest < week; w.Newest++ {
		if int(week)-int(w.Newest) > len(w.Had) {
			w.Newest, w.Had = week-int16(len(w.Had))-1, [3][3]uint64{}
		}
		w.Had = [3][3]uint64{{}, w.Had[0], w.Had[1]}
	}
	if k := int(w.Newest) - int(week); k < len(w.Had) {
		w.Had[k][hour/64] |= 1 << (hour % 64)
	}
}

// had says that the hour had a sample in the week or one of the two before it.
func (w *weeks) had(hour int, week int16) bool {
	for k := range min(len(w.Had), len(w.Had)-(int(week)-int(w.Newest))) {
		if w.Had[k][hour/64]>>(hour%64)&1 == 1 {
			return true
		}
	}
	return false
}

// AppendBinary appends the rhythm, and the name of its zone.
func (s *silenceState) AppendBinary(b []byte) []byte {
	b = appendTimes(b, s.first, s.last, s.lastAt, s.from, s.faded)
	b = wire.U16(wire.U32(wire.U32(wire.U64(b, s.usual), s.gap), s.count), s.weeks.Newest)
	for i := range s.weeks.Had {
		for _, bits := range s.weeks.Had[i] {
			b = wire.U64(b, bits)
		}
	}
	for _, at := range s.toldAt {
		b = wire.U32(b, at)
	}
	b = wire.Bool(wire.Bool(b, s.told), s.off)
	name := ""
	if s.zone != nil {
		name = s.zone.Name()
	}
	return wire.Text(b, name)
}

// Decode reads what AppendBinary wrote.
func (s *silenceState) Decode(b []byte) ([]byte, error) {
	r := wire.Read(b)
	readTimes(r, &s.first, &s.last, &s.lastAt, &s.from, &s.faded)
	s.usual, s.gap, s.count = time.Duration(r.I64()), r.I32(), r.I32()
	s.weeks.Newest = int16(r.U16())
	for i := range s.weeks.Had {
		for k := range s.weeks.Had[i] {
			s.weeks.Had[i][k] = r.U64()
		}
	}
	for i := range s.toldAt {
		s.toldAt[i] = r.U32()
	}
	s.told, s.off, s.zone = r.Bool(), r.Bool(), nil
	if name := r.Text(); name != "" {
		var err error
		if s.zone, err = calendar.Load(name); err != nil {
			return nil, fmt.Errorf("state of a silence: %w", err)
		}
	}
	return ended(r, true)
}
