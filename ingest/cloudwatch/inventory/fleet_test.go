package inventory_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

// fleet is a group of two web servers, one more that was scaled in, a host
// that somebody stopped, one that a schedule stopped, and one whose agent is
// gone.
func fleet(w *world) {
	for _, id := range []string{"i-0a", "i-0b", "i-0c", "i-0d", "i-0e", "i-0f"} {
		w.metric("AWS/EC2", "CPUUtilization", "InstanceId", id)
	}
	shop := map[string]string{"Name": "web", "system": "shop", "aws:cloudformation:stack-name": "shop-prod", "aws:autoscaling:groupName": "web-asg"}
	w.aws.Instance(awsfake.Instance{ID: "i-0a", Launched: noon.Add(-72 * time.Hour), Tags: shop})
	w.aws.Instance(awsfake.Instance{ID: "i-0b", Launched: noon.Add(-2 * time.Hour), Tags: shop})
	w.aws.Instance(awsfake.Instance{ID: "i-0c", State: "terminated", Reason: "User initiated (2026-11-20 11:20:00 GMT)", ReasonCode: "Client.UserInitiatedShutdown", Tags: shop})
	w.aws.Instance(awsfake.Instance{ID: "i-0d", State: "stopped", Reason: "User initiated (2026-11-20 11:58:03 GMT)", ReasonCode: "Client.UserInitiatedShutdown", Tags: map[string]string{"Name": "batch"}})
	w.aws.Instance(awsfake.Instance{ID: "i-0e", State: "stopped", Reason: "User initiated (2026-11-20 10:00:00 GMT)", ReasonCode: "Client.UserInitiatedShutdown", Tags: map[string]string{"Schedule": "office-hours"}})
	w.aws.Instance(awsfake.Instance{ID: "i-0f"}) // nobody tagged it
	w.aws.AutoScalingGroup(awsfake.Group{Name: "web-asg", Min: 2, Max: 6, Desired: 3, Tags: map[string]string{"system": "shop"},
		Members: []awsfake.Member{{ID: "i-0a", Lifecycle: "InService", Health: "Healthy"}, {ID: "i-0b", Lifecycle: "Pending", Health: "Healthy"}},
		Activities: []awsfake.Activity{
			{ID: "3", Description: "Launching a new EC2 instance", Status: "Failed", Message: "We currently do not have sufficient m5.large capacity in the Availability Zone you requested.",
				Cause: "At 2026-11-20T11:30:00Z an instance was started in response to a difference between desired and actual capacity.", Started: noon.Add(-30 * time.Minute), Ended: noon.Add(-30 * time.Minute), Progress: 100},
			{ID: "2", Description: "Terminating EC2 instance: i-0c", Status: "Successful", Cause: "At 2026-11-20T11:19:00Z a scheduled action update of AutoScalingGroup constraints changed the desired capacity from 3 to 2.",
				Started: noon.Add(-41 * time.Minute), Ended: noon.Add(-40 * time.Minute), Progress: 100},
			{ID: "1", Description: "Terminating EC2 instance: i-99", Status: "Successful", Started: noon.Add(-72 * time.Hour), Ended: noon.Add(-72 * time.Hour), Progress: 100},
		}})
	w.aws.Agent(awsfake.Agent{Instance: "i-0a", Ping: "Online", Version: "3.3.1", LastPing: noon.Add(-time.Minute)})
	w.aws.Agent(awsfake.Agent{Instance: "i-0b", Ping: "ConnectionLost", Version: "3.2.0", LastPing: noon.Add(-time.Hour)})
	w.aws.Agent(awsfake.Agent{Instance: "i-0d", Ping: "ConnectionLost", Version: "3.3.1", LastPing: noon.Add(-3 * time.Minute)})
}

func TestFleet(t *testing.T) {
	w := newWorld(t)
	fleet(w)
	s := w.scan()
	if len(s.Blind) > 0 {
		t.Fatalf("blind: %+v", s.Blind)
	}
	for id, want := range map[string]struct {
		health inventory.Health
		ended  kizashi.Ending
		by     inventory.By
		since  time.Time
		reason string
		group  string
	}{
		"i-0a": {health: inventory.Running, group: "web-asg"},
		"i-0b": {health: inventory.AgentUnreachable, group: "web-asg"},
		"i-0c": {inventory.HostDown, kizashi.Terminated, inventory.BySchedule, noon.Add(-40 * time.Minute), "scheduled action", "web-asg"},
		"i-0d": {inventory.HostDown, kizashi.Stopped, inventory.ByUser, noon.Add(-117 * time.Second), "User initiated", ""},
		"i-0e": {inventory.HostDown, kizashi.Stopped, inventory.BySchedule, noon.Add(-2 * time.Hour), "office-hours", ""},
		"i-0f": {health: inventory.Running},
	} {
		r := find(t, s, ec2(id))
		if r.Health() != want.health || r.Ended != want.ended || r.By != want.by || !r.Since.Equal(want.since) || !strings.Contains(r.Reason, want.reason) || r.Group != want.group {
			t.Errorf("%s: %q %+v\nwant %+v", id, r.Health(), *r, want)
		}
		e, ended := s.Ending(metric("AWS/EC2", "CPUUtilization", "InstanceId", id))
		if ended != (want.ended != "") || e.Ending != want.ended {
			t.Errorf("%s: metric ended %t %+v", id, ended, e)
		}
	}
	g := s.ResourceOf(metric("AWS/AutoScaling", "GroupDesiredCapacity", "AutoScalingGroupName", "web-asg"))
	if g == nil || *g.Capacity != (inventory.Capacity{Min: 2, Max: 6, Desired: 3, InService: 1}) || g.Capacity.Missing() != 2 {
		t.Fatalf("group %+v", g)
	}
	if len(g.Failed) != 1 || !strings.Contains(g.Failed[0].Message, "sufficient m5.large capacity") || !g.Failed[0].At.Equal(noon.Add(-30*time.Minute)) {
		t.Errorf("failed activities %+v", g.Failed)
	}
	if s.Find(ec2("i-99")) != nil {
		t.Error("an instance that ended three days ago is told")
	}
	if got, want := s.Labels(metric("AWS/EC2", "CPUUtilization", "InstanceId", "i-0a")), (map[string]string{"tag_Name": "web", "tag_system": "shop",
		"tag_aws_cloudformation_stack_name": "shop-prod", "tag_aws_autoscaling_groupName": "web-asg", "stack": "shop-prod", "asg": "web-asg", "resource": "web"}); !reflect.DeepEqual(got, want) {
		t.Errorf("labels %v, want %v", got, want)
	}
}

// Tags come 100 a page; an untagged resource is known from its metrics.
func TestTags(t *testing.T) {
	w := newWorld(t)
	for i := range 250 {
		w.aws.Tag(fmt.Sprintf("arn:aws:sqs:ap-northeast-1:%s:q%03d", acme, i), map[string]string{"team": "pay", "コスト": "x", "費用": "y", "name": "z"})
	}
	w.metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "q007")
	w.metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "plain")
	s := w.scan()
	if len(s.Resources) != 251 {
		t.Errorf("%d resources, want 251", len(s.Resources))
	}
	got := s.Labels(metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "q007"))
	if want := (map[string]string{"tag_team": "pay", "tag____": "x", "tag___": "y", "tag_name": "z", "resource": "q007"}); !reflect.DeepEqual(got, want) {
		t.Errorf("labels %v, want %v", got, want)
	}
	if r := s.ResourceOf(metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "plain")); r == nil || r.Tagged() || !slices.Equal(r.Seen, []string{"metrics"}) {
		t.Errorf("%+v", r)
	}
}

// The lives of four resources over the scans of two weeks.
func TestEnds(t *testing.T) {
	w := newWorld(t)
	w.aws.Instance(awsfake.Instance{ID: "i-0a"})
	w.metric("AWS/EC2", "CPUUtilization", "InstanceId", "i-0a")
	queue := "arn:aws:sqs:ap-northeast-1:" + acme + ":orders"
	w.aws.Tag(queue, map[string]string{"team": "pay"})
	w.metric("AWS/SQS", "NumberOfMessagesSent", "QueueName", "orders")
	w.aws.Generate(awsfake.Metric{Namespace: "Shop", Name: "Orders"}, time.Minute, noon.Add(-time.Hour), noon.Add(time.Hour), func(time.Time) (float64, bool) { return 1, true })
	s := w.scan()
	cpu, sent, orders := metric("AWS/EC2", "CPUUtilization", "InstanceId", "i-0a"), metric("AWS/SQS", "NumberOfMessagesSent", "QueueName", "orders"), metric("Shop", "Orders")
	for _, m := range []inventory.Metric{cpu, sent, orders} {
		if e, ended := s.Ending(m); ended {
			t.Errorf("%s has ended: %+v", m, e)
		}
	}
	w.pass(time.Hour)
	w.aws.Forget("i-0a") // terminated, and EC2 forgot it between two scans
	w.aws.Untag(queue)   // deleted
	w.scan()
	w.pass(time.Hour)
	s = w.scan()
	if e, _ := s.Ending(cpu); e.Ending != kizashi.Terminated || !e.Since.Equal(noon.Add(time.Hour)) || e.Reason != "EC2 lists the instance no more" {
		t.Errorf("the instance: %+v", e)
	}
	if e, _ := s.Ending(sent); e.Ending != kizashi.Disappeared || !e.Since.Equal(noon.Add(time.Hour)) {
		t.Errorf("the queue: %+v", e)
	}
	if _, ended := s.Ending(orders); ended {
		t.Error("a metric that is only silent has ended")
	}
	w.cloud.Account(acme).Deny("tag:GetResources")
	w.aws.Tag(queue, nil)
	w.pass(time.Hour)
	s = w.scan()
	if e, _ := s.Ending(sent); e.Ending != kizashi.Disappeared || !e.Since.Equal(noon.Add(time.Hour)) {
		t.Errorf("the queue, while tags cannot be read: %+v", e)
	}
	w.cloud.Account(acme).Allow("tag:GetResources")
	w.aws.Tag(queue, map[string]string{"team": "pay"})
	w.pass(time.Hour)
	s = w.scan()
	if e, ended := s.Ending(sent); ended {
		t.Errorf("the queue is back: %+v", e)
	}
	w.pass(15 * 24 * time.Hour)
	s = w.scan()
	if e, ended := s.Ending(orders); !ended || e.Ending != kizashi.Disappeared || !strings.Contains(e.Reason, "two weeks") {
		t.Errorf("a metric without a point for two weeks: %+v", e)
	}
}

// What could be read the last time and is denied now stays as it was: nobody
// untagged or stopped anything.
func TestReadThatFailsChangesNothing(t *testing.T) {
	w := newWorld(t)
	fleet(w)
	before := w.scan()
	w.cloud.Account(acme).Deny("tag:GetResources", "ec2:DescribeInstances", "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeScalingActivities", "ssm:DescribeInstanceInformation")
	for range 3 {
		w.pass(time.Hour)
		now := w.scan()
		if len(now.Blind) != 5 {
			t.Fatalf("blind: %+v", now.Blind)
		}
		for _, m := range before.Metrics {
			if got, want := now.Labels(m), before.Labels(m); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: labels %v, want %v", m, got, want)
			}
			got, _ := now.Ending(m)
			if want, _ := before.Ending(m); got != want {
				t.Errorf("%s: %+v, want %+v", m, got, want)
			}
			if got, want := now.ResourceOf(m).Health(), before.ResourceOf(m).Health(); got != want {
				t.Errorf("%s: %q, want %q", m, got, want)
			}
		}
		if cs := inventory.Diff(before, now, nil); len(cs) != 0 {
			t.Errorf("changes %+v", cs)
		}
	}
	// Half of it is read again: a host that was stopped runs, an agent is back.
	w.cloud.Account(acme).Allow("ec2:DescribeInstances")
	w.aws.Instance(awsfake.Instance{ID: "i-0d", Tags: map[string]string{"Name": "batch"}})
	s := w.scan()
	if r := find(t, s, ec2("i-0d")); r.Ended != "" || r.State != "running" || r.Reason != "" {
		t.Errorf("%+v", *r)
	}
}
