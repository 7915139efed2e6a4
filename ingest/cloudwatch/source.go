// Package cloudwatch reads CloudWatch metrics of one account in one region:
// series are found by ListMetrics, points read by GetMetricData, and every
// point that has settled becomes a sample, once.
//
// A partition is first back-filled, oldest to newest, up to the settled edge;
// then the back-fill closes and the main partition takes over at that
// instant. A read that fails, or is not whole, advances nothing: it becomes a
// Status, and the same stretch is read again.
//
// It needs the permissions cloudwatch:ListMetrics and
// cloudwatch:GetMetricData, and no other.
package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Source is an ingest.Source over one account and region.
type Source struct {
	cfg      Config
	client   *client
	parts    []*part
	queue    []kizashi.Batch
	roster   []kizashi.RosterEntry // goes out with the next batch
	nextList time.Time
	listErr  error // of the last list
	opened   bool
}

// part is one main partition and the back-fill before it.
type part struct {
	main   kizashi.Partition
	cur    kizashi.Partition // who delivers: the back-fill, then main
	until  kizashi.Time      // everything that ends by then was read
	told   kizashi.Time      // Until of the last batch
	seq    uint64            // batches since told last grew
	next   time.Time         // when to read again
	known  map[kizashi.SeriesID]*series
	series []*series // those that are listed, by id
	fresh  []*series // to be declared
	listed bool      // the list of series was read at least once
	fails  int       // reads that failed in a row
	quiet  bool      // nothing has been delivered by cur in this run yet

	resumed bool // it went on from an earlier run
}

// New makes a source. Credentials come from the SDK's default chain; nothing
// is called yet.
func New(ctx context.Context, cfg Config) (*Source, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	s := &Source{cfg: cfg}
	s.client, err = newClient(ctx, &s.cfg)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Source) partition(n Namespace) kizashi.Partition {
	return kizashi.Partition{Tenant: s.cfg.Tenant, Account: s.cfg.Account, Region: s.cfg.Region, Kind: kizashi.Metrics, Period: n.Period, Settle: *n.Settle}
}

// Open starts from the positions of an earlier run. Partitions of this
// account and region that the configuration has no more are closed.
func (s *Source) Open(from map[kizashi.Partition]uint64) error {
	if s.opened {
		return errors.New("cloudwatch: opened twice")
	}
	s.opened = true
	now := s.cfg.Now()
	mine := map[kizashi.Partition]bool{}
	for _, n := range s.cfg.Namespaces {
		main := s.partition(n)
		if mine[main] {
			continue
		}
		mine[main], mine[backfillOf(main)] = true, true
		s.parts = append(s.parts, s.begin(main, from, now))
	}
	slices.SortFunc(s.parts, func(a, b *part) int { return strings.Compare(a.main.String(), b.main.String()) })
	s.roster = s.gone(from, mine)
	// All join before the first sample, so before their tenant's first tick.
	for _, p := range s.parts {
		if !p.resumed {
			s.roster = append(s.roster, kizashi.RosterEntry{Op: kizashi.Join, Partition: p.cur, At: p.until})
			s.push(p, kizashi.Batch{Until: p.until})
		}
	}
	return nil
}

// gone closes the partitions of this account and region that are not mine.
func (s *Source) gone(from map[kizashi.Partition]uint64, mine map[kizashi.Partition]bool) []kizashi.RosterEntry {
	var gone []kizashi.RosterEntry
	for k, pos := range from {
		until, seq := untilOf(pos)
		ours := k.Tenant == s.cfg.Tenant && k.Account == s.cfg.Account && k.Region == s.cfg.Region && k.Kind == kizashi.Metrics && k.Source == ""
		if ours && !mine[k] && seq != lastSeq {
			gone = append(gone, kizashi.RosterEntry{Op: kizashi.Close, Partition: k, At: until})
		}
	}
	slices.SortFunc(gone, func(a, b kizashi.RosterEntry) int { return strings.Compare(a.Partition.String(), b.Partition.String()) })
	return gone
}

func backfillOf(main kizashi.Partition) kizashi.Partition {
	main.Backfill = "initial"
	return main
}

// begin finds out from the positions where a partition stands.
func (s *Source) begin(main kizashi.Partition, from map[kizashi.Partition]uint64, now time.Time) *part {
	p := &part{main: main, cur: main, known: map[kizashi.SeriesID]*series{}, quiet: true, told: kizashi.Never, next: now}
	if pos, ok := from[main]; ok {
		p.resumed = true
		p.until, p.seq = untilOf(pos)
		p.told = p.until
		return p
	}
	if pos, ok := from[backfillOf(main)]; ok {
		p.resumed = true
		p.until, p.seq = untilOf(pos)
		if p.seq != lastSeq {
			p.cur, p.told = backfillOf(main), p.until
		}
		return p
	}
	p.until = p.edge(now)
	if s.cfg.Backfill > 0 {
		// A fifteenth less than what is kept: it still has to be there when it
		// is its turn to be read.
		kept := retention(main.Period) / 15 * 14
		p.cur = backfillOf(main)
		p.until = p.until.Add(-min(s.cfg.Backfill, kept)).Ceil(main.Period)
	}
	return p
}

// Next returns the next batch. It sleeps until the next read is due.
func (s *Source) Next(ctx context.Context) (kizashi.Batch, error) {
	if !s.opened {
		return kizashi.Batch{}, errors.New("cloudwatch: Next before Open")
	}
	for {
		if err := ctx.Err(); err != nil {
			return kizashi.Batch{}, err
		}
		if len(s.queue) > 0 {
			b := s.queue[0]
			s.queue = s.queue[1:]
			return b, nil
		}
		now, p := s.cfg.Now(), s.due()
		if wait := p.next.Sub(now); wait > 0 {
			if err := s.cfg.Sleep(ctx, wait); err != nil {
				return kizashi.Batch{}, err
			}
			continue
		}
		if err := s.turn(ctx, p, now); err != nil {
			return kizashi.Batch{}, err
		}
	}
}

// due returns the partition to read next: of those whose time has come the
// one furthest behind, so that none holds up its tenant's groups.
func (s *Source) due() *part {
	now, best := s.cfg.Now(), s.parts[0]
	for _, p := range s.parts[1:] {
		pd, bd := !p.next.After(now), !best.next.After(now)
		switch {
		case pd && bd && p.until < best.until, pd && !bd, !pd && !bd && p.next.Before(best.next):
			best = p
		}
	}
	return best
}

// turn does one step of a partition. Only the end of ctx is an error.
func (s *Source) turn(ctx context.Context, p *part, now time.Time) error {
	if !now.Before(s.nextList) {
		s.listErr = s.list(ctx, now)
	}
	err := s.listErr
	if p.listed {
		err = s.step(ctx, p, now)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		s.fail(p, now, err)
	}
	return nil
}

// list finds the series anew. When that fails, those that are known are read
// on, and new ones have to wait.
func (s *Source) list(ctx context.Context, now time.Time) error {
	found, err := s.discover(ctx)
	if err != nil {
		s.cfg.Log.Warn("series could not be listed", "account", s.cfg.Account, "region", s.cfg.Region, "err", err)
		s.nextList = now.Add(s.cfg.Poll)
		return err
	}
	s.nextList = now.Add(listEvery)
	for _, q := range s.parts {
		q.adopt(found)
		q.listed = true
	}
	return nil
}

// Ack needs no work: where to go on is in the Pos, and CloudWatch keeps the
// points.
func (s *Source) Ack(p kizashi.Partition, pos uint64) error {
	for _, q := range s.parts {
		if p == q.main || p == backfillOf(q.main) {
			return nil
		}
	}
	return fmt.Errorf("cloudwatch: ack of %s, which is not a partition of this source", p)
}

// Close releases idle connections.
func (s *Source) Close() error {
	s.client.http.CloseIdleConnections()
	return nil
}
