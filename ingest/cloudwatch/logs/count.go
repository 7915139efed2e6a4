package logs

import (
	"cmp"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
	"github.com/kizashi-ops/kizashi/ingest/metricfilter"
)

// Metric filters make ordinary samples of lines as they are read, before they
// are masked; values of dimensions are masked, as they name series. Those of one rule count over all its groups together, as filters
// of one name do in CloudWatch. The samples come in a partition of their own
// beside that of the lines, its twin, which joins, is out and closes with it.
// What comes later than the hold-back is in no sample.

// twins are the partitions of samples.
type twins struct {
	on   bool // some rule has metric filters
	by   map[kizashi.Partition]*cursor
	from map[kizashi.Partition]uint64 // positions of an earlier run
}

// twinOf is the partition of the samples beside one of lines.
func twinOf(k kizashi.Partition) kizashi.Partition {
	k.Kind, k.Source = kizashi.Metrics, position.FromLogs
	return k
}

// of is the twin of a partition; nil = it has none.
func (t *twins) of(k kizashi.Partition) *cursor {
	if c := t.by[k]; c != nil {
		return c
	}
	if pos, ok := t.from[twinOf(k)]; ok {
		if c := position.Resume(twinOf(k), pos); !c.Over() {
			t.by[k] = &c
			return &c
		}
	}
	return nil
}

// mirror has the twin do what its partition does: b was sent.
func (s *Source) mirror(k kizashi.Partition, b *kizashi.Batch) {
	if k.Source != "" || len(b.Roster) == 0 && b.Status == nil {
		return
	}
	m, ends := kizashi.Batch{}, false
	for _, e := range b.Roster {
		if e.Op == kizashi.Join && e.Partition != k && s.twins.of(k) == nil {
			s.mirror(e.Partition, &kizashi.Batch{Until: b.Until, Roster: []kizashi.RosterEntry{e}})
			continue
		}
		if e.Op == kizashi.Join && s.twins.on && s.twins.of(e.Partition) == nil {
			s.twins.by[e.Partition] = &cursor{Self: twinOf(e.Partition), Told: kizashi.Never}
		}
		if s.twins.of(e.Partition) == nil {
			continue
		}
		ends = ends || e.Op == kizashi.Close
		t := kizashi.RosterEntry{Op: e.Op, Partition: twinOf(e.Partition), At: e.At}
		if e.Op == kizashi.HandOver {
			t.To = twinOf(e.To)
		}
		m.Roster = append(m.Roster, t)
	}
	t := s.twins.of(k)
	if t == nil {
		return
	}
	if st := b.Status; st != nil {
		own := *st
		m.Status = &own
	}
	if m.Pos = t.Advance(b.Until); ends {
		m.Pos = t.End(b.Until)
		delete(s.twins.by, k)
		delete(s.twins.from, t.Self)
	}
	m.Partition, m.Until = t.Self, t.Told
	s.queue = append(s.queue, m)
	s.mu.Lock()
	s.mine[t.Self] = true
	s.mu.Unlock()
}

// pairUp ends the taking up of an earlier run: what has no twin gets one if there
// is something to count, and twins of what is over, or of filters that are
// configured no more, close.
func (s *Source) pairUp() {
	pair := func(k kizashi.Partition, at kizashi.Time) {
		if s.twins.on && s.twins.of(k) == nil {
			s.mirror(k, &kizashi.Batch{Until: at, Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: k, At: at}}})
		}
	}
	for _, p := range s.parts {
		if p.live {
			pair(p.Self, p.until)
		}
	}
	for _, f := range s.fills {
		if f.initial() {
			pair(f.Self, f.until)
		}
	}
	used := map[kizashi.Partition]bool{}
	if s.twins.on {
		for _, p := range s.parts {
			used[twinOf(p.Self)] = true
		}
		for _, f := range s.fills {
			used[twinOf(f.Self)] = true
		}
	}
	for _, k := range sorted(s.twins.from) {
		c := position.Resume(k, s.twins.from[k])
		if used[k] || c.Over() {
			continue
		}
		s.close(&c)
	}
	s.twins.from = nil
}

// counters are those of a rule's filters, in one partition.
type counters map[*Rule][]*metricfilter.Counter

// of makes the counters of a rule when they are first needed. What the filters
// are was checked at New.
func (s *Source) countersOf(cs counters, r *Rule) []*metricfilter.Counter {
	if have, ok := cs[r]; ok {
		return have
	}
	spec := ingest.MetricSpec{Tenant: s.tenant, Account: s.account, Region: s.cfg.Region, Settle: r.Hold(), Zone: s.cfg.Zone, Group: r.Group, Labels: s.cfg.Labels}
	var out []*metricfilter.Counter
	for _, m := range r.Metrics {
		if c, err := metricfilter.NewCounter(m, spec); err == nil {
			c.Mask(s.cfg.Mask)
			out = append(out, c)
		}
	}
	cs[r] = out
	return out
}

// counts says where the events of a group are counted in a round; nil = nowhere.
// A group that was found later has its history counted nowhere, as that of the
// others is out.
func (s *Source) counts(r *round, g *group) []*metricfilter.Counter {
	switch {
	case !s.twins.on || len(g.rule.Metrics) == 0 || s.twins.of(r.cursor().Self) == nil:
		return nil
	case r.part != nil:
		return s.countersOf(r.part.counters, g.rule)
	case r.fill.initial():
		return s.countersOf(r.fill.counters, g.rule)
	}
	return nil
}

// samples delivers the minutes that a round has closed, before its lines: a
// kill between the two counts them again, and what was told is left out.
func (s *Source) samples(r *round) {
	t := s.twins.of(r.cursor().Self)
	if t == nil {
		return
	}
	cs := counters{}
	if r.part != nil {
		cs = r.part.counters
	} else if r.fill.initial() {
		cs = r.fill.counters
	}
	for _, x := range r.done { // without one of its groups a sum would be wrong
		if x.err != nil {
			delete(cs, x.g.rule)
		}
	}
	b := kizashi.Batch{Until: r.to}
	for i := range s.cfg.Rules {
		for _, c := range cs[&s.cfg.Rules[i]] {
			b.Declare, b.Samples = c.Until(r.to, b.Declare, b.Samples)
		}
	}
	b.Samples = slices.DeleteFunc(b.Samples, func(x kizashi.Sample) bool { return x.At < t.Told })
	slices.SortFunc(b.Samples, func(a, b kizashi.Sample) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Series, b.Series))
	})
	s.push(t, b)
}

// recount notes of a group that was taken up which of its events were delivered
// ahead of Until: what they counted for is lost, and they are read again.
func (s *Source) recount(g *group, until kizashi.Time) {
	if !s.twins.on || len(g.rule.Metrics) == 0 {
		return
	}
	g.uncounted = map[eventID]bool{}
	for m, set := range g.seen.by {
		if m.Add(time.Minute) <= until {
			continue
		}
		for id := range set {
			g.uncounted[id] = true
		}
	}
}
