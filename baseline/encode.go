package baseline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/wire"
)

// saved is what a checkpoint holds: what is learned, and the last samples.
type saved struct {
	learned
	HeldDays  [daySlots]uint8     `json:"held_days"` // days running on which a slot was held
	HeldLast  [daySlots]uint16    `json:"held_last"` // the last such day, counted from 1970
	Recent    []kizashi.Scored    `json:"recent"`
	Inherited *kizashi.Inherited  `json:"inherited,omitempty"`
	Profiles  map[string]*profile `json:"special,omitempty"`
}

// checkpoint writes the state down as it is when hour h begins, so that the
// recursions can be repeated from there.
func (s *State) checkpoint(h kizashi.Time) {
	out := saved{learned: s.learned, Recent: []kizashi.Scored{}, Profiles: s.profiles}
	for _, d := range s.HeldSlots {
		out.HeldDays[d.Slot], out.HeldLast[d.Slot] = d.Days, d.Last
	}
	for i := int(s.filled) - 1; i >= 0; i-- {
		out.Recent = append(out.Recent, s.scored(s.ago(i)))
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
	s.work.events = append(s.work.events, Event{Checkpoint: &kizashi.Checkpoint{
		Series: s.meta.Series, At: h, Hash: hashText(s.Hashes[1]), State: b}})
}

func hashText(h [32]byte) string { return "sha256:" + hex.EncodeToString(h[:]) }

// hashText is the text of a hash. Each series has one an hour: they are written many
// side by side, since each on its own would be a piece of memory.
func (r *Room) hashText(h [32]byte) string {
	const long, most = len("sha256:") + 2*sha256.Size, 256
	b := r.texts
	if b == nil || b.Cap()-b.Len() < long {
		r.roomy = min(max(2*r.roomy, 1), most)
		b = new(strings.Builder)
		b.Grow(r.roomy * long)
		r.texts = b
	}
	var digits [2 * sha256.Size]byte
	hex.Encode(digits[:], h[:])
	from := b.Len()
	b.WriteString("sha256:")
	b.Write(digits[:])
	return b.String()[from:]
}

// start refers to the checkpoint before last, so that there are one to two
// weeks of recursion to repeat.
func (s *State) start() kizashi.Start {
	if s.work != nil {
		return kizashi.Start{At: s.Starts[0], Hash: s.work.hashText(s.Hashes[0])}
	}
	return kizashi.Start{At: s.Starts[0], Hash: hashText(s.Hashes[0])}
}

// AppendBinary appends the state in its binary form (docs/state-format.md).
func (s *State) AppendBinary(b []byte) []byte {
	b = s.hourly.append(s.surprise.append(s.learned.append(b)))
	b = wire.U32(wire.U32(wire.Count(b, len(s.ring)), s.newest), s.filled)
	for i := range s.ring {
		p := &s.ring[i]
		b = wire.F64(wire.U64(b, p.when), p.Value, p.Center, p.Scale)
	}
	b = wire.Count(b, len(s.held))
	for i := range s.held {
		b = appendStretch(b, &s.held[i])
	}
	return appendRare(appendRare(b, s.heir, s.heir == nil), s.profiles, s.profiles == nil)
}

const pointSize = 8 * 4

// Decode reads what AppendBinary wrote and returns the rest.
func (s *State) Decode(b []byte) ([]byte, error) {
	r := wire.Read(b)
	if err := errors.Join(s.learned.read(r), s.surprise.read(r), s.hourly.read(r)); err != nil {
		return nil, fmt.Errorf("state of a baseline: %w", err)
	}
	if n := r.Count(pointSize); n == len(s.room) {
		s.ring = s.room[:]
	} else {
		s.ring = make([]point, n)
	}
	if s.newest, s.filled = r.I32(), r.I32(); s.filled < 0 || int(s.filled) > len(s.ring) ||
		s.newest < 0 || s.newest > 0 && int(s.newest) >= len(s.ring) {
		return nil, errors.New("state of a baseline holds an impossible number of samples")
	}
	for i := range s.ring {
		p := &s.ring[i]
		p.when = r.I64()
		r.F64s(&p.Value, &p.Center, &p.Scale)
	}
	s.held = nil
	for range r.Count(stretchSize) {
		s.held = append(s.held, readStretch(r))
	}
	if err := errors.Join(readRare(r, &s.heir), readRare(r, &s.profiles), r.Err()); err != nil {
		return nil, fmt.Errorf("state of a baseline: %w", err)
	}
	return r.Left(), nil
}

const stretchSize = 3*8 + 2

func appendStretch(b []byte, h *kizashi.Stretch) []byte {
	b = wire.U64(wire.U64(wire.U64(b, h.From), h.To), h.Count)
	return wire.Text(wire.Text(b, h.Why), h.Text)
}

func readStretch(r *wire.Reader) kizashi.Stretch {
	h := kizashi.Stretch{From: kizashi.Time(r.I64()), To: kizashi.Time(r.I64()), Count: int(r.I64())}
	h.Why, h.Text = kizashi.Claim(r.Text()), r.Text()
	return h
}

// appendRare appends what hardly a state has, as JSON; nothing where there is none.
func appendRare(b []byte, v any, none bool) []byte {
	if none {
		return wire.Bytes(b, nil)
	}
	j, err := json.Marshal(v)
	if err != nil { // they hold only finite numbers
		panic(err)
	}
	return wire.Bytes(b, j)
}

func readRare[T any](r *wire.Reader, v *T) error {
	var none T
	if *v = none; r.Err() != nil {
		return nil // said by who reads on
	}
	j := r.Bytes()
	if len(j) == 0 {
		return nil
	}
	return json.Unmarshal(j, v)
}
