package logs

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
)

const (
	fillGroups = 50 // of one back-fill: its name says which
	mostGoes   = 3  // how often a back-fill goes after the edge before main takes over
	behindEdge = time.Hour
	// beforeCreated is how much older than its group an event may well be: an agent
	// that starts sends what it finds.
	beforeCreated = 24 * time.Hour
)

// fill is one partition of a back-fill: the history of some groups, up to where
// their main partition begins to read them. The names of all back-fills of a
// source say which groups it has ever taken in.
type fill struct {
	cursor
	part   *part
	begin  kizashi.Time
	until  kizashi.Time
	to     kizashi.Time // Forever = where its main partition begins, not known yet
	groups []*group     // by name
	start  map[kizashi.SeriesID]kizashi.Time
	round  *round
	latest map[kizashi.SeriesID]kizashi.Time // of its lines that were not Late

	counters counters

	next   time.Time
	served uint64
	span   time.Duration
	fails  int
	first  time.Time // page in this run
	calls  int
	spent  bool // the budget is
}

func (f *fill) initial() bool { return strings.HasPrefix(f.Self.Backfill, kizashi.BackfillInitial) }

// end is where the back-fill ends, as far as that is known.
func (f *fill) end(now time.Time) kizashi.Time {
	if f.to != kizashi.Forever {
		return f.to
	}
	if f.part.target == kizashi.Never {
		f.part.target = f.part.edge(now)
	}
	return f.part.target
}

// meet takes in groups that this run has not met before: those of an earlier
// run go on where it stopped, the others have their history read first.
func (s *Source) meet(fresh []*group, now time.Time) {
	if s.from != nil {
		s.known = s.knownOnes()
	}
	var unknown []*group
	resumed := map[*part]bool{}
	for _, g := range fresh {
		g.part.groups = with(g.part.groups, g)
		switch {
		case !s.known[prefix(g.id)]:
			unknown = append(unknown, g)
			continue
		case s.from == nil: // the first list did not have it
			g.left, g.floor = g.part.began, g.part.began
			g.declare(g.part.goal(), "")
			continue
		}
		resumed[g.part] = true
		s.remember(g, g.part.until, s.brought(g)...)
		if g.part.live {
			g.declare(g.part.until, "")
		}
	}
	for _, p := range s.parts {
		if resumed[p] {
			s.resumeFills(p, now)
		}
	}
	length := s.affordable(unknown, now)
	for _, p := range s.parts {
		gs := slices.DeleteFunc(slices.Clone(unknown), func(g *group) bool { return g.part != p })
		for len(gs) > 0 {
			n := together(gs)
			s.seek(p, gs[:n:n], length, now)
			gs = gs[n:]
		}
	}
}

// together is how many of the groups one back-fill has: all of those whose rule
// has metric filters, which count over them together.
func together(gs []*group) int {
	slices.SortStableFunc(gs, func(a, b *group) int { return cmp.Compare(len(b.rule.Metrics), len(a.rule.Metrics)) })
	n := 0
	for n < len(gs) && len(gs[n].rule.Metrics) > 0 {
		n++
	}
	if n > 0 {
		slices.SortFunc(gs[:n], byName)
		return n
	}
	return min(len(gs), fillGroups)
}

// seek begins the back-fill of groups that were not read before.
func (s *Source) seek(p *part, gs []*group, length time.Duration, now time.Time) {
	kind, to := kizashi.BackfillInitial, kizashi.Forever
	end := p.edge(now)
	if p.live {
		to = p.goal()
		kind, end = kizashi.BackfillFound+"-"+strconv.FormatInt(int64(to/1000), 10), to
	}
	f := s.newFill(p, kind+"-"+named(gs), to, gs, now)
	f.begin = end
	for _, g := range gs {
		at := end
		if length > 0 {
			at = max(end.Add(-length).Floor(time.Minute), g.oldest(now))
		}
		if !g.Created.IsZero() && length > 0 {
			at = max(at, kizashi.TimeOf(g.Created.Add(-beforeCreated)).Floor(time.Minute))
		}
		f.start[g.id] = min(at, end)
		f.begin = min(f.begin, f.start[g.id])
		g.floor = f.start[g.id]
	}
	f.until = f.begin
	b := kizashi.Batch{Until: f.begin, Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: f.Self, At: f.begin}}}
	if p.live {
		b.Roster = append(b.Roster, kizashi.RosterEntry{Op: kizashi.HandOver, Partition: f.Self, At: to, To: p.Self})
	}
	for _, g := range gs {
		b.Declare = append(b.Declare, kizashi.Declaration{From: f.begin, Meta: g.meta})
		if p.live {
			g.declare(to, "")
		}
	}
	s.push(&f.cursor, b)
	s.finishFill(f)
}

func (s *Source) newFill(p *part, name string, to kizashi.Time, gs []*group, now time.Time) *fill {
	k := p.Self
	k.Backfill = name
	f := &fill{cursor: cursor{Self: k, Told: kizashi.Never}, part: p, to: to, groups: gs, start: map[kizashi.SeriesID]kizashi.Time{}, latest: map[kizashi.SeriesID]kizashi.Time{}, counters: counters{}, next: now, span: leastSpan}
	s.fills = append(s.fills, f)
	return f
}

// finishFill ends a back-fill that is through. An initial one is ended by the
// hand-over of its whole partition.
func (s *Source) finishFill(f *fill) {
	if f.to == kizashi.Forever || f.until < f.to {
		return
	}
	s.end(&f.cursor, kizashi.Batch{Until: f.to, Roster: []kizashi.RosterEntry{{Op: kizashi.Close, Partition: f.Self, At: f.to}}})
	s.drop(f)
}

func (s *Source) drop(f *fill) {
	s.fills = slices.DeleteFunc(s.fills, func(g *fill) bool { return g == f })
}

// handOvers ends the back-fills of partitions that have all come to one
// instant, and lets main go on from there. It says whether there was any.
func (s *Source) handOvers(now time.Time) bool {
	any := false
	for _, p := range s.parts {
		if p.live {
			continue
		}
		var mine []*fill
		through := true
		for _, f := range s.fills {
			if f.part == p && f.initial() {
				mine = append(mine, f)
				through = through && f.until >= f.end(now)
			}
		}
		if !through {
			continue
		}
		if edge := p.edge(now); len(mine) > 0 && edge.Sub(p.target) > behindEdge && p.goes < mostGoes && !p.fixed && !mine[0].spent {
			p.target, p.goes = edge, p.goes+1
			continue
		}
		s.handOver(p, mine, now)
		any = true
	}
	return any
}

func (s *Source) handOver(p *part, mine []*fill, now time.Time) {
	at := p.target
	for i, f := range mine {
		b := kizashi.Batch{Until: at, Roster: []kizashi.RosterEntry{
			{Op: kizashi.HandOver, Partition: f.Self, At: at, To: p.Self}, {Op: kizashi.Close, Partition: f.Self, At: at}}}
		if i == len(mine)-1 {
			// Main joins before the last one closes, so that nobody runs ahead.
			b.Roster = append(b.Roster, kizashi.RosterEntry{Op: kizashi.Join, Partition: p.Self, At: at})
		}
		s.end(&f.cursor, b)
		s.drop(f)
	}
	if len(mine) == 0 { // all its groups are gone
		at = p.edge(now)
		p.until = at
		s.join(p)
	}
	p.live, p.until, p.next = true, at, now
	p.fresh = nil
	for _, g := range p.groups {
		if g.broken == "" {
			g.declare(at, "")
			continue
		}
		g.left = at
		g.declare(at, kizashi.Unread)
	}
	s.push(&p.cursor, kizashi.Batch{Until: at, Declare: p.fresh})
	p.fresh = nil
}

// resumeFills takes up the back-fills that an earlier run left.
func (s *Source) resumeFills(p *part, now time.Time) {
	for _, k := range sorted(s.from) {
		name := k.Backfill
		main := k
		main.Backfill = ""
		pos := s.from[k]
		told, seq := position.Until(pos)
		if name == "" || main != p.Self || seq == position.Last || slices.ContainsFunc(s.fills, func(f *fill) bool { return f.Self == k }) {
			continue
		}
		kind, to, ids := cutName(name)
		if kind == "" {
			s.cfg.Log.Warn("a back-fill of an earlier run cannot be taken up", "partition", k.String())
			continue
		}
		in := members(ids)
		gs := slices.DeleteFunc(slices.Clone(p.groups), func(g *group) bool { return !in[prefix(g.id)] })
		f := s.newFill(p, name, to, gs, now)
		f.cursor = position.Resume(k, pos)
		f.begin, f.until = told, told
		for _, g := range gs {
			f.start[g.id] = told
			s.remember(g, told, k)
			if f.initial() { // else it is main's
				f.latest[g.id] = g.latest
			}
		}
		s.finishFill(f)
	}
}

// initialOf says whether an earlier run has back-filled a partition, whether
// some of that is open, and where what is over has ended; Never = none is.
func (s *Source) initialOf(p *part) (some, open bool, at kizashi.Time) {
	at = kizashi.Never
	for k, pos := range s.from {
		main := k
		main.Backfill = ""
		if main != p.Self || !strings.HasPrefix(k.Backfill, kizashi.BackfillInitial+"-") {
			continue
		}
		some = true
		if until, seq := position.Until(pos); seq == position.Last {
			at = until
		} else {
			open = true
		}
	}
	return some, open, at
}
