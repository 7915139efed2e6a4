package replay

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
)

func mapping(t testing.TB, text string) *Mapping {
	t.Helper()
	m, err := parseMapping("mapping.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A mapped file's series is the live one: same id, same meta, same partition.
func TestMappedFileIsTheLiveSeries(t *testing.T) {
	m := mapping(t, `
files:
  - match: "alb-*.csv"
    tenant: acme
    account: 012345678901
    region: ap-northeast-1
    namespace: AWS/ApplicationELB
    metric: TargetResponseTime
    dimensions: {LoadBalancer: app/shop/1}
    statistic: p99
    unit: Seconds
    period: 1m
    settle: 3m
    zone: Asia/Tokyo
    group: shop
    labels: {system: shop}
    timestamp: 日時
    encoding: cp932
    lower: 0
`)
	dir := write(t, map[string]string{"in/alb-p99.csv": cp932(t, "日時,応答\n2026/5/1 9:00,0.25\n2026/5/1 9:01,0.5\n")})
	s, err := New(Options{Paths: []string{dir}, Mapping: m})
	if err != nil {
		t.Fatal(err)
	}
	bs, err := drain(t, s)
	if err != nil {
		t.Fatal(err)
	}
	live := ingest.Metric(ingest.MetricSpec{
		Tenant: "acme", Account: "012345678901", Region: "ap-northeast-1", Namespace: "AWS/ApplicationELB", Metric: "TargetResponseTime",
		Dimensions: map[string]string{"LoadBalancer": "app/shop/1"}, Statistic: "p99", Unit: "Seconds", Period: time.Minute, Settle: 3 * time.Minute,
		Zone: "Asia/Tokyo", Group: "shop", Labels: map[string]string{"system": "shop"}, Hints: kizashi.Hints{Class: "check", Direction: kizashi.Up, Sparse: true}, Lower: 0, Upper: kizashi.None(),
	})
	want, err := json.Marshal(live)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(bs[0].Declare[0].Meta)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, string(got), string(want))
	part := kizashi.Partition{Tenant: "acme", Account: "012345678901", Region: "ap-northeast-1", Kind: kizashi.Metrics, Period: time.Minute, Settle: 3 * time.Minute}
	if bs[0].Partition != part {
		t.Errorf("partition %s", bs[0].Partition)
	}
	equal(t, transcript(bs), `
acme #1 until never join@never
  declare TargetResponseTime p99 app/shop/1 group shop
acme #2 until 2026-05-01T00:02:00Z
  2026-05-01T00:00:00Z TargetResponseTime p99 app/shop/1 = 0.25
  2026-05-01T00:01:00Z TargetResponseTime p99 app/shop/1 = 0.5
acme #3 until 2026-05-01T00:02:00Z close@2026-05-01T00:02:00Z`)
	if r := s.Report().Files[0]; !r.Mapped || r.Zone != "Asia/Tokyo" || r.Assumed || r.Encoding != CP932 {
		t.Errorf("report %s", r)
	}
}

const twoHosts = `
files:
  - match: "cpu*.csv"
    tenant: acme
    namespace: AWS/EC2
    metric: CPUUtilization
    statistic: Average
    period: 5m
    columns:
      web: {dimensions: {InstanceId: i-web}}
      db:  {dimensions: {InstanceId: i-db}, group: data}
  - match: "req.csv"
    tenant: acme
    namespace: AWS/ApplicationELB
    statistic: Sum
    period: 1m
    columns: {value: RequestCount}
  - match: "req5.csv"
    tenant: acme
    namespace: AWS/ApplicationELB
    statistic: Sum
    period: 5m
    metric: RequestCount
`

// Files of one partition are merged by time, and a tenant's partitions join
// before any sample and keep pace with each other.
func TestMergeOfMappedFiles(t *testing.T) {
	dir := write(t, map[string]string{
		"cpu-1.csv": "timestamp,web,db,note\n2026-05-01 00:00,1,10,x\n2026-05-01 00:05,2,20,x\n2026-05-01 00:05,2.5,21,x\n2026-05-01 00:00,1.5,11,x\n",
		"cpu-2.csv": "timestamp,web,db\n2026-05-01 00:05,99,99\n2026-05-01 00:10,3,30\n", // overlaps
		"req.csv":   "timestamp,value\n2026-05-01 00:00,100\n2026-05-01 00:01,101\n2026-05-01 00:12,102\n",
		"req5.csv":  "timestamp,value\n2026-05-01 00:05,500\n",
	})
	var skipped []string
	s, err := New(Options{Paths: []string{dir}, Mapping: mapping(t, twoHosts), Batch: 2, OnRow: func(r *Row) {
		if r.Skipped {
			skipped = append(skipped, r.File+" "+string(r.Stamp)+": "+string(r.Fault)+string(r.Faults[0]))
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	bs, err := drain(t, s)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, transcript(bs), `
acme #1 until never join@never
  declare CPUUtilization Average i-web group AWS/EC2
  declare CPUUtilization Average i-db group data
  declare RequestCount Sum group AWS/ApplicationELB
acme #1 until never join@never
  declare RequestCount Sum group AWS/ApplicationELB
acme #2 until 2026-05-01T00:05:00Z
  2026-05-01T00:00:00Z CPUUtilization Average i-web = 1
  2026-05-01T00:00:00Z CPUUtilization Average i-db = 10
acme #2 until 2026-05-01T00:02:00Z
  2026-05-01T00:00:00Z RequestCount Sum = 100
  2026-05-01T00:01:00Z RequestCount Sum = 101
acme #3 until 2026-05-01T00:13:00Z
  2026-05-01T00:12:00Z RequestCount Sum = 102
acme #3 until 2026-05-01T00:10:00Z
  2026-05-01T00:05:00Z CPUUtilization Average i-web = 2
  2026-05-01T00:05:00Z CPUUtilization Average i-db = 20
  2026-05-01T00:05:00Z RequestCount Sum = 500
acme #4 until 2026-05-01T00:15:00Z
  2026-05-01T00:10:00Z CPUUtilization Average i-web = 3
  2026-05-01T00:10:00Z CPUUtilization Average i-db = 30
acme #4 until 2026-05-01T00:13:00Z close@2026-05-01T00:13:00Z
acme #5 until 2026-05-01T00:15:00Z close@2026-05-01T00:15:00Z`)
	equal(t, strings.Join(skipped, "\n"), `
cpu-1.csv 2026-05-01 00:05: repeated time
cpu-1.csv 2026-05-01 00:00: time goes back
cpu-2.csv 2026-05-01 00:05: repeated time`)
}

// An entry without a tenant only says how to read a file.
func TestEntryWithoutTenant(t *testing.T) {
	m := mapping(t, "files:\n- {match: '*.csv', zone: Asia/Tokyo, timestamp: when, period: 60s, unit: Percent, columns: {cpu: {upper: 100}}, labels: {team: x}}\n")
	dir := write(t, map[string]string{"sub/a.csv": "when,cpu,n\n2026-05-01 09:00,1,2\n"})
	s, err := New(Options{Paths: []string{dir}, Mapping: m, Zone: "Europe/Paris"})
	if err != nil {
		t.Fatal(err)
	}
	meta := s.Series()[0].Metas[0]
	if len(s.Series()[0].Metas) != 1 || meta.Tenant != "sub/a" || meta.Unit != "Percent" || meta.Upper != 100 || meta.Lower.Ok() || meta.Zone != "Asia/Tokyo" || meta.Labels.Get("team") != "x" {
		t.Errorf("meta %+v", meta)
	}
	bs, err := drain(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if got := bs[1]; got.Samples[0].Period != time.Minute || got.Until.String() != "2026-05-01T00:01:00Z" {
		t.Errorf("batch %+v", got)
	}
}

const request = `{"MetricDataQueries": [
 {"Id": "m1", "MetricStat": {"Metric": {"Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Dimensions": [{"Name": "InstanceId", "Value": "i-0abc"}]}, "Period": 300, "Stat": "Average", "Unit": "Percent"}},
 {"Id": "m2", "MetricStat": {"Metric": {"Namespace": "AWS/ApplicationELB", "MetricName": "RequestCount", "Dimensions": []}, "Period": 60, "Stat": "Sum"}, "ReturnData": true},
 {"Id": "m3", "MetricStat": {"Metric": {"Namespace": "X", "MetricName": "Y"}, "Period": 60, "Stat": "Sum"}, "ReturnData": false}
]}`

// The request says what the answer leaves out.
func TestRequestAsMapping(t *testing.T) {
	answer := `{"MetricDataResults": [
 {"Id": "m1", "Label": "CPU", "Timestamps": ["2026-05-01T00:05:00Z", "2026-05-01T00:00:00Z"], "Values": [2, 1], "StatusCode": "Complete"},
 {"Id": "m2", "Label": "Req", "Timestamps": ["2026-05-01T00:00:00Z"], "Values": [7], "StatusCode": "PartialData"}]}
{"MetricDataResults": [{"Id": "m2", "Label": "Req", "Timestamps": ["2026-05-01T00:01:00Z"], "Values": [8], "StatusCode": "Complete"}]}`
	dir := write(t, map[string]string{"answer.json": answer, "request.json": request,
		"mapping.yaml": "files:\n- {match: answer.json, request: request.json, tenant: acme, account: '1', region: r, settle: 3m}\n"})
	m, err := LoadMapping(filepath.Join(dir, "mapping.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	got, _ := replayed(t, Options{Paths: []string{filepath.Join(dir, "answer.json")}, Mapping: m})
	equal(t, got, `
acme #1 until never join@never
  declare CPUUtilization Average i-0abc group AWS/EC2
acme #1 until never join@never
  declare RequestCount Sum group AWS/ApplicationELB
acme #2 until 2026-05-01T00:10:00Z
  2026-05-01T00:00:00Z CPUUtilization Average i-0abc = 1
  2026-05-01T00:05:00Z CPUUtilization Average i-0abc = 2
acme #2 until 2026-05-01T00:02:00Z
  2026-05-01T00:00:00Z RequestCount Sum = 7
  2026-05-01T00:01:00Z RequestCount Sum = 8
acme #3 until 2026-05-01T00:02:00Z close@2026-05-01T00:02:00Z
acme #3 until 2026-05-01T00:10:00Z close@2026-05-01T00:10:00Z`)

	if m, err = LoadMapping(filepath.Join(dir, "request.json")); err != nil {
		t.Fatal(err)
	}
	s, err := New(Options{Paths: []string{filepath.Join(dir, "answer.json")}, Mapping: m})
	if err != nil {
		t.Fatal(err)
	}
	want := ingest.Metric(ingest.MetricSpec{Tenant: "default", Namespace: "AWS/EC2", Metric: "CPUUtilization",
		Dimensions: map[string]string{"InstanceId": "i-0abc"}, Statistic: "Average", Period: 5 * time.Minute, Unit: "Percent"})
	if got := s.Series()[0].Metas[0]; got.Series != want.Series || got.Unit != "Percent" {
		t.Errorf("the request alone: %+v", got)
	}
}

func TestBadMappings(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "mapping.yaml: empty"},
		{"no entries", "files: []", "no entries"},
		{"tab", "files:\n\t- match: a", "mapping.yaml: line 2: found character that cannot start any token"},
		{"list", "- match: a", "mapping.yaml:1: the mapping: want keys and values"},
		{"top key", "file:\n- match: a", `mapping.yaml:1: unknown key "file" in the mapping; did you mean "files"?`},
		{"unknown key", "files:\n- match: a\n  perido: 1m", `mapping.yaml:3: unknown key "perido" in an entry; did you mean "period"?`},
		{"far from any key", "files:\n- match: a\n  frobnicate: 1m", `mapping.yaml:3: unknown key "frobnicate" in an entry (there are 25 others)`},
		{"key of a column", "files:\n- match: a\n  tenant: t\n  columns:\n    x: {metric: m, statistik: p99}", `mapping.yaml:5: unknown key "statistik" in column x; did you mean "statistic"?`},
		{"twice", "files:\n- match: a\n  zone: UTC\n  zone: UTC", `mapping.yaml:4: key "zone" stands twice`},
		{"not a list", "files: {match: a}", "mapping.yaml:1: files: want a list"},
		{"not a text", "files:\n- match: [a]", "mapping.yaml:2: match: want a text"},
		{"not a number", "files:\n- match: a\n  lower: low", `mapping.yaml:3: lower: want a number, not "low"`},
		{"not a duration", "files:\n- match: a\n  period: 60", `mapping.yaml:3: period: want a duration such as 1m or 300s, not "60"`},
		{"negative", "files:\n- match: a\n  settle: -1m", `settle: want a duration`},
		{"no match", "files:\n- zone: UTC", "mapping.yaml:2: an entry has no match:"},
		{"bad glob", "files:\n- match: 'a['", `match: "a[" is not a glob`},
		{"zone", "files:\n- match: a\n  zone: Asia/Tokio", `mapping.yaml:2: zone: time zone "Asia/Tokio": unknown`},
		{"encoding", "files:\n- match: a\n  encoding: utf-17", `encoding "utf-17": unknown`},
		{"bounds", "files:\n- match: a\n  lower: 2\n  upper: 1", "lower 2 is not below upper 1"},
		{"reserved label", "files:\n- match: a\n  labels: {region: x}", `labels: "region" is set by the metric itself`},
		{"no tenant", "files:\n- match: a\n  metric: CPU", "an entry that names a metric needs a tenant:"},
		{"no metric", "files:\n- match: a\n  tenant: acme", "needs metric:, columns:, select:, request: or log_group:"},
		{"column without metric", "files:\n- match: a\n  tenant: acme\n  columns: {x: {unit: s}}", `column "x" has no metric:`},
		{"no request", "files:\n- match: a\n  tenant: acme\n  request: nope.json", "request: open nope.json: no such file"},
		{"two faults", "files:\n- match: a\n  zoom: 1\n- match: b\n  zoone: 2", `mapping.yaml:5: unknown key "zoone"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parseMapping("mapping.yaml", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v\nwant %s", err, c.want)
			}
		})
	}
	if _, err := LoadMapping(filepath.Join(t.TempDir(), "none.yaml")); !os.IsNotExist(unwrap(err)) {
		t.Errorf("a mapping that is not there: %v", err)
	}
}

func unwrap(err error) error {
	if u, ok := err.(interface{ Unwrap() error }); ok {
		return u.Unwrap()
	}
	return err
}

// What file and mapping say must fit.
func TestMappingAgainstFiles(t *testing.T) {
	head := "files:\n- match: '*'\n  tenant: acme\n  "
	for _, c := range []struct{ name, mapping, file, text, want string }{
		{"columns unnamed", head + "metric: CPU", "a.csv", "timestamp,x,y\n2026-05-01,1,2\n", `2 value columns (["x" "y"]): the mapping's line 2 must say under columns: what each is`},
		{"column missing", head + "columns: {usr: CPU}", "a.csv", "timestamp,user\n2026-05-01,1\n", `no column "usr"; did you mean "user"?`},
		{"two columns, one series", head + "columns: {x: CPU, y: CPU}", "a.csv", "timestamp,x,y\n2026-05-01,1,2\n", "two of its columns are the same series: CPU"},
		{"request for a CSV", head + "request: REQUEST", "a.csv", "timestamp,x\n2026-05-01,1\n", "gives a request, but this is csv"},
		{"Id not asked for", head + "request: REQUEST", "a.json", `{"MetricDataResults":[{"Id":"m9","Timestamps":["2026-05-01T00:00:00Z"],"Values":[1]}]}`, `result "m9" is not among the queries of the request; did you mean "m1"?`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := write(t, map[string]string{c.file: c.text, "r/request.json": request})
			m := mapping(t, strings.Replace(c.mapping, "REQUEST", filepath.Join(dir, "r/request.json"), 1))
			_, err := New(Options{Paths: []string{filepath.Join(dir, c.file)}, Mapping: m})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v\nwant %s", err, c.want)
			}
		})
	}
}
