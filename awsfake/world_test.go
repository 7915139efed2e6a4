package awsfake

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"
	"time"
)

// wholeWorld has one of everything in one region.
func wholeWorld() *Cloud {
	c := NewCloud(func() time.Time { return noon })
	a := c.Account("111111111111")
	a.Role("watch", "")
	r := a.Region("ap-northeast-1")
	fill(r)
	return c
}

func fill(r *Region) {
	m := Metric{"AWS/EC2", "CPUUtilization", map[string]string{"InstanceId": "i-1"}}
	r.Generate(m, time.Minute, noon.Add(-time.Hour), time.Time{}, func(at time.Time) (float64, bool) { return float64(at.Minute()), true })
	r.Unit(m, "Percent")
	r.Alarm(Alarm{Name: "cpu", Description: "d", Namespace: "AWS/EC2", Metric: "CPUUtilization", Dimensions: m.Dimensions, Statistic: "Average", Period: time.Minute,
		Evaluation: 3, Points: 2, Threshold: 80, Operator: "GreaterThanThreshold", Missing: "missing", State: "OK", Reason: "fine", Updated: noon,
		History: []History{{At: noon, Type: "StateUpdate", Summary: "Alarm updated from ALARM to OK", Data: "{}"}}})
	r.Tag("arn:aws:ec2:ap-northeast-1:111111111111:instance/i-1", map[string]string{"system": "shop"})
	r.Instance(Instance{ID: "i-1", Type: "m7i.large", ImageID: "ami-1", PrivateIP: "10.0.0.1", VPC: "vpc-1", Subnet: "subnet-1", Zone: "ap-northeast-1a", Launched: noon,
		Tags: map[string]string{"system": "shop"}})
	r.AutoScalingGroup(Group{Name: "web", Min: 1, Max: 4, Desired: 2, Created: noon, Tags: map[string]string{"system": "shop"}, Zones: []string{"ap-northeast-1a"},
		Members:    []Member{{"i-1", "InService", "Healthy", "ap-northeast-1a"}},
		Activities: []Activity{{ID: "a-1", Description: "Launching a new EC2 instance", Cause: "c", Status: "Failed", Message: "no capacity", Started: noon, Ended: noon, Progress: 100}}})
	r.Agent(Agent{Instance: "i-1", Ping: "Online", Version: "3.3.0.0", LastPing: noon, PlatformType: "Linux", PlatformName: "Amazon Linux"})
	r.Log("/app", "one", noon.Add(-time.Minute), "ERROR it broke")
}

// questions are asked of every operation, as the JSON of their input.
var questions = map[string]object{
	"ListMetrics":                 {{"Namespace", "AWS/EC2"}},
	"GetMetricData":               {{"StartTime", noon.Add(-10 * time.Minute)}, {"EndTime", noon}, {"MetricDataQueries", []any{object{{"Id", "a"}, {"MetricStat", object{{"Metric", object{{"Namespace", "AWS/EC2"}, {"MetricName", "CPUUtilization"}, {"Dimensions", []any{object{{"Name", "InstanceId"}, {"Value", "i-1"}}}}}}, {"Period", 60}, {"Stat", "Average"}}}}}}},
	"GetMetricStatistics":         {{"StartTime", noon.Add(-10 * time.Minute)}, {"EndTime", noon}, {"Namespace", "AWS/EC2"}, {"MetricName", "CPUUtilization"}, {"Dimensions", []any{object{{"Name", "InstanceId"}, {"Value", "i-1"}}}}, {"Period", 60}, {"ExtendedStatistics", []any{"p99"}}},
	"PutMetricData":               {{"Namespace", "App"}, {"MetricData", []any{object{{"MetricName", "orders"}, {"Value", 1.5}}}}},
	"DescribeAlarms":              {},
	"DescribeAlarmHistory":        {},
	"DescribeAnomalyDetectors":    {},
	"DescribeLogGroups":           {},
	"DescribeLogStreams":          {{"logGroupName", "/app"}},
	"FilterLogEvents":             {{"logGroupName", "/app"}},
	"GetLogEvents":                {{"logGroupName", "/app"}, {"logStreamName", "one"}},
	"ListTagsForResource":         {{"resourceArn", "arn:aws:logs:ap-northeast-1:111122223333:log-group:/app"}},
	"GetCallerIdentity":           {},
	"AssumeRole":                  {{"RoleArn", "arn:aws:iam::111111111111:role/watch"}, {"RoleSessionName", "session"}},
	"DescribeAutoScalingGroups":   {},
	"DescribeScalingActivities":   {},
	"DescribeInstanceInformation": {},
	"CreateOpsItem":               {{"Title", "t"}, {"Description", "d"}, {"Source", "kizashi"}, {"Severity", "2"}, {"Category", "Availability"}, {"Priority", 1}, {"OperationalData", object{{"k", object{{"Value", "v"}, {"Type", "SearchableString"}}}}}},
	"DescribeOpsItems":            {},
	"GetOpsItem":                  {{"OpsItemId", "oi-000000000001"}},
	"UpdateOpsItem":               {{"OpsItemId", "oi-000000000001"}, {"Status", "Resolved"}},
	"GetResources":                {},
}

// ask makes a request of a question in a protocol.
func ask(t *testing.T, m module, op string, p Protocol, in object) *http.Request {
	t.Helper()
	var body []byte
	var err error
	h := http.Header{}
	path := "/"
	switch p {
	case CBOR:
		body, err = appendCBOR(nil, in)
		h.Set("Smithy-Protocol", "rpc-v2-cbor")
		path = "/service/x/operation/" + op
	case JSON:
		body, err = appendJSON(nil, in)
		h.Set("X-Amz-Target", "x."+op)
		h.Set("Content-Type", "application/x-amz-json-1.1")
	default:
		form := url.Values{"Action": {op}}
		flatten("", in, form)
		body = []byte(form.Encode())
	}
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Header = h
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA111111111111/20261120/ap-northeast-1/"+m.service+"/aws4_request, SignedHeaders=host, Signature=x")
	return r
}

func flatten(at string, v any, form url.Values) {
	switch v := v.(type) {
	case object:
		for _, f := range v {
			name := f.Name
			if at != "" {
				name = at + "." + name
			}
			flatten(name, f.Value, form)
		}
	case []any:
		for i := range v {
			flatten(at+".member."+strconv.Itoa(i+1), v[i], form)
		}
	case string:
		form.Set(at, v)
	case int:
		form.Set(at, strconv.Itoa(v))
	}
}
