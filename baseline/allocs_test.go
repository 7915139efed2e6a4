package baseline_test

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
)

// A day of samples asks for no memory but for the texts of hashes, many at once, also
// in a series' first week: its range was seen by then, and records of hours share it.
func TestADayAsksForNoMemory(t *testing.T) {
	l := learn(t, "UTC", "2026-09-07 00:00", 5*time.Minute)
	l.days(1, nil)
	z := make([]float64, 288)
	l.noise.Fill(z)
	var room baseline.Room
	room.Serve(&l.view)
	var smp kizashi.Sample
	day := func() {
		for _, v := range z {
			smp = kizashi.Sample{Series: 1, At: l.at, Period: l.period, Value: 300 + 5*v}
			l.s.Look(&smp, &l.view, nil)
			l.view.Events()
			l.s.Learn(&smp, &l.view, baseline.AsJudged)
			l.at = l.at.Add(l.period)
		}
	}
	if n := testing.AllocsPerRun(4, day); n > 4 {
		t.Errorf("%v allocations a day, want at most 4", n)
	}
}
