package detect_test

import (
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// The last samples of a host may come behind its end. What they open ends with
// the host: nothing that follows would end it.
func TestLateSampleOfAnEndedSeriesLeavesNothingOpen(t *testing.T) {
	limit := 400.
	l := newLoop(t, detect.Config{Rules: []detect.Rule{{Static: []detect.StaticRule{{Above: &limit}}}}})
	ss := l.samples(0, 1)
	l.judge(ss[:58]...)
	if err := l.e.Declare(kizashi.Declaration{From: hours(1), Meta: l.meta, Ended: kizashi.Terminated}); err != nil {
		t.Fatal(err)
	}
	l.e.RunOut(l.meta.Series, hours(1.2), &l.out)
	for i := range ss[58:] {
		s := &ss[58+i]
		s.Late, s.Value = true, 500
	}
	l.judge(ss[58:]...)
	cs := l.out.Crossings
	if len(cs) == 0 || !cs[0].Verdict.Stands(kizashi.Up) {
		t.Fatalf("crossings %+v, want one over the limit", cs)
	}
	last := cs[len(cs)-1]
	if last.Ended != kizashi.ClaimTerminated || last.At != hours(1) {
		t.Errorf("the last crossing is %+v, want the end", last)
	}
}
