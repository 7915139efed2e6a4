package forecast

import (
	"fmt"
	"os"
	"testing"
)

func TestY(t *testing.T) {
	noise := os.Getenv("NOISE")
	for _, p := range Periods[1:2] {
		for s := range 40 {
			l := NewLeak(noise, p, uint64(s*100+int(p.Minutes())))
			f, _ := Run(l)
			h := func(a, b int64) float64 { return float64(a-b) / 3600e3 }
			if f.Told == 0 {
				fmt.Println("none")
				continue
			}
			tag := ""
			if !f.Covers() {
				tag = "MISS-late"
				if f.Forecast.Early > l.Crosses {
					tag = "MISS-early"
				}
			}
			fmt.Printf("before %5.0f h course %6.0f h told at %6.1f h; trend age %6.1f truth in %6.1f: mid %6.1f [%6.1f, %6.1f] trust %.1f r %.2f alerts %d %s\n", h(int64(l.Begins), int64(l.Start)), h(int64(l.Crosses), int64(l.Begins)), h(int64(f.Told), int64(l.Begins)),
				h(int64(f.Told), int64(f.From)), h(int64(l.Crosses), int64(f.Told)), h(int64(f.Forecast.Date), int64(f.Told)), h(int64(f.Forecast.Early), int64(f.Told)), h(int64(f.Forecast.Late), int64(f.Told)), f.Forecast.Trust, f.Forecast.R, f.Alerts, tag)
		}
	}
}
