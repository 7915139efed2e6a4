package baseline

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// The M-th largest score is the one that sorting finds, for the usual rules, whose
// middle score it is, and for others, and while there are fewer than N.
func TestTheBandsStatisticIsTheMthLargest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, rule := range [][2]int16{{2, 3}, {3, 5}, {1, 3}, {4, 5}, {2, 2}, {5, 12}} {
		s := &State{}
		s.M, s.N = rule[0], rule[1]
		v := &View{room: &Room{}}
		var all []float64
		for i := range 60 {
			v.Z = float64(r.IntN(9)) - 4
			all = append(all, v.Z)
			last := slices.Sorted(slices.Values(all[max(0, len(all)-int(s.N)):]))
			m := int(s.M)
			if up, down := s.mth(kizashi.Time(i), v); len(last) >= m && (up != last[len(last)-m] || down != -last[m-1]) {
				t.Fatalf("%d of %d: of %v the statistics are %v and %v", m, s.N, last, up, down)
			}
			s.push(point{when: int64(i) << 1, Value: v.Z, Scale: 1})
		}
	}
}
