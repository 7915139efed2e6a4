package loganomalies

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// TestMeasure holds the floors on a seed; KIZASHI_SEEDS=20 runs as many as the
// figures are quoted of.
func TestMeasure(t *testing.T) {
	s := Default()
	s.Seeds, s.Quiet = 1, 28*24*time.Hour
	if v := os.Getenv("KIZASHI_SEEDS"); v != "" {
		var err error
		if s.Seeds, err = strconv.Atoi(v); err != nil {
			t.Fatalf("KIZASHI_SEEDS=%s: %v", v, err)
		}
	}
	got := s.Measure()
	found, all := 0, 0
	for _, k := range got.Kinds {
		t.Logf("%-22s %d of %d within %v, half of them after %v, %v", k.Kind, k.Found, k.Count, k.Within, k.Middle(), k.ByModel)
		found, all = found+k.Found, all+k.Count
	}
	t.Logf("beside the incidents: %d alerts in %.1f weeks %v", got.False.Alerts, got.False.Weeks, got.False.ByModel)
	t.Logf("without incidents: %d alerts in %.1f weeks, %.2f times what is asked for, %v", got.Quiet.Alerts, got.Quiet.Weeks, got.Quiet.Times(s.R), got.Quiet.ByModel)
	if found*10 < all*9 {
		t.Errorf("found %d of %d incidents, want nine in ten", found, all)
	}
	if x := got.Quiet.Times(s.R); x > 2 {
		t.Errorf("%.2f times as many false alerts as asked for, want at most 2", x)
	}
}
