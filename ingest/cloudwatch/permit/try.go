package permit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
)

// Tried is what came of one action.
type Tried struct {
	Action
	Err error // nil = it may be done; a *access.Failure, or that of the context
}

// Try does each action once, in the smallest form that there is: one page, one
// metric. GetMetricData is billed, so this costs what one metric costs. Now is
// the end of the minute that is asked for.
func Try(ctx context.Context, r *access.Region, as []Action, now time.Time) []Tried {
	var out []Tried
	for _, a := range as {
		out = append(out, Tried{a, try(ctx, r, a, now)})
	}
	return out
}

func try(ctx context.Context, r *access.Region, a Action, now time.Time) error {
	do, ok := trials(r, now)[a.Name]
	if !ok {
		return fmt.Errorf("%s: nobody knows how to try it", a.Name)
	}
	metrics := 0
	if a.Name == "cloudwatch:GetMetricData" {
		metrics = 1
	}
	return r.Do(ctx, a.Name, metrics, do)
}

// trials is one request an action.
func trials(r *access.Region, now time.Time) map[string]func(context.Context) error {
	cfg := r.Config()
	return map[string]func(context.Context) error{
		"cloudwatch:ListMetrics": func(ctx context.Context) error {
			_, err := r.CloudWatch().ListMetrics(ctx, &cloudwatch.ListMetricsInput{RecentlyActive: types.RecentlyActivePt3h})
			return err
		},
		"cloudwatch:GetMetricData": func(ctx context.Context) error {
			_, err := r.CloudWatch().GetMetricData(ctx, oneMetric(now))
			return err
		},
		"tag:GetResources": func(ctx context.Context) error {
			_, err := r.Tagging().GetResources(ctx, &resourcegroupstaggingapi.GetResourcesInput{ResourcesPerPage: aws.Int32(1)})
			return err
		},
		"ec2:DescribeInstances": func(ctx context.Context) error {
			_, err := ec2.NewFromConfig(cfg).DescribeInstances(ctx, &ec2.DescribeInstancesInput{MaxResults: aws.Int32(5)})
			return err
		},
		"autoscaling:DescribeAutoScalingGroups": func(ctx context.Context) error {
			_, err := autoscaling.NewFromConfig(cfg).DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{MaxRecords: aws.Int32(1)})
			return err
		},
		"autoscaling:DescribeScalingActivities": func(ctx context.Context) error {
			_, err := autoscaling.NewFromConfig(cfg).DescribeScalingActivities(ctx, &autoscaling.DescribeScalingActivitiesInput{MaxRecords: aws.Int32(1)})
			return err
		},
		"logs:DescribeLogGroups": func(ctx context.Context) error {
			_, err := logs.Client(r).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{Limit: aws.Int32(1)})
			return err
		},
		"logs:FilterLogEvents": func(ctx context.Context) error {
			end := now.UnixMilli()
			_, err := logs.Client(r).FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(noGroup), Limit: aws.Int32(1),
				StartTime: aws.Int64(end - time.Minute.Milliseconds()), EndTime: aws.Int64(end)})
			var gone *logtypes.ResourceNotFoundException
			if errors.As(err, &gone) {
				return nil // it may be asked: permissions are looked at first
			}
			return err
		},
		"ssm:DescribeInstanceInformation": func(ctx context.Context) error {
			_, err := ssm.NewFromConfig(cfg).DescribeInstanceInformation(ctx, &ssm.DescribeInstanceInformationInput{MaxResults: aws.Int32(5)})
			return err
		},
	}
}

// noGroup is a log group that need not exist: what counts is the permission.
const noGroup = "kizashi-asks-whether-it-may-read"

// oneMetric asks for one that need not exist: what counts is the permission.
func oneMetric(now time.Time) *cloudwatch.GetMetricDataInput {
	end := now.UTC().Truncate(time.Minute)
	return &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(end.Add(-time.Minute)), EndTime: aws.Time(end),
		MetricDataQueries: []types.MetricDataQuery{{Id: aws.String("one"), MetricStat: &types.MetricStat{
			Metric: &types.Metric{Namespace: aws.String("AWS/EC2"), MetricName: aws.String("CPUUtilization")},
			Period: aws.Int32(60), Stat: aws.String("Average"),
		}}},
	}
}
