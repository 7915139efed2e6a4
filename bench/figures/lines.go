package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/bench/loganomalies"
)

// lineTables measures what is found in generated log groups, with the false alerts of
// the same run beside it.
func lineTables(w io.Writer, s sizes) error {
	set := loganomalies.Default()
	set.Seeds = s.seeds
	if s.cheap {
		set.Lines, set.Quiet = 300, 14*24*time.Hour
	}
	got := set.Measure()
	fmt.Fprintf(w, "### Anomalies of log lines\n\n%d log groups of about %.0f lines an hour at noon, one of each incident in each from the third week on; one false alert in %v is asked for.\n\n", set.Seeds, set.Lines, set.R)
	head(w, "incident", "what happens", "found", "within", "half of them after", "by")
	for _, k := range got.Kinds {
		row(w, string(k.Kind), k.What, fmt.Sprintf("%d of %d", k.Found, k.Count), k.Within.String(), k.Middle().String(), votesBy(k.ByModel))
	}
	fmt.Fprintf(w, "\nBeside them, in the same run: %d alerts in %.1f weeks, %.2f times what is asked for (%s). In log groups without an incident: %d in %.1f weeks, %.2f times (%s).\n\n",
		got.False.Alerts, got.False.Weeks, got.False.Times(set.R), votesBy(got.False.ByModel), got.Quiet.Alerts, got.Quiet.Weeks, got.Quiet.Times(set.R), votesBy(got.Quiet.ByModel))
	return nil
}

// votesBy writes whose votes they were.
func votesBy(by map[string]int) string {
	var out []string
	for _, m := range slices.Sorted(maps.Keys(by)) {
		out = append(out, fmt.Sprintf("%s %d", m, by[m]))
	}
	return strings.Join(out, ", ")
}
