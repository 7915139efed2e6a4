package cost

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The worked example of docs/cost.md: 1,200 metrics of EC2 in Tokyo, 1,000
// series of them watched.
func example() Input {
	d := Demand{Tenant: "acme", Account: "111111111111", Region: "ap-northeast-1", Namespace: "AWS/EC2"}
	with := func(c Class, period time.Duration, n int64) Demand {
		d.Class, d.Period, d.Count = c, period, n
		return d
	}
	return Input{
		Demands:  []Demand{with(Act, time.Minute, 600), with(Check, time.Minute, 300), with(Record, 5*time.Minute, 100)},
		Existing: []Existing{{Tenant: "acme", Account: "111111111111", Region: "ap-northeast-1", Namespace: "AWS/EC2", Period: time.Minute, Count: 1200}},
		History:  History{Length: 14 * aDay, Coarse: true},
	}
}

func TestThePlanByHand(t *testing.T) {
	p := Make(prices(t), example())
	r := p.Total
	// 600 x 1,440 + 300 x 288 + 100 x 96 metrics; 2 calls each minute (500 and
	// 100, at every fifth 900, at every fifteenth 1,000); 3 pages an hour.
	if r.Series != 1000 || r.Existing != 1200 || r.Metrics != 960_000 || r.Calls != 2880+72 {
		t.Errorf("%+v", r)
	}
	if day := 9.6 + 0.00072; !near(r.Day.USD, day) || !near(r.Month.USD, 30*day) {
		t.Errorf("a day %v, a month %v", r.Day.USD, r.Month.USD)
	}
	// Buckets of 50, 2,016 points a call. 14 days of minutes are 20,160 points,
	// 10 calls each: 600 series in 12 buckets, 300 in 6; 100 of 5 minutes: 4,032
	// points, 2 calls each of 2. Hours from 424 2/3 days to 14 ago: 9,856 points,
	// 5 calls each; 5 minutes from 58.8 days to 14 ago: 12,902 points, 7 each.
	metrics, calls := int64(900*10+100*2+1000*5+900*7), int64(18*10+2*2+20*5+18*7)
	if r.OnceMetrics != metrics || r.OnceCalls != calls || !near(r.Once.USD, float64(metrics)*0.01/1000) {
		t.Errorf("back-fill: %d metrics, want %d; %d calls, want %d; %v", r.OnceMetrics, metrics, r.OnceCalls, calls, r.Once)
	}
	updates := 1200.0 * 30 * 1440
	if !near(r.Stream.USD, updates*0.003/1000+updates*350/1e9*0.036) || !near(r.Alarms.USD, 300) {
		t.Errorf("streams %v, alarms %v", r.Stream.USD, r.Alarms.USD)
	}
	if !near(p.Free.USD, 72*30*0.01/1000) {
		t.Errorf("free %v", p.Free)
	}
	for name, m := range map[string]Money{"day": r.Day, "month": r.Month, "back-fill": r.Once, "streams": r.Stream, "alarms": r.Alarms, "free": p.Free} {
		if !m.Unverified || len(m.Notes) == 0 {
			t.Errorf("%s stands without its mark: %+v", name, m)
		}
	}
	if want := []string{"firehose (ap-northeast-1)", "size_update", "stream_updates"}; !reflect.DeepEqual(r.Stream.Notes, want) {
		t.Errorf("%v, want %v", r.Stream.Notes, want)
	}
}

// A price that is verified marks nothing, and one that is not marks only what
// it touches.
func TestMarksAreOfThePricesInIt(t *testing.T) {
	p := prices(t)
	if err := p.Override(priceFile(t, `
prices:
  metrics_requested: {value: 0.01, unit: 1000 metrics, as_of: 2026-11-28, verified: true}
`)); err != nil {
		t.Fatal(err)
	}
	r := Make(p, example())
	if !r.Total.Day.Unverified || !reflect.DeepEqual(r.Total.Day.Notes, []string{"requests"}) {
		t.Errorf("the lists' price is unverified and in the day: %+v", r.Total.Day)
	}
	if r.Total.Once.Unverified {
		t.Errorf("back-fill: %+v", r.Total.Once)
	}
}

func TestIntervalsAreWholePeriods(t *testing.T) {
	own := map[Class]time.Duration{Check: 7 * time.Minute, Record: time.Hour}
	for _, c := range []struct {
		class  Class
		period time.Duration
		poll   map[Class]time.Duration
		want   time.Duration
	}{
		{Act, time.Minute, nil, time.Minute},
		{Guard, 10 * time.Second, nil, 10 * time.Second},
		{Check, time.Minute, nil, 5 * time.Minute},
		{"", time.Minute, nil, 5 * time.Minute},
		{Record, time.Minute, nil, 15 * time.Minute},
		{Record, 24 * time.Hour, nil, 24 * time.Hour},
		{Check, 5 * time.Minute, own, 10 * time.Minute},
		{Record, time.Minute, own, time.Hour},
		{Act, time.Minute, own, time.Minute},
	} {
		if got := Interval(c.class, c.period, c.poll); got != c.want {
			t.Errorf("%s at %s: %s, want %s", c.class, c.period, got, c.want)
		}
	}
}

// An expression asks for the metrics in it, and takes a query more.
func TestExpressionsCountTheirMetrics(t *testing.T) {
	in := Input{Demands: []Demand{{Account: "1", Namespace: "AWS/AutoScaling", Class: Act, Period: time.Minute, Count: 200, Metrics: 2, Queries: 3}}}
	p := Make(prices(t), in)
	if p.Total.Metrics != 400*1440 || p.Total.Calls != 2*1440 {
		t.Errorf("%+v", p.Total)
	}
}

// The rows are the same money, cut in three ways, and calls are never fewer
// than the metrics need.
func TestRowsAddUp(t *testing.T) {
	p := prices(t)
	rapid.Check(t, func(t *rapid.T) {
		pick := func(what string, of ...string) string { return rapid.SampledFrom(of).Draw(t, what) }
		in := Input{History: example().History}
		for range rapid.IntRange(0, 8).Draw(t, "demands") {
			in.Demands = append(in.Demands, Demand{Tenant: pick("tenant", "a", "b"), Account: pick("account", "1", "2"), Region: pick("region", "us-east-1", "ap-northeast-1"),
				Namespace: pick("namespace", "AWS/EC2", "AWS/RDS"), Class: Class(pick("class", "guard", "act", "check", "record", "")),
				Period: rapid.SampledFrom([]time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, aDay}).Draw(t, "period"),
				Count:  rapid.Int64Range(1, 2000).Draw(t, "count"), Metrics: rapid.Int64Range(0, 3).Draw(t, "metrics")})
		}
		for range rapid.IntRange(0, 3).Draw(t, "existing") {
			in.Existing = append(in.Existing, Existing{Tenant: pick("tenant", "a", "b"), Account: pick("account", "1", "2"), Region: "us-east-1",
				Namespace: pick("namespace", "AWS/EC2", "AWS/RDS"), Count: rapid.Int64Range(0, 5000).Draw(t, "count")})
		}
		plan := Make(p, in)
		for _, rows := range [][]Row{plan.Tenants, plan.Accounts, plan.Namespaces} {
			var sum Row
			for _, r := range rows {
				sum.Series, sum.Metrics, sum.Calls, sum.OnceMetrics, sum.OnceCalls = sum.Series+r.Series, sum.Metrics+r.Metrics, sum.Calls+r.Calls, sum.OnceMetrics+r.OnceMetrics, sum.OnceCalls+r.OnceCalls
				sum.Day, sum.Once, sum.Stream, sum.Alarms = sum.Day.Plus(r.Day), sum.Once.Plus(r.Once), sum.Stream.Plus(r.Stream), sum.Alarms.Plus(r.Alarms)
			}
			all := plan.Total
			if sum.Series != all.Series || sum.Metrics != all.Metrics || sum.Calls != all.Calls || sum.OnceMetrics != all.OnceMetrics || sum.OnceCalls != all.OnceCalls ||
				!near(sum.Day.USD, all.Day.USD) || !near(sum.Once.USD, all.Once.USD) || !near(sum.Stream.USD, all.Stream.USD) || !near(sum.Alarms.USD, all.Alarms.USD) {
				t.Fatalf("%+v\nis not\n%+v", sum, all)
			}
		}
		if plan.Total.Calls*queriesACall < plan.Total.Metrics {
			t.Fatalf("%d calls cannot ask for %d metrics", plan.Total.Calls, plan.Total.Metrics)
		}
		if again := Make(p, in); !reflect.DeepEqual(again, plan) {
			t.Fatal("the same input, another plan")
		}
	})
}
