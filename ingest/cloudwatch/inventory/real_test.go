package inventory_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	autotypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
	"github.com/kizashi-ops/kizashi/realtest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// image is one that moto has from the start.
const image = "ami-12c6146b"

// A role of a customer's account is assumed in a real moto, and what is put
// there is found: instances in three states, a group, metrics.
func TestMoto(t *testing.T) {
	environment(t, "test", "test")
	url := realtest.Moto(t)
	s, err := access.Open(t.Context(), access.Account{Tenant: "acme", ID: acme, Role: "arn:aws:iam::" + acme + ":role/kizashi", ExternalID: "of-acme",
		Tags: map[string]string{"team": "ops"}, Endpoint: url, Protocol: "json"},
		access.Options{Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	if id, arn, err := s.Identity(t.Context()); err != nil || id != acme || !strings.Contains(arn, "assumed-role/kizashi/kizashi-acme") {
		t.Fatalf("identity %s %s: %v", id, arn, err)
	}
	r := s.Region(tokyo)
	ids := populate(t, r)
	snap, err := inventory.Scan(t.Context(), inventory.Options{Region: r, Tags: true, Instances: true, Groups: true, Agents: true})
	must(t, err)
	// moto does not have DescribeInstanceInformation: the rest goes on.
	if len(snap.Blind) != 1 || snap.Blind[0].Action != inventory.Agents {
		t.Errorf("blind: %+v", snap.Blind)
	}
	for i, want := range []struct {
		state string
		ended kizashi.Ending
	}{{"running", ""}, {"stopped", kizashi.Stopped}, {"terminated", kizashi.Terminated}} {
		got := find(t, snap, ec2(ids[i]))
		if got.State != want.state || got.Ended != want.ended || got.Tags["system"] != "shop" {
			t.Errorf("%+v, want %+v", *got, want)
		}
		if want.ended != "" && (got.By != inventory.ByUser || time.Since(got.Since).Abs() > time.Hour) {
			t.Errorf("ended by %q since %s: %s", got.By, got.Since, got.Reason)
		}
	}
	g := snap.ResourceOf(metric("AWS/AutoScaling", "GroupDesiredCapacity", "AutoScalingGroupName", "web-asg"))
	if g == nil || g.Capacity == nil || g.Capacity.Desired != 2 || g.Capacity.InService != 2 || g.Tags["system"] != "shop" {
		t.Fatalf("group %+v", g)
	}
	members := 0
	for _, r := range snap.Resources {
		if r.Group == "web-asg" && r.Type == "ec2:instance" {
			members++
		}
	}
	if members != 2 {
		t.Errorf("%d members of web-asg, want 2", members)
	}
	if !slices.ContainsFunc(snap.Metrics, func(m inventory.Metric) bool {
		return m.Key() == metric("Shop", "Orders", "InstanceId", ids[0]).Key()
	}) {
		t.Errorf("Shop Orders is not among %v", snap.Metrics)
	}
	if got := snap.Labels(metric("Shop", "Orders", "InstanceId", ids[0]))["tag_system"]; got != "shop" {
		t.Errorf("tag_system is %q", got)
	}
}

// populate puts three instances, a group of two more, and a metric.
func populate(t *testing.T, r *access.Region) (ids []string) {
	ctx := t.Context()
	ec, as := ec2sdk.NewFromConfig(r.Config()), autoscaling.NewFromConfig(r.Config())
	out, err := ec.RunInstances(ctx, &ec2sdk.RunInstancesInput{ImageId: aws.String(image), MinCount: aws.Int32(3), MaxCount: aws.Int32(3),
		TagSpecifications: []ec2types.TagSpecification{{ResourceType: "instance", Tags: []ec2types.Tag{{Key: aws.String("system"), Value: aws.String("shop")}}}}})
	must(t, err)
	for _, i := range out.Instances {
		ids = append(ids, *i.InstanceId)
	}
	_, err = ec.StopInstances(ctx, &ec2sdk.StopInstancesInput{InstanceIds: ids[1:2]})
	must(t, err)
	_, err = ec.TerminateInstances(ctx, &ec2sdk.TerminateInstancesInput{InstanceIds: ids[2:]})
	must(t, err)
	_, err = as.CreateLaunchConfiguration(ctx, &autoscaling.CreateLaunchConfigurationInput{LaunchConfigurationName: aws.String("web"), ImageId: aws.String(image), InstanceType: aws.String("t2.micro")})
	must(t, err)
	_, err = as.CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{AutoScalingGroupName: aws.String("web-asg"), LaunchConfigurationName: aws.String("web"),
		MinSize: aws.Int32(1), MaxSize: aws.Int32(4), DesiredCapacity: aws.Int32(2), AvailabilityZones: []string{tokyo + "a"},
		Tags: []autotypes.Tag{{Key: aws.String("system"), Value: aws.String("shop"), PropagateAtLaunch: aws.Bool(true)}}})
	must(t, err)
	_, err = r.CloudWatch().PutMetricData(ctx, &cloudwatch.PutMetricDataInput{Namespace: aws.String("Shop"), MetricData: []cwtypes.MetricDatum{{
		MetricName: aws.String("Orders"), Value: aws.Float64(1), Dimensions: []cwtypes.Dimension{{Name: aws.String("InstanceId"), Value: aws.String(ids[0])}}}}})
	must(t, err)
	return ids
}
