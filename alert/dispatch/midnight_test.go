package dispatch

import (
	"testing"
	"time"
)

// Where clocks are put forward at midnight, or over a whole day, there is no
// 00:00: the next day begins all the same, and later than now.
func TestTheNextDayWhereMidnightIsSkipped(t *testing.T) {
	for _, c := range []struct{ zone, from, to string }{
		{"America/Santiago", "2026-09-04", "2026-09-08"}, {"Asia/Beirut", "2026-03-27", "2026-03-31"},
		{"Pacific/Apia", "2011-12-28", "2012-01-02"}, {"Asia/Tokyo", "2026-09-04", "2026-09-06"}, {"America/Sao_Paulo", "2018-02-16", "2018-02-19"},
	} {
		z, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		now, _ := time.Parse(time.DateOnly, c.from)
		end, _ := time.Parse(time.DateOnly, c.to)
		for k := (&desk{recv: &Receiver{Zone: z}}); now.Before(end); now = now.Add(10 * time.Minute) {
			at := k.midnight(now)
			today, next, last := now.In(z).Format(time.DateOnly), at.In(z).Format(time.DateOnly), at.Add(-time.Second).In(z).Format(time.DateOnly)
			if !at.After(now) || next <= today || last != today {
				t.Fatalf("%s: at %s the next day begins at %s, after %s", c.zone, now.In(z), at, last)
			}
		}
	}
}
