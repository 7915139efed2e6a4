package cost

import "time"

// bucketQueries is how many queries the source reads together in a back-fill.
const bucketQueries = 50

// stretch is history of series that are read together, at one period.
type stretch struct {
	place
	class  Class
	period time.Duration // of the series
	settle time.Duration
	every  time.Duration
	step   time.Duration // of the points
	length time.Duration
}

// once is every request of the back-fill. Series that are read alike go in
// buckets; a call has one bucket, and as much time as its points allow.
func (in Input) once(sum uses) {
	queries := map[stretch]int64{}
	of := func(d Demand) []stretch {
		s := stretch{place: d.place(), class: d.Class, period: d.Period, settle: d.Settle, every: d.turn(in.Poll).every}
		return in.History.stretches(s)
	}
	for _, d := range in.Demands {
		for _, s := range of(d) {
			queries[s] += d.queries()
		}
	}
	for _, d := range in.Demands {
		for _, s := range of(d) {
			_, pages := s.pages(queries[s])
			sum.add(Use{Tenant: d.Tenant, Account: d.Account, Region: d.Region, Namespace: d.Namespace, Action: GetMetricData, Metrics: d.metrics() * pages})
		}
	}
	for s, q := range queries {
		buckets, pages := s.pages(q)
		sum.add(Use{Tenant: s.tenant, Account: s.account, Region: s.region, Action: GetMetricData, Calls: buckets * pages})
	}
}

// stretches of history that a series has: its own period first, then the
// coarser ones before that. A fifteenth of what CloudWatch keeps is left, as
// it is gone before its turn.
func (h History) stretches(s stretch) []stretch {
	if h.Length <= 0 {
		return nil
	}
	s.step, s.length = s.period, min(h.Length, kept(s.period)/15*14)
	own := s
	out := []stretch{own}
	for _, step := range []time.Duration{time.Hour, 5 * time.Minute} {
		if more := kept(step)/15*14 - own.length; h.Coarse && own.period < step && more > 0 {
			s.step, s.length = step, more
			out = append(out, s)
		}
	}
	return out
}

// kept is how long CloudWatch keeps points that can be read at a period
// (documentation of GetMetricData).
func kept(period time.Duration) time.Duration {
	switch {
	case period < time.Minute:
		return 3 * time.Hour
	case period%time.Hour == 0:
		return 455 * aDay
	case period%(5*time.Minute) == 0:
		return 63 * aDay
	}
	return 15 * aDay
}

// pages is how many buckets there are, and how many calls each takes.
func (s stretch) pages(queries int64) (buckets, pages int64) {
	buckets = max(ceil(queries, bucketQueries), 1)
	window := max(pointsACall/max(ceil(queries, buckets), 1), 1)
	return buckets, ceil(max(int64(s.length/s.step), 1), window)
}
