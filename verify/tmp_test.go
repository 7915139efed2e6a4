package verify_test
import ("testing";"fmt";"math";"github.com/kizashi-ops/kizashi/verify")
func TestTmp(t *testing.T) {
	for _, s := range stories() { if s.name != "a stretch excluded afterwards" {continue}
		w := s.run(t)
		for _, a := range w.opened(t) { if a.ID != "4c51b4ec58b61073" {continue}
			rs := verify.DebugRecords(a, w.justifications[a.Justify], w.config(a))
			for _, r := range w.records { x := rs[r.Hour]; if x == nil {continue}
				if math.Abs(float64(r.Slots[0].Upper-x.Slots[0].Upper)) > 1e-4 || r.Samples != x.Samples { fmt.Println(r.Hour, r.Slots[0], x.Slots[0], r.Samples, x.Samples) } }
		}
	}
}
