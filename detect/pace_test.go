package detect_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// A half-life is that of the last rule that names one, and is refused where it makes no
// sense.
func TestHalfLifeOfARule(t *testing.T) {
	of := func(days ...int) detect.Config {
		var c detect.Config
		for _, n := range days {
			life := kizashi.Duration(n) * kizashi.Duration(24*time.Hour)
			c.Rules = append(c.Rules, detect.Rule{HalfLife: &life})
		}
		return c
	}
	set, _, err := of(7, 28).Resolve(&kizashi.Meta{})
	if err != nil || set.Pace() != 2 {
		t.Errorf("%v, %v: want twice the usual", set.HalfLife, err)
	}
	if set, _, _ := of().Resolve(&kizashi.Meta{}); set.Pace() != 1 || set.HalfLife != 0 {
		t.Errorf("without one it is %v", set.HalfLife)
	}
	for _, n := range []int{-1, 0, 1, 57} {
		if err := of(n).Validate(); err == nil || !strings.Contains(err.Error(), "half_life: want 2d to 56d") {
			t.Errorf("%d days: %v", n, err)
		}
	}
}
