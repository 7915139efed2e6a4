package awsfake

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Call is one request that was answered.
type Call struct {
	Op              string
	Protocol        Protocol
	Account, Region string
	Action          string // as IAM names it: cloudwatch:GetMetricData

	// Of GetMetricData.
	Queries  int // MetricDataQueries
	Metrics  int // of these, metrics (the others are expressions): what AWS bills
	Points   int // that the window of all queries can hold
	Returned int // points in the answer
	From, To time.Time
	Scan     string

	Code      string // of the error it was answered with; "" = none
	Throttled bool
}

// Count names a counter.
type Count struct{ Account, Region, Action string }

// Total is what was counted. Metrics are the metrics requested with
// GetMetricData, on each page again; Points those that were in answers.
type Total struct{ Calls, Metrics, Points, Throttled int64 }

// counters of a region, by action.
type counters struct{ by sync.Map }

type counter struct{ calls, metrics, points, throttled atomic.Int64 }

func (r *Region) count(action string, c Call) {
	v, ok := r.counts.by.Load(action)
	if !ok {
		v, _ = r.counts.by.LoadOrStore(action, &counter{})
	}
	n := v.(*counter)
	n.calls.Add(1)
	if c.Throttled {
		n.throttled.Add(1)
		return
	}
	if c.Metrics > 0 && c.Code == "" {
		n.metrics.Add(int64(c.Metrics))
		n.points.Add(int64(c.Returned))
	}
}

// Counts returns what was asked so far. What was refused for its credentials
// alone has no account and is not in it.
func (c *Cloud) Counts() map[Count]Total {
	out := map[Count]Total{}
	for _, r := range c.regions() {
		r.counts.by.Range(func(k, v any) bool {
			n := v.(*counter)
			out[Count{r.account.id, r.name, k.(string)}] = Total{n.calls.Load(), n.metrics.Load(), n.points.Load(), n.throttled.Load()}
			return true
		})
	}
	return out
}

// ResetCounts sets all counters to 0.
func (c *Cloud) ResetCounts() {
	for _, r := range c.regions() {
		r.counts.by.Clear()
	}
}

func (c *Cloud) regions() []*Region {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []*Region
	if c.open != nil {
		out = append(out, c.open)
	}
	for _, a := range c.accounts {
		a.mu.RLock()
		for _, r := range a.regions {
			if r != c.open {
				out = append(out, r)
			}
		}
		a.mu.RUnlock()
	}
	return out
}

// quota is a token bucket's size and speed.
type quota struct{ perSecond, burst float64 }

// Limit sets the quota of an action ("cloudwatch:GetMetricData") in every
// region of every account: a token bucket of burst calls that refills in
// virtual time. More is answered with the service's throttling error.
// perSecond 0 takes the limit away.
func (c *Cloud) Limit(action string, perSecond, burst float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := map[string]quota{}
	if old := c.quotas.Load(); old != nil {
		for k, v := range *old {
			next[k] = v
		}
	}
	next[action] = quota{perSecond, max(burst, 1)}
	if perSecond == 0 {
		delete(next, action)
	}
	c.quotas.Store(&next)
}

type buckets struct {
	mu sync.Mutex
	by map[string]*bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// take takes a token for one call of an action.
func (r *Region) take(action string, now time.Time) bool {
	all := r.account.cloud.quotas.Load()
	if all == nil {
		return true
	}
	q, ok := (*all)[action]
	if !ok {
		return true
	}
	r.throttle.mu.Lock()
	defer r.throttle.mu.Unlock()
	b := r.throttle.by[action]
	if b == nil {
		b = &bucket{left: q.burst, at: now}
		r.throttle.by[action] = b
	}
	if d := now.Sub(b.at); d > 0 {
		b.left = math.Min(q.burst, b.left+d.Seconds()*q.perSecond)
		b.at = now
	}
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}
