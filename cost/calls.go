package cost

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const aDay = 24 * time.Hour

// daily is every request of a day: the polls, the lists, and other reads.
func (in Input) daily(sum uses) {
	due := map[place]map[turn]int64{} // queries
	for _, d := range in.Demands {
		t := d.turn(in.Poll)
		sum.add(Use{Tenant: d.Tenant, Account: d.Account, Region: d.Region, Namespace: d.Namespace, Action: GetMetricData,
			Metrics: int64(math.Round(float64(d.metrics()) * polls(t.every)))})
		if due[d.place()] == nil {
			due[d.place()] = map[turn]int64{}
		}
		due[d.place()][t] += d.queries()
	}
	for at, queries := range due {
		sum.add(Use{Tenant: at.tenant, Account: at.account, Region: at.region, Action: GetMetricData, Calls: shared(queries)})
	}
	in.lists(sum)
	for _, u := range in.Hourly {
		u.Calls *= 24
		u.Metrics *= 24
		sum.add(u)
	}
	for _, u := range in.Daily {
		sum.add(u)
	}
}

// lists adds the pages of the lists: of each namespace that is listed by
// itself, else of a whole region.
func (in Input) lists(sum uses) {
	type list struct {
		place
		namespace string
	}
	listed := map[list]int64{}
	for _, e := range in.Existing {
		l := list{place: e.place()}
		if e.Alone {
			l.namespace = e.Namespace
		}
		listed[l] += e.Count
	}
	for l, n := range listed {
		sum.add(Use{Tenant: l.tenant, Account: l.account, Region: l.region, Action: ListMetrics, Calls: max(ceil(n, metricsAPage), 1) * listsADay})
	}
}

// polls is how often a day something is polled.
func polls(every time.Duration) float64 { return float64(aDay) / float64(every) }

// shared is the calls that a region makes a day: whatever is due at the same
// time is read in the same calls.
func shared(queries map[turn]int64) (calls int64) {
	var step time.Duration
	for t := range queries {
		step = gcd(gcd(t.every, t.after), step)
	}
	for at := time.Duration(0); step > 0 && at < aDay; at += step {
		n := int64(0)
		for t, q := range queries {
			if at%t.every == t.after%aDay {
				n += q
			}
		}
		calls += ceil(n, queriesACall)
	}
	return calls
}

func gcd(a, b time.Duration) time.Duration {
	for b > 0 {
		a, b = b, a%b
	}
	return a
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
