package cloudwatch

import (
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
)

// part is a main partition and the back-fill before it.
type part struct {
	cursor
	class  string
	every  time.Duration // between two reads, if the cap allows it
	until  kizashi.Time  // everything that ends by then was read
	live   bool          // the back-fill is over: this one delivers
	quiet  bool          // nothing has been delivered in this run yet
	series []*series     // those that are read, by id
	fresh  []kizashi.Declaration

	next   time.Time    // when to read again
	read   time.Time    // when it was read last
	tried  time.Time    // when that was tried last
	looked kizashi.Time // Until of the last read that went back by the overlap; Never = none
	fails  int          // reads that failed in a row
	empty  time.Time    // it has had no series since then; zero = it has some
	pace   pace

	target kizashi.Time // where the back-fill ends; Never = not known yet
	fixed  bool         // some of it has ended there already
}

// edge is the Until that the clock allows: every point that ends by then has
// had its time to settle.
func (p *part) edge(now time.Time) kizashi.Time {
	return kizashi.TimeOf(now).Add(-p.Self.Settle).Floor(p.Self.Period)
}

// after is when there is something new to read: for who polls seldom on the
// grid of the poll interval, so that partitions share calls, else when the
// next point has settled.
func (p *part) after(now time.Time) time.Time {
	if p.Self.Poll > 0 {
		return floorTo(now, p.every).Add(p.every)
	}
	wait := p.Self.Settle
	if p.Self.Period >= time.Minute {
		wait = (wait + time.Minute - 1) / time.Minute * time.Minute
	}
	return floorTo(now.Add(-wait), p.every).Add(p.every + wait)
}

// retry is when a read that failed is tried again.
func (p *part) retry(now time.Time) time.Time {
	d := min(p.Self.Period, time.Minute)
	return floorTo(now, d).Add(d)
}

// weigh counts the queries of one read.
func weigh(ss []*series) (n int) {
	for _, q := range ss {
		n += len(q.queries)
	}
	return n
}

// metrics is what AWS bills for one read of the series: the metrics that are
// requested. An expression is none, what it is computed from is; a search takes
// at least one.
func (s *series) metrics() (n int) {
	for i := range s.queries {
		if s.queries[i].MetricStat != nil {
			n++
		}
	}
	return max(n, 1)
}

func (s *Source) newPart(main kizashi.Partition, class string, now time.Time) *part {
	p := &part{cursor: cursor{Self: main, Told: kizashi.Never}, class: class, every: max(main.Period, main.Poll), quiet: true, next: now,
		looked: kizashi.Never, target: kizashi.Never}
	i, _ := slices.BinarySearchFunc(s.parts, p, func(a, b *part) int { return strings.Compare(a.Self.String(), b.Self.String()) })
	s.parts = slices.Insert(s.parts, i, p)
	return p
}

// begin finds out from the positions of an earlier run where a partition
// stands, and makes its back-fills.
func (s *Source) begin(f found, members []*series, now time.Time) *part {
	p := s.newPart(f.part, f.class, now)
	p.series = members
	if pos, ok := s.from[p.Self]; ok {
		p.cursor, p.live = position.Resume(p.Self, pos), true
		p.until = p.Told
		if p.Seq == position.Last { // closed when it had no series
			p.until = max(p.until.Add(p.Self.Period), p.edge(now))
			s.join(p)
		}
		return p
	}
	if s.resumeBackfill(p, now) {
		return p
	}
	p.until = p.edge(now)
	if s.resumed() {
		// Its series come from another partition, or they are found later: in
		// either case their past is seen to one by one.
		p.until = min(p.until, s.least(p.Self.Period))
		s.join(p)
		return p
	}
	start := p.until
	if s.cfg.Backfill > 0 {
		start = p.start(now, s.cfg.Backfill)
	}
	if start >= p.until {
		for _, q := range members {
			q.floor = p.until // nobody asked for what was before
		}
		s.join(p)
		return p
	}
	s.initial(p, start, now)
	return p
}

// join makes a partition one that its tenant's groups wait for.
func (s *Source) join(p *part) {
	p.live = true
	s.push(&p.cursor, kizashi.Batch{Until: p.until, Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: p.Self, At: p.until}}})
}

// resumed says that an earlier run has read something.
func (s *Source) resumed() bool {
	for k := range s.from {
		if k.Source != discovery && !isAside(k) {
			return true
		}
	}
	return false
}

// least is how far the partitions of an earlier run with this period have come.
func (s *Source) least(period time.Duration) kizashi.Time {
	least := kizashi.Forever
	for k, pos := range s.from {
		if until, seq := position.Until(pos); k.Backfill == "" && k.Period == period && seq != position.Last {
			least = min(least, until)
		}
	}
	return least
}

// start of a back-fill of some length: what is kept less a fifteenth, as it
// still has to be there when it is its turn to be read.
func (p *part) start(now time.Time, length time.Duration) kizashi.Time {
	kept := retention(p.Self.Period) / 15 * 14
	return p.edge(now).Add(-min(length, kept)).Ceil(p.Self.Period)
}

// gone closes the partitions of an earlier run that have no series any more.
func (s *Source) gone() {
	mine := map[kizashi.Partition]bool{}
	for _, p := range s.parts {
		mine[p.Self] = true
	}
	for _, f := range s.fills {
		mine[f.Self] = true
	}
	var over []kizashi.Partition
	for k, pos := range s.from {
		if _, seq := position.Until(pos); !mine[k] && !isAside(k) && seq != position.Last {
			over = append(over, k)
		}
	}
	slices.SortFunc(over, func(a, b kizashi.Partition) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range over {
		c := position.Resume(k, s.from[k])
		s.close(&c)
	}
}

// close ends a partition that delivers no more.
func (s *Source) close(c *cursor) {
	s.end(c, kizashi.Batch{Until: c.Told, Roster: []kizashi.RosterEntry{{Op: kizashi.Close, Partition: c.Self, At: c.Told}}})
}
