package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Config of a source: one account in one region.
type Config struct {
	Tenant  string
	Account string // twelve digits
	Region  string

	Endpoint string // "" = that of the region; else the URL of an emulator
	Protocol string // cbor (default, the SDK's own), json, query; moto knows the last two only

	Namespaces []Namespace // none = those of Defaults
	Zone       string      // IANA name of the wall time the series live in; "" = UTC
	Labels     map[string]string

	Poll     time.Duration // between two reads; 0 = the shortest period
	Backfill time.Duration // history read before the first judgement; 0 = 14 days, negative = none
	Overlap  time.Duration // read again behind Until, for late points and revisions; 0 = 15 minutes, at least 3 periods

	// OnRevision is told of every value that changed after it was delivered,
	// and of every point that came too late to be a sample. It is called from
	// Next. nil = nobody wants to know.
	OnRevision func(Revision)
	Log        *slog.Logger // nil = silent

	Now   func() time.Time                           // nil = time.Now
	Sleep func(context.Context, time.Duration) error // nil = sleep, or return early with ctx's error
}

// Namespace says what is read of a CloudWatch namespace.
type Namespace struct {
	Name    string         // e.g. AWS/EC2
	Metrics []Metric       // none = those of Defaults
	Period  time.Duration  // 0 = that of Defaults, else a minute
	Settle  *time.Duration // nil = that of Defaults, else 5 minutes; how long after its end a point may still change
	Group   string         // group of all its series; "" = the namespace
	GroupBy string         // dimension whose value is the group, for series that have it
}

// Metric says how a metric is read. What is left out comes from Defaults.
type Metric struct {
	Name       string
	Statistic  string   // Average, Sum, Minimum, Maximum, SampleCount, p99, ...; "" = Average
	Unit       string   // of the values; it selects nothing
	Lower      *float64 // values below cannot be
	Upper      *float64 // values above cannot be
	Dimensions []string // only series with exactly these dimensions; none = every series
}

const (
	defaultBackfill = 14 * 24 * time.Hour
	defaultOverlap  = 15 * time.Minute
	defaultPeriod   = time.Minute
	defaultSettle   = 5 * time.Minute
)

// complete fills in what cfg leaves out and checks the rest.
func (cfg Config) complete() (Config, error) {
	for _, f := range [][2]string{{"tenant", cfg.Tenant}, {"account", cfg.Account}, {"region", cfg.Region}} {
		if f[1] == "" {
			return cfg, fmt.Errorf("cloudwatch: %s is missing", f[0])
		}
	}
	if len(cfg.Namespaces) == 0 {
		for _, n := range Defaults() {
			cfg.Namespaces = append(cfg.Namespaces, Namespace{Name: n.Name})
		}
	}
	filled := make([]Namespace, len(cfg.Namespaces))
	for i, n := range cfg.Namespaces {
		var err error
		if filled[i], err = n.complete(); err != nil {
			return cfg, fmt.Errorf("cloudwatch: namespaces[%d] %q: %w", i, n.Name, err)
		}
	}
	cfg.Namespaces = filled
	if cfg.Backfill == 0 {
		cfg.Backfill = defaultBackfill
	}
	if cfg.Poll < 0 || cfg.Overlap < 0 {
		return cfg, errors.New("cloudwatch: poll and overlap must not be negative")
	}
	if cfg.Poll == 0 {
		cfg.Poll = filled[0].Period
		for _, n := range filled {
			cfg.Poll = min(cfg.Poll, n.Period)
		}
	}
	cfg.clockwork()
	return cfg, nil
}

// clockwork sets the functions that tests replace.
func (cfg *Config) clockwork() {
	if cfg.Overlap == 0 {
		cfg.Overlap = defaultOverlap
	}
	if cfg.OnRevision == nil {
		cfg.OnRevision = func(Revision) {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Sleep == nil {
		cfg.Sleep = sleep
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func (n Namespace) complete() (Namespace, error) {
	if n.Name == "" {
		return n, errors.New("name is missing")
	}
	known := defaultsOf(n.Name)
	if n.Period == 0 {
		n.Period = known.Period
	}
	if n.Period == 0 {
		n.Period = defaultPeriod
	}
	if n.Settle == nil {
		n.Settle = known.Settle
	}
	if n.Settle == nil {
		d := defaultSettle
		n.Settle = &d
	}
	if !allowedPeriod(n.Period) {
		return n, fmt.Errorf("period %s: want 10s, 20s, 30s or whole minutes up to a day", n.Period)
	}
	if *n.Settle < 0 || *n.Settle%time.Second != 0 {
		return n, fmt.Errorf("settle %s: want whole seconds, not negative", *n.Settle)
	}
	return n.completeMetrics(known)
}

// completeMetrics fills in the metrics from those that are known.
func (n Namespace) completeMetrics(known Namespace) (Namespace, error) {
	if len(n.Metrics) == 0 {
		n.Metrics = known.Metrics
	}
	if len(n.Metrics) == 0 {
		return n, errors.New("metrics is empty, and there are no defaults for this namespace")
	}
	ms := make([]Metric, len(n.Metrics))
	for i, m := range n.Metrics {
		if m.Name == "" {
			return n, fmt.Errorf("metrics[%d]: name is missing", i)
		}
		ms[i] = m.fill(known.metric(m.Name))
		if lo, up := ms[i].Lower, ms[i].Upper; lo != nil && up != nil && *lo >= *up {
			return n, fmt.Errorf("metrics[%d] %s: lower %v is not below upper %v", i, m.Name, *lo, *up)
		}
	}
	n.Metrics = ms
	return n, nil
}

func allowedPeriod(p time.Duration) bool {
	switch p {
	case 10 * time.Second, 20 * time.Second, 30 * time.Second:
		return true
	}
	return p > 0 && p%time.Minute == 0 && p <= 24*time.Hour
}

// fill takes from d what m leaves out.
func (m Metric) fill(d Metric) Metric {
	if m.Statistic == "" {
		m.Statistic = d.Statistic
	}
	if m.Statistic == "" {
		m.Statistic = "Average"
	}
	if m.Unit == "" {
		m.Unit = d.Unit
	}
	if m.Lower == nil {
		m.Lower = d.Lower
	}
	if m.Upper == nil {
		m.Upper = d.Upper
	}
	if m.Dimensions == nil {
		m.Dimensions = d.Dimensions
	}
	return m
}

func num(f *float64) kizashi.Num {
	if f == nil {
		return kizashi.None()
	}
	return kizashi.Num(*f)
}
