package config_test

import (
	"testing"

	"github.com/kizashi-ops/kizashi/config"
)

func TestScale(t *testing.T) {
	for s, want := range map[string][2]float64{"1..3": {1, 3}, "x3": {1, 3}, "-50%": {0.5, 1}, "- 50 %": {0.5, 1}, "+200%": {1, 3}, "0.5": {0.5, 0.5}, "x0.5": {0.5, 1}} {
		if low, high, err := config.Scale(s); err != nil || low != want[0] || high != want[1] {
			t.Errorf("%q: %v to %v, %v; want %v", s, low, high, err, want)
		}
	}
	for _, s := range []string{"", "1", "1..1", "3..1", "x", "xNaN", "x-1", "50%", "-150%", "%", "1e9", "a lot"} {
		if low, high, err := config.Scale(s); err == nil {
			t.Errorf("%q was taken for %v to %v", s, low, high)
		}
	}
}
