package logs

import (
	"cmp"
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
)

const (
	batchLines = 10_000  // of one batch: it is one record of the journal ...
	batchBytes = 4 << 20 // ... and of its text
	emptyPages = 1000    // that may follow each other: to CloudWatch they are normal
	samePages  = 100     // with the very same token
	fillTurn   = 4       // every so many pages one is a back-fill's, if main partitions want them all
	loneReads  = 3       // in a row that one group has to fail alone to be set aside
)

// round is one read of a partition up to an instant: of each group, page by
// page in turns.
type round struct {
	part  *part // nil = a back-fill's
	fill  *fill
	to    kizashi.Time
	look  bool // it goes back by the overlap: by its end alone, so that a restart changes nothing
	turns []*turn
	done  []*turn
	lines []kizashi.Line // read, not delivered yet
	bytes int
	count int // lines so far
	begun time.Time
}

// turn is one group of a round.
type turn struct {
	g     *group
	from  kizashi.Time
	token *string
	empty int // pages in a row without an event ...
	same  int // ... whose token was the one that was asked with
	err   error
}

func (r *round) cursor() *cursor {
	if r.part != nil {
		return &r.part.cursor
	}
	return &r.fill.cursor
}

// until is up to where all was delivered before.
func (r *round) until() kizashi.Time {
	if r.part != nil {
		return r.part.until
	}
	return r.fill.until
}

// latest is the time up to which a group's lines came in order.
func (r *round) latest(g *group) kizashi.Time {
	if r.part != nil {
		return g.latest
	}
	if at, ok := r.fill.latest[g.id]; ok {
		return at
	}
	return kizashi.Never
}

func (r *round) reach(g *group, at kizashi.Time) {
	if r.part != nil {
		g.latest = at
		return
	}
	r.fill.latest[g.id] = at
}

// pick is the round that has the next page: of the main partitions the one
// that has waited longest, and now and then a back-fill, the one furthest
// behind.
func (s *Source) pick(now time.Time) *round {
	var p *part
	for _, q := range s.parts {
		if q.live && !q.next.After(now) && s.begins(q, now) && (p == nil || q.served < p.served) {
			p = q
		}
	}
	var f *fill
	for _, h := range s.fills {
		if h.next.After(now) || h.until >= h.end(now) || !s.beginsFill(h, now) {
			continue
		}
		if f == nil || cmp.Or(cmp.Compare(h.until, f.until), cmp.Compare(h.served, f.served)) < 0 {
			f = h
		}
	}
	s.turns++
	if f != nil && (p == nil || s.turns%fillTurn == 0) {
		f.served = s.turns
		return f.round
	}
	if p != nil {
		p.served = s.turns
		return p.round
	}
	return nil
}

// begins says whether a main partition has something to read, and lays it out.
func (s *Source) begins(p *part, now time.Time) bool {
	if p.round != nil {
		return true
	}
	to := min(p.edge(now), p.until.Add(max(p.span, p.every())))
	if to <= p.until {
		p.next = p.after(now)
		return false
	}
	r := &round{part: p, to: to, begun: now, look: to.Floor(lookEvery) > p.until.Floor(lookEvery)}
	for _, g := range p.groups {
		if g.broken != "" && now.Before(g.again) {
			continue
		}
		from := p.until
		if r.look {
			from = max(p.until.Add(-s.cfg.Overlap), g.floor)
		}
		if g.left != kizashi.Never {
			from = min(from, g.left)
		}
		if old := g.oldest(now); from < old {
			s.forgotten(g, old, now)
			from = old
		}
		if from < to {
			r.turns = append(r.turns, &turn{g: g, from: from})
		}
	}
	p.round = r
	return true
}

// forgotten says so if a group keeps its events for less time than nobody has
// read them.
func (s *Source) forgotten(g *group, oldest kizashi.Time, now time.Time) {
	p, lost := g.part, g.part.until
	if g.left != kizashi.Never {
		lost = min(lost, g.left)
	}
	if lost >= oldest || p.until < g.lostTo {
		return // nothing is, or it was told
	}
	g.lostTo = oldest
	if oldest > p.until {
		g.declare(p.until, kizashi.Unread)
		g.declare(oldest, "")
	}
	a := s.setAside(kizashi.Cause{Kind: kizashi.Forgotten}, g.Name, fmt.Sprintf("tenant %s, account %s, region %s: log group %s keeps events for %d days; those from %s to %s are lost",
		s.tenant, s.account, s.cfg.Region, g.Name, g.Retention/(24*time.Hour), lost, oldest), now)
	s.tellAside(a, now)
}

func (s *Source) beginsFill(f *fill, now time.Time) bool {
	if f.round != nil {
		return true
	}
	if s.spent >= s.cfg.Budget {
		s.exhausted(f, now)
		return false
	}
	r := &round{fill: f, to: min(f.until.Add(f.span), f.end(now))}
	for _, g := range f.groups {
		if from := max(f.until, f.start[g.id], g.oldest(now)); g.broken == "" && from < r.to {
			r.turns = append(r.turns, &turn{g: g, from: from})
		}
	}
	f.round = r
	return true
}

// exhausted ends a back-fill whose budget is spent: the rest of its history is
// an outage, that is told.
func (s *Source) exhausted(f *fill, now time.Time) {
	end := f.end(now)
	s.cfg.Log.Warn("the budget of the back-fill is spent: the rest of its history is not read", "partition", f.Self.String(), "until", f.until.String(), "to", end.String(), "bytes", s.spent)
	s.tell(&f.cursor, end, kizashi.Cause{Kind: kizashi.CostCap, Name: "backfill"}, spentReason(s), resources(f.groups))
	f.spent, f.until = true, end
	s.finishFill(f)
}
