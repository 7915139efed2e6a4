package inventory

import (
	"cmp"
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	autotypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/kizashi-ops/kizashi"
)

// lookBack is how old an activity of Auto Scaling may be to be told.
const lookBack = 24 * time.Hour

// groups reads those of Auto Scaling, 100 a page.
func (sc *scan) groups(ctx context.Context) error {
	c := autoscaling.NewFromConfig(sc.Region.Config())
	return pages(Groups, func(token *string) (int, *string, error) {
		in := &autoscaling.DescribeAutoScalingGroupsInput{MaxRecords: aws.Int32(100), NextToken: token}
		out, err := ask(ctx, sc.Region, Groups, func(ctx context.Context) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
			return c.DescribeAutoScalingGroups(ctx, in)
		})
		if err != nil {
			return 0, nil, err
		}
		for i := range out.AutoScalingGroups {
			sc.group(&out.AutoScalingGroups[i])
		}
		return len(out.AutoScalingGroups), out.NextToken, nil
	})
}

func (sc *scan) group(g *autotypes.AutoScalingGroup) {
	name := aws.ToString(g.AutoScalingGroupName)
	r := sc.see(cmp.Or(aws.ToString(g.AutoScalingGroupARN), sc.arn("autoscaling", "autoScalingGroup::autoScalingGroupName/"+name)), "groups")
	r.ID = name
	tags := map[string]string{}
	for _, t := range g.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	r.tag(tags, true)
	r.Capacity = &Capacity{Min: int(aws.ToInt32(g.MinSize)), Max: int(aws.ToInt32(g.MaxSize)), Desired: int(aws.ToInt32(g.DesiredCapacity))}
	for _, i := range g.Instances {
		if i.LifecycleState == autotypes.LifecycleStateInService {
			r.Capacity.InService++
		}
		sc.see(sc.arn("ec2", "instance/"+aws.ToString(i.InstanceId)), "groups").Group = name
	}
}

// activities reads what Auto Scaling did of late, 100 a page, newest first.
func (sc *scan) activities(ctx context.Context) error {
	c := autoscaling.NewFromConfig(sc.Region.Config())
	return pages(Activities, func(token *string) (int, *string, error) {
		in := &autoscaling.DescribeScalingActivitiesInput{MaxRecords: aws.Int32(100), NextToken: token}
		out, err := ask(ctx, sc.Region, Activities, func(ctx context.Context) (*autoscaling.DescribeScalingActivitiesOutput, error) {
			return c.DescribeScalingActivities(ctx, in)
		})
		if err != nil {
			return 0, nil, err
		}
		old := 0
		for i := range out.Activities {
			if sc.s.At.Sub(aws.ToTime(out.Activities[i].StartTime)) > lookBack {
				old++
				continue
			}
			sc.activity(&out.Activities[i])
		}
		if old > 0 && old == len(out.Activities) {
			return old, nil, nil // what follows is older still
		}
		return len(out.Activities), out.NextToken, nil
	})
}

// ofInstance is the instance that an activity ended.
var ofInstance = regexp.MustCompile(`^Terminating EC2 instance: (i-[0-9a-f]+)`)

func (sc *scan) activity(a *autotypes.Activity) {
	at := aws.ToTime(a.StartTime).UTC()
	failed := a.StatusCode == autotypes.ScalingActivityStatusCodeFailed || a.StatusCode == autotypes.ScalingActivityStatusCodeCancelled
	if m := ofInstance.FindStringSubmatch(aws.ToString(a.Description)); m != nil && !failed {
		r := sc.see(sc.arn("ec2", "instance/"+m[1]), "groups")
		r.Group, r.Ended, r.Since = aws.ToString(a.AutoScalingGroupName), kizashi.Terminated, at
		if a.EndTime != nil {
			r.Since = a.EndTime.UTC()
		}
		r.By, r.Reason = ByGroup, aws.ToString(a.Cause)
		if strings.Contains(r.Reason, "scheduled action") {
			r.By = BySchedule
		}
	}
	if !failed {
		return
	}
	f := Failed{At: at, Text: aws.ToString(a.Description), Message: aws.ToString(a.StatusMessage), Cause: aws.ToString(a.Cause)}
	for _, r := range sc.found {
		if r.Type == groupType && r.ID == aws.ToString(a.AutoScalingGroupName) {
			r.Failed = append(r.Failed, f)
		}
	}
}
