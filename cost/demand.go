package cost

import (
	"cmp"
	"time"
)

// Limits of one GetMetricData call and one ListMetrics page, from their
// documentation.
const (
	queriesACall = 500
	pointsACall  = 100_800
	metricsAPage = 500
)

const (
	listsADay    = 24               // how often a source lists what exists
	idleInterval = 15 * time.Minute // how often it asks for what has ended
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
	Settle    time.Duration // how long after its end a point is read
	Count     int64         // series
	// Metrics is what a poll of one of them asks for: 1, or of an expression
	// the metrics in it; 0 = 1. Queries is what it takes of a call's 500: an
	// expression counts beside its metrics; 0 = Metrics.
	Metrics, Queries int64
	// Idle says that their resource is stopped: it is enough to ask now and
	// then whether it is back.
	Idle bool
}

// Existing is metrics that exist in a namespace, watched or not: what a list
// pages through. A metric stream carries them where any of their namespace is
// watched. A metric is one however many statistics of it are.
type Existing struct {
	Tenant    string
	Account   string
	Region    string
	Namespace string
	Period    time.Duration // how often it gets a point; 0 = a minute
	Count     int64
	Alone     bool // it is listed by itself, not with all of the region
}

// History is what a back-fill reads of the past.
type History struct {
	Length time.Duration // at the series' own period; 0 = none
	Coarse bool          // and before that 5-minute and 1-hour points, as far as they are kept
}

// Input of a plan.
type Input struct {
	Demands  []Demand
	Existing []Existing
	Poll     map[Class]time.Duration // 0 = DefaultPoll
	History  History
	Hourly   []Use // other reads in an hour
	Daily    []Use // and what else is asked in a day
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

// turn is when a series is read: every so often, so long after midnight.
type turn struct{ every, after time.Duration }

// turn of a demand. Who polls less often than there are points does so on the
// grid of the interval; else one reads when a point has settled, for periods
// of a minute and more on the grid of minutes.
func (d Demand) turn(poll map[Class]time.Duration) turn {
	every := Interval(d.Class, d.Period, poll)
	if d.Idle {
		every = max(every, idleInterval)
	}
	if every > d.Period {
		return turn{every, 0}
	}
	wait := d.Settle
	if d.Period >= time.Minute {
		wait = (wait + time.Minute - 1) / time.Minute * time.Minute
	}
	return turn{every, wait % every}
}

func ceil(n, by int64) int64 { return (n + by - 1) / by }
