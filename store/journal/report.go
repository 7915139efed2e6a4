package journal

import (
	"fmt"
	"sort"
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// Span bounds what one partition may have lost: batches with After < Pos <
// Before. Before is 0 where no later batch of the partition was found.
type Span struct {
	Partition     kizashi.Partition
	After, Before uint64
}

// Loss is a place where the journal is not as it was written.
type Loss struct {
	Segment int   // where it was noticed
	Offset  int64 // of the first damaged byte
	Bytes   int64 // damaged or cut; 0 where bytes are missing altogether
	// Records is how many records are lost: exactly, or at most within Bytes.
	// A tail that the disk itself cut off leaves no trace to be counted; then
	// Spans alone bound it.
	Records uint64
	Exact   bool
	Tail    bool   // nothing readable stands behind it: what a kill in the middle of a write leaves
	Known   bool   // an earlier start found and reported it
	Kept    string // the file that keeps the bytes as they were found
	Spans   []Span // positions that may be lost, by partition
}

// String is one line for a log.
func (l Loss) String() string {
	var b strings.Builder
	what := "damage"
	switch {
	case l.Tail:
		what = "torn tail"
	case l.Known:
		what = "damage found earlier"
	case l.Bytes == 0:
		what = "missing records"
	}
	count := fmt.Sprintf("%d records lost", l.Records)
	switch {
	case l.Exact:
	case l.Bytes == 0:
		count = "an unknown number of records lost"
	default:
		count = fmt.Sprintf("at most %d records lost in these bytes", l.Records)
	}
	fmt.Fprintf(&b, "journal segment %d, byte %d: %s: %d bytes, %s", l.Segment, l.Offset, what, l.Bytes, count)
	if l.Tail {
		b.WriteString(" (none that was acknowledged, unless the disk lost bytes after an fsync)")
	}
	for _, s := range l.Spans {
		if s.Before == 0 {
			fmt.Fprintf(&b, "; %s: positions after %d", s.Partition, s.After)
		} else {
			fmt.Fprintf(&b, "; %s: positions after %d and before %d", s.Partition, s.After, s.Before)
		}
	}
	if l.Kept != "" {
		fmt.Fprintf(&b, "; kept in %s", l.Kept)
	}
	return b.String()
}

// Report says what Open or Replay read, and what was not as it was written.
type Report struct {
	Segments int    // read
	Batches  uint64 // whole and readable
	Bytes    int64  // of segments
	Losses   []Loss
	// Reached is the last position of each partition, as the journal has it.
	Reached map[kizashi.Partition]uint64
}

// Clean says that nothing is amiss.
func (r Report) Clean() bool { return len(r.Losses) == 0 }

// tracker follows the records in order and tells what is missing.
type tracker struct {
	started   bool
	next      uint64 // number expected
	positions map[kizashi.Partition]uint64
	pending   *Loss // damage whose cost the next sound record will tell
	losses    []*Loss
	open      []*Loss // losses whose Spans still lack a Before
}

func newTracker() *tracker { return &tracker{positions: map[kizashi.Partition]uint64{}} }

// damage notes bytes of a segment that cannot be read.
func (t *tracker) damage(segment int, d span) {
	if t.pending == nil {
		t.pending = &Loss{Segment: segment, Offset: int64(d.from)}
	}
	t.pending.Bytes += int64(d.to - d.from)
}

// meet takes in the number of the next sound record and returns how many
// records are missing before it.
func (t *tracker) meet(segment, offset int, seq uint64) (missing uint64) {
	if t.started && seq > t.next {
		missing = seq - t.next
	}
	if missing > 0 && t.pending == nil {
		t.pending = &Loss{Segment: segment, Offset: int64(offset)}
	}
	if t.pending != nil {
		t.pending.Records, t.pending.Exact = missing, t.started
		if !t.started {
			t.pending.Records = t.pending.most()
		}
		t.settle(t.pending)
		t.pending = nil
	}
	t.started, t.next = true, max(seq, t.next)
	return missing
}

// gap takes in a gap that an earlier start noted: [t.next, to) are lost.
func (t *tracker) gap(segment, offset int, to uint64) {
	t.settle(&Loss{Segment: segment, Offset: int64(offset), Records: to - t.next, Exact: true, Known: true})
	t.next = to
}

// most is how many records the damaged bytes can have held.
func (l *Loss) most() uint64 {
	if l.Bytes == 0 {
		return 0
	}
	return uint64(l.Bytes)/leastRecord + 1
}

// settle notes a loss with the positions that bound it from below.
func (t *tracker) settle(l *Loss) {
	t.losses = append(t.losses, l)
	if l.Exact && l.Records == 0 {
		return
	}
	for p, pos := range t.positions {
		l.Spans = append(l.Spans, Span{Partition: p, After: pos})
	}
	t.open = append(t.open, l)
}

// batch takes in a sound batch's place.
func (t *tracker) batch(part kizashi.Partition, pos uint64) {
	for _, l := range t.open {
		l.meet(part, pos)
	}
	t.positions[part] = pos
}

func (l *Loss) meet(part kizashi.Partition, pos uint64) {
	for i := range l.Spans {
		if l.Spans[i].Partition == part {
			if l.Spans[i].Before == 0 {
				l.Spans[i].Before = pos
			}
			return
		}
	}
	l.Spans = append(l.Spans, Span{Partition: part, Before: pos})
}

// end closes the books: damage with nothing behind it is a torn tail.
func (t *tracker) end() []Loss {
	if l := t.pending; l != nil {
		l.Tail, l.Records = true, l.most()
		t.settle(l)
		t.pending = nil
	}
	out := make([]Loss, len(t.losses))
	for i, l := range t.losses {
		kept := l.Spans[:0]
		for _, s := range l.Spans {
			if s.Before == 0 || s.Before > s.After+1 {
				kept = append(kept, s)
			}
		}
		l.Spans = kept
		sort.Slice(l.Spans, func(a, b int) bool { return l.Spans[a].Partition.String() < l.Spans[b].Partition.String() })
		out[i] = *l
	}
	return out
}
