package catalogue

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// What runs out is told before it does, in its own unit and on its own side,
// without a limit of anybody's.
func TestForecasts(t *testing.T) {
	c, day := load(t), 24*time.Hour
	for _, want := range []struct {
		namespace, metric, statistic string
		side                         kizashi.Side
		value                        float64
		within, lead                 time.Duration
		unit                         string
	}{
		{"AWS/RDS", "FreeStorageSpace", "Minimum", kizashi.Down, 0, 7 * day, day, "Bytes"},
		{"AWS/RDS", "MaximumUsedTransactionIDs", "Maximum", kizashi.Up, 1<<31 - 3e6, 7 * day, 7 * day, "Count"},
		{"AWS/RDS", "AuroraVolumeBytesLeftTotal", "Minimum", kizashi.Down, 0, 14 * day, 14 * day, "Bytes"},
		{"AWS/CertificateManager", "DaysToExpiry", "Minimum", kizashi.Down, 0, 7 * day, 14 * day, ""},
		{"AWS/DynamoDB", "AccountProvisionedReadCapacityUtilization", "Maximum", kizashi.Up, 100, 7 * day, 3 * day, "Percent"},
		{"CWAgent", "disk_used_percent", "Maximum", kizashi.Up, 100, 7 * day, 0, "Percent"},
		{"CWAgent", "disk_inodes_free", "Sum", kizashi.Down, 0, 7 * day, 0, "Count"},
		{"CWAgent", "LogicalDisk % Free Space", "Average", kizashi.Down, 0, 7 * day, 0, ""},
		{"ContainerInsights", "node_filesystem_utilization", "Maximum", kizashi.Up, 100, 7 * day, 0, "Percent"},
	} {
		m, ok := c.Find(want.namespace, want.metric)
		if !ok || m.Unit != want.unit || m.Sources["forecast"] == "ours" || !slices.Contains(m.Statistics, want.statistic) {
			t.Errorf("%s %s: %+v", want.namespace, want.metric, m)
		}
		a := c.Hints(want.namespace, want.metric, want.statistic).Forecast
		if a == nil || *a != (kizashi.Ahead{Side: want.side, Value: want.value, Within: kizashi.Duration(want.within), Lead: kizashi.Duration(want.lead)}) {
			t.Errorf("%s %s: forecast %+v", want.namespace, want.metric, a)
		}
		if h := c.Hints(want.namespace, want.metric, "SampleCount"); h.Forecast != nil {
			t.Errorf("%s %s: of another statistic %+v", want.namespace, want.metric, h.Forecast)
		}
	}
}

func TestForecastsOfOnesOwn(t *testing.T) {
	for bad, want := range map[string]string{
		`["Minimum < 0"]`:                                    `want a statistic, > or <, a number, within and a duration`,
		`["Minimum < 0 within 7d lag 1d"]`:                   `lead and a duration`,
		`["Minimum < 0 within soon"]`:                        `forecast`,
		`["Minimum < x within 7d"]`:                          `"x" is no number`,
		`["Least < 0 within 7d"]`:                            `"Least" is no statistic`,
		`["Minimum < -1 within 7d"]`:                         `nothing comes to -1`,
		`["Minimum > 9 within 7d"]`:                          `lies on the side where it gets better`,
		`["Minimum < 0 within 7d lead 28d"]`:                 `no more than 28d together`,
		`["Minimum < 0 within 7d", "Minimum < 9 within 7d"]`: `of one statistic one limit`,
	} {
		err := load(t).Override(write(t, "namespaces:\n  AWS/RDS:\n    metrics:\n      FreeStorageSpace: {forecast: "+bad+"}\n"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), ":4:") {
			t.Errorf("%s: %v, want one of line 4 that says %s", bad, err, want)
		}
	}
	c := load(t)
	if err := c.Override(write(t, "namespaces:\n  AWS/RDS:\n    metrics:\n      FreeStorageSpace: {forecast: unknown}\n")); err != nil {
		t.Fatal(err)
	}
	if h := c.Hints("AWS/RDS", "FreeStorageSpace", "Minimum"); h.Forecast != nil {
		t.Errorf("taken back, and still %+v", h.Forecast)
	}
}
