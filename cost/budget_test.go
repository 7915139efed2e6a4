package cost

import (
	"testing"
	"time"
)

var midnight = time.Date(2026, 6, 15, 0, 0, 0, 0, time.UTC)

func prices(t testing.TB) *Prices {
	t.Helper()
	p, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBudgetWithoutACap(t *testing.T) {
	b := NewBudget("acme", 0, prices(t))
	b.Demand("us-east-1", map[Class]int64{Record: 1e9}, map[Class]time.Duration{Record: time.Minute})
	b.Spend(Use{Action: GetMetricData, Metrics: 1e9}, midnight)
	if d, paused := b.Interval(Record, time.Minute, midnight); d != time.Minute || paused {
		t.Errorf("%s %v", d, paused)
	}
	if got := b.Spent(midnight).USD; got != 1e4 {
		t.Errorf("spent %v", got)
	}
}
