// Package logs says what a log group usually writes, and what is not usual of it.
//
// Lines are counted by pattern and minute, zeros exactly: a log group that was read
// and had no line of a pattern had none. A minute is closed when its partition's Until
// has passed it; lines that come later are counted as late and slipped into no minute.
// What closed minutes say is judged each five minutes and each hour, then learned:
//
//	new, rare     a pattern that was never written before, or not for a week
//	many new      more new patterns within an hour than ever
//	surge, drop   a pattern is written more, or less, often than in this hour of the week
//	absent        a pattern is due by its own rhythm, and does not come
//	share         of a whole's lines more are of a kind than usual: levels, HTTP status,
//	              values of a slot, numbers beyond where one in twenty lies
//	value         a slot with few values has a new one
//
// A log group counts as one series: what it is asked for, one false episode per R, is
// divided over the kinds by the shares of [Table], and within a kind over all patterns
// at once, as the most unusual of them is judged. In the first two days of a log group
// nothing is said.
//
// The package reads no clock, file or network. docs/method.md has the formulas.
package logs

import (
	"fmt"
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

const (
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * hour
)

// Silent is how long a log group is learned before anything is said of it.
const Silent = 2 * day

// ahead is how far beyond what is closed a line may lie. What lies further, as a clock
// that is wrong writes, is counted in no minute.
const ahead = 7 * day

// About is what the configuration and commands in force at a time say of a log group:
// Meta, Settings, Config and Held of a proof.
type About func(id kizashi.SeriesID, at kizashi.Time) (kizashi.Proof, error)

// Engine counts and judges the lines of log groups. It is driven by one goroutine.
type Engine struct {
	groups   map[kizashi.SeriesID]*group
	caps     pattern.Config
	commands []kizashi.Command // by At: those that concern lines
	room     []kizashi.Line    // empty: where the lines of a log group wait that has none waiting
	past     func(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error)
}

// New returns an engine without log groups. caps are those of each group's miner.
func New(caps pattern.Config) *Engine {
	if caps.Scratch == nil { // one goroutine drives them all
		caps.Scratch = &pattern.Scratch{}
	}
	return &Engine{groups: map[kizashi.SeriesID]*group{}, caps: caps}
}

// Out is what closing minutes made.
type Out struct {
	Declared  []kizashi.Declaration // series of counts that are new: by pattern, level, status, value
	Counts    []kizashi.Sample      // lines in a minute. One without is 0 where the group's own series, All, has one
	Crossings []Crossing
	Notes     []Note
}

// Crossing is one of a series of counts, with the log group that it is of.
type Crossing struct {
	kizashi.Crossing
	Of kizashi.SeriesID
}

// Note is something that happened to what is usual of a series.
type Note struct {
	Series kizashi.SeriesID
	At     kizashi.Time
	Fact   kizashi.Evidence
}

// Reset empties it for use again.
func (o *Out) Reset() {
	*o = Out{Declared: o.Declared[:0], Counts: o.Counts[:0], Crossings: o.Crossings[:0], Notes: o.Notes[:0]}
}

// Declare makes a log group known, gives it another meta, or says that it is not read
// from an instant on: then its minutes are no zeros, and its alerts end.
func (e *Engine) Declare(d kizashi.Declaration) error {
	g, err := e.declare(d.Meta)
	if err != nil {
		return err
	}
	if n := len(g.coming); n > 0 && g.coming[n-1].ended == d.Ended || n == 0 && g.ended == d.Ended {
		return nil
	}
	g.coming = append(g.coming, ending{d.From, d.Ended})
	return nil
}

func (e *Engine) declare(m kizashi.Meta) (*group, error) {
	loc := time.UTC
	if m.Zone != "" {
		var err error
		if loc, err = time.LoadLocation(m.Zone); err != nil {
			return nil, fmt.Errorf("log group %s: zone %q: %w", m.Name(), m.Zone, err)
		}
	}
	g := e.groups[m.Series]
	if g == nil {
		g = newGroup(e.caps)
		e.groups[m.Series] = g
	}
	g.meta, g.loc = m, loc
	return g, nil
}

// Knows says whether a series is a log group.
func (e *Engine) Knows(id kizashi.SeriesID) bool { return e.groups[id] != nil }

// Empty says that nothing is known: no log group, and no command that concerns one.
func (e *Engine) Empty() bool { return len(e.groups)+len(e.commands) == 0 }

// Groups returns the ids of all log groups, sorted.
func (e *Engine) Groups() []kizashi.SeriesID {
	ids := make([]kizashi.SeriesID, 0, len(e.groups))
	for id := range e.groups {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	return ids
}

// Take puts lines where they wait for the end of their minutes, each group's in the
// order given. Late are those that are counted in no minute.
func (e *Engine) Take(lines []kizashi.Line) (late int, err error) {
	for i := range lines {
		l := &lines[i]
		g := e.groups[l.Series]
		if g == nil {
			return late, fmt.Errorf("a line at %s of series %s, which is no log group that was declared", l.At, l.Series)
		}
		if g.waits == nil {
			g.waits, e.room = e.room, nil
		}
		if !g.put(l) {
			late++
		}
	}
	return late, nil
}

// Close ends the minutes of a log group up to an instant and judges them.
func (e *Engine) Close(id kizashi.SeriesID, until kizashi.Time, about About, out *Out) error {
	g := e.groups[id]
	if g == nil {
		return fmt.Errorf("series %s is no log group", id)
	}
	return g.close(e, until, about, out)
}

// Unseen says that a log group could not be read before an instant: its minutes up to
// there are unknown, not 0, and nothing is missed in them.
func (e *Engine) Unseen(id kizashi.SeriesID, to kizashi.Time) {
	if g := e.groups[id]; g != nil {
		g.unseen(to)
	}
}

// Tally is how many lines of a log group were counted, and where.
type Tally struct {
	Lines    uint64 // all that came
	Waiting  uint64 // in minutes that are not over
	Late     uint64 // counted by pattern, in no minute
	Rows     uint64 // rows of files that belong to a line before them
	Patterns int
	Other    uint64 // lines whose pattern was evicted
	Loose    string // why counts by pattern say nothing of it; "" = they do
}

// Tally of a log group; false = it is not known.
func (e *Engine) Tally(id kizashi.SeriesID) (Tally, bool) {
	g := e.groups[id]
	if g == nil {
		return Tally{}, false
	}
	h := g.miner.Health()
	return Tally{Lines: h.Lines + uint64(len(g.waits)), Waiting: uint64(len(g.waits)), Late: g.late, Rows: g.rows, Patterns: h.Patterns, Other: h.Other, Loose: h.Reason}, true
}

// Miner gives read access to the patterns of a log group; nil = it is not known.
func (e *Engine) Miner(id kizashi.SeriesID) *pattern.Miner {
	if g := e.groups[id]; g != nil {
		return g.miner
	}
	return nil
}
