package replay

import (
	"container/heap"
	"errors"
	"io"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Lines in a batch are bounded by what they hold too: more than a hundred batches
// may be on their way.
const batchBytes = 256 << 10

// nextLines is next for log files. Until follows the latest line by the
// hold-back, in whole minutes; what is behind it is Late. Neither depends on how
// batches are cut.
func (l *lane) nextLines() (kizashi.Batch, error) {
	l.pos++
	b := kizashi.Batch{Partition: l.part, Pos: l.pos, Until: l.until}
	if l.state == unopened {
		l.state = running
		l.openTails()
		b.Roster = []kizashi.RosterEntry{{Op: kizashi.Join, Partition: l.part, At: kizashi.Never}}
		b.Declare = l.declare()
		return b, nil
	}
	cut := l.gather(&b)
	for _, t := range l.tails {
		t.told()
	}
	if b.Until = l.until; len(b.Lines) > 0 || len(b.Declare) > 0 || cut {
		return b, nil
	}
	l.state = closed
	if len(l.broken) > 0 {
		return kizashi.Batch{}, errCut
	}
	if l.top != kizashi.Never {
		l.until = max(l.until, l.top.Floor(time.Minute).Add(time.Minute))
	}
	b.Until = l.until
	b.Roster = []kizashi.RosterEntry{{Op: kizashi.Close, Partition: l.part, At: l.until}}
	return b, l.close()
}

// gather takes lines, the earliest of all files first. Before a jump of more
// than an hour it stops, so that the minutes up to there are over before what
// comes after them; cut says so.
func (l *lane) gather(b *kizashi.Batch) (cut bool) {
	b.Lines = make([]kizashi.Line, 0, l.lines)
	defer func() { l.lines = len(b.Lines) }()
	for size := 0; len(l.tails) > 0 && len(b.Lines) < l.opt.Batch && size < batchBytes; {
		t := l.tails[0]
		line := &t.line
		if !line.Late {
			until := max(line.At, l.top).Add(-l.part.Settle).Floor(time.Minute)
			jump := l.until != kizashi.Never && until > l.until.Add(time.Hour)
			l.until = max(l.until, until)
			if jump {
				return true
			}
			line.Late = line.At < l.until
			l.top = max(l.top, line.At)
		}
		for _, m := range t.fresh {
			b.Declare = append(b.Declare, kizashi.Declaration{From: kizashi.Never, Meta: m})
		}
		t.fresh = t.fresh[:0]
		b.Lines = append(b.Lines, *line)
		size += len(line.Text) + len(line.ID) + 128
		l.note(t, line)
		if l.advanceTail(t) {
			heap.Fix(&l.tails, 0)
		} else {
			heap.Pop(&l.tails)
		}
	}
	return false
}

// note counts a line.
func (l *lane) note(t *tail, line *kizashi.Line) {
	rep := t.f.rep
	rep.Lines++
	if line.Late {
		rep.LateLines++
		return
	}
	if rep.First == kizashi.Never || line.At < rep.First {
		rep.First = line.At
	}
	rep.Last = max(rep.Last, line.At)
}

func (l *lane) openTails() {
	for i, f := range l.files {
		t, err := openTail(f, l.opt, i, &l.texts)
		if err != nil {
			l.breaks(f, err)
		} else if l.advanceTail(t) {
			heap.Push(&l.tails, t)
		}
	}
}

// advanceTail moves a file to its next line; false = it has none.
func (l *lane) advanceTail(t *tail) bool {
	err := t.advance()
	if err == nil {
		return true
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err = errors.Join(err, t.close()); err != nil {
		l.breaks(t.f, err)
	}
	return false
}

// tails are a heap: the file with the earliest line is its first, of equals the one
// that comes first in the lane.
type tails []*tail

func (h tails) Len() int { return len(h) }
func (h tails) Less(i, j int) bool {
	a, b := h[i], h[j]
	return a.line.At < b.line.At || a.line.At == b.line.At && a.order < b.order
}
func (h tails) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push and Pop are those of container/heap.
func (h *tails) Push(t any) { *h = append(*h, t.(*tail)) }
func (h *tails) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last], *h = nil, (*h)[:last]
	return t
}
