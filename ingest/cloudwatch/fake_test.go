package cloudwatch_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/aws/smithy-go/transport/http/protocol/awsquery"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// The emulator is checked by the SDK's own client, which knows nothing of it:
// every protocol, pages, errors and messages must decode.
func TestTheSDKUnderstandsTheFake(t *testing.T) {
	for name, set := range map[string]func(*sdk.Options){
		"the SDK's own": func(*sdk.Options) {},
		"json":          func(o *sdk.Options) { o.Protocol = awsjson.New10(schemas.GraniteServiceVersion20100801) },
		"query":         func(o *sdk.Options) { o.Protocol = awsquery.New(schemas.GraniteServiceVersion20100801) },
	} {
		t.Run(name, func(t *testing.T) {
			fake := awsfake.NewCloudWatch(func() time.Time { return noon })
			server := httptest.NewServer(fake)
			defer server.Close()
			c := sdk.New(sdk.Options{Region: "us-east-1", BaseEndpoint: &server.URL, Retryer: aws.NopRetryer{}, HTTPClient: wholeBody(t),
				Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}, set)
			for i := range 501 {
				fake.Put(alb(fmt.Sprintf("app/%03d", i)), noon.Add(-10*time.Minute), float64(i)+.25)
			}
			fake.Put(alb("app/000"), noon.Add(-9*time.Minute), -3)
			sdkLists(t, c)
			sdkPages(t, c, fake)
			sdkErrors(t, c, fake)
		})
	}
}

func sdkLists(t *testing.T, c *sdk.Client) {
	t.Helper()
	var sizes []int
	for p := sdk.NewListMetricsPaginator(c, &sdk.ListMetricsInput{Namespace: aws.String("AWS/ApplicationELB")}); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.Metrics))
		if m := page.Metrics[0]; *m.MetricName != "RequestCount" || *m.Dimensions[0].Name != "LoadBalancer" {
			t.Errorf("metric %v", m)
		}
	}
	if fmt.Sprint(sizes) != "[500 1]" {
		t.Errorf("pages of %v metrics, want 500 and 1", sizes)
	}
}

func dataOf(names ...string) *sdk.GetMetricDataInput {
	in := &sdk.GetMetricDataInput{StartTime: aws.Time(noon.Add(-time.Hour)), EndTime: aws.Time(noon), ScanBy: types.ScanByTimestampAscending}
	for i, n := range names {
		in.MetricDataQueries = append(in.MetricDataQueries, types.MetricDataQuery{Id: aws.String(fmt.Sprint("m", i)), MetricStat: &types.MetricStat{
			Period: aws.Int32(60), Stat: aws.String("Sum"), Metric: &types.Metric{Namespace: aws.String("AWS/ApplicationELB"), MetricName: aws.String("RequestCount"),
				Dimensions: []types.Dimension{{Name: aws.String("LoadBalancer"), Value: aws.String(n)}}}}})
	}
	return in
}

// sdkPages reads two points of one series and one of another in pages of one
// point.
func sdkPages(t *testing.T, c *sdk.Client, fake *awsfake.CloudWatch) {
	t.Helper()
	fake.Script(awsfake.Fault{Op: "GetMetricData", Times: -1, Points: 1})
	defer fake.Heal()
	var story []string
	for p := sdk.NewGetMetricDataPaginator(c, dataOf("app/000", "app/007", "app/none")); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		line := ""
		for _, r := range page.MetricDataResults {
			line += fmt.Sprintf("%s %s", *r.Id, r.StatusCode)
			for i := range r.Values {
				line += fmt.Sprintf(" %s=%v", r.Timestamps[i].UTC().Format("15:04"), r.Values[i])
			}
			line += "; "
		}
		story = append(story, line)
	}
	want := []string{"m0 PartialData 11:50=0.25; ", "m0 Complete 11:51=-3; ", "m1 Complete 11:50=7.25; m2 Complete; "}
	if fmt.Sprintf("%q", story) != fmt.Sprintf("%q", want) {
		t.Errorf("pages %q, want %q", story, want)
	}
}

func sdkErrors(t *testing.T, c *sdk.Client, fake *awsfake.CloudWatch) {
	t.Helper()
	defer fake.Heal()
	for _, f := range []awsfake.Fault{awsfake.Throttle(1), awsfake.Denied("GetMetricData"), awsfake.Down(1)} {
		fake.Heal()
		fake.Script(f)
		_, err := c.GetMetricData(t.Context(), dataOf("app/000"))
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != f.Error || api.ErrorMessage() != f.Note {
			t.Errorf("error %v, want %s: %s", err, f.Error, f.Note)
		}
	}
	fake.Heal()
	fake.Script(awsfake.Fault{Times: 1, Message: "MaxMetricsExceeded", Note: "too many", Result: "InternalError"})
	out, err := c.GetMetricData(t.Context(), dataOf("app/000"))
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Messages) != 1 || *out.Messages[0].Code != "MaxMetricsExceeded" || out.MetricDataResults[0].StatusCode != types.StatusCodeInternalError {
		t.Errorf("answer %+v", out)
	}
	if _, err := c.GetMetricData(t.Context(), &sdk.GetMetricDataInput{StartTime: aws.Time(noon), EndTime: aws.Time(noon), MetricDataQueries: dataOf("x").MetricDataQueries}); err == nil {
		t.Error("an empty window was accepted")
	}
}

// wholeBody is the HTTP client of a session.
func wholeBody(t *testing.T) sdk.HTTPClient {
	s, err := access.Open(t.Context(), access.Account{Tenant: "acme", ID: "111122223333"}, access.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s.Region("us-east-1").Config().HTTPClient
}
