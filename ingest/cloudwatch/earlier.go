package cloudwatch

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
)

// forgetAfter is nearly how long CloudWatch lists a metric after its last
// point: two weeks (documentation of ListMetrics).
const forgetAfter = 13 * 24 * time.Hour

// earlier is a series of an earlier run.
type earlier struct {
	kizashi.Standing
	home kizashi.Partition // that brought its samples
}

// earlierOnes are the series of an earlier run; nil = nobody says which there
// were.
func (s *Source) earlierOnes() map[kizashi.SeriesID]earlier {
	if s.cfg.Earlier == nil {
		return nil
	}
	out := map[kizashi.SeriesID]earlier{}
	for k, xs := range s.cfg.Earlier() {
		if !s.isMine(k) {
			continue
		}
		k.Backfill = ""
		for _, x := range xs {
			out[x.Meta.Series] = earlier{x, k}
		}
	}
	return out
}

func (s *Source) isMine(k kizashi.Partition) bool {
	return k.Tenant == s.tenant && k.Account == s.account && k.Region == s.cfg.Region && k.Kind == kizashi.Metrics
}

// unknown says that no earlier run declared a series.
func (s *Source) unknown(id kizashi.SeriesID) bool {
	_, ok := s.was[id]
	return s.was != nil && !ok
}

// turn is when an ending, or its being taken back, begins to hold: when AWS
// says that it happened, as far as that has not been read yet; where nobody
// says it, at otherwise.
func (f *found) turn(until, otherwise kizashi.Time) kizashi.Time {
	at := f.since
	if f.ended != "" {
		at = f.gone
	}
	if at.IsZero() {
		return otherwise
	}
	return max(until, kizashi.TimeOf(at))
}

// turns is turn for a series that is taken up after a restart.
func (s *Source) turns(f *found, p *part, now time.Time) kizashi.Time {
	w, had := s.was[f.series.id]
	switch {
	case f.ended != "" && !(had && w.Ended != ""):
		return f.turn(p.until, p.until)
	case f.ended == "" && had && w.Ended != "":
		// While nobody looked it may have been gone still. A sample takes the
		// ending back earlier.
		return f.turn(p.until, p.edge(now))
	}
	return p.until
}

// refill lets a series that was set aside when an earlier run ended be read
// from there on.
func (s *Source) refill(p *part, q *series) {
	w, had := s.was[q.id]
	if !had || !p.live {
		return
	}
	if from := s.unseen(p, &w); from != kizashi.Never && from < p.until {
		q.met, q.floor, q.last, q.seeded = from, from, w.Last, true
	}
}

// vanish ends the series of an earlier run that are not watched any more.
// Where nothing is sure, as a list may be short, the next one has the last
// word.
func (s *Source) vanish(fs []found, snap *inventory.Snapshot, now time.Time) {
	listed := make(map[kizashi.SeriesID]bool, len(fs))
	for _, f := range fs {
		listed[f.series.id] = true
	}
	for _, id := range slices.SortedFunc(maps.Keys(s.was), func(a, b kizashi.SeriesID) int { return cmp.Compare(a, b) }) {
		w := s.was[id]
		if listed[id] || w.Ended != "" {
			continue
		}
		p := s.runOn(w.home, now)
		if p == nil {
			continue // its partition is over
		}
		s.forsake(&w)
		f := found{meta: w.Meta}
		if sure := s.farewell(&f, snap); sure || f.ended == kizashi.Disappeared && now.Sub(p.until.UTC()) > forgetAfter {
			s.bury(p, &f)
		} else {
			s.absent = append(s.absent, w)
		}
	}
}

// vanished ends those that the second list does not have either.
func (s *Source) vanished(listed map[kizashi.SeriesID]bool, snap *inventory.Snapshot) {
	for _, w := range s.absent {
		i := slices.IndexFunc(s.parts, func(p *part) bool { return p.Self == w.home })
		if listed[w.Meta.Series] || i < 0 {
			continue
		}
		f := found{meta: w.Meta}
		s.farewell(&f, snap)
		s.bury(s.parts[i], &f)
	}
	s.absent = nil
}

// runOn is a partition of an earlier run, taken up without series if none of
// its own is left: an ending takes effect when its partition has come to it.
// nil = it is over, or never began.
func (s *Source) runOn(k kizashi.Partition, now time.Time) *part {
	if i := slices.IndexFunc(s.parts, func(p *part) bool { return p.Self == k }); i >= 0 {
		return s.parts[i]
	}
	pos, ok := s.from[k]
	if _, seq := position.Until(pos); !ok || seq == position.Last {
		return nil
	}
	class := cmp.Or(k.Source, string(cost.Act))
	p := s.newPart(k, class, now)
	p.cursor, p.live = position.Resume(k, pos), true
	p.until = p.Told
	return p
}

// bury declares the end of a series that is read no more.
func (s *Source) bury(p *part, f *found) {
	p.fresh = append(p.fresh, kizashi.Declaration{From: f.turn(p.until, p.until), Meta: f.meta, Ended: f.ended})
	s.cfg.Log.Info("series ended", "series", f.meta.Name(), "ended", string(f.ended))
}

// farewell finds out why a series is not among those that are watched. It is
// sure where more than a missing name in a list says so.
func (s *Source) farewell(f *found, snap *inventory.Snapshot) (sure bool) {
	ms := s.metricsOf(&f.meta)
	if len(ms) == 0 {
		f.ended = kizashi.LeftOut // an expression of the configuration
		return true
	}
	if e, over := snap.Ending(ms[0]); over && snap.ResourceOf(ms[0]) != nil {
		f.ended = e.Ending
		if e.Since.Before(snap.At) {
			f.gone = e.Since
		}
		return true
	}
	missing := func(m inventory.Metric) bool { return !snap.Lists(m) }
	switch {
	case !s.ofAccount(ms[0].Account):
		f.ended = kizashi.LeftOut
		return true
	case slices.ContainsFunc(ms, missing):
		f.ended = kizashi.Disappeared
		return false
	}
	// It is there. What is selected by tags may be missed while those cannot be
	// read.
	f.ended = kizashi.LeftOut
	return len(s.cfg.Select) == 0
}

// metricsOf a series: those of an expression of the catalogue are several, an
// expression of the configuration has none.
func (s *Source) metricsOf(m *kizashi.Meta) []inventory.Metric {
	one := inventory.Metric{Account: m.Labels.Get("account"), Namespace: m.Labels.Get("namespace"), Name: m.Labels.Get("metric")}
	if one.Namespace == "" {
		return nil
	}
	for _, l := range m.Labels {
		if name, ok := strings.CutPrefix(l.Name, "dim_"); ok {
			if one.Dimensions == nil {
				one.Dimensions = map[string]string{}
			}
			one.Dimensions[name] = l.Value
		}
	}
	e, ok := s.cfg.Catalogue.Find(one.Namespace, one.Name)
	if !ok || len(e.Expression) == 0 {
		return []inventory.Metric{one}
	}
	var out []inventory.Metric
	for _, name := range e.Expression {
		one.Name = name
		out = append(out, one)
	}
	return out
}

// seenThen is what the next run has to know of a list: resources, without what
// is read anew each time.
func seenThen(s *inventory.Snapshot) *inventory.Snapshot {
	out := &inventory.Snapshot{Account: s.Account, Region: s.Region, At: s.At, Read: s.Read, Resources: slices.Clone(s.Resources)}
	for i := range out.Resources {
		out.Resources[i].Failed, out.Resources[i].Pinged = nil, time.Time{}
	}
	return out
}
