package awsfake

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"testing"
	"time"
)

var fleetRegions = []string{"ap-northeast-1", "us-east-1", "eu-west-1"}

// request500 asks for the last minutes of 500 series of a region.
func request500(t testing.TB, r *Region, now time.Time, minutes, skip int) *http.Request {
	t.Helper()
	var qs []any
	for i, s := range r.all()[skip : skip+500] {
		qs = append(qs, object{{"Id", fmt.Sprint("q", i)}, {"MetricStat", object{{"Metric", s.listed()}, {"Period", 60}, {"Stat", "Average"}}}})
	}
	body, err := appendCBOR(nil, object{{"StartTime", now.Add(-time.Duration(minutes) * time.Minute)}, {"EndTime", now}, {"MetricDataQueries", qs}})
	if err != nil {
		t.Fatal(err)
	}
	q := signed(body)
	q.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA"+r.account.id+"/20261120/"+r.name+"/monitoring/aws4_request, SignedHeaders=host, Signature=x")
	return q
}

// 30 accounts x 3 regions x 1,000 series: nothing is stored but their names,
// and every account is asked at once.
func TestFleetIsCheap(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	now := noon
	c := NewCloud(func() time.Time { return now })
	c.Fleet(30, fleetRegions, 1000, noon.AddDate(-2, 0, 0))
	runtime.GC()
	runtime.ReadMemStats(&after)
	c.Script(Fault{Account: "100000000007", Throttle: true}, Fault{Account: "100000000008", Late: 10 * time.Minute})
	begin := time.Now()
	var wg sync.WaitGroup
	for i := range 30 {
		a := c.Account(fmt.Sprintf("1%011d", i+1))
		wg.Go(func() {
			for _, name := range fleetRegions {
				for _, skip := range []int{0, 500} {
					w := httptest.NewRecorder()
					c.ServeHTTP(w, request500(t, a.Region(name), now, 20, skip))
					if want := map[bool]int{true: 400, false: 200}[a.id == "100000000007"]; w.Code != want {
						t.Errorf("%s: %d %s", a.id, w.Code, w.Body)
					}
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(begin)
	t.Logf("90,000 series: %.1f MiB; 180 calls of 500 x 20 points, requests made and all: %s", float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/(1<<20), took.Round(time.Millisecond))
	if mib := float64(int64(after.HeapAlloc)-int64(before.HeapAlloc)) / (1 << 20); mib > 200 {
		t.Errorf("%.0f MiB", mib)
	}
	for k, n := range c.Counts() {
		want := Total{Calls: 2, Metrics: 1000, Points: 20_000}
		switch k.Account {
		case "100000000007":
			want = Total{Calls: 2, Throttled: 2}
		case "100000000008":
			want.Points = 10_000
		}
		if n != want {
			t.Errorf("%v: %+v, want %+v", k, n, want)
		}
	}
	if n := len(c.Counts()); n != 90 {
		t.Errorf("%d counters", n)
	}
}

// Writers and readers of the same regions do not disturb each other; the
// race detector watches.
func TestConcurrentUse(t *testing.T) {
	c := NewCloud(func() time.Time { return noon })
	c.Fleet(2, fleetRegions[:1], 500, noon.AddDate(0, 0, -1))
	c.Limit("cloudwatch:ListMetrics", 5, 20)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			a := c.Account(fmt.Sprintf("1%011d", g%2+1))
			r := a.Region(fleetRegions[0])
			for i := range 10 {
				r.PutSeen(Metric{"App", "m", map[string]string{"g": fmt.Sprint(g)}}, noon.Add(-time.Duration(i)*time.Minute), 1, noon)
				r.Instance(Instance{ID: fmt.Sprint("i-", i), Tags: map[string]string{"a": "b"}})
				c.Script(Fault{Account: "none", Times: 1, Down: true})
				a.Role("r", "")
				for _, q := range []*http.Request{request500(t, r, noon, 5, 0), ask(t, module{service: "monitoring"}, "ListMetrics", JSON, object{}), ask(t, module{service: "ec2"}, "DescribeInstances", Query, object{}), ask(t, module{service: "tagging"}, "GetResources", CBOR, object{})} {
					q.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA"+a.id+"/20261120/"+r.name+"/"+serviceOf(q)+"/aws4_request, SignedHeaders=host, Signature=x")
					w := httptest.NewRecorder()
					c.ServeHTTP(w, q)
					if w.Code != 200 && w.Code != 400 {
						t.Errorf("%d %s", w.Code, w.Body)
					}
				}
				c.Counts()
			}
		})
	}
	wg.Wait()
	calls := int64(0)
	for k, n := range c.Counts() {
		if k.Action == "cloudwatch:ListMetrics" && n.Throttled != n.Calls-20 {
			t.Errorf("%v: %+v", k, n)
		}
		calls += n.Calls
	}
	if calls != 8*10*4 {
		t.Errorf("%d calls", calls)
	}
}

// serviceOf a request that ask made: where its scope says it.
func serviceOf(r *http.Request) string {
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		return "monitoring"
	case r.Header.Get("Smithy-Protocol") != "" && r.URL.Path == "/service/x/operation/GetResources":
		return "tagging"
	case r.Header.Get("Smithy-Protocol") != "":
		return "monitoring"
	}
	return "ec2"
}
