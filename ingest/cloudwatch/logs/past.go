package logs

import (
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
)

// past is what the journal says of lines that were delivered.
type past struct {
	seen   map[kizashi.SeriesID]*ids
	latest map[kizashi.SeriesID]kizashi.Time // of the lines that were not Late
	known  map[kizashi.Partition]*known
}

// known is how far back the journal tells all lines of a partition.
type known struct {
	first kizashi.Time // Until of the first batch that is left
	from  kizashi.Time // every line of this time or later is told; Forever = that is not known yet
}

// recall reads the journal. What was truncated is not known: the read that the
// first batch left belongs to may have brought more before it, up to where the
// next Until lies.
func (s *Source) recall() error {
	s.past = past{map[kizashi.SeriesID]*ids{}, map[kizashi.SeriesID]kizashi.Time{}, map[kizashi.Partition]*known{}}
	if s.cfg.Journal == nil || len(s.from) == 0 {
		return nil
	}
	return s.cfg.Journal(func(b kizashi.Batch) error {
		if pos, ok := s.from[b.Partition]; !ok || b.Pos > pos {
			return nil
		}
		for _, e := range b.Roster {
			if e.Op == kizashi.Join { // by a batch of the back-fill before it, maybe
				s.past.known[e.Partition] = &known{b.Until, kizashi.Never}
			}
		}
		k := s.past.known[b.Partition]
		if k == nil {
			k = &known{b.Until, kizashi.Forever}
			s.past.known[b.Partition] = k
		}
		if k.from == kizashi.Forever && b.Until > k.first {
			k.from = b.Until
		}
		s.recallLines(&b)
		return nil
	})
}

func (s *Source) recallLines(b *kizashi.Batch) {
	keep, _ := position.Until(s.from[b.Partition])
	keep = keep.Add(-s.cfg.Overlap)
	for i := range b.Lines {
		l := &b.Lines[i]
		if l.At < keep {
			continue
		}
		x := s.past.seen[l.Series]
		if x == nil {
			x = &ids{}
			s.past.seen[l.Series] = x
		}
		x.add(l.At, idOf(l.ID))
		if at, ok := s.past.latest[l.Series]; !l.Late && (!ok || l.At > at) {
			s.past.latest[l.Series] = l.At
		}
	}
}

// remember gives a group what the journal says of it: its ids, and from where
// on they are all of them. What is older is not read again.
func (s *Source) remember(g *group, until kizashi.Time, of ...kizashi.Partition) {
	if x := s.past.seen[g.id]; x != nil {
		g.seen = *x
	}
	if at, ok := s.past.latest[g.id]; ok {
		g.latest = at
	}
	s.recount(g, until)
	g.floor = kizashi.Never
	for _, k := range of {
		pos, ok := s.from[k]
		told, seq := position.Until(pos)
		if !ok || seq == position.Last && told <= until.Add(-s.cfg.Overlap) {
			continue
		}
		// Of before that no id was kept.
		g.floor = max(g.floor, told.Add(-s.cfg.Overlap))
		switch have := s.past.known[k]; {
		case have == nil || have.from == kizashi.Forever:
			g.floor = max(g.floor, until)
		default:
			g.floor = max(g.floor, have.from)
		}
	}
	if g.floor != kizashi.Never {
		g.floor = min(g.floor.Ceil(time.Minute), until)
	}
}
