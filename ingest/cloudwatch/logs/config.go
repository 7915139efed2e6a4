package logs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/clock"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/metricfilter"
)

// Config of a source: the log groups of one account in one region.
type Config struct {
	Session *access.Session
	Region  string
	Zone    string            // IANA name of the wall time the groups live in; "" = UTC
	Labels  map[string]string // of every group
	GroupBy string            // label whose value is the group of series, for log groups that have it
	Rules   []Rule            // the first that fits a log group says how it is read; one that none fits is not
	Tags    bool              // of groups are read; they are in any case where rules choose by them

	Backfill time.Duration // history read before the first judgement; 0 = 14 days, negative = none
	Budget   int64         // bytes of history that the back-fills of a run read at the most; 0 = DefaultBudget
	Overlap  time.Duration // read again behind Until, for late events; 0 = 15 minutes
	Remember int           // ids of events of the overlap that are kept; 0 = 2 million

	// Mask appends a line's text to dst without what is personal or secret in
	// it: the last step before a Batch. nil = as it is.
	Mask func(dst, text []byte) []byte

	// Journal hands over, in order, the batches that the journal still has. It is
	// asked once, at Open, for what it says of lines that were delivered. nil =
	// nobody knows: then nothing from before is read again.
	Journal func(func(kizashi.Batch) error) error
	// Earlier are the series of earlier runs, by the partition that brought them;
	// it is asked once, with the first list. A log group among them that is gone
	// has ended. nil = nobody knows.
	Earlier func() map[kizashi.Partition][]kizashi.Standing

	Log   *slog.Logger                               // nil = silent
	Now   func() time.Time                           // nil = time.Now
	Sleep func(context.Context, time.Duration) error // nil = sleep, or return early with ctx's error
}

// Rule chooses log groups, and says how they are read. What is left out of the
// choice fits every group.
type Rule struct {
	Name     string            // of the group; * stands for any text
	Prefix   string            // of its name
	Tags     map[string]string // that it has, * as in Name
	Class    string            // Standard is the one that "" fits
	Skip     bool              // those that fit are not read
	HoldBack *time.Duration    // nil = DefaultHoldBack; whole minutes: events that come so late still count in their own minute
	Group    string            // of the series; "" = the log group's name
	Labels   map[string]string
	Metrics  []metricfilter.Metric // what its filters make samples of, over all groups of the rule together
}

// Standard is the log class that everything can be read of.
const Standard = "STANDARD"

// Defaults of what a configuration leaves out.
const (
	DefaultBackfill = 14 * 24 * time.Hour
	DefaultBudget   = 10_000_000_000
	DefaultHoldBack = 2 * time.Minute
	DefaultOverlap  = 15 * time.Minute
	defaultRemember = 2_000_000
)

// complete fills in what cfg leaves out and checks the rest.
func (cfg Config) complete() (Config, error) {
	switch {
	case cfg.Session == nil:
		return cfg, errors.New("logs: session is missing")
	case cfg.Region == "":
		return cfg, errors.New("logs: region is missing")
	case cfg.Overlap < 0 || cfg.Budget < 0 || cfg.Remember < 0:
		return cfg, errors.New("logs: overlap, budget and remember must not be negative")
	}
	for i, r := range cfg.Rules {
		if h := r.Hold(); h < 0 || h%time.Minute != 0 {
			return cfg, fmt.Errorf("logs: rule %d: hold-back %s: want whole minutes", i+1, h)
		}
		if err := metricfilter.Check(r.Metrics); err != nil {
			return cfg, fmt.Errorf("logs: rule %d: %w", i+1, err)
		}
	}
	if cfg.Backfill == 0 {
		cfg.Backfill = DefaultBackfill
	}
	if cfg.Budget == 0 {
		cfg.Budget = DefaultBudget
	}
	if cfg.Overlap == 0 {
		cfg.Overlap = DefaultOverlap
	}
	cfg.Overlap = cfg.Overlap.Truncate(time.Minute)
	if cfg.Remember == 0 {
		cfg.Remember = defaultRemember
	}
	cfg.clockwork()
	return cfg, nil
}

// clockwork sets the functions that tests replace.
func (cfg *Config) clockwork() {
	if cfg.Mask == nil {
		cfg.Mask = func(dst, text []byte) []byte { return append(dst, text...) }
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

// Hold is the rule's hold-back.
func (r *Rule) Hold() time.Duration {
	if r.HoldBack == nil {
		return DefaultHoldBack
	}
	return *r.HoldBack
}

// Choice says which groups the rule is for.
func (r *Rule) Choice() string {
	var parts []string
	if r.Name != "" {
		parts = append(parts, r.Name)
	}
	if r.Prefix != "" {
		parts = append(parts, r.Prefix+"...")
	}
	for _, k := range slices.Sorted(maps.Keys(r.Tags)) {
		parts = append(parts, "tag "+k+"="+r.Tags[k])
	}
	if len(parts) == 0 {
		parts = append(parts, "every one")
	}
	if r.Class != "" {
		parts = append(parts, "of class "+r.Class)
	}
	return strings.Join(parts, ", ")
}

// Fits says whether the rule is for a group.
func (r *Rule) Fits(g *Found) bool {
	if !strings.HasPrefix(g.Name, r.Prefix) || r.Name != "" && !like(r.Name, g.Name) {
		return false
	}
	if want := r.Class; want != g.Class && !(want == "" && (g.Class == Standard || r.Skip)) {
		return false
	}
	for k, want := range r.Tags {
		if v, ok := g.Tags[k]; !ok || !like(want, v) {
			return false
		}
	}
	return true
}

// like says whether a text is as a pattern in which * stands for any text.
func like(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	s, ok := strings.CutPrefix(s, parts[0])
	if !ok {
		return false
	}
	last := parts[len(parts)-1]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	return strings.HasSuffix(s, last)
}

// Choose is the rule that a group is read by; nil = it is not read.
func (cfg *Config) Choose(g *Found) *Rule {
	for i := range cfg.Rules {
		if r := &cfg.Rules[i]; r.Fits(g) {
			if r.Skip {
				return nil
			}
			return r
		}
	}
	return nil
}

// Reserved says whether a label's name belongs to Meta, or to the series that
// are made of a group's lines, so that nobody may give it another meaning.
func Reserved(label string) bool {
	switch label {
	case "log_group", "account", "region", "name", "log_class":
		return true
	}
	return kizashi.LineLabel(label)
}

// Meta is what a log group is declared as.
func (cfg *Config) Meta(g *Found, r *Rule) kizashi.Meta {
	a := cfg.Session.Account()
	id := map[string]string{"log_group": g.Name, "account": a.ID, "region": cfg.Region}
	labels := map[string]string{}
	for k, v := range g.Tags {
		labels[tagLabel+k] = v
	}
	maps.Copy(labels, cfg.Labels)
	maps.Copy(labels, r.Labels)
	maps.Copy(labels, id)
	labels["name"], labels["log_class"] = g.Name, g.Class
	m := kizashi.Meta{Tenant: a.Tenant, Identity: kizashi.LabelsOf(id), Labels: kizashi.LabelsOf(labels), Group: g.Name,
		Period: kizashi.Duration(time.Minute), Settle: kizashi.Duration(r.Hold()), Lower: kizashi.None(), Upper: kizashi.None(), Zone: cfg.Zone}
	m.Series = kizashi.IDOf(m.Tenant, m.Identity)
	if r.Group != "" {
		m.Group = r.Group
	}
	if v := labels[cfg.GroupBy]; cfg.GroupBy != "" && v != "" {
		m.Group = v
	}
	return m
}
