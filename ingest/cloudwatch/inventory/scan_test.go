package inventory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

// 1,234 metrics come in three pages, with empty ones between them.
func TestListsAllPages(t *testing.T) {
	w := newWorld(t)
	for i := range 1234 {
		w.metric("AWS/Lambda", "Errors", "FunctionName", fmt.Sprintf("f%04d", i))
	}
	w.cloud.Script(awsfake.Fault{Op: "ListMetrics", Empty: true, Times: 2})
	s := w.scan()
	if len(s.Metrics) != 1234 {
		t.Fatalf("%d metrics, want 1234", len(s.Metrics))
	}
	if len(s.Resources) != 1234 || s.Resources[0].ARN != "arn:aws:lambda:ap-northeast-1:111122223333:function:f0000" {
		t.Errorf("%d resources, the first %+v", len(s.Resources), s.Resources[0])
	}
	if n := w.cloud.Counts()[awsfake.Count{Account: acme, Region: tokyo, Action: "cloudwatch:ListMetrics"}].Calls; n != 5 {
		t.Errorf("%d calls, want three pages and two empty ones", n)
	}
}

// Pages that never end are an error, no empty list.
func TestEndlessPages(t *testing.T) {
	w := newWorld(t)
	w.cloud.Script(awsfake.Fault{Op: "ListMetrics", Empty: true})
	_, err := inventory.Scan(t.Context(), inventory.Options{Region: w.r, Now: w.Now})
	if err == nil || !strings.Contains(err.Error(), "cloudwatch:ListMetrics: the pages do not end") {
		t.Errorf("%v", err)
	}
}

// Without ListMetrics there is no scan; without anything else there is, and it
// says what it cannot see.
func TestDenied(t *testing.T) {
	w := newWorld(t)
	w.metric("AWS/EC2", "CPUUtilization", "InstanceId", "i-0a")
	a := w.cloud.Account(acme)
	a.Deny("tag:GetResources", "ec2:DescribeInstances", "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeScalingActivities", "ssm:DescribeInstanceInformation")
	s := w.scan()
	if len(s.Metrics) != 1 || !slices.Equal(s.Read, []string{"cloudwatch:ListMetrics"}) {
		t.Errorf("%d metrics, read %v", len(s.Metrics), s.Read)
	}
	var blind []string
	for _, b := range s.Blind {
		if b.Cause != (kizashi.Cause{Kind: kizashi.NoPermission, Name: b.Action}) {
			t.Errorf("%s: cause %+v", b.Action, b.Cause)
		}
		blind = append(blind, b.Action)
	}
	if want := []string{"tag:GetResources", "ec2:DescribeInstances", "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeScalingActivities", "ssm:DescribeInstanceInformation"}; !slices.Equal(blind, want) {
		t.Errorf("blind for %v, want %v", blind, want)
	}
	if r := find(t, s, ec2("i-0a")); r.Ended != "" || r.Health() != inventory.NotKnown {
		t.Errorf("nobody said anything of the instance: %+v", r)
	}
	a.Deny("cloudwatch:ListMetrics")
	if _, err := inventory.Scan(t.Context(), inventory.Options{Region: w.r, Now: w.Now}); err == nil || !strings.Contains(err.Error(), "cloudwatch:ListMetrics") {
		t.Errorf("%v", err)
	}
}

// A monitoring account lists the metrics of another one as that one's.
func TestMonitoringAccount(t *testing.T) {
	w := newWorld(t)
	const other = "222233334444"
	w.metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "mine")
	source := w.cloud.Account(other)
	source.Region(tokyo).Generate(awsfake.Metric{Namespace: "AWS/SQS", Name: "ApproximateAgeOfOldestMessage", Dimensions: map[string]string{"QueueName": "theirs"}},
		time.Minute, noon.Add(-time.Hour), time.Time{}, func(time.Time) (float64, bool) { return 1, true })
	w.cloud.Account(acme).Link(source)
	if s := w.scan(); len(s.Metrics) != 1 {
		t.Fatalf("%d metrics without linked accounts, want 1", len(s.Metrics))
	}
	s, err := inventory.Scan(t.Context(), inventory.Options{Region: w.r, Linked: true, Now: w.Now})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range s.Metrics {
		got = append(got, m.Account+" "+m.Dimensions["QueueName"]+" "+s.ResourceOf(m).ARN)
	}
	want := []string{acme + " mine arn:aws:sqs:ap-northeast-1:" + acme + ":mine", other + " theirs arn:aws:sqs:ap-northeast-1:" + other + ":theirs"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
