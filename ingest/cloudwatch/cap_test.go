package cloudwatch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
)

// The cap is too small for all: what is only recorded gives way first and
// says so, what is to be acted on is read as ever.
func TestTheCapSlowsRecordFirst(t *testing.T) {
	prices, err := cost.Load()
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	// 100 metrics act each minute, 600 record each five: a day costs $1.44 and $1.73.
	budget := cost.NewBudget("acme", 2, prices)
	e := newEstate(t, func(c *cloudwatch.Config) {
		c.Budget, c.Log = budget, logTo(&log)
		c.Poll = map[string]time.Duration{"record": 5 * time.Minute}
		c.Classify = func(m kizashi.Meta) string {
			if m.Labels.Get("metric") == "RequestCount" {
				return "act"
			}
			return "record"
		}
		c.Namespaces = []cloudwatch.Namespace{{Name: "AWS/ApplicationELB", Metrics: []cloudwatch.Metric{{Name: "RequestCount"}, {Name: "TargetResponseTime"}}}}
		c.Tags, c.Instances, c.Groups = false, false, false
	})
	for i := range 600 {
		if i < 100 {
			e.minutely(metric("AWS/ApplicationELB", "RequestCount", "LoadBalancer", fmt.Sprint("app/", i)), noon.Add(-time.Hour), time.Time{})
		}
		e.minutely(metric("AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", fmt.Sprint("app/", i)), noon.Add(-time.Hour), time.Time{})
	}
	spent := 0
	e.open()
	spend := func() {
		for _, c := range e.calls[spent:] {
			budget.Spend(cost.Use{Tenant: c.Tenant, Account: c.Account, Region: c.Region, Action: c.Action, Calls: 1, Metrics: int64(c.Metrics)}, c.At)
		}
		spent = len(e.calls)
	}
	// What is left of the day pays for all that is to be acted on, and for a
	// fifth of the rest.
	budget.Spend(cost.Use{Tenant: "acme", Account: acme, Region: "ap-northeast-1", Action: "cloudwatch:GetMetricData", Metrics: 110_000}, noon)
	act, told := 0, 0
	for e.Now().Before(noon.Add(2 * time.Hour)) {
		b := e.next()
		spend()
		if b.Status != nil {
			told++
			if b.Status.Cause != (kizashi.Cause{Kind: kizashi.CostCap, Name: "record"}) || b.Partition.Source != "record" {
				t.Fatalf("%s: %+v", b.Partition, b.Status)
			}
		}
		if b.Partition.Source == "" {
			act += len(b.Samples)
		}
	}
	if act < 100*110 || told == 0 {
		t.Errorf("%d samples to act on, want one a minute of each; told %d times", act, told)
	}
	asked := 0
	for _, c := range e.calls {
		asked += c.Metrics
	}
	if record := asked - 100*120; record > 600*24/3 {
		t.Errorf("%d metrics asked for the record of %d: nothing gave way", record, 600*24)
	}
	for _, w := range []string{"reads give way to the cap", "class=record"} {
		if !strings.Contains(log.String(), w) {
			t.Errorf("the log does not say %q", w)
		}
	}
}

// Stopped for three days: the gap is fetched, whole and in order, in as few
// calls as it fits into.
func TestStoppedForThreeDays(t *testing.T) {
	e := newEstate(t, func(c *cloudwatch.Config) {
		c.Poll = map[string]time.Duration{"check": time.Minute}
		c.Namespaces = []cloudwatch.Namespace{{Name: "AWS/ApplicationELB", Metrics: []cloudwatch.Metric{{Name: "RequestCount"}}}}
	})
	for i := range 40 {
		e.minutely(metric("AWS/ApplicationELB", "RequestCount", "LoadBalancer", fmt.Sprint("app/", i)), noon.Add(-time.Hour), time.Time{})
	}
	e.open()
	e.run(noon.Add(10 * time.Minute))
	e.clock.at = noon.Add(72 * time.Hour)
	e.open()
	e.calls = nil
	e.run(noon.Add(72*time.Hour + 10*time.Minute))
	for k, xs := range content(e.all) {
		for i := 1; i < len(xs); i++ {
			if xs[i].At != xs[i-1].End() || xs[i].Late {
				t.Fatalf("%v: %+v follows %+v", k, xs[i], xs[i-1])
			}
		}
		if len(xs) < 72*60 {
			t.Errorf("%v: %d samples", k, len(xs))
		}
	}
	gap := 0
	for _, c := range e.calls {
		if c.At.Before(noon.Add(72*time.Hour + time.Minute)) {
			gap++
		}
	}
	if gap > 8 { // 40 series x 72 h are 172,800 points; in memory are 24 h at a time
		t.Errorf("%d calls for the gap", gap)
	}
}

// A class that a rule changes moves the series to another partition: nothing
// is lost and nothing delivered twice on the way.
func TestMoved(t *testing.T) {
	class := "check"
	e := newEstate(t, func(c *cloudwatch.Config) {
		c.Classify = func(kizashi.Meta) string { return class }
		c.Namespaces = []cloudwatch.Namespace{{Name: "AWS/ApplicationELB", Metrics: []cloudwatch.Metric{{Name: "RequestCount"}}}}
	})
	e.minutely(metric("AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/a"), noon.Add(-time.Hour), time.Time{})
	e.open()
	e.run(noon.Add(30 * time.Minute))
	class = "act"
	e.run(noon.Add(90 * time.Minute))
	class = "record"
	e.run(noon.Add(190 * time.Minute))
	seen := map[kizashi.Time]bool{}
	var first, last kizashi.Time = kizashi.Forever, kizashi.Never
	for _, xs := range content(e.all) {
		for _, x := range xs {
			if seen[x.At] {
				t.Errorf("%s is delivered twice", x.At)
			}
			seen[x.At], first, last = true, min(first, x.At), max(last, x.At)
		}
	}
	if n := int(last.Sub(first)/time.Minute) + 1; n != len(seen) {
		t.Errorf("%d samples over %d minutes", len(seen), n)
	}
	closed := 0
	for _, b := range e.all {
		for _, r := range b.Roster {
			if r.Op == kizashi.Close {
				closed++
			}
		}
	}
	if closed != 2 {
		t.Errorf("%d partitions were closed, want the two that were left", closed)
	}
}

// Every failure says whom it concerns and what was asked.
func TestFailuresNameWhomTheyConcern(t *testing.T) {
	for _, c := range []struct {
		deny  string
		cause kizashi.Cause
	}{
		{"cloudwatch:ListMetrics", kizashi.Cause{Kind: kizashi.NoPermission, Name: "cloudwatch:ListMetrics"}},
		{"cloudwatch:GetMetricData", kizashi.Cause{Kind: kizashi.NoPermission, Name: "cloudwatch:GetMetricData"}},
	} {
		e := newEstate(t, none)
		e.minutely(metric("AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", "db"), noon.Add(-time.Hour), time.Time{})
		e.account.Deny(c.deny)
		e.open()
		var s *kizashi.Status
		for range 10 {
			if b := e.next(); b.Status != nil {
				s = b.Status
				break
			}
		}
		if s == nil || s.Cause != c.cause {
			t.Fatalf("%s: %+v", c.deny, s)
		}
		for _, w := range []string{"tenant acme", "account " + acme, "region ap-northeast-1", "call " + c.deny} {
			if !strings.Contains(s.Reason, w) {
				t.Errorf("%q does not say %q", s.Reason, w)
			}
		}
	}
}

// When the cap leaves nothing for any class, nobody is called at all: no list,
// no retry, and not by a start either, until the day is over.
func TestNothingIsCalledWhenTheCapIsSpent(t *testing.T) {
	prices, err := cost.Load()
	if err != nil {
		t.Fatal(err)
	}
	budget := cost.NewBudget("acme", 1, prices)
	e := remembering(t, func(c *cloudwatch.Config) {
		c.Budget = budget
		c.Namespaces = []cloudwatch.Namespace{{Name: "AWS/ApplicationELB", Metrics: []cloudwatch.Metric{{Name: "RequestCount"}}}}
	})
	e.minutely(metric("AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/a"), noon.Add(-time.Hour), time.Time{})
	calls := func() (n int64) {
		for _, x := range e.cloud.Counts() {
			n += x.Calls
		}
		return n
	}
	midnight := noon.Add(12 * time.Hour)
	e.open()
	e.run(noon.Add(30 * time.Minute))
	budget.Spend(cost.Use{Action: "cloudwatch:GetMetricData", Metrics: 1_000_000}, e.Now())
	e.cloud.Script(awsfake.Fault{Op: "GetMetricData", Down: true, Until: noon.Add(35 * time.Minute)}) // it fails just then
	e.run(noon.Add(40 * time.Minute))
	before := calls()
	bs := e.run(noon.Add(6 * time.Hour))
	bs = append(bs, e.away(noon.Add(7*time.Hour), 3*time.Hour)...)
	for _, b := range bs {
		if s := b.Status; s == nil || s.Cause != (kizashi.Cause{Kind: kizashi.CostCap, Name: "check"}) || !strings.Contains(s.Reason, "class check is not polled any more today") {
			t.Fatalf("%s: %+v", b.Partition, s)
		}
	}
	if n := calls() - before; n != 0 {
		t.Errorf("%d calls while the cap was spent", n)
	}
	e.run(midnight.Add(20 * time.Minute))
	d := declared(e.all, "RequestCount")[0]
	xs := content(e.all)[curve{d.Meta.Series, time.Minute}]
	if n := int(xs[len(xs)-1].At.Sub(xs[0].At)/time.Minute) + 1; n != len(xs) || xs[len(xs)-1].At < kizashi.TimeOf(midnight.Add(5*time.Minute)) {
		t.Errorf("%d samples from %s to %s", len(xs), xs[0].At, xs[len(xs)-1].At)
	}
}
