package cloudwatch_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// estate is an account of an emulated cloud, and a source over one region.
type estate struct {
	*clock
	t       testing.TB
	cloud   *awsfake.Cloud
	account *awsfake.Account
	region  *awsfake.Region
	cfg     cloudwatch.Config
	src     *cloudwatch.Source
	last    map[kizashi.Partition]uint64 // of what is durable
	calls   []access.Call                // of GetMetricData
	all     []kizashi.Batch              // that are durable
}

const acme = "111122223333"

func newEstate(t testing.TB, edit func(*cloudwatch.Config)) *estate {
	t.Helper()
	e := &estate{t: t, clock: &clock{at: noon}, last: map[kizashi.Partition]uint64{}}
	e.cloud = awsfake.NewCloud(e.Now)
	e.account = e.cloud.Account(acme)
	e.region = e.account.Region("ap-northeast-1")
	server := httptest.NewServer(e.cloud)
	t.Cleanup(server.Close)
	id, secret := e.account.Keys()
	for k, v := range map[string]string{"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"} {
		t.Setenv(k, v)
	}
	session, err := access.Open(context.Background(), access.Account{Tenant: "acme", ID: acme, Endpoint: server.URL, Share: 1},
		access.Options{Now: e.Now, Sleep: e.Sleep, OnCall: func(c access.Call) {
			if c.Action == "cloudwatch:GetMetricData" {
				e.calls = append(e.calls, c)
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	})
	e.cfg = cloudwatch.Config{Session: session, Region: "ap-northeast-1", Backfill: -1, Tags: true, Instances: true, Groups: true, Now: e.Now, Sleep: e.Sleep}
	if edit != nil {
		edit(&e.cfg)
	}
	return e
}

// open starts a source from what is durable.
func (e *estate) open() {
	e.t.Helper()
	src, err := cloudwatch.New(context.Background(), e.cfg)
	if err != nil {
		e.t.Fatal(err)
	}
	if err := src.Open(e.last); err != nil {
		e.t.Fatal(err)
	}
	e.src = src
}

// take reads one batch without making it durable.
func (e *estate) take() kizashi.Batch {
	e.t.Helper()
	b, err := e.src.Next(context.Background())
	if err != nil {
		e.t.Fatal(err)
	}
	if b.Pos <= e.last[b.Partition] {
		e.t.Fatalf("%s: Pos %d after %d", b.Partition, b.Pos, e.last[b.Partition])
	}
	return b
}

// next reads one batch and makes it durable.
func (e *estate) next() kizashi.Batch {
	e.t.Helper()
	b := e.take()
	e.last[b.Partition] = b.Pos
	e.all = append(e.all, b)
	if err := e.src.Ack(b.Partition, b.Pos); err != nil {
		e.t.Fatal(err)
	}
	return b
}

// run goes on to an instant of the clock.
func (e *estate) run(to time.Time) (bs []kizashi.Batch) {
	e.t.Helper()
	for e.Now().Before(to) {
		bs = append(bs, e.next())
	}
	return bs
}

func (e *estate) minutely(m awsfake.Metric, from, to time.Time) {
	k := float64(len(m.Dimensions)) + float64(len(m.Name))
	e.region.Generate(m, time.Minute, from, to, func(at time.Time) (float64, bool) { return k + float64(at.Unix()/60%97), true })
}

func metric(namespace, name string, dims ...string) awsfake.Metric {
	m := awsfake.Metric{Namespace: namespace, Name: name, Dimensions: map[string]string{}}
	for i := 0; i < len(dims); i += 2 {
		m.Dimensions[dims[i]] = dims[i+1]
	}
	return m
}

// declared finds the declarations of series whose name has a part.
func declared(bs []kizashi.Batch, part string) (out []kizashi.Declaration) {
	for _, b := range bs {
		for _, d := range b.Declare {
			if strings.Contains(d.Meta.Name(), part) {
				out = append(out, d)
			}
		}
	}
	return out
}

func none(c *cloudwatch.Config) {}

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

// A back-fill that is killed again and again, the page in flight lost each
// time, gives the same samples, and asks for no page twice but for that one.
func TestBackfillKilled(t *testing.T) {
	setup := func(n int, back time.Duration, coarse bool) *estate {
		e := newEstate(t, func(c *cloudwatch.Config) {
			c.Backfill, c.Coarse, c.Tags, c.Instances, c.Groups = back, coarse, false, false, false
		})
		for i := range n {
			e.minutely(metric("AWS/ApplicationELB", "RequestCount", "LoadBalancer", fmt.Sprintf("app/%03d", i)), noon.AddDate(-2, 0, 0), time.Time{})
		}
		return e
	}
	for _, c := range []struct {
		name   string
		series int
		back   time.Duration
		coarse bool
	}{{"two weeks and the year before", 20, 14 * 24 * time.Hour, true}, {"three buckets", 900, 4 * time.Hour, false}} {
		t.Run(c.name, func(t *testing.T) {
			e := setup(c.series, c.back, c.coarse)
			e.open()
			for len(e.all) < 3 || len(e.src.Progress()) > 0 {
				e.next()
			}
			pages := 0
			for _, b := range e.all {
				if b.Partition.Backfill != "" && len(b.Samples) > 0 {
					pages++
				}
			}
			want, calls := content(e.all), len(e.calls)
			k := setup(c.series, c.back, c.coarse)
			kills := 0
			k.open()
			for i := 0; len(k.all) < 3 || len(k.src.Progress()) > 0; i++ {
				if every := max(1, len(e.all)/11); kills < 10 && i%every == every-1 {
					k.take() // and lost
					k.open()
					kills++
				}
				k.next()
			}
			k.next() // a batch that was queued with the last page
			t.Logf("%d pages, %d calls; killed %d times: %d calls", pages, calls, kills, len(k.calls))
			if kills < 5 {
				t.Errorf("killed only %d times", kills)
			}
			got := content(k.all)
			for id, w := range want {
				if n := min(len(w), len(got[id])); !slices.Equal(w[:n], got[id][:n]) || n < len(w)-60 {
					t.Fatalf("%v: %d samples, want %d, or they differ", id, len(got[id]), len(w))
				}
			}
			if len(k.calls) > calls+2*kills {
				t.Errorf("%d calls after %d kills, without them %d", len(k.calls), kills, calls)
			}
		})
	}
}

// curve is a series at one period.
type curve struct {
	id     kizashi.SeriesID
	period time.Duration
}

// content is what was delivered, by period and series: back-fill and main
// together.
func content(bs []kizashi.Batch) map[curve][]kizashi.Sample {
	out := map[curve][]kizashi.Sample{}
	for _, b := range bs {
		for _, x := range b.Samples {
			k := curve{x.Series, x.Period}
			out[k] = append(out[k], x)
		}
	}
	return out
}

// The order of a back-fill: the two weeks first, all buckets to one instant,
// then the year by the hour, which informs from an hour on that main has not
// come to, and two months by five minutes, which are kept only.
func TestCoarseHistoryFollows(t *testing.T) {
	e := newEstate(t, func(c *cloudwatch.Config) { c.Backfill, c.Coarse = 14*24*time.Hour, true })
	e.minutely(metric("AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/a"), noon.AddDate(-2, 0, 0), time.Time{})
	e.open()
	for len(e.all) < 3 || len(e.src.Progress()) > 0 {
		e.next()
	}
	e.next() // the end of the last one
	var order, informs []string
	main := kizashi.Never
	spans := map[string][2]kizashi.Time{}
	for _, b := range e.all {
		if b.Partition.Backfill == "" {
			main = b.Until
			continue
		}
		if n := len(b.Samples); n > 0 {
			k := b.Partition.Backfill + " " + b.Samples[0].Period.String()
			if !slices.Contains(order, k) {
				order = append(order, k)
			}
			s, ok := spans[k]
			if !ok {
				s[0] = b.Samples[0].At
			}
			s[1] = b.Samples[n-1].End()
			spans[k] = s
		}
		if len(b.Roster) > 0 && b.Roster[0].Op == kizashi.Join && len(b.Declare) != 1 && b.Partition.Coarse() {
			t.Errorf("%s declares %d series: nobody knows whom it informs", b.Partition, len(b.Declare))
		}
		for _, r := range b.Roster {
			if r.Op == kizashi.Inform {
				informs = append(informs, r.Partition.Backfill)
			}
			if r.Op == kizashi.Inform && (r.At <= main || r.At.Floor(time.Hour) != r.At || r.To.Backfill != "" || r.To.Period != time.Minute) {
				t.Errorf("informs at %s to %s, while main is at %s", r.At, r.To, main)
			}
		}
	}
	if want := []string{"initial-1of1 1m0s", "coarse-1h-1of1 1h0m0s", "coarse-5m-1of1 5m0s"}; !slices.Equal(order, want) {
		t.Fatalf("order %v, want %v", order, want)
	}
	if want := []string{"coarse-1h-1of1"}; !slices.Equal(informs, want) {
		t.Errorf("%v inform, want %v", informs, want)
	}
	begin := spans[order[0]][0]
	for k, days := range map[string]int{order[1]: 424, order[2]: 58} {
		s := spans[k]
		if s[1] < begin || s[1] > begin.Add(time.Hour) || int(kizashi.TimeOf(noon).Sub(s[0])/(24*time.Hour)) != days {
			t.Errorf("%s covers [%s, %s), want up to %s and %d days back", k, s[0], s[1], begin, days)
		}
	}
}

// A series that is found later because its tag was set has its history read,
// and main's samples wait for that; a new one starts like its sibling.
func TestFoundLater(t *testing.T) {
	e := newEstate(t, func(c *cloudwatch.Config) {
		c.Backfill = 6 * time.Hour
		m, err := kizashi.ParseMatcher(`tag_watch="yes"`)
		if err != nil {
			t.Fatal(err)
		}
		c.Select = []kizashi.Matchers{{m}}
		c.GroupBy = "tag_system"
	})
	arn := "arn:aws:rds:ap-northeast-1:" + acme + ":db:"
	tag := func(db string, tags map[string]string) { e.region.Tag(arn+db, tags) }
	for _, db := range []string{"a", "b"} {
		e.minutely(metric("AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", db), noon.AddDate(0, -1, 0), time.Time{})
	}
	tag("a", map[string]string{"watch": "yes", "system": "shop"})
	tag("b", map[string]string{"watch": "no", "system": "shop"})
	e.open()
	e.run(noon.Add(30 * time.Minute))
	if n := len(declared(e.all, "RDS")) + len(declared(e.all, "CPUUtilization Average b")); n != 0 {
		t.Fatalf("b is declared: %d", n)
	}
	tag("b", map[string]string{"watch": "yes", "system": "shop"})
	e.minutely(metric("AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", "c"), noon.Add(40*time.Minute), time.Time{})
	tag("c", map[string]string{"watch": "yes", "system": "shop"})
	bs := e.run(noon.Add(90 * time.Minute))
	b, c := declared(bs, "CPUUtilization Average b"), declared(bs, "CPUUtilization Average c")
	if len(b) != 2 || b[0].Like != 0 || b[0].From >= b[1].From || b[0].Meta.Group != "shop" {
		t.Fatalf("b: %+v", b)
	}
	a := declared(e.all, "CPUUtilization Average a")[0].Meta.Series
	if len(c) != 1 || c[0].Like != a {
		t.Errorf("c: %+v, want like %s", c, a)
	}
	var story []string
	for _, x := range bs {
		for _, r := range x.Roster {
			kind, _, _ := strings.Cut(x.Partition.Backfill, "-")
			story = append(story, fmt.Sprintf("%s %s", kind, r.Op))
		}
	}
	if want := []string{"found join", "found handover", "found close"}; !slices.Equal(story, want) {
		t.Errorf("roster %v, want %v", story, want)
	}
	all := content(bs)[curve{b[0].Meta.Series, time.Minute}]
	slices.SortStableFunc(all, func(x, y kizashi.Sample) int { return int(x.At - y.At) })
	for i := 1; i < len(all); i++ {
		if all[i].At != all[i-1].End() {
			t.Fatalf("b: %s follows %s", all[i].At, all[i-1].At)
		}
	}
	if all[0].At > kizashi.TimeOf(noon.Add(-4*time.Hour)) {
		t.Errorf("b begins at %s", all[0].At)
	}
	if cs := content(bs)[curve{c[0].Meta.Series, time.Minute}]; len(cs) == 0 || cs[0].At != kizashi.TimeOf(noon.Add(40*time.Minute)) {
		t.Errorf("c: %d samples", len(cs))
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
