package program

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// cloud is an emulated AWS on a clock that moves when somebody sleeps.
type cloud struct {
	*awsfake.Cloud
	at  time.Time
	url string
}

func newCloud(t *testing.T, at time.Time) *cloud {
	t.Helper()
	c := &cloud{at: at}
	c.Cloud = awsfake.NewCloud(func() time.Time { return c.at })
	srv, err := awsfake.New("127.0.0.1:0", c.Cloud)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	c.url = srv.URL
	return c
}

func (c *cloud) sleep(ctx context.Context, d time.Duration) error {
	c.at = c.at.Add(d)
	return ctx.Err()
}

// asks counts what was asked of an action so far.
func (c *cloud) asks(action string) (t awsfake.Total) {
	for k, v := range c.Counts() {
		if k.Action == action {
			t.Calls, t.Metrics = t.Calls+v.Calls, t.Metrics+v.Metrics
		}
	}
	return t
}

// fill makes a region of machines, volumes, balancers and groups, for years.
func fill(r *awsfake.Region, at time.Time, machines, volumes int) {
	since := at.Add(-20 * 24 * time.Hour)
	put := func(namespace, name, dimension, id string, period time.Duration) {
		r.Generate(awsfake.Metric{Namespace: namespace, Name: name, Dimensions: map[string]string{dimension: id}}, period, since, time.Time{},
			func(at time.Time) (float64, bool) { return float64(at.Unix() % 97), true })
	}
	for i := range machines {
		id := fmt.Sprintf("i-%017d", i)
		r.Instance(awsfake.Instance{ID: id, Type: "m7g.large", State: "running", Launched: since})
		put("AWS/EC2", "CPUUtilization", "InstanceId", id, 5*time.Minute)
		put("AWS/EC2", "StatusCheckFailed", "InstanceId", id, time.Minute)
		put("AWS/EC2", "EBSReadOps", "InstanceId", id, 5*time.Minute) // for the record: not watched
	}
	for i := range volumes {
		id := fmt.Sprintf("vol-%017d", i)
		put("AWS/EBS", "VolumeQueueLength", "VolumeId", id, time.Minute)
		put("AWS/EBS", "BurstBalance", "VolumeId", id, time.Minute)
	}
	for i := range 5 {
		r.AutoScalingGroup(awsfake.Group{Name: fmt.Sprintf("web-%d", i), Created: since})
		for _, m := range []string{"GroupDesiredCapacity", "GroupInServiceInstances"} {
			put("AWS/AutoScaling", m, "AutoScalingGroupName", fmt.Sprintf("web-%d", i), time.Minute)
		}
	}
}

func off(got, want int64) float64 {
	if want == 0 {
		return float64(got)
	}
	return math.Abs(float64(got-want)) / float64(want)
}

// What plan says live of two accounts is what the emulated AWS then counts
// while they are read: the back-fill, and an hour after it.
func TestPlanPredictsWhatIsAsked(t *testing.T) {
	c := newCloud(t, time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC))
	c.Clocks(func() time.Time { return c.at }, c.sleep)
	id, secret := c.Account("111111111111").Keys()
	for k, v := range map[string]string{"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"} {
		t.Setenv(k, v)
	}
	fill(c.Account("111111111111").Region("us-east-1"), c.at, 120, 400)
	fill(c.Account("111111111111").Region("eu-west-1"), c.at, 3, 2)
	file := write(t, "kizashi.yaml", fmt.Sprintf(`
tenants:
  - name: acme
    accounts:
      - account: "111111111111"
        regions: [us-east-1, eu-west-1]
        endpoint: %s
        coarse: false
        backfill: 2d
        poll: {check: 10m}
        expressions:
          - {name: load, expression: "a + b", metrics: {a: {namespace: AWS/EC2, metric: CPUUtilization, dimensions: {InstanceId: i-00000000000000000}}, b: {namespace: AWS/EC2, metric: CPUUtilization, dimensions: {InstanceId: i-00000000000000001}}}}
storage: {path: %q}
`, c.url, filepath.Join(t.TempDir(), "data")))
	code, out := try(t, "plan", "--config", file, "--json")
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, out)
	}
	var said struct{ Plan cost.Plan }
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	var get, list, once awsfake.Total
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		g, l, o := c.hourOf(t, cfg, region)
		get.Calls, get.Metrics, list.Calls = get.Calls+g.Calls, get.Metrics+g.Metrics, list.Calls+l.Calls
		once.Calls, once.Metrics = once.Calls+o.Calls, once.Metrics+o.Metrics
	}
	var calls, lists int64
	for _, u := range said.Plan.Daily {
		switch u.Action {
		case cost.GetMetricData:
			calls += u.Calls
		case cost.ListMetrics:
			lists += u.Calls
		}
	}
	all := said.Plan.Total
	for _, x := range []struct {
		what      string
		said, was int64
		within    float64
	}{
		{"metrics requested in an hour", all.Metrics / 24, get.Metrics, 0.01},
		{"calls of GetMetricData in an hour", calls / 24, get.Calls, 0.01},
		{"calls of ListMetrics in an hour", lists / 24, list.Calls, 0},
		{"metrics requested by the back-fill", all.OnceMetrics, once.Metrics, 0.05},
		{"calls of the back-fill", all.OnceCalls, once.Calls, 0.05},
	} {
		t.Logf("%s: planned %d, counted %d (%.2f %%)", x.what, x.said, x.was, 100*off(x.said, x.was))
		if x.was == 0 || off(x.said, x.was) > x.within {
			t.Errorf("%s: planned %d, counted %d", x.what, x.said, x.was)
		}
	}
}

// hourOf runs one region: its back-fill, then a whole hour. It returns what was
// asked in the hour, and by the back-fill.
func (c *cloud) hourOf(t *testing.T, cfg *config.Config, region string) (get, list, once awsfake.Total) {
	t.Helper()
	session, err := access.Open(t.Context(), cfg.Tenants[0].Accounts[0].Account, access.Options{Now: func() time.Time { return c.at }, Sleep: c.sleep})
	if err != nil {
		t.Fatal(err)
	}
	sc := sourceOf(cfg, cfg.Tenants[0].Accounts[0], session, region)
	sc.Now, sc.Sleep = func() time.Time { return c.at }, c.sleep
	src, err := cloudwatch.New(t.Context(), sc)
	if err != nil {
		t.Fatal(err)
	}
	if err := src.Open(nil); err != nil {
		t.Fatal(err)
	}
	start := c.asks(cost.GetMetricData)
	until := func(end time.Time) {
		for c.at.Before(end) {
			step(t, src)
		}
	}
	for step(t, src); len(src.Progress()) > 0; {
		step(t, src)
	}
	filled := c.asks(cost.GetMetricData)
	once = awsfake.Total{Calls: filled.Calls - start.Calls, Metrics: filled.Metrics - start.Metrics}
	until(c.at.Truncate(time.Hour).Add(time.Hour + 30*time.Minute))
	before, lists := c.asks(cost.GetMetricData), c.asks(cost.ListMetrics)
	until(c.at.Truncate(time.Minute).Add(time.Hour)) // a call takes a moment of the clock
	after, listed := c.asks(cost.GetMetricData), c.asks(cost.ListMetrics)
	get = awsfake.Total{Calls: after.Calls - before.Calls, Metrics: after.Metrics - before.Metrics}
	list = awsfake.Total{Calls: listed.Calls - lists.Calls}
	return get, list, once
}

func step(t *testing.T, src ingest.Source) {
	t.Helper()
	b, err := src.Next(t.Context())
	if err == nil {
		err = src.Ack(b.Partition, b.Pos)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if b.Status != nil {
		t.Fatalf("%s", b.Status.Reason)
	}
}
