package detect

import (
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// Ids are found whatever they look like, and what was not put in is not.
func TestIndex(t *testing.T) {
	for _, step := range []kizashi.SeriesID{1, 1 << 20, 1 << 63, 0x9E3779B97F4A7C15} {
		var x index
		if x.of(0) != nil {
			t.Error("an empty index knows a series")
		}
		const n = 1000
		have := map[kizashi.SeriesID]*series{}
		for i := range kizashi.SeriesID(n) {
			s := &series{}
			have[i*step] = s
			x.put(i*step, s)
		}
		if x.n != len(have) {
			t.Errorf("step %x: %d are known of %d", step, x.n, len(have))
		}
		for id, s := range have {
			if x.of(id) != s {
				t.Errorf("step %x: %x is not found", step, id)
			}
		}
		if step > 1 && x.of(step+1) != nil {
			t.Errorf("step %x: one is found that was never put in", step)
		}
		seen := 0
		for range x.all() {
			seen++
		}
		if seen != len(have) {
			t.Errorf("step %x: %d come of %d", step, seen, len(have))
		}
	}
}
