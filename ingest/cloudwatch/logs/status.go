package logs

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
)

const (
	listEvery = 10 * time.Minute // how often the groups are listed
	tellEvery = 5 * time.Minute  // how often what is set aside is told, and tried again
	// patience is how many reads in a row must fail before a back-fill is told to
	// be out: the ticks of its whole history then run without it.
	patience = 3
	// discovery names the partition that says that nothing could be listed yet.
	discovery   = "discovery"
	asidePrefix = "aside"
)

// fail tells that a partition is out. Each failed read moves Through on, so
// that the tenant's other partitions are not held up. What was read stays.
func (s *Source) fail(r *round, now time.Time, err error) {
	through := kizashi.TimeOf(now).Floor(time.Minute)
	if f := r.fill; f != nil {
		f.fails++
		f.next = now.Add(min(time.Minute<<min(f.fails-1, 4), 15*time.Minute))
		s.cfg.Log.Warn("back-fill of logs failed", "partition", f.Self.String(), "until", f.until.String(), "err", err)
		if f.initial() && f.fails >= patience && through > f.until {
			s.tell(&f.cursor, through, causeOf(err), err.Error(), resources(f.groups))
		}
		return
	}
	p := r.part
	p.fails++
	p.next = retry(now)
	if p.fails&(p.fails-1) == 0 { // the 1st, 2nd, 4th, 8th: an outage of a day would be thousands of lines
		s.cfg.Log.Warn("read of logs failed", "partition", p.Self.String(), "until", p.until.String(), "in_a_row", p.fails, "err", err)
	}
	s.flush(p)
	if through > p.until {
		s.tell(&p.cursor, through, causeOf(err), err.Error(), resources(p.groups))
	}
}

// lags tells of a partition whose groups cannot be read as fast as they have
// to: its tenant's other partitions go on without it.
func (s *Source) lags(r *round, now time.Time) {
	p := r.part
	if p == nil || p.round == nil || now.Sub(p.said) < time.Minute {
		return
	}
	if r.begun.IsZero() {
		r.begun = now // after a failure
	}
	if now.Sub(r.begun) <= p.every()+behind(p.Self.Class()) {
		return
	}
	p.said = now
	s.deliver(r)
	s.tell(&p.cursor, kizashi.TimeOf(now).Floor(time.Minute), kizashi.Cause{Kind: kizashi.NoRegion, Name: FilterLogEvents},
		fmt.Sprintf("tenant %s, account %s, region %s: the logs are read up to %s only: %d of %d log groups are still to be read up to %s, at %.1f calls a second",
			s.tenant, s.account, s.cfg.Region, p.until, len(r.turns), len(p.groups), r.to, s.region.Rate(FilterLogEvents)), resources(p.groups))
}

// behind is how far behind the clock a class of partitions may be.
func behind(c kizashi.Class) time.Duration {
	switch c {
	case kizashi.Prompt:
		return 5 * time.Minute
	case kizashi.Fast:
		return 15 * time.Minute
	}
	return 3 * time.Hour
}

func (s *Source) tell(c *cursor, through kizashi.Time, cause kizashi.Cause, reason, what string) {
	s.push(c, kizashi.Batch{Until: c.Told, Status: &kizashi.Status{From: c.Told, Through: max(through, c.Told), Cause: cause, Reason: reason, Resources: what}})
}

func resources(gs []*group) string { return fmt.Sprintf("log groups (%d)", len(gs)) }

// causeOf an error that no call can say of itself is the region's.
func causeOf(err error) kizashi.Cause {
	var f *access.Failure
	if errors.As(err, &f) {
		return f.Cause
	}
	return kizashi.Cause{Kind: kizashi.NoRegion}
}

// failure is an answer that was none.
func (s *Source) failure(text string) *access.Failure {
	a := s.cfg.Session.Account()
	return &access.Failure{Tenant: a.Tenant, Account: a.ID, Region: s.cfg.Region, Action: FilterLogEvents, Role: a.Role, Cause: kizashi.Cause{Kind: kizashi.NoRegion}, Text: text}
}

// refuse sets a group aside: its partition goes on without it, and what it has
// meanwhile is delivered as Late when it can be read again.
func (s *Source) refuse(r *round, t *turn, now time.Time) {
	g := t.g
	if g.broken != t.err.Error() {
		s.cfg.Log.Error("a log group cannot be read; it is tried again", "log_group", g.Name, "err", t.err)
	}
	if r.part != nil && (g.broken == "" || g.left == kizashi.Never) {
		g.left = r.part.until
		g.declare(g.left, kizashi.Unread)
	}
	g.broken, g.again = t.err.Error(), now.Add(tellEvery)
	s.setAside(causeOf(t.err), g.Name, t.err.Error(), now)
}

// neverListed tells that nothing can be read as nothing was listed: of each
// partition of an earlier run, else of one that stands for all that will be.
func (s *Source) neverListed(now time.Time, err error) {
	s.unlisted++
	through := kizashi.TimeOf(now).Floor(time.Minute)
	told := false
	for _, k := range sorted(s.from) {
		c := position.Resume(k, s.from[k])
		initial := strings.HasPrefix(k.Backfill, kizashi.BackfillInitial)
		if k.Source != "" || c.Over() || k.Backfill != "" && !(initial && s.unlisted >= patience) {
			continue
		}
		s.tell(&c, through, causeOf(err), err.Error(), "")
		s.from[k] = position.Of(c.Told, c.Seq)
		told = true
	}
	if told || s.formerly() != kizashi.Never {
		return
	}
	s.blindAt(through)
	s.tell(s.blind, through, causeOf(err), err.Error(), "")
}

// blindAt makes the partition that speaks before there are others.
func (s *Source) blindAt(at kizashi.Time) {
	if s.blind != nil {
		return
	}
	k := kizashi.Partition{Tenant: s.tenant, Account: s.account, Region: s.cfg.Region, Kind: kizashi.Logs, Source: discovery}
	s.blind = &cursor{Self: k, Told: kizashi.Never}
	if pos, ok := s.from[k]; ok {
		*s.blind = position.Resume(k, pos)
	}
	if s.blind.Over() {
		s.blind.Begin(at)
		s.push(s.blind, kizashi.Batch{Until: at, Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: k, At: at}}})
	}
}

func sorted[V any](m map[kizashi.Partition]V) []kizashi.Partition {
	return slices.SortedFunc(maps.Keys(m), func(a, b kizashi.Partition) int { return strings.Compare(a.String(), b.String()) })
}
