package awsfake_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/aws/smithy-go/transport/http/protocol/awsquery"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/realtest"
)

// side is one of the two that are asked.
type side struct {
	cfg aws.Config
	cw  *cloudwatch.Client
	end time.Time // of the data: a full hour
}

const motoAccount = "123456789012"

// fillMetrics puts the same points into either: two hours of minutes of two
// hosts, two samples in each.
func (s side) fillMetrics(t *testing.T) {
	t.Helper()
	for h, host := range []string{"a", "b"} {
		var data []types.MetricDatum
		for i := range 120 {
			for k := range 2 {
				data = append(data, types.MetricDatum{MetricName: aws.String("latency"), Timestamp: aws.Time(s.end.Add(time.Duration(i-120) * time.Minute)), Unit: "Milliseconds",
					Value: aws.Float64(float64(100*h + i + 10*k)), Dimensions: []types.Dimension{{Name: aws.String("host"), Value: &host}}})
			}
		}
		data = append(data, types.MetricDatum{MetricName: aws.String("errors"), Timestamp: aws.Time(s.end.Add(-time.Minute)), Unit: "Count", Value: aws.Float64(3),
			Dimensions: []types.Dimension{{Name: aws.String("host"), Value: &host}, {Name: aws.String("zone"), Value: aws.String("1")}}})
		if _, err := s.cw.PutMetricData(context.Background(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("App"), MetricData: data}); err != nil {
			t.Fatal(err)
		}
	}
}

// fillMoto makes in moto what Region's methods make in the fake.
func fillMoto(t *testing.T, s side, r *awsfake.Region) {
	t.Helper()
	ctx := context.Background()
	logs := cloudwatchlogs.NewFromConfig(s.cfg)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("/app")})
	must(err)
	_, err = logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String("/app"), LogStreamName: aws.String("one")})
	must(err)
	var events []logtypes.InputLogEvent
	for i := range 6 {
		at, text := s.end.Add(time.Duration(i-6)*time.Minute), fmt.Sprintf("%s line %d", []string{"INFO", "ERROR"}[i%2], i)
		events = append(events, logtypes.InputLogEvent{Timestamp: aws.Int64(at.UnixMilli()), Message: &text})
		r.Log("/app", "one", at, text)
	}
	_, err = logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String("/app"), LogStreamName: aws.String("one"), LogEvents: events})
	must(err)
	run, err := ec2.NewFromConfig(s.cfg).RunInstances(ctx, &ec2.RunInstancesInput{ImageId: aws.String("ami-12c6146b"), MinCount: aws.Int32(1), MaxCount: aws.Int32(1), InstanceType: "t2.micro",
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: "instance", Tags: []ec2types.Tag{{Key: aws.String("system"), Value: aws.String("shop")}}}}})
	must(err)
	r.Instance(awsfake.Instance{ID: *run.Instances[0].InstanceId, Type: "t2.micro", Launched: *run.Instances[0].LaunchTime, Tags: map[string]string{"system": "shop"}})
	_, err = sns.NewFromConfig(s.cfg).CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("alerts")})
	must(err)
}

// TestSameAnswersAsMoto asks both the same. A difference is listed with the
// question and has a reason; one that is not listed, or is no more, fails.
func TestSameAnswersAsMoto(t *testing.T) {
	url := realtest.Moto(t)
	now := time.Now().UTC()
	end := now.Truncate(time.Hour)
	var later atomic.Int64 // how far the fake's clock is ahead
	cloud := awsfake.NewCloud(func() time.Time { return now.Add(time.Duration(later.Load())) })
	fake := httptest.NewServer(cloud)
	defer fake.Close()
	a := cloud.Account(motoAccount)
	a.Role("watch", "")
	asked, same, listed := 0, 0, 0
	for _, proto := range []string{"query", "json"} {
		region := map[string]string{"query": tokyo, "json": "us-west-2"}[proto]
		of := func(url string) side {
			cfg := configAt(url, keysOf(a), region)
			return side{cfg, cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) {
				o.Protocol = awsquery.New(schemas.GraniteServiceVersion20100801)
				if proto == "json" {
					o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801)
				}
			}), end}
		}
		ours, theirs := of(fake.URL), of(url)
		ours.fillMetrics(t)
		theirs.fillMetrics(t)
		fillMoto(t, theirs, a.Region(region))
		later.Add(int64(awsfake.DiscoveryLag)) // moto lists at once
		for _, q := range motoQuestions {
			asked++
			mine, his := q.ask(ours), q.ask(theirs)
			switch {
			case mine == his && q.differs == "":
				same++
			case mine != his && q.differs != "":
				listed++
			case mine == his:
				t.Errorf("%s %s: answered alike, but listed as different: %s", proto, q.name, q.differs)
			default:
				t.Errorf("%s %s:\nfake %s\nmoto %s", proto, q.name, mine, his)
			}
		}
	}
	fmt.Printf("%d questions, each in 2 protocols of CloudWatch: %d alike, %d differ as listed\n", len(motoQuestions), same, listed)
	if len(motoQuestions) < 40 || asked != same+listed {
		t.Errorf("%d questions; %d asked, %d alike, %d listed", len(motoQuestions), asked, same, listed)
	}
	for _, q := range motoQuestions {
		if q.differs != "" {
			fmt.Printf("  differs: %-40s %s\n", q.name, q.differs)
		}
	}
}

// question is one that both are asked; the answer is text that two equal
// answers have in common.
type question struct {
	name    string
	ask     func(side) string
	differs string // why the answers are not alike; "" = they are
}

// said is the answer, or the code of the error.
func said(v any, err error) string {
	if err != nil {
		c, _ := code(err)
		if c == "" {
			return "error without a code: " + err.Error()
		}
		return "error " + c
	}
	return fmt.Sprint(v)
}

func metricsOf(in cloudwatch.ListMetricsInput) func(side) string {
	return func(s side) string {
		var out []string
		for p := cloudwatch.NewListMetricsPaginator(s.cw, &in); p.HasMorePages(); {
			page, err := p.NextPage(context.Background())
			if err != nil {
				return said(nil, err)
			}
			for _, m := range page.Metrics {
				line := *m.Namespace + " " + *m.MetricName
				for _, d := range m.Dimensions {
					line += " " + *d.Name + "=" + *d.Value
				}
				out = append(out, line)
			}
		}
		slices.Sort(out)
		return said(slices.Compact(out), nil)
	}
}

func latency(id, stat string, period time.Duration) types.MetricDataQuery {
	return ask(id, awsfake.Metric{Namespace: "App", Name: "latency", Dimensions: map[string]string{"host": "a"}}, stat, period)
}

// data asks for a window in hours before the end of the data.
func data(from, to float64, edit func(*cloudwatch.GetMetricDataInput), qs ...types.MetricDataQuery) func(side) string {
	return dataOf(false, from, to, edit, qs...)
}

// labelled is data with the labels of the results.
func labelled(q types.MetricDataQuery) func(side) string { return dataOf(true, -0.1, 0, nil, q) }

func dataOf(labels bool, from, to float64, edit func(*cloudwatch.GetMetricDataInput), qs ...types.MetricDataQuery) func(side) string {
	return func(s side) string {
		at := func(h float64) *time.Time { return aws.Time(s.end.Add(time.Duration(h * float64(time.Hour)))) }
		in := &cloudwatch.GetMetricDataInput{StartTime: at(from), EndTime: at(to), ScanBy: "TimestampAscending", MetricDataQueries: qs}
		if edit != nil {
			edit(in)
		}
		out, err := s.cw.GetMetricData(context.Background(), in)
		if err != nil {
			return said(nil, err)
		}
		var lines []string
		for _, r := range out.MetricDataResults {
			line := fmt.Sprintf("%s %s", *r.Id, r.StatusCode)
			if labels {
				line += " " + *r.Label
			}
			for i := range r.Values {
				line += fmt.Sprintf(" %s=%g", r.Timestamps[i].UTC().Format("15:04:05"), r.Values[i])
			}
			lines = append(lines, line)
		}
		return strings.Join(lines, "\n")
	}
}

func edited(q types.MetricDataQuery, f func(*types.MetricDataQuery)) types.MetricDataQuery {
	f(&q)
	return q
}

func statistics(from, to float64, period int32, stats []types.Statistic, extended ...string) func(side) string {
	return func(s side) string {
		out, err := s.cw.GetMetricStatistics(context.Background(), &cloudwatch.GetMetricStatisticsInput{Namespace: aws.String("App"), MetricName: aws.String("latency"),
			Dimensions: []types.Dimension{{Name: aws.String("host"), Value: aws.String("b")}}, StartTime: aws.Time(s.end.Add(time.Duration(from * float64(time.Hour)))),
			EndTime: aws.Time(s.end.Add(time.Duration(to * float64(time.Hour)))), Period: &period, Statistics: stats, ExtendedStatistics: extended})
		if err != nil {
			return said(nil, err)
		}
		var lines []string
		for _, d := range out.Datapoints {
			line := d.Timestamp.UTC().Format("15:04:05 ") + string(d.Unit)
			for _, v := range []*float64{d.Average, d.Sum, d.Minimum, d.Maximum, d.SampleCount} {
				if v != nil {
					line += fmt.Sprintf(" %g", *v)
				}
			}
			lines = append(lines, line+fmt.Sprint(d.ExtendedStatistics))
		}
		slices.Sort(lines)
		return *out.Label + "\n" + strings.Join(lines, "\n")
	}
}

func putting(ns string, d types.MetricDatum) func(side) string {
	return func(s side) string {
		_, err := s.cw.PutMetricData(context.Background(), &cloudwatch.PutMetricDataInput{Namespace: &ns, MetricData: []types.MetricDatum{d}})
		return said("taken", err)
	}
}

func logEvents(group, pattern string) func(side) string {
	return func(s side) string {
		out, err := cloudwatchlogs.NewFromConfig(s.cfg).FilterLogEvents(context.Background(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group, FilterPattern: &pattern})
		if err != nil {
			return said(nil, err)
		}
		var lines []string
		for _, e := range out.Events {
			lines = append(lines, fmt.Sprint(*e.Timestamp, *e.LogStreamName, *e.Message))
		}
		return strings.Join(lines, "\n")
	}
}

func instances(in ec2.DescribeInstancesInput) func(side) string {
	return func(s side) string {
		out, err := ec2.NewFromConfig(s.cfg).DescribeInstances(context.Background(), &in)
		if err != nil {
			return said(nil, err)
		}
		var lines []string
		for _, r := range out.Reservations {
			for _, x := range r.Instances {
				lines = append(lines, fmt.Sprint(*x.InstanceId, x.InstanceType, x.State.Name, *x.State.Code, *x.Tags[0].Key, *x.Tags[0].Value, x.LaunchTime.UTC()))
			}
		}
		return strings.Join(lines, "\n")
	}
}

const (
	noCheck = "moto does not check it; AWS documents the refusal"
	noStat  = "moto has only the five plain statistics: 500, or nothing"
)

var motoQuestions = []question{
	{"list all", metricsOf(cloudwatch.ListMetricsInput{}), ""},
	{"list a namespace", metricsOf(cloudwatch.ListMetricsInput{Namespace: aws.String("App")}), ""},
	{"list a name", metricsOf(cloudwatch.ListMetricsInput{MetricName: aws.String("errors")}), ""},
	{"list namespace and name", metricsOf(cloudwatch.ListMetricsInput{Namespace: aws.String("App"), MetricName: aws.String("latency")}), ""},
	{"list a dimension's value", metricsOf(cloudwatch.ListMetricsInput{Dimensions: []types.DimensionFilter{{Name: aws.String("host"), Value: aws.String("a")}}}), ""},
	{"list a dimension", metricsOf(cloudwatch.ListMetricsInput{Dimensions: []types.DimensionFilter{{Name: aws.String("zone")}}}), ""},
	{"list nothing", metricsOf(cloudwatch.ListMetricsInput{Namespace: aws.String("None")}), ""},
	{"list an unknown value", metricsOf(cloudwatch.ListMetricsInput{Dimensions: []types.DimensionFilter{{Name: aws.String("host"), Value: aws.String("z")}}}), ""},
	{"sum of minutes", data(-1, 0, nil, latency("q", "Sum", time.Minute)), ""},
	{"average of minutes", data(-1, 0, nil, latency("q", "Average", time.Minute)), ""},
	{"average of 5 minutes", data(-2, 0, nil, latency("q", "Average", 5*time.Minute)), ""},
	{"maximum of an hour", data(-2, 0, nil, latency("q", "Maximum", time.Hour)), ""},
	{"minimum of an hour", data(-2, 0, nil, latency("q", "Minimum", time.Hour)), ""},
	{"samples of 5 minutes", data(-2, 0, nil, latency("q", "SampleCount", 5*time.Minute)), ""},
	{"p90 of an hour", data(-2, 0, nil, latency("q", "p90", time.Hour)), noStat},
	{"trimmed mean", data(-2, 0, nil, latency("q", "tm90", time.Hour)), noStat},
	{"two queries", data(-0.5, 0, nil, latency("q", "Sum", 5*time.Minute), latency("r", "Maximum", 10*time.Minute)), ""},
	{"newest first", data(-0.5, 0, func(in *cloudwatch.GetMetricDataInput) { in.ScanBy = "TimestampDescending" }, latency("q", "Sum", 5*time.Minute)), ""},
	{"no order said", data(-0.5, 0, func(in *cloudwatch.GetMetricDataInput) { in.ScanBy = "" }, latency("q", "Sum", 5*time.Minute)), ""},
	{"a label", labelled(edited(latency("q", "Sum", time.Minute), func(q *types.MetricDataQuery) { q.Label = aws.String("wait") })), ""},
	{"the default label", labelled(latency("q", "Sum", time.Minute)), "moto's is name and statistic; AWS says only that it tells the queries apart, and shows the name"},
	{"ReturnData false", data(-0.1, 0, nil, latency("r", "Sum", time.Minute), edited(latency("q", "Sum", time.Minute), func(q *types.MetricDataQuery) { q.ReturnData = aws.Bool(false) })), ""},
	{"an unknown metric", data(-0.1, 0, nil, ask("q", awsfake.Metric{Namespace: "App", Name: "nothing"}, "Sum", time.Minute)), ""},
	{"without its dimensions", data(-0.1, 0, nil, ask("q", awsfake.Metric{Namespace: "App", Name: "latency"}, "Sum", time.Minute)), "moto adds up all that have the name; AWS documents that each combination of dimensions is a metric of its own"},
	{"an empty window", data(-5, -4, nil, latency("q", "Sum", time.Minute)), ""},
	{"half of a minute's start", data(-1+0.5/60, -0.9, nil, latency("q", "Sum", time.Minute)), "moto does not round StartTime; AWS documents the rounding to the minute"},
	{"an unaligned start", data(-1+2.0/60, 0, nil, latency("q", "Sum", 5*time.Minute)), ""},
	{"end before start", data(0, -1, nil, latency("q", "Sum", time.Minute)), ""},
	{"the unit", data(-0.1, 0, nil, edited(latency("q", "Sum", time.Minute), func(q *types.MetricDataQuery) {
		s := *q.MetricStat
		s.Unit = "Milliseconds"
		q.MetricStat = &s
	})), ""},
	{"another unit", data(-0.1, 0, nil, edited(latency("q", "Sum", time.Minute), func(q *types.MetricDataQuery) {
		s := *q.MetricStat
		s.Unit = "Bytes"
		q.MetricStat = &s
	})), ""},
	{"one id twice", data(-0.1, 0, nil, latency("q", "Sum", time.Minute), latency("q", "Maximum", time.Minute)), noCheck},
	{"an expression", data(-0.1, 0, nil, latency("q", "Sum", time.Minute), expression("e", "q * 2")), "moto computes no expression"},
	{"statistics: sums", statistics(-1, 0, 300, []types.Statistic{"Sum"}), ""},
	{"statistics: all five", statistics(-1, 0, 600, []types.Statistic{"Average", "Sum", "Minimum", "Maximum", "SampleCount"}), ""},
	{"statistics: p99", statistics(-1, 0, 600, nil, "p99"), noStat},
	{"statistics: too many", statistics(-48, 0, 60, []types.Statistic{"Sum"}), noCheck},
	{"statistics: nothing there", statistics(-6, -5, 60, []types.Statistic{"Sum"}), ""},
	{"put without a value", putting("App", types.MetricDatum{MetricName: aws.String("x")}), noCheck},
	{"put as AWS", putting("AWS/EC2", types.MetricDatum{MetricName: aws.String("x"), Value: aws.Float64(1)}), noCheck},
	{"alarms", func(s side) string {
		out, err := s.cw.DescribeAlarms(context.Background(), &cloudwatch.DescribeAlarmsInput{})
		if err != nil {
			return said(nil, err)
		}
		return fmt.Sprint(len(out.MetricAlarms), len(out.CompositeAlarms))
	}, ""},
	{"who am I", func(s side) string {
		out, err := sts.NewFromConfig(s.cfg).GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
		if err != nil {
			return said(nil, err)
		}
		return *out.Account
	}, ""},
	{"assume a role", func(s side) string {
		out, err := sts.NewFromConfig(s.cfg).AssumeRole(context.Background(), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::" + motoAccount + ":role/watch"), RoleSessionName: aws.String("session")})
		if err != nil {
			return said(nil, err)
		}
		id, err := sts.NewFromConfig(configAt(*s.cfg.BaseEndpoint, keys{*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken}, s.cfg.Region)).GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
		if err != nil {
			return said(nil, err)
		}
		return *out.AssumedRoleUser.Arn + " " + *id.Arn
	}, ""},
	{"instances", instances(ec2.DescribeInstancesInput{}), ""},
	{"instances of a tag", instances(ec2.DescribeInstancesInput{Filters: []ec2types.Filter{{Name: aws.String("tag:system"), Values: []string{"sh*"}}}}), ""},
	{"instances that are stopped", instances(ec2.DescribeInstancesInput{Filters: []ec2types.Filter{{Name: aws.String("instance-state-name"), Values: []string{"stopped"}}}}), ""},
	{"an instance that is not there", instances(ec2.DescribeInstancesInput{InstanceIds: []string{"i-0123456789abcdef0"}}), ""},
	{"log groups", func(s side) string {
		out, err := cloudwatchlogs.NewFromConfig(s.cfg).DescribeLogGroups(context.Background(), &cloudwatchlogs.DescribeLogGroupsInput{})
		if err != nil {
			return said(nil, err)
		}
		return *out.LogGroups[0].LogGroupName + *out.LogGroups[0].Arn
	}, ""},
	{"log events", logEvents("/app", ""), ""},
	{"log events with a word", logEvents("/app", "ERROR"), ""},
	{"log events of no group", logEvents("/none", ""), ""},
	{"no Auto Scaling groups", func(s side) string {
		out, err := autoscaling.NewFromConfig(s.cfg).DescribeAutoScalingGroups(context.Background(), &autoscaling.DescribeAutoScalingGroupsInput{})
		if err != nil {
			return said(nil, err)
		}
		return fmt.Sprint(len(out.AutoScalingGroups))
	}, ""},
	{"no SSM agents", func(s side) string {
		out, err := ssm.NewFromConfig(s.cfg).DescribeInstanceInformation(context.Background(), &ssm.DescribeInstanceInformationInput{})
		if err != nil {
			return said(nil, err)
		}
		return fmt.Sprint(len(out.InstanceInformationList))
	}, "moto has no DescribeInstanceInformation"},
	{"publish", publishing("alerts"), ""},
	{"publish to no topic", publishing("nothing"), "every topic of an account is there in the fake"},
}

func publishing(topic string) func(side) string {
	return func(s side) string {
		_, err := sns.NewFromConfig(s.cfg).Publish(context.Background(), &sns.PublishInput{TopicArn: aws.String("arn:aws:sns:" + s.cfg.Region + ":" + motoAccount + ":" + topic), Message: aws.String("m")})
		return said("taken", err)
	}
}
