package baseline

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/kizashi-ops/kizashi"
)

// saved is what a checkpoint holds: what is learned, and the last samples.
type saved struct {
	learned
	Recent    []kizashi.Scored    `json:"recent"`
	Inherited *kizashi.Inherited  `json:"inherited,omitempty"`
	Profiles  map[string]*profile `json:"special,omitempty"`
}

// checkpoint writes the state down as it is when hour h begins, so that the
// recursions can be repeated from there.
func (s *State) checkpoint(h kizashi.Time) {
	out := saved{learned: s.learned, Recent: []kizashi.Scored{}, Profiles: s.profiles}
	for i := s.filled - 1; i >= 0; i-- {
		p := s.ago(i)
		out.Recent = append(out.Recent, kizashi.Scored{At: p.At, Value: p.Value, Center: p.Center, Scale: p.Scale, Score: p.Score})
	}
	if s.heir != nil && h.Sub(s.heir.At) < window {
		in := s.heir.Inherited
		out.Inherited = &in
	}
	b, err := json.Marshal(out)
	if err != nil { // finite numbers of fixed shape always can be written
		panic(fmt.Sprintf("checkpoint of series %s: %v", s.meta.Series, err))
	}
	if s.heir != nil && s.heir.Origin == nil {
		s.heir.Origin = b
	}
	s.Starts[0], s.Hashes[0] = s.Starts[1], s.Hashes[1]
	s.Starts[1], s.Hashes[1] = h, sha256.Sum256(b)
	if s.Starts[0] == 0 {
		s.Starts[0], s.Hashes[0] = s.Starts[1], s.Hashes[1]
	}
	s.events = append(s.events, Event{Checkpoint: &kizashi.Checkpoint{
		Series: s.meta.Series, At: h, Hash: hashText(s.Hashes[1]), State: b}})
}

func hashText(h [32]byte) string { return "sha256:" + hex.EncodeToString(h[:]) }

// start refers to the checkpoint before last, so that there are one to two
// weeks of recursion to repeat.
func (s *State) start() kizashi.Start {
	if s.from.At != s.Starts[0] || s.from.Hash == "" {
		s.from = kizashi.Start{At: s.Starts[0], Hash: hashText(s.Hashes[0])}
	}
	return s.from
}

// wire is what is fixed in size; the rest follows it.
type wire struct {
	Learned learned
	Theta   [tails]float64
	Far     [tails]float64
	Spike   float64
	Newest  int32
	Filled  int32
	Ring    int32
	Held    int32
}

// AppendBinary appends the state in its binary form: wire, the ring, then the
// held stretches, the record in force and what was inherited as JSON, each
// length first.
func (s *State) AppendBinary(b []byte) []byte {
	w := wire{Learned: s.learned, Theta: s.theta, Far: s.far, Spike: s.spike, Newest: int32(s.newest), Filled: int32(s.filled),
		Ring: int32(len(s.ring)), Held: int32(len(s.held))}
	b, err := binary.Append(b, binary.LittleEndian, &w)
	if err != nil { // a fixed-size struct cannot fail
		panic(err)
	}
	for i := range s.ring {
		p := &s.ring[i]
		b = binary.LittleEndian.AppendUint64(b, uint64(p.At))
		for _, f := range [...]float64{p.Value, p.Center, p.Scale, p.Score} {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
		}
		b = append(b, flag(p.Run))
	}
	b = appendJSON(b, s.held)
	b = appendJSON(b, s.rec)
	b = appendJSON(b, s.heir)
	return appendJSON(b, s.profiles)
}

func flag(v bool) byte {
	if v {
		return 1
	}
	return 0
}

func appendJSON(b []byte, v any) []byte {
	j, err := json.Marshal(v)
	if err != nil { // held stretches and records hold only finite numbers
		panic(err)
	}
	b = binary.AppendUvarint(b, uint64(len(j)))
	return append(b, j...)
}

var errTorn = errors.New("state of a baseline ends early")

const pointSize = 8*5 + 1

// Decode reads what AppendBinary wrote and returns the rest.
func (s *State) Decode(b []byte) ([]byte, error) {
	var w wire
	n, err := binary.Decode(b, binary.LittleEndian, &w)
	if err != nil {
		return nil, errTorn
	}
	b = b[n:]
	if err := w.check(len(b)); err != nil {
		return nil, err
	}
	s.learned, s.theta, s.far, s.spike = w.Learned, w.Theta, w.Far, w.Spike
	s.newest, s.filled, s.ring = int(w.Newest), int(w.Filled), nil
	for range w.Ring {
		f := func(i int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])) }
		s.ring = append(s.ring, point{kizashi.Time(binary.LittleEndian.Uint64(b)), f(1), f(2), f(3), f(4), b[pointSize-1] == 1})
		b = b[pointSize:]
	}
	if b, err = takeJSON(b, &s.held); err != nil {
		return nil, fmt.Errorf("held stretches: %w", err)
	}
	if b, err = takeJSON(b, &s.rec); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	if b, err = takeJSON(b, &s.heir); err != nil {
		return nil, fmt.Errorf("what it inherited: %w", err)
	}
	if b, err = takeJSON(b, &s.profiles); err != nil {
		return nil, fmt.Errorf("special days: %w", err)
	}
	return b, nil
}

// check refuses indices that would reach outside.
func (w *wire) check(left int) error {
	l := &w.Learned
	switch {
	case w.Ring < 0 || int(w.Ring)*pointSize > left:
		return errTorn
	case w.Filled < 0 || w.Filled > w.Ring || w.Newest < 0 || w.Ring > 0 && w.Newest >= w.Ring || w.Ring == 0 && w.Newest != 0,
		l.Season < 0 || l.Season >= seasons, l.GapAt < 0, l.M < 0 || l.N < l.M || l.N > 1<<10, l.Period < 0:
		return errors.New("state of a baseline holds an impossible number")
	}
	for i := range l.Parts {
		if p := &l.Parts[i]; p.Slot < 0 || p.Slot >= daySlots || p.Week < 0 || p.Week >= weekHours {
			return errors.New("state of a baseline holds an impossible slot")
		}
	}
	return nil
}

func takeJSON(b []byte, v any) ([]byte, error) {
	n, k := binary.Uvarint(b)
	if k <= 0 || n > uint64(len(b)-k) {
		return nil, errTorn
	}
	b = b[k:]
	if err := json.Unmarshal(b[:n], v); err != nil {
		return nil, err
	}
	return b[n:], nil
}
