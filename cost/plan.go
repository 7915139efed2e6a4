package cost

import (
	"cmp"
	"maps"
	"slices"
)

// days of a month, in every figure by the month.
const days = 30

// Plan is what reading would cost.
type Plan struct {
	Total      Row     `json:"total"`
	Tenants    []Row   `json:"tenants"`
	Accounts   []Row   `json:"accounts"`
	Namespaces []Row   `json:"namespaces"`   // the one without a name has lists and other reads, which belong to none alone
	Daily      []Use   `json:"daily"`        // every request of a day
	Once       []Use   `json:"backfill"`     // every request of the back-fill
	Free       Money   `json:"free_a_month"` // of Total.Month, what the free tier covers if nothing else of the accounts uses it
	Prices     []Price `json:"prices"`       // those that are in the figures
}

// Key is what a row is the sum of; an empty field stands for all.
type Key struct {
	Tenant    string `json:"tenant,omitempty"`
	Account   string `json:"account,omitempty"`
	Namespace string `json:"namespace,omitempty"`
}

// Row is a sum. GetMetricData calls are shared by the namespaces of a region,
// so a row of one namespace has none.
type Row struct {
	Key
	Series      int64 `json:"series"`
	Existing    int64 `json:"existing"`         // metrics there are, watched or not
	Metrics     int64 `json:"metrics_a_day"`    // requested
	Calls       int64 `json:"calls_a_day"`      // of every action
	OnceMetrics int64 `json:"backfill_metrics"` // requested once
	OnceCalls   int64 `json:"backfill_calls"`
	Day         Money `json:"day"`
	Month       Money `json:"month"`
	Once        Money `json:"backfill"`
	Stream      Money `json:"metric_streams_month"` // the same by metric streams: every update of all metrics of the namespaces
	Alarms      Money `json:"anomaly_alarms_month"` // the same series under CloudWatch's own anomaly alarms
}

// Make computes one plan of the inputs together. It is arithmetic alone: the
// same inputs and prices give the same plan.
func Make(p *Prices, ins ...Input) Plan {
	var out Plan
	daily, once := uses{}, uses{}
	for _, in := range ins {
		in.daily(daily)
		in.once(once)
	}
	out.Daily, out.Once = daily.list(), once.list()
	rows := func(reduce func(Key) Key) []Row { return sumUp(ins, out, p, reduce) }
	out.Tenants = rows(func(k Key) Key { return Key{Tenant: k.Tenant} })
	out.Accounts = rows(func(k Key) Key { return Key{Tenant: k.Tenant, Account: k.Account} })
	out.Namespaces = rows(func(k Key) Key { return Key{Namespace: k.Namespace} })
	if all := rows(func(Key) Key { return Key{} }); len(all) > 0 {
		out.Total = all[0]
	}
	out.Free = free(out.Daily, p)
	out.Prices = touched(ins, out, p)
	return out
}

func (u Use) key() Key      { return Key{u.Tenant, u.Account, u.Namespace} }
func (d Demand) key() Key   { return Key{d.Tenant, d.Account, d.Namespace} }
func (e Existing) key() Key { return Key{e.Tenant, e.Account, e.Namespace} }

// sumUp sums everything by what a key is reduced to, in order.
func sumUp(ins []Input, plan Plan, p *Prices, reduce func(Key) Key) []Row {
	sums := map[Key]*Row{}
	at := func(k Key) *Row {
		k = reduce(k)
		if sums[k] == nil {
			sums[k] = &Row{Key: k}
		}
		return sums[k]
	}
	for _, in := range ins {
		for _, d := range in.Demands {
			r := at(d.key())
			r.Series += d.Count
			r.Alarms = r.Alarms.Plus(d.alarms(p))
		}
		for _, e := range in.Existing {
			r := at(e.key())
			r.Existing += e.Count
			if in.streamed(e) {
				r.Stream = r.Stream.Plus(e.stream(p))
			}
		}
	}
	for _, u := range plan.Daily {
		r, m := at(u.key()), p.Of(u)
		r.Metrics, r.Calls = r.Metrics+u.Metrics, r.Calls+u.Calls
		r.Day, r.Month = r.Day.Plus(m), r.Month.Plus(m.Times(days))
	}
	for _, u := range plan.Once {
		r := at(u.key())
		r.OnceMetrics, r.OnceCalls = r.OnceMetrics+u.Metrics, r.OnceCalls+u.Calls
		r.Once = r.Once.Plus(p.Of(u))
	}
	return inOrder(sums)
}

func inOrder(sums map[Key]*Row) []Row {
	keys := slices.SortedFunc(maps.Keys(sums), func(a, b Key) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Account, b.Account),
			cmp.Compare(named(a.Namespace), named(b.Namespace)), cmp.Compare(a.Namespace, b.Namespace))
	})
	out := make([]Row, len(keys))
	for i, k := range keys {
		out[i] = *sums[k]
	}
	return out
}

// named puts what has no name last.
func named(s string) int {
	if s == "" {
		return 1
	}
	return 0
}

// free is what the free tier covers in a month: so many requests of each
// account, of those prices that have one.
func free(daily []Use, p *Prices) Money {
	asked := map[Use]int64{} // by account, region, and the name of the price
	for _, u := range daily {
		if name, ok := p.action(u.Action); ok && p.Price(name, u.Region).Free > 0 {
			asked[Use{Tenant: u.Tenant, Account: u.Account, Region: u.Region, Action: name}] += u.Calls * days
		}
	}
	left := map[Use]int64{}
	var sum Money
	for _, k := range slices.SortedFunc(maps.Keys(asked), compareUses) {
		price := p.Price(k.Action, k.Region)
		account := Use{Tenant: k.Tenant, Account: k.Account, Action: k.Action}
		if _, ok := left[account]; !ok {
			left[account] = price.Free
		}
		n := min(asked[k], left[account])
		left[account] -= n
		sum = sum.Plus(price.of(float64(n)))
	}
	return sum
}

// touched lists the prices that are in the figures.
func touched(ins []Input, plan Plan, p *Prices) []Price {
	set := map[string]Price{}
	add := func(q Price) { set[q.name()] = q }
	for _, u := range slices.Concat(plan.Daily, plan.Once) {
		if name, ok := p.action(u.Action); ok {
			add(p.Price(name, u.Region))
		}
	}
	for _, in := range ins {
		for _, d := range in.Demands {
			alarm, model := d.alarmPrices(p)
			add(alarm)
			add(model)
		}
		for _, e := range in.Existing {
			if in.streamed(e) {
				add(p.Price(StreamUpdates, e.Region))
				add(p.Price(FirehoseGB, e.Region))
				add(p.Price(UpdateSize, e.Region))
			}
		}
	}
	out := make([]Price, 0, len(set))
	for _, k := range slices.Sorted(maps.Keys(set)) {
		out = append(out, set[k])
	}
	return out
}
