package plan

import (
	"math"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/cost"
)

// fleet is what a region of it has: all classes and two periods.
func fleet(series int) func(string) []kind {
	return func(string) []kind {
		return []kind{
			{cost.Guard, series * 5 / 100, time.Minute},
			{cost.Act, series * 25 / 100, time.Minute},
			{cost.Check, series * 40 / 100, time.Minute},
			{cost.Check, series * 10 / 100, 5 * time.Minute},
			{cost.Record, series * 20 / 100, time.Minute},
		}
	}
}

// What the plan says of a day is what is counted in an hour, times 24, and in
// a day.
func TestThePlanIsWhatIsCounted(t *testing.T) {
	type stretch struct {
		name              string
		accounts, regions int
		series            int
		length            time.Duration
	}
	runs := []stretch{{"an hour of a fleet", 3, 2, 1000, time.Hour}, {"a day of a smaller one", 2, 1, 100, 24 * time.Hour}}
	if soak() {
		runs = []stretch{{"an hour of the whole fleet", 30, 3, 1000, time.Hour}, {"a day of a tenth of it", 3, 3, 1000, 24 * time.Hour}}
	}
	for _, s := range runs {
		t.Run(s.name, func(t *testing.T) {
			begin := time.Date(2026, 9, 8, 0, 0, 0, 0, time.UTC)
			w := &world{t: t, accounts: s.accounts, regions: []string{"ap-northeast-1", "us-east-1", "eu-west-1"}[:s.regions], kinds: fleet(s.series), unseen: 130}
			w.build(begin.Add(-20 * time.Minute))
			asked := w.run(w.sources(func(int) *cost.Budget { return nil }), begin, begin.Add(s.length))
			compare(t, cost.Make(prices(t), w.input()), asked[1], prices(t), float64(24*time.Hour)/float64(s.length))
		})
	}
}

// sums of uses.
type sums struct {
	metrics, calls, lists float64
	usd                   float64
}

func sum(uses []cost.Use, p *cost.Prices) (s sums) {
	for _, u := range uses {
		s.usd += p.Of(u).USD
		if u.Action == cost.GetMetricData {
			s.metrics += float64(u.Metrics)
			s.calls += float64(u.Calls)
		} else {
			s.lists += float64(u.Calls)
		}
	}
	return s
}

func compare(t *testing.T, plan cost.Plan, counted []cost.Use, p *cost.Prices, factor float64) {
	t.Helper()
	want, got := sum(plan.Daily, p), sum(counted, p)
	for _, x := range []struct {
		what      string
		plan, was float64
	}{
		{"metrics requested", want.metrics, got.metrics * factor},
		{"calls of GetMetricData", want.calls, got.calls * factor},
		{"calls of ListMetrics", want.lists, got.lists * factor},
		{"USD", plan.Total.Day.USD, got.usd * factor},
	} {
		off := math.Abs(x.plan/x.was - 1)
		t.Logf("%-24s plan %12.2f a day, counted %12.2f: %.2f %% off", x.what, x.plan, x.was, 100*off)
		if !(off <= .01) {
			t.Errorf("%s: the plan is %.2f %% off, want 1 %%", x.what, 100*off)
		}
	}
}
