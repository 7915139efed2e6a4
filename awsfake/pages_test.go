package awsfake_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/kizashi-ops/kizashi/awsfake"
)

// A request that was split when it began goes on by its token when the fault
// is over, and one that was not is not split in the middle.
func TestPagesOutliveTheirFault(t *testing.T) {
	for name, faults := range map[string][]awsfake.Fault{
		"split, then not": {{Split: 3, Times: 1}},
		"cut, then split": {{Points: 3, Times: 1}, {Split: 2, Times: 1}},
	} {
		for _, scan := range []types.ScanBy{types.ScanByTimestampAscending, types.ScanByTimestampDescending} {
			w, _, c := faulty(t)
			w.cloud.Script(faults...)
			seen := map[string]int{}
			in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(noon.Add(-10 * time.Minute)), EndTime: &noon, ScanBy: scan,
				MetricDataQueries: []types.MetricDataQuery{ask("a", cpu, "Sum", time.Minute), ask("b", cpu, "Sum", time.Minute)}}
			for pages := cloudwatch.NewGetMetricDataPaginator(c, in); pages.HasMorePages(); {
				out, err := pages.NextPage(context.Background())
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				for _, r := range out.MetricDataResults {
					for _, at := range r.Timestamps {
						seen[*r.Id+at.Format(" 15:04")]++
					}
				}
			}
			for at, n := range seen {
				if n != 1 {
					t.Errorf("%s: %s: %s was told %d times", name, scan, at, n)
				}
			}
			if len(seen) != 20 {
				t.Errorf("%s: %s: %d points, want 20", name, scan, len(seen))
			}
		}
	}
}

// Faults of results and of pages come together.
func TestASplitPageWithResultsThatFail(t *testing.T) {
	w, a, c := faulty(t)
	broken := awsfake.Metric{Namespace: "N", Name: "broken"}
	a.Region(tokyo).Put(broken, noon.Add(-time.Minute), 1)
	w.cloud.Script(awsfake.Fault{Split: 5}, awsfake.Fault{Result: "InternalError", Metric: "broken"})
	g := fetch(c, noon.Add(-10*time.Minute), noon, ask("q", cpu, "Sum", time.Minute), ask("z", broken, "Sum", time.Minute))
	if s := answers(10, 2, "[PartialData Complete]")(g); s != "" || !strings.Contains(fmt.Sprint(g.status["z"]), "InternalError") {
		t.Error(s, g.status)
	}
}

// "NextToken is not returned if you are performing a math expression."
func TestNoTokenWithMath(t *testing.T) {
	w, _, c := faulty(t)
	w.cloud.Script(awsfake.Fault{Points: 4})
	twice := types.MetricDataQuery{Id: aws.String("e"), Expression: aws.String("q*2")}
	q := ask("q", cpu, "Sum", time.Minute)
	q.ReturnData = aws.Bool(false)
	out, err := c.GetMetricData(context.Background(), &cloudwatch.GetMetricDataInput{StartTime: aws.Time(noon.Add(-10 * time.Minute)), EndTime: &noon,
		MetricDataQueries: []types.MetricDataQuery{q, twice}})
	if err != nil || out.NextToken != nil || len(out.MetricDataResults) != 1 || out.MetricDataResults[0].StatusCode != "PartialData" || len(out.MetricDataResults[0].Values) != 4 {
		t.Errorf("%+v, %v", out, err)
	}
}

// A host that is gone does nothing and counts nothing.
func TestGoneDoesNothing(t *testing.T) {
	w, a, _ := faulty(t)
	topic := "arn:aws:sns:" + tokyo + ":" + acct + ":alerts"
	c := sns.NewFromConfig(w.config(keysOf(a), tokyo))
	publish := func() error {
		_, err := c.Publish(context.Background(), &sns.PublishInput{TopicArn: &topic, Message: aws.String("m")})
		return err
	}
	w.cloud.Script(awsfake.Fault{Gone: true, Times: 1})
	if err := publish(); err == nil {
		t.Error("a host that is gone answered")
	}
	if err := publish(); err != nil {
		t.Error(err)
	}
	if n := len(a.Region(tokyo).Messages()); n != 1 {
		t.Errorf("%d messages, want 1", n)
	}
	if n := w.cloud.Counts()[awsfake.Count{Account: acct, Region: tokyo, Action: "sns:Publish"}].Calls; n != 1 {
		t.Errorf("%d calls counted, want 1", n)
	}
}

// What SNS refuses, whoever sends it.
func TestSNSRefuses(t *testing.T) {
	w, a, _ := faulty(t)
	c := sns.NewFromConfig(w.config(keysOf(a), tokyo))
	topic := "arn:aws:sns:" + tokyo + ":" + acct + ":alerts"
	for part, in := range map[string]*sns.PublishInput{
		"Subject":                {Subject: aws.String("two\nlines")},
		"invalid parameter: Sub": {Subject: aws.String(strings.Repeat("遅", 100))},
		"too long":               {Message: aws.String(strings.Repeat("x", 256<<10+1))},
		"MessageGroupId":         {TopicArn: aws.String(topic + ".fifo")},
		"MessageDeduplicationId": {TopicArn: aws.String(topic + ".fifo"), MessageGroupId: aws.String("g")},
		"128 characters":         {TopicArn: aws.String(topic + ".fifo"), MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String(strings.Repeat("d", 129))},
	} {
		if in.TopicArn == nil {
			in.TopicArn = &topic
		}
		if in.Message == nil {
			in.Message = aws.String("m")
		}
		_, err := c.Publish(context.Background(), in)
		want(t, err, "InvalidParameter", part)
	}
	if _, err := c.Publish(context.Background(), &sns.PublishInput{TopicArn: &topic, Message: aws.String("m"), Subject: aws.String(strings.Repeat("遅", 99))}); err != nil {
		t.Error(err)
	}
}
