package logs

import (
	"fmt"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// orders is a log group with one pattern.
type orders struct {
	t    *testing.T
	e    *Engine
	at   kizashi.Time
	told bool // a surge
}

// window writes so many lines in each minute of a window.
func (o *orders) window(each int) {
	o.t.Helper()
	about := func(kizashi.SeriesID, kizashi.Time) (kizashi.Proof, error) {
		return kizashi.Proof{Settings: kizashi.Settings{R: kizashi.Duration(7 * 24 * time.Hour)}}, nil
	}
	for range int(window / time.Minute) {
		var ls []kizashi.Line
		for i := range each {
			ls = append(ls, kizashi.Line{Series: 7, At: o.at.Add(time.Duration(i) * time.Millisecond), Text: fmt.Sprintf("INFO order %d accepted in %d ms", i, 20+i%17)})
		}
		if _, err := o.e.Take(ls); err != nil {
			o.t.Fatal(err)
		}
		var out Out
		o.at = o.at.Add(time.Minute)
		if err := o.e.Close(7, o.at, about, &out); err != nil {
			o.t.Fatal(err)
		}
		for _, c := range out.Crossings {
			for _, v := range c.Verdict.Votes {
				o.told = o.told || v.Model == Table[Surge].Model
			}
		}
	}
}

// What is under test is not in its own yardstick: how counts scatter, and how far they may
// be believed, is learned of a window when it is part of no span any more that is judged;
// and of what leads up to a surge never.
func TestWhatIsUnderTestIsNotItsOwnYardstick(t *testing.T) {
	o := &orders{t: t, e: New(pattern.Config{}), at: kizashi.TimeOf(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))}
	if err := o.e.Declare(kizashi.Declaration{Meta: kizashi.Meta{Series: 7}}); err != nil {
		t.Fatal(err)
	}
	for range 4 * 24 * 12 {
		o.window(2)
	}
	k := o.e.groups[7].keys[1]
	scatter := func() float32 { return k.spread.Over / k.spread.Of } // steady counts scatter less than by chance
	was := scatter()
	o.window(3) // more than usual, and no surge yet
	o.window(2)
	if scatter() > was {
		t.Errorf("it is learned while it is judged: %.4f, before %.4f", scatter(), was)
	}
	o.window(2)
	o.window(2)
	if scatter() <= was {
		t.Errorf("it is not learned when it is over: %.4f, before %.4f", scatter(), was)
	}
	for range 24 * 12 {
		o.window(2)
	}
	if o.told {
		t.Fatal("it was a surge")
	}

	was = scatter()
	o.window(3)
	o.window(40)
	if !o.told {
		t.Fatal("no surge was told")
	}
	for range 12 {
		o.window(2)
	}
	if scatter() > was {
		t.Errorf("what led up to a surge is learned: %.4f, before %.4f", scatter(), was)
	}
}
