package logs

import (
	"cmp"
	"context"
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

// Census is what there is and what of it is read.
type Census struct {
	Listed, Read, Ended, Unread int
	Remembered                  int // ids of events
}

// Census of the last list. It may be asked by any goroutine.
func (s *Source) Census() Census {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.census
}

// list finds the groups anew. When that fails, those that are known are read
// on, and new ones have to wait.
func (s *Source) list(ctx context.Context, now time.Time) error {
	found, blind, err := List(ctx, s.region, s.cfg.Tags || ByTags(s.cfg.Rules))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		s.cfg.Log.Warn("log groups could not be listed", "err", err)
		s.nextList = retry(now)
		if s.from != nil {
			s.neverListed(now, err)
		} else {
			s.setAside(causeOf(err), DescribeLogGroups, err.Error(), now)
		}
		return nil
	}
	s.seenAgain(DescribeLogGroups)
	s.nextList = now.Add(listEvery)
	s.untagged(found, blind, now)
	there := map[string]bool{}
	for _, f := range found {
		there[f.Name] = true
	}
	ws := s.wanted(found)
	if s.from != nil {
		s.resumeAsides(now)
	}
	s.adopt(ws, there, now)
	if s.from != nil {
		s.arrived(ws, there, now)
	}
	s.count(len(found))
	s.note(now)
	return nil
}

// untagged gives groups the tags that they had if they cannot be read now. Who
// chooses by tags has to know that.
func (s *Source) untagged(found []Found, blind error, now time.Time) {
	if blind == nil {
		s.seenAgain(GetResources)
		return
	}
	was := map[string]map[string]string{}
	for _, g := range s.groups {
		was[g.Name] = g.Tags
	}
	for i := range found {
		found[i].Tags = was[found[i].Name]
	}
	if ByTags(s.cfg.Rules) {
		s.setAside(causeOf(blind), GetResources, blind.Error(), now)
	} else {
		s.cfg.Log.Warn("tags of log groups could not be read", "err", blind)
	}
}

// arrived ends the taking up of an earlier run.
func (s *Source) arrived(ws []wanted, there map[string]bool, now time.Time) {
	if s.cfg.Earlier != nil {
		s.vanish(ws, there)
	}
	if len(s.parts) == 0 && s.blind == nil && s.formerly() == kizashi.Never {
		// Nothing is there yet: others that start together with this source need to
		// know that it joins with nothing.
		at := kizashi.TimeOf(now).Floor(time.Minute)
		s.blindAt(at)
		s.push(s.blind, kizashi.Batch{Until: at})
	}
	if s.blind != nil {
		s.close(s.blind)
		delete(s.from, s.blind.Self)
		s.blind = nil
	}
	s.gone()
	s.pairUp()
	s.from, s.past = nil, past{}
	for _, p := range s.parts {
		if n, class := len(p.groups), p.Self.Class(); Pace(n, s.region.Rate(FilterLogEvents)) > p.every() {
			s.cfg.Log.Warn("more log groups than the session's share of FilterLogEvents can read in time", "partition", p.Self.String(), "log_groups", n, "class", class.String(), "calls_a_second", s.region.Rate(FilterLogEvents))
		}
	}
}

// vanish ends the groups of an earlier run that are there no more, or are left
// out now.
func (s *Source) vanish(ws []wanted, there map[string]bool) {
	listed := map[kizashi.SeriesID]bool{}
	for i := range ws {
		listed[ws[i].meta.Series] = true
	}
	earlier := s.cfg.Earlier()
	for _, k := range sorted(earlier) {
		for _, was := range earlier[k] {
			if k.Kind != kizashi.Logs || was.Ended != "" || listed[was.Meta.Series] {
				continue
			}
			d := kizashi.Declaration{Meta: was.Meta, Ended: kizashi.Terminated}
			if there[was.Meta.Identity.Get("log_group")] {
				d.Ended = kizashi.LeftOut
			}
			s.endEarlier(k, d)
		}
	}
}

func (s *Source) endEarlier(k kizashi.Partition, d kizashi.Declaration) {
	k.Backfill = ""
	for _, p := range s.parts {
		if p.Self == k && p.live {
			d.From = p.until
			p.fresh = append(p.fresh, d)
			s.flush(p)
			return
		}
	}
	if pos, ok := s.from[k]; ok {
		if c := position.Resume(k, pos); !c.Over() {
			d.From = c.Told
			s.push(&c, kizashi.Batch{Until: c.Told, Declare: []kizashi.Declaration{d}})
			s.from[k] = position.Of(c.Told, c.Seq)
		}
	}
}

func (s *Source) count(listed int) {
	c := Census{Listed: listed}
	for _, g := range s.groups {
		switch {
		case g.ended != "":
			c.Ended++
		case g.broken != "":
			c.Unread++
		default:
			c.Read++
		}
		c.Remembered += g.seen.n
	}
	s.mu.Lock()
	s.census = c
	s.mu.Unlock()
}

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

// aside is what cannot be seen for one cause while the rest can: groups that
// are refused, lists that are denied. It is a partition of its own, which says
// by its Status what a Status of the others would stop them for; it never
// joins.
type aside struct {
	cursor
	cause kizashi.Cause
	what  map[string]string // group or action, to the answer
	said  time.Time
	keep  time.Time // taken over from an earlier run: not over before it had its time to be met anew
}

func isAside(k kizashi.Partition) bool { return strings.HasPrefix(k.Source, asidePrefix+"/") }

func (s *Source) asideOf(c kizashi.Cause) *aside {
	for _, a := range s.asides {
		if a.cause == c {
			return a
		}
	}
	k := kizashi.Partition{Tenant: s.tenant, Account: s.account, Region: s.cfg.Region, Kind: kizashi.Logs, Source: strings.Join([]string{asidePrefix, string(c.Kind), c.Name}, "/")}
	a := &aside{cursor: cursor{Self: k, Told: kizashi.Never}, cause: c, what: map[string]string{}}
	s.asides = append(s.asides, a)
	slices.SortFunc(s.asides, func(a, b *aside) int { return cmp.Compare(a.Self.Source, b.Self.Source) })
	return a
}

// resumeAsides takes up those of an earlier run: an alert that it opened ends
// when what it is about can be read, not by a start.
func (s *Source) resumeAsides(now time.Time) {
	for _, k := range sorted(s.from) {
		if isAside(k) {
			kind, name, _ := strings.Cut(strings.TrimPrefix(k.Source, asidePrefix+"/"), "/")
			a := s.asideOf(kizashi.Cause{Kind: kizashi.CauseKind(kind), Name: name})
			a.cursor, a.keep = position.Resume(k, s.from[k]), now.Add(listEvery+tellEvery)
		}
	}
}

// setAside notes what cannot be read, since when.
func (s *Source) setAside(c kizashi.Cause, key, why string, since time.Time) *aside {
	a := s.asideOf(c)
	if a.Over() {
		a.Begin(kizashi.TimeOf(since).Floor(time.Minute))
	}
	for _, o := range s.asides {
		if _, ok := o.what[key]; ok && o != a {
			delete(o.what, key)
			o.said = time.Time{}
		}
	}
	if a.what[key] != why {
		a.said = time.Time{} // it is news
	}
	a.what[key] = why
	return a
}

// seenAgain says that what was set aside can be read again, or is there no
// more.
func (s *Source) seenAgain(key string) {
	for _, a := range s.asides {
		if _, ok := a.what[key]; ok {
			delete(a.what, key)
			a.said = time.Time{}
		}
	}
}

// tellAsides says what is set aside, at once when that changes and else now
// and then, and ends what is over.
func (s *Source) tellAsides(now time.Time) {
	minute := kizashi.TimeOf(now).Floor(time.Minute)
	for _, a := range s.asides {
		switch {
		case len(a.what) > 0 && now.Sub(a.said) >= tellEvery:
			s.tellAside(a, now)
		case len(a.what) == 0 && !a.Over() && !now.Before(a.keep):
			if minute > a.Told {
				s.push(&a.cursor, kizashi.Batch{Until: minute})
			}
			s.close(&a.cursor)
		}
	}
}

func (s *Source) tellAside(a *aside, now time.Time) {
	a.said = now
	s.tell(&a.cursor, kizashi.TimeOf(now).Floor(time.Minute), a.cause, a.reason(), fmt.Sprintf("log groups (%d)", len(a.what)))
}

// reasonsTold is how many of what is set aside are named.
const reasonsTold = 3

func (a *aside) reason() string {
	out := slices.Sorted(maps.Values(a.what))
	if n := len(out) - reasonsTold; n > 0 {
		out = append(out[:reasonsTold], fmt.Sprintf("and %d more", n))
	}
	return strings.Join(out, "; ")
}

func sorted[V any](m map[kizashi.Partition]V) []kizashi.Partition {
	return slices.SortedFunc(maps.Keys(m), func(a, b kizashi.Partition) int { return strings.Compare(a.String(), b.String()) })
}
