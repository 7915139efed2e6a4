package ingest

import (
	"sort"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// MetricSpec is all that makes a CloudWatch series what it is.
type MetricSpec struct {
	Tenant     string
	Account    string // twelve digits
	Region     string
	Namespace  string
	Metric     string
	Dimensions map[string]string // name to value
	Statistic  string            // Average, Sum, p99, ...
	Period     time.Duration     // 0 = not known
	Settle     time.Duration
	Unit       string
	Lower      kizashi.Num // values below cannot be; None = no bound; both 0 = both None
	Upper      kizashi.Num
	Zone       string            // IANA name; "" = UTC
	Group      string            // "" = the namespace, or where there is none the metric
	Labels     map[string]string // more labels; they never replace those of Metric
	Hints      kizashi.Hints     // what a catalogue says of the metric
}

// Reserved says whether a label's name belongs to Metric, so that nobody may
// give it another meaning.
func Reserved(label string) bool {
	switch label {
	case "namespace", "metric", "stat", "account", "region", "period", "name":
		return true
	}
	return strings.HasPrefix(label, "dim_")
}

// Metric is the one place that turns a CloudWatch metric into a series, so
// that the live source and a replayed file give it the same id.
//
// The identity is account, region, namespace, metric, stat, period (as Go
// writes it: "1m0s") and dim_<Name> for each dimension. The labels are the
// same without period, those of spec.Labels, and name: metric, statistic and
// the values of the dimensions in the order of their names.
func Metric(spec MetricSpec) kizashi.Meta {
	labels := map[string]string{}
	for n, v := range spec.Labels {
		if !Reserved(n) {
			labels[n] = v
		}
	}
	identity := map[string]string{
		"account": spec.Account, "region": spec.Region,
		"namespace": spec.Namespace, "metric": spec.Metric, "stat": spec.Statistic,
	}
	for n, v := range spec.Dimensions {
		identity["dim_"+n] = v
	}
	for n, v := range identity {
		labels[n] = v
	}
	labels["name"] = metricName(spec)
	if spec.Period != 0 {
		identity["period"] = spec.Period.String()
	}
	group := spec.Group
	if group == "" {
		group = spec.Namespace
	}
	if group == "" {
		group = spec.Metric
	}
	if spec.Lower == 0 && spec.Upper == 0 {
		// Nobody set them: what can only be zero is no series.
		spec.Lower, spec.Upper = kizashi.None(), kizashi.None()
	}
	id := kizashi.LabelsOf(identity)
	return kizashi.Meta{
		Series: kizashi.IDOf(spec.Tenant, id), Tenant: spec.Tenant, Identity: id, Labels: kizashi.LabelsOf(labels),
		Group: group, Unit: spec.Unit, Statistic: spec.Statistic,
		Period: kizashi.Duration(spec.Period), Settle: kizashi.Duration(spec.Settle),
		Lower: spec.Lower, Upper: spec.Upper, Zone: spec.Zone, Hints: spec.Hints,
	}
}

func metricName(spec MetricSpec) string {
	parts := []string{spec.Metric}
	if spec.Statistic != "" {
		parts = append(parts, spec.Statistic)
	}
	names := make([]string, 0, len(spec.Dimensions))
	for n := range spec.Dimensions {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		if v := spec.Dimensions[n]; v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, " ")
}
