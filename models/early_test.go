package models_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// twoDays runs the early detector beside a baseline over a series' first two days and
// a half, and says when its vote stood: "03:15 up" for a while, in hours since its begin.
func twoDays(t *testing.T, period time.Duration, set kizashi.Settings, value func(h float64, r *rand.Rand) float64, left func(h float64) bool) (said []string) {
	t.Helper()
	zone, err := calendar.Load("UTC")
	if err != nil {
		t.Fatal(err)
	}
	rows := models.All()
	row := rows[slices.IndexFunc(rows, func(r detect.Row) bool { return r.Name == "early" })]
	meta := &kizashi.Meta{Series: 1, Period: kizashi.Duration(period), Lower: kizashi.None(), Upper: kizashi.None()}
	if set.R == 0 {
		set.R = kizashi.Duration(28 * days)
	}
	base, state, view := baseline.New(meta, &set, zone), row.Model.New(meta, &set), &baseline.View{}
	r, begin, stood := rand.New(rand.NewPCG(3, 1)), monday.Add(12*time.Minute), false
	for at := begin; at < begin.Add(60*time.Hour); at = at.Add(period) {
		h := at.Sub(begin).Hours()
		smp := kizashi.Sample{Series: 1, At: at, Period: period, Value: value(h, r)}
		how := baseline.AsJudged
		if left != nil && left(h) {
			how = baseline.Excluded
		}
		base.Look(&smp, view, nil)
		c := detect.Case{Sample: smp, Meta: meta, Settings: &set, View: view, Base: base, Stance: how}
		if view.Begins {
			state.(detect.Hourly).Begin(&c)
		}
		var v kizashi.Vote
		if state.Judge(&c, &v); v.Crossed != stood {
			if stood = v.Crossed; stood {
				said = append(said, fmt.Sprintf("%02d:%02d %s", int(h), int(h*60)%60, v.Side))
				if g := state.(detect.Grounded).Ground(&c); g == nil || g.Stat != v.Stat || g.Past.To != at.Floor(time.Hour) {
					t.Errorf("the ground %+v is not that of the vote %+v", g, v)
				}
			}
		}
		base.Learn(&smp, view, how)
		state.Learn(&c, view.Held())
		if int(h*60)%97 == 0 {
			b := state.AppendBinary(nil)
			state = row.Model.New(meta, &set)
			if left, err := state.Decode(b); err != nil || len(left) > 0 || string(state.AppendBinary(nil)) != string(b) {
				t.Fatalf("after %.1f hours it does not come back: %v", h, err)
			}
		}
	}
	return said
}

func TestEarly(t *testing.T) {
	noise := func(_ float64, r *rand.Rand) float64 { return 200 + 10*r.NormFloat64() }
	from := func(begin, end, by float64) func(float64, *rand.Rand) float64 {
		return func(h float64, r *rand.Rand) float64 {
			if h >= begin && h < end {
				return by + noise(h, r)
			}
			return noise(h, r)
		}
	}
	for _, c := range []struct {
		name   string
		period time.Duration
		set    kizashi.Settings
		value  func(float64, *rand.Rand) float64
		left   func(float64) bool
		want   []string
	}{
		{name: "three times as high after two hours", value: from(2, 2.5, 400), want: []string{"02:02 up"}},
		{name: "and low", value: from(5, 5.5, -400), want: []string{"05:02 down"}},
		{name: "at 5 minutes", period: 5 * time.Minute, value: from(2, 2.5, 400), want: []string{"02:05 up"}},
		{name: "within the first hour nobody knows", value: from(.5, .7, 400)},
		{name: "twice as far as it reaches is not enough", value: from(2, 2.5, 130)},
		{name: "one sample is not", value: from(2, 2.02, 4000)},
		{name: "only the side that may alert", set: kizashi.Settings{Direction: kizashi.Down}, value: from(2, 2.5, 400)},
		{name: "a target ten times as long", set: kizashi.Settings{R: kizashi.Duration(280 * days)}, value: from(2, 2.5, 400)},
		{name: "and ten times as far", set: kizashi.Settings{R: kizashi.Duration(280 * days)}, value: from(2, 2.5, 4000), want: []string{"02:02 up"}},
		{name: "a new level stands for an hour", value: from(4, 60, 400), want: []string{"04:02 up"}},
		{name: "once limits count it is silent", value: from(52, 53, 4000)},
		{name: "excluded", value: from(2, 2.5, 400), left: func(h float64) bool { return h >= 1.9 && h < 2.6 }},
		{name: "a day of a hundred times the noise", value: func(h float64, r *rand.Rand) float64 {
			return 1000*(1.2+math.Sin(h*math.Pi/12)) + noise(h, r)
		}},
		{name: "constant", value: func(h float64, _ *rand.Rand) float64 { return map[bool]float64{true: 9}[h > 3 && h < 4] }},
		{name: "hourly", period: time.Hour, value: from(40, 44, 4000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.period == 0 {
				c.period = time.Minute
			}
			if got := twoDays(t, c.period, c.set, c.value, c.left); !slices.Equal(got, c.want) {
				t.Errorf("said %q, want %q", got, c.want)
			}
		})
	}
}
