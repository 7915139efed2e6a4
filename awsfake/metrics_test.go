package awsfake_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/kizashi-ops/kizashi/awsfake"
)

// ask is a query of a metric at a period.
func ask(id string, m awsfake.Metric, stat string, period time.Duration) types.MetricDataQuery {
	return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{Metric: sdkMetric(m), Period: aws.Int32(int32(period / time.Second)), Stat: &stat}}
}

func sdkMetric(m awsfake.Metric) *types.Metric {
	out := &types.Metric{Namespace: &m.Namespace, MetricName: &m.Name}
	for k, v := range m.Dimensions {
		out.Dimensions = append(out.Dimensions, types.Dimension{Name: &k, Value: &v})
	}
	return out
}

func expression(id, expr string) types.MetricDataQuery {
	return types.MetricDataQuery{Id: &id, Expression: &expr}
}

// got is the values of each result, oldest first, and its status; and the
// number of pages.
type got struct {
	values map[string][]float64
	times  map[string][]time.Time
	status map[string][]types.StatusCode
	pages  int
	err    error
}

func fetch(c *cloudwatch.Client, from, to time.Time, qs ...types.MetricDataQuery) got {
	out := got{values: map[string][]float64{}, times: map[string][]time.Time{}, status: map[string][]types.StatusCode{}}
	p := cloudwatch.NewGetMetricDataPaginator(c, &cloudwatch.GetMetricDataInput{StartTime: &from, EndTime: &to, ScanBy: types.ScanByTimestampAscending, MetricDataQueries: qs})
	for p.HasMorePages() {
		page, err := p.NextPage(context.Background())
		if err != nil {
			out.err = err
			return out
		}
		out.pages++
		for _, r := range page.MetricDataResults {
			out.values[*r.Id] = append(out.values[*r.Id], r.Values...)
			out.times[*r.Id] = append(out.times[*r.Id], r.Timestamps...)
			out.status[*r.Id] = append(out.status[*r.Id], r.StatusCode)
		}
	}
	return out
}

// minute is the value of a test's generated series.
func minute(at time.Time) (float64, bool) { return float64(at.Unix() / 60 % 1000), true }

func TestGeneratedPointsAreSeenWhenTheirMinuteIsOver(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	a.Region(tokyo).Generate(cpu, time.Minute, noon.Add(-time.Hour), noon.Add(time.Hour), minute)
	c := w.cloudwatch(a, tokyo)
	for range 3 {
		g := fetch(c, noon.Add(-2*time.Hour), noon.Add(2*time.Hour), ask("q", cpu, "Average", time.Minute))
		want := int(w.now().Sub(noon.Add(-time.Hour)) / time.Minute)
		if g.err != nil || len(g.values["q"]) != min(want, 120) {
			t.Errorf("at %s: %d points, %v, want %d", w.now(), len(g.values["q"]), g.err, want)
		}
		w.pass(59*time.Minute + 59*time.Second)
	}
}

func TestStatistics(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	c := w.cloudwatch(a, tokyo)
	at := noon.Add(-10 * time.Minute)
	var values []float64
	for i := range 100 {
		values = append(values, float64(100-i))
	}
	put := func(d types.MetricDatum) {
		t.Helper()
		d.MetricName, d.Timestamp = aws.String("latency"), &at
		if _, err := c.PutMetricData(context.Background(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("App"), MetricData: []types.MetricDatum{d}}); err != nil {
			t.Fatal(err)
		}
	}
	put(types.MetricDatum{Values: values})
	m := awsfake.Metric{Namespace: "App", Name: "latency"}
	for stat, want := range map[string]float64{"Sum": 5050, "Average": 50.5, "Minimum": 1, "Maximum": 100, "SampleCount": 100, "p50": 50, "p99.9": 100, "p0": 1, "p100": 100,
		"tm90": 45.5, "TM(10%:90%)": 50.5, "TM(:50)": 25.5, "TM(90:)": 95.5, "PR(:25)": 25, "PR(10:20)": 10, "tc90": 90, "TS(99%:)": 100, "wm90": (45.0*91 + 90*10) / 100, "IQM": 50.5} {
		g := fetch(c, at, noon, ask("q", m, stat, time.Minute))
		if g.err != nil || len(g.values["q"]) != 1 || math.Abs(g.values["q"][0]-want) > 1e-9 {
			t.Errorf("%s: %v, %v, want %v", stat, g.values["q"], g.err, want)
		}
	}
	for _, bad := range []string{"p101", "Median", "tm", "TM(10%:20)", "PR50", "TM(a:b)", "p", ""} {
		if g := fetch(c, at, noon, ask("q", m, bad, time.Minute)); g.err == nil {
			t.Errorf("%s gives %v", bad, g.values)
		}
	}
	// A statistic set has no percentiles; its sums add to what is there.
	put(types.MetricDatum{StatisticValues: &types.StatisticSet{SampleCount: aws.Float64(10), Sum: aws.Float64(1000), Minimum: aws.Float64(-5), Maximum: aws.Float64(200)}})
	g := fetch(c, at, noon, ask("n", m, "SampleCount", time.Minute), ask("s", m, "Sum", time.Minute), ask("min", m, "Minimum", time.Minute), ask("p", m, "p90", time.Minute))
	if g.err != nil || fmt.Sprint(g.values) != "map[min:[-5] n:[110] p:[] s:[6050]]" {
		t.Errorf("%v, %v", g.values, g.err)
	}
}

// 1 minute is kept 15 days, 5 minutes 63, 1 hour 455, a second 3 hours.
func TestRetention(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	r := a.Region(tokyo)
	r.Generate(cpu, time.Minute, noon.AddDate(-2, 0, 0), time.Time{}, minute)
	c := w.cloudwatch(a, tokyo)
	const day = 24 * time.Hour
	for _, x := range []struct {
		period, ago time.Duration
		want        int
	}{
		{time.Minute, 15*day - time.Hour, 60}, {time.Minute, 15*day + 30*time.Minute, 30}, {time.Minute, 16 * day, 0},
		{5 * time.Minute, 16 * day, 12}, {5 * time.Minute, 64 * day, 0}, {time.Hour, 64 * day, 1}, {time.Hour, 456 * day, 0},
		{time.Second, 2 * time.Hour, 60}, {time.Second, 5 * time.Hour, 0},
	} {
		from := noon.Add(-x.ago)
		g := fetch(c, from, from.Add(time.Hour), ask("q", cpu, "Sum", x.period))
		if g.err != nil || len(g.values["q"]) != x.want {
			t.Errorf("%s of %s ago: %d points, %v, want %d", x.period, x.ago, len(g.values["q"]), g.err, x.want)
		}
	}
}

// StartTime is rounded down: to 1 minute, 5 minutes or 1 hour by its age.
// Bins begin at the rounded start, as the examples of AWS's documentation do.
func TestStartIsRounded(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	a.Region(tokyo).Generate(cpu, time.Minute, noon.AddDate(-2, 0, 0), time.Time{}, minute)
	c := w.cloudwatch(a, tokyo)
	for _, x := range []struct {
		from   time.Time
		period time.Duration
		want   time.Time
	}{
		{noon.Add(-time.Hour + 34*time.Second), time.Minute, noon.Add(-time.Hour)},
		{noon.Add(-time.Hour - 3*time.Minute), 5 * time.Minute, noon.Add(-time.Hour - 3*time.Minute)},
		{noon.AddDate(0, 0, -20).Add(7 * time.Minute), 5 * time.Minute, noon.AddDate(0, 0, -20).Add(5 * time.Minute)},
		{noon.AddDate(0, 0, -70).Add(50 * time.Minute), time.Hour, noon.AddDate(0, 0, -70)},
	} {
		g := fetch(c, x.from, x.from.Add(2*time.Hour), ask("q", cpu, "Sum", x.period))
		if g.err != nil || len(g.times["q"]) == 0 || !g.times["q"][0].Equal(x.want) {
			t.Errorf("from %s: %v, %v, want %s first", x.from, g.times["q"], g.err, x.want)
		}
	}
}

func TestMath(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	r := a.Region(tokyo)
	m2 := awsfake.Metric{Namespace: "AWS/EC2", Name: "NetworkIn", Dimensions: map[string]string{"InstanceId": "i-1"}}
	for i, v := range []float64{10, 20, 30} {
		r.Put(cpu, noon.Add(time.Duration(i-3)*time.Minute), v)
		if i != 1 {
			r.Put(m2, noon.Add(time.Duration(i-3)*time.Minute), v/10)
		}
	}
	r.Put(awsfake.Metric{Namespace: "AWS/EC2", Name: "CPUUtilization", Dimensions: map[string]string{"InstanceId": "i-2"}}, noon.Add(-time.Minute), 7)
	c := w.cloudwatch(a, tokyo)
	hidden := ask("b", m2, "Sum", time.Minute)
	hidden.ReturnData = aws.Bool(false)
	run := func(expr string) got {
		return fetch(c, noon.Add(-time.Hour), noon, ask("a", cpu, "Sum", time.Minute), hidden, expression("e", expr))
	}
	for expr, want := range map[string]string{"a/b": "[10 10]", "a+1": "[11 21 31]", "-(a - b) * 2": "[-18 -54]", "100 - a / 2": "[95 90 85]", "a": "[10 20 30]"} {
		if g := run(expr); g.err != nil || fmt.Sprint(g.values["e"]) != want || len(g.values["b"]) != 0 {
			t.Errorf("%s = %v, %v, want %s", expr, g.values, g.err, want)
		}
	}
	for expr, why := range map[string]string{"a+": "is not supported", "nobody": "id nobody is not known", "5": "returns a number", "(a": "not closed", "e": "refers to itself", "ANOMALY(a)": "is not supported"} {
		g := run(expr)
		want(t, g.err, "ValidationError", why)
	}
	out, err := c.GetMetricData(context.Background(), &cloudwatch.GetMetricDataInput{StartTime: aws.Time(noon.Add(-time.Hour)), EndTime: &noon,
		MetricDataQueries: []types.MetricDataQuery{expression("e", `SEARCH('{AWS/EC2,InstanceId} MetricName="CPUUtilization"', 'Sum', 60)`)}})
	if err != nil || len(out.MetricDataResults) != 2 || *out.MetricDataResults[0].Id != "e" || *out.MetricDataResults[1].Id != "e" || *out.MetricDataResults[1].Label != "i-2 CPUUtilization" {
		t.Errorf("SEARCH: %+v, %v", out, err)
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	r := a.Region(tokyo)
	r.Generate(cpu, time.Minute, noon.AddDate(0, -1, 0), time.Time{}, minute)
	other := awsfake.Metric{Namespace: "AWS/EC2", Name: "other"}
	r.Generate(other, time.Minute, noon.AddDate(0, -1, 0), time.Time{}, func(at time.Time) (float64, bool) { return 1, at.Minute()%2 == 0 })
	none := awsfake.Metric{Namespace: "AWS/EC2", Name: "none"}
	c := w.cloudwatch(a, tokyo)
	var qs []types.MetricDataQuery
	for i := range 20 {
		qs = append(qs, ask(fmt.Sprint("q", i), []awsfake.Metric{cpu, other, none}[i%3], "Sum", time.Minute))
	}
	check := func(pages int) {
		t.Helper()
		g := fetch(c, noon.AddDate(0, 0, -7), noon, qs...)
		if g.err != nil || g.pages != pages {
			t.Fatalf("%d pages, %v, want %d", g.pages, g.err, pages)
		}
		for i := range qs {
			id, n := fmt.Sprint("q", i), []int{7 * 1440, 7 * 720, 0}[i%3]
			if at := g.times[id]; len(at) != n || !slices.IsSortedFunc(at, func(a, b time.Time) int { return a.Compare(b) }) || len(slices.Compact(at)) != n {
				t.Fatalf("%s: %d points, want %d in order", id, len(g.times[id]), n)
			}
			if s := g.status[id]; len(s) == 0 || s[len(s)-1] != "Complete" || slices.Contains(s[:len(s)-1], "Complete") {
				t.Errorf("%s: status %v", id, s)
			}
		}
	}
	check(2) // 105,840 points
	w.cloud.Script(awsfake.Fault{Points: 30_000})
	check(4)
	w.cloud.Heal()
	w.cloud.Script(awsfake.Fault{Split: 5000})
	check(3)
}

func TestDiscoveryLagAndMemory(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	r := a.Region(tokyo)
	r.Put(cpu, noon, 1)
	monthly := awsfake.Metric{Namespace: "Batch", Name: "rows"}
	r.Generate(monthly, time.Minute, noon.AddDate(-1, 0, 0), time.Time{}, func(at time.Time) (float64, bool) { return 1, at.Day() == 1 && at.Hour() == 3 && at.Minute() == 0 })
	c := w.cloudwatch(a, tokyo)
	names := func(recent bool) string {
		t.Helper()
		in := &cloudwatch.ListMetricsInput{}
		if recent {
			in.RecentlyActive = types.RecentlyActivePt3h
		}
		out, err := c.ListMetrics(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		var s []string
		for _, m := range out.Metrics {
			s = append(s, *m.MetricName)
		}
		return fmt.Sprint(s)
	}
	step := func(d time.Duration, all, recent string) {
		t.Helper()
		w.pass(d)
		if got := names(false); got != all {
			t.Errorf("at %s: %s, want %s", w.now(), got, all)
		}
		if got := names(true); got != recent {
			t.Errorf("recently, at %s: %s, want %s", w.now(), got, recent)
		}
	}
	step(14*time.Minute, "[]", "[]")
	step(time.Minute, "[CPUUtilization]", "[CPUUtilization]")
	step(4*time.Hour, "[CPUUtilization]", "[]")
	step(13*24*time.Hour, "[CPUUtilization rows]", "[]") // 3 December
	step(24*time.Hour, "[rows]", "[]")
	step(14*24*time.Hour, "[]", "[]")
}

func TestMonitoringAccount(t *testing.T) {
	w := newWorld(t)
	hub, a, b := w.cloud.Account(acct), w.cloud.Account("222222222222"), w.cloud.Account("333333333333")
	for i, x := range []*awsfake.Account{hub, a, b} {
		x.Region(tokyo).Put(cpu, noon.Add(-time.Hour), float64(i))
	}
	hub.Link(a)
	c := w.cloudwatch(hub, tokyo)
	out, err := c.ListMetrics(context.Background(), &cloudwatch.ListMetricsInput{IncludeLinkedAccounts: aws.Bool(true)})
	if err != nil || fmt.Sprint(out.OwningAccounts) != "[111111111111 222222222222]" || len(out.Metrics) != 2 {
		t.Errorf("%+v, %v", out, err)
	}
	out, err = c.ListMetrics(context.Background(), &cloudwatch.ListMetricsInput{IncludeLinkedAccounts: aws.Bool(true), OwningAccount: aws.String("222222222222")})
	if err != nil || fmt.Sprint(out.OwningAccounts) != "[222222222222]" {
		t.Errorf("%+v, %v", out, err)
	}
	of := func(id, account string) types.MetricDataQuery {
		q := ask(id, cpu, "Sum", time.Minute)
		if account != "" {
			q.AccountId = &account
		}
		return q
	}
	g := fetch(c, noon.Add(-2*time.Hour), noon, of("own", ""), of("linked", "222222222222"), of("stranger", "333333333333"))
	if g.err != nil || fmt.Sprint(g.values) != "map[linked:[1] own:[0] stranger:[]]" || g.status["stranger"][0] != "Forbidden" {
		t.Errorf("%v %v, %v", g.values, g.status, g.err)
	}
}

func TestGetMetricStatistics(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	r := a.Region(tokyo)
	r.Generate(cpu, time.Minute, noon.AddDate(0, 0, -1), time.Time{}, func(at time.Time) (float64, bool) { return float64(at.Minute() % 5), true })
	r.Unit(cpu, "Percent")
	c := w.cloudwatch(a, tokyo)
	in := &cloudwatch.GetMetricStatisticsInput{Namespace: &cpu.Namespace, MetricName: &cpu.Name, Dimensions: sdkMetric(cpu).Dimensions, StartTime: aws.Time(noon.Add(-10 * time.Minute)), EndTime: &noon,
		Period: aws.Int32(300), Statistics: []types.Statistic{"Average", "Maximum", "SampleCount"}}
	out, err := c.GetMetricStatistics(context.Background(), in)
	if err != nil || len(out.Datapoints) != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	if d := out.Datapoints[0]; *d.Average != 2 || *d.Maximum != 4 || *d.SampleCount != 5 || d.Minimum != nil || d.Unit != "Percent" || !d.Timestamp.Equal(noon.Add(-10*time.Minute)) {
		t.Errorf("%+v", d)
	}
	in.Statistics, in.ExtendedStatistics = nil, []string{"p90"}
	if out, err = c.GetMetricStatistics(context.Background(), in); err != nil || out.Datapoints[1].ExtendedStatistics["p90"] != 4 {
		t.Errorf("%+v, %v", out, err)
	}
	in.Period, in.StartTime = aws.Int32(60), aws.Time(noon.AddDate(0, 0, -3))
	_, err = c.GetMetricStatistics(context.Background(), in)
	want(t, err, "InvalidParameterCombination", "4320 datapoints, which exceeds the limit of 1440")
}

func TestAlarms(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	for i := range 60 {
		a.Region(tokyo).Alarm(awsfake.Alarm{Name: fmt.Sprintf("alarm-%02d", i), Namespace: "AWS/EC2", Metric: "CPUUtilization", Dimensions: cpu.Dimensions, Statistic: "p99", Period: time.Minute,
			Evaluation: 3, Points: 2, Threshold: 80, Operator: "GreaterThanThreshold", State: []string{"OK", "ALARM"}[i%2], Updated: noon,
			History: []awsfake.History{{At: noon.Add(-time.Hour), Type: "StateUpdate", Summary: "s", Data: "{}"}}})
	}
	c := w.cloudwatch(a, tokyo)
	n := 0
	for p := cloudwatch.NewDescribeAlarmsPaginator(c, &cloudwatch.DescribeAlarmsInput{StateValue: "ALARM", MaxRecords: aws.Int32(20)}); p.HasMorePages(); {
		out, err := p.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range out.MetricAlarms {
			if *x.ExtendedStatistic != "p99" || *x.Threshold != 80 || *x.DatapointsToAlarm != 2 || x.Statistic != "" || *x.Dimensions[0].Value != "i-1" {
				t.Errorf("%+v", x)
			}
			n++
		}
	}
	if n != 30 {
		t.Errorf("%d in alarm", n)
	}
	h, err := c.DescribeAlarmHistory(context.Background(), &cloudwatch.DescribeAlarmHistoryInput{AlarmName: aws.String("alarm-07"), StartDate: aws.Time(noon.Add(-2 * time.Hour)), HistoryItemType: "StateUpdate"})
	if err != nil || len(h.AlarmHistoryItems) != 1 || !h.AlarmHistoryItems[0].Timestamp.Equal(noon.Add(-time.Hour)) {
		t.Errorf("%+v, %v", h, err)
	}
	if d, err := c.DescribeAnomalyDetectors(context.Background(), &cloudwatch.DescribeAnomalyDetectorsInput{}); err != nil || len(d.AnomalyDetectors) != 0 {
		t.Errorf("%+v, %v", d, err)
	}
}
