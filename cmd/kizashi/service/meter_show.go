package service

import (
	"cmp"
	"math"
	"net/http"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/kizashi-ops/kizashi/cost"
)

// Gauges of the budgets. Those without an account are the tenant's.
var (
	capGauge   = prometheus.NewDesc("kizashi_cost_cap_dollars", "What a UTC day may cost in USD; without an account it is the tenant's.", []string{"tenant", "account"}, nil)
	spentGauge = prometheus.NewDesc("kizashi_cost_spent_dollars", "What today (UTC) has cost so far in USD, estimated; without an account it is the tenant's.", []string{"tenant", "account"}, nil)
	pollGauge  = prometheus.NewDesc("kizashi_poll_interval_seconds", "Time between two polls of what a class polls most often; +Inf while it is paused.", []string{"tenant", "account", "class"}, nil)
)

// Describe is for the registry.
func (t *meter) Describe(to chan<- *prometheus.Desc) {
	to <- capGauge
	to <- spentGauge
	to <- pollGauge
}

// Collect reads the budgets when somebody asks for them.
func (t *meter) Collect(to chan<- prometheus.Metric) {
	t.tell()
	now := t.now()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for _, b := range t.all() {
		tenant, id := b.Of()
		if b.Cap() > 0 {
			gauge(capGauge, b.Cap(), tenant, id)
		}
		gauge(spentGauge, b.Spent(now).USD, tenant, id)
		if id == "" {
			continue
		}
		for _, p := range b.Polls(now) {
			every := p.Interval.Seconds()
			if p.Pace == cost.Paused {
				every = math.Inf(1)
			}
			gauge(pollGauge, every, tenant, id, string(p.Class))
		}
	}
}

// all budgets, each tenant's before those of its accounts.
func (t *meter) all() []*cost.Budget {
	var out []*cost.Budget
	for _, b := range t.tenants {
		out = append(out, b)
	}
	for _, b := range t.budgets {
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b *cost.Budget) int {
		at, ai := a.Of()
		bt, bi := b.Of()
		return cmp.Or(cmp.Compare(at, bt), cmp.Compare(ai, bi))
	})
	return out
}

// spending is the answer of /api/cost.
type spending struct {
	Budgets []budgeted   `json:"budgets"`
	Steps   []cost.Event `json:"steps"` // of giving way to a cap since the start, oldest first
}

// budgeted is one budget as it stands.
type budgeted struct {
	Tenant  string                   `json:"tenant"`
	Account string                   `json:"account,omitempty"` // "" = the tenant as a whole
	Cap     float64                  `json:"cap"`               // USD a UTC day; 0 = none
	Spent   cost.Money               `json:"spent"`             // today
	Paces   map[cost.Class]cost.Pace `json:"paces,omitempty"`
	Seconds map[cost.Class]float64   `json:"interval_seconds,omitempty"` // none of what is paused
}

func (s *Service) answerCost(w http.ResponseWriter, _ *http.Request) {
	s.json(w, http.StatusOK, s.meter.spending())
}

func (t *meter) spending() spending {
	t.tell()
	now := t.now()
	out := spending{Budgets: []budgeted{}, Steps: []cost.Event{}}
	for _, b := range t.all() {
		one := budgeted{Cap: b.Cap(), Spent: b.Spent(now), Paces: map[cost.Class]cost.Pace{}, Seconds: map[cost.Class]float64{}}
		one.Tenant, one.Account = b.Of()
		for _, p := range b.Polls(now) {
			one.Paces[p.Class] = p.Pace
			if p.Pace != cost.Paused {
				one.Seconds[p.Class] = p.Interval.Seconds()
			}
		}
		out.Budgets = append(out.Budgets, one)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	out.Steps = append(out.Steps, t.told...)
	return out
}

// requested counts a tenant's requests of today.
func (t *meter) requested(tenant string) (n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for u, s := range t.today {
		if u.Tenant == tenant {
			n += s.calls
		}
	}
	return n
}
