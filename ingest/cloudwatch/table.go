package cloudwatch

import "time"

// zero and hundred are the bounds that most metrics have.
var (
	zero    = 0.0
	hundred = 100.0
)

// Defaults is what is read of a namespace when the configuration names
// nothing else. A namespace's settling delay is how long after its end a
// point may still change: one-minute metrics converge within a few minutes,
// and EC2 without detailed monitoring publishes every five minutes only.
//
// Dimensions picks one of the sets under which AWS publishes the same metric
// again and again (per zone, per image, over all), so that one incident is
// one series.
func Defaults() []Namespace {
	percent, count := "Percent", "Count"
	instance, db := []string{"InstanceId"}, []string{"DBInstanceIdentifier"}
	lb, target := []string{"LoadBalancer"}, []string{"LoadBalancer", "TargetGroup"}
	return []Namespace{
		{Name: "AWS/EC2", Period: 5 * time.Minute, Settle: minutes(10), Metrics: []Metric{
			{Name: "CPUUtilization", Statistic: "Average", Unit: percent, Lower: &zero, Upper: &hundred, Dimensions: instance},
			{Name: "StatusCheckFailed", Statistic: "Maximum", Unit: count, Lower: &zero, Dimensions: instance},
			{Name: "NetworkIn", Statistic: "Average", Unit: "Bytes", Lower: &zero, Dimensions: instance},
			{Name: "NetworkOut", Statistic: "Average", Unit: "Bytes", Lower: &zero, Dimensions: instance},
		}},
		{Name: "AWS/ApplicationELB", Period: time.Minute, Settle: minutes(3), Metrics: []Metric{
			{Name: "RequestCount", Statistic: "Sum", Unit: count, Lower: &zero, Dimensions: lb},
			{Name: "TargetResponseTime", Statistic: "p99", Unit: "Seconds", Lower: &zero, Dimensions: lb},
			{Name: "HTTPCode_Target_5XX_Count", Statistic: "Sum", Unit: count, Lower: &zero, Dimensions: lb},
			{Name: "UnHealthyHostCount", Statistic: "Maximum", Unit: count, Lower: &zero, Dimensions: target},
		}},
		{Name: "AWS/RDS", Period: time.Minute, Settle: minutes(5), Metrics: []Metric{
			{Name: "CPUUtilization", Statistic: "Average", Unit: percent, Lower: &zero, Upper: &hundred, Dimensions: db},
			{Name: "DatabaseConnections", Statistic: "Average", Unit: count, Lower: &zero, Dimensions: db},
			{Name: "FreeStorageSpace", Statistic: "Minimum", Unit: "Bytes", Lower: &zero, Dimensions: db},
			{Name: "ReadLatency", Statistic: "Average", Unit: "Seconds", Lower: &zero, Dimensions: db},
			{Name: "WriteLatency", Statistic: "Average", Unit: "Seconds", Lower: &zero, Dimensions: db},
		}},
	}
}

func minutes(n int) *time.Duration {
	d := time.Duration(n) * time.Minute
	return &d
}

// defaultsOf returns the row of a namespace; an unknown one is empty.
func defaultsOf(name string) Namespace {
	for _, n := range Defaults() {
		if n.Name == name {
			return n
		}
	}
	return Namespace{}
}

func (n Namespace) metric(name string) Metric {
	for _, m := range n.Metrics {
		if m.Name == name {
			return m
		}
	}
	return Metric{}
}

// retention is how long CloudWatch keeps points that can be read at a period
// (documentation of GetMetricData).
func retention(period time.Duration) time.Duration {
	const day = 24 * time.Hour
	switch {
	case period < time.Minute:
		return 3 * time.Hour
	case period%time.Hour == 0:
		return 455 * day
	case period%(5*time.Minute) == 0:
		return 63 * day
	}
	return 15 * day
}
