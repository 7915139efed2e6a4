package main

import (
	"fmt"
	"io"
	"time"

	"github.com/kizashi-ops/kizashi/bench/forecast"
)

// forecastTable measures forecasts to a limit.
func forecastTable(w io.Writer, s sizes) error {
	ts, err := forecast.Measure(s.leaks)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "### Forecasts to a limit\n\n%d generated leaks that last from 6 hours to 60 days, after 2 to 14 days at rest or from the first sample on; noise of .1 to 3 %% of the way to the limit (whole: in steps of 2 %% of it). The forecast is the one that an alert opened with, told within 7 days; its interval says 80 %%.\n\n", ts[0].Leaks)
	head(w, "leaks", "number", "told before", "interval covers", "truth sooner", "truth later", "alerts a leak", "told before it began", "median days ahead", "of the leak's length")
	for _, t := range ts {
		n := float64(max(t.Told, 1))
		days, part := t.Lead()
		row(w, t.What, fmt.Sprint(t.Leaks), fmt.Sprint(t.Told), share(t.Coverage()), share(float64(t.Sooner)/n), share(float64(t.Later)/n), fmt.Sprintf("%.2f", float64(t.Alerts)/n), fmt.Sprint(t.False), fmt.Sprintf("%.1f", days), fmt.Sprintf("%.2f", part))
	}
	fmt.Fprintf(w, "\n%d series a kind that go nowhere, five minutes, a year; a limit on either side at twice to ten times as far as they get (the random walk is put back before it is there).\n\n", s.stills)
	head(w, "series", "false forecasts a series and year", "part of the time that one stands")
	for _, kind := range forecast.Stills() {
		n, part := 0, 0.
		for seed := range s.stills {
			a, p, err := forecast.FalseIn(kind, uint64(seed), 5*time.Minute, 364*24*time.Hour)
			if err != nil {
				return err
			}
			n += a
			part += p / float64(s.stills)
		}
		row(w, kind, fmt.Sprintf("%.2f", float64(n)/float64(max(s.stills, 1))), fmt.Sprintf("%.4f", part))
	}
	fmt.Fprintln(w)
	return nil
}
