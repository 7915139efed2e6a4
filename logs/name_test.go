package logs

import (
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// What tells counts apart is what sources keep free: a label of the user's own by the
// same name would make two series one.
func TestLabelsOfCountsAreReserved(t *testing.T) {
	seen := map[string]bool{}
	for w := all; w <= low20; w++ {
		for l := range (name{what: w, value: "x"}).labels() {
			if seen[l] = true; !kizashi.LineLabel(l) {
				t.Errorf("label %q is not reserved", l)
			}
		}
	}
	for _, l := range []string{"lines", "level", "status", "pattern", "slot", "value", "numbers"} {
		if kizashi.LineLabel(l) != seen[l] {
			t.Errorf("label %q is reserved: %v; counts have it: %v", l, kizashi.LineLabel(l), seen[l])
		}
	}
}
