package models

import (
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/wire"
)

// How novelty's state is written.

// AppendBinary appends the words, and the tail where there is one.
func (s *noveltyState) AppendBinary(b []byte) []byte {
	w := &s.words
	b = w.Spread.append(b)
	for g := range w.Seen {
		for i := range w.Seen[g] {
			for _, bits := range w.Seen[g][i] {
				b = wire.U64(b, bits)
			}
		}
	}
	for i := range ways {
		b = wire.F32(wire.U16(b, w.Turns[i]), w.New[i][:]...)
		for _, l := range w.Last[i] {
			b = wire.U8(b, l)
		}
	}
	b = appendTimes(b, w.Since, w.Told, w.At, w.Ended)
	b = wire.F64(wire.U32(wire.U8(wire.F32(b, w.All), w.Len), w.Pairs), w.Run, w.First)
	b = wire.Bool(b, w.Learned)
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
	w.Spread.read(r)
	for g := range w.Seen {
		for i := range w.Seen[g] {
			for k := range w.Seen[g][i] {
				w.Seen[g][i][k] = r.U64()
			}
		}
	}
	for i := range ways {
		w.Turns[i] = r.U16()
		r.F32s(w.New[i][:])
		for l := range w.Last[i] {
			w.Last[i][l] = int8(r.U8())
		}
	}
	readTimes(r, &w.Since, &w.Told, &w.At, &w.Ended)
	w.All, w.Len, w.Pairs, w.Run, w.First = r.F32(), r.U8(), r.I32(), r.F64(), r.F64()
	stat := 0.
	if w.Learned, s.limit = r.Bool(), nil; r.Bool() {
		s.limit = new(voted)
		if err := s.limit.read(r); err != nil {
			return nil, err
		}
		s.limit.Heard.read(r)
		s.limit.Known, stat = r.Bool(), s.limit.Heard.Stat
	}
	return ended(r, w.Spread.sane() && w.Len < longest && w.Pairs >= 0 && finite(w.Run, w.First, stat, float64(w.All)))
}
