package inventory

import (
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// Known is a series that has a baseline.
type Known struct {
	Meta  *kizashi.Meta
	Since kizashi.Time // when it was first seen
}

// Donor names the series whose baseline a new one may start with: a sibling
// with the same namespace, metric, statistic, period and kind of dimensions,
// of the same Auto Scaling group, else of the same group. A group that nobody
// declared, the namespace itself, makes no siblings: what shares only that may
// be as different as a database and its replica's test copy. Of several the
// one that is known longest gives.
func Donor(fresh *kizashi.Meta, known []Known) (kizashi.SeriesID, bool) {
	best, rank := Known{}, 0
	for _, k := range known {
		r := kinship(fresh, k.Meta)
		if r == 0 || r < rank {
			continue
		}
		if r > rank || k.Since < best.Since || k.Since == best.Since && k.Meta.Series < best.Meta.Series {
			best, rank = k, r
		}
	}
	if rank == 0 {
		return 0, false
	}
	return best.Meta.Series, true
}

// kinship: 2 = the same Auto Scaling group, 1 = the same group, 0 = none.
func kinship(a, b *kizashi.Meta) int {
	if a.Series == b.Series || a.Tenant != b.Tenant || a.Period != b.Period || a.Statistic != b.Statistic {
		return 0
	}
	for _, n := range []string{"namespace", "metric", "stat"} {
		if a.Labels.Get(n) != b.Labels.Get(n) {
			return 0
		}
	}
	if kindOf(a) != kindOf(b) {
		return 0
	}
	here := func(m *kizashi.Meta) string { return m.Labels.Get("account") + "/" + m.Labels.Get("region") }
	switch asg := a.Labels.Get("asg"); {
	case asg != "" && asg == b.Labels.Get("asg") && here(a) == here(b):
		return 2
	case a.Group == b.Group && a.Group != "" && a.Group != a.Labels.Get("namespace"):
		return 1
	}
	return 0
}

// kindOf a series: the names of its dimensions.
func kindOf(m *kizashi.Meta) string {
	var names []string
	for _, l := range m.Identity {
		if strings.HasPrefix(l.Name, "dim_") {
			names = append(names, l.Name)
		}
	}
	return strings.Join(names, " ")
}
