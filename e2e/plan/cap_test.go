package plan

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/cost"
)

// Each class lives in a region of its own, so that the emulated AWS counts
// each class.
var homes = map[cost.Class]string{cost.Guard: "us-west-2", cost.Act: "us-east-1", cost.Check: "eu-west-1", cost.Record: "ap-northeast-1"}

func capped(t *testing.T, at time.Time) *world {
	w := &world{t: t, accounts: 1, kinds: func(region string) []kind {
		for c, r := range homes {
			if r == region {
				return []kind{{c, map[cost.Class]int{cost.Guard: 5, cost.Act: 20, cost.Check: 50, cost.Record: 75}[c], time.Minute}}
			}
		}
		return nil
	}}
	for _, c := range cost.Classes() {
		w.regions = append(w.regions, homes[c])
	}
	w.build(at)
	return w
}

// onePoll is what one poll of everything costs.
func (w *world) onePoll(p *cost.Prices) (usd float64) {
	for _, r := range w.regions {
		for _, k := range w.kinds(r) {
			usd += p.Of(cost.Use{Region: r, Action: cost.GetMetricData, Metrics: int64(k.count)}).USD
		}
	}
	return usd
}

// A cap that is too low for a day is kept to within one poll, classes give way
// in the stated order, and each step is told.
func TestACapThatDoesNotSufficeIsKept(t *testing.T) {
	p := prices(t)
	midnight := time.Date(2026, 9, 8, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		share float64 // of what a day needs
		full  []cost.Class
		slow  []cost.Class
	}{
		{.80, []cost.Class{cost.Guard, cost.Act}, []cost.Class{cost.Check, cost.Record}},
		{.40, []cost.Class{cost.Guard}, []cost.Class{cost.Act, cost.Check, cost.Record}},
		{.05, nil, []cost.Class{cost.Guard, cost.Act, cost.Check, cost.Record}},
	} {
		w := capped(t, midnight.Add(time.Second))
		plan := cost.Make(p, w.input())
		limit := c.share * plan.Total.Day.USD
		budget := cost.NewBudget(tenant(0), limit, p)
		asked := w.run(w.sources(func(int) *cost.Budget { return budget }), midnight.Add(24*time.Hour))[0]
		spent := sum(asked, p).usd
		t.Logf("cap %.4f USD, %.0f %% of what a day needs: spent %.4f by the emulated AWS's count", limit, 100*c.share, spent)
		if spent > limit+w.onePoll(p) {
			t.Errorf("spent %.4f of %.4f USD; one poll is %.4f", spent, limit, w.onePoll(p))
		}
		if spent < .9*limit {
			t.Errorf("spent only %.4f of %.4f USD: the cap is not used", spent, limit)
		}
		events := budget.Events()
		inOrder(t, events)
		w.compareClasses(asked, plan, c.full, c.slow)
	}
}

// inOrder checks that whoever gave way did so after those that matter less,
// and that a class that gives way is not overtaken.
func inOrder(t *testing.T, events []cost.Event) {
	t.Helper()
	if len(events) == 0 {
		t.Error("nothing was told of giving way")
	}
	pace := map[cost.Class]cost.Pace{}
	for _, c := range cost.Classes() {
		pace[c] = cost.Full
	}
	for i, e := range events {
		t.Logf("%s %s", e.At.Format("15:04:05"), e)
		if e.From != pace[e.Class] && e.Class != cost.Backfill {
			t.Errorf("%s: it was %s before", e, pace[e.Class])
		}
		pace[e.Class] = e.To
		if i+1 < len(events) && events[i+1].At.Equal(e.At) {
			continue // more of the same moment
		}
		gave := false
		for _, c := range cost.Classes() { // guard first
			if gave && pace[c] != cost.Paused {
				t.Errorf("at %s %s is polled %s while a class before it gives way", e.At, c, pace[c])
			}
			gave = gave || pace[c] != cost.Full
		}
	}
}

// compareClasses holds the metrics of each class against the plan.
func (w *world) compareClasses(asked []cost.Use, plan cost.Plan, full, slow []cost.Class) {
	w.t.Helper()
	share := func(c cost.Class) float64 {
		var got, want float64
		for _, u := range asked {
			if u.Region == homes[c] {
				got += float64(u.Metrics)
			}
		}
		for _, u := range plan.Daily {
			if u.Region == homes[c] {
				want += float64(u.Metrics)
			}
		}
		return got / want
	}
	for _, c := range full {
		if s := share(c); s < .98 {
			w.t.Errorf("%s had %.2f of what it asks for, and should not have given way", c, s)
		}
	}
	for _, c := range slow {
		s := share(c)
		w.t.Logf("  %s had %.2f of what it asks for", c, s)
		if s > .98 {
			w.t.Errorf("%s did not give way", c)
		}
	}
}

// A day on which something else has spent most of the cap gives way; the next
// day everything is read again as planned.
func TestTheNextDayIsFull(t *testing.T) {
	p := prices(t)
	noon := time.Date(2026, 9, 8, 12, 0, 0, 0, time.UTC)
	midnight := noon.Add(12 * time.Hour)
	w := capped(t, noon.Add(time.Second))
	plan := cost.Make(p, w.input())
	limit := 1.1 * plan.Total.Day.USD
	budget := cost.NewBudget(tenant(0), limit, p)
	before := cost.Use{Tenant: tenant(0), Account: "1", Region: "us-east-1", Action: cost.GetMetricData, Metrics: int64(.85 * limit / p.Of(cost.Use{Region: "us-east-1", Action: cost.GetMetricData, Metrics: 1}).USD)}
	budget.Spend(before, noon)
	var slowed []cost.Event
	w.At(midnight, func() { slowed = budget.Events() })
	asked := w.run(w.sources(func(int) *cost.Budget { return budget }), midnight, midnight.Add(6*time.Hour))
	spent := sum(asked[0], p).usd + p.Of(before).USD
	t.Logf("the first day: %.4f of %.4f USD spent", spent, limit)
	if spent > limit+w.onePoll(p) {
		t.Errorf("spent %.4f of %.4f USD", spent, limit)
	}
	inOrder(t, slowed)
	want, got := sum(plan.Daily, p), sum(asked[1], p)
	t.Logf("6 hours of the next day: %.0f metrics asked for, a quarter of the plan is %.0f", got.metrics, want.metrics/4)
	if got.metrics < .99*want.metrics/4 {
		t.Error("the next day is not full")
	}
	for _, e := range budget.Events() {
		t.Logf("%s %s", e.At.Format("15:04:05"), e)
		if e.To != cost.Full {
			t.Errorf("on the next day %s", e)
		}
	}
}
