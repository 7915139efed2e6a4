package cloudwatch

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

const (
	readPoints  = 300_000          // of one partition in one read
	readSpan    = 24 * time.Hour   // of one read
	keptPoints  = 16               // of one series: the memory that the next read finds
	batchPoints = 20_000           // of one batch: it is one record of the journal
	lookEvery   = 5 * time.Minute  // how often a read goes back by the overlap
	idleEvery   = 15 * time.Minute // how often one asks for what has ended ...
	idleFor     = time.Hour        // ... and how long: the next lists say if it is back
)

// due are the partitions whose time has come and that the cap lets read.
func (s *Source) due(now time.Time) []*part {
	var out []*part
	for _, p := range s.parts {
		if p.live && !p.next.After(now) && s.allowed(p, now) {
			out = append(out, p)
		}
	}
	return out
}

// overlap is how far behind Until a read goes.
func (s *Source) overlap(p *part) time.Duration {
	return max(s.cfg.Overlap, 3*p.Self.Period).Truncate(p.Self.Period)
}

// reading is what one partition has in a poll.
type reading struct {
	p        *part
	from, to kizashi.Time
	lo, hi   int  // its asks
	look     bool // it goes back by the overlap
	idle     bool // it asks for what has ended
}

// poll reads what is due, in calls that all partitions share.
func (s *Source) poll(ctx context.Context, due []*part, now time.Time) error {
	s.asks = s.asks[:0]
	var rs []reading
	for _, p := range due {
		if p.until > p.edge(now) {
			// The clock is behind what an earlier run saw.
			p.next = p.retry(now)
			continue
		}
		if s.forgotten(&p.cursor, &p.until, p.Self.Period, p.series, now, true) {
			continue
		}
		rs = append(rs, s.reading(p, now))
	}
	if err := s.read(ctx, s.asks); err != nil {
		return err
	}
	answered := anyAnswered(s.asks)
	for _, r := range rs {
		r.p.tried = now
		asks := s.asks[r.lo:r.hi]
		if err := s.faulty(asks, answered, r.p.until, now); err != nil {
			s.fail(r.p, now, err)
			continue
		}
		s.deliver(r, asks)
		r.p.fails, r.p.read, r.p.next = 0, now, now
		if r.to >= r.p.edge(now) {
			r.p.next = r.p.after(now)
		}
	}
	return nil
}

// reading asks for what a partition has to read.
func (s *Source) reading(p *part, now time.Time) reading {
	r := reading{p: p, from: p.until, to: min(p.edge(now), p.until.Add(p.window())), lo: len(s.asks)}
	if p.looked == kizashi.Never || r.to.Floor(lookEvery) > p.looked.Floor(lookEvery) {
		r.from = p.until.Add(-s.overlap(p)).Floor(p.Self.Period)
		r.look = true
	}
	r.idle = p.read.IsZero() || !floorTo(now, idleEvery).Equal(floorTo(p.read, idleEvery))
	for _, q := range p.series {
		// Up to when it was listed as ended there may be points of before.
		if q.broken != "" && (q.again.IsZero() || now.Before(q.again)) || q.idle && p.until >= q.goneBy && (!r.idle || r.to.Sub(q.goneBy) > idleFor) {
			continue
		}
		a := ask{s: q, from: r.from, to: r.to, step: p.Self.Period}
		switch {
		case q.met != kizashi.Never:
			a.from = min(a.from, q.met.Floor(p.Self.Period))
		case q.seeded && q.last != kizashi.Never:
			// What is missing since its last point may still come. Whatever comes
			// after it would leave it behind.
			a.from = min(a.from, max(q.last.Add(p.Self.Period), p.until.Add(-s.overlap(p)).Floor(p.Self.Period)))
		}
		if a.from < a.to {
			s.asks = s.ask(a)
		}
	}
	r.hi = len(s.asks)
	return r
}

// ask adds to what is asked, and takes over the memory of what was.
func (s *Source) ask(a ask) []ask {
	if n := len(s.asks); n < cap(s.asks) {
		a.points = s.asks[:n+1][n].points[:0]
	}
	return append(s.asks, a)
}

// window is how much time one read covers.
func (p *part) window() time.Duration {
	fit := time.Duration(max(readPoints/max(len(p.series), 1), 1)) * p.Self.Period
	return max(min(fit, readSpan).Truncate(p.Self.Period), p.Self.Period)
}

// loneReads is how many reads in a row one query has to fail alone to be set
// aside: until then its partition waits for it, as that mostly passes.
const loneReads = 3

func anyAnswered(asks []ask) bool {
	return slices.ContainsFunc(asks, func(a ask) bool { return a.err == nil })
}

// faulty sets aside the series that cannot be read, from until on, and returns
// the first error that is of the read as a whole. A call of which nothing can
// be read is such an error too. answered says that the region has answered
// other queries.
func (s *Source) faulty(asks []ask, answered bool, until kizashi.Time, now time.Time) error {
	var alone []*ask
	var wait error
	denied := 0
	for i := range asks {
		a := &asks[i]
		switch l := (*lone)(nil); {
		case a.err == nil:
			a.s.fails = 0
		case isFault(a.err):
			alone = append(alone, a)
			if causeOf(a.err).Kind == kizashi.NoPermission {
				denied++
			}
		case answered && errors.As(a.err, &l):
			if a.s.fails++; a.s.fails < loneReads && a.s.broken == "" {
				wait = cmp.Or(wait, a.err)
				continue
			}
			a.err = refused(l.Failure, kizashi.Cause{Kind: kizashi.Refused})
			alone = append(alone, a)
			a.s.again = now.Add(lookEvery)
		default:
			return a.err
		}
	}
	switch n := len(alone); {
	case n > 0 && n == len(asks) && denied == n:
		return alone[0].err
	case n > 1 && n == len(asks):
		return s.failure(kizashi.Cause{Kind: kizashi.NoRegion}, "none of "+alone[0].s.name()+" and others can be read: "+alone[0].err.Error())
	}
	for _, a := range alone {
		s.refuse(a.s, a.err, until, now)
	}
	if wait != nil {
		return wait
	}
	if len(s.asides) > 0 {
		for i := range asks {
			if asks[i].err == nil {
				s.seen(asks[i].s.id.String(), true)
			}
		}
	}
	return nil
}

// refuse sets a series aside until the next list, or until it is to be tried
// again. What is missing from until on is read when it can be.
func (s *Source) refuse(q *series, err error, until kizashi.Time, now time.Time) {
	if cause := causeOf(err); q.broken != err.Error() {
		q.broken, q.denied = err.Error(), cause.Kind == kizashi.NoPermission
		s.cfg.Log.Error("a series cannot be read; it is tried again", "series", q.name(), "err", err)
	}
	if q.met == kizashi.Never {
		q.met, q.left = until, true
		if !q.seeded { // what is older was delivered by an earlier run
			q.floor, q.seeded = max(q.floor, until), true
		}
	}
	s.setAside(causeOf(err), q.id.String(), unread{s: q, why: err.Error()}, now)
}

// deliver sorts out what was read and cuts it into batches. Late points and
// revisions go with the first.
func (s *Source) deliver(r reading, asks []ask) {
	p, t := r.p, &s.took
	*t = taken{samples: make([]kizashi.Sample, 0, len(asks))}
	seen, keep := kizashi.TimeOf(s.cfg.Now()), r.to.Add(-s.overlap(p)).Floor(p.Self.Period)
	for i := range asks {
		a := &asks[i]
		if a.err != nil {
			continue
		}
		n := len(t.samples) + len(t.late)
		a.s.take(a.points, a.from, p.until, r.to, seen, t)
		a.s.seeded = a.s.seeded || r.look
		a.s.met, a.s.left, a.s.broken, a.s.again = kizashi.Never, false, "", time.Time{}
		if a.s.idle {
			a.s.met = r.to
			s.stirs(p, a.s, len(t.samples)+len(t.late) > n, r.to)
		}
		a.s.forget(keep)
		if cap(a.points) > keptPoints {
			a.points = nil
		}
	}
	if r.look {
		p.looked = r.to
	}
	s.cut(p, r.to, inOrder(t.late), inOrder(t.samples), t.revised)
	p.until = r.to
}

// stirs looks for points of a series that has ended, once it was read up to
// an instant. With them it is back; but after those of before it was listed as
// ended, which took the ending back, it is ended again.
func (s *Source) stirs(p *part, q *series, points bool, to kizashi.Time) {
	if points && q.last >= q.goneBy {
		q.idle, q.ended, q.print, q.met = false, "", 0, kizashi.Never
		return
	}
	if end := q.last.Add(q.period); points && q.last >= q.endedAt {
		q.endedAt, q.stirred = end, true
	}
	if q.stirred && to >= q.goneBy {
		q.stirred = false
		p.fresh = append(p.fresh, kizashi.Declaration{From: q.endedAt, Meta: q.meta, Ended: q.ended})
	}
}

func (s *Source) cut(p *part, to kizashi.Time, late, samples []kizashi.Sample, revised []kizashi.Revision) {
	if to == p.until && len(late) == 0 && len(revised) == 0 && len(p.fresh) == 0 && !p.quiet {
		return
	}
	for first := true; first || len(samples) > 0; first = false {
		n, until := len(samples), to
		if n > batchPoints {
			n, until = cutAt(samples)
		}
		b := kizashi.Batch{Until: until, Samples: samples[:n:n]}
		samples = samples[n:]
		if first {
			b.Declare, b.Revised = p.fresh, revised
			if len(late) > 0 {
				b.Samples = slices.Concat(late, b.Samples)
			}
			p.fresh, p.quiet = nil, false
		}
		if len(samples) == 0 {
			b.Until = to
		}
		s.push(&p.cursor, b)
	}
}

// cutAt ends a batch before the sample at which it would grow too large, but
// never between samples of the same time.
func cutAt(samples []kizashi.Sample) (n int, until kizashi.Time) {
	n = batchPoints
	for n > 0 && samples[n-1].At == samples[n].At {
		n--
	}
	if n == 0 {
		for n = batchPoints; n < len(samples) && samples[n].At == samples[0].At; {
			n++
		}
	}
	return n, samples[n-1].End()
}
