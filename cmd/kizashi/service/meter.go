package service

import (
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// meterEvery is how often what was asked is written down: what a kill loses of
// it at most.
const meterEvery = time.Minute

// mostSteps of giving way to a cap are kept to be shown.
const mostSteps = 200

// account is one account of one tenant.
type account struct{ tenant, id string }

// meter counts what is asked of AWS, in dollars too, and holds the budgets. It
// may be called from any goroutine.
type meter struct {
	prices  *cost.Prices
	log     *slog.Logger
	now     func() time.Time
	tenants map[string]*cost.Budget
	budgets map[account]*cost.Budget

	requests *prometheus.CounterVec
	metrics  *prometheus.CounterVec
	dollars  *prometheus.CounterVec
	steps    *prometheus.CounterVec

	mu    sync.Mutex
	day   time.Time
	today map[cost.Use]*tally // by tenant, account, region, action
	kept  time.Time           // when today was last written down
	past  []ledger.Spend      // of a day that is over, still to be written
	told  []cost.Event        // the latest steps, oldest first
}

// tally is a sum of one day.
type tally struct {
	calls, metrics int64
	dirty          bool // not written down yet
}

// newMeter makes the budgets of a configuration, one a tenant and one an
// account in it, and puts what they say on the registry.
func newMeter(cfg *config.Config, m *metrics, log *slog.Logger, now func() time.Time) *meter {
	t := &meter{prices: cfg.Prices, log: log, now: now, tenants: map[string]*cost.Budget{}, budgets: map[account]*cost.Budget{}, today: map[cost.Use]*tally{}}
	for _, tenant := range cfg.Tenants {
		b := cost.NewBudget(tenant.Name, tenant.Cap, cfg.Prices)
		t.tenants[tenant.Name] = b
		for _, a := range tenant.Accounts {
			k := account{tenant.Name, a.ID}
			if t.budgets[k] == nil {
				t.budgets[k] = b.Account(a.ID, a.Cap)
			}
		}
	}
	who := []string{"tenant", "account", "region", "action"}
	t.requests = m.counters("aws_requests_total", "Requests that went out to AWS, those tried again included.", who...)
	t.metrics = m.counters("aws_metrics_requested_total", "Metrics requested by GetMetricData, by which it is billed.", who...)
	t.dollars = m.counters("aws_estimated_dollars_total", "What the requests cost in USD, by the prices of the configuration.", who...)
	t.steps = m.counters("cost_steps_total", "Steps of giving way to a daily cap, and back, by the pace they led to; without an account the cap is the tenant's.", "tenant", "account", "class", "to")
	m.registry.MustRegister(t)
	return t
}

// budget of an account: what its sources ask before they poll.
func (t *meter) budget(tenant, id string) *cost.Budget { return t.budgets[account{tenant, id}] }

// called is told of every request that went out.
func (t *meter) called(c access.Call) {
	u := cost.Use{Tenant: c.Tenant, Account: c.Account, Region: c.Region, Action: c.Action, Calls: 1, Metrics: int64(c.Metrics)}
	t.requests.WithLabelValues(u.Tenant, u.Account, u.Region, u.Action).Inc()
	if u.Metrics > 0 {
		t.metrics.WithLabelValues(u.Tenant, u.Account, u.Region, u.Action).Add(float64(u.Metrics))
	}
	t.dollars.WithLabelValues(u.Tenant, u.Account, u.Region, u.Action).Add(t.prices.Of(u).USD)
	t.spend(u, t.now(), true)
}

// spend adds a use to the day's sums and to the budget.
func (t *meter) spend(u cost.Use, now time.Time, dirty bool) {
	if b := t.budget(u.Tenant, u.Account); b != nil {
		b.Spend(u, now)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(now)
	k := u
	k.Calls, k.Metrics = 0, 0
	s := t.today[k]
	if s == nil {
		s = &tally{}
		t.today[k] = s
	}
	s.calls, s.metrics, s.dirty = s.calls+u.Calls, s.metrics+u.Metrics, dirty
}

// turn begins a new day. What of the old one is not written yet still will be.
func (t *meter) turn(now time.Time) {
	if day := now.UTC().Truncate(24 * time.Hour); day.After(t.day) {
		t.past = append(t.past, t.rows()...)
		t.day = day
		clear(t.today)
	}
}

// rows are the sums that are not written down, which they then count as.
func (t *meter) rows() []ledger.Spend {
	var out []ledger.Spend
	for u, s := range t.today {
		if s.dirty {
			out = append(out, ledger.Spend{Day: t.day, Tenant: u.Tenant, Account: u.Account, Region: u.Region, Action: u.Action, Calls: s.calls, Metrics: s.metrics})
			s.dirty = false
		}
	}
	return out
}

// restore goes on with what was asked today before a start.
func (t *meter) restore(l *ledger.Ledger) error {
	now := t.now()
	rows, err := l.Spent(now)
	if err != nil {
		return err
	}
	for _, r := range rows {
		t.spend(cost.Use{Tenant: r.Tenant, Account: r.Account, Region: r.Region, Action: r.Action, Calls: r.Calls, Metrics: r.Metrics}, now, false)
	}
	return nil
}

// keep writes down what was asked, if that is due or the service ends, and
// tells the steps of the budgets.
func (t *meter) keep(l *ledger.Ledger, ends bool) error {
	t.tell()
	now := t.now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(now)
	if !ends && now.Sub(t.kept) < meterEvery {
		return nil
	}
	rows := append(t.past, t.rows()...)
	t.past, t.kept = nil, now
	return l.KeepSpend(rows)
}

// tell logs and counts each step of giving way to a cap.
func (t *meter) tell() {
	for _, b := range t.all() {
		for _, e := range b.Events() {
			t.steps.WithLabelValues(e.Tenant, e.Account, string(e.Class), e.To.String()).Inc()
			t.log.Warn("daily cap", "tenant", e.Tenant, "account", e.Account, "class", string(e.Class), "from", e.From.String(), "to", e.To.String(),
				"spent_usd", round(e.Spent.USD), "cap_usd", e.Cap, "unverified", e.Spent.Unverified)
			t.mu.Lock()
			t.told = append(t.told, e)
			t.told = t.told[max(0, len(t.told)-mostSteps):]
			t.mu.Unlock()
		}
	}
}

// round to a ten thousandth of a dollar.
func round(usd float64) float64 { return math.Round(usd*1e4) / 1e4 }
