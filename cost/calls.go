package cost

import (
	"cmp"
	"slices"
	"time"
)

const aDay = 24 * time.Hour

// daily is every request of a day: the polls, the lists, and other reads.
func (in Input) daily() []Use {
	sum := uses{}
	due := map[place]map[time.Duration]int64{} // queries by interval
	for _, d := range in.Demands {
		every := Interval(d.Class, d.Period, in.Poll)
		sum.add(Use{Tenant: d.Tenant, Account: d.Account, Region: d.Region, Namespace: d.Namespace, Action: GetMetricData,
			Metrics: int64(float64(d.metrics())*polls(every) + 0.5)})
		if due[d.place()] == nil {
			due[d.place()] = map[time.Duration]int64{}
		}
		due[d.place()][every] += d.queries()
	}
	for at, queries := range due {
		sum.add(Use{Tenant: at.tenant, Account: at.account, Region: at.region, Action: GetMetricData, Calls: shared(queries)})
	}
	for _, e := range in.Existing {
		sum.add(Use{Tenant: e.Tenant, Account: e.Account, Region: e.Region, Action: ListMetrics,
			Calls: max(ceil(e.Count, metricsAPage), 1) * int64(aDay/listsInterval)})
	}
	for _, u := range in.Hourly {
		u.Calls *= 24
		u.Metrics *= 24
		sum.add(u)
	}
	return sum.list()
}

// polls is how often a day something is polled.
func polls(every time.Duration) float64 { return float64(aDay) / float64(every) }

// shared is the calls that a region makes a day: whatever is due at the same
// time is read in the same calls. Polls fall on whole multiples of their
// interval.
func shared(queries map[time.Duration]int64) (calls int64) {
	var step, beyond time.Duration
	for every := range queries {
		if every > aDay {
			beyond = every
			continue
		}
		step = gcd(every, step)
	}
	for at := time.Duration(0); step > 0 && at < aDay; at += step {
		n := int64(0)
		for every, q := range queries {
			if every <= aDay && at%every == 0 {
				n += q
			}
		}
		calls += ceil(n, queriesACall)
	}
	if beyond > 0 && calls == 0 {
		calls = 1
	}
	return calls
}

func gcd(a, b time.Duration) time.Duration {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}

// once is every request of the back-fill: each stretch in windows, each
// window in calls that the series of one period and region share.
func (in Input) once() []Use {
	sum := uses{}
	type read struct {
		place
		period time.Duration
	}
	for _, s := range in.Backfill {
		queries := map[read]int64{}
		for _, d := range in.Demands {
			if s.Period > 0 && d.Period > s.Period {
				continue
			}
			sum.add(Use{Tenant: d.Tenant, Account: d.Account, Region: d.Region, Namespace: d.Namespace, Action: GetMetricData,
				Metrics: d.metrics() * s.windows()})
			queries[read{d.place(), cmp.Or(s.Period, d.Period)}] += d.queries()
		}
		for r, n := range queries {
			sum.add(Use{Tenant: r.tenant, Account: r.account, Region: r.region, Action: GetMetricData, Calls: ceil(n, s.together(r.period)) * s.windows()})
		}
	}
	return sum.list()
}

// uses adds up what differs in its numbers only.
type uses map[Use]*Use

func (s uses) add(u Use) {
	k := u
	k.Calls, k.Metrics = 0, 0
	sum, ok := s[k]
	if !ok {
		sum = new(k)
		s[k] = sum
	}
	sum.Calls += u.Calls
	sum.Metrics += u.Metrics
}

func (s uses) list() []Use {
	out := make([]Use, 0, len(s))
	for _, u := range s {
		out = append(out, *u)
	}
	slices.SortFunc(out, compareUses)
	return out
}

func compareUses(a, b Use) int {
	return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Action, b.Action))
}
