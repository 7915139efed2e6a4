// Package faults runs the CloudWatch source over the emulated AWS while things
// go wrong there, in virtual time, and holds what comes of it against the same
// run in which nothing goes wrong: no sample may be lost or counted twice, no
// episode may differ, and Kizashi must say, once a cause, when it could not
// see.
package faults

import (
	"fmt"
	"hash/fnv"
	"math"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// The world: two tenants, three accounts, two regions each.
var (
	owners  = []struct{ tenant, account string }{{"acme", "111111111111"}, {"acme", "222222222222"}, {"globex", "333333333333"}}
	regions = []string{"ap-northeast-1", "us-east-1"}
)

const (
	perRegion = 4                  // load balancers, each with a series
	backfill  = 4 * 24 * time.Hour // before the run
	watched   = 9 * time.Hour      // of a run
	longer    = 31 * time.Hour     // of one with an outage of a day
	settle    = 3 * time.Minute
)

// begin is when the back-fill is over and the runs start.
var begin = time.Date(2026, 9, 8, 0, 0, 0, 0, time.UTC)

// incident is a stretch in which a series is far out.
type incident struct {
	from   time.Duration // after begin
	length time.Duration
	factor float64
}

// incidents of the n-th series of a region. One lies in the hours in which
// most faults happen.
func incidents(n int) []incident {
	shift := time.Duration(n) * 7 * time.Minute
	return []incident{
		{3*time.Hour + 20*time.Minute + shift, 12 * time.Minute, 2.2},
		{6*time.Hour + shift, 25 * time.Minute, 2.8},
		{20*time.Hour + shift, 9 * time.Minute, 3.5},
		{27*time.Hour + 30*time.Minute + shift, 15 * time.Minute, 4.5},
	}
}

func metric(n int) awsfake.Metric {
	return awsfake.Metric{Namespace: "AWS/ApplicationELB", Name: "RequestCount", Dimensions: map[string]string{"LoadBalancer": fmt.Sprintf("app/shop/%d", n)}}
}

// value of a series: a daily rhythm, noise that is a function of the time, and
// the incidents.
func value(account, region string, n int) func(time.Time) (float64, bool) {
	h := fnv.New64a()
	fmt.Fprint(h, account, region, n)
	seed := h.Sum64()
	return func(at time.Time) (float64, bool) {
		minute := at.Unix() / 60
		day := 2 * math.Pi * float64(minute%1440) / 1440
		v := 1000 + 200*math.Sin(day) + 20*noise(seed, minute)
		for _, i := range incidents(n) {
			if d := at.Sub(begin.Add(i.from)); d >= 0 && d < i.length {
				v *= i.factor
			}
		}
		return math.Round(v), true
	}
}

// noise is roughly normal: the sum of four uniform numbers.
func noise(seed uint64, minute int64) float64 {
	x, sum := seed^uint64(minute)*0x9e3779b97f4a7c15, 0.
	for range 4 {
		x ^= x >> 30
		x *= 0xbf58476d1ce4e5b9
		x ^= x >> 27
		x *= 0x94d049bb133111eb
		x ^= x >> 31
		sum += float64(x>>11)/(1<<53) - .5
	}
	return sum * math.Sqrt(3)
}

// TestMain keeps the machine's own AWS configuration out: the tests run side
// by side, so that none may set the environment for itself.
func TestMain(m *testing.M) {
	for k, v := range map[string]string{"AWS_ACCESS_KEY_ID": "AKIA999999999999", "AWS_SECRET_ACCESS_KEY": "secret-of-999999999999", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"} {
		if err := os.Setenv(k, v); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// world is the emulated AWS and the clock that everything goes by.
type world struct {
	*clock
	t    *testing.T
	aws  *awsfake.Cloud
	url  string
	arns map[string]string // role of each account
}

func newWorld(t *testing.T, at time.Time) *world {
	w := &world{clock: newClock(at), t: t, arns: map[string]string{}}
	w.aws = awsfake.NewCloud(w.Now)
	w.aws.Account("999999999999") // ours
	for _, o := range owners {
		a := w.aws.Account(o.account)
		w.arns[o.account] = a.Role("KizashiRead", "id-of-"+o.tenant)
		for _, name := range regions {
			r := a.Region(name)
			for n := range perRegion {
				r.Generate(metric(n), time.Minute, begin.Add(-backfill-24*time.Hour), begin.Add(10*24*time.Hour), value(o.account, name, n))
			}
		}
	}
	srv := httptest.NewServer(w.aws)
	t.Cleanup(srv.Close)
	w.url = srv.URL
	return w
}

// sources opens a source for every account and region.
func (w *world) sources() []*cloudwatch.Source {
	w.t.Helper()
	var out []*cloudwatch.Source
	for _, o := range owners {
		s, err := access.Open(w.t.Context(), access.Account{Tenant: o.tenant, ID: o.account, Role: w.arns[o.account], ExternalID: "id-of-" + o.tenant, Endpoint: w.url},
			access.Options{Now: w.Now, Sleep: w.Sleep})
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() {
			if err := s.Close(); err != nil {
				w.t.Error(err)
			}
		})
		for _, name := range regions {
			wait := settle
			src, err := cloudwatch.New(w.t.Context(), cloudwatch.Config{
				Session: s, Region: name, Zone: "Asia/Tokyo", Backfill: backfill, Now: w.Now, Sleep: w.Sleep,
				Namespaces: []cloudwatch.Namespace{{Name: "AWS/ApplicationELB", Settle: &wait, Metrics: []cloudwatch.Metric{{Name: "RequestCount"}}, Group: "shop"}},
				Poll:       map[string]time.Duration{"check": time.Minute},
			})
			if err != nil {
				w.t.Fatal(err)
			}
			out = append(out, src)
		}
	}
	return out
}
