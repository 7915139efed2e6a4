package cloudwatch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// catchUp is how far the settled edge may have gone on while a back-fill ran
// before the back-fill goes after it. Main partitions read the rest.
const catchUp = time.Hour

// handOvers ends the back-fills of partitions whose buckets have all come to
// one instant. It says whether there was any.
func (s *Source) handOvers(now time.Time) bool {
	any := false
	for _, p := range s.parts {
		if p.live || p.target == kizashi.Never || !s.filled(p) {
			continue
		}
		if edge := p.edge(now); !p.fixed && edge.Sub(p.target) > catchUp {
			p.target = edge
			continue
		}
		s.handOver(p, now)
		any = true
	}
	return any
}

// filled says whether all buckets have come to where they are to end.
func (s *Source) filled(p *part) bool {
	for _, f := range s.fills {
		if f.part == p && f.initial() && f.until < p.target {
			return false
		}
	}
	return true
}

// handOver closes a back-fill that has caught up, and lets main go on from
// there: what it delivers comes after all that the back-fill did.
func (s *Source) handOver(p *part, now time.Time) {
	at := p.target
	var mine []*fill
	for _, f := range s.fills {
		if f.part == p && f.initial() {
			mine = append(mine, f)
		}
	}
	for i, f := range mine {
		b := kizashi.Batch{Until: at, Roster: []kizashi.RosterEntry{
			{Op: kizashi.HandOver, Partition: f.Self, At: at, To: p.Self}, {Op: kizashi.Close, Partition: f.Self, At: at}}}
		if i == len(mine)-1 {
			// Main joins before the last bucket closes, so that nobody runs ahead.
			b.Roster = append(b.Roster, kizashi.RosterEntry{Op: kizashi.Join, Partition: p.Self, At: at})
		}
		s.end(&f.cursor, b)
		s.drop(f)
	}
	p.live, p.quiet, p.until, p.Told, p.looked = true, true, at, kizashi.Never, at
	if p.next = now; p.edge(now) <= at {
		p.next = p.after(now)
	}
	for i := range p.fresh {
		p.fresh[i].From = at
	}
	s.flush(p)
	n, _ := bucketsOf(mine)
	s.coarse(p, at, n, now)
	s.note()
}

// bucketsOf says of how many buckets these are some.
func bucketsOf(fs []*fill) (n int, ok bool) {
	for _, f := range fs {
		if _, of, found := strings.Cut(f.Self.Backfill, "of"); found {
			n, err := strconv.Atoi(of)
			return n, err == nil
		}
	}
	return 0, false
}

// flush delivers the declarations of a partition, and that it is there.
func (s *Source) flush(p *part) {
	if len(p.fresh) == 0 && !p.quiet {
		return
	}
	s.push(&p.cursor, kizashi.Batch{Until: p.until, Declare: p.fresh})
	p.fresh, p.quiet = nil, false
}

// coarse begins the back-fills that lie before one that ended at at, in n
// buckets of all series of the partition.
func (s *Source) coarse(p *part, at kizashi.Time, n int, now time.Time) {
	for k := 1; k <= n; k++ {
		s.coarser(p, at, fmt.Sprintf("%dof%d", k, n), inBucket(p.series, k, n), now)
	}
}

// coarser begins the coarse back-fills of some series.
func (s *Source) coarser(p *part, at kizashi.Time, name string, members []*series, now time.Time) {
	if !s.cfg.Coarse || s.cfg.Backfill < 0 || len(members) == 0 {
		return
	}
	to := at.Add(-min(s.cfg.Backfill, retention(p.Self.Period)/15*14)).Ceil(hourly)
	for _, c := range []struct {
		name string
		step time.Duration
	}{{"1h", hourly}, {"5m", fiveMinutes}} {
		if p.Self.Period >= c.step {
			continue
		}
		from := kizashi.TimeOf(now).Add(-retention(c.step) / 15 * 14).Ceil(hourly)
		f := s.newFill(p, kizashi.BackfillCoarse+"-"+c.name+"-"+name, c.step, from, to, members, now)
		if f == nil {
			continue
		}
		if !f.joined {
			s.joinFill(f)
			// Its declarations say whose baselines it informs.
			join := &s.queue[len(s.queue)-1]
			for _, q := range members {
				join.Declare = append(join.Declare, kizashi.Declaration{From: from, Meta: q.meta})
			}
		}
		s.finish(f)
	}
}

// seek begins the back-fill of series that a running partition has found
// later, up to where it begins to read them.
func (s *Source) seek(p *part, ds []kizashi.Declaration, ss []*series, now time.Time) {
	at := p.until
	start := min(p.start(now, s.cfg.Backfill), at)
	for len(ss) > 0 {
		n := min(len(ss), foundSeries)
		members := slices.Clone(ss[:n])
		name := strconv.FormatInt(int64(at/1000), 10) + "-" + named(members)
		if f := s.newFill(p, kizashi.BackfillFound+"-"+name, p.Self.Period, start, at, members, now); f != nil && !f.joined {
			f.fresh = slices.Clone(ds[:n])
			for i := range f.fresh {
				f.fresh[i].From = start
			}
			s.joinFill(f, kizashi.RosterEntry{Op: kizashi.HandOver, Partition: f.Self, At: at, To: p.Self})
			last := &s.queue[len(s.queue)-1]
			last.Declare, f.fresh = f.fresh, nil
			s.finish(f)
		}
		s.coarser(p, at, name, members, now)
		ss, ds = ss[n:], ds[n:]
	}
}

// resumeFills takes up the back-fills that run beside a partition.
func (s *Source) resumeFills(p *part, now time.Time) {
	if !p.live {
		return
	}
	if n, at := s.initialOf(p); at != kizashi.Never {
		s.coarse(p, at, n, now)
	}
	var names []string
	for k := range s.from {
		name := k.Backfill
		k.Backfill = ""
		if k == p.Self && strings.HasPrefix(name, kizashi.BackfillFound) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		at, rest, err := cutFound(name)
		if err != nil {
			s.cfg.Log.Warn("a back-fill of an earlier run cannot be taken up", "partition", p.backfill(name).String(), "err", err)
			continue
		}
		ss, err := members(rest, p.series)
		if err != nil {
			s.cfg.Log.Warn("a back-fill of an earlier run cannot be taken up", "partition", p.backfill(name).String(), "err", err)
			continue
		}
		if f := s.newFill(p, name, p.Self.Period, kizashi.Never, at, ss, now); f != nil {
			for _, q := range ss {
				q.floor = at
			}
			s.finish(f)
		}
		s.coarser(p, at, strings.TrimPrefix(name, kizashi.BackfillFound+"-"), ss, now)
	}
}

// cutFound takes the name of a back-fill of series that were found later
// apart.
func cutFound(name string) (at kizashi.Time, rest string, err error) {
	parts := strings.SplitN(name, "-", 3)
	if len(parts) != 3 {
		return 0, "", fmt.Errorf("name %q", name)
	}
	sec, err := strconv.ParseInt(parts[1], 10, 64)
	return kizashi.Time(sec) * 1000, parts[2], err
}
