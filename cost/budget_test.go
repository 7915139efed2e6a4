package cost

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var midnight = time.Date(2026, 6, 15, 0, 0, 0, 0, time.UTC)

func prices(t testing.TB) *Prices {
	t.Helper()
	p, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// poller is one region's polls of one class, as a source makes them.
type poller struct {
	key     string
	class   Class
	base    time.Duration
	metrics int64
	next    time.Time
	budget  *Budget
	polls   int
}

func (p *poller) demand(b *Budget) {
	p.budget = b
	b.Demand(p.key, map[Class]int64{p.class: p.metrics}, map[Class]time.Duration{p.class: p.base})
}

// run lets pollers poll until a time, each asking before it polls; a paused
// one asks again an interval later. see is called after each question.
func run(ps []*poller, until time.Time, see func(now time.Time)) {
	for {
		p := slices.MinFunc(ps, func(a, b *poller) int { return a.next.Compare(b.next) })
		if !p.next.Before(until) {
			return
		}
		now := p.next
		every, paused := p.budget.Interval(p.class, p.base, now)
		if paused {
			p.next = now.Add(p.base)
		} else {
			p.polls++
			p.budget.Spend(Use{Region: p.key, Action: GetMetricData, Calls: 1, Metrics: p.metrics}, now)
			p.next = now.Add(every)
		}
		see(now)
	}
}

func TestBudgetWithoutACap(t *testing.T) {
	b := NewBudget("acme", 0, prices(t))
	b.Demand("us-east-1", map[Class]int64{Record: 1e9}, map[Class]time.Duration{Record: time.Minute})
	b.Spend(Use{Action: GetMetricData, Metrics: 1e9}, midnight)
	for _, c := range append(Classes(), Backfill) {
		if d, paused := b.Interval(c, time.Minute, midnight); d != time.Minute || paused {
			t.Errorf("%s: %s %v", c, d, paused)
		}
	}
	if got := b.Spent(midnight).USD; got != 1e4 || len(b.Events()) != 0 {
		t.Errorf("spent %v", got)
	}
}

// A day in words: 9.56 USD are needed, 8.50 are allowed, at noon somebody
// spends 80 cents beside, and the next day nobody does and the cap is enough.
func TestADayOfGivingWay(t *testing.T) {
	b := NewBudget("acme", 8.5, prices(t)).Account("111111111111", 0)
	ps := []*poller{
		{key: "us-east-1/guard", class: Guard, base: time.Minute, metrics: 100},
		{key: "us-east-1/act", class: Act, base: time.Minute, metrics: 300},
		{key: "us-east-1/check", class: Check, base: 5 * time.Minute, metrics: 600},
		{key: "us-east-1/record", class: Record, base: 15 * time.Minute, metrics: 2160},
	}
	for i, p := range ps {
		p.next = midnight.Add(time.Duration(i) * time.Second)
		p.demand(b)
	}
	var told []string
	see := func(now time.Time) {
		for _, e := range b.parent.Events() {
			told = append(told, fmt.Sprintf("%s %s", e.At.Format("15:04"), e))
		}
	}
	run(ps, midnight.Add(12*time.Hour), see)
	b.Spend(Use{Region: "us-east-1", Action: GetMetricData, Metrics: 80_000}, midnight.Add(12*time.Hour))
	run(ps, midnight.Add(24*time.Hour), see)
	if spent := b.Spent(midnight.Add(24*time.Hour - 1)).USD; spent > 8.5 || spent < 7.5 {
		t.Errorf("spent %v", spent)
	}
	for _, p := range ps[1:] {
		p.metrics /= 2
		p.demand(b)
	}
	run(ps, midnight.Add(48*time.Hour), see)
	got := strings.Join(told, "\n")
	want := `00:00 record polls x3 instead of full: 0.0000 of 8.5000 USD of today spent
00:00 backfill polls paused instead of full: 0.0000 of 8.5000 USD of today spent
11:15 record polls x2 instead of x3: 3.8350 of 8.5000 USD of today spent
12:00 check polls x2 instead of full: 4.9112 of 8.5000 USD of today spent
12:00 record polls paused instead of x2: 4.9112 of 8.5000 USD of today spent
18:50 check polls full instead of x2: 6.7982 of 8.5000 USD of today spent
00:00 record polls full instead of paused: 0.0000 of 8.5000 USD of today spent
00:00 backfill polls full instead of paused: 0.0000 of 8.5000 USD of today spent`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// fleet draws pollers of two accounts and two regions each.
func fleet(t *rapid.T, tenant *Budget, caps func() float64) (ps []*poller, day float64) {
	p := tenant.prices
	for a := range rapid.IntRange(1, 2).Draw(t, "accounts") {
		b := tenant.Account(fmt.Sprintf("%012d", a), caps())
		for _, c := range Classes() {
			for r := range rapid.IntRange(0, 2).Draw(t, "regions of "+string(c)) {
				q := &poller{key: fmt.Sprintf("region-%d/%s", r, c), class: c, metrics: rapid.Int64Range(1, 3000).Draw(t, "metrics"),
					base: rapid.SampledFrom([]time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}).Draw(t, "base"),
					next: midnight.Add(time.Duration(rapid.Int64Range(0, 59).Draw(t, "second")) * time.Second)}
				q.demand(b)
				ps = append(ps, q)
				day += p.Of(Use{Action: GetMetricData, Metrics: q.metrics}).USD * polls(q.base)
			}
		}
	}
	return ps, day
}

// Whatever is demanded, capped and spent beside: the cap is held to within one
// poll, who matters less gives way first, every change is told once, and on a
// day on which the cap does, nobody gives way.
func TestCapHoldsInOrderAndIsTold(t *testing.T) {
	p := prices(t)
	rapid.Check(t, func(t *rapid.T) {
		tenant := NewBudget("acme", 0, p)
		ps, need := fleet(t, tenant, func() float64 { return rapid.SampledFrom([]float64{0, 0.5, 5}).Draw(t, "account's cap") })
		if len(ps) == 0 {
			return
		}
		tenant.cap = need * rapid.Float64Range(0.01, 1.2).Draw(t, "cap")
		budgets, poll := []*Budget{tenant}, map[*Budget]float64{}
		for _, q := range ps {
			usd := p.Of(Use{Action: GetMetricData, Metrics: q.metrics}).USD
			poll[tenant], poll[q.budget] = max(poll[tenant], usd), max(poll[q.budget], usd)
			if !slices.Contains(budgets, q.budget) {
				budgets = append(budgets, q.budget)
			}
		}
		beside := map[*Budget]float64{}
		if rapid.Bool().Draw(t, "somebody spends beside") {
			b := rapid.SampledFrom(budgets).Draw(t, "who")
			n := rapid.Int64Range(0, 1e6).Draw(t, "metrics beside")
			b.Spend(Use{Action: GetMetricData, Metrics: n}, midnight)
			usd := p.Of(Use{Action: GetMetricData, Metrics: n}).USD
			beside[b] += usd
			if b != tenant {
				beside[tenant] += usd
			}
		}
		stands := map[*Budget]map[Class]Pace{}
		see := func(now time.Time) {
			for _, b := range budgets {
				if stands[b] == nil {
					stands[b] = map[Class]Pace{Guard: Full, Act: Full, Check: Full, Record: Full, Backfill: Full}
				}
				for _, e := range b.Events() {
					if e.From != stands[b][e.Class] || e.To == e.From || e.At.After(now) {
						t.Fatalf("%s: %s, and it stood at %s", now, e, stands[b][e.Class])
					}
					stands[b][e.Class] = e.To
				}
				if spent := b.Spent(now).USD; b.cap > 0 && spent > max(b.cap, beside[b])+poll[b]+1e-9 {
					t.Fatalf("%s: spent %v of %v, of it %v beside, and a poll is %v", now, spent, b.cap, beside[b], poll[b])
				}
				gave := Class("")
				for _, c := range Classes() {
					if len(b.needs[c]) == 0 || b.cap == 0 {
						continue
					}
					if b.of(c) != stands[b][c] {
						t.Fatalf("%s: %s is %s and nobody was told", now, c, b.of(c))
					}
					if gave != "" && stands[b][c] != Paused {
						t.Fatalf("%s: %s gives way and %s does not", now, gave, c)
					}
					if stands[b][c] != Full {
						gave = c
					}
				}
			}
		}
		run(ps, midnight.Add(aDay), see)
		// The next day there is enough for all.
		clear(beside)
		for _, b := range budgets {
			if b.cap > 0 {
				b.cap = need * 1.1
			}
		}
		for _, q := range ps {
			q.next = midnight.Add(aDay).Add(q.next.Sub(midnight) % time.Minute)
		}
		run(ps, midnight.Add(aDay+6*time.Hour), see)
		for _, b := range budgets {
			for c, pace := range stands[b] {
				if len(b.needs[c]) > 0 && b.cap > 0 && pace != Full {
					t.Fatalf("the cap is %v of %v needed, and %s is %s", b.cap, need, c, pace)
				}
			}
		}
	})
}

func TestAnAccountHasTheSlowerOfItsOwnAndTheTenants(t *testing.T) {
	tenant := NewBudget("acme", 100, prices(t))
	a, b := tenant.Account("111111111111", 1), tenant.Account("222222222222", 0)
	for _, x := range []*Budget{a, b} {
		x.Demand("us-east-1", map[Class]int64{Check: 100_000}, map[Class]time.Duration{Check: time.Hour}) // 24 USD a day
	}
	if _, paused := a.Interval(Check, time.Hour, midnight); !paused { // one poll costs the whole dollar, and it needs 24
		a.Spend(Use{Action: GetMetricData, Metrics: 100_000}, midnight)
	}
	if _, paused := a.Interval(Check, time.Hour, midnight.Add(time.Hour)); !paused {
		t.Error("an account over its cap polls on")
	}
	if d, paused := b.Interval(Check, time.Hour, midnight.Add(time.Hour)); paused || d != time.Hour {
		t.Errorf("one account's cap slowed another: %s %v", d, paused)
	}
	for _, e := range append(a.Events(), tenant.Events()...) {
		if e.Tenant != "acme" || e.Account != "111111111111" {
			t.Errorf("%+v", e)
		}
	}
}

// A restart goes on where it was: the ledger's spend of today is spent again.
func TestARestartGoesOn(t *testing.T) {
	at := midnight.Add(9 * time.Hour)
	pace := func(b *Budget) Pace {
		b.Demand("us-east-1", map[Class]int64{Check: 1000}, map[Class]time.Duration{Check: 5 * time.Minute})
		return b.Pace(Check, at)
	}
	one := NewBudget("acme", 2.88, prices(t))
	for i := range 4 {
		one.Spend(Use{Region: "us-east-1", Action: GetMetricData, Metrics: 50_000}, midnight.Add(time.Duration(i)*time.Hour))
	}
	two := NewBudget("acme", 2.88, prices(t))
	two.Spend(Use{Region: "us-east-1", Action: GetMetricData, Metrics: 200_000}, at)
	if p, q := pace(one), pace(two); p != q || p == Full {
		t.Errorf("%s before, %s after", p, q)
	}
}

func TestLessDemandEndsAPause(t *testing.T) {
	b := NewBudget("acme", 1, prices(t))
	b.Demand("us-east-1", map[Class]int64{Act: 1e6}, map[Class]time.Duration{Act: time.Minute})
	if p := b.Pace(Act, midnight); p != Paused {
		t.Fatalf("%s", p)
	}
	b.Demand("us-east-1", map[Class]int64{Act: 10}, map[Class]time.Duration{Act: time.Minute})
	if p := b.Pace(Act, midnight.Add(time.Hour)); p != Full {
		t.Fatalf("%s", p)
	}
}

// A clock that goes back over midnight does not open a second day's cap.
func TestAClockThatGoesBack(t *testing.T) {
	b := NewBudget("acme", 1, prices(t))
	b.Spend(Use{Action: GetMetricData, Metrics: 50_000}, midnight)
	b.Spend(Use{Action: GetMetricData, Metrics: 10_000}, midnight.Add(-time.Hour))
	if got := b.Spent(midnight).USD; !near(got, 0.6) {
		t.Errorf("spent %v", got)
	}
}

func TestManyAtOnce(t *testing.T) {
	tenant := NewBudget("acme", 1, prices(t))
	var wg sync.WaitGroup
	for i := range 8 {
		a := tenant.Account(fmt.Sprint(i), 0.5)
		wg.Go(func() {
			for n := range 200 {
				now := midnight.Add(time.Duration(n) * time.Minute)
				a.Demand("us-east-1", map[Class]int64{Act: int64(n)}, map[Class]time.Duration{Act: time.Minute})
				a.Interval(Act, time.Minute, now)
				a.Spend(Use{Action: GetMetricData, Metrics: 10}, now)
				tenant.Events()
			}
		})
	}
	wg.Wait()
	if got := tenant.Spent(midnight).USD; !near(got, 8*200*10*0.01/1000) {
		t.Errorf("spent %v", got)
	}
}
