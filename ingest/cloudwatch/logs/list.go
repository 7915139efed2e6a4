package logs

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// What is called, as IAM names it.
const (
	FilterLogEvents   = "logs:FilterLogEvents"
	DescribeLogGroups = "logs:DescribeLogGroups"
	GetResources      = "tag:GetResources"
)

// groupsAPage is how many groups DescribeLogGroups lists at once, from its
// documentation.
const groupsAPage = 50

// Found is a log group that exists.
type Found struct {
	Name, ARN, Class string
	Created          time.Time     // zero = not told
	Retention        time.Duration // 0 = kept for ever
	Stored           int64         // bytes, as CloudWatch tells them
	Tags             map[string]string
}

// List is the groups that exist, by name. With tags it asks for their tags
// too; blind is why those could not be read.
func List(ctx context.Context, r *access.Region, tags bool) (found []Found, blind, err error) {
	c, in := Client(r), &cloudwatchlogs.DescribeLogGroupsInput{Limit: aws.Int32(groupsAPage)}
	for {
		var out *cloudwatchlogs.DescribeLogGroupsOutput
		err := r.Do(ctx, DescribeLogGroups, 0, func(ctx context.Context) (err error) {
			out, err = c.DescribeLogGroups(ctx, in)
			return err
		})
		if err != nil {
			return nil, nil, err
		}
		for _, g := range out.LogGroups {
			f := Found{Name: aws.ToString(g.LogGroupName), ARN: aws.ToString(g.LogGroupArn), Class: string(g.LogGroupClass), Stored: aws.ToInt64(g.StoredBytes)}
			if f.Class == "" {
				f.Class = Standard
			}
			if f.ARN == "" { // an older answer has the one with a star alone
				f.ARN = strings.TrimSuffix(aws.ToString(g.Arn), ":*")
			}
			if ms := aws.ToInt64(g.CreationTime); ms > 0 {
				f.Created = time.UnixMilli(ms).UTC()
			}
			f.Retention = time.Duration(aws.ToInt32(g.RetentionInDays)) * 24 * time.Hour
			found = append(found, f)
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			break
		}
	}
	slices.SortFunc(found, func(a, b Found) int { return strings.Compare(a.Name, b.Name) })
	if tags {
		if blind = tag(ctx, r, found); ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
	}
	return found, blind, nil
}

// tag asks for the tags of groups.
func tag(ctx context.Context, r *access.Region, found []Found) error {
	by := map[string]*Found{}
	for i := range found {
		by[found[i].ARN] = &found[i]
	}
	c, in := r.Tagging(), &resourcegroupstaggingapi.GetResourcesInput{ResourceTypeFilters: []string{"logs:log-group"}, ResourcesPerPage: aws.Int32(100)}
	for {
		var out *resourcegroupstaggingapi.GetResourcesOutput
		err := r.Do(ctx, GetResources, 0, func(ctx context.Context) (err error) {
			out, err = c.GetResources(ctx, in)
			return err
		})
		if err != nil {
			return err
		}
		for _, m := range out.ResourceTagMappingList {
			g := by[strings.TrimSuffix(aws.ToString(m.ResourceARN), ":*")]
			if g == nil {
				continue
			}
			g.Tags = make(map[string]string, len(m.Tags))
			for _, t := range m.Tags {
				g.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
			}
		}
		if in.PaginationToken = out.PaginationToken; aws.ToString(in.PaginationToken) == "" {
			return nil
		}
	}
}

// ByTags says whether any rule chooses by tags.
func ByTags(rules []Rule) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool { return len(r.Tags) > 0 })
}
