package main

import (
	"fmt"
	"io"
	"time"

	"github.com/kizashi-ops/kizashi/bench/incidents"
	"github.com/kizashi-ops/kizashi/models"
)

// ablationTable takes each detector away and says what that changes.
func ablationTable(w io.Writer, s sizes) error {
	set := s.setting()
	set.Seeds, set.Periods = max(1, s.seeds/10), []time.Duration{time.Minute}
	whole, err := set.Measure()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "### Ablation\n\nEach detector off, %d seeds, one minute, all families: incidents found (first and second) of each kind, and false alerts elsewhere.\n\n", set.Seeds)
	names := []string{"", "all kinds"}
	for _, k := range incidents.Kinds() {
		names = append(names, k.Name)
	}
	head(w, append(names, "false", "stated")...)
	ablationRow(w, "all on", whole, nil)
	for _, m := range models.All() {
		set.Off = []string{m.Name}
		o, err := set.Measure()
		if err != nil {
			return err
		}
		ablationRow(w, "without "+m.Name, o, whole)
	}
	fmt.Fprintln(w)
	return nil
}

// ablationRow tells the differences to what all find.
func ablationRow(w io.Writer, name string, o, whole *incidents.Outcome) {
	cells := []string{name}
	add := func(f func(*incidents.Outcome) int, of int) {
		n := f(o)
		switch {
		case whole == nil && of > 0:
			cells = append(cells, fmt.Sprintf("%d of %d", n, of))
		case whole == nil:
			cells = append(cells, fmt.Sprint(n))
		case n == f(whole):
			cells = append(cells, "=")
		default:
			cells = append(cells, fmt.Sprintf("%+d", n-f(whole)))
		}
	}
	found := func(kind string) func(*incidents.Outcome) int {
		return func(o *incidents.Outcome) (n int) {
			for i := range o.Results {
				if r := &o.Results[i]; r.Found && (kind == "" || r.Kind == kind) {
					n++
				}
			}
			return n
		}
	}
	of := map[string]int{"": len(o.Results)}
	for i := range o.Results {
		of[o.Results[i].Kind]++
	}
	add(found(""), of[""])
	for _, k := range incidents.Kinds() {
		add(found(k.Name), of[k.Name])
	}
	rate := o.Rates(o.Other, func(*incidents.Elsewhere) string { return "all" })["all"]
	add(func(o *incidents.Outcome) int {
		return o.Rates(o.Other, func(*incidents.Elsewhere) string { return "all" })["all"].Episodes
	}, 0)
	row(w, append(cells, fmt.Sprintf("%.0f", rate.Expected))...)
}
