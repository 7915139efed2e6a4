package cloudwatch

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
)

const (
	// listEvery is how often the list of series is read again.
	listEvery = time.Hour
	// listLag is how long a new metric may be missing from ListMetrics.
	listLag = 15 * time.Minute
	// young is a series with too little history of its own to be worth a
	// back-fill: it starts with the baseline of another one.
	young = 48 * time.Hour
	// discovery names the partition that says that nothing could be listed yet.
	discovery = "discovery"
)

// list finds the series anew. When that fails, those that are known are read
// on, and new ones have to wait.
func (s *Source) list(ctx context.Context, now time.Time) error {
	before, was := s.there, s.last
	snap, err := s.scan(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		s.cfg.Log.Warn("series could not be listed", "err", err)
		s.nextList = floorTo(now, time.Minute).Add(time.Minute)
		if s.from != nil {
			s.neverListed(now, err)
		} else {
			s.setAside(causeOf(err), inventory.ListMetrics, unread{list: tells[inventory.ListMetrics], why: err.Error()}, now)
		}
		return nil
	}
	s.seen(inventory.ListMetrics, true)
	s.nextList = now.Add(listEvery)
	if s.cfg.Listed != nil {
		s.cfg.Listed(seenThen(s.last))
	}
	found := s.watch(snap)
	s.count(snap, found)
	if s.from != nil {
		s.arrange(found, snap, now)
	} else {
		s.adopt(found, before, snap, now)
	}
	s.lists(snap, was)
	s.demand()
	s.note()
	return nil
}

// lists sets aside the lists that could not be read. A permission is missing
// at once; what is broken otherwise may be whole before anybody has to know, so
// it counts when it was broken the last time too.
func (s *Source) lists(now, was *inventory.Snapshot) {
	for _, action := range now.Read {
		s.seen(action, true)
	}
	for _, b := range now.Blind {
		since := now.At
		if was != nil && slices.ContainsFunc(was.Blind, func(o inventory.Blind) bool { return o.Action == b.Action }) {
			since = was.At
		} else if b.Cause.Kind != kizashi.NoPermission {
			continue
		}
		s.setAside(b.Cause, b.Action, unread{list: tells[b.Action], why: b.Text}, since)
	}
}

// neverListed tells that nothing can be read as nothing was listed.
func (s *Source) neverListed(now time.Time, err error) {
	s.unlisted++
	s.mute(now, s.unlisted >= backfillPatience, func(c *cursor, through kizashi.Time) { s.status(c, through, err, nil) })
}

// mute has it told that nothing is read before the first list: of each
// partition of an earlier run, of its back-fills too if fills says so, else of
// one that stands for all that will be.
func (s *Source) mute(now time.Time, fills bool, tell func(*cursor, kizashi.Time)) {
	through := kizashi.TimeOf(now).Floor(time.Minute)
	told := false
	for _, k := range sorted(s.from) {
		_, seq := position.Until(s.from[k])
		gates := k.Backfill == "" || strings.HasPrefix(k.Backfill, kizashi.BackfillInitial) && fills
		if !gates || k.Source == discovery || isAside(k) || seq == position.Last {
			continue
		}
		c := position.Resume(k, s.from[k])
		tell(&c, through)
		s.from[k] = position.Of(c.Told, c.Seq)
		told = true
	}
	if told || s.resumed() {
		return
	}
	s.blindAt(through)
	tell(s.blind, through)
}

// blindAt makes the partition that speaks before there are others.
func (s *Source) blindAt(at kizashi.Time) {
	if s.blind == nil {
		k := kizashi.Partition{Tenant: s.tenant, Account: s.account, Region: s.cfg.Region, Kind: kizashi.Metrics, Source: discovery}
		s.blind = &cursor{Self: k, Told: kizashi.Never}
		if pos, ok := s.from[k]; ok {
			*s.blind = position.Resume(k, pos)
		}
		if s.blind.Told == kizashi.Never || s.blind.Seq == position.Last {
			s.push(s.blind, kizashi.Batch{Until: at, Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: k, At: at}}})
		}
	}
}

// arrange makes the partitions of the first list.
func (s *Source) arrange(fs []found, snap *inventory.Snapshot, now time.Time) {
	s.was = s.earlierOnes()
	s.resumeAsides(now)
	by := map[kizashi.Partition][]found{}
	for _, f := range fs {
		by[f.part] = append(by[f.part], f)
	}
	resumed := s.resumed()
	for _, k := range sorted(by) {
		var old, late []found
		for _, f := range by[k] {
			switch {
			case f.ended == kizashi.Terminated && (!resumed || s.unknown(f.series.id)):
				// Its resource was gone before anybody looked.
			case resumed && s.unknown(f.series.id):
				late = append(late, f)
			default:
				old = append(old, f)
			}
		}
		if len(old)+len(late) == 0 {
			continue
		}
		members := make([]*series, len(old))
		for i, f := range old {
			members[i] = f.series
			members[i].seeded = !resumed
		}
		p := s.begin(by[k][0], members, now)
		for _, f := range old {
			s.know(f, p)
			s.refill(p, f.series)
		}
		s.introduce(p, old, now)
		s.resumeFills(p, now)
		s.meet(p, late, nil, now)
	}
	if resumed {
		s.vanish(fs, snap, now)
	}
	if len(s.parts) == 0 && !resumed && s.blind == nil {
		// Nothing is there yet: others that start together with this source
		// need to know that it joins with nothing.
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
	s.from, s.was = nil, nil
}

// know keeps a series.
func (s *Source) know(f found, p *part) {
	f.series.meta = f.meta
	f.series.since = p.until
	s.series[f.series.id], s.home[f.series.id] = f.series, p
}

// lenders are the series that can lend a baseline, by metric.
func (s *Source) lenders() map[string][]inventory.Known {
	out := map[string][]inventory.Known{}
	for _, q := range s.series {
		if k := kind(&q.meta); q.ended == "" {
			out[k] = append(out[k], inventory.Known{Meta: &q.meta, Since: q.since})
		}
	}
	return out
}

func kind(m *kizashi.Meta) string {
	return m.Labels.Get("namespace") + " " + m.Labels.Get("metric") + " " + m.Statistic
}

// introduce declares the series with which a partition begins: by its main,
// and by the back-fill that comes before.
func (s *Source) introduce(p *part, fs []found, now time.Time) {
	for _, f := range fs {
		d := kizashi.Declaration{From: s.turns(&f, p, now), Meta: f.meta}
		if fill := s.fillOf(p, f.series.id); fill != nil {
			d.From = fill.until
			fill.fresh = append(fill.fresh, d)
		}
		d.Ended = f.ended
		f.series.end(&f, d.From, p.until)
		f.series.print = fingerprint(&d)
		p.fresh = append(p.fresh, d)
	}
}

// end says that the series' resource is gone since at, or is there again; up
// to until it was read.
func (s *series) end(f *found, at, until kizashi.Time) {
	e := f.ended
	switch {
	case e != "" && s.ended == "":
		s.endedAt, s.goneBy = at, f.listed
		if s.met == kizashi.Never {
			s.met = until
		}
	case e == "" && s.ended != "" && s.met != kizashi.Never:
		// The last list said that it had ended: it is back since then at most.
		s.met = max(s.met, until.Add(-listEvery-listLag))
	}
	s.ended, s.idle, s.missed = e, e != "", 0
}

// fillOf is the initial back-fill that has a series, nil if there is none.
func (s *Source) fillOf(p *part, id kizashi.SeriesID) *fill {
	for _, f := range s.fills {
		if f.part != p || !f.initial() {
			continue
		}
		if _, ok := slices.BinarySearchFunc(f.members, &series{id: id}, byID); ok {
			return f
		}
	}
	return nil
}

// demand tells the budget what polls ask for if nothing gives way.
func (s *Source) demand() {
	if s.cfg.Budget == nil {
		return
	}
	perPoll, base := map[cost.Class]int64{}, map[cost.Class]time.Duration{}
	for _, p := range s.parts {
		c := cost.Class(p.class)
		if base[c] == 0 || p.every < base[c] {
			base[c] = p.every
		}
	}
	for _, p := range s.parts {
		c := cost.Class(p.class)
		n := int64(0)
		for _, q := range p.series {
			if !q.idle {
				n += int64(q.metrics())
			}
		}
		perPoll[c] += (n*int64(base[c]) + int64(p.every) - 1) / int64(p.every)
	}
	s.cfg.Budget.Demand(s.cfg.Region, perPoll, base)
}
