package logs

import (
	"context"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
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
	there := map[string]bool{}
	for _, f := range found {
		there[f.Name] = true
	}
	listed := len(found)
	found, open := s.tagged(found, blind)
	if open > 0 && s.waitsForTags(blind) {
		s.cfg.Log.Warn("log groups are chosen by tags, and those could not be read", "err", blind)
		s.nextList = retry(now)
		s.neverListed(now, blind)
		return nil
	}
	if open > 0 {
		s.nextList = now.Add(tellEvery)
	}
	if s.from != nil {
		s.resumeAsides(now)
	}
	s.tellTags(blind, now)
	ws := s.wanted(found)
	s.adopt(ws, there, now)
	if s.from != nil {
		s.arrived(ws, there, now)
	}
	s.count(listed)
	s.note(now)
	return nil
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
	s.from, s.past, s.earlier = nil, past{}, nil
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
	earlier := s.formerOnes()
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
