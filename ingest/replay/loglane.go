package replay

import (
	"errors"
	"io"
	"slices"
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
		t := l.firstTail()
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
		l.advanceTail(t)
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
	for _, f := range l.files {
		t, err := openTail(f, l.opt)
		if err != nil {
			l.breaks(f, err)
			continue
		}
		l.tails = append(l.tails, t)
		l.advanceTail(t)
	}
}

// advanceTail moves a file to its next line and forgets one that has none.
func (l *lane) advanceTail(t *tail) {
	err := t.advance()
	if err == nil {
		return
	}
	l.tails = slices.DeleteFunc(l.tails, func(x *tail) bool { return x == t })
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err = errors.Join(err, t.close()); err != nil {
		l.breaks(t.f, err)
	}
}

// firstTail returns the file with the earliest line; of equals the first.
func (l *lane) firstTail() *tail {
	best := l.tails[0]
	for _, t := range l.tails[1:] {
		if t.line.At < best.line.At {
			best = t
		}
	}
	return best
}
