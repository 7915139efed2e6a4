package backtest

import (
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

func TestParseAlarm(t *testing.T) {
	for text, want := range map[string]kizashi.Limit{
		">0.5 3/5":       {Side: kizashi.Up, Value: .5, M: 3, N: 5},
		"> 80":           {Side: kizashi.Up, Value: 80, M: 1, N: 1},
		" >= 80 2/2 ":    {Side: kizashi.Up, Value: 80, Equal: true, M: 2, N: 2},
		"<-1e3   1/10":   {Side: kizashi.Down, Value: -1000, M: 1, N: 10},
		"<=0":            {Side: kizashi.Down, Value: 0, Equal: true, M: 1, N: 1},
		">1 10000/10000": {Side: kizashi.Up, Value: 1, M: 10000, N: 10000},
	} {
		a, err := ParseAlarm(text)
		if err != nil || a.limit != want || a.Text != text {
			t.Errorf("%q: %+v, %v, want %+v", text, a, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "want a comparison", "80": "want a comparison", "=80": "want a comparison", ">80 3": "want a comparison", ">80 -1/2": "want a comparison", ">80 3 / 5": "want a comparison",
		">x": `"x" is not a number`, ">NaN": `"NaN" is not a number`, ">Inf": `"Inf" is not a number`, ">1e999": `"1e999" is not a number`,
		">80 0/5": "1 <= M <= N", ">80 6/5": "1 <= M <= N", ">80 1/10001": "1 <= M <= N", ">80 1/99999999999999999999": "1 <= M <= N", ">80 99999999999999999999/5": "1 <= M <= N",
	} {
		if _, err := ParseAlarm(text); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "alarm") {
			t.Errorf("%q: error %v, want %q in it", text, err, want)
		}
	}
}

// The alarm ">10 2/3" over rows of a minute, counted by hand.
func TestAlarmReplay(t *testing.T) {
	a, err := ParseAlarm(">10 2/3")
	if err != nil {
		t.Fatal(err)
	}
	const one, two = kizashi.SeriesID(1), kizashi.SeriesID(2)
	start := at(t, "2026-01-05")
	minute := func(i int) kizashi.Time { return start.Add(time.Duration(i) * time.Minute) }
	//             0  1   2   3  4   5   6  7  8   9  10
	values := []float64{5, 11, 10, 11, 5, 12, 12, 5, 5, 99, 99}
	// over:        -  x   -   x  -   x   x  -  -   x   x     10 is not above 10
	// of last 3:   0  1   1   2  1   2   2  2  1   1   2
	// on:                     *      *   *  *          *
	for i, v := range values {
		js := []detect.Judgement{{Series: one, At: minute(i), End: minute(i + 1), Value: v, State: kizashi.Warming}}
		if i == 4 { // a late row changes nothing
			js = append(js, detect.Judgement{Series: one, At: minute(2), End: minute(3), Value: 999, State: kizashi.LateSample})
		}
		js = append(js, detect.Judgement{Series: two, At: minute(i), End: minute(i + 1), Value: 999, State: kizashi.Judged})
		a.take(js)
	}
	check := func(id kizashi.SeriesID, want ...[2]int) {
		t.Helper()
		got := a.episodes[id]
		if len(got) != len(want) {
			t.Fatalf("series %d: %d episodes %v, want %v", id, len(got), got, want)
		}
		for i, w := range want {
			if got[i].from != minute(w[0]) || got[i].to != minute(w[1]) {
				t.Errorf("series %d, episode %d: %s to %s, want %s to %s", id, i, got[i].from, got[i].to, minute(w[0]), minute(w[1]))
			}
		}
	}
	check(one, [2]int{3, 4}, [2]int{5, 8}, [2]int{10, 11})
	check(two, [2]int{1, 11})
}

// Side by side: each is held against the same labels by its own episodes.
func TestEvaluateInherited(t *testing.T) {
	web := watched(t, "web", "2026-01-01", "2026-01-08", "2026-01-15")
	a, err := ParseAlarm(">10")
	if err != nil {
		t.Fatal(err)
	}
	a.take([]detect.Judgement{
		{Series: web.Meta.Series, At: at(t, "2026-01-09 10:20"), End: at(t, "2026-01-09 10:21"), Value: 11},
		{Series: web.Meta.Series, At: at(t, "2026-01-10"), End: at(t, "2026-01-10 00:01"), Value: 1},
		{Series: web.Meta.Series, At: at(t, "2026-01-11"), End: at(t, "2026-01-11 00:01"), Value: 11},
	})
	o := &Outcome{Series: []Series{web}, Alerts: []kizashi.Alert{alertOf(t, &web, "a1", "2026-01-12 10:10", "2026-01-12 10:40")}}
	o.Evaluate([]Label{label(t, "web", "2026-01-09 10:00", "2026-01-09 11:00"), label(t, "web", "2026-01-12 10:00", "2026-01-12 11:00")}, a)
	if in := o.Score.Inherited; in == nil || in.Alerts != 2 || in.Outside != 1 || in.Caught != 1 || in.Missed != 1 || in.Delay != kizashi.Duration(20*time.Minute) {
		t.Errorf("inherited %+v", in)
	}
	if us := o.Score.Ours; us.Alerts != 1 || us.Outside != 0 || us.Caught != 1 || us.Missed != 1 {
		t.Errorf("ours %+v", us)
	}
	if o.Score.Alarm != ">10" || o.Score.Series[0].Inherited == nil || *o.Score.Series[0].Inherited != *o.Score.Inherited {
		t.Errorf("score %+v", o.Score)
	}
	for i, want := range [][2]string{{Missed, Caught}, {Caught, Missed}} {
		if f := o.Score.Labels[i]; f.Fate != want[0] || f.Inherited != want[1] {
			t.Errorf("label %d: %+v, want %v", i, f, want)
		}
	}
}
