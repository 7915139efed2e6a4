package chart

import (
	"bytes"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// leak is an alert about storage that has gone down by 3 GiB a day for five days and
// has seven left.
func leak(late time.Duration) (kizashi.Alert, *kizashi.Justification, []kizashi.Sample, []kizashi.Record) {
	const gib, day = 1 << 30, 24 * time.Hour
	now := kizashi.TimeOf(time.Date(2026, 5, 21, 9, 0, 0, 0, time.UTC))
	begin := now.Add(-5 * day)
	a := kizashi.Alert{State: kizashi.Firing, Opened: now, To: now.Add(time.Minute)}
	f := &kizashi.Forecast{At: now, Slope: -3 * gib, Level: 21 * gib, Date: now.Add(7 * day), Early: now.Add(6 * day), Late: now.Add(late)}
	j := &kizashi.Justification{Meta: kizashi.Meta{Unit: "Bytes"}, Grounds: []kizashi.Ground{{Model: "forecast", From: begin, To: now, Ahead: f}}}
	var ss []kizashi.Sample
	var rs []kizashi.Record
	for at := begin; at <= now; at = at.Add(30 * time.Minute) {
		left := 36 - 3*at.Sub(begin).Hours()/24
		ss = append(ss, kizashi.Sample{At: at, Value: (left + .2*math.Sin(float64(at/3_600_000))) * gib})
		if at.Floor(time.Hour) == at {
			s := kizashi.Slot{Center: 38 * gib, Lower: kizashi.Num((left - 3) * gib), Upper: 40 * gib}
			rs = append(rs, kizashi.Record{Hour: at, Transform: kizashi.Identity, Ready: true, Slots: [4]kizashi.Slot{s, s, s, s}})
		}
	}
	return a, j, ss, rs
}

// The chart of a forecast begins with the trend, goes on to when the limit may be
// reached at the latest, and holds line, wedge and limit; a late end that is
// years away does not press the rest flat.
func TestChartOfAForecast(t *testing.T) {
	const day = 24 * time.Hour
	for name, c := range map[string]struct{ late, until time.Duration }{
		"leak":    {9 * day, 9*day + time.Hour},
		"endless": {3650 * day, 7*day + 7*day/2 + time.Hour},
	} {
		a, j, ss, rs := leak(c.late)
		if got := From(a, j); got != ss[0].At {
			t.Errorf("%s: it begins at %s, want with the trend at %s", name, got, ss[0].At)
		}
		d := OfAlert(a, j, ss, rs, time.UTC)
		if d.Ahead == nil || d.Ahead.Until() != a.Opened.Add(c.until) || math.Abs(d.Ahead.Begin-36<<30) > 1 {
			t.Errorf("%s: foreseen %+v", name, d.Ahead)
		}
		g, err := drawn(d)
		if err != nil || g.low > 0 || g.to != secs(d.Ahead.Until()) || g.now != secs(a.Opened) {
			t.Errorf("%s: axes from %v, to %v, now %v, %v", name, g.low, g.to, g.now, err)
		}
		var with, without bytes.Buffer
		if err := Band(&with, d); err != nil {
			t.Fatal(err)
		}
		d.Ahead = nil
		if err := Band(&without, d); err != nil {
			t.Fatal(err)
		}
		parts := func(b *bytes.Buffer) (n int) { // the wedge's color is one that was multiplied by its opacity
			return strings.Count(b.String(), "#B07A1E") + strings.Count(b.String(), "#AF791D;fill-opacity:0.23529")
		}
		if n, m := parts(&with), parts(&without); n != 3 || m != 0 {
			t.Errorf("%s: %d parts of the forecast with it, %d without, want wedge, line and interval", name, n, m)
		}
		d.Ahead = AheadOf(j)
		if dir := os.Getenv("KIZASHI_CHARTS"); dir != "" { // to be looked at
			var png bytes.Buffer
			if err := PNG(&png, d); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(dir+"/"+name+".png", png.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	a, j, ss, rs := leak(9 * day)
	j.Grounds = nil
	if got := From(a, j); got != a.Opened.Add(-Around) || OfAlert(a, j, ss, rs, time.UTC).Ahead != nil {
		t.Errorf("without a forecast it begins at %s", got)
	}
}
