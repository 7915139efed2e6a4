package awsfake

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// fleetBody is a GetMetricData request of n queries over the last minutes.
func fleetBody(n, minutes int) []byte {
	var qs []any
	for i := range n {
		qs = append(qs, object{{"Id", fmt.Sprint("q", i)}, {"MetricStat", object{
			{"Metric", object{{"Namespace", "AWS/EC2"}, {"MetricName", "CPUUtilization"}, {"Dimensions", []any{object{{"Name", "InstanceId"}, {"Value", fmt.Sprintf("i-%017d", i)}}}}}},
			{"Period", 60}, {"Stat", "Average"}}}})
	}
	b, err := appendCBOR(nil, object{{"StartTime", noon.Add(-time.Duration(minutes) * time.Minute)}, {"EndTime", noon}, {"ScanBy", "TimestampAscending"}, {"MetricDataQueries", qs}})
	if err != nil {
		panic(err)
	}
	return b
}

// fleet is a cloud of one region with n generated series.
func fleet(n int) *Cloud {
	c := NewCloud(func() time.Time { return noon })
	r := c.Account("111111111111").Region("ap-northeast-1")
	for i := range n {
		r.Generate(Metric{"AWS/EC2", "CPUUtilization", map[string]string{"InstanceId": fmt.Sprintf("i-%017d", i)}}, time.Minute, noon.AddDate(0, -1, 0), time.Time{},
			func(at time.Time) (float64, bool) { return 40 + float64(at.Unix()/60%60), true })
	}
	return c
}

func signed(body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/service/GraniteServiceVersion20100801/operation/GetMetricData", strings.NewReader(string(body)))
	r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA111111111111/20261120/ap-northeast-1/monitoring/aws4_request, SignedHeaders=host, Signature=x")
	return r
}

// discard is a ResponseWriter that keeps nothing.
type discard struct {
	h      http.Header
	status int
	n      int
}

func (d *discard) Header() http.Header         { return d.h }
func (d *discard) WriteHeader(s int)           { d.status = s }
func (d *discard) Write(b []byte) (int, error) { d.n += len(b); return len(b), nil }

// 500 queries of 20 points each: what one call of a fleet asks for.
func BenchmarkGetMetricData(b *testing.B) {
	for _, minutes := range []int{1, 20, 200} {
		b.Run(fmt.Sprintf("500x%d", minutes), func(b *testing.B) {
			c, body := fleet(1000), fleetBody(500, minutes)
			b.ReportAllocs()
			for b.Loop() {
				w := &discard{h: http.Header{}}
				c.ServeHTTP(w, signed(body))
				if w.status != 200 {
					b.Fatal(w.status)
				}
			}
		})
	}
}

func BenchmarkListMetrics(b *testing.B) {
	c := fleet(1000)
	b.ReportAllocs()
	for b.Loop() {
		r := signed([]byte("\xa0"))
		r.URL.Path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
		w := &discard{h: http.Header{}}
		c.ServeHTTP(w, r)
		if w.status != 200 {
			b.Fatal(w.status)
		}
	}
}

// The answer of the benchmark is a true one: every point of every query.
func TestFleetAnswerIsWhole(t *testing.T) {
	c := fleet(1000)
	w := httptest.NewRecorder()
	c.ServeHTTP(w, signed(fleetBody(500, 20)))
	b, err := io.ReadAll(w.Body)
	if err != nil || w.Code != 200 {
		t.Fatal(w.Code, err)
	}
	v, err := decodeCBOR(b)
	if err != nil {
		t.Fatal(err)
	}
	results := list(dict(v)["MetricDataResults"])
	if len(results) != 500 {
		t.Fatalf("%d results", len(results))
	}
	for i, r := range results {
		if text(dict(r)["Id"]) != fmt.Sprint("q", i) || text(dict(r)["StatusCode"]) != "Complete" {
			t.Fatalf("result %d: %v", i, r)
		}
		at, values := list(dict(r)["Timestamps"]), list(dict(r)["Values"])
		if len(at) != 20 || len(values) != 20 {
			t.Fatalf("result %d: %d times, %d values", i, len(at), len(values))
		}
		for k := range at {
			want := noon.Add(time.Duration(k-20) * time.Minute)
			if at[k] != float64(want.Unix()) || math.Abs(values[k].(float64)-(40+float64(want.Unix()/60%60))) > 0 {
				t.Fatalf("result %d point %d: %v at %v", i, k, values[k], at[k])
			}
		}
	}
	if n := c.Counts()[Count{"111111111111", "ap-northeast-1", "cloudwatch:GetMetricData"}]; n != (Total{Calls: 1, Metrics: 500, Points: 10_000}) {
		t.Errorf("counted %+v", n)
	}
}
