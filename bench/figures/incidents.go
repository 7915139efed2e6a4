package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/bench/incidents"
)

// setting of the tables of incidents.
func (s sizes) setting() incidents.Setting {
	set := incidents.Standard(s.seeds)
	if s.families != nil {
		set.Families = s.families
	}
	if s.noises != nil {
		set.Noises = s.noises
	}
	return set
}

// incidentTables measures what is found, when, and what is said beside it.
func incidentTables(w io.Writer, s sizes) error {
	set := s.setting()
	o, err := set.Measure()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "### Incidents\n\n%d seeds of %d families at %d noises; one false episode stated in %.0f days. Four weeks of learning, then each incident twice, a week apart. Found: an alert opens within the longest time. \"Again\": the second in parts of the first. \"Own\": a vote that is meant for the kind stood. AR(.9) stands apart.\n\n",
		set.Seeds, len(set.Families), len(set.Noises), set.R.Hours()/24)
	head(w, "kind", "what happens", "longest time: as long as it lasts")
	for _, k := range incidents.Kinds() {
		row(w, k.Name, k.What(), k.Lasts())
	}
	eachPeriod(w, o)
	set.Crowded = true
	if o, err = set.Measure(); err != nil {
		return err
	}
	fmt.Fprint(w, "\n### Incidents, crowded\n\nThe kinds of one series not alone but all on the same, five incidents a week, a day and more apart: what one leaves behind shades the next.\n")
	eachPeriod(w, o)
	fmt.Fprintln(w)
	return nil
}

// eachPeriod has the tables of each period.
func eachPeriod(w io.Writer, o *incidents.Outcome) {
	for _, period := range o.Periods {
		fmt.Fprintf(w, "\nPeriod %s.\n\n", minutes(period))
		kindTable(w, o, period)
		fmt.Fprintln(w)
		elsewhere(w, o, period)
		fmt.Fprintln(w)
		across(w, o, period, "by family", o.Families, func(r *incidents.Result) string { return r.Family })
		fmt.Fprintln(w)
		var noises []string
		for _, n := range o.Noises {
			noises = append(noises, percent(n))
		}
		across(w, o, period, "by noise, without ar", noises, func(r *incidents.Result) string {
			if r.Family == "ar" {
				return ""
			}
			return percent(r.Noise)
		})
	}
}

func minutes(d time.Duration) string { return fmt.Sprintf("%.0fm", d.Minutes()) }

func percent(f float64) string { return fmt.Sprintf("%.0f %%", 100*f) }

// kindTable has a line a kind.
func kindTable(w io.Writer, o *incidents.Outcome, period time.Duration) {
	rows := incidents.Rows(o.Results, func(r *incidents.Result) string {
		switch {
		case r.Period != period:
			return ""
		case r.Family == "ar":
			return "ar " + r.Kind
		}
		return r.Kind
	})
	head(w, "kind", "incidents", "found", "own", "again", "mean delay", "votes", "ar: found", "ar: again")
	for _, k := range incidents.Kinds() {
		r, ar := rows[k.Name], rows["ar "+k.Name]
		if r == nil && ar == nil {
			continue
		}
		cells := []string{k.Name}
		if r == nil {
			cells = append(cells, "-", "-", "-", "-", "-", "-")
		} else {
			cells = append(cells, fmt.Sprint(r.Of), share(r.Share()), share(r.RightShare()), kept(r), delay(r), strings.Join(r.Models(), ", "))
		}
		if ar == nil {
			cells = append(cells, "-", "-")
		} else {
			cells = append(cells, share(ar.Share()), kept(ar))
		}
		row(w, cells...)
	}
}

// kept is the second's share in parts of the first's; of what is not found at
// first there is none.
func kept(r *incidents.Row) string {
	if r.First == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", r.Kept())
}

func delay(r *incidents.Row) string {
	if r.First == 0 {
		return "-"
	}
	return r.Delay.Round(time.Second).String()
}

// elsewhere has a line a family: what was said outside incidents.
func elsewhere(w io.Writer, o *incidents.Outcome, period time.Duration) {
	name := func(e *incidents.Elsewhere) string {
		if e.Period != period {
			return ""
		}
		if e.Group() {
			return "group of " + e.Family
		}
		return e.Family
	}
	rates := o.Rates(o.Other, name)
	head(w, "false alerts elsewhere", "alerts", "stated", "observed / stated", "first votes", "in an incident's wake")
	for _, k := range slices.Sorted(maps.Keys(rates)) {
		r := rates[k]
		row(w, k, fmt.Sprint(r.Episodes), fmt.Sprintf("%.1f", r.Expected), fmt.Sprintf("%.2f", r.Ratio()), counts(r.By), fmt.Sprint(r.After))
	}
}

// counts writes a map's numbers, largest first.
func counts(by map[string]int) string {
	names := slices.Sorted(maps.Keys(by))
	slices.SortStableFunc(names, func(a, b string) int { return by[b] - by[a] })
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = fmt.Sprintf("%s %d", n, by[n])
	}
	if len(out) == 0 {
		return "-"
	}
	return strings.Join(out, ", ")
}

// across has a column for each of some names: found at first, and the second
// a week later in parts of it; and how high a spike was.
func across(w io.Writer, o *incidents.Outcome, period time.Duration, title string, names []string, by func(*incidents.Result) string) {
	rows := incidents.Rows(o.Results, func(r *incidents.Result) string {
		if n := by(r); n != "" && r.Period == period {
			return r.Kind + "/" + n
		}
		return ""
	})
	head(w, append([]string{"found, again, " + title}, names...)...)
	cells := []string{"height of spike, sigma"}
	for _, n := range names {
		if r := rows["spike/"+n]; r != nil {
			cells = append(cells, fmt.Sprintf("%.1f", r.Height))
		} else {
			cells = append(cells, "-")
		}
	}
	row(w, cells...)
	for _, k := range incidents.Kinds() {
		cells, some := []string{k.Name}, false
		for _, n := range names {
			if r := rows[k.Name+"/"+n]; r != nil {
				cells, some = append(cells, fmt.Sprintf("%.2f, %s", r.Share(), kept(r))), true
			} else {
				cells = append(cells, "-")
			}
		}
		if some {
			row(w, cells...)
		}
	}
}

// habitTable measures what is said of habits.
func habitTable(w io.Writer, s sizes) error {
	set := s.setting()
	fmt.Fprintf(w, "### Habits\n\n%d series a line, of all families by turns, noise 5 %%; 4 weeks of learning, 14 scored; nothing should be said of any.\n\n", set.Seeds)
	head(w, "habit", "what it is", "times shown", "alerts on it", "beside it", "stated for all of the time", "first votes on it")
	for _, name := range incidents.Habits() {
		for _, period := range set.Periods {
			r, err := set.MeasureHabit(name, period)
			if err != nil {
				return err
			}
			row(w, name+", "+minutes(period), incidents.AboutHabit(name), fmt.Sprint(r.Times), fmt.Sprint(r.On), fmt.Sprint(r.Beside), fmt.Sprintf("%.0f", r.Expected), counts(r.By))
		}
	}
	fmt.Fprintln(w)
	return nil
}
