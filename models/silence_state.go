package models

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

func exp2(x float64) float64 { return math.Exp2(x) }

// silenceWire is the state as it stands in a snapshot, all of fixed size.
type silenceWire struct {
	First, Last, LastAt int64
	From                int64
	Faded               int64
	Usual, Gap, Count   int64
	Week                [168]int16
	ToldAt              [3]int64
	Told, Off           bool
}

// AppendBinary appends the rhythm, and the name of its zone.
func (s *silenceState) AppendBinary(b []byte) []byte {
	w := silenceWire{
		First: int64(s.first), Last: int64(s.last), LastAt: int64(s.lastAt), From: int64(s.from),
		Faded: int64(s.faded), Usual: int64(s.usual), Gap: int64(s.gap), Count: s.count,
		Week: s.week, Told: s.told, Off: s.off,
	}
	for i, t := range s.toldAt {
		w.ToldAt[i] = int64(t)
	}
	b, err := binary.Append(b, binary.LittleEndian, &w)
	if err != nil { // a fixed-size struct cannot fail
		panic(err)
	}
	name := ""
	if s.zone != nil {
		name = s.zone.Name()
	}
	return append(append(b, byte(len(name))), name...)
}

// Decode reads what AppendBinary wrote.
func (s *silenceState) Decode(b []byte) ([]byte, error) {
	var w silenceWire
	n, err := binary.Decode(b, binary.LittleEndian, &w)
	if err != nil || len(b) <= n {
		return nil, errShort
	}
	b = b[n:]
	k := int(b[0])
	if len(b) < 1+k {
		return nil, errShort
	}
	s.first, s.last, s.lastAt = kizashi.Time(w.First), kizashi.Time(w.Last), kizashi.Time(w.LastAt)
	s.faded, s.from = kizashi.Time(w.Faded), kizashi.Time(w.From)
	s.usual, s.gap, s.count = time.Duration(w.Usual), time.Duration(w.Gap), w.Count
	s.week, s.told, s.off = w.Week, w.Told, w.Off
	for i, t := range w.ToldAt {
		s.toldAt[i] = kizashi.Time(t)
	}
	s.zone = nil
	if k > 0 {
		if s.zone, err = calendar.Load(string(b[1 : 1+k])); err != nil {
			return nil, fmt.Errorf("state of a silence: %w", err)
		}
	}
	return b[1+k:], nil
}
