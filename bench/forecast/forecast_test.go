package forecast

import (
	"os"
	"testing"
	"time"
)

// Where the interval says 80 %, it holds the true date in 75 to 85 %; fewer leaks tell it
// less exactly. KIZASHI_SOAK runs the thousand.
func TestCoverage(t *testing.T) {
	seeds, low, high := 8, .72, .90
	if os.Getenv("KIZASHI_SOAK") != "" {
		seeds, low, high = 48, .75, .85
	}
	ts, err := Measure(seeds)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range ts {
		days, part := k.Lead()
		t.Logf("%-22s %4d leaks, %4d told, covered %.3f, sooner %d, later %d, alerts %d, false %d, told %.1f days before, %.2f of the leak", k.What, k.Leaks, k.Told, k.Coverage(), k.Sooner, k.Later, k.Alerts, k.False, days, part)
	}
	all := ts[0]
	if c := all.Coverage(); c < low || c > high {
		t.Errorf("the interval covers %.3f, want %v to %v", c, low, high)
	}
	if all.Told*100 < all.Leaks*95 {
		t.Errorf("%d of %d leaks were told, want 95 %%", all.Told, all.Leaks)
	}
	if all.Alerts*100 > all.Told*125 {
		t.Errorf("%d alerts about %d leaks", all.Alerts, all.Told)
	}
}

// What goes nowhere is hardly ever told.
func TestStills(t *testing.T) {
	for kind, most := range map[string]int{"gauss": 0, "ar": 1, "slow": 1, "daily": 0, "nightly clean-up": 0, "batch": 0, "clean-up every 3 days": 6, "weekly clean-up": 6} {
		n := 0
		for seed := range uint64(3) {
			a, _, err := FalseIn(kind, seed, 15*time.Minute, 13*7*day)
			if err != nil {
				t.Fatal(err)
			}
			n += a
		}
		if n > most {
			t.Errorf("%s: %d false forecasts in 3 quarters of a year, want at most %d", kind, n, most)
		}
	}
}

func TestLeaksAreReproducible(t *testing.T) {
	a, b := NewLeak("seasonal", time.Hour, 5), NewLeak("seasonal", time.Hour, 5)
	if len(a.Values) != len(b.Values) || a.Values[7] != b.Values[7] || a.Crosses != b.Crosses || a.Crosses <= a.Begins {
		t.Errorf("%d and %d values, crossing at %s and %s", len(a.Values), len(b.Values), a.Crosses, b.Crosses)
	}
}
