package awsfake_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/kizashi-ops/kizashi/awsfake"
)

const acct = "111111111111"

func TestEC2(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	r := a.Region(tokyo)
	for i := range 12 {
		r.Instance(awsfake.Instance{ID: fmt.Sprintf("i-%02d", i), Type: "t3.micro", Zone: "ap-northeast-1a", Launched: noon.Add(-time.Hour), Tags: map[string]string{"n": fmt.Sprint(i)}})
	}
	r.Instance(awsfake.Instance{ID: "i-99", State: "stopped", Reason: "User initiated (2026-11-20 11:00:00 GMT)", ReasonCode: "Client.UserInitiatedShutdown", ReasonText: "by the user"})
	c := ec2.NewFromConfig(w.config(keysOf(a), tokyo))
	var ids []string
	pages := ec2.NewDescribeInstancesPaginator(c, &ec2.DescribeInstancesInput{MaxResults: aws.Int32(5)})
	n := 0
	for ; pages.HasMorePages(); n++ {
		out, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range out.Reservations {
			ids = append(ids, *x.Instances[0].InstanceId)
		}
	}
	if len(ids) != 13 || n != 3 || !slices.IsSorted(ids) {
		t.Errorf("%d instances on %d pages: %v", len(ids), n, ids)
	}
	out, err := c.DescribeInstances(context.Background(), &ec2.DescribeInstancesInput{Filters: []ec2types.Filter{{Name: aws.String("instance-state-name"), Values: []string{"stopped"}}}})
	if err != nil || len(out.Reservations) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	if x := out.Reservations[0].Instances[0]; *x.InstanceId != "i-99" || x.State.Name != "stopped" || *x.State.Code != 80 || *x.StateReason.Code != "Client.UserInitiatedShutdown" {
		t.Errorf("%+v", x)
	}
	out, err = c.DescribeInstances(context.Background(), &ec2.DescribeInstancesInput{InstanceIds: []string{"i-03"}})
	if err != nil || len(out.Reservations) != 1 || *out.Reservations[0].Instances[0].Tags[0].Value != "3" || !out.Reservations[0].Instances[0].LaunchTime.Equal(noon.Add(-time.Hour)) {
		t.Errorf("%+v, %v", out, err)
	}
	_, err = c.DescribeInstances(context.Background(), &ec2.DescribeInstancesInput{InstanceIds: []string{"i-nobody"}})
	want(t, err, "InvalidInstanceID.NotFound", "i-nobody")

	a.DisableRegion("eu-west-1")
	regions, err := c.DescribeRegions(context.Background(), &ec2.DescribeRegionsInput{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range regions.Regions {
		names = append(names, *x.RegionName)
	}
	if !slices.Contains(names, tokyo) || slices.Contains(names, "eu-west-1") || slices.Contains(names, "ap-east-1") {
		t.Errorf("regions %v", names)
	}
	_, err = ec2.NewFromConfig(w.config(keysOf(a), "eu-west-1")).DescribeRegions(context.Background(), &ec2.DescribeRegionsInput{})
	want(t, err, "OptInRequired", "not subscribed")
	a.Deny("ec2:*")
	_, err = c.DescribeInstances(context.Background(), &ec2.DescribeInstancesInput{})
	want(t, err, "UnauthorizedOperation", "User: arn:aws:iam::111111111111:user/kizashi is not authorized to perform: ec2:DescribeInstances")
}

func TestTagging(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	r := a.Region(tokyo)
	for i := range 150 {
		r.Tag(fmt.Sprintf("arn:aws:sqs:ap-northeast-1:%s:q-%03d", acct, i), map[string]string{"system": []string{"shop", "bank"}[i%2]})
	}
	r.Tag("arn:aws:sqs:ap-northeast-1:"+acct+":untagged", nil)
	r.Tag("arn:aws:rds:ap-northeast-1:"+acct+":db:orders", map[string]string{"system": "shop"})
	c := tagging.NewFromConfig(w.config(keysOf(a), tokyo))
	count := func(in *tagging.GetResourcesInput) (found, pages int) {
		t.Helper()
		in.ResourcesPerPage = aws.Int32(100)
		for {
			out, err := c.GetResources(context.Background(), in)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range out.ResourceTagMappingList {
				if strings.HasSuffix(*x.ResourceARN, "untagged") || len(x.Tags) == 0 {
					t.Errorf("told of %s", *x.ResourceARN)
				}
			}
			found, pages = found+len(out.ResourceTagMappingList), pages+1
			if aws.ToString(out.PaginationToken) == "" {
				return found, pages
			}
			in.PaginationToken = out.PaginationToken
		}
	}
	if n, p := count(&tagging.GetResourcesInput{}); n != 151 || p != 2 {
		t.Errorf("%d on %d pages", n, p)
	}
	if n, _ := count(&tagging.GetResourcesInput{TagFilters: []taggingtypes.TagFilter{{Key: aws.String("system"), Values: []string{"shop"}}}}); n != 76 {
		t.Errorf("%d of shop", n)
	}
	if n, _ := count(&tagging.GetResourcesInput{ResourceTypeFilters: []string{"rds:db"}}); n != 1 {
		t.Errorf("%d databases", n)
	}
	_, err := c.GetResources(context.Background(), &tagging.GetResourcesInput{ResourcesPerPage: aws.Int32(101)})
	want(t, err, "InvalidParameterException", "ResourcesPerPage 101")
}

func TestAutoScaling(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	a.Region(tokyo).AutoScalingGroup(awsfake.Group{Name: "web", Min: 1, Max: 4, Desired: 3, Created: noon, Tags: map[string]string{"system": "shop"},
		Members: []awsfake.Member{{ID: "i-1", Lifecycle: "InService", Health: "Healthy", Zone: "ap-northeast-1a"}},
		Activities: []awsfake.Activity{
			{ID: "a-2", Status: "Failed", Message: "Could not launch On-Demand Instances. InsufficientInstanceCapacity", Started: noon.Add(-time.Minute), Ended: noon},
			{ID: "a-1", Status: "Successful", Started: noon.Add(-time.Hour), Ended: noon.Add(-time.Hour)}}})
	c := autoscaling.NewFromConfig(w.config(keysOf(a), tokyo))
	gs, err := c.DescribeAutoScalingGroups(context.Background(), &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{"web"}})
	if err != nil || len(gs.AutoScalingGroups) != 1 {
		t.Fatalf("%+v, %v", gs, err)
	}
	if g := gs.AutoScalingGroups[0]; *g.DesiredCapacity != 3 || g.Instances[0].LifecycleState != "InService" || *g.Instances[0].InstanceId != "i-1" || *g.Tags[0].Value != "shop" {
		t.Errorf("%+v", g)
	}
	acts, err := c.DescribeScalingActivities(context.Background(), &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: aws.String("web")})
	if err != nil || len(acts.Activities) != 2 || *acts.Activities[0].ActivityId != "a-2" || !strings.Contains(*acts.Activities[0].StatusMessage, "InsufficientInstanceCapacity") {
		t.Errorf("%+v, %v", acts, err)
	}
}

func TestSSM(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	r := a.Region(tokyo)
	r.Agent(awsfake.Agent{Instance: "i-1", Ping: "Online", Version: "3.3.1", LastPing: noon, PlatformType: "Linux"})
	r.Agent(awsfake.Agent{Instance: "i-2", Ping: "ConnectionLost", Version: "3.2.0", LastPing: noon.Add(-time.Hour), PlatformType: "Windows"})
	c := ssm.NewFromConfig(w.config(keysOf(a), tokyo))
	info, err := c.DescribeInstanceInformation(context.Background(), &ssm.DescribeInstanceInformationInput{Filters: []ssmtypes.InstanceInformationStringFilter{{Key: aws.String("PingStatus"), Values: []string{"ConnectionLost"}}}})
	if err != nil || len(info.InstanceInformationList) != 1 || *info.InstanceInformationList[0].AgentVersion != "3.2.0" || !info.InstanceInformationList[0].LastPingDateTime.Equal(noon.Add(-time.Hour)) {
		t.Fatalf("%+v, %v", info, err)
	}
	create := &ssm.CreateOpsItemInput{Title: aws.String("disk"), Description: aws.String("full soon"), Source: aws.String("kizashi"), Severity: aws.String("2"), Priority: aws.Int32(1),
		OperationalData: map[string]ssmtypes.OpsItemDataValue{"/aws/dedup": {Type: "SearchableString", Value: aws.String(`{"dedupString":"e1"}`)}}}
	made, err := c.CreateOpsItem(context.Background(), create)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.CreateOpsItem(context.Background(), create)
	want(t, err, "OpsItemAlreadyExistsException", *made.OpsItemId)
	if _, err = c.UpdateOpsItem(context.Background(), &ssm.UpdateOpsItemInput{OpsItemId: made.OpsItemId, Status: "Resolved"}); err != nil {
		t.Fatal(err)
	}
	item, err := c.GetOpsItem(context.Background(), &ssm.GetOpsItemInput{OpsItemId: made.OpsItemId})
	if err != nil || item.OpsItem.Status != "Resolved" || *item.OpsItem.Description != "full soon" || *item.OpsItem.OperationalData["/aws/dedup"].Value != `{"dedupString":"e1"}` {
		t.Errorf("%+v, %v", item, err)
	}
	open := []ssmtypes.OpsItemFilter{{Key: "Status", Operator: "Equal", Values: []string{"Open"}}}
	if found, err := c.DescribeOpsItems(context.Background(), &ssm.DescribeOpsItemsInput{OpsItemFilters: open}); err != nil || len(found.OpsItemSummaries) != 0 {
		t.Errorf("%+v, %v", found, err)
	}
	if items := r.OpsItems(); len(items) != 1 || items[0].Title != "disk" {
		t.Errorf("%+v", items)
	}
	_, err = c.GetOpsItem(context.Background(), &ssm.GetOpsItemInput{OpsItemId: aws.String("oi-none")})
	want(t, err, "OpsItemNotFoundException", "oi-none")
}

func TestSNS(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	c := sns.NewFromConfig(w.config(keysOf(a), tokyo))
	topic := "arn:aws:sns:ap-northeast-1:" + acct + ":alerts"
	text := "CPU < 5 & \"rising\" 遅延\n二行目"
	out, err := c.Publish(context.Background(), &sns.PublishInput{TopicArn: &topic, Message: &text, Subject: aws.String("s"),
		MessageAttributes: map[string]snstypes.MessageAttributeValue{"tenant": {DataType: aws.String("String"), StringValue: aws.String("acme")}}})
	if err != nil {
		t.Fatal(err)
	}
	if ms := a.Region(tokyo).Messages(); len(ms) != 1 || ms[0].Text != text || ms[0].ID != *out.MessageId || ms[0].Attributes["tenant"] != "acme" || ms[0].Topic != topic || !ms[0].At.Equal(noon) {
		t.Errorf("%+v", ms)
	}
	_, err = c.Publish(context.Background(), &sns.PublishInput{TopicArn: aws.String("arn:aws:sns:ap-northeast-1:222222222222:alerts"), Message: &text})
	want(t, err, "NotFound", "Topic does not exist")
	a.Deny("sns:Publish")
	_, err = c.Publish(context.Background(), &sns.PublishInput{TopicArn: &topic, Message: &text})
	want(t, err, "AuthorizationError", "sns:Publish")
}

func TestLogs(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	r := a.Region(tokyo)
	for i := range 25 {
		r.Log("/app", fmt.Sprintf("s%d", i%2), noon.Add(time.Duration(i-30)*time.Minute), fmt.Sprintf("%s line %d", []string{"INFO", "ERROR"}[i%5/4], i))
	}
	c := cloudwatchlogs.NewFromConfig(w.config(keysOf(a), tokyo))
	groups, err := c.DescribeLogGroups(context.Background(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/a")})
	if err != nil || len(groups.LogGroups) != 1 || *groups.LogGroups[0].LogGroupName != "/app" {
		t.Errorf("%+v, %v", groups, err)
	}
	streams, err := c.DescribeLogStreams(context.Background(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String("/app"), OrderBy: "LastEventTime", Descending: aws.Bool(true)})
	if err != nil || len(streams.LogStreams) != 2 || *streams.LogStreams[0].LogStreamName != "s0" {
		t.Errorf("%+v, %v", streams, err)
	}
	filter := func(times int) (found []string, pages int) {
		t.Helper()
		w.cloud.Script(awsfake.Fault{Op: "FilterLogEvents", Times: times, Empty: true})
		p := cloudwatchlogs.NewFilterLogEventsPaginator(c, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("/app"), FilterPattern: aws.String("ERROR"), Limit: aws.Int32(2),
			StartTime: aws.Int64(noon.Add(-time.Hour).UnixMilli()), EndTime: aws.Int64(noon.UnixMilli())})
		for ; p.HasMorePages(); pages++ {
			out, err := p.NextPage(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range out.Events {
				found = append(found, *e.Message)
			}
		}
		return found, pages
	}
	want := []string{"ERROR line 4", "ERROR line 9", "ERROR line 14", "ERROR line 19", "ERROR line 24"}
	if got, pages := filter(3); !slices.Equal(got, want) || pages != 6 {
		t.Errorf("%v on %d pages", got, pages)
	}
	var got []string
	in := &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("/app"), LogStreamName: aws.String("s1"), StartFromHead: aws.Bool(true), Limit: aws.Int32(5)}
	for {
		out, err := c.GetLogEvents(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Events {
			got = append(got, *e.Message)
		}
		if aws.ToString(out.NextForwardToken) == aws.ToString(in.NextToken) {
			break
		}
		in.NextToken = out.NextForwardToken
	}
	if len(got) != 12 || got[0] != "INFO line 1" {
		t.Errorf("%v", got)
	}
	_, err = c.FilterLogEvents(context.Background(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("/none")})
	if code, _ := code(err); code != "ResourceNotFoundException" {
		t.Error(err)
	}
}

// Log groups have a class, tags and a retention, and can be deleted; events are
// seen when they are ingested, and a page can repeat some of the one before.
func TestLogGroups(t *testing.T) {
	w := newWorld(t)
	a := w.cloud.Account(acct)
	r := a.Region(tokyo)
	r.LogGroup(awsfake.LogGroup{Name: "/day", Class: "INFREQUENT_ACCESS", Created: noon.AddDate(0, 0, -9), Retention: 24 * time.Hour, Tags: map[string]string{"team": "shop"}})
	for h := range 48 {
		r.Log("/day", "s", noon.Add(-time.Duration(h)*time.Hour-time.Minute), fmt.Sprint("hour ", h))
	}
	r.LogSeen("/day", "s", noon.Add(-90*time.Minute), "not yet", noon.Add(time.Minute))
	r.Log("/other", "s", noon, "x")
	c := cloudwatchlogs.NewFromConfig(w.config(keysOf(a), tokyo))
	groups, err := c.DescribeLogGroups(context.Background(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupClass: "INFREQUENT_ACCESS"})
	if err != nil || len(groups.LogGroups) != 1 || *groups.LogGroups[0].RetentionInDays != 1 {
		t.Fatalf("%+v, %v", groups, err)
	}
	tags, err := c.ListTagsForResource(context.Background(), &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: groups.LogGroups[0].LogGroupArn})
	if err != nil || tags.Tags["team"] != "shop" {
		t.Errorf("%+v, %v", tags, err)
	}
	w.cloud.Script(awsfake.Fault{Op: "FilterLogEvents", Points: 10, Again: 2})
	var sizes []int
	ids := map[string]int{}
	for p := cloudwatchlogs.NewFilterLogEventsPaginator(c, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("/day")}); p.HasMorePages(); {
		page, err := p.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.Events))
		for _, e := range page.Events {
			ids[*e.EventId]++
			if *e.Message == "not yet" {
				t.Error("an event was seen before it was ingested")
			}
		}
	}
	if fmt.Sprint(sizes) != "[10 12 6]" || len(ids) != 24 {
		t.Errorf("pages of %v, %d events", sizes, len(ids))
	}
	r.DropLogGroup("/day")
	if _, err := c.FilterLogEvents(context.Background(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("/day")}); err == nil || !strings.Contains(err.Error(), "ResourceNotFoundException") {
		t.Errorf("a deleted group: %v", err)
	}
}
