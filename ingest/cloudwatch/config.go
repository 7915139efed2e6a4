package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/clock"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest/catalogue"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

// Config of a source: one account in one region.
type Config struct {
	Session *access.Session
	Region  string
	Zone    string // IANA name of the wall time the series live in; "" = UTC
	Labels  map[string]string

	Namespaces  []Namespace        // none = what the catalogue says of those that the account has
	Series      []Declared         // what ListMetrics does not name
	Expressions []Expression       // metric math
	Select      []kizashi.Matchers // over the labels of a listed series: one that none of them matches is not watched; none = every series
	Drop        []kizashi.Matchers // one that any of them matches is not
	GroupBy     string             // label whose value is the group, for series that have it; "" = as Namespaces says

	Linked         bool     // a monitoring account: it sees metrics of others (Observability Access Manager)
	LinkedAccounts []string // of those; none = all

	// What is read beside the list of metrics, as far as it is permitted.
	Tags, Instances, Groups, Agents bool

	Poll     map[string]time.Duration  // between two reads, by class: act, check, record, guard; 0 = DefaultPoll; never more often than there are points
	Classify func(kizashi.Meta) string // class of a series; nil = the catalogue's
	Budget   *cost.Budget              // nil = no cap
	Backfill time.Duration             // history read before the first judgement; 0 = 14 days, negative = none
	Coarse   bool                      // then 5-minute points back to 63 days and 1-hour points back to 455
	Overlap  time.Duration             // read again behind Until, for late points and revisions; 0 = 15 minutes, at least 3 periods

	Catalogue *catalogue.Catalogue // nil = the one that comes with the program

	// Earlier are the series of earlier runs, by the partition that brought
	// their samples; it is asked once, with the first list.
	// A series that a resumed source lists and that is not among them is new,
	// and gets its history; one of them that is not watched any more has ended.
	// nil = all that a resumed source lists at first were there.
	Earlier func() map[kizashi.Partition][]kizashi.Standing
	// Last is what Listed was told last in an earlier run: what has ended since,
	// or had, is known by it. nil = nothing.
	Last *inventory.Snapshot
	// Listed takes what each list found of resources, to be the next run's
	// Last; it has no metrics and may be kept. nil = nobody does.
	Listed func(*inventory.Snapshot)

	Log   *slog.Logger                               // nil = silent
	Now   func() time.Time                           // nil = time.Now
	Sleep func(context.Context, time.Duration) error // nil = sleep, or return early with ctx's error
}

// Namespace says what is read of a CloudWatch namespace. What is left out
// comes from the catalogue.
type Namespace struct {
	Name    string         // e.g. AWS/EC2
	Metrics []Metric       // none = those of the catalogue of class act or check
	Period  time.Duration  // 0 = the catalogue's, else a minute
	Settle  *time.Duration // nil = the catalogue's, else 5 minutes; how long after its end a point may still change
	Group   string         // group of all its series; "" = the namespace
	GroupBy string         // dimension whose value is the group, for series that have it
}

// Metric says how a metric is read. What is left out comes from the catalogue.
type Metric struct {
	Name       string
	Statistic  string   // Average, Sum, p99, TM(5%:95%), ...; "" = the catalogue's first, else Average
	Unit       string   // of the values; it selects nothing
	Lower      *float64 // values below cannot be
	Upper      *float64 // values above cannot be
	Dimensions []string // only series with exactly these; none = the catalogue's first set, or every series of what it does not know
}

// Declared is a series that is read although CloudWatch does not list it:
// ListMetrics forgets after two weeks.
type Declared struct {
	Account    string // that owns it, of a monitoring account; "" = the session's
	Namespace  string
	Metric     string
	Dimensions map[string]string
	Statistic  string         // "" = the catalogue's first, else Average
	Period     time.Duration  // 0 = the catalogue's, else a minute
	Settle     *time.Duration // nil = the catalogue's, else 5 minutes
	Unit       string
	Group      string // "" = the namespace
}

// Expression is metric math that is read as one series.
type Expression struct {
	Name       string
	Expression string
	Metrics    map[string]Declared // by the id that the expression uses
	Period     time.Duration       // 0 = a minute
	Settle     *time.Duration      // nil = 5 minutes
	Unit       string
	Group      string // "" = the name
}

const (
	defaultBackfill = 14 * 24 * time.Hour
	defaultOverlap  = 15 * time.Minute
	defaultPeriod   = time.Minute
	defaultSettle   = 5 * time.Minute
)

// DefaultPoll is how far apart the reads of a class are; 0 = as there are
// points. GetMetricData is paid for each metric of each call.
func DefaultPoll(class string) time.Duration {
	switch cost.Class(class) {
	case cost.Check:
		return 5 * time.Minute
	case cost.Record:
		return 15 * time.Minute
	}
	return 0
}

// complete fills in what cfg leaves out and checks the rest.
func (cfg Config) complete() (Config, error) {
	if cfg.Session == nil {
		return cfg, errors.New("cloudwatch: session is missing")
	}
	if cfg.Region == "" {
		return cfg, errors.New("cloudwatch: region is missing")
	}
	if cfg.Catalogue == nil {
		c, err := catalogue.Load()
		if err != nil {
			return cfg, err
		}
		cfg.Catalogue = c
	}
	if cfg.Backfill == 0 {
		cfg.Backfill = defaultBackfill
	}
	if cfg.Overlap < 0 {
		return cfg, errors.New("cloudwatch: overlap must not be negative")
	}
	for class, d := range cfg.Poll {
		if !known(class) {
			return cfg, fmt.Errorf("cloudwatch: poll: class %q: want act, check, record or guard", class)
		}
		if d < 0 {
			return cfg, fmt.Errorf("cloudwatch: poll of %s must not be negative", class)
		}
	}
	cfg.clockwork()
	return cfg, nil
}

func known(class string) bool {
	switch cost.Class(class) {
	case cost.Act, cost.Check, cost.Record, cost.Guard:
		return true
	}
	return false
}

// clockwork sets the functions that tests replace.
func (cfg *Config) clockwork() {
	if cfg.Overlap == 0 {
		cfg.Overlap = defaultOverlap
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	a := cfg.Session.Account()
	cfg.Log = cfg.Log.With("tenant", a.Tenant, "account", a.ID, "region", cfg.Region)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Sleep == nil {
		cfg.Sleep = clock.Sleep
	}
}

// allowedPeriod are the periods of GetMetricData.
func allowedPeriod(p time.Duration) bool {
	switch p {
	case 10 * time.Second, 20 * time.Second, 30 * time.Second:
		return true
	}
	return p > 0 && p%time.Minute == 0 && p <= 24*time.Hour
}

// retention is how long CloudWatch keeps points that can be read at a period
// (documentation of GetMetricData).
func retention(period time.Duration) time.Duration {
	const day = 24 * time.Hour
	switch {
	case period < time.Minute:
		return 3 * time.Hour
	case period%time.Hour == 0:
		return 455 * day
	case period%(5*time.Minute) == 0:
		return 63 * day
	}
	return 15 * day
}

// operandID is what an id in metric math may be (GetMetricData, "Id").
var operandID = regexp.MustCompile(`^[a-z][A-Za-z0-9_]*$`)

func num(f *float64) kizashi.Num {
	if f == nil {
		return kizashi.None()
	}
	return kizashi.Num(*f)
}
