package models

import (
	"fmt"
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/wire"
)

func exp2(x float64) float64 { return math.Exp2(x) }

// weeks are the last three weeks in which samples came, by hour of the week.
type weeks struct {
	Newest int16        // counted from 1970
	Had    [3][21]uint8 // a bit an hour, of the newest week and those before it
}

// at says whether an hour of a week had a sample.
func (w *weeks) at(back, hour int) bool { return w.Had[back][hour/8]>>(hour%8)&1 == 1 }

// mark says that the hour of a week had a sample.
func (w *weeks) mark(hour int, week int16) {
	if week == w.Newest && w.at(0, hour) {
		return // as most samples find it
	}
	if w.Had == [3][21]uint8{} {
		w.Newest = week
	}
	for ; w.Newest < week; w.Newest++ {
		if int(week)-int(w.Newest) > len(w.Had) {
			w.Newest, w.Had = week-int16(len(w.Had))-1, [3][21]uint8{}
		}
		w.Had = [3][21]uint8{{}, w.Had[0], w.Had[1]}
	}
	if k := int(w.Newest) - int(week); k < len(w.Had) {
		w.Had[k][hour/8] |= 1 << (hour % 8)
	}
}

// had says that the hour had a sample in the week or one of the two before it.
func (w *weeks) had(hour int, week int16) bool {
	for k := range min(len(w.Had), len(w.Had)-(int(week)-int(w.Newest))) {
		if w.at(k, hour) {
			return true
		}
	}
	return false
}

// AppendBinary appends the rhythm, and the name of its zone.
func (s *silenceState) AppendBinary(b []byte) []byte {
	rare := rareOfSilence{from: kizashi.Never}
	if s.rare != nil {
		rare = *s.rare
	}
	b = wire.F32(appendTimes(b, s.first, s.lastAt, rare.from), s.usual)
	for _, n := range [...]int32{s.lasted, s.gap, s.count, s.faded} {
		b = wire.U32(b, n)
	}
	b = wire.U16(b, s.weeks.Newest)
	for i := range s.weeks.Had {
		b = append(b, s.weeks.Had[i][:]...)
	}
	for _, at := range rare.toldAt {
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
	rare := rareOfSilence{}
	readTimes(r, &s.first, &s.lastAt, &rare.from)
	s.usual = r.F32()
	for _, n := range [...]*int32{&s.lasted, &s.gap, &s.count, &s.faded} {
		*n = r.I32()
	}
	s.weeks.Newest = int16(r.U16())
	for i := range s.weeks.Had {
		r.Fill(s.weeks.Had[i][:])
	}
	for i := range rare.toldAt {
		rare.toldAt[i] = r.U32()
	}
	if s.rare = nil; rare != (rareOfSilence{from: kizashi.Never}) {
		s.rare = &rare
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
