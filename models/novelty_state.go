package models

import (
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/wire"
)

// How novelty's state is written.

// AppendBinary appends the words, and the tail where there is one.
func (s *noveltyState) AppendBinary(b []byte) []byte {
	w := &s.words
	b = wire.F64(appendTimes(b, w.At), w.First, w.Run)
	b = wire.U8(wire.Bool(wire.Bool(wire.Bool(b, w.Open), w.Paired), w.Learned), w.Len)
	for _, levels := range w.Last {
		b = wire.U32(b, levels)
	}
	for i := range w.Seen {
		b = wire.U64(wire.U64(b, w.Seen[i][0]), w.Seen[i][1])
	}
	b = wire.U16s(wire.F32(w.Spread.append(b), float32(w.Count.One), w.Count.All), w.New[:])
	b = wire.U32(wire.U32(wire.U16(b, w.Turns), w.Since), w.Told)
	l := s.limit
	if l == nil {
		return append(b, 0)
	}
	return wire.Bool(l.Heard.append(l.appendBinary(append(b, 1))), l.Known)
}

func (h *heard) append(b []byte) []byte {
	b = wire.U8(appendTimes(wire.F64(b, h.Stat, h.Rank), h.From, h.To), h.Side)
	if h.Odds == nil {
		return append(b, 0)
	}
	b = append(b, 1)
	for i := range h.Odds {
		b = wire.F32(b, h.Odds[i][:]...)
	}
	return b
}

func (h *heard) read(r *wire.Reader) {
	*h = heard{Stat: r.F64(), Rank: r.F64()}
	readTimes(r, &h.From, &h.To)
	h.Side = kizashi.Side(r.U8())
	if r.Bool() {
		h.Odds = new(odds)
		for i := range h.Odds {
			r.F32s(h.Odds[i][:])
		}
	}
}

// Decode reads what AppendBinary wrote.
func (s *noveltyState) Decode(b []byte) ([]byte, error) {
	r := wire.Read(b)
	w := &s.words
	readTimes(r, &w.At)
	w.First, w.Run = r.F64(), r.F64()
	w.Open, w.Paired, w.Learned, w.Len = r.Bool(), r.Bool(), r.Bool(), r.U8()
	for i := range w.Last {
		w.Last[i] = r.U32()
	}
	for i := range w.Seen {
		w.Seen[i] = [2]uint64{r.U64(), r.U64()}
	}
	w.Spread.read(r)
	w.Count.One, w.Count.All = baseline.Unit(r.F32()), r.F32()
	wire.ReadU16s(r, w.New[:])
	w.Turns, w.Since, w.Told = r.U16(), hour(r.I32()), hour(r.I32())
	stat := 0.
	if s.limit = nil; r.Bool() {
		s.limit = new(voted)
		if err := s.limit.read(r); err != nil {
			return nil, err
		}
		s.limit.Heard.read(r)
		s.limit.Known, stat = r.Bool(), s.limit.Heard.Stat
	}
	return ended(r, w.Spread.sane() && w.Count.sane() && w.Len < longest && finite(w.Run, w.First, stat))
}
