package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/bench/incidents"
)

// tenantTable measures a tenant at its target, and what is found at the same.
func tenantTable(w io.Writer, s sizes) error {
	t := incidents.StandardTenant()
	t.Series = s.tenant
	said, err := t.Measure()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "### A tenant\n\n%d normal series of ten kinds, in groups of ten, %s; %d weeks of learning, %d scored. One false notification a week stated for all, so one false episode a series in %.0f weeks. Alerts of a group that open at one time are one notification.\n\n",
		t.Series, minutes(t.Period), t.Learn, t.Score, t.R().Hours()/168)
	head(w, "what", "measured")
	row(w, "false notifications a week", fmt.Sprintf("%.2f", said.PerWeek()))
	row(w, "by week", strings.Trim(fmt.Sprint(said.ByWeek), "[]"))
	row(w, "alerts of single series", fmt.Sprintf("%d, on %d series, at most %d on one", said.Alerts, said.Series, said.Most))
	row(w, "by kind and first vote", counts(said.By))
	set := s.setting()
	set.Seeds, set.Periods, set.R = max(1, s.seeds/10), []time.Duration{t.Period}, t.R()
	o, err := set.Measure()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\nIncidents at the same setting, %d seeds.\n\n", set.Seeds)
	kindTable(w, o, t.Period)
	fmt.Fprintln(w)
	return nil
}
