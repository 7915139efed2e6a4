// Package pattern finds the patterns of log lines, as they come, in one pass:
// which words of a line its program always writes, and which stand for
// something else each time. It has one configuration for all systems.
//
// A line's way: the lexer cuts it into words and says which of them can only
// be variable (numbers, addresses, ids, paths ...); the header (time stamp,
// level, host, component, process) is set aside as facets; what is left are
// the constant words with a star for each run of variables, the skeleton. A
// skeleton that is known is the end of the way. One that is not may show that
// a word of it is variable too: where enough lines differ in that word alone,
// a star takes its place, and the patterns of those lines become one.
//
// A line that differs from an earlier one in the values of its digits alone
// goes a short way: what that was made into is remembered, see plan.go.
//
// Every line counts in exactly one pattern. What the caps evict counts in the
// pattern [OtherID], so that the counts of all patterns always add up to the
// lines.
//
// Nothing here reads a clock, a file or the network. A Miner is used by one
// goroutine at a time.
package pattern

import (
	"fmt"
	"strconv"

	"github.com/kizashi-ops/kizashi"
)

// ID names a pattern to the outside: a hash of its constant words. It is the
// same in another process, after a restart, and in whatever order the lines
// come. Where patterns merge, the older ids are aliases of the one that stays:
// see [Miner.Resolve].
type ID uint64

// String is 16 hex digits.
func (id ID) String() string { return fmt.Sprintf("%016x", uint64(id)) }

// ParseID reads 16 hex digits.
func ParseID(s string) (ID, error) {
	if len(s) != 16 {
		return 0, fmt.Errorf("pattern id %q: want 16 hex digits", s)
	}
	v, err := strconv.ParseUint(s, 16, 64)
	if err != nil {
		return 0, fmt.Errorf("pattern id %q: want 16 hex digits", s)
	}
	return ID(v), nil
}

// OtherID is the pattern of the lines whose pattern the caps evicted. Its
// index is [OtherIndex].
const OtherID ID = 1

// OtherIndex is the index of [OtherID].
const OtherIndex int32 = 0

// Config holds the caps. The zero value takes the defaults; none of them
// changes what lines are grouped together until it is reached.
type Config struct {
	// Patterns is how many there may be beside other; default 20000. At the
	// cap a quarter of them is evicted: those of one line first, then those that
	// were seen longest ago, never one that is pinned.
	Patterns int
	// Aliases is how many older ids are remembered; default 4 x Patterns. The
	// oldest goes first.
	Aliases int
	// Scratch is shared with other miners; nil = its own.
	Scratch *Scratch
}

// Level is how bad a line says it is.
type Level uint8

// Levels, from none to the worst.
const (
	None Level = iota
	Trace
	Debug
	Info
	Warn
	Error
	Fatal
)

// String is none, trace, debug, info, warn, error or fatal.
func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return "level " + strconv.Itoa(int(l))
}

var levelNames = [...]string{"none", "trace", "debug", "info", "warn", "error", "fatal"}

// SlotKind is what a variable looks like.
type SlotKind uint8

// The kinds of slot.
const (
	Word   SlotKind = iota // letters: it was found to vary
	Num                    // a number, with sign, fraction and thousands' commas
	IP                     // IPv4 or IPv6, a port behind it or not
	Hex                    // 0x..., or digits and a to f
	UUID                   // 8-4-4-4-12
	Path                   // of a file
	URL                    // with a scheme
	Email                  // name@host
	Host                   // a host's name
	Stamp                  // a date or a time of day
	IDWord                 // letters and digits mixed
	Masked                 // a placeholder of the masking: <email>, <card> ...
	Quoted                 // what stands between quotes behind key=
)

// String is the kind's name.
func (k SlotKind) String() string {
	if int(k) < len(slotKindNames) {
		return slotKindNames[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

var slotKindNames = [...]string{"word", "num", "ip", "hex", "uuid", "path", "url", "email", "host", "time", "id", "masked", "quoted"}

// Facets are what the header says, or the known keys of a JSON line. The
// slices lie in the line and hold as long as it does.
type Facets struct {
	Stamp     []byte // the time stamp as written; see At
	Level     Level
	Component []byte
	Host      []byte
	PID       []byte
	Status    int32 // of HTTP, 100 to 599; 0 = none
}

// Slot is one variable of a line.
type Slot struct {
	Slot   int32 // its number in the pattern, for SlotStats
	Kind   SlotKind
	Text   []byte  // in the line
	Number float64 // of a Num; else NaN
}

// Field is one leaf of a JSON line.
type Field struct {
	Path  []byte // keys with dots between them: "http.status"; list elements have no index
	Value []byte // as written, strings without their quotes
}

// Match is what Add says of a line. Its slices are used again by the next Add.
type Match struct {
	ID     ID
	Index  int32 // of the pattern in this miner: small, dense, for slices of counts
	New    bool  // the line made the pattern
	Level  Level // Facets.Level, or else what the first words say
	Facets Facets
	Slots  []Slot
	Fields []Field // of a JSON line
	JSON   bool
	Cut    bool // longer than MaxBytes or MaxTokens: the rest took no part in clustering
}

// What of a line takes part in clustering.
const (
	MaxBytes  = 4096
	MaxTokens = 192
	MaxSlots  = 16 // with statistics, per pattern
)

// EventKind is what became of a pattern.
type EventKind uint8

// The kinds of event.
const (
	Born    EventKind = iota // a pattern came to be: ID, Index
	Merged                   // ID's lines count in Into from now on; its index is free
	Evicted                  // as Merged, into other: the caps did it
	Renamed                  // the pattern stays at its index and is called Into from now on
)

// String is the kind's name.
func (k EventKind) String() string {
	return [...]string{"born", "merged", "evicted", "renamed"}[k&3]
}

// Event is one thing that became of a pattern. Events come in the order in
// which they happened: a caller that follows them one by one has moved every
// count to where it belongs.
type Event struct {
	Kind      EventKind
	ID        ID
	Index     int32
	Into      ID
	IntoIndex int32
	Lines     uint64 // of a Merged or Evicted: what moves with it
}

// Pattern is what is known of one pattern.
type Pattern struct {
	ID       ID
	Index    int32
	Template string // with <*> for what varies
	Name     string // that a user gave it
	Pinned   bool
	Lines    uint64
	First    kizashi.Time // of its lines, by the caller's time
	Last     kizashi.Time
	Level    Level // the worst of its lines
	Sample   string
	Slots    []SlotStats
}

// SlotStats is what the values of one slot were.
type SlotStats struct {
	Slot     int32
	Kind     SlotKind
	Lines    uint64  // with a value here
	Distinct float64 // estimate, about 13 % off
	Heavy    []Heavy // the most frequent first
	Numbers  uint64  // values that are numbers
	Min, Max float64 // of those
	Sum      float64
	Quantile func(p float64) float64 `json:"-"` // of the numbers, within 10 % of the value or what the spread allows
}

// Heavy is a frequent value of a slot.
type Heavy struct {
	Text  string `json:"text"`  // of one longer than 8 bytes the first 8, and …
	Lines uint64 `json:"lines"` // at least Lines-Over, at most Lines
	Over  uint64 `json:"over"`
}

// Health says whether the lines cluster at all.
type Health struct {
	Lines    uint64  // all that were added
	Patterns int     // beside other
	Singles  uint64  // patterns of one line
	Other    uint64  // lines in other
	Share    float64 // of the lines that are in patterns of one line, or in other
	Clusters bool    // false = counts by pattern say nothing here
	Reason   string  // why not: a fact, "" while Clusters
}
