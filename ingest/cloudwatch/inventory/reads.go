package inventory

import (
	"cmp"
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/arn"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// metrics lists all metrics, 500 a page.
func (sc *scan) metrics(ctx context.Context) error {
	namespaces := sc.Namespaces
	if len(namespaces) == 0 {
		namespaces = []string{""}
	}
	for _, n := range namespaces {
		if err := sc.namespace(ctx, n); err != nil {
			return err
		}
	}
	sc.s.Metrics = distinct(sc.s.Metrics)
	sc.s.Read = append(sc.s.Read, ListMetrics)
	return nil
}

// distinct sorts metrics and leaves out what came twice.
func distinct(ms []Metric) []Metric {
	by := make(map[string]Metric, len(ms))
	for _, m := range ms {
		by[m.Key()] = m
	}
	out := make([]Metric, 0, len(by))
	for _, k := range slices.Sorted(maps.Keys(by)) {
		out = append(out, by[k])
	}
	return out
}

func (sc *scan) namespace(ctx context.Context, name string) error {
	in := &cloudwatch.ListMetricsInput{}
	if name != "" {
		in.Namespace = &name
	}
	if sc.Linked {
		in.IncludeLinkedAccounts = aws.Bool(true)
	}
	return pages(ListMetrics, func(token *string) (int, *string, error) {
		in.NextToken = token
		out, err := ask(ctx, sc.Region, ListMetrics, func(ctx context.Context) (*cloudwatch.ListMetricsOutput, error) {
			return sc.Region.CloudWatch().ListMetrics(ctx, in)
		})
		if err != nil {
			return 0, nil, err
		}
		for i, m := range out.Metrics {
			owner := sc.s.Account
			if i < len(out.OwningAccounts) && out.OwningAccounts[i] != "" {
				owner = out.OwningAccounts[i]
			}
			one := Metric{Account: owner, Namespace: aws.ToString(m.Namespace), Name: aws.ToString(m.MetricName)}
			for _, d := range m.Dimensions {
				if one.Dimensions == nil {
					one.Dimensions = map[string]string{}
				}
				one.Dimensions[aws.ToString(d.Name)] = aws.ToString(d.Value)
			}
			sc.s.Metrics = append(sc.s.Metrics, one)
		}
		return len(out.Metrics), out.NextToken, nil
	})
}

// ask does one call through the region.
func ask[T any](ctx context.Context, r *access.Region, action string, call func(context.Context) (T, error)) (T, error) {
	var out T
	err := r.Do(ctx, action, 0, func(ctx context.Context) (err error) {
		out, err = call(ctx)
		return err
	})
	return out, err
}

// tags reads the resources that are tagged, or once were, 100 a page.
func (sc *scan) tags(ctx context.Context) error {
	c := sc.Region.Tagging()
	return pages(GetResources, func(token *string) (int, *string, error) {
		in := &resourcegroupstaggingapi.GetResourcesInput{ResourcesPerPage: aws.Int32(100), PaginationToken: token}
		out, err := ask(ctx, sc.Region, GetResources, func(ctx context.Context) (*resourcegroupstaggingapi.GetResourcesOutput, error) {
			return c.GetResources(ctx, in)
		})
		if err != nil {
			return 0, nil, err
		}
		for _, m := range out.ResourceTagMappingList {
			tags := map[string]string{}
			for _, t := range m.Tags {
				tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
			sc.see(aws.ToString(m.ResourceARN), "tags").tag(tags, false)
		}
		return len(out.ResourceTagMappingList), out.PaginationToken, nil
	})
}

// instances reads those of EC2, 1,000 a page; EC2 lists a terminated one for
// about an hour.
func (sc *scan) instances(ctx context.Context) error {
	c := ec2.NewFromConfig(sc.Region.Config())
	return pages(Instances, func(token *string) (int, *string, error) {
		in := &ec2.DescribeInstancesInput{MaxResults: aws.Int32(1000), NextToken: token}
		out, err := ask(ctx, sc.Region, Instances, func(ctx context.Context) (*ec2.DescribeInstancesOutput, error) {
			return c.DescribeInstances(ctx, in)
		})
		if err != nil {
			return 0, nil, err
		}
		n := 0
		for _, res := range out.Reservations {
			for i := range res.Instances {
				sc.instance(&res.Instances[i])
				n++
			}
		}
		return n, out.NextToken, nil
	})
}

func (sc *scan) arn(service, rest string) string {
	return "arn:" + arn.Partition(sc.s.Region) + ":" + service + ":" + sc.s.Region + ":" + sc.s.Account + ":" + rest
}

func (sc *scan) instance(i *ec2types.Instance) {
	r := sc.see(sc.arn("ec2", "instance/"+aws.ToString(i.InstanceId)), "instances")
	tags := map[string]string{}
	for _, t := range i.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	r.Tags = nil // EC2 knows better than the tagging API, which lags
	r.tag(tags, true)
	r.Started = aws.ToTime(i.LaunchTime).UTC()
	if i.State != nil {
		r.State = string(i.State.Name)
	}
	switch r.State {
	case "terminated", "shutting-down":
		r.Ended = kizashi.Terminated
	case "stopped", "stopping":
		r.Ended = kizashi.Stopped
	default:
		return
	}
	var code, message string
	if i.StateReason != nil {
		code, message = aws.ToString(i.StateReason.Code), aws.ToString(i.StateReason.Message)
	}
	r.transition(code, message, aws.ToString(i.StateTransitionReason))
}

// when in "User initiated (2026-11-20 11:58:03 GMT)".
var when = regexp.MustCompile(`\((\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}) (?:GMT|UTC)\)`)

// transition takes who and when from what EC2 says of the change of state.
func (r *Resource) transition(code, message, why string) {
	r.Reason = cmp.Or(why, message, code)
	if m := when.FindStringSubmatch(why); m != nil {
		if at, err := time.Parse(time.DateTime, m[1]); err == nil {
			r.Since = at
		}
	}
	switch {
	case strings.HasPrefix(code, "Server."):
		r.By, r.Reason = ByAWS, cmp.Or(message, why, code)
	case strings.HasPrefix(code, "Client.") || strings.HasPrefix(why, "User initiated"):
		r.By = ByUser
		// The tag of AWS's Instance Scheduler.
		if s := r.Tags["Schedule"]; s != "" && r.Ended == kizashi.Stopped {
			r.By, r.Reason = BySchedule, r.Reason+"; tag Schedule: "+s
		}
	}
}

// agents reads those of Systems Manager, 50 a page.
func (sc *scan) agents(ctx context.Context) error {
	c := ssm.NewFromConfig(sc.Region.Config())
	return pages(Agents, func(token *string) (int, *string, error) {
		in := &ssm.DescribeInstanceInformationInput{MaxResults: aws.Int32(50), NextToken: token}
		out, err := ask(ctx, sc.Region, Agents, func(ctx context.Context) (*ssm.DescribeInstanceInformationOutput, error) {
			return c.DescribeInstanceInformation(ctx, in)
		})
		if err != nil {
			return 0, nil, err
		}
		for _, a := range out.InstanceInformationList {
			id := aws.ToString(a.InstanceId)
			arn := sc.arn("ec2", "instance/"+id)
			if strings.HasPrefix(id, "mi-") { // a machine that is none of EC2's
				arn = sc.arn("ssm", "managed-instance/"+id)
			}
			r := sc.see(arn, "agents")
			r.Ping, r.AgentVersion, r.Pinged = string(a.PingStatus), aws.ToString(a.AgentVersion), aws.ToTime(a.LastPingDateTime).UTC()
			r.Name = cmp.Or(r.Name, aws.ToString(a.Name))
		}
		return len(out.InstanceInformationList), out.NextToken, nil
	})
}
