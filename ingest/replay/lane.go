package replay

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// state of a lane.
type state uint8

const (
	unopened state = iota
	running
	closed
)

// lane is one partition on its way: its files, merged by time.
type lane struct {
	part    kizashi.Partition
	opt     *Options
	files   []*file
	skip    uint64 // batches up to it are known already
	state   state
	pos     uint64
	until   kizashi.Time
	cursors []*cursor
	tails   tails        // of log files
	texts   texts        // of their lines
	top     kizashi.Time // the latest line
	lines   int          // in the batch before
	broken  []error      // of files that broke off; the others go on
}

// errCut ends a lane one of whose files broke off: it is not closed, as what
// comes after the break is not known.
var errCut = errors.New("replay: the lane is cut")

// share finds the series that several files bring.
func (l *lane) share() {
	n := map[kizashi.SeriesID]int{}
	for _, f := range l.files {
		for _, c := range f.columns {
			n[c.meta.Series]++
		}
	}
	last := map[kizashi.SeriesID]*kizashi.Time{}
	for _, f := range l.files {
		for i := range f.columns {
			id := f.columns[i].meta.Series
			if n[id] < 2 {
				continue
			}
			if last[id] == nil {
				never := kizashi.Never
				last[id] = &never
			}
			f.columns[i].last = last[id]
		}
	}
}

// next returns the lane's next batch: the first joins and declares, the last
// closes, those between carry samples. Each is the same on every reading.
func (l *lane) next() (kizashi.Batch, error) {
	if l.part.Kind == kizashi.Logs {
		return l.nextLines()
	}
	l.pos++
	b := kizashi.Batch{Partition: l.part, Pos: l.pos, Until: l.until}
	if l.state == unopened {
		l.state = running
		l.open()
		b.Roster = []kizashi.RosterEntry{{Op: kizashi.Join, Partition: l.part, At: kizashi.Never}}
		b.Declare = l.declare()
		return b, nil
	}
	b.Samples = l.samples()
	b.Until = l.until
	if len(b.Samples) > 0 {
		return b, nil
	}
	l.state = closed
	if len(l.broken) > 0 {
		return kizashi.Batch{}, errCut
	}
	b.Roster = []kizashi.RosterEntry{{Op: kizashi.Close, Partition: l.part, At: l.until}}
	return b, l.close()
}

func (l *lane) declare() []kizashi.Declaration {
	var ds []kizashi.Declaration
	seen := map[kizashi.SeriesID]bool{}
	for _, f := range l.files {
		for _, c := range f.columns {
			if !seen[c.meta.Series] {
				seen[c.meta.Series] = true
				ds = append(ds, kizashi.Declaration{From: kizashi.Never, Meta: c.meta})
			}
		}
	}
	return ds
}

func (l *lane) open() {
	size := chunk
	if len(l.files) > 1 {
		size = smallChunk
	}
	for _, f := range l.files {
		c, err := openCursor(f, l.opt, size)
		if err != nil {
			l.breaks(f, err)
			continue
		}
		l.cursors = append(l.cursors, c)
		l.advance(c)
	}
}

// advance moves a cursor to its next row and forgets one that has none.
func (l *lane) advance(c *cursor) {
	err := c.advance()
	if err == nil {
		return
	}
	l.cursors = slices.DeleteFunc(l.cursors, func(x *cursor) bool { return x == c })
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err = errors.Join(err, c.close()); err != nil {
		l.breaks(c.f, err)
	}
}

// breaks notes that a file breaks off: what came before it stays.
func (l *lane) breaks(f *file, err error) {
	f.rep.Ended = false
	f.rep.Broken = strings.TrimPrefix(err.Error(), f.path+": ")
	l.broken = append(l.broken, err)
}

// samples gathers a batch. Within a merge it ends between two times, so that
// Until holds: at the end of the last sample.
func (l *lane) samples() []kizashi.Sample {
	var out []kizashi.Sample
	max := l.opt.Batch
	for len(l.cursors) > 0 {
		c := l.first()
		if end := c.at.Add(l.part.Period); len(out) >= max && (c.late || end > l.until) {
			break
		}
		if out == nil {
			out = make([]kizashi.Sample, 0, max+len(c.f.columns))
		}
		n := len(out)
		out = c.take(out)
		if end := c.at.Add(l.part.Period); len(out) > n && end > l.until {
			l.until = end
		}
		l.advance(c)
	}
	return out
}

// first returns the cursor with the earliest row; of equals the one whose file
// comes first.
func (l *lane) first() *cursor {
	best := l.cursors[0]
	for _, c := range l.cursors[1:] {
		if c.at < best.at {
			best = c
		}
	}
	return best
}

func (l *lane) close() error {
	var errs []error
	for _, c := range l.cursors {
		errs = append(errs, c.close())
	}
	for _, t := range l.tails {
		errs = append(errs, t.close())
	}
	l.cursors, l.tails = nil, nil
	return errors.Join(errs...)
}
