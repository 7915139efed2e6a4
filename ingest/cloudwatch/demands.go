package cloudwatch

import (
	"context"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

// DefaultBackfill is how much history is read before the first judgement where
// nobody says otherwise.
const DefaultBackfill = defaultBackfill

// Scan lists what exists as the source itself does each hour.
func (s *Source) Scan(ctx context.Context) (*inventory.Snapshot, error) { return s.scan(ctx) }

// Demands is what the source would ask for of what a scan found, series that
// are alike added up: a plan is made of it. count says how many metrics one of
// the scan stands for. It is for a source that was not opened.
func (s *Source) Demands(snap *inventory.Snapshot, count func(inventory.Metric) int64) []cost.Demand {
	times := make(map[uint64]int64, len(snap.Metrics))
	for _, m := range snap.Metrics {
		times[keyOf(m)] = count(m)
	}
	sums := map[cost.Demand]int64{}
	for _, f := range s.watch(snap) {
		if f.ended == kizashi.Terminated {
			continue // a source that begins does not read it
		}
		n := times[f.key]
		if f.key == 0 { // declared
			n = 1
		}
		sums[s.demandOf(f)] += n
	}
	out := make([]cost.Demand, 0, len(sums))
	for d, n := range sums {
		d.Count = n
		out = append(out, d)
	}
	return out
}

func (s *Source) demandOf(f found) cost.Demand {
	d := cost.Demand{Tenant: s.tenant, Account: s.account, Region: s.cfg.Region, Namespace: f.series.space, Metric: f.meta.Labels.Get("metric"),
		Statistic: f.meta.Statistic, Class: cost.Class(f.class), Period: f.part.Period, Settle: f.part.Settle, Idle: f.ended != ""}
	d.Queries, d.Metrics = int64(len(f.series.queries)), int64(f.series.metrics())
	return d
}

// Watched writes out which metrics of which namespaces are watched.
func (cfg Config) Watched() []Namespace {
	spaces := cfg.Namespaces
	if len(spaces) == 0 {
		for _, n := range cfg.Catalogue.Namespaces() {
			spaces = append(spaces, Namespace{Name: n})
		}
	}
	var out []Namespace
	for _, n := range spaces {
		if len(n.Metrics) == 0 {
			n.Metrics = watched(cfg.Catalogue, n.Name)
		}
		if len(n.Metrics) > 0 {
			out = append(out, n)
		}
	}
	return out
}
