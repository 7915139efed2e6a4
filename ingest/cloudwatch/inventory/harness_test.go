package inventory_test

import (
	"context"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

// noon is when the tests begin.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

const (
	acme  = "111122223333"
	tokyo = "ap-northeast-1"
)

// clock moves only when somebody sleeps.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return ctx.Err()
}

// world is an account in an emulated AWS.
type world struct {
	*clock
	t     *testing.T
	cloud *awsfake.Cloud
	aws   *awsfake.Region // of acme, in Tokyo
	r     *access.Region
	last  *inventory.Snapshot
}

// keep the machine's own AWS configuration out of the test.
func environment(t *testing.T, id, secret string) {
	for k, v := range map[string]string{"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"} {
		t.Setenv(k, v)
	}
}

func region(t *testing.T, a access.Account, c *clock) *access.Region {
	t.Helper()
	s, err := access.Open(t.Context(), a, access.Options{Now: c.Now, Sleep: c.Sleep})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s.Region(tokyo)
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, clock: &clock{at: noon}}
	w.cloud = awsfake.NewCloud(w.Now)
	s := httptest.NewServer(w.cloud)
	t.Cleanup(s.Close)
	id, secret := w.cloud.Account(acme).Keys()
	environment(t, id, secret)
	w.aws = w.cloud.Account(acme).Region(tokyo)
	w.r = region(t, access.Account{Tenant: "acme", ID: acme, Endpoint: s.URL}, w.clock)
	return w
}

// metric that has a point each five minutes, from an hour before noon on.
func (w *world) metric(namespace, name string, dims ...string) {
	m := awsfake.Metric{Namespace: namespace, Name: name, Dimensions: map[string]string{}}
	for i := 0; i+1 < len(dims); i += 2 {
		m.Dimensions[dims[i]] = dims[i+1]
	}
	w.aws.Generate(m, 5*time.Minute, noon.Add(-time.Hour), time.Time{}, func(time.Time) (float64, bool) { return 1, true })
}

// scan everything, with the last scan to compare with.
func (w *world) scan() *inventory.Snapshot {
	w.t.Helper()
	s, err := inventory.Scan(w.t.Context(), inventory.Options{Region: w.r, Tags: true, Instances: true, Groups: true, Agents: true, Last: w.last, Now: w.Now})
	if err != nil {
		w.t.Fatal(err)
	}
	w.last = s
	return s
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

// find a resource that must be there.
func find(t *testing.T, s *inventory.Snapshot, arn string) *inventory.Resource {
	t.Helper()
	r := s.Find(arn)
	if r == nil {
		var all []string
		for _, r := range s.Resources {
			all = append(all, r.ARN)
		}
		t.Fatalf("no %s among %v", arn, all)
	}
	return r
}

func ec2(id string) string { return "arn:aws:ec2:" + tokyo + ":" + acme + ":instance/" + id }

func metric(namespace, name string, dims ...string) inventory.Metric {
	m := inventory.Metric{Account: acme, Namespace: namespace, Name: name, Dimensions: map[string]string{}}
	for i := 0; i+1 < len(dims); i += 2 {
		m.Dimensions[dims[i]] = dims[i+1]
	}
	return m
}
