package inventory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/catalogue"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

// shop is a snapshot that was read whole: two instances, one of them without
// tags, a queue, a load balancer, and metrics that nobody watches.
func shop() *inventory.Snapshot {
	tagged := func(arn, typ, id string, tags map[string]string, seen ...string) inventory.Resource {
		return inventory.Resource{ARN: arn, Type: typ, ID: id, Account: acme, Tags: tags, Seen: seen}
	}
	s := &inventory.Snapshot{Account: acme, Region: tokyo, At: noon, Read: []string{inventory.ListMetrics, inventory.GetResources, inventory.Instances},
		Metrics: []inventory.Metric{
			metric("AWS/EC2", "CPUUtilization", "InstanceId", "i-0a"),
			metric("AWS/EC2", "CPUUtilization", "InstanceId", "i-0b"),
			metric("AWS/EC2", "CPUUtilization", "InstanceId", "i-0c"),
			metric("AWS/EC2", "CPUUtilization", "ImageId", "ami-1"),
			metric("AWS/EC2", "NetworkPacketsIn", "InstanceId", "i-0a"),
			metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "orders"),
			metric("Shop", "Orders"),
		},
		Resources: []inventory.Resource{
			tagged(ec2("i-0a"), "ec2:instance", "i-0a", map[string]string{"system": "shop", "env": "prod"}, "instances", "tags"),
			tagged(ec2("i-0b"), "ec2:instance", "i-0b", nil, "instances"),
			tagged(ec2("i-0c"), "ec2:instance", "i-0c", map[string]string{"system": "shop", "env": "test"}, "instances", "tags"),
			tagged("arn:aws:sqs:ap-northeast-1:"+acme+":orders", "sqs", "orders", map[string]string{"system": "pay"}, "tags"),
			tagged("arn:aws:sqs:ap-northeast-1:"+acme+":idle", "sqs", "idle", map[string]string{"system": "pay"}, "tags"),
			tagged("arn:aws:ec2:ap-northeast-1:"+acme+":security-group/sg-1", "ec2:security-group", "sg-1", map[string]string{"system": "pay"}, "tags"),
		}}
	return s
}

func matchers(t *testing.T, texts ...string) (ms kizashi.Matchers) {
	t.Helper()
	for _, s := range texts {
		m, err := kizashi.ParseMatcher(s)
		if err != nil {
			t.Fatal(err)
		}
		ms = append(ms, m)
	}
	return ms
}

func tell(cs []inventory.Choice) (out []string) {
	for _, c := range cs {
		s := c.Metric.String() + ": "
		if c.Why == inventory.Watched {
			s += "watched " + c.Statistic
		} else {
			s += string(c.Why)
		}
		out = append(out, s)
	}
	return out
}

func TestChoose(t *testing.T) {
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	sel := inventory.Selection{Want: inventory.Default(c), Catalogue: c,
		Select: []kizashi.Matchers{matchers(t, `tag_system="shop"`, `namespace="AWS/EC2"`), matchers(t, `namespace="AWS/Lambda"`)},
		Drop:   []kizashi.Matchers{matchers(t, `tag_env=~"dev|test"`)}}
	s := shop()
	want := []string{
		"AWS/EC2 CPUUtilization i-0a: watched Average",
		"AWS/EC2 CPUUtilization i-0b: untagged",
		"AWS/EC2 CPUUtilization i-0c: dropped",
		"AWS/EC2 CPUUtilization ami-1: dimensions",
		"AWS/EC2 NetworkPacketsIn i-0a: record",
		"AWS/SQS ApproximateAgeOfOldestMessage orders: no match",
		"Shop Orders: not in the catalogue",
	}
	if got := tell(s.Choose(sel)); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// Nobody could read tags: that is no missing tag.
	blind := shop()
	blind.Read = []string{inventory.ListMetrics}
	for i := range blind.Resources {
		blind.Resources[i].Tags, blind.Resources[i].Seen = nil, []string{"metrics"}
	}
	if got := tell(blind.Choose(sel))[0]; got != "AWS/EC2 CPUUtilization i-0a: not readable" {
		t.Error(got)
	}
	// Metrics that a configuration names, in two statistics, and labels of its own.
	sel = inventory.Selection{Labels: map[string]string{"team": "ops"}, Select: []kizashi.Matchers{matchers(t, `team="ops"`, `stat!="p50"`)},
		Want: []inventory.Want{{"Shop", "Orders", "Sum", []string{}}, {"Shop", "Orders", "p99", nil}, {"Shop", "Orders", "p50", nil}}}
	got := tell(s.Choose(sel))
	if want := []string{"Shop Orders: watched Sum", "Shop Orders: watched p99"}; !slices.Equal(got[len(got)-2:], want) || got[0] != "AWS/EC2 CPUUtilization i-0a: not named" {
		t.Errorf("%v", got)
	}
}

func TestCoverage(t *testing.T) {
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := shop()
	s.Blind = []inventory.Blind{{Action: inventory.Agents, Cause: kizashi.Cause{Kind: kizashi.NoPermission, Name: inventory.Agents}, Text: "denied"}}
	s.Resources[2].State, s.Resources[2].Ended, s.Resources[2].By, s.Resources[2].Since = "stopped", kizashi.Stopped, inventory.ByUser, noon.Add(-time.Hour)
	cover := s.Coverage(s.Choose(inventory.Selection{Want: inventory.Default(c), Catalogue: c, Select: []kizashi.Matchers{matchers(t, `tag_system=~"shop|pay"`)}}), nil)
	if cover.Metrics != 7 || cover.Watched != 2 {
		t.Errorf("%d metrics, %d watched, want 7 and 2", cover.Metrics, cover.Watched)
	}
	if got := fmt.Sprint(cover.Untagged); got != "["+ec2("i-0b")+"]" {
		t.Errorf("untagged %s", got)
	}
	var dark []string
	for _, u := range cover.Unwatched {
		dark = append(dark, u.ARN+" "+string(u.Why))
	}
	if want := []string{ec2("i-0b") + " untagged", "arn:aws:sqs:ap-northeast-1:" + acme + ":idle no metrics"}; !slices.Equal(dark, want) {
		t.Errorf("unwatched %v, want %v", dark, want)
	}
	if cover.Others["ec2:security-group"] != 1 || len(cover.Groups) != 2 || cover.Groups[0] != (inventory.GroupRow{"AWS/EC2", 1, 1}) {
		t.Errorf("others %v, groups %v", cover.Others, cover.Groups)
	}
	for lang, says := range map[string][]string{
		"en": {"metrics: 7, watched: 2, not watched: 5", "AWS/EC2", "1 under other dimensions", "1 without tags to select by", ":idle : CloudWatch has no metrics of it",
			"i-0c: the host is down, by a user, stopped, since 2026-11-20 11:00 UTC", "ssm:DescribeInstanceInformation: whether an agent answers is not known (denied)"},
		"ja": {"メトリクス 7 件のうち、監視対象 2 件", "選択条件のタグが付いていない", "ホスト停止、利用者による操作、stopped、2026-11-20 11:00 UTC から", "エージェントが応答しているか分かりません"},
	} {
		var b strings.Builder
		if err := cover.Tell(&b, lang); err != nil {
			t.Fatal(err)
		}
		for _, want := range says {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s does not say %q:\n%s", lang, want, b.String())
			}
		}
	}
	if err := cover.Tell(&strings.Builder{}, "fr"); err == nil {
		t.Error("French was written")
	}
}

// Each reason has words in each language.
func TestEveryReasonHasWords(t *testing.T) {
	all := []inventory.Why{inventory.NotInCatalogue, inventory.OtherDimensions, inventory.RecordOnly, inventory.NotNamed, inventory.NoMatch, inventory.Untagged,
		inventory.Dropped, inventory.OtherAccount, inventory.HasEnded, inventory.NotReadable, inventory.NoMetrics}
	for _, lang := range []string{"en", "ja"} {
		for _, why := range all {
			var b strings.Builder
			c := inventory.Coverage{TagsKnown: true, Spaces: []inventory.Space{{Namespace: "N", Metrics: 1, Not: map[inventory.Why]int{why: 1}}}}
			if err := c.Tell(&b, lang); err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(strings.TrimSpace(b.String()), " 1") {
				t.Errorf("%s has no words for %q", lang, why)
			}
		}
	}
}

func TestDiff(t *testing.T) {
	old, now := shop(), shop()
	now.At = noon.Add(time.Hour)
	now.Metrics = append(slices.Clone(now.Metrics[:2]), now.Metrics[3:]...) // i-0c is gone
	now.Metrics = append(now.Metrics, metric("AWS/EC2", "CPUUtilization", "InstanceId", "i-0d"), metric("AWS/EC2", "NetworkIn", "InstanceId", "i-0d"))
	now.Resources = append(now.Resources, inventory.Resource{ARN: ec2("i-0d"), Type: "ec2:instance", ID: "i-0d", Account: acme, Seen: []string{"instances"}})
	now.Resources[0].Tags = map[string]string{"system": "shop", "env": "stage"}
	now.Resources[2].Ended, now.Resources[2].Reason, now.Resources[2].Since = kizashi.Terminated, "User initiated", noon
	group := func(m inventory.Metric) string {
		if m.Namespace == "AWS/EC2" {
			return "shop"
		}
		return m.Namespace
	}
	cs := inventory.Diff(old, now, group)
	var b strings.Builder
	if err := inventory.TellChanges(&b, cs, "en"); err != nil {
		t.Fatal(err)
	}
	want := "Group shop\n" +
		"  added    " + ec2("i-0d") + " (2 metrics)\n" +
		"  removed  " + ec2("i-0c") + " (1 metrics) terminated: User initiated\n" +
		"  retagged " + ec2("i-0a") + " env: \"prod\" -> \"stage\"\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	// Tags that could not be read this time are no changed tags.
	now.Read = []string{inventory.ListMetrics}
	for i := range now.Resources {
		now.Resources[i].Tags, now.Resources[i].Seen = nil, []string{"metrics"}
	}
	for _, c := range inventory.Diff(old, now, group) {
		if c.Op == inventory.Retagged {
			t.Errorf("%+v", c)
		}
	}
	if cs := inventory.Diff(old, shop(), nil); len(cs) != 0 {
		t.Errorf("two equal scans differ: %+v", cs)
	}
}

func TestDonor(t *testing.T) {
	series := func(id kizashi.SeriesID, group string, more map[string]string) *kizashi.Meta {
		labels := map[string]string{"namespace": "AWS/EC2", "metric": "CPUUtilization", "stat": "Average", "account": acme, "region": tokyo, "dim_InstanceId": fmt.Sprint(id)}
		for k, v := range more {
			labels[k] = v
		}
		ls := kizashi.LabelsOf(labels)
		return &kizashi.Meta{Series: id, Tenant: "acme", Group: group, Statistic: "Average", Period: kizashi.Duration(time.Minute), Labels: ls, Identity: ls}
	}
	web := map[string]string{"asg": "web"}
	known := []inventory.Known{
		{series(1, "shop", nil), 10},
		{series(2, "shop", web), 30},
		{series(3, "shop", web), 20},
		{series(4, "AWS/EC2", nil), 5},
		{series(5, "shop", map[string]string{"asg": "web", "metric": "NetworkIn"}), 1},
		{series(6, "shop", map[string]string{"asg": "web", "account": "222233334444"}), 1},
	}
	for _, c := range []struct {
		name  string
		fresh *kizashi.Meta
		want  kizashi.SeriesID
	}{
		{"same group, same Auto Scaling group: the one known longest", series(9, "shop", web), 3},
		{"the same group only", series(9, "shop", map[string]string{"asg": "batch"}), 6},
		{"a group that nobody declared makes no siblings", series(9, "AWS/EC2", nil), 0},
		{"a stranger", series(9, "pay", nil), 0},
		{"itself", series(4, "AWS/EC2", nil), 0},
	} {
		got, ok := inventory.Donor(c.fresh, known)
		if got != c.want || ok != (c.want != 0) {
			t.Errorf("%s: %d %t, want %d", c.name, got, ok, c.want)
		}
	}
	other := series(9, "shop", web)
	other.Tenant = "globex"
	if id, ok := inventory.Donor(other, known); ok {
		t.Errorf("another tenant's series %d gives", id)
	}
}
