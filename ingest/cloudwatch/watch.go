package cloudwatch

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

// found is a series that is to be watched, and the partition it belongs to.
type found struct {
	part   kizashi.Partition
	class  string
	meta   kizashi.Meta
	series *series        // as it would be if it were new
	ended  kizashi.Ending // of its resource
	since  time.Time      // its resource began then; zero = nobody knows
	gone   time.Time      // its resource ended then; zero = nobody knows
	listed kizashi.Time   // when that was so
	key    uint64         // of the metric in the list; 0 = it is declared, not listed
}

// watch turns what exists into what is watched.
func (s *Source) watch(snap *inventory.Snapshot) []found {
	by := map[[2]string][]*spec{}
	for i := range s.specs {
		sp := &s.specs[i]
		name := sp.metric
		if len(sp.expression) > 0 {
			name = sp.expression[0]
		}
		k := [2]string{sp.namespace, name}
		by[k] = append(by[k], sp)
	}
	s.there = make(map[uint64]bool, len(snap.Metrics))
	for _, m := range snap.Metrics {
		s.there[keyOf(m)] = true
	}
	var out []found
	for _, m := range snap.Metrics {
		var l *listed
		for _, sp := range by[[2]string{m.Namespace, m.Name}] {
			if !s.ofAccount(m.Account) || !sp.wants(m.Dimensions) || !s.whole(m, sp) {
				continue
			}
			if l == nil {
				l = about(snap, m)
			}
			if f := s.found(l, sp); s.selected(f.meta.Labels) {
				f.key = keyOf(m)
				out = append(out, f)
			}
		}
	}
	return s.distinct(append(out, s.always...))
}

// whole says that all operands of an expression exist.
func (s *Source) whole(m inventory.Metric, sp *spec) bool {
	for _, o := range sp.expression {
		m.Name = o
		if !s.there[keyOf(m)] {
			return false
		}
	}
	return true
}

// distinct sorts by id, and drops what the configuration names twice.
func (s *Source) distinct(fs []found) []found {
	slices.SortStableFunc(fs, func(a, b found) int { return byID(a.series, b.series) })
	return slices.CompactFunc(fs, func(a, b found) bool { return a.series.id == b.series.id })
}

func (s *Source) selected(ls kizashi.Labels) bool {
	match := func(ms kizashi.Matchers) bool { return ms.Matches(ls) }
	return (len(s.cfg.Select) == 0 || slices.ContainsFunc(s.cfg.Select, match)) && !slices.ContainsFunc(s.cfg.Drop, match)
}

// found makes a series of a listed metric.
func (s *Source) found(l *listed, sp *spec) found {
	labels := maps.Clone(l.labels)
	if labels == nil {
		labels = make(map[string]string, len(s.cfg.Labels))
	}
	maps.Copy(labels, s.cfg.Labels)
	group := sp.group
	if v := l.Dimensions[sp.groupBy]; sp.groupBy != "" && v != "" {
		group = v
	}
	meta := ingest.Metric(ingest.MetricSpec{
		Tenant: s.tenant, Account: l.Account, Region: s.cfg.Region, Namespace: sp.namespace, Metric: sp.metric, Dimensions: l.Dimensions,
		Statistic: sp.statistic, Period: sp.period, Settle: sp.settle, Unit: sp.unit, Lower: sp.lower, Upper: sp.upper,
		Zone: s.cfg.Zone, Group: group, Labels: labels, Hints: sp.hints,
	})
	if v := meta.Labels.Get(s.cfg.GroupBy); s.cfg.GroupBy != "" && v != "" {
		meta.Group = v
	}
	f := s.place(meta, sp.namespace)
	f.ended, f.since, f.gone, f.listed = l.ended, l.since, l.gone, l.at
	f.series.queries = s.queriesOf(l, sp, meta)
	return f
}

// place gives a series its partition.
func (s *Source) place(meta kizashi.Meta, space string) found {
	class := meta.Hints.Class
	if s.cfg.Classify != nil {
		class = s.cfg.Classify(meta)
	}
	if !known(class) {
		class = string(cost.Check) // so is every series whose class nobody set
	}
	period := time.Duration(meta.Period)
	p := kizashi.Partition{Tenant: s.tenant, Account: s.account, Region: s.cfg.Region, Kind: kizashi.Metrics, Period: period, Settle: time.Duration(meta.Settle)}
	poll, ok := s.cfg.Poll[class]
	if !ok || poll == 0 {
		poll = DefaultPoll(class)
	}
	if poll > period {
		p.Poll = (poll + period - 1) / period * period
	}
	// Classes give way to the cap one after the other, so they never share an
	// Until.
	if class != string(cost.Act) {
		p.Source = class
	}
	return found{part: p, class: class, meta: meta, series: &series{id: meta.Series, space: space, period: period, last: kizashi.Never, floor: kizashi.Never, met: kizashi.Never}}
}

// fingerprint tells whether a declaration differs from the one before.
func fingerprint(d *kizashi.Declaration) uint64 {
	h := fnv.New64a()
	m := &d.Meta
	fmt.Fprintf(h, "%v %q %q %q %v %v %v %v %q %v %q", m.Labels, m.Group, m.Unit, m.Statistic, m.Period, m.Settle, m.Lower, m.Upper, m.Zone, m.Hints, d.Ended)
	return h.Sum64()
}
