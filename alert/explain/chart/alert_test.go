package chart

import (
	"io"
	"math"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// A chart of an alert shows each sample beside the band of its own quarter of
// the hour, in the series' unit, and none where the hour has no record.
func TestOfAlert(t *testing.T) {
	hour := kizashi.TimeOf(time.Date(2026, 10, 5, 6, 0, 0, 0, time.UTC))
	slot := func(upper float64) kizashi.Slot {
		return kizashi.Slot{Center: math.Log1p(9), Lower: kizashi.None(), Upper: kizashi.Num(upper)}
	}
	rec := kizashi.Record{Hour: hour, Transform: kizashi.Log1p, Ready: true, Slots: [4]kizashi.Slot{slot(20), slot(21), slot(22), slot(23)}}
	at := func(min int) kizashi.Time { return hour + kizashi.Time(min)*minute }
	samples := []kizashi.Sample{{At: at(-1), Value: 7}, {At: at(0), Value: 8}, {At: at(16), Value: 30}, {At: at(60), Value: 9}}
	a := kizashi.Alert{State: kizashi.Firing, Opened: at(16), To: at(17)}
	d := OfAlert(a, &kizashi.Justification{Meta: kizashi.Meta{Unit: "Count"}}, samples, []kizashi.Record{rec}, time.UTC)
	for i, want := range []float64{math.NaN(), 20, 21, math.NaN()} {
		if got := d.Upper[i]; got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("upper limit of sample %d is %v, want %v", i, got, want)
		}
	}
	if math.Abs(d.Expected[1]-9) > 1e-9 || !math.IsNaN(d.Lower[1]) {
		t.Errorf("expected %v and lower %v, want 9 in the series' unit and no lower limit", d.Expected[1], d.Lower[1])
	}
	if s := d.Alerts[0]; s.From != at(16) || s.To != kizashi.Forever {
		t.Errorf("what fires is shaded over %v, want to the end of the chart", s)
	}
	if err := PNG(io.Discard, d); err != nil {
		t.Error(err)
	}
}
