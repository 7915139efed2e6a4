package logs

import (
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
)

const (
	lookEvery = 5 * time.Minute  // how often a read goes back by the overlap
	leastSpan = 15 * time.Minute // of one read of what is behind ...
	mostSpan  = 6 * time.Hour
	spanLines = 50_000 // ... twice as long as before where that brought fewer lines than this
)

// part is a main partition: the groups with one hold-back.
type part struct {
	cursor
	until  kizashi.Time // everything of before was read
	live   bool         // its back-fill is over: this one delivers
	groups []*group     // that are read, by name
	fresh  []kizashi.Declaration
	round  *round // that is read now; nil = none

	counters counters

	next   time.Time // when to read again
	span   time.Duration
	served uint64    // the turn in which it had a page last
	fails  int       // reads that failed in a row
	said   time.Time // when it was told last that it is behind
	empty  int       // lists in a row without a group of it

	target kizashi.Time // where its back-fill ends; Never = not known yet
	fixed  bool         // some of it has ended there already
	goes   int          // how often that was moved on
	began  kizashi.Time // where it stood when this run began
}

// edge is the Until that the clock allows: the minutes that had their hold-back.
func (p *part) edge(now time.Time) kizashi.Time {
	return kizashi.TimeOf(now).Add(-p.Self.Settle).Floor(time.Minute)
}

// goal is where the partition stands when what is read now is over.
func (p *part) goal() kizashi.Time {
	if p.round != nil {
		return p.round.to
	}
	return p.until
}

// every is between two reads.
func (p *part) every() time.Duration { return max(p.Self.Poll, time.Minute) }

// after is when there is a minute more to read.
func (p *part) after(now time.Time) time.Time {
	return kizashi.TimeOf(now).Floor(p.every()).Add(p.every()).UTC()
}

// retry is when a read that failed is tried again.
func retry(now time.Time) time.Time {
	return kizashi.TimeOf(now).Floor(time.Minute).Add(time.Minute).UTC()
}

// paces are the choices of how far apart reads are. Each is a class of
// partitions, so that who is read slowly holds up nobody who is not.
var paces = []time.Duration{0, 5 * time.Minute, 15 * time.Minute}

// pace is how often so many groups can be read: a page of each, by the
// session's share of the calls. It is chosen when a partition begins and stays,
// as it is part of what the partition is.
func (s *Source) pace(hold time.Duration, groups int) time.Duration {
	for _, first := range []string{"", kizashi.BackfillInitial + "-"} {
		for _, k := range sorted(s.from) {
			_, seq := position.Until(s.from[k])
			if k.Source != "" || k.Settle != hold || first == "" && (k.Backfill != "" || seq == position.Last) || !strings.HasPrefix(k.Backfill, first) {
				continue
			}
			return k.Poll
		}
	}
	return Pace(groups, s.region.Rate(FilterLogEvents))
}

// Pace is how far apart the reads of so many groups are, at so many calls a
// second; 0 = a minute.
func Pace(groups int, perSecond float64) time.Duration {
	need := time.Duration(float64(groups) / perSecond * float64(time.Second))
	for _, d := range paces {
		if need <= max(d, time.Minute)*8/10 {
			return d
		}
	}
	return paces[len(paces)-1]
}

// partOf is the partition of a hold-back; if there is none yet it begins now.
func (s *Source) partOf(hold time.Duration, groups int, now time.Time) *part {
	for _, p := range s.parts {
		if p.Self.Settle == hold {
			return p
		}
	}
	k := kizashi.Partition{Tenant: s.tenant, Account: s.account, Region: s.cfg.Region, Kind: kizashi.Logs, Period: time.Minute, Settle: hold, Poll: s.pace(hold, groups)}
	p := &part{cursor: cursor{Self: k, Told: kizashi.Never}, counters: counters{}, next: now, span: leastSpan, target: kizashi.Never}
	i, _ := slices.BinarySearchFunc(s.parts, p, func(a, b *part) int { return strings.Compare(a.Self.String(), b.Self.String()) })
	s.parts = slices.Insert(s.parts, i, p)
	s.begin(p, now)
	p.began = p.until
	return p
}

// begin finds out from the positions of an earlier run where a partition
// stands.
func (s *Source) begin(p *part, now time.Time) {
	p.until = p.edge(now)
	if pos, ok := s.from[p.Self]; ok {
		p.cursor, p.live = position.Resume(p.Self, pos), true
		p.until = p.Told
		if p.Seq == position.Last { // closed when it had no group
			p.until = max(p.until.Add(time.Minute), p.edge(now))
			s.join(p)
		}
		return
	}
	some, open, at := s.initialOf(p)
	switch {
	case some && open:
		p.target, p.fixed = at, at != kizashi.Never
	case some:
		p.live, p.until = true, at // its back-fill let it join
		p.Begin(at)
	case s.formerly() != kizashi.Never:
		// Groups come to it from other partitions, or are found later.
		p.until = s.formerly()
		s.join(p)
	case s.cfg.Backfill < 0 || s.from == nil:
		s.join(p)
	}
}

// formerly is how far the main partitions of an earlier run have come; Never =
// there are none.
func (s *Source) formerly() kizashi.Time {
	least := kizashi.Forever
	for k, pos := range s.from {
		if until, seq := position.Until(pos); k.Backfill == "" && k.Source == "" && seq != position.Last {
			least = min(least, until)
		}
	}
	if least == kizashi.Forever {
		return kizashi.Never
	}
	return least
}

// join makes a partition one that its tenant's groups wait for.
func (s *Source) join(p *part) {
	p.live = true
	s.push(&p.cursor, kizashi.Batch{Until: p.until, Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: p.Self, At: p.until}}})
}

// tidy delivers what a partition has to declare, and closes one that has had
// no group for some lists: the end of the last of them holds only when the
// partition has come to it.
func (s *Source) tidy(p *part) {
	if !p.live {
		return
	}
	s.flush(p)
	if len(p.groups) > 0 {
		p.empty = 0
		return
	}
	if p.empty++; p.empty < 3 {
		return
	}
	s.close(&p.cursor)
	s.parts = slices.DeleteFunc(s.parts, func(q *part) bool { return q == p })
}

// flush delivers the declarations of a partition.
func (s *Source) flush(p *part) {
	if len(p.fresh) > 0 && p.live {
		s.push(&p.cursor, kizashi.Batch{Until: p.until, Declare: p.fresh})
		p.fresh = nil
	}
}

// gone closes the partitions of an earlier run that nothing is read for any
// more.
func (s *Source) gone() {
	mine := map[kizashi.Partition]bool{}
	for _, p := range s.parts {
		mine[p.Self] = true
	}
	for _, f := range s.fills {
		mine[f.Self] = true
	}
	for _, k := range sorted(s.from) {
		if _, seq := position.Until(s.from[k]); !mine[k] && !isAside(k) && seq != position.Last {
			c := position.Resume(k, s.from[k])
			s.close(&c)
		}
	}
}

// close ends a partition that delivers no more.
func (s *Source) close(c *cursor) {
	s.end(c, kizashi.Batch{Until: c.Told, Roster: []kizashi.RosterEntry{{Op: kizashi.Close, Partition: c.Self, At: c.Told}}})
}
