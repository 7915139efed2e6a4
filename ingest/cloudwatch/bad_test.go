package cloudwatch_test

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
)

// What cannot be is refused before anybody is called, and the error names the
// field.
func TestConfigErrorsNameTheField(t *testing.T) {
	minus := -time.Second
	one, two := 1.0, 2.0
	expression := func(e cloudwatch.Expression) func(*cloudwatch.Config) {
		return func(c *cloudwatch.Config) { c.Expressions = []cloudwatch.Expression{e} }
	}
	lb := cloudwatch.Declared{Namespace: "AWS/ApplicationELB", Metric: "RequestCount"}
	for want, edit := range map[string]func(*cloudwatch.Config){
		"cloudwatch: region is missing":                                                                                         func(c *cloudwatch.Config) { c.Region = "" },
		"cloudwatch: overlap must not be negative":                                                                              func(c *cloudwatch.Config) { c.Overlap = -1 },
		"cloudwatch: poll of act must not be negative":                                                                          func(c *cloudwatch.Config) { c.Poll["act"] = -1 },
		`cloudwatch: poll: class "page": want act, check, record or guard`:                                                      func(c *cloudwatch.Config) { c.Poll["page"] = time.Minute },
		`cloudwatch: namespaces[0] "": name is missing`:                                                                         func(c *cloudwatch.Config) { c.Namespaces[0].Name = "" },
		`cloudwatch: namespaces[0] "AWS/ApplicationELB": metrics[0]: name is missing`:                                           func(c *cloudwatch.Config) { c.Namespaces[0].Metrics[0].Name = "" },
		`cloudwatch: namespaces[0] "AWS/ApplicationELB": period 1m30s: want 10s, 20s, 30s or whole minutes up to a day`:         func(c *cloudwatch.Config) { c.Namespaces[0].Period = 90 * time.Second },
		`cloudwatch: namespaces[0] "AWS/ApplicationELB": metrics[0] RequestCount: settle -1s: want whole seconds, not negative`: func(c *cloudwatch.Config) { c.Namespaces[0].Settle = &minus },
		`cloudwatch: namespaces[0] "AWS/ApplicationELB": metrics[0] RequestCount: statistic "p101" is none of CloudWatch`:       func(c *cloudwatch.Config) { c.Namespaces[0].Metrics[0].Statistic = "p101" },
		`cloudwatch: namespaces[0] "AWS/ApplicationELB": metrics[0] RequestCount: lower 2 is not below upper 1`: func(c *cloudwatch.Config) {
			c.Namespaces[0].Metrics[0].Lower, c.Namespaces[0].Metrics[0].Upper = &two, &one
		},
		`cloudwatch: namespaces[0] "AWS/ApplicationELB": metrics[0] RequestCount: AWS/ApplicationELB RequestCount: unit "Percent"; the catalogue says "Count" (aws: Elastic Load Balancing, User Guide for Application Load Balancers: CloudWatch metrics)`: func(c *cloudwatch.Config) {
			c.Namespaces[0].Metrics[0].Unit = "Percent"
		},
		`cloudwatch: namespaces[0] "My/App": metrics is empty, and the catalogue has none of this namespace to act on or to check`: func(c *cloudwatch.Config) {
			c.Namespaces[0] = cloudwatch.Namespace{Name: "My/App"}
		},
		`cloudwatch: namespaces[0] "AWS/ApplicatonELB": metrics is empty, and the catalogue has none of this namespace to act on or to check; did you mean "AWS/ApplicationELB"?`: func(c *cloudwatch.Config) {
			c.Namespaces[0] = cloudwatch.Namespace{Name: "AWS/ApplicatonELB"}
		},
		`cloudwatch: series[0] AWS/ApplicationELB : namespace or metric is missing`: func(c *cloudwatch.Config) {
			c.Series = []cloudwatch.Declared{{Namespace: "AWS/ApplicationELB"}}
		},
		`cloudwatch: series[0] AWS/ApplicationELB RequestCount: period 7s: want 10s, 20s, 30s or whole minutes up to a day`: func(c *cloudwatch.Config) {
			c.Series = []cloudwatch.Declared{{Namespace: "AWS/ApplicationELB", Metric: "RequestCount", Period: 7 * time.Second}}
		},
		`cloudwatch: expressions[0] "": name or expression is missing`:                                        expression(cloudwatch.Expression{Expression: "a"}),
		`cloudwatch: expressions[0] "rate": metrics: id "A": want a small letter, then letters, digits and _`: expression(cloudwatch.Expression{Name: "rate", Expression: "A", Metrics: map[string]cloudwatch.Declared{"A": lb}}),
		`cloudwatch: expressions[0] "rate": metrics: a: namespace or metric is missing`:                       expression(cloudwatch.Expression{Name: "rate", Expression: "a", Metrics: map[string]cloudwatch.Declared{"a": {}}}),
	} {
		w := newWorld(t, edit)
		w.cfg.Session = w.session()
		if _, err := cloudwatch.New(t.Context(), w.cfg); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := cloudwatch.New(t.Context(), cloudwatch.Config{Region: "eu-west-1"}); err == nil || err.Error() != "cloudwatch: session is missing" {
		t.Errorf("without a session: %v", err)
	}
}
