package cloudwatch_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/realtest"
)

// motoMetrics are two weeks of these, every five minutes.
var motoMetrics = []types.Metric{
	{Namespace: aws.String("AWS/EC2"), MetricName: aws.String("CPUUtilization"), Dimensions: []types.Dimension{{Name: aws.String("InstanceId"), Value: aws.String("i-0abc")}}},
	{Namespace: aws.String("AWS/EC2"), MetricName: aws.String("NetworkIn"), Dimensions: []types.Dimension{{Name: aws.String("InstanceId"), Value: aws.String("i-0abc")}}},
}

func motoValue(i int, at time.Time) float64 {
	return 40 + 30*math.Sin(2*math.Pi*float64(at.Unix()%86_400)/86_400) + float64(at.Unix()/300%7)/8 + float64(i)
}

// put stores the metrics over [from, to) in moto, a thousand points a call.
func put(t *testing.T, url string, from, to time.Time) {
	t.Helper()
	c := sdk.New(sdk.Options{Region: "ap-northeast-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")},
		func(o *sdk.Options) { o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801) })
	for i, m := range motoMetrics {
		var data []types.MetricDatum
		flush := func() {
			if _, err := c.PutMetricData(context.Background(), &sdk.PutMetricDataInput{Namespace: m.Namespace, MetricData: data}); err != nil {
				t.Fatal(err)
			}
			data = nil
		}
		for at := from; at.Before(to); at = at.Add(5 * time.Minute) {
			data = append(data, types.MetricDatum{MetricName: m.MetricName, Dimensions: m.Dimensions, Timestamp: aws.Time(at), Value: aws.Float64(motoValue(i, at))})
			if len(data) == 1000 {
				flush()
			}
		}
		flush()
	}
}

// Two weeks put into a real moto come back as they were, in both protocols
// that moto speaks.
func TestMotoTwoWeeks(t *testing.T) {
	environment(t)
	url := realtest.Moto(t)
	now := time.Now().UTC().Truncate(5 * time.Minute)
	from, to := now.Add(-14*24*time.Hour), now
	put(t, url, from, to)
	for _, proto := range []string{"query", "json"} {
		t.Run(proto, func(t *testing.T) {
			clock := &clock{at: to}
			settle := time.Duration(0)
			session, err := access.Open(t.Context(), access.Account{Tenant: "acme", ID: "123456789012", Endpoint: url, Protocol: proto},
				access.Options{Now: clock.Now, Sleep: clock.Sleep})
			if err != nil {
				t.Fatal(err)
			}
			src, err := cloudwatch.New(t.Context(), cloudwatch.Config{
				Session: session, Region: "ap-northeast-1", Poll: map[string]time.Duration{"check": time.Minute},
				Namespaces: []cloudwatch.Namespace{{Name: "AWS/EC2", Settle: &settle}}, Now: clock.Now, Sleep: clock.Sleep,
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := src.Open(nil); err != nil {
				t.Fatal(err)
			}
			wantTwoWeeks(t, src, from, to)
			if err := src.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func wantTwoWeeks(t *testing.T, src *cloudwatch.Source, from, to time.Time) {
	t.Helper()
	var bs []kizashi.Batch
	names := map[kizashi.SeriesID]int{}
	for {
		b, err := src.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if b.Status != nil {
			t.Fatalf("status: %+v", b.Status)
		}
		if err := src.Ack(b.Partition, b.Pos); err != nil {
			t.Fatal(err)
		}
		bs = append(bs, b)
		for _, d := range b.Declare {
			for i, m := range motoMetrics {
				if d.Meta.Labels.Get("metric") == *m.MetricName && d.Meta.Labels.Get("dim_InstanceId") == "i-0abc" {
					names[d.Meta.Series] = i
				}
			}
		}
		if b.Partition.Backfill == "" {
			break
		}
	}
	got := samples(t, bs)
	if len(got) != len(motoMetrics) || len(names) != len(motoMetrics) {
		t.Fatalf("%d series with samples, %d declared, want %d", len(got), len(names), len(motoMetrics))
	}
	for id, xs := range got {
		if want := int(to.Sub(from) / (5 * time.Minute)); len(xs) != want {
			t.Fatalf("%d samples, want %d", len(xs), want)
		}
		for k, x := range xs {
			at := from.Add(time.Duration(k) * 5 * time.Minute)
			if x.At != kizashi.TimeOf(at) || x.Value != motoValue(names[id], at) {
				t.Fatalf("sample %d is %v at %s, want %v at %s", k, x.Value, x.At, motoValue(names[id], at), at)
			}
		}
	}
}
