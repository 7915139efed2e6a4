package program

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi/cost"
)

const fleetList = "testdata/plan/fleet.csv"

// The transcripts of testdata/plan are what plan prints; -update rewrites them.
func TestPlanTranscripts(t *testing.T) {
	for name, args := range map[string][]string{
		"fleet":    {"--list", fleetList},
		"what-if":  {"--list", fleetList, "--what-if", "poll.check=10m", "--what-if", `drop=namespace="AWS/EBS"`, "--what-if", "stat=all", "--what-if", "coarse=false"},
		"yen":      {"--list", fleetList, "--currency", "JPY", "--rate", "150", "--rate-as-of", "2026-11-28", "--lang", "ja", "--what-if", "poll.check=10m"},
		"verified": {"--list", fleetList, "--prices", "testdata/plan/paid.yaml"},
		"capped":   {"--list", fleetList, "--config", "testdata/plan/capped.yaml"},
		"aws":      {"--list", "testdata/plan/list-metrics.json", "--account", "444444444444", "--region", "ap-northeast-1", "--tenant", "acme"},
	} {
		t.Run(name, func(t *testing.T) {
			code, got := try(t, append([]string{"plan"}, args...)...)
			if code != exitOK {
				t.Fatalf("exit code %d\n%s", code, got)
			}
			file := filepath.Join("testdata", "plan", name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// CSV, JSON lines and AWS's own JSON of the same metrics are one plan, and a
// metric that is listed twice is one metric.
func TestListsOfEveryForm(t *testing.T) {
	csv := "account,region,namespace,metric,dimensions\n" +
		"111111111111,us-east-1,AWS/EC2,CPUUtilization,InstanceId=i-1\n111111111111,us-east-1,AWS/EC2,CPUUtilization,InstanceId=i-2\n" +
		"111111111111,us-east-1,AWS/ApplicationELB,RequestCount,LoadBalancer=app/a/1\n"
	lines := `{"account":"111111111111","region":"us-east-1","namespace":"AWS/EC2","metric":"CPUUtilization","dimensions":{"InstanceId":"i-1"}}
{"account":"111111111111","region":"us-east-1","namespace":"AWS/EC2","metric":"CPUUtilization","dimensions":{"InstanceId":"i-2"}}
{"account":"111111111111","region":"us-east-1","namespace":"AWS/ApplicationELB","metric":"RequestCount","dimensions":{"LoadBalancer":"app/a/1"}}
`
	aws := `{"Metrics":[{"Namespace":"AWS/EC2","MetricName":"CPUUtilization","Dimensions":[{"Name":"InstanceId","Value":"i-1"}]},
 {"Namespace":"AWS/EC2","MetricName":"CPUUtilization","Dimensions":[{"Name":"InstanceId","Value":"i-2"}]},
 {"Namespace":"AWS/ApplicationELB","MetricName":"RequestCount","Dimensions":[{"Name":"LoadBalancer","Value":"app/a/1"}]}]}`
	var outs []string
	for _, args := range [][]string{{write(t, "l.csv", csv)}, {write(t, "l.jsonl", lines)}, {write(t, "l.json", aws)}, {write(t, "l.csv", csv), write(t, "l.json", aws)},
		{write(t, "bom.csv", "\xef\xbb\xbf"+strings.ReplaceAll(csv, "\n", "\r\n"))}} {
		code, out := try(t, append([]string{"plan", "--json", "--account", "111111111111"}, args...)...)
		if code != exitOK {
			t.Fatalf("%d: %s", code, out)
		}
		outs = append(outs, out)
	}
	for _, out := range outs[1:] {
		if out != outs[0] {
			t.Errorf("got\n%s\nwant\n%s", out, outs[0])
		}
	}
	if !strings.Contains(outs[0], `"series": 3`) {
		t.Errorf("%s", outs[0])
	}
}

// Dimensions that the catalogue does not watch are not watched here either.
func TestOnlyWhatWouldBeWatchedIsCounted(t *testing.T) {
	list := write(t, "l.csv", "namespace,metric,dimensions\nAWS/EC2,CPUUtilization,InstanceId=i-1\nAWS/EC2,CPUUtilization,InstanceType=m7g.large\nAWS/EC2,EBSReadOps,InstanceId=i-1\n")
	_, out := try(t, "plan", "--list", list)
	if !strings.HasPrefix(out, "1 series watched, of 3 metrics that exist.") {
		t.Error(out)
	}
}

// Every figure that an unverified price touches says so, in JSON and in text.
func TestPlanMarksWhatIsUnverified(t *testing.T) {
	_, out := try(t, "plan", "--list", fleetList, "--json")
	var r struct {
		Plan struct {
			Total  map[string]any
			Prices []struct {
				Name, Source string
				AsOf         string `json:"as_of"`
				Verified     bool
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	n := 0
	for name, v := range r.Plan.Total {
		if m, ok := v.(map[string]any); ok {
			n++
			if m["unverified"] != true || m["notes"] == nil {
				t.Errorf("%s: %v", name, m)
			}
		}
	}
	if n != 5 || len(r.Plan.Prices) == 0 {
		t.Errorf("%d amounts, %d prices", n, len(r.Plan.Prices))
	}
	for _, p := range r.Plan.Prices {
		if p.Verified || p.AsOf == "" || p.Source == "" {
			t.Errorf("%+v", p)
		}
	}
}

func TestWritingMoney(t *testing.T) {
	usd, yen := currency{Code: "USD", Rate: 1}, currency{Code: "JPY", Rate: 150}
	for _, c := range []struct {
		in   currency
		usd  float64
		want string
	}{
		{usd, 0, "0.00"}, {usd, 0.004, "<0.01"}, {usd, 0.005, "0.01"}, {usd, -0.004, "<0.01"}, {usd, 1234567.891, "1,234,567.89"}, {usd, -31.625, "-31.62"},
		{yen, 0, "0"}, {yen, 0.003, "<1"}, {yen, 9.6, "1,440"}, {yen, -1, "-150"},
	} {
		if got := c.in.write(cost.Money{USD: c.usd}); got != c.want {
			t.Errorf("%v %s: %q, want %q", c.usd, c.in.Code, got, c.want)
		}
	}
}

func TestPlanBadInput(t *testing.T) {
	list := func(text string) string { return write(t, "l.csv", text) }
	js := func(text string) string { return write(t, "l.json", text) }
	row := "namespace,metric\nAWS/EC2,CPUUtilization\n"
	good := list(row)
	for _, c := range []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"nothing to plan", nil, exitUsage, []string{"--list", "--config"}},
		{"no such file", []string{"--list", "nowhere.csv"}, exitFault, []string{"nowhere.csv"}},
		{"empty file", []string{list("")}, exitFault, []string{"l.csv: the file is empty"}},
		{"empty list", []string{list("namespace,metric\n")}, exitFault, []string{"l.csv: no metric stands in it"}},
		{"empty page", []string{js(`{"Metrics":[]}`)}, exitFault, []string{"l.json: no metric stands in it"}},
		{"unknown column", []string{list("namespaces,metric\n")}, exitFault, []string{`line 1: unknown column "namespaces"; did you mean "namespace"?`}},
		{"column twice", []string{list("metric,metric\n")}, exitFault, []string{`line 1: column "metric" stands twice`}},
		{"cut row", []string{list("namespace,metric,count\nAWS/EC2,CPUUtilization,3\nAWS/EC2,CPU")}, exitFault, []string{"line 3", "is the file cut there?"}},
		{"cut quote", []string{list("namespace,metric\n\"AWS/EC2,CPUUtilization\n")}, exitFault, []string{"line 2", "is the file cut there?"}},
		{"no namespace", []string{list("namespace,metric\n,CPUUtilization\n")}, exitFault, []string{"line 2: want a namespace and a metric"}},
		{"account", []string{list("account,namespace,metric\n1234,AWS/EC2,CPUUtilization\n")}, exitFault, []string{`line 2: account: want twelve digits, not "1234"`}},
		{"count", []string{list("namespace,metric,count\nAWS/EC2,CPUUtilization,-3\n")}, exitFault, []string{`line 2: count: want a number of metrics, not "-3"`}},
		{"dimensions", []string{list("namespace,metric,dimensions\nAWS/EC2,CPUUtilization,i-1\n")}, exitFault, []string{"line 2: dimensions: want Name=Value"}},
		{"dimensions and count", []string{list("namespace,metric,dimensions,count\nAWS/EC2,CPUUtilization,InstanceId=i-1,3\n")}, exitFault, []string{"line 2", "dimensions name one metric"}},
		{"cut JSON", []string{js("{\"Metrics\":[{\"Namespace\":\"AWS/EC2\",\n\"MetricName\":")}, exitFault, []string{"l.json: the file is cut"}},
		{"not JSON", []string{js("{\"Metrics\": no}")}, exitFault, []string{"l.json: line 1"}},
		{"one page", []string{js(`{"Metrics":[],"NextToken":"abc"}`)}, exitFault, []string{"one page of several", "NextToken"}},
		{"unknown JSON key", []string{js(`{"namespace":"AWS/EC2","metrics":"CPUUtilization"}`)}, exitFault, []string{`unknown key "metrics"; did you mean "metric"?`}},
		{"negative rate", []string{good, "--currency", "JPY", "--rate", "-150"}, exitUsage, []string{"--rate: want more than 0, not -150"}},
		{"no rate", []string{good, "--currency", "JPY"}, exitUsage, []string{"--currency JPY needs --rate"}},
		{"rate of nothing", []string{good, "--rate", "150"}, exitUsage, []string{"--rate needs a --currency"}},
		{"currency", []string{good, "--currency", "yen", "--rate", "150"}, exitUsage, []string{`three capital letters such as JPY, not "yen"`}},
		{"day of the rate", []string{good, "--currency", "JPY", "--rate", "150", "--rate-as-of", "yesterday"}, exitUsage, []string{`--rate-as-of: want a day`}},
		{"price file", []string{good, "--prices", write(t, "p.yaml", "prices:\n  firehose: {value: -1, unit: GB, as_of: 2026-11-28}\n")}, exitFault, []string{"p.yaml:2: firehose: value -1 is negative"}},
		{"what-if without a value", []string{good, "--what-if", "poll.check"}, exitUsage, []string{"want KEY=VALUE"}},
		{"unknown what-if", []string{good, "--what-if", "pol.check=10m"}, exitUsage, []string{`unknown key "pol.check"; did you mean "poll.check"?`}},
		{"what-if of an unknown class", []string{good, "--what-if", "poll.chek=10m"}, exitUsage, []string{`unknown class "chek"; did you mean "check"?`}},
		{"what-if of no interval", []string{good, "--what-if", "poll.check=often"}, exitUsage, []string{"want an interval"}},
		{"what-if of a bad matcher", []string{good, "--what-if", "drop=AWS/EBS"}, exitUsage, []string{`matcher "AWS/EBS"`}},
		{"what-if of a bad statistic", []string{good, "--what-if", "stat.AWS/EC2/CPUUtilization=Mean"}, exitUsage, []string{`"Mean" is no statistic`}},
		{"what-if that matches nothing", []string{good, "--what-if", `drop=namespace="AWS/EBS"`}, exitUsage, []string{`--what-if drop=namespace="AWS/EBS": it changes nothing`}},
		{"what-if that is so already", []string{good, "--what-if", "poll.check=5m"}, exitUsage, []string{"it changes nothing"}},
		{"language", []string{good, "--lang", "fr"}, exitUsage, []string{"fr"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out := try(t, append([]string{"plan"}, c.args...)...)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("printed\n%s\nwithout %q", out, want)
				}
			}
		})
	}
}

// A list that somebody wrote may have a slip in it: it is said, and the rest is
// planned.
func TestANamespaceOfAListThatIsMisspelt(t *testing.T) {
	csv := "account,region,namespace,metric,count\n111111111111,us-east-1,AWS/EC3,CPUUtilization,300\n111111111111,us-east-1,AWS/EC2,CPUUtilization,10\n111111111111,us-east-1,Acme/Shop,Orders,5\n"
	code, out := try(t, "plan", "--list", write(t, "l.csv", csv), "--lang", "en")
	if code != exitOK || !strings.Contains(out, `NOTHING OF "AWS/EC3" IS WATCHED: the catalogue has no such namespace; did you mean "AWS/EC2"?`) ||
		strings.Contains(out, `OF "Acme/Shop"`) || !strings.Contains(out, "10 series watched") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}
