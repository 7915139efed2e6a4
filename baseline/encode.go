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

// begins notes that a checkpoint was taken.
func (s *State) begins(w *Room, h kizashi.Time, b []byte) {
	s.Starts[0], s.Hashes[0] = s.Starts[1], s.Hashes[1]
	s.Starts[1], s.Hashes[1] = hourOf(h), sha256.Sum256(b)
	if s.Starts[0] == 0 {
		s.Starts[0], s.Hashes[0] = s.Starts[1], s.Hashes[1]
	}
	w.events = append(w.events, Event{Checkpoint: &kizashi.Checkpoint{
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
func (s *State) start(w *Room) kizashi.Start {
	if w != nil {
		return kizashi.Start{At: s.Starts[0].at(), Hash: w.hashText(s.Hashes[0])}
	}
	return kizashi.Start{At: s.Starts[0].at(), Hash: hashText(s.Hashes[0])}
}

// AppendBinary appends the state in its binary form (docs/state-format.md).
func (s *State) AppendBinary(b []byte) []byte {
	b = s.byClock.append(s.learned.append(s.surprise.append(s.run.append(s.hourly.append(b)))))
	b = appendSeen(b, s.Seen)
	b = s.habits.append(wire.Bool(b, s.habits != nil))
	b = s.trouble.append(wire.Bool(b, s.trouble != nil))
	b = s.rare.append(wire.Bool(b, s.rare != nil))
	b = wire.Count(b, int(s.filled))
	for i := int(s.filled) - 1; i >= 0; i-- {
		p := s.ago(i)
		b = wire.F64(wire.U64(b, p.when), p.Value, p.Center, p.Scale)
	}
	return b
}

const pointSize = 8 * 4

// Decode reads what AppendBinary wrote and returns the rest.
func (s *State) Decode(b []byte) ([]byte, error) {
	r := wire.Read(b)
	errs := [...]error{s.hourly.read(r), s.run.read(r), s.surprise.read(r), s.learned.read(r), s.byClock.read(r), s.readSeldom(r), s.readPoints(r), r.Err()}
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("state of a baseline: %w", err)
	}
	s.rec.Daily = s.asDaily()
	return r.Left(), nil
}

// readSeldom reads what not every series has.
func (s *State) readSeldom(r *wire.Reader) (err error) {
	s.habits, s.trouble, s.rare = nil, nil, nil
	s.Seen, err = readSeen(r)
	if r.Bool() {
		err = errors.Join(err, s.known().read(r))
	}
	if r.Bool() {
		err = errors.Join(err, s.troubled().read(r))
	}
	if r.Bool() {
		err = errors.Join(err, s.own().read(r))
	}
	for _, day := range s.rec.Day {
		if int(day) > len(s.seldom().special) {
			return errors.New("it holds an impossible day")
		}
	}
	return err
}

// readPoints reads the last samples.
func (s *State) readPoints(r *wire.Reader) error {
	n := r.Count(pointSize)
	if n > mostN {
		return errNumber
	}
	s.filled, s.newest = int16(n), int16(n-1)
	if n > len(s.room) {
		s.own().ring = make([]point, n)
	}
	ring := s.ring()
	for i := range n {
		p := &ring[i]
		p.when = r.I64()
		r.F64s(&p.Value, &p.Center, &p.Scale)
		if !finite(p.Value, p.Center, p.Scale, s.score(p)) {
			return errNumber
		}
	}
	return nil
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
