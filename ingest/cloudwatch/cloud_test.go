package cloudwatch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
)

// A fleet of three classes and four settling delays over an hour: the calls
// are the fewest that an instant's reads fit into, and each metric is asked
// for as often as its class wants.
func TestCallsAreShared(t *testing.T) {
	e := newEstate(t, none)
	perHour := 0
	add := func(n int, polls int, m func(i int) awsfake.Metric) {
		perHour += n * polls
		for i := range n {
			e.minutely(m(i), noon.Add(-time.Hour), noon.Add(3*time.Hour))
		}
	}
	add(40, 60, func(i int) awsfake.Metric {
		return metric("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", fmt.Sprint("app/", i))
	}) // act, 1m, 3m
	add(300, 12, func(i int) awsfake.Metric {
		return metric("AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", fmt.Sprint("app/", i))
	}) // check, 1m, 3m
	add(200, 12, func(i int) awsfake.Metric {
		return metric("AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", fmt.Sprint("db", i))
	}) // check, 1m, 5m
	add(150, 12, func(i int) awsfake.Metric {
		return metric("AWS/EC2", "CPUUtilization", "InstanceId", fmt.Sprint("i-", i))
	}) // check, 5m, 10m
	e.cfg.Instances = false
	e.open()
	e.run(noon.Add(10 * time.Minute))
	e.calls = nil
	begin := e.Now().Truncate(time.Minute).Add(time.Minute)
	for len(e.calls) == 0 || e.Now().Before(begin.Add(61*time.Minute)) {
		e.next()
	}
	at, requested := map[time.Time]int{}, 0
	calls := 0
	for _, c := range e.calls {
		if m := c.At.Truncate(time.Minute); !m.Before(begin) && m.Before(begin.Add(time.Hour)) {
			at[m] += c.Metrics
			requested += c.Metrics
			calls++
		}
	}
	least := 0
	for _, n := range at {
		least += (n + 499) / 500
	}
	t.Logf("%d metrics in %d calls; the fewest are %d", requested, calls, least)
	if requested != perHour {
		t.Errorf("%d metrics requested in an hour, want %d", requested, perHour)
	}
	if float64(calls) > 1.05*float64(least) {
		t.Errorf("%d calls, the fewest are %d", calls, least)
	}
}

// What happens to instances: one is stopped and comes back, one is terminated,
// one is tagged anew.
func TestLifeOfInstances(t *testing.T) {
	e := newEstate(t, none)
	ids := []string{"i-0aaaaaaaaaaaaaaa1", "i-0aaaaaaaaaaaaaaa2", "i-0aaaaaaaaaaaaaaa3", "i-0aaaaaaaaaaaaaaa4"}
	put := func(id, state, name string) {
		e.region.Instance(awsfake.Instance{ID: id, State: state, Launched: noon.AddDate(0, -1, 0), Tags: map[string]string{"Name": name}})
	}
	for i, id := range ids {
		until := time.Time{}
		if i == 1 {
			until = noon.Add(20 * time.Minute)
		}
		stop, back := noon.Add(20*time.Minute).Unix(), noon.Add(100*time.Minute).Unix()
		e.region.Generate(metric("AWS/EC2", "CPUUtilization", "InstanceId", id), 5*time.Minute, noon.AddDate(0, -1, 0), until, func(at time.Time) (float64, bool) {
			return 7, i != 0 || at.Unix() < stop || at.Unix() >= back
		})
		put(id, "running", "web")
	}
	put(ids[3], "terminated", "web") // before anybody looked
	e.open()
	e.run(noon.Add(30 * time.Minute))
	put(ids[0], "stopped", "web")
	put(ids[1], "terminated", "web")
	put(ids[2], "running", "db")
	later := e.run(noon.Add(70 * time.Minute))
	for id, want := range map[string]kizashi.Ending{ids[0]: kizashi.Stopped, ids[1]: kizashi.Terminated} {
		if ds := declared(later, id); len(ds) != 1 || ds[0].Ended != want {
			t.Errorf("%s: %+v, want %s", id, ds, want)
		}
	}
	if ds := declared(later, ids[2]); len(ds) != 1 || ds[0].Ended != "" || ds[0].Meta.Labels.Get("tag_Name") != "db" {
		t.Errorf("tagged anew: %+v", ds)
	}
	if ds := declared(e.all, ids[3]); len(ds) != 0 {
		t.Errorf("terminated before: %+v", ds)
	}
	e.calls = nil
	e.run(noon.Add(100 * time.Minute))
	asked := 0
	for _, c := range e.calls {
		asked += c.Metrics
	}
	// The third one each five minutes, the two that have ended each quarter of an hour.
	if asked < 6 || asked > 6+2*3 {
		t.Errorf("%d metrics asked in half an hour", asked)
	}
	put(ids[0], "running", "web")
	back := e.run(noon.Add(200 * time.Minute))
	ds := declared(back, ids[0])
	if len(ds) == 0 || ds[len(ds)-1].Ended != "" {
		t.Fatalf("it is back: %+v", ds)
	}
	xs := content(e.all)[curve{ds[0].Meta.Series, 5 * time.Minute}]
	n := 0
	for _, x := range xs {
		if x.At >= kizashi.TimeOf(noon.Add(100*time.Minute)) {
			n++
		}
	}
	if n < 15 {
		t.Errorf("%d samples after its return", n)
	}
}

// Metric math of the catalogue and of the configuration; one that AWS
// refuses is set aside, with a clear error, and the rest goes on.
func TestExpressions(t *testing.T) {
	var log strings.Builder
	e := newEstate(t, func(c *cloudwatch.Config) {
		c.Log = logTo(&log)
		lb := func(m string) cloudwatch.Declared {
			return cloudwatch.Declared{Namespace: "AWS/ApplicationELB", Metric: m, Statistic: "Sum", Dimensions: map[string]string{"LoadBalancer": "app/a"}}
		}
		c.Namespaces = []cloudwatch.Namespace{{Name: "AWS/AutoScaling", Metrics: []cloudwatch.Metric{{Name: "DesiredMinusInService"}}}}
		c.Expressions = []cloudwatch.Expression{
			{Name: "error rate", Expression: "100 * errors / requests", Unit: "Percent", Metrics: map[string]cloudwatch.Declared{"errors": lb("HTTPCode_Target_5XX_Count"), "requests": lb("RequestCount")}},
			{Name: "two", Expression: "[errors, requests]", Metrics: map[string]cloudwatch.Declared{"errors": lb("HTTPCode_Target_5XX_Count"), "requests": lb("RequestCount")}},
			{Name: "several", Expression: `SEARCH('{AWS/ApplicationELB,LoadBalancer} MetricName="RequestCount"', 'Sum', 60)`},
		}
	})
	constant := func(m awsfake.Metric, v float64) {
		e.region.Generate(m, time.Minute, noon.Add(-time.Hour), time.Time{}, func(time.Time) (float64, bool) { return v, true })
	}
	constant(metric("AWS/AutoScaling", "GroupDesiredCapacity", "AutoScalingGroupName", "web"), 5)
	constant(metric("AWS/AutoScaling", "GroupInServiceInstances", "AutoScalingGroupName", "web"), 3)
	constant(metric("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", "app/a"), 2)
	constant(metric("AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/a"), 50)
	constant(metric("AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/b"), 50)
	e.open()
	e.run(noon.Add(30 * time.Minute))
	all := content(e.all)
	for name, want := range map[string]float64{"DesiredMinusInService": 2, "error rate": 4} {
		ds := declared(e.all, name)
		if len(ds) == 0 {
			t.Errorf("%s is not declared", name)
			continue
		}
		xs := all[curve{ds[0].Meta.Series, time.Minute}]
		if len(xs) < 20 || xs[0].Value != want {
			t.Errorf("%s: %d samples, %v", name, len(xs), xs)
		}
	}
	for _, d := range append(declared(e.all, "two"), declared(e.all, "several")...) {
		if n := len(all[curve{d.Meta.Series, time.Minute}]); n > 0 {
			t.Errorf("two: %d samples", n)
		}
	}
	for _, w := range []string{"tenant acme", acme, "ap-northeast-1", "cloudwatch:GetMetricData", "two = [", "several = SEARCH", "the expression returns several series"} {
		if !strings.Contains(log.String(), w) {
			t.Errorf("the log does not say %q: %s", w, log.String())
		}
	}
	same(t, asides(e.all), "query/ out since 2026-11-20T12:00:00Z: expressions (2 series)")
}

// A monitoring account reads the metrics of those it sees, under their own
// account.
func TestMonitoringAccount(t *testing.T) {
	e := newEstate(t, func(c *cloudwatch.Config) { c.Linked, c.LinkedAccounts = true, []string{"444455556666"} })
	for _, id := range []string{"444455556666", "777788889999"} {
		a := e.cloud.Account(id)
		a.Region("ap-northeast-1").Generate(metric("AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", "db"), time.Minute, noon.Add(-time.Hour), time.Time{},
			func(time.Time) (float64, bool) { return 12, true })
		e.account.Link(a)
	}
	e.open()
	e.run(noon.Add(20 * time.Minute))
	ds := declared(e.all, "CPUUtilization")
	if len(ds) != 1 || ds[0].Meta.Labels.Get("account") != "444455556666" {
		t.Fatalf("declared: %+v", ds)
	}
	if xs := content(e.all)[curve{ds[0].Meta.Series, time.Minute}]; len(xs) < 10 || xs[0].Value != 12 {
		t.Errorf("samples: %+v", xs)
	}
}

// What is told of a call is what AWS bills: the metrics that are requested, as
// the plan counts them. An expression is none.
func TestCallsTellTheMetricsThatAreBilled(t *testing.T) {
	e := newEstate(t, func(c *cloudwatch.Config) {
		lb := func(m string) cloudwatch.Declared {
			return cloudwatch.Declared{Namespace: "AWS/ApplicationELB", Metric: m, Statistic: "Sum", Dimensions: map[string]string{"LoadBalancer": "app/a"}}
		}
		c.Namespaces = []cloudwatch.Namespace{{Name: "AWS/AutoScaling", Metrics: []cloudwatch.Metric{{Name: "DesiredMinusInService"}}}}
		c.Expressions = []cloudwatch.Expression{{Name: "error rate", Expression: "100 * errors / requests",
			Metrics: map[string]cloudwatch.Declared{"errors": lb("HTTPCode_Target_5XX_Count"), "requests": lb("RequestCount")}}}
	})
	for _, m := range []awsfake.Metric{metric("AWS/AutoScaling", "GroupDesiredCapacity", "AutoScalingGroupName", "web"), metric("AWS/AutoScaling", "GroupInServiceInstances", "AutoScalingGroupName", "web"),
		metric("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", "app/a"), metric("AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/a")} {
		e.minutely(m, noon.Add(-time.Hour), time.Time{})
	}
	e.open()
	e.run(noon.Add(30 * time.Minute))
	told, billed := 0, int64(0)
	for _, c := range e.calls {
		told += c.Metrics
	}
	for k, n := range e.cloud.Counts() {
		if k.Action == "cloudwatch:GetMetricData" {
			billed += n.Metrics
		}
	}
	if told == 0 || int64(told) != billed {
		t.Errorf("%d metrics in %d calls, billed are %d", told, len(e.calls), billed)
	}
}
