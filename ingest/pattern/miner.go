package pattern

import (
	"errors"
	"iter"

	"github.com/kizashi-ops/kizashi"
)

// Miner finds the patterns of one log group.
type Miner struct {
	cfg Config
}

// New returns a miner without patterns.
func New(c Config) *Miner { return &Miner{cfg: c} }

// Add counts a line and says which pattern it has. The text is one line, or
// the first row of an event of several. at is when the caller places it. It
// allocates nothing but for a pattern that is new. The match's slices lie in
// text and in the miner: they hold until the next Add.
func (m *Miner) Add(text []byte, at kizashi.Time, match *Match) {}

// Events appends what became of patterns since it was last asked, in order,
// and forgets it. The index of a pattern that is no more is given out again
// only after this; ask at least once every million lines.
func (m *Miner) Events(to []Event) []Event { return to }

// Resolve returns the pattern that an id stands for by now, itself for one
// that nobody knows.
func (m *Miner) Resolve(id ID) ID { return id }

// Lookup returns the index of a pattern by its id or by one that it had.
func (m *Miner) Lookup(id ID) (index int32, ok bool) { return 0, false }

// Lines is how many were added.
func (m *Miner) Lines() uint64 { return 0 }

// Len is the smallest number above every index in use.
func (m *Miner) Len() int { return 1 }

// Patterns yields all patterns in the order of their ids, other first.
func (m *Miner) Patterns() iter.Seq[Pattern] { return func(func(Pattern) bool) {} }

// Pattern returns one of them; false = no pattern has the index.
func (m *Miner) Pattern(index int32) (Pattern, bool) { return Pattern{}, false }

// Health says whether the lines cluster.
func (m *Miner) Health() Health { return Health{} }

// Pin keeps a pattern from being evicted; Unpin takes it back.
func (m *Miner) Pin(id ID) error   { return errors.ErrUnsupported }
func (m *Miner) Unpin(id ID) error { return errors.ErrUnsupported }

// Name gives a pattern a name, "" takes it away.
func (m *Miner) Name(id ID, name string) error { return errors.ErrUnsupported }

// Seed makes the pattern of a template before its first line, and pins it.
func (m *Miner) Seed(template string) (ID, error) { return 0, errors.ErrUnsupported }

// Merge makes the lines of from count in into, from now on and so far.
func (m *Miner) Merge(from, into ID) error { return errors.ErrUnsupported }

// Split gives the lines of a pattern that have this value in this slot a
// pattern of their own from now on.
func (m *Miner) Split(id ID, slot int32, value string) (ID, error) { return 0, errors.ErrUnsupported }

// AppendBinary appends the state; it is the same bytes for the same state.
func (m *Miner) AppendBinary(b []byte) ([]byte, error) { return b, errors.ErrUnsupported }

// Decode replaces the state by one that AppendBinary wrote.
func (m *Miner) Decode(b []byte) error { return errors.ErrUnsupported }
