package cloudwatch

import (
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

// adopt makes the series listed those that are read.
func (s *Source) adopt(fs []found, before map[uint64]bool, snap *inventory.Snapshot, now time.Time) {
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
		case s.home[q.id].Self != f.part:
			s.move(q, f, now)
		default:
			s.renew(q, f)
		}
	}
	s.disappear(listed, snap)
	s.vanished(listed, snap)
	for _, k := range sorted(by) {
		s.meet(s.partOf(by[k][0], now), by[k], before, now)
	}
	for _, p := range slices.Clone(s.parts) {
		s.tidy(p, now)
	}
}

// partOf is the partition of a series; if there is none yet it begins now.
func (s *Source) partOf(f found, now time.Time) *part {
	for _, p := range s.parts {
		if p.Self == f.part {
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
	if f.ended != q.ended {
		d.From = f.turn(p.until, p.until)
	}
	if print := fingerprint(&d); print != q.print {
		q.print = print
		p.fresh = append(p.fresh, d)
		s.cfg.Log.Info("series declared again", "series", f.meta.Name(), "ended", string(f.ended))
	}
	q.end(&f, d.From, p.until)
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

// disappear ends the series that are watched no more: mostly they are listed
// no more, as they have been silent for two weeks. One list alone may be short.
func (s *Source) disappear(listed map[kizashi.SeriesID]bool, snap *inventory.Snapshot) {
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
		if f := (found{meta: q.meta}); q.ended == "" {
			s.farewell(&f, snap)
			s.bury(p, &f)
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
		q.end(&f, d.From, p.until)
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
		return kizashi.TimeOf(f.since).Floor(p.Self.Period)
	}
	if before != nil && f.key != 0 && !before[f.key] {
		// It was in no list yet: so it has begun since the last one at most.
		return p.until.Add(-listEvery - listLag).Floor(p.Self.Period)
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
		if f.Self.Backfill == name {
			return f
		}
	}
	return nil
}

// emptyFor is how long a partition without series goes on: until the next
// list, which comes a little sooner or later.
const emptyFor = listEvery / 2

// tidy delivers what a partition has to declare, and closes one that has had
// no series for a while: the end of the last of them holds only when the
// partition has come to it.
func (s *Source) tidy(p *part, now time.Time) {
	if !p.live {
		return
	}
	s.flush(p)
	if len(p.series) > 0 {
		p.empty = time.Time{}
		return
	}
	if p.empty.IsZero() {
		p.empty = now
	}
	if now.Sub(p.empty) < max(emptyFor, 3*p.Self.Period) {
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
