package cloudwatch

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
)

const (
	// bucketQueries is how many queries a bucket of a back-fill has at most.
	// Every page of a bucket is billed for all its metrics, and carries 100,800
	// points however many series they are of: fewer series in a bucket take as
	// many calls, of which each has more time and costs less.
	bucketQueries = 50
	// foundSeries is how many series a back-fill of what was found later has
	// at most: its name says which.
	foundSeries = 50
	// background is between two pages of what nobody waits for.
	background = time.Second
)

// Coarse periods, and how far back each is read.
const (
	hourly      = time.Hour
	fiveMinutes = 5 * time.Minute
)

// fill is one partition of a back-fill. One call is one page is one batch.
type fill struct {
	cursor
	part    *part
	step    time.Duration // of its points
	begin   kizashi.Time
	until   kizashi.Time
	to      kizashi.Time // where it ends; Forever = where its main partition begins, not known yet
	members []*series    // by id
	fresh   []kizashi.Declaration
	next    time.Time
	fails   int
	calls   int       // in this run
	first   time.Time // of them
	joined  bool
}

func (f *fill) initial() bool { return strings.HasPrefix(f.Self.Backfill, kizashi.BackfillInitial) }

// class is whose turn to give way to the cap a back-fill has.
func (f *fill) class() cost.Class {
	if f.Self.Coarse() {
		return cost.Backfill
	}
	return cost.Act
}

// backfill names a back-fill of p.
func (p *part) backfill(name string) kizashi.Partition {
	k := p.Self
	k.Backfill = name
	return k
}

// bucketName is that of bucket k of n.
func bucketName(kind string, k, n int) string { return fmt.Sprintf("%s-%dof%d", kind, k, n) }

// bucket is which of n a series belongs to.
func bucket(id kizashi.SeriesID, n int) int { return int(uint64(id)%uint64(n)) + 1 }

// inBucket picks those of bucket k of n.
func inBucket(ss []*series, k, n int) []*series {
	var out []*series
	for _, q := range ss {
		if bucket(q.id, n) == k {
			out = append(out, q)
		}
	}
	return out
}

// buckets is how many a partition's series need.
func buckets(ss []*series) int {
	return max(1, (weigh(ss)+bucketQueries-1)/bucketQueries)
}

// initial begins the back-fill of a partition.
func (s *Source) initial(p *part, start kizashi.Time, now time.Time) {
	n := buckets(p.series)
	for k := 1; k <= n; k++ {
		f := s.newFill(p, bucketName(kizashi.BackfillInitial, k, n), p.Self.Period, start, kizashi.Forever, inBucket(p.series, k, n), now)
		s.joinFill(f)
	}
}

// newFill makes a back-fill, or takes one up that an earlier run began; nil is
// one that is over.
func (s *Source) newFill(p *part, name string, step time.Duration, begin, to kizashi.Time, members []*series, now time.Time) *fill {
	f := &fill{cursor: cursor{Self: p.backfill(name), Told: kizashi.Never}, part: p, step: step, begin: begin, until: begin, to: to, members: members, next: now}
	if pos, ok := s.from[f.Self]; ok {
		f.cursor, f.joined = position.Resume(f.Self, pos), true
		f.until = f.Told
		if f.Seq == position.Last {
			return nil
		}
	}
	s.fills = append(s.fills, f)
	return f
}

func (s *Source) joinFill(f *fill, more ...kizashi.RosterEntry) {
	f.joined = true
	s.push(&f.cursor, kizashi.Batch{Until: f.until, Roster: append([]kizashi.RosterEntry{{Op: kizashi.Join, Partition: f.Self, At: f.until}}, more...)})
}

// resumeBackfill takes up the back-fill of a partition that has not begun
// itself. It says whether there was one.
func (s *Source) resumeBackfill(p *part, now time.Time) bool {
	n, at := s.initialOf(p)
	if n == 0 {
		return false
	}
	open := 0
	for k := 1; k <= n; k++ {
		name := bucketName(kizashi.BackfillInitial, k, n)
		f := s.newFill(p, name, p.Self.Period, p.start(now, s.cfg.Backfill), kizashi.Forever, inBucket(p.series, k, n), now)
		if f == nil {
			continue
		}
		if open++; !f.joined {
			s.joinFill(f) // a crash came before it could
		}
	}
	p.until, p.target, p.fixed = p.edge(now), at, at != kizashi.Never
	if open == 0 {
		p.live, p.until = true, at
	}
	return true
}

// initialOf finds the back-fill of a partition in the positions: its number of
// buckets, and where those that are over have ended; Never = none is.
func (s *Source) initialOf(p *part) (n int, at kizashi.Time) {
	at = kizashi.Never
	for k, pos := range s.from {
		var b, of int
		name := k.Backfill
		k.Backfill = ""
		if _, err := fmt.Sscanf(name, kizashi.BackfillInitial+"-%dof%d", &b, &of); err != nil || k != p.Self || of < 1 {
			continue
		}
		n = of
		if until, seq := position.Until(pos); seq == position.Last {
			at = until
		}
	}
	return n, at
}

// nextFill is the back-fill to go on with: those that main partitions wait for
// first, the one furthest behind of them, so that none holds up its tenant's
// groups; then what was found later, then the coarse ones.
func (s *Source) nextFill() *fill {
	var best *fill
	now := s.cfg.Now()
	for _, f := range s.fills {
		if f.until >= f.end(now) {
			continue
		}
		if best == nil || f.before(best, now) {
			best = f
		}
	}
	return best
}

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

func (f *fill) rank() int {
	switch {
	case f.initial():
		return 0
	case !f.Self.Coarse():
		return 1
	case f.step == hourly:
		return 2
	}
	return 3
}

// before says whether f has its turn before g.
func (f *fill) before(g *fill, now time.Time) bool {
	fd, gd := !f.next.After(now), !g.next.After(now)
	if fd != gd {
		return fd
	}
	if !fd && !f.next.Equal(g.next) {
		return f.next.Before(g.next)
	}
	return cmp.Or(cmp.Compare(f.rank(), g.rank()), cmp.Compare(f.until, g.until), strings.Compare(f.Self.String(), g.Self.String())) < 0
}

// page reads one call's worth of a back-fill.
func (s *Source) page(ctx context.Context, f *fill, now time.Time) error {
	if s.pauseFill(f, now) || s.forgotten(&f.cursor, &f.until, f.step, f.members, now, !f.Self.Coarse()) {
		return nil
	}
	window := time.Duration(max(maxPoints/max(weigh(f.members), 1), 1)) * f.step
	to := min(f.until.Add(window), f.end(now))
	asks := make([]ask, 0, len(f.members))
	for _, q := range f.members {
		if q.broken == "" && !(f.initial() && q.left) { // else main reads it from there on
			asks = append(asks, ask{s: q, from: f.until, to: to, step: f.step})
		}
	}
	if err := s.read(ctx, asks); err != nil {
		return err
	}
	// Where nobody waits for it, the whole of a back-fill is tried again later.
	main, answered := f.part.until, false
	if f.initial() {
		main, answered = f.until, anyAnswered(asks)
	}
	if err := s.faulty(asks, answered, main, now); err != nil {
		s.failFill(f, now, err)
		return nil
	}
	f.fails, f.next = 0, s.cfg.Now()
	if s.polls() {
		f.next = f.next.Add(background)
	}
	if f.calls++; f.calls == 1 {
		f.first = now
	}
	s.deliverPage(f, asks, to)
	return nil
}

// polls says whether any main partition delivers already.
func (s *Source) polls() bool {
	return slices.ContainsFunc(s.parts, func(p *part) bool { return p.live })
}

func (s *Source) deliverPage(f *fill, asks []ask, to kizashi.Time) {
	b := kizashi.Batch{Until: to, Declare: f.fresh}
	f.fresh = nil
	keep := to.Add(-s.overlap(f.part)).Floor(f.part.Self.Period)
	n := 0
	for i := range asks {
		n += len(asks[i].points)
	}
	b.Samples = make([]kizashi.Sample, 0, n)
	for i := range asks {
		a := &asks[i]
		for _, p := range a.points {
			if p.at >= f.until && p.at.Add(f.step) <= to {
				b.Samples = append(b.Samples, kizashi.Sample{Series: a.s.id, At: p.at, Period: f.step, Value: p.value})
			}
		}
		if f.initial() {
			a.s.remember(a.points, keep)
		}
	}
	b.Samples = byTime(b.Samples, f.until, to, f.step)
	f.until = to
	s.push(&f.cursor, b)
	page := &s.queue[len(s.queue)-1]
	s.mu.Lock()
	s.out, s.outPos = page.Partition, page.Pos
	s.mu.Unlock()
	s.note()
	s.finish(f)
}

// remember keeps what a back-fill delivered of the overlap that the main
// partition will read again.
func (s *series) remember(ps []point, keep kizashi.Time) {
	s.forget(keep)
	for _, p := range ps {
		if p.at >= keep {
			s.recent = append(s.recent, p)
		}
		s.last = max(s.last, p.at)
	}
}

// finish ends a back-fill that is through. An initial one is ended by the
// hand-over of its whole partition.
func (s *Source) finish(f *fill) {
	if f.to == kizashi.Forever || f.until < f.to {
		return
	}
	b := kizashi.Batch{Until: f.to}
	if f.Self.Coarse() && f.step == hourly {
		// It informs from an hour on that no sample of main has come to. Points of
		// 5 minutes say nothing that those do not, and come when those are read.
		at := max(f.part.until, f.part.Told).Add(time.Millisecond).Ceil(time.Hour)
		b.Roster = append(b.Roster, kizashi.RosterEntry{Op: kizashi.Inform, Partition: f.Self, At: at, To: f.part.Self})
	}
	b.Roster = append(b.Roster, kizashi.RosterEntry{Op: kizashi.Close, Partition: f.Self, At: f.to})
	s.end(&f.cursor, b)
	s.drop(f)
}

func (s *Source) drop(f *fill) {
	s.fills = slices.DeleteFunc(s.fills, func(g *fill) bool { return g == f })
	s.note()
}

// named is the part of a back-fill's name that says which series it has: the
// first three bytes of each one's id. Two series of one account and region that
// share them are rare, and one more that is read does no harm.
func named(ss []*series) string {
	b := make([]byte, 0, 3*len(ss))
	for _, q := range ss {
		b = append(b, byte(q.id>>56), byte(q.id>>48), byte(q.id>>40))
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// members are the series that a name names.
func members(name string, ss []*series) ([]*series, error) {
	b, err := base64.RawURLEncoding.DecodeString(name)
	if err != nil || len(b)%3 != 0 {
		return nil, fmt.Errorf("cloudwatch: back-fill %q names no series", name)
	}
	is := map[[3]byte]bool{}
	for ; len(b) > 0; b = b[3:] {
		is[[3]byte(b)] = true
	}
	var out []*series
	for _, q := range ss {
		if is[[3]byte{byte(q.id >> 56), byte(q.id >> 48), byte(q.id >> 40)}] {
			out = append(out, q)
		}
	}
	return out, nil
}
