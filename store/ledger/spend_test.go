package ledger

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

func TestSpendOfADay(t *testing.T) {
	l := fresh(t)
	noon := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	midnight := noon.Truncate(24 * time.Hour)
	get := Spend{Day: midnight, Tenant: "acme", Account: "1", Region: "us-east-1", Action: "cloudwatch:GetMetricData", Calls: 2, Metrics: 900}
	list, before := get, get
	list.Action, list.Calls, list.Metrics = "cloudwatch:ListMetrics", 3, 0
	before.Day = midnight.Add(-24 * time.Hour)
	must(0, l.KeepSpend([]Spend{before, list, get}))(t)
	get.Day, get.Calls, get.Metrics = noon, 5, 2100 // any moment of the day, and the sum so far
	must(0, l.KeepSpend([]Spend{get}))(t)
	must(0, l.KeepSpend(nil))(t)
	get.Day = midnight
	equal(t, "today", must(l.Spent(noon))(t), []Spend{get, list})
	equal(t, "yesterday", must(l.Spent(midnight.Add(-time.Second)))(t), []Spend{before})
	equal(t, "removed", must(l.Retain(kizashi.TimeOf(midnight), 0))(t), Removed{"spend": 1})
	equal(t, "yesterday, removed", must(l.Spent(before.Day))(t), nil)
	equal(t, "today, kept", len(must(l.Spent(noon))(t)), 2)
}
