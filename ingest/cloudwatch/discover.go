package cloudwatch

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
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
	found := s.watch(snap)
	s.count(snap, found)
	if s.from != nil {
		s.arrange(found, now)
	} else {
		s.adopt(found, before, now)
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
		s.seen(b.Action, false) // for another cause
		s.setAside(b.Cause, b.Action, unread{list: tells[b.Action], why: b.Text}, since)
	}
}

// neverListed tells that nothing can be read as nothing was listed: for each
// partition of an earlier run, else for one that stands for all that will be.
func (s *Source) neverListed(now time.Time, err error) {
	through := kizashi.TimeOf(now).Floor(time.Minute)
	told := false
	s.unlisted++
	for _, k := range sorted(s.from) {
		_, seq := untilOf(s.from[k])
		gates := k.Backfill == "" || strings.HasPrefix(k.Backfill, kizashi.BackfillInitial) && s.unlisted >= backfillPatience
		if !gates || k.Source == discovery || isAside(k) || seq == lastSeq {
			continue
		}
		c := resume(k, s.from[k])
		s.status(&c, through, err, nil)
		s.from[k] = posOf(c.told, c.seq)
		told = true
	}
	if told || s.resumed() {
		return
	}
	s.blindAt(through)
	s.status(s.blind, through, err, nil)
}

// blindAt makes the partition that speaks before there are others.
func (s *Source) blindAt(at kizashi.Time) {
	if s.blind == nil {
		k := kizashi.Partition{Tenant: s.tenant, Account: s.account, Region: s.cfg.Region, Kind: kizashi.Metrics, Source: discovery}
		s.blind = &cursor{self: k, told: kizashi.Never}
		if pos, ok := s.from[k]; ok {
			*s.blind = resume(k, pos)
		}
		if s.blind.told == kizashi.Never || s.blind.seq == lastSeq {
			s.push(s.blind, kizashi.Batch{Until: at, Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: k, At: at}}})
		}
	}
}

// arrange makes the partitions of the first list.
func (s *Source) arrange(fs []found, now time.Time) {
	by := map[kizashi.Partition][]found{}
	for _, f := range fs {
		by[f.part] = append(by[f.part], f)
	}
	resumed := s.resumed()
	for _, k := range sorted(by) {
		var old, late []found
		for _, f := range by[k] {
			switch {
			case f.ended == kizashi.Terminated && (!resumed || s.cfg.Known != nil && !s.cfg.Known(f.series.id)):
				// Its resource was gone before anybody looked.
			case resumed && s.cfg.Known != nil && !s.cfg.Known(f.series.id):
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
		}
		s.introduce(p, old)
		s.resumeFills(p, now)
		s.meet(p, late, nil, now)
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
		delete(s.from, s.blind.self)
		s.blind = nil
	}
	s.resumeAsides(now)
	s.gone()
	s.from = nil
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
func (s *Source) introduce(p *part, fs []found) {
	for _, f := range fs {
		d := kizashi.Declaration{From: p.until, Meta: f.meta}
		if fill := s.fillOf(p, f.series.id); fill != nil {
			d.From = fill.until
			fill.fresh = append(fill.fresh, d)
		}
		d.Ended = f.ended
		f.series.end(f.ended, p.until)
		f.series.print = fingerprint(&d)
		p.fresh = append(p.fresh, d)
	}
}

// end says that the series' resource is gone, or is there again.
func (s *series) end(e kizashi.Ending, until kizashi.Time) {
	switch {
	case e != "" && s.ended == "":
		s.endedAt = until
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

// adopt makes the series listed those that are read.
func (s *Source) adopt(fs []found, before map[uint64]bool, now time.Time) {
	listed := make(map[kizashi.SeriesID]bool, len(fs))
	by := map[kizashi.Partition][]found{}
	for _, f := range fs {
		listed[f.series.id] = true
		q := s.series[f.series.id]
		switch {
		case q == nil && f.ended == kizashi.Terminated:
			// It came and went between two lists, or before anybody looked.
		case q == nil:
			by[f.part] = append(by[f.part], f)
		case s.home[q.id].self != f.part:
			s.move(q, f, now)
		default:
			s.renew(q, f)
		}
	}
	s.disappear(listed)
	for _, k := range sorted(by) {
		s.meet(s.partOf(by[k][0], now), by[k], before, now)
	}
	for _, p := range slices.Clone(s.parts) {
		s.tidy(p)
	}
}

// partOf is the partition of a series; if there is none yet it begins now.
func (s *Source) partOf(f found, now time.Time) *part {
	for _, p := range s.parts {
		if p.self == f.part {
			return p
		}
	}
	p := s.newPart(f.part, f.class, now)
	p.until = p.edge(now)
	s.join(p)
	return p
}

// renew declares a series again if something about it has changed.
func (s *Source) renew(q *series, f found) {
	p := s.home[q.id]
	q.queries, q.broken = f.series.queries, ""
	d := kizashi.Declaration{From: p.until, Meta: f.meta, Ended: f.ended}
	if print := fingerprint(&d); print != q.print {
		q.print = print
		p.fresh = append(p.fresh, d)
		s.cfg.Log.Info("series declared again", "series", f.meta.Name(), "ended", string(f.ended))
	}
	q.end(f.ended, p.until)
	q.meta = f.meta
}

// move takes a series to another partition: its class or its settling delay
// has changed. What lies between the two is read once more.
func (s *Source) move(q *series, f found, now time.Time) {
	old, p := s.home[q.id], s.partOf(f, now)
	old.series = without(old.series, q)
	q.met = min(old.until, p.until)
	q.queries, q.broken, q.meta = f.series.queries, "", f.meta
	p.series = with(p.series, q)
	s.home[q.id] = p
	d := kizashi.Declaration{From: q.met, Meta: f.meta, Ended: f.ended}
	q.print = fingerprint(&d)
	p.fresh = append(p.fresh, d)
}

// disappear ends the series that are listed no more: they have been silent for
// two weeks. One list alone may be short.
func (s *Source) disappear(listed map[kizashi.SeriesID]bool) {
	for _, id := range sortedIDs(s.series) {
		q := s.series[id]
		if listed[id] {
			continue
		}
		if q.broken != "" && q.denied {
			q.broken = "" // it is listed no more because it may not be seen
			continue
		}
		if q.missed++; q.missed < 2 {
			continue
		}
		s.seen(q.id.String(), false)
		p := s.home[id]
		if q.ended == "" {
			p.fresh = append(p.fresh, kizashi.Declaration{From: p.until, Meta: q.meta, Ended: kizashi.Disappeared})
		}
		p.series = without(p.series, q)
		delete(s.series, id)
		delete(s.home, id)
	}
}

// meet takes in series that were not there before. Those with little history
// start with the baseline of a sibling and are read from their beginning, the
// others are back-filled.
func (s *Source) meet(p *part, fs []found, before map[uint64]bool, now time.Time) {
	var seek []*series
	var ds []kizashi.Declaration
	if len(fs) == 0 {
		return
	}
	lenders := s.lenders()
	for _, f := range fs {
		q := f.series
		q.seeded = true
		d := kizashi.Declaration{From: p.until, Meta: f.meta, Ended: f.ended}
		since := s.since(p, f, before, now)
		fill := s.bucketOf(p, q)
		switch {
		case !p.live && fill != nil:
			fill.members = with(fill.members, q)
			d.From = fill.until
			fill.fresh = append(fill.fresh, d)
		case since != kizashi.Never || s.cfg.Backfill < 0:
			q.met = min(max(since, p.until.Add(-young)), p.until)
			d.From = q.met
			if id, ok := inventory.Donor(&f.meta, lenders[kind(&f.meta)]); ok {
				d.Like = id
			}
		default:
			q.floor = p.until
			seek, ds = append(seek, q), append(ds, d)
		}
		s.know(f, p)
		q.end(f.ended, p.until)
		q.print = fingerprint(&d)
		p.series = with(p.series, q)
		p.fresh = append(p.fresh, d)
	}
	if len(seek) > 0 {
		s.seek(p, ds, seek, now)
	}
}

// since is when a new series has begun at the earliest; Never = it is older
// than young, or nobody knows.
func (s *Source) since(p *part, f found, before map[uint64]bool, now time.Time) kizashi.Time {
	if !f.since.IsZero() && now.Sub(f.since) < young {
		return kizashi.TimeOf(f.since).Floor(p.self.Period)
	}
	if before != nil && f.key != 0 && !before[f.key] {
		// It was in no list yet: so it has begun since the last one at most.
		return p.until.Add(-listEvery - listLag).Floor(p.self.Period)
	}
	return kizashi.Never
}

// bucketOf is the running initial back-fill that a series belongs into.
func (s *Source) bucketOf(p *part, q *series) *fill {
	var mine []*fill
	for _, f := range s.fills {
		if f.part == p && f.initial() {
			mine = append(mine, f)
		}
	}
	n, ok := bucketsOf(mine)
	if !ok {
		return nil
	}
	name := bucketName(kizashi.BackfillInitial, bucket(q.id, n), n)
	for _, f := range mine {
		if f.self.Backfill == name {
			return f
		}
	}
	return nil
}

// tidy delivers what a partition has to declare, and closes one that has no
// series left.
func (s *Source) tidy(p *part) {
	if !p.live {
		return
	}
	s.flush(p)
	if len(p.series) > 0 {
		return
	}
	for _, f := range slices.Clone(s.fills) {
		if f.part == p {
			s.close(&f.cursor)
			s.drop(f)
		}
	}
	s.close(&p.cursor)
	s.parts = slices.DeleteFunc(s.parts, func(q *part) bool { return q == p })
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
