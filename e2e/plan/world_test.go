// Package plan holds what a plan says in advance against what the emulated AWS
// counts afterwards, and a daily cap against what was spent.
package plan

import (
	"fmt"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/e2e/virtual"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

func soak() bool { return os.Getenv("KIZASHI_SOAK") == "1" }

func TestMain(m *testing.M) {
	if err := virtual.Credentials(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// kind is series that are alike: so many in each region of each account.
type kind struct {
	class  cost.Class
	count  int
	period time.Duration
}

func (k kind) namespace() string { return fmt.Sprintf("Plan/%s/%s", k.class, k.period) }

// world is an emulated AWS in which each account is a tenant of its own.
type world struct {
	*virtual.Clock
	t        *testing.T
	cloud    *awsfake.Cloud
	url      string
	accounts int
	regions  []string
	kinds    func(region string) []kind
	unseen   int // metrics of each region that exist and are not watched
}

func tenant(a int) string { return fmt.Sprintf("tenant-%d", a) }

// build fills the emulated AWS.
func (w *world) build(at time.Time) {
	w.Clock = virtual.NewClock(at)
	w.cloud = awsfake.NewCloud(w.Now)
	long := at.Add(-20 * 24 * time.Hour)
	for a := range w.accounts {
		acct := virtual.Grant(w.cloud, tenant(a), virtual.Number(a))
		for _, name := range w.regions {
			r := acct.Region(name)
			for _, k := range w.kinds(name) {
				for n := range k.count {
					r.Generate(awsfake.Metric{Namespace: k.namespace(), Name: "Load", Dimensions: map[string]string{"Host": fmt.Sprint(n)}},
						k.period, long, time.Time{}, func(at time.Time) (float64, bool) { return virtual.Level(uint64(n), at), true })
				}
			}
			for n := range w.unseen {
				r.Generate(awsfake.Metric{Namespace: "Other/Things", Name: "Load", Dimensions: map[string]string{"Host": fmt.Sprint(n)}},
					time.Minute, long, time.Time{}, func(at time.Time) (float64, bool) { return 1, true })
			}
		}
	}
	srv := httptest.NewServer(w.cloud)
	w.t.Cleanup(srv.Close)
	w.url = srv.URL
}

// sources of all accounts and regions, each account under its budget, if it
// has one.
func (w *world) sources(budget func(a int) *cost.Budget) []ingest.Source {
	w.t.Helper()
	var out []ingest.Source
	for a := range w.accounts {
		b := budget(a)
		session, err := w.Session(w.t.Context(), w.url, tenant(a), virtual.Number(a), 0, func(c access.Call) { w.called(b, c) })
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() {
			if err := session.Close(); err != nil {
				w.t.Error(err)
			}
		})
		for _, name := range w.regions {
			wait := 2 * time.Minute
			cfg := cloudwatch.Config{Session: session, Region: name, Backfill: -1, Budget: b, Now: w.Now, Sleep: w.Sleep,
				Classify: func(m kizashi.Meta) string { return w.classOf(name, m) }}
			for _, k := range w.kinds(name) {
				cfg.Namespaces = append(cfg.Namespaces, cloudwatch.Namespace{Name: k.namespace(), Period: k.period, Settle: &wait,
					Metrics: []cloudwatch.Metric{{Name: "Load", Statistic: "Average"}}})
			}
			src, err := cloudwatch.New(w.t.Context(), cfg)
			if err != nil {
				w.t.Fatal(err)
			}
			out = append(out, src)
		}
	}
	return out
}

func (w *world) called(b *cost.Budget, c access.Call) {
	if b != nil {
		b.Spend(cost.Use{Tenant: c.Tenant, Account: c.Account, Region: c.Region, Action: c.Action, Calls: 1, Metrics: int64(c.Metrics)}, c.At)
	}
}

func (w *world) classOf(region string, m kizashi.Meta) string {
	for _, k := range w.kinds(region) {
		if k.namespace() == m.Labels.Get("namespace") {
			return string(k.class)
		}
	}
	w.t.Errorf("a series of no kind: %s", m.Name())
	return ""
}

// run lets the sources read until the clock says end, and returns what was
// asked between each two of the moments, the last of which is the end. A read
// that fails fails the test.
func (w *world) run(sources []ingest.Source, moments ...time.Time) (asked [][]cost.Use) {
	w.t.Helper()
	for _, at := range moments {
		w.At(at, func() { asked = append(asked, w.counted()) })
	}
	end := moments[len(moments)-1]
	err := virtual.Run{Clock: w.Clock, Sources: sources, Append: func(bs []kizashi.Batch) error {
		for _, b := range bs {
			if b.Status != nil && b.Status.Cause.Kind != kizashi.CostCap {
				return fmt.Errorf("%s is out: %s", b.Partition, b.Status.Reason)
			}
		}
		return nil
	}}.To(w.t.Context(), end)
	if err != nil {
		w.t.Fatal(err)
	}
	return asked
}

// input of a plan for the world.
func (w *world) input() cost.Input {
	var in cost.Input
	for a := range w.accounts {
		for _, r := range w.regions {
			for _, k := range w.kinds(r) {
				in.Demands = append(in.Demands, cost.Demand{Tenant: tenant(a), Account: virtual.Number(a), Region: r, Namespace: k.namespace(),
					Metric: "Load", Statistic: "Average", Class: k.class, Period: k.period, Count: int64(k.count)})
				// Namespaces that are named are listed one by one; what else exists
				// is not asked for.
				in.Existing = append(in.Existing, cost.Existing{Tenant: tenant(a), Account: virtual.Number(a), Region: r, Namespace: k.namespace(),
					Period: k.period, Count: int64(k.count), Alone: true})
			}
		}
	}
	return in
}

// counted is what the emulated AWS counted since the last time, as uses.
func (w *world) counted() []cost.Use {
	var out []cost.Use
	for k, n := range w.cloud.Counts() {
		if k.Action == "sts:AssumeRole" {
			continue // once an hour and account, free
		}
		out = append(out, cost.Use{Account: k.Account, Region: k.Region, Action: k.Action, Calls: n.Calls, Metrics: n.Metrics})
	}
	w.cloud.ResetCounts()
	return out
}

func prices(t *testing.T) *cost.Prices {
	t.Helper()
	p, err := cost.Load()
	if err != nil {
		t.Fatal(err)
	}
	return p
}
