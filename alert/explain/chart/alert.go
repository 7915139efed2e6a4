package chart

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Around is how much of a series an alert's chart shows before it.
const Around = 24 * time.Hour

// OfAlert is the chart of an alert: the samples of its series, as From says, and the band of each one's hour. samples and records are in
// order of time; a sample whose hour has no record stands without a band.
func OfAlert(a kizashi.Alert, j *kizashi.Justification, samples []kizashi.Sample, records []kizashi.Record, zone *time.Location) Data {
	d := Data{Zone: zone, Unit: j.Meta.Unit, Ahead: AheadOf(j)}
	i := 0
	for _, s := range samples {
		hour := s.At.Floor(time.Hour)
		for i < len(records) && records[i].Hour < hour {
			i++
		}
		lower, upper, expected := math.NaN(), math.NaN(), math.NaN()
		if i < len(records) && records[i].Hour == hour && records[i].Ready {
			slot := records[i].Slots[records[i].SlotAt(s.At)]
			lower, upper, expected = float64(slot.Lower), float64(slot.Upper), records[i].Transform.Back(slot.Center)
		}
		d.Times, d.Values = append(d.Times, s.At), append(d.Values, s.Value)
		d.Lower, d.Upper, d.Expected = append(d.Lower, lower), append(d.Upper, upper), append(d.Expected, expected)
	}
	to := kizashi.Forever
	if a.State == kizashi.Resolved {
		to = max(a.To, a.Opened+1)
	}
	d.Alerts = []kizashi.Stretch{{From: a.Opened, To: to}}
	return d
}
