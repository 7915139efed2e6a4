package awsfake

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

var _ = register("monitoring", map[string]handler{
	"ListMetrics": listMetrics, "GetMetricStatistics": getMetricStatistics, "PutMetricData": putMetricData,
	"DescribeAlarms": describeAlarms, "DescribeAlarmHistory": describeAlarmHistory, "DescribeAnomalyDetectors": describeAnomalyDetectors,
})

// CloudWatch is the CloudWatch of one region of one account that takes every
// signed request, for tests that need no more: a metric is listed as soon as
// it has a point, and for ever. It is safe for several goroutines.
type CloudWatch struct {
	cloud  *Cloud
	region *Region

	mu    sync.Mutex
	calls []Call
}

// NewCloudWatch returns an empty CloudWatch whose clock is now.
func NewCloudWatch(now func() time.Time) *CloudWatch {
	c := &CloudWatch{cloud: NewCloud(now)}
	c.region = c.cloud.Account("123456789012").Region("us-east-1")
	c.cloud.open, c.cloud.lag, c.cloud.memory = c.region, 0, 0
	c.cloud.OnCall(func(x Call) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.calls = append(c.calls, x)
	})
	return c
}

// Put stores a point that is visible at once.
func (c *CloudWatch) Put(m Metric, at time.Time, value float64) { c.region.Put(m, at, value) }

// PutSeen is Region.PutSeen.
func (c *CloudWatch) PutSeen(m Metric, at time.Time, value float64, seen time.Time) {
	c.region.PutSeen(m, at, value, seen)
}

// Script appends faults.
func (c *CloudWatch) Script(faults ...Fault) { c.cloud.Script(faults...) }

// Heal drops all faults.
func (c *CloudWatch) Heal() { c.cloud.Heal() }

// Calls returns what was asked so far.
func (c *CloudWatch) Calls() []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.calls)
}

// ServeHTTP answers one request.
func (c *CloudWatch) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.cloud.ServeHTTP(w, r) }
