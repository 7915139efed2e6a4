package cost

import (
	"cmp"
	"time"
)

// Limits of one GetMetricData call and one ListMetrics page, from their
// documentation.
const (
	queriesACall  = 500
	pointsACall   = 100_800
	metricsAPage  = 500
	listsInterval = time.Hour // how often the source lists what exists
)

// Demand is series that are alike: read in the same way, at the same time.
type Demand struct {
	Tenant    string
	Account   string
	Region    string
	Namespace string
	Metric    string
	Statistic string
	Class     Class // "" = check
	Period    time.Duration
	Count     int64 // series
	// Metrics is what a poll of one of them asks for: 1, or of an expression
	// the metrics in it; 0 = 1. Queries is what it takes of a call's 500: an
	// expression counts beside its metrics; 0 = Metrics.
	Metrics, Queries int64
}

// Existing is metrics that exist in a namespace, watched or not: what a list
// pages through and a metric stream carries. A metric is one however many
// statistics of it are watched.
type Existing struct {
	Tenant    string
	Account   string
	Region    string
	Namespace string
	Period    time.Duration // how often it gets a point
	Count     int64
}

// Stretch is history that is read once.
type Stretch struct {
	Period time.Duration // of its points; series of a longer period take no part; 0 = each series' own
	Back   time.Duration // it begins so long ago,
	Till   time.Duration // and ends so long ago
	Window time.Duration // one request covers that much; 0 = all of it
}

// Input of a plan.
type Input struct {
	Demands  []Demand
	Existing []Existing
	Poll     map[Class]time.Duration // 0 = DefaultPoll
	Backfill []Stretch
	Hourly   []Use // other reads in an hour
}

// DefaultPoll is how often a class is polled: guard and act as often as there
// are points (0).
func DefaultPoll(c Class) time.Duration {
	switch c {
	case Check, "":
		return 5 * time.Minute
	case Record:
		return 15 * time.Minute
	}
	return 0
}

// Interval is the time between two polls of a series: that of its class,
// never shorter than its period, and whole periods.
func Interval(c Class, period time.Duration, poll map[Class]time.Duration) time.Duration {
	p := cmp.Or(poll[cmp.Or(c, Check)], DefaultPoll(c))
	if period <= 0 {
		return p
	}
	return max(period, (p+period-1)/period*period)
}

func (d Demand) metrics() int64 { return d.Count * max(d.Metrics, 1) }

func (d Demand) queries() int64 { return d.Count * max(d.Queries, d.Metrics, 1) }

// place is where calls are shared: one region of one account of one tenant.
type place struct{ tenant, account, region string }

func (d Demand) place() place   { return place{d.Tenant, d.Account, d.Region} }
func (e Existing) place() place { return place{e.Tenant, e.Account, e.Region} }

// windows is how many requests a stretch takes of each series.
func (s Stretch) windows() int64 { return ceil(int64(s.Back-s.Till), int64(s.window())) }

// together is how many queries fit one call over a window.
func (s Stretch) together(period time.Duration) int64 {
	return max(1, min(queriesACall, pointsACall/max(int64(s.window()/max(period, time.Second)), 1)))
}

func (s Stretch) window() time.Duration {
	if s.Window <= 0 {
		return s.Back - s.Till
	}
	return s.Window
}

func ceil(n, by int64) int64 { return (n + by - 1) / by }
