package awsfake

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// told asks the whole world a question and returns the answer.
func told(t *testing.T, c *Cloud, service, op string, p Protocol, in object) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	c.ServeHTTP(w, ask(t, module{service: service}, op, p, in))
	return w.Code, w.Body.String()
}

// What cannot be read is refused in the form of the protocol, is counted, and
// ends nothing.
func TestBrokenBodies(t *testing.T) {
	bomb := &bytes.Buffer{}
	z := gzip.NewWriter(bomb)
	for range 16 {
		if _, err := z.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name    string
		p       Protocol
		body    string
		gzipped bool
		status  int
		code    string
	}{
		{"cut CBOR", CBOR, "\xa1\x69Namespace", false, 400, "SerializationException"},
		{"CBOR of no structure", CBOR, "\x01", false, 400, "SerializationException"},
		{"cut JSON", JSON, `{"Namespace":`, false, 400, "SerializationException"},
		{"JSON of no structure", JSON, `[1]`, false, 400, "SerializationException"},
		{"a form with a broken escape", Query, "Action=ListMetrics&Namespace=%zz", false, 400, "MalformedQueryString"},
		{"a form with many levels", Query, "Action=ListMetrics&a" + strings.Repeat(".a", 20) + "=1", false, 400, "ValidationError"},
		{"too long", JSON, `{"Namespace":"` + strings.Repeat("x", maxBody) + `"}`, false, 413, "RequestEntityTooLarge"},
		{"a gzip bomb", CBOR, bomb.String(), true, 413, "RequestEntityTooLarge"},
		{"no gzip", CBOR, "\xa0", true, 400, "ValidationError"},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := wholeWorld()
			r := ask(t, module{service: "monitoring"}, "ListMetrics", x.p, object{})
			again := httptest.NewRequest(http.MethodPost, r.URL.Path, strings.NewReader(x.body))
			again.Header = r.Header
			if x.gzipped {
				again.Header.Set("Content-Encoding", "gzip")
			}
			w := httptest.NewRecorder()
			c.ServeHTTP(w, again)
			if w.Code != x.status || !strings.Contains(w.Body.String(), x.code) {
				t.Errorf("%d %q, want %d %s", w.Code, w.Body, x.status, x.code)
			}
			form := map[Protocol]string{CBOR: "application/cbor", JSON: "application/x-amz-json-1.1", Query: "text/xml"}[x.p]
			if got := w.Header().Get("Content-Type"); got != form || w.Header().Get("X-Amzn-Requestid") == "" {
				t.Errorf("told as %s, want %s with a request id", got, form)
			}
			n := int64(0)
			for _, total := range c.Counts() {
				n += total.Calls
			}
			if n != 1 {
				t.Errorf("%d calls counted", n)
			}
		})
	}
}

// A window without end costs what the points in it cost.
func TestFarEnds(t *testing.T) {
	c := wholeWorld()
	in := append(object{}, questions["GetMetricData"]...)
	in[1] = field{"EndTime", noon.AddDate(10_000, 0, 0)}
	in[2] = field{"MetricDataQueries", []any{object{{"Id", "a"}, {"MetricStat", object{{"Metric", object{{"Namespace", "AWS/EC2"}, {"MetricName", "CPUUtilization"},
		{"Dimensions", []any{object{{"Name", "InstanceId"}, {"Value", "i-1"}}}}}}, {"Period", 300}, {"Stat", "SampleCount"}}}}}}
	code, body := told(t, c, "monitoring", "GetMetricData", JSON, in)
	if code != 200 || !strings.Contains(body, `"Values":[5,5]`) {
		t.Errorf("%d %s", code, body)
	}
}

// Periods that would overflow are refused, in both operations that have one.
func TestHugePeriods(t *testing.T) {
	for _, period := range []int{60 << 40, 1 << 55 * 15, 461168601842738790 * 20} {
		c := wholeWorld()
		data := append(object{}, questions["GetMetricData"]...)
		data[2] = field{"MetricDataQueries", []any{object{{"Id", "a"}, {"MetricStat", object{{"Metric", object{{"Namespace", "AWS/EC2"}, {"MetricName", "CPUUtilization"},
			{"Dimensions", []any{object{{"Name", "InstanceId"}, {"Value", "i-1"}}}}}}, {"Period", period}, {"Stat", "Sum"}}}}}}
		statistics := append(object{}, questions["GetMetricStatistics"]...)
		statistics[5] = field{"Period", period}
		for op, in := range map[string]object{"GetMetricData": data, "GetMetricStatistics": statistics} {
			for _, p := range []Protocol{CBOR, JSON} {
				if code, body := told(t, c, "monitoring", op, p, in); code != 400 || !strings.Contains(body, "eriod") {
					t.Errorf("%s over %s, period %d: %d %q", op, p, period, code, body)
				}
			}
		}
	}
}

// To read over unknown members takes one pass, however many there are.
func TestUnknownMembersAreReadOverOnce(t *testing.T) {
	body := appendHead(nil, 5, 60_000)
	for range 60_000 {
		body = append(appendText(body, "x"), 0x83, 0x01, 0x02, 0x63, 'a', 'b', 'c')
	}
	d := &textReader{cborReader{s: string(body)}, &scratch{}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := d.each(func(string) error { return d.skip() }); err != nil || d.at != len(body) {
		t.Errorf("%v, at %d of %d", err, d.at, len(body))
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 100<<20 { // with a copy of the rest for each it was 14 GiB
		t.Errorf("%d bytes allocated over a body of %d", got, len(body))
	}
}

// Keys of a user's are JSON whatever they hold.
func TestKeysAreJSON(t *testing.T) {
	c := wholeWorld()
	key := "a\x7f\u200b\U000e0001\"遅延"
	in := object{{"Title", "t"}, {"Description", "d"}, {"Source", "kizashi"}, {"OperationalData", object{{key, object{{"Value", "v"}, {"Type", "String"}}}}}}
	if code, body := told(t, c, "ssm", "CreateOpsItem", JSON, in); code != 200 {
		t.Fatal(code, body)
	}
	_, body := told(t, c, "ssm", "GetOpsItem", JSON, object{{"OpsItemId", "oi-000000000001"}})
	var out struct {
		OpsItem struct {
			OperationalData map[string]struct{ Value string }
		}
	}
	if err := json.Unmarshal([]byte(body), &out); err != nil || out.OpsItem.OperationalData[key].Value != "v" {
		t.Errorf("%v: %s", err, body)
	}
}

func TestOpsItemsRefused(t *testing.T) {
	c := wholeWorld()
	data := func(k, v string) object {
		return object{{"Title", "t"}, {"Description", "d"}, {"Source", "kizashi"}, {"OperationalData", object{{k, object{{"Value", v}, {"Type", "String"}}}}}}
	}
	for part, in := range map[string]object{
		"2048":                       {{"Title", "t"}, {"Description", strings.Repeat("あ", 2049)}, {"Source", "kizashi"}},
		"1024":                       {{"Title", strings.Repeat("t", 1025)}, {"Description", "d"}, {"Source", "kizashi"}},
		"must not contain amzn":      {{"Title", "t"}, {"Description", "d"}, {"Source", "my-AMZN-tool"}},
		"must not begin with aws":    data("/aws/mine", "v"),
		"must not begin with amazon": data("Amazon", "v"),
		"20480":                      data("k", strings.Repeat("v", 20<<10+1)),
	} {
		if code, body := told(t, c, "ssm", "CreateOpsItem", JSON, in); code != 400 || !strings.Contains(body, part) {
			t.Errorf("want %q: %d %.200s", part, code, body)
		}
	}
	for _, in := range []object{data("/aws/resources", "[]"), {{"Title", "t"}, {"Description", strings.Repeat("あ", 2048)}, {"Source", "kizashi"}}} {
		if code, body := told(t, c, "ssm", "CreateOpsItem", JSON, in); code != 200 {
			t.Errorf("%d %s", code, body)
		}
	}
}

func TestSessionsRefused(t *testing.T) {
	c := wholeWorld()
	role := "arn:aws:iam::111111111111:role/watch"
	for part, in := range map[string]object{
		"roleSessionName":       {{"RoleArn", role}, {"RoleSessionName", "株式会社"}},
		"'roleSessionName' fai": {{"RoleArn", role}, {"RoleSessionName", "two words"}},
		"externalId":            {{"RoleArn", role}, {"RoleSessionName", "me"}, {"ExternalId", "two words"}},
		"tags.1.member":         {{"RoleArn", role}, {"RoleSessionName", "me"}, {"Tags", []any{object{{"Key", "a;b"}, {"Value", "v"}}}}},
	} {
		if code, body := told(t, c, "sts", "AssumeRole", JSON, in); code != 400 || !strings.Contains(body, part) {
			t.Errorf("want %q: %d %s", part, code, body)
		}
	}
	if code, body := told(t, c, "sts", "AssumeRole", JSON, object{{"RoleArn", role}, {"RoleSessionName", "me"}, {"Tags", []any{object{{"Key", "team"}, {"Value", "運用"}}}}}); code != 200 {
		t.Errorf("%d %s", code, body)
	}
}

// History is told newest first over all alarms, or oldest first.
func TestAlarmHistoryOrder(t *testing.T) {
	c := wholeWorld()
	r := c.Account("111111111111").Region("ap-northeast-1")
	r.Alarm(Alarm{Name: "cpu", History: []History{{At: noon, Summary: "s3"}, {At: noon.Add(-2 * time.Hour), Summary: "s1"}}})
	r.Alarm(Alarm{Name: "disk", History: []History{{At: noon.Add(-time.Hour), Summary: "s2"}}})
	for by, want := range map[string]string{"": "s3s2s1", "TimestampDescending": "s3s2s1", "TimestampAscending": "s1s2s3"} {
		in := object{}
		if by != "" {
			in = object{{"ScanBy", by}}
		}
		_, body := told(t, c, "monitoring", "DescribeAlarmHistory", JSON, in)
		got := ""
		for _, part := range strings.Split(body, `"HistorySummary":"`)[1:] {
			got += part[:2]
		}
		if got != want {
			t.Errorf("%s: %s, want %s", by, got, want)
		}
	}
	if code, _ := told(t, c, "monitoring", "DescribeAlarmHistory", JSON, object{{"ScanBy", "Size"}}); code != 400 {
		t.Errorf("%d", code)
	}
}

func TestFilterPatterns(t *testing.T) {
	for _, x := range []struct{ pattern, yes, no string }{
		{"", "anything", ""},
		{"ERROR disk", "disk: ERROR", "ERROR"},
		{`"it broke"`, "ERROR it broke", "it really broke"},
		{"ERROR -debug", "ERROR", "debug ERROR"},
		{`ERROR -"it broke"`, "ERROR elsewhere", "ERROR it broke"},
		{"?ERROR ?WARN", "WARN", "INFO"},
		{`?"it broke" ?WARN`, "it broke", "it"},
	} {
		fits, err := readPattern(x.pattern)
		if err != nil || !fits(x.yes) || x.no != "" && fits(x.no) {
			t.Errorf("%s: %v", x.pattern, err)
		}
	}
	for _, p := range []string{`"open`, "-", "ERROR ?WARN", "{ $.a = 1 }", "%x%"} {
		if _, err := readPattern(p); err == nil {
			t.Errorf("%s was read", p)
		}
	}
}

func TestWild(t *testing.T) {
	for _, x := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true}, {"", "a", false}, {"a", "a", true}, {"*", "", true}, {"*", "prod/web", true}, {"prod*", "prod/web", true}, {"*web", "prod/web", true},
		{"p?od", "prod", true}, {"遅?", "遅延", true}, {"p?od", "pod", false}, {"[a", "[a", true}, {"**b*", "abc", true}, {"*d", "abc", false},
	} {
		if got := wild(x.pattern, x.s); got != x.want {
			t.Errorf("%q %q: %v", x.pattern, x.s, got)
		}
	}
}

func TestStatisticsThatAreNone(t *testing.T) {
	for _, s := range []string{"pNaN", "p1e1", "p0x10", "pInf", "p-1", "p101", "tmNaN", "TM(NaN:)", "TM(:)", "tM90", "TM(10%:90)", "p.", "p1.2.3"} {
		if st, err := readStatistic(s); err == nil {
			t.Errorf("%s was read as %+v", s, st)
		}
	}
	c := wholeWorld()
	for _, v := range []object{{{"SampleCount", 0}, {"Sum", 1}, {"Minimum", 1}, {"Maximum", 1}}, {{"SampleCount", 2}, {"Sum", 1}, {"Minimum", 3}, {"Maximum", 1}}} {
		in := object{{"Namespace", "App"}, {"MetricData", []any{object{{"MetricName", "m"}, {"StatisticValues", v}}}}}
		if code, body := told(t, c, "monitoring", "PutMetricData", CBOR, in); code != 400 || !strings.Contains(body, "statistics") {
			t.Errorf("%v: %d %q", v, code, body)
		}
	}
}

// A metric is listed from when the first point that was seen came, though an
// older one comes later.
func TestFirstSeenOfLatePoints(t *testing.T) {
	s := &series{}
	s.put(noon.Unix(), version{seen: noon.Add(30 * time.Minute).UnixNano()})
	s.put(noon.Add(5*time.Minute).Unix(), version{seen: noon.Add(10 * time.Minute).UnixNano()})
	if got := s.firstSeen(view{now: noon.Add(12 * time.Minute)}); got != noon.Add(10*time.Minute).UnixNano() {
		t.Errorf("first seen at %s", time.Unix(0, got).UTC())
	}
}

// Two accounts that watch each other, while links and units change: nothing
// waits for itself, and nothing is lost.
func TestMutualLinks(t *testing.T) {
	c := wholeWorld()
	a, b := c.Account("111111111111"), c.Account("222222222222")
	fill(b.Region("ap-northeast-1"))
	var wg sync.WaitGroup
	run := func(f func(i int)) {
		wg.Go(func() {
			for i := range 2000 {
				f(i)
			}
		})
	}
	m := Metric{"AWS/EC2", "CPUUtilization", map[string]string{"InstanceId": "i-1"}}
	for _, x := range []*Account{a, b} {
		other := map[*Account]*Account{a: b, b: a}[x]
		run(func(i int) {
			x.Region("ap-northeast-1").Unit(m, "Percent")
			x.Region("ap-northeast-1").Put(Metric{Namespace: "N", Name: fmt.Sprint(i % 10)}, noon, 1)
		})
		run(func(i int) {
			if x.Link(other); i%2 == 0 {
				x.Unlink(other)
			}
		})
		in := append(object{}, questions["GetMetricData"]...)
		q := append(object{}, in[2].Value.([]any)[0].(object)...)
		in[2].Value = []any{append(q, field{"AccountId", other.ID()})}
		run(func(int) {
			r := ask(t, module{service: "monitoring"}, "GetMetricData", CBOR, in)
			r.Header.Set("Authorization", strings.ReplaceAll(r.Header.Get("Authorization"), "111111111111", x.ID()))
			w := httptest.NewRecorder()
			if c.ServeHTTP(w, r); w.Code != 200 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	wg.Wait()
}
