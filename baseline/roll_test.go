package baseline

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// empty is the state of a series in UTC with a declared period, 0 = none.
func empty(period time.Duration) *State {
	z, _ := calendar.Load("UTC")
	meta := &kizashi.Meta{Series: 1, Period: kizashi.Duration(period), Lower: kizashi.None(), Upper: kizashi.None()}
	return New(meta, &kizashi.Settings{R: kizashi.Duration(28 * 24 * time.Hour)}, z)
}

// A period that is declared no more stays until five gaps are known (method.md, 1).
func TestAPeriodDeclaredNoMore(t *testing.T) {
	s, v, at := empty(0), View{}, kizashi.Time(0)
	run := func(n int, gap time.Duration) {
		for range n {
			smp := kizashi.Sample{Series: 1, At: at, Value: 1}
			s.Look(&smp, &v, nil)
			v.Events()
			s.Learn(&smp, &v, AsJudged)
			at = at.Add(gap)
		}
	}
	run(300, time.Minute)
	without, with := *s.meta, *s.meta
	with.Period = kizashi.Duration(5 * time.Minute)
	s.SetSettings(&with, s.set)
	run(300, 5*time.Minute)
	if s.SetSettings(&without, s.set); s.Gap() != 5*time.Minute {
		t.Errorf("declared no more, it is %v", s.Gap())
	}
}
