package incidents

import (
	"maps"
	"os"
	"slices"
	"testing"
)

// A small tenant at its target; with KIZASHI_SOAK set the whole one, 1,000
// series. The gate is wide: of a few notifications in the weeks of the small
// one any count says little.
func TestTenant(t *testing.T) {
	ten := StandardTenant()
	if os.Getenv("KIZASHI_SOAK") == "" {
		ten.Series, ten.Score = 100, 4
	}
	s, err := ten.Measure()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d series, R %s: %.2f notifications a week, %d alerts on %d series, at most %d on one", ten.Series, ten.R(), s.PerWeek(), s.Alerts, s.Series, s.Most)
	for _, k := range slices.Sorted(maps.Keys(s.By)) {
		t.Logf("  %s %d", k, s.By[k])
	}
	if s.Notifications > s.Alerts || s.Weeks != ten.Score || len(s.ByWeek) != ten.Score {
		t.Errorf("%+v", s)
	}
}
