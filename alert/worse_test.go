package alert_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// stands plays values, a minute each, of an alert with a limit of 80 where 40
// is expected; cut = the life is saved and loaded before each of them.
func stands(t *testing.T, side kizashi.Side, cut bool, values ...float64) string {
	t.Helper()
	l, said := alert.NewLife(), []string{}
	for i, v := range values {
		at := kizashi.Time(i) * 60_000
		c := kizashi.Crossing{Series: id, At: at, End: at.Add(time.Minute), Value: kizashi.Num(v), Recover: 1, Quiet: kizashi.Duration(time.Hour)}
		c.Verdict = kizashi.Verdict{Expected: 40, Lower: kizashi.None(), Upper: 80}
		if side == kizashi.Down {
			c.Verdict.Lower, c.Verdict.Upper = 30, kizashi.None()
		}
		if v > 80 || side == kizashi.Down && v < 30 {
			c.Verdict.Votes = []kizashi.Vote{{Model: "band", Side: side, Crossed: true}}
		}
		c.Proof = []kizashi.Proof{{Side: side}}
		if cut {
			b, err := json.Marshal(l)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(b, l); err != nil {
				t.Fatal(err)
			}
		}
		for _, ch := range l.Admit(c.End, &c, nil) {
			said = append(said, fmt.Sprintf("%d %s %d peak %v", i, ch.Alert.State, ch.Alert.Seq, ch.Alert.Peak.Value))
		}
	}
	return strings.Join(said, ", ")
}

// A peak is told again when it has grown by more than half of what it lay
// beyond its limit, or becomes a ground for the severity; never for a little,
// and under the Seq that it has.
func TestAPeakThatGrowsIsToldAgain(t *testing.T) {
	for _, c := range []struct {
		what   string
		side   kizashi.Side
		values []float64
		want   string
	}{
		{"a little more", kizashi.Up, []float64{90, 95, 92, 94}, "0 firing 1 peak 90"},
		{"more than half of what it was beyond", kizashi.Up, []float64{90, 95, 96, 97, 103, 110}, "0 firing 1 peak 90, 2 firing 1 peak 96, 5 firing 1 peak 110"},
		{"three times as far as the limit", kizashi.Up, []float64{130, 150, 160, 161}, "0 firing 1 peak 130, 2 firing 1 peak 160"},
		{"downwards", kizashi.Down, []float64{20, 16, 14}, "0 firing 1 peak 20, 2 firing 1 peak 14"},
		{"the end has the peak anyhow, the next stretch goes on from it", kizashi.Up, []float64{90, 94, 50, 99, 94, 115},
			"0 firing 1 peak 90, 2 resolved 2 peak 94, 3 firing 3 peak 99, 5 firing 3 peak 115"},
	} {
		for _, cut := range []bool{false, true} {
			if got := stands(t, c.side, cut, c.values...); got != c.want {
				t.Errorf("%s (saved: %t)\ngot  %s\nwant %s", c.what, cut, got, c.want)
			}
		}
	}
}

// Ten thousandfold, a per cent a minute, is told 25 times at the most.
func TestAPeakThatGrowsSlowlyIsToldSeldom(t *testing.T) {
	var vs []float64
	for far := .01; far < 100; far *= 1.01 {
		vs = append(vs, 80+far)
	}
	if n := strings.Count(stands(t, kizashi.Up, false, vs...), "firing"); n < 10 || n > 25 {
		t.Errorf("%d samples were told %d times", len(vs), n)
	}
}
