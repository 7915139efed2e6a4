package cloudwatch

import (
	"context"
	"hash/fnv"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

// fewNamespaces are listed one by one; more of them cost less calls together
// with all others of the region.
const fewNamespaces = 5

// listed is a metric that exists, and what is known of its resource.
type listed struct {
	inventory.Metric
	labels map[string]string
	ended  kizashi.Ending
	since  time.Time    // its resource began then; zero = nobody knows
	gone   time.Time    // its resource ended then; zero = nobody knows
	at     kizashi.Time // of the list
}

// scan lists what exists.
func (s *Source) scan(ctx context.Context) (*inventory.Snapshot, error) {
	o := inventory.Options{Region: s.region, Linked: s.cfg.Linked, Tags: s.cfg.Tags, Instances: s.cfg.Instances, Groups: s.cfg.Groups, Agents: s.cfg.Agents,
		Last: s.last, Now: s.cfg.Now}
	o.Namespaces = s.cfg.Alone()
	snap, err := inventory.Scan(ctx, o)
	if err != nil {
		return nil, err
	}
	// The next scan compares resources; the metrics are many, and here already.
	s.last = &inventory.Snapshot{Account: snap.Account, Region: snap.Region, At: snap.At, Read: snap.Read, Resources: snap.Resources, Blind: snap.Blind}
	return snap, nil
}

// Alone are the namespaces that are listed one by one; none = the region is
// listed as a whole.
func (cfg Config) Alone() (out []string) {
	if len(cfg.Namespaces) > fewNamespaces {
		return nil
	}
	for _, n := range cfg.Namespaces {
		out = append(out, n.Name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// about says what is known of a metric.
func about(snap *inventory.Snapshot, m inventory.Metric) *listed {
	l := &listed{Metric: m, labels: snap.Labels(m), at: kizashi.TimeOf(snap.At)}
	if e, ok := snap.Ending(m); ok {
		l.ended = e.Ending
		if e.Since.Before(snap.At) { // else it is not known, but seen first now
			l.gone = e.Since
		}
	}
	if r := snap.ResourceOf(m); r != nil {
		l.since = r.Started
	}
	return l
}

func (s *Source) ofAccount(id string) bool {
	return id == s.account || len(s.cfg.LinkedAccounts) == 0 || slices.Contains(s.cfg.LinkedAccounts, id)
}

// keyOf tells listed metrics apart.
func keyOf(m inventory.Metric) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(m.Key())) // a hash takes everything
	return h.Sum64()
}
