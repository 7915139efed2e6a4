package cloudwatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

const (
	readPoints  = 1_000_000      // of one read in memory
	readSpan    = 24 * time.Hour // of one read: longer windows cost fewer requests
	batchPoints = 20_000         // of one batch: it is one record of the journal
)

// step reads the next stretch of a partition and queues its batches.
func (s *Source) step(ctx context.Context, p *part, now time.Time) error {
	edge := p.edge(now)
	if p.cur.Backfill != "" && p.until >= edge {
		s.handOver(p)
		return nil
	}
	if p.until > edge {
		// The clock is behind what an earlier run saw.
		p.next = now.Add(min(p.until.Sub(edge), s.cfg.Poll))
		return nil
	}
	if s.forgotten(p, now) {
		return nil
	}
	to := min(edge, p.until.Add(p.window()))
	late, samples, err := s.fetch(ctx, p, to)
	if err != nil {
		return err
	}
	p.fails = 0
	s.deliver(p, to, late, samples)
	p.next = now
	if p.cur.Backfill == "" && to >= edge {
		p.next = now.Add(s.cfg.Poll)
	}
	return nil
}

// window is how much time one read covers.
func (p *part) window() time.Duration {
	fit := time.Duration(max(readPoints/max(len(p.series), 1), 1)) * p.main.Period
	return max(min(fit, readSpan).Truncate(p.main.Period), p.main.Period)
}

// overlap is how far behind Until a read goes.
func (s *Source) overlap(p *part) time.Duration {
	return max(s.cfg.Overlap, 3*p.main.Period).Truncate(p.main.Period)
}

// forgotten skips what CloudWatch no longer keeps at this period. The stretch
// is told as an outage, since nobody will ever know what was in it.
func (s *Source) forgotten(p *part, now time.Time) bool {
	oldest := kizashi.TimeOf(now).Add(-retention(p.main.Period)).Ceil(max(p.main.Period, time.Minute))
	if p.until >= oldest {
		return false
	}
	s.status(p, oldest, fmt.Sprintf("CloudWatch keeps points of %s for %s; those up to %s are lost", p.main.Period, retention(p.main.Period), oldest))
	p.until = oldest
	return true
}

// fetch reads [until-overlap, to) of all series, and more of those that were
// just met. Nothing is taken in unless all of it was read.
func (s *Source) fetch(ctx context.Context, p *part, to kizashi.Time) (late, samples []kizashi.Sample, err error) {
	from := p.until
	if p.cur.Backfill == "" || p.resumed {
		from = p.until.Add(-s.overlap(p)).Floor(p.main.Period)
	}
	// Those just met are read from further back, in calls of their own.
	var old, met []*series
	begin := from
	for _, q := range p.series {
		if q.met && q.since < from {
			met, begin = append(met, q), min(begin, q.since)
		} else {
			old = append(old, q)
		}
	}
	read, err := s.client.read(ctx, old, p.main.Period, from, to)
	if err != nil {
		return nil, nil, err
	}
	more, err := s.client.read(ctx, met, p.main.Period, begin, to)
	if err != nil {
		return nil, nil, err
	}
	read = append(read, more...)
	seen, keep := kizashi.TimeOf(s.cfg.Now()), to.Add(-s.overlap(p)).Floor(p.main.Period)
	for i, q := range append(old, met...) {
		for _, x := range q.take(read[i], p.until, seen, s.cfg.OnRevision) {
			if x.Late {
				late = append(late, x)
			} else {
				samples = append(samples, x)
			}
		}
		q.forget(keep)
	}
	return inOrder(late), inOrder(samples), nil
}

// inOrder sorts by time, then series.
func inOrder(xs []kizashi.Sample) []kizashi.Sample {
	slices.SortFunc(xs, func(a, b kizashi.Sample) int {
		switch {
		case a.At < b.At, a.At == b.At && a.Series < b.Series:
			return -1
		case a == b:
			return 0
		}
		return 1
	})
	return xs
}

// deliver cuts a read into batches. Late points go with the first.
func (s *Source) deliver(p *part, to kizashi.Time, late, samples []kizashi.Sample) {
	if to == p.until && len(late) == 0 && len(p.fresh) == 0 && !p.quiet {
		return
	}
	for first := true; first || len(samples) > 0; first = false {
		n, until := len(samples), to
		if n > batchPoints {
			n, until = cut(samples)
		}
		xs := samples[:n:n]
		if first {
			xs = append(late, xs...)
		}
		samples = samples[n:]
		if len(samples) == 0 {
			until = to
		}
		s.push(p, kizashi.Batch{Until: until, Samples: xs})
	}
	p.until = to
}

// cut ends a batch before the sample at which it would grow too large, but
// never between samples of the same time.
func cut(samples []kizashi.Sample) (n int, until kizashi.Time) {
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

// push completes a batch and queues it.
func (s *Source) push(p *part, b kizashi.Batch) {
	b.Partition, b.Pos = p.cur, p.advance(b.Until)
	b.Until = p.told
	b.Roster, s.roster = s.roster, nil
	for _, q := range p.fresh {
		b.Declare = append(b.Declare, kizashi.Declaration{From: q.since, Meta: q.meta})
	}
	p.fresh, p.quiet = nil, false
	s.queue = append(s.queue, b)
}

// handOver closes a back-fill that has caught up, and lets main go on from
// there: what it delivers comes after all that the back-fill did.
func (s *Source) handOver(p *part) {
	back, at := p.cur, p.until
	s.roster = append(s.roster,
		kizashi.RosterEntry{Op: kizashi.HandOver, Partition: back, At: at, To: p.main},
		kizashi.RosterEntry{Op: kizashi.Close, Partition: back, At: at},
		kizashi.RosterEntry{Op: kizashi.Join, Partition: p.main, At: at})
	p.seq, p.told = lastSeq, at
	s.queue = append(s.queue, kizashi.Batch{Partition: back, Pos: posOf(at, lastSeq), Until: at, Roster: s.roster})
	s.roster = nil
	p.cur, p.told, p.quiet, p.resumed = p.main, kizashi.Never, true, false
	p.fresh = nil
	for _, q := range p.known {
		q.since = at
		p.fresh = append(p.fresh, q)
	}
	slices.SortFunc(p.fresh, byID)
	s.push(p, kizashi.Batch{Until: at})
}

// backfillPatience is how many reads in a row must fail before a back-fill is
// told to be out: the ticks of its whole history then run without it.
const backfillPatience = 3

// fail tells that a partition is out. Each failed read moves Through on, so
// that the tenant's other partitions are not held up.
func (s *Source) fail(p *part, now time.Time, err error) {
	p.next = now.Add(s.cfg.Poll)
	through := kizashi.TimeOf(now).Floor(time.Minute)
	s.cfg.Log.Warn("read failed", "partition", p.cur.String(), "until", p.until.String(), "err", err)
	if p.fails++; p.cur.Backfill != "" && p.fails < backfillPatience {
		return
	}
	if through > p.until {
		s.status(p, through, err.Error())
	}
}

func (s *Source) status(p *part, through kizashi.Time, reason string) {
	s.push(p, kizashi.Batch{Until: p.until, Status: &kizashi.Status{From: p.until, Through: through, Reason: reason}})
}
