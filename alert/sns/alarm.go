package sns

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/awssink"
	"github.com/kizashi-ops/kizashi/arn"
)

// alarmMessage is what a CloudWatch metric alarm publishes, in its own names
// and order (CloudWatch User Guide, "Notifying users on alarm changes"). Actions
// are empty: there is no alarm behind it that has any. Threshold is left out
// where no single limit was crossed.
type alarmMessage struct {
	AlarmName               string
	AlarmDescription        string
	AWSAccountID            string `json:"AWSAccountId"`
	Updated                 string `json:"AlarmConfigurationUpdatedTimestamp"`
	NewStateValue           string
	NewStateReason          string
	StateChangeTime         string
	Region                  string
	AlarmArn                string
	OldStateValue           string
	OKActions               []string
	AlarmActions            []string
	InsufficientDataActions []string
	Trigger                 alarmTrigger
}

type alarmTrigger struct {
	MetricName                       string
	Namespace                        string
	StatisticType                    string
	Statistic                        string `json:",omitempty"`
	ExtendedStatistic                string `json:",omitempty"`
	Unit                             *string
	Dimensions                       []alarmDimension
	Period                           int
	EvaluationPeriods                int
	DatapointsToAlarm                int
	ComparisonOperator               string
	Threshold                        *float64 `json:",omitempty"`
	TreatMissingData                 string
	EvaluateLowSampleCountPercentile string
}

type alarmDimension struct {
	Value string `json:"value"`
	Name  string `json:"name"`
}

// alarmTime is CloudWatch's way to write an instant: without a colon in the
// offset.
const alarmTime = "2006-01-02T15:04:05.000-0700"

// What CloudWatch keeps of an alarm, in characters, and how many dimensions a
// metric has (CloudWatch API Reference: PutMetricAlarm, MetricAlarm, Dimension).
// So the whole is far shorter than what SNS takes, whatever a label holds.
const (
	maxReason      = 1023
	maxDescription = 1024
	maxName        = 255 // of a metric, a namespace, a dimension; of what else names something
	maxDimension   = 1024
	maxDimensions  = 30
)

// short is the name of something.
func short(s string) string { return alert.Cut(alert.Clean(s), maxName) }

// alarm writes a notification as a CloudWatch alarm's message. Its name is the
// same for every episode of a series and side.
func alarm(n alert.Notification, limit int) (string, error) {
	a := n.Alert
	account, region := short(a.Labels.Get("account")), short(a.Labels.Get("region"))
	m := alarmMessage{
		AlarmName: alarmName(a), AlarmDescription: alert.Cut(alert.Clean(n.Title), maxDescription), AWSAccountID: account,
		Updated: a.Opened.UTC().Format(alarmTime), StateChangeTime: changed(a).Format(alarmTime),
		NewStateValue: "ALARM", OldStateValue: "OK", NewStateReason: alert.Cut(alert.CleanLines(n.Summary), maxReason),
		Region: cmp.Or(regionNames[region], region), OKActions: []string{}, AlarmActions: []string{}, InsufficientDataActions: []string{},
		Trigger: triggerOf(n),
	}
	if a.State == kizashi.Resolved {
		m.NewStateValue, m.OldStateValue = "OK", "ALARM"
	}
	m.AlarmArn = "arn:" + arn.Partition(region) + ":cloudwatch:" + region + ":" + account + ":alarm:" + m.AlarmName
	body, err := alert.JSON(m)
	if err != nil {
		return "", err
	}
	if len(body) > limit {
		return "", fmt.Errorf("an alarm's message of %d bytes, SNS takes %d", len(body), limit)
	}
	return awssink.Printable(string(body)), nil
}

func changed(a kizashi.Alert) time.Time {
	if a.State == kizashi.Resolved {
		return a.To.UTC()
	}
	return a.From.UTC()
}

// alarmName holds what tells series apart, cut to CloudWatch's 255 characters.
func alarmName(a kizashi.Alert) string {
	const most = 255
	tail := " " + a.Side.String() + " " + a.Series.String()
	name := ascii("kizashi " + a.Tenant + " " + kizashi.Meta{Labels: a.Labels}.Name())
	return awssink.Head(name, most-len(tail)) + tail
}

func triggerOf(n alert.Notification) alarmTrigger {
	a, r := n.Alert, n.Rule
	t := alarmTrigger{
		MetricName: short(a.Labels.Get("metric")), Namespace: short(a.Labels.Get("namespace")), Dimensions: []alarmDimension{},
		Period: int(time.Duration(r.Period).Seconds()), EvaluationPeriods: r.N, DatapointsToAlarm: r.M,
		ComparisonOperator: "GreaterThanThreshold", TreatMissingData: "missing",
	}
	if a.Side == kizashi.Down {
		t.ComparisonOperator = "LessThanThreshold"
	}
	if r.Unit != "" {
		unit := short(r.Unit)
		t.Unit = &unit
	}
	switch s := short(cmp.Or(r.Statistic, a.Labels.Get("stat"))); s {
	case "Average", "Sum", "Minimum", "Maximum", "SampleCount":
		t.StatisticType, t.Statistic = "Statistic", strings.ToUpper(s)
		if s == "SampleCount" {
			t.Statistic = "SAMPLE_COUNT"
		}
	case "":
	default:
		t.StatisticType, t.ExtendedStatistic = "ExtendedStatistic", s
	}
	for _, l := range a.Labels {
		if name, ok := strings.CutPrefix(l.Name, "dim_"); ok && len(t.Dimensions) < maxDimensions {
			t.Dimensions = append(t.Dimensions, alarmDimension{Value: alert.Cut(alert.Clean(l.Value), maxDimension), Name: short(name)})
		}
	}
	t.Threshold = crossedLimit(a)
	return t
}

// crossedLimit is the limit of the first value vote that opened the alert.
func crossedLimit(a kizashi.Alert) *float64 {
	for _, v := range a.Opening.Verdict.Votes {
		l := v.Upper
		if a.Side == kizashi.Down {
			l = v.Lower
		}
		if v.Crossed && v.Kind == kizashi.Value && l.Ok() {
			f := float64(l)
			return &f
		}
	}
	return nil
}
