package logs

import (
	"testing"
)

func TestSpeed(t *testing.T) {
	s := Measure(Redraw(systems(t), 32_000, 1), 20)
	t.Logf("%.0f B: classes %.0f ns, miner %.0f ns = %.2f x, %.4f allocs", s.Bytes, s.Classes, s.Miner, s.Miner/s.Classes, s.Allocs)
}
