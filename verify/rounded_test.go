package verify

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Few samples beside many are a unit at the least.
func TestCountsOfSamplesByHand(t *testing.T) {
	s := &state{}
	for i, n := range []float64{1, 15, 0, 1350} {
		s.setCount(i, n)
	}
	if got := [4]float64(s.AbsN[:4]); got != [4]float64{8, 16, 0, 1352} {
		t.Errorf("1, 15, none and 1350 samples are kept as %v", got)
	}
}

// Gaps are those of a period that nobody declared.
func TestGapsAreForgottenWhereAPeriodIsDeclared(t *testing.T) {
	s := &state{LastAt: kizashi.Never}
	for k := range kizashi.Time(7) {
		s.gap(k * 60_000)
		s.LastAt = k * 60_000
	}
	if s.learnPeriod(0); s.Period != int64(time.Minute) {
		t.Errorf("the period is %v", time.Duration(s.Period))
	}
	s.learnPeriod(kizashi.Duration(time.Hour))
	if s.learnPeriod(0); s.Period != int64(time.Hour) || s.GapAt != 0 || s.Gaps != [9]int64{} {
		t.Errorf("declared, it is %v, with gaps %v", time.Duration(s.Period), s.Gaps)
	}
}
