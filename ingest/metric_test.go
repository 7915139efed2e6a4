package ingest_test

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
)

func spec() ingest.MetricSpec {
	return ingest.MetricSpec{
		Tenant: "acme", Account: "012345678901", Region: "ap-northeast-1", Namespace: "AWS/ApplicationELB", Metric: "TargetResponseTime",
		Dimensions: map[string]string{"TargetGroup": "tg/x", "LoadBalancer": "app/shop/1"}, Statistic: "p99", Period: time.Minute, Settle: 3 * time.Minute,
		Unit: "Seconds", Lower: 0, Upper: kizashi.None(), Zone: "Asia/Tokyo", Group: "shop", Labels: map[string]string{"system": "shop"},
	}
}

// The identity is for good: a change here orphans every stored series.
func TestIdentityOfAMetric(t *testing.T) {
	m := ingest.Metric(spec())
	if got, want := m.Identity.String(), `{account="012345678901", dim_LoadBalancer="app/shop/1", dim_TargetGroup="tg/x", metric="TargetResponseTime", namespace="AWS/ApplicationELB", period="1m0s", region="ap-northeast-1", stat="p99"}`; got != want {
		t.Errorf("identity\n%s, want\n%s", got, want)
	}
	if got, want := m.Labels.String(), `{account="012345678901", dim_LoadBalancer="app/shop/1", dim_TargetGroup="tg/x", metric="TargetResponseTime", name="TargetResponseTime p99 app/shop/1 tg/x", namespace="AWS/ApplicationELB", region="ap-northeast-1", stat="p99", system="shop"}`; got != want {
		t.Errorf("labels\n%s, want\n%s", got, want)
	}
	if got, want := m.Series.String(), "4c6f5edc49fd3b90"; got != want {
		t.Errorf("series %s, want %s", got, want)
	}
	if m.Group != "shop" || m.Unit != "Seconds" || m.Statistic != "p99" || m.Zone != "Asia/Tokyo" || time.Duration(m.Period) != time.Minute || time.Duration(m.Settle) != 3*time.Minute || m.Lower != 0 || m.Upper.Ok() {
		t.Errorf("meta %+v", m)
	}
}

// What only describes a series leaves its id alone; what makes it another one
// changes the id.
func TestWhatMakesASeriesAnother(t *testing.T) {
	base := ingest.Metric(spec()).Series
	for name, change := range map[string]func(*ingest.MetricSpec){
		"settle": func(s *ingest.MetricSpec) { s.Settle = 0 },
		"unit":   func(s *ingest.MetricSpec) { s.Unit = "Bytes" },
		"zone":   func(s *ingest.MetricSpec) { s.Zone = "" },
		"group":  func(s *ingest.MetricSpec) { s.Group = "x" },
		"labels": func(s *ingest.MetricSpec) { s.Labels = map[string]string{"metric": "other", "name": "n"} },
		"bounds": func(s *ingest.MetricSpec) { s.Upper = 9 },
	} {
		s := spec()
		change(&s)
		if m := ingest.Metric(s); m.Series != base || m.Labels.Get("metric") != "TargetResponseTime" {
			t.Errorf("%s changes the series to %s %s", name, m.Series, m.Labels)
		}
	}
	for name, change := range map[string]func(*ingest.MetricSpec){
		"tenant":    func(s *ingest.MetricSpec) { s.Tenant = "x" },
		"account":   func(s *ingest.MetricSpec) { s.Account = "x" },
		"region":    func(s *ingest.MetricSpec) { s.Region = "x" },
		"namespace": func(s *ingest.MetricSpec) { s.Namespace = "x" },
		"metric":    func(s *ingest.MetricSpec) { s.Metric = "x" },
		"statistic": func(s *ingest.MetricSpec) { s.Statistic = "p90" },
		"period":    func(s *ingest.MetricSpec) { s.Period = 5 * time.Minute },
		"dimension": func(s *ingest.MetricSpec) { s.Dimensions = map[string]string{"LoadBalancer": "app/shop/1"} },
	} {
		s := spec()
		change(&s)
		if ingest.Metric(s).Series == base {
			t.Errorf("%s does not change the series", name)
		}
	}
}

func TestDefaultsOfAMetric(t *testing.T) {
	m := ingest.Metric(ingest.MetricSpec{Tenant: "t", Namespace: "AWS/EC2", Metric: "CPUUtilization"})
	if m.Group != "AWS/EC2" || m.Lower.Ok() || m.Upper.Ok() || m.Identity.Get("period") != "" || m.Name() != "CPUUtilization" {
		t.Errorf("meta %+v", m)
	}
}
