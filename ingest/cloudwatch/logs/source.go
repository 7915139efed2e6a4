// Package logs reads the log groups of one account in one region with
// FilterLogEvents: every event becomes a line, once.
//
// Groups with one hold-back are a partition. Its Until is the clock less the
// hold-back, in whole minutes, and reaches it when all its groups were read up
// to there: a group that was read and had no line is a zero. Events that are
// ingested within the hold-back count in their own minute. Every five minutes
// the overlap behind Until is read again: what was ingested later than that is
// delivered as Late, counted and slipped into no minute. Which events were
// delivered is known by their ids, exactly, and after a restart from the
// journal.
//
// Of one series the lines that are not Late come in the order of their times;
// those of different groups may run ahead of each other and of Until.
//
// Calls are few: five a second for the whole account and region, of which a
// session takes its share. So groups take turns page by page, and none with
// many pages delays the others more than by its turn.
//
// StartLiveTail is not used: it samples what exceeds 500 events a second, ends
// after three hours and drops what a slow client does not take, so that nothing
// read by it adds up. History is read with FilterLogEvents too, never sampled,
// up to a budget; for more of it an export to S3 read as files costs less.
package logs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/schemas"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
)

type cursor = position.Cursor

// Source is an ingest.Source over the log groups of an account and region.
type Source struct {
	cfg             Config
	region          *access.Region
	client          *cloudwatchlogs.Client
	tenant, account string

	from      map[kizashi.Partition]uint64             // positions of an earlier run, until the groups are listed
	known     map[uint32]bool                          // prefixes of the groups that earlier runs have taken in
	twins     twins                                    // of partitions
	past      past                                     // what the journal says of lines
	earlier   map[kizashi.Partition][]kizashi.Standing // what Earlier said, until the groups are listed
	groups    map[kizashi.SeriesID]*group              // that were read in this run, ended ones too
	parts     []*part                                  // by partition
	fills     []*fill                                  // that are not over
	blind     *cursor                                  // speaks while nothing could be listed yet
	asides    []*aside                                 // by cause
	queue     []kizashi.Batch
	nextList  time.Time
	turns     uint64    // pages so far
	spent     int64     // bytes of history that were read
	saidSpent time.Time // when it was said last that the budget is spent
	unlisted  int       // lists that failed before the first one
	opened    bool

	text, masked []byte    // scratch of event
	named        [2]string // a log stream, as it is and masked

	mu       sync.Mutex // of what follows
	mine     map[kizashi.Partition]bool
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
		groups: map[kizashi.SeriesID]*group{}, mine: map[kizashi.Partition]bool{}}
	s.twins.by, s.twins.from = map[kizashi.Partition]*cursor{}, map[kizashi.Partition]uint64{}
	s.twins.on = slices.ContainsFunc(cfg.Rules, func(r Rule) bool { return len(r.Metrics) > 0 })
	s.client = Client(s.region)
	return s, nil
}

// Client of CloudWatch Logs in a region. Its requests must go through
// Region.Do. The service speaks JSON, to emulators as well.
func Client(r *access.Region) *cloudwatchlogs.Client {
	return cloudwatchlogs.NewFromConfig(r.Config(), func(o *cloudwatchlogs.Options) { o.Protocol = awsjson.New11(schemas.Logs_20140328) })
}

// Open starts from the positions of an earlier run.
func (s *Source) Open(from map[kizashi.Partition]uint64) error {
	if s.opened {
		return errors.New("logs: opened twice")
	}
	s.opened = true
	s.from = map[kizashi.Partition]uint64{}
	for k, pos := range from {
		switch {
		case k.Tenant != s.tenant || k.Account != s.account || k.Region != s.cfg.Region:
			continue
		case k.Kind == kizashi.Logs:
			s.from[k] = pos
		case k.Kind == kizashi.Metrics && k.Source == position.FromLogs:
			s.twins.from[k] = pos
		default:
			continue
		}
		s.mine[k] = true
	}
	s.nextList = s.cfg.Now()
	return s.recall()
}

// Next returns the next batch. It sleeps until the next read is due.
func (s *Source) Next(ctx context.Context) (kizashi.Batch, error) {
	if !s.opened {
		return kizashi.Batch{}, errors.New("logs: Next before Open")
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
	if s.tellAsides(now); len(s.queue) > 0 {
		return nil
	}
	if !now.Before(s.nextList) {
		return s.list(ctx, now)
	}
	if r := s.pick(now); r != nil {
		return s.page(ctx, r, now)
	}
	if s.handOvers(now) || len(s.queue) > 0 {
		return nil
	}
	return s.cfg.Sleep(ctx, max(s.wake(now).Sub(now), time.Millisecond))
}

// wake is when there is something to do again.
func (s *Source) wake(now time.Time) time.Time {
	next := s.nextList
	for _, p := range s.parts {
		if p.live && p.next.Before(next) {
			next = p.next
		}
	}
	for _, f := range s.fills {
		if f.until < f.end(now) && f.next.Before(next) {
			next = f.next
		}
	}
	return next
}

// push completes a batch and queues it.
func (s *Source) push(c *cursor, b kizashi.Batch) {
	b.Pos = c.Advance(b.Until)
	s.send(c, b)
}

// end queues the last batch of a partition.
func (s *Source) end(c *cursor, b kizashi.Batch) {
	b.Pos = c.End(b.Until)
	s.send(c, b)
}

func (s *Source) send(c *cursor, b kizashi.Batch) {
	b.Partition, b.Until = c.Self, c.Told
	s.mu.Lock()
	s.mine[c.Self] = true
	s.mu.Unlock()
	s.queue = append(s.queue, b)
	if c.Self.Kind == kizashi.Logs {
		s.mirror(c.Self, &b)
	}
}

// Ack needs nothing done: where to go on is in the Pos, which lines were
// delivered in the journal, and CloudWatch keeps the events. It may be called
// by any goroutine.
func (s *Source) Ack(p kizashi.Partition, _ uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.mine[p] {
		return fmt.Errorf("logs: ack of %s, which is not a partition of this source", p)
	}
	return nil
}

// Close has nothing to release: the session's connections are its owner's.
func (s *Source) Close() error { return nil }
