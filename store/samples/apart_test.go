package samples

import (
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// The TSDB gathers what came out of order while more of it comes. It takes
// chunks of what it has gathered and of what was filled meanwhile alike for
// done with, if it is let.
func TestCompactionLosesNothingThatComesMeanwhile(t *testing.T) {
	const series, step, rounds, hours = 2000, 70, 8, 4
	s := open(t, t.TempDir())
	defer shut(t, s)
	put(t, s, sample(0, 0, 0))
	for r := range rounds {
		put(t, s, sample(0, (r+1)*hours*60, 0)) // time moves on: blocks are due
		for first := 1; first <= series; first += 50 {
			var batch []kizashi.Sample
			for id := first; id < first+50; id++ {
				for k := range step {
					batch = append(batch, sample(id, -4*24*60+r*step+k, float64(k)))
				}
			}
			put(t, s, batch...)
		}
	}
	if len(s.db.Blocks()) == 0 {
		t.Error("no block was made: the test would show nothing")
	}
	for id := 1; id <= series; id++ {
		if n := len(all(t, s, id)); n != rounds*step {
			t.Errorf("series %d has %d samples of %d", id, n, rounds*step)
		}
	}
}
