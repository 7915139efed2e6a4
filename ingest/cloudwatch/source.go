// Package cloudwatch reads CloudWatch metrics of one account in one region:
// what exists is listed, the catalogue and the configuration say what of it is
// watched, points are read by GetMetricData, and every point that has settled
// becomes a sample, once.
//
// Series that share period, settling delay and poll interval are a partition.
// It is first back-filled, in buckets, oldest to newest, up to the settled
// edge; then the back-fill closes and the main partition takes over at that
// instant. Coarser history follows in the background. A read that fails, or is
// not whole, advances nothing: it becomes a Status, and the same stretch is
// read again.
//
// All calls go through package access, which keeps to the quotas.
package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
)

// Source is an ingest.Source over one account and region.
type Source struct {
	cfg             Config
	region          *access.Region
	tenant, account string
	specs           []spec
	always          []found // what the configuration names one by one

	from     map[kizashi.Partition]uint64 // positions of an earlier run, until the series are listed
	parts    []*part                      // by partition
	fills    []*fill                      // that are not over
	series   map[kizashi.SeriesID]*series
	home     map[kizashi.SeriesID]*part
	there    map[uint64]bool              // keys of all metrics of the last list
	last     *inventory.Snapshot          // resources of the last list, of an earlier run at first
	was      map[kizashi.SeriesID]earlier // series of an earlier run, until the first list is taken in; nil = nobody says
	absent   []earlier                    // those that the first list did not have: the second one decides
	blind    *cursor                      // speaks while nothing could be listed yet
	asides   []*aside                     // by cause
	queue    []kizashi.Batch
	roster   []kizashi.RosterEntry // goes out with the next batch
	nextList time.Time
	unlisted int // lists that failed before the first one
	opened   bool

	order   []*ask // scratch of read
	queries []types.MetricDataQuery
	asks    []ask // scratch of poll
	took    taken

	mu       sync.Mutex // of what follows
	mine     map[kizashi.Partition]bool
	out      kizashi.Partition // of the page that waits for its Ack
	outPos   uint64            // 0 = none does
	acked    chan struct{}     // a page was acknowledged
	progress []Progress
	census   Census
}

// New makes a source. Nothing is called yet.
func New(_ context.Context, cfg Config) (*Source, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	a := cfg.Session.Account()
	s := &Source{cfg: cfg, region: cfg.Session.Region(cfg.Region), tenant: a.Tenant, account: a.ID,
		series: map[kizashi.SeriesID]*series{}, home: map[kizashi.SeriesID]*part{},
		mine: map[kizashi.Partition]bool{}, acked: make(chan struct{}, 1)}
	if l := cfg.Last; l != nil {
		if l.Account != a.ID || l.Region != cfg.Region {
			return nil, fmt.Errorf("cloudwatch: last is of account %s, region %s, and the source of account %s, region %s", l.Account, l.Region, a.ID, cfg.Region)
		}
		s.last = l
	}
	if s.specs, err = s.cfg.specs(); err != nil {
		return nil, err
	}
	if s.always, err = s.declared(); err != nil {
		return nil, err
	}
	return s, nil
}

// Open starts from the positions of an earlier run.
func (s *Source) Open(from map[kizashi.Partition]uint64) error {
	if s.opened {
		return errors.New("cloudwatch: opened twice")
	}
	s.opened = true
	s.from = map[kizashi.Partition]uint64{}
	for k, pos := range from {
		if k.Tenant == s.tenant && k.Account == s.account && k.Region == s.cfg.Region && k.Kind == kizashi.Metrics && k.Source != position.FromLogs {
			s.from[k] = pos
			s.mine[k] = true
		}
	}
	s.nextList = s.cfg.Now()
	return nil
}

// Next returns the next batch. It sleeps until the next read is due, and waits
// for the Ack of a back-fill's page before the next one is read.
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
			s.queue[0] = kizashi.Batch{}
			s.queue = s.queue[1:]
			return b, nil
		}
		if err := s.work(ctx); err != nil {
			return kizashi.Batch{}, err
		}
	}
}

// work does what is due, else waits. Only the end of ctx is an error.
func (s *Source) work(ctx context.Context) error {
	now := s.cfg.Now()
	s.tellAsides(now)
	if len(s.queue) > 0 {
		return nil
	}
	if !now.Before(s.nextList) {
		if s.dry(now) {
			return nil
		}
		return s.list(ctx, now)
	}
	if due := s.due(now); len(due) > 0 {
		return s.poll(ctx, due, now)
	}
	if s.handOvers(now) {
		return nil
	}
	waits := s.waiting()
	if f := s.nextFill(); f != nil && !waits && !f.next.After(now) {
		return s.page(ctx, f, now)
	}
	return s.pause(ctx, now, waits)
}

// pause waits for what comes next.
func (s *Source) pause(ctx context.Context, now time.Time, waits bool) error {
	next, polled := s.nextList, false
	for _, p := range s.parts {
		if p.live && p.next.Before(next) {
			next = p.next
		}
		polled = polled || p.live
	}
	if waits && !polled {
		// Nothing else is to be done before the page is durable.
		select {
		case <-s.acked:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if f := s.nextFill(); f != nil && !waits && f.next.Before(next) {
		next = f.next
	}
	if !waits {
		return s.cfg.Sleep(ctx, next.Sub(now))
	}
	nap, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-s.acked:
			stop()
		case <-nap.Done():
		}
	}()
	err := s.cfg.Sleep(nap, next.Sub(now))
	stop()
	<-done
	if ctx.Err() == nil {
		return nil // woken
	}
	return errors.Join(ctx.Err(), err)
}

// waiting says whether a page waits for its Ack.
func (s *Source) waiting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.outPos != 0
}

// push completes a batch and queues it.
func (s *Source) push(c *cursor, b kizashi.Batch) {
	b.Partition, b.Pos = c.Self, c.Advance(b.Until)
	s.send(c, b)
}

// end queues the last batch of a partition.
func (s *Source) end(c *cursor, b kizashi.Batch) {
	b.Partition, b.Pos = c.Self, c.End(b.Until)
	s.send(c, b)
}

func (s *Source) send(c *cursor, b kizashi.Batch) {
	b.Until = c.Told
	if len(s.roster) > 0 {
		b.Roster = append(s.roster, b.Roster...)
		s.roster = nil
	}
	s.mu.Lock()
	s.mine[c.Self] = true
	s.mu.Unlock()
	s.queue = append(s.queue, b)
}

// Ack lets the next page of a back-fill be read. Nothing else waits for it:
// where to go on is in the Pos, and CloudWatch keeps the points. It may be
// called by any goroutine.
func (s *Source) Ack(p kizashi.Partition, pos uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.mine[p] {
		return fmt.Errorf("cloudwatch: ack of %s, which is not a partition of this source", p)
	}
	if s.outPos != 0 && p == s.out && pos >= s.outPos {
		s.outPos = 0
		select {
		case s.acked <- struct{}{}:
		default:
		}
	}
	return nil
}

// Close has nothing to release: the session's connections are its owner's.
func (s *Source) Close() error { return nil }
