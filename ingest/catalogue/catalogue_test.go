package catalogue

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

func load(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func each(t *testing.T, do func(t *testing.T, m Metric)) {
	t.Helper()
	c := load(t)
	for _, n := range c.Namespaces() {
		for _, m := range c.Metrics(n) {
			t.Run(n+" "+m.Name, func(t *testing.T) { do(t, m) })
		}
	}
}

// Every field of every entry says where it is from, and is empty exactly where
// nobody knows.
func TestEveryFieldHasASource(t *testing.T) {
	kinds, fields, metrics := map[string]int{}, 0, 0
	each(t, func(t *testing.T, m Metric) {
		metrics++
		for _, f := range Fields() {
			s := m.Sources[f]
			kind, detail, _ := strings.Cut(s, ": ")
			if !slices.Contains([]string{"cdk", "aws", "ours", "unknown"}, kind) || kind == "aws" && detail == "" {
				t.Errorf("%s: source %q", f, s)
			}
			kinds[kind]++
			fields++
		}
		if len(m.Sources) != len(Fields()) {
			t.Errorf("sources of %d fields; want %d", len(m.Sources), len(Fields()))
		}
		empty := map[string]bool{
			"namespace": m.Namespace == "", "name": m.Name == "", "statistics": m.Statistics == nil,
			"period": m.Period == 0, "unit": m.Unit == "", "no_data": m.NoData == Unknown,
			"settle": m.Settle == 0, "identity": m.Identity == nil, "class": m.Class == "",
		}
		for f, is := range empty {
			if is != (m.Sources[f] == "unknown") {
				t.Errorf("%s: empty is %v, its source is %q", f, is, m.Sources[f])
			}
		}
		for _, f := range []string{"namespace", "name", "statistics", "direction", "class"} {
			if m.Sources[f] == "unknown" {
				t.Errorf("%s must be known", f)
			}
		}
	})
	t.Logf("%d metrics, %d fields: %v", metrics, fields, kinds)
	if metrics < 250 {
		t.Errorf("%d metrics; want at least 250", metrics)
	}
	if kinds["unknown"]*10 > fields {
		t.Errorf("%d of %d fields are unknown; want at most a tenth", kinds["unknown"], fields)
	}
}

func TestCounts(t *testing.T) {
	c := load(t)
	full, all := 0, 0
	for _, n := range c.Namespaces() {
		known := 0
		for _, m := range c.Metrics(n) {
			if !slices.Contains(sourcesOf(m), "unknown") {
				known++
			}
		}
		full += known
		all += len(c.Metrics(n))
		t.Logf("%-24s %3d metrics, %3d without an unknown field", n, len(c.Metrics(n)), known)
	}
	t.Logf("%d metrics without an unknown field", full)
	if full < 250 {
		t.Errorf("%d metrics without an unknown field; want at least 250", full)
	}
	doc, err := os.ReadFile("../../docs/catalogue.md")
	if err != nil {
		t.Fatal(err)
	}
	says := fmt.Sprintf("%d metrics of %d namespaces", all, len(c.Namespaces()))
	if !strings.Contains(string(doc), says) || !strings.Contains(string(doc), fmt.Sprintf("%d of them have no unknown field", full)) {
		t.Errorf("docs/catalogue.md does not say %q and %d without an unknown field", says, full)
	}
}

func sourcesOf(m Metric) []string {
	var out []string
	for _, s := range m.Sources {
		out = append(out, s)
	}
	return out
}

func TestEveryEntryIsLegal(t *testing.T) {
	each(t, func(t *testing.T, m Metric) {
		if m.Unit != "" && !slices.Contains(Units(), m.Unit) {
			t.Errorf("unit %q", m.Unit)
		}
		for _, s := range m.Statistics {
			if !Statistic(s) {
				t.Errorf("statistic %q", s)
			}
		}
		if m.Unit == "Percent" && m.Upper.Ok() && m.Upper != 100 {
			t.Errorf("a percentage up to %v", m.Upper)
		}
		if m.Lower.Ok() && m.Lower != 0 {
			t.Errorf("lower bound %v; want 0 or none", m.Lower)
		}
		if m.Period%time.Minute != 0 || m.Settle > time.Hour {
			t.Errorf("period %v, settle %v", m.Period, m.Settle)
		}
		for _, set := range m.Identity {
			if s := slices.Clone(set); len(slices.Compact(slices.Sorted(slices.Values(s)))) != len(set) {
				t.Errorf("identity %v names a dimension twice", set)
			}
		}
		for _, g := range m.Guards {
			if !slices.Contains(m.Statistics, g.Statistic) {
				t.Errorf("the guard rail is on %s, which is not fetched (%v)", g.Statistic, m.Statistics)
			}
			if g.Above != (m.Direction != kizashi.Down) {
				t.Errorf("guard rail %v, but it gets worse %v", g, m.Direction)
			}
		}
	})
}

// The services that the field runs are there, under the names it gives them.
func TestTheFieldsServicesAreThere(t *testing.T) {
	c := load(t)
	want := strings.Fields(`AWS/EC2 AWS/EBS CWAgent AWS/RDS AWS/Lambda AWS/ApplicationELB AWS/NetworkELB AWS/ELB AWS/AutoScaling
		AWS/ECS ECS/ContainerInsights ContainerInsights AWS/ElasticBeanstalk AWS/CloudFront AWS/ApiGateway AWS/DynamoDB AWS/SQS
		AWS/SNS AWS/ElastiCache AWS/S3 AWS/EFS AWS/Kinesis AWS/Firehose AWS/States AWS/NATGateway AWS/VPN AWS/DX AWS/Route53
		AWS/CertificateManager AWS/SES AWS/DDoSProtection AWS/Usage AWS/Backup CloudWatchSynthetics AWS/RUM ApplicationSignals
		AWS/ApplicationSignals AWS/Events AWS/Billing`)
	for _, n := range want {
		if !slices.Contains(c.Namespaces(), n) {
			t.Errorf("no %s", n)
		}
	}
}

// Nobody can say what these are, so the doc must say that they are not here.
func TestWhatHasNoSourceIsStated(t *testing.T) {
	doc, err := os.ReadFile("../../docs/catalogue.md")
	if err != nil {
		t.Fatal(err)
	}
	_, out, found := strings.Cut(string(doc), "## Not covered")
	if !found {
		t.Fatal("docs/catalogue.md does not say what is not covered")
	}
	c := load(t)
	for _, n := range []string{"AWS/X-Ray", "AWS/DataLifecycleManager"} {
		if there := slices.Contains(c.Namespaces(), n); there == strings.Contains(out, "`"+n+"`") {
			t.Errorf("%s: in the catalogue: %v; the doc must say the other", n, there)
		}
	}
}

// The counters of Windows, under the names of Windows.
func TestWindows(t *testing.T) {
	c := load(t)
	for _, n := range []string{"Memory % Committed Bytes In Use", "Paging File % Usage", "LogicalDisk % Free Space", "PhysicalDisk % Disk Time",
		"Processor % Idle Time", "TCPv4 Connections Established", "Aggregate inbound BW allowance exceeded", "PPS allowance exceeded"} {
		if m, ok := c.Find("CWAgent", n); !ok || m.Sources["name"] != "cdk" || m.NoData != Stopped {
			t.Errorf("%s: %+v", n, m)
		}
	}
}

func TestFind(t *testing.T) {
	c := load(t)
	m, ok := c.Find("AWS/EC2", "StatusCheckFailed")
	if !ok || m.Unit != "Count" || m.Upper != 1 || m.Direction != kizashi.Up || m.Class != "act" || m.NoData != Stopped ||
		!slices.Equal(m.Guards, []Guard{{"Maximum", true, 0}}) {
		t.Errorf("StatusCheckFailed: %+v", m)
	}
	m, _ = c.Find("AWS/ApplicationELB", "TargetResponseTime")
	if m.Denominator != (Denominator{"TargetResponseTime", "SampleCount"}) || m.NoData != Idle || m.Settle != 3*time.Minute ||
		!slices.Equal(m.Identity[0], []string{"LoadBalancer"}) {
		t.Errorf("TargetResponseTime: %+v", m)
	}
	m, _ = c.Find("AWS/AutoScaling", "DesiredMinusInService")
	if !slices.Equal(m.Expression, []string{"GroupDesiredCapacity", "GroupInServiceInstances"}) || m.Lower.Ok() {
		t.Errorf("DesiredMinusInService: %+v", m)
	}
	m.Expression[0], m.Sources["unit"] = "x", "x"
	if again, _ := c.Find("AWS/AutoScaling", "DesiredMinusInService"); again.Expression[0] == "x" || again.Sources["unit"] == "x" {
		t.Error("what Find returns is the catalogue's own memory")
	}
	if _, ok := c.Find("AWS/EC2", "CpuUtilization"); ok {
		t.Error("found a name that CloudWatch does not have")
	}
}

func TestCheckUnit(t *testing.T) {
	m, _ := load(t).Find("AWS/EC2", "CPUUtilization")
	if err := m.CheckUnit("Percent"); err != nil {
		t.Error(err)
	}
	err := m.CheckUnit("Bytes")
	if err == nil || !strings.HasPrefix(err.Error(), `AWS/EC2 CPUUtilization: unit "Bytes"; the catalogue says "Percent" (aws: `) {
		t.Error(err)
	}
	m, _ = load(t).Find("AWS/EC2", "CPUCreditBalance")
	if err := m.CheckUnit("Count"); err != nil {
		t.Errorf("a unit that the catalogue does not know: %v", err)
	}
}

func TestNearest(t *testing.T) {
	c := load(t)
	for got, want := range map[string]string{
		"AWS/EC2": "AWS/EC2", "aws/ec2": "AWS/EC2", "EC2": "AWS/EC2", "AWS/ECD": "AWS/EC2", "AWS/Lamdba": "AWS/Lambda",
		"AWS/ALB": "AWS/ApplicationELB", "AWS/ApplicatonELB": "AWS/ApplicationELB", "AWS/StepFunctions": "AWS/States",
		"Step Functions": "AWS/States", "AWS/DirectConnect": "AWS/DX", "AWS/Dynamodb": "AWS/DynamoDB", "CWAgnet": "CWAgent",
		"AWS/CWAgent": "CWAgent", "ContainerInsight": "ContainerInsights", "Acme/Orders": "", "": "",
	} {
		if n := c.Nearest(got); n != want {
			t.Errorf("Nearest(%q) = %q; want %q", got, n, want)
		}
	}
}

func TestStatistic(t *testing.T) {
	for _, s := range strings.Fields("Average Sum Minimum Maximum SampleCount IQM p0 p50 p99 p99.9 p100 tm90 wm98 tc10 ts95 TM(10%:90%) PR(:300) WM(5:) TS(:80%)") {
		if !Statistic(s) {
			t.Errorf("%s is a statistic", s)
		}
	}
	for _, s := range []string{"", "average", "Avg", "p", "p101", "p99.", "P99", "tm", "TM(:)", "TM()", "TM(10%90%)", "p 99"} {
		if Statistic(s) {
			t.Errorf("%q is no statistic", s)
		}
	}
}
