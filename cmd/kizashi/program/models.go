package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/yamlstrict"
)

// modelRow is a row of the table of models as --json has it.
type modelRow struct {
	Name   string           `json:"name"`
	Kind   kizashi.VoteKind `json:"kind"`
	Target bool             `json:"target"` // its votes are what the false-alert target is for
	About  string           `json:"about"`
	Source string           `json:"source"`
	Long   string           `json:"long,omitempty"`
	Params []modelParam     `json:"params"`
}

type modelParam struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	About string `json:"about,omitempty"`
}

// modelsCommand prints the table of detectors, or the rows that are named.
func modelsCommand(ctx context.Context, e env, args []string) error {
	fs := flagSet(e, "models", "[NAME...]")
	js := fs.Bool("json", false, "print them as JSON")
	md := fs.Bool("markdown", false, "print the reference, docs/models.md")
	now := fs.Bool("live", false, "ask the running service how they do: which are off, which failed")
	var f clientFlags
	f.add(fs)
	names, err := parse(fs, args)
	if err != nil {
		return err
	}
	if *js && *md || *now && (*js || *md) {
		return errUsage{errors.New("--json, --markdown and --live are two things")}
	}
	table := e.table()
	if !*now { // log lines are no rows that a service switches off by themselves
		table = slices.Concat(table, lineRows())
	}
	rows, err := named(table, names)
	if err != nil {
		return errUsage{err}
	}
	switch {
	case *now:
		return live(ctx, e, &f, rows)
	case *js:
		return printJSON(e.out, jsonRows(rows))
	case *md:
		_, err := io.WriteString(e.out, reference(rows))
		return err
	}
	return tellModels(e.out, rows)
}

// named are the rows of these names, in the table's order; all where none is
// named.
func named(rows []detect.Row, names []string) ([]detect.Row, error) {
	var known []string
	for _, r := range rows {
		known = append(known, r.Name)
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, fmt.Errorf("there is no detector %q%s", n, yamlstrict.Nearest(n, known))
		}
	}
	if len(names) == 0 {
		return rows, nil
	}
	return slices.DeleteFunc(rows, func(r detect.Row) bool { return !slices.Contains(names, r.Name) }), nil
}

func jsonRows(rows []detect.Row) []modelRow {
	out := []modelRow{}
	for _, r := range rows {
		m := modelRow{Name: r.Name, Kind: r.Kind, Target: !r.Outside, About: r.About, Source: r.Source, Long: r.Long, Params: []modelParam{}}
		for _, p := range r.Params {
			m.Params = append(m.Params, modelParam(p))
		}
		out = append(out, m)
	}
	return out
}

// standing of a row's votes in the false-alert target.
func standing(r *detect.Row) string {
	if r.Outside {
		return "outside the false-alert target"
	}
	return "within the false-alert target"
}

func tellModels(w io.Writer, rows []detect.Row) error {
	for i := range rows {
		r := &rows[i]
		fmt.Fprintf(w, "%-8s  %s\n          %s vote, %s; source: %s\n", r.Name, r.About, r.Kind, standing(r), r.Source)
		for _, p := range r.Params {
			fmt.Fprintf(w, "          %s: %s\n", p.Name, p.Value)
		}
	}
	_, err := fmt.Fprintln(w, "\nHow each judges, and what its parameters mean: kizashi models --markdown")
	return err
}

// reference is the page of the detectors.
func reference(rows []detect.Row) string {
	var b strings.Builder
	b.WriteString(`# The detectors

Made by ` + "`kizashi models --markdown`" + ` from the tables in ` + "`models/table.go`" + ` and, of log lines, ` + "`logs/table.go`" + `; do not edit it. A *value* vote crossed a limit in the series' own unit that was fixed before the sample came; an *evidence* vote has a statistic and a limit of its own. Votes within the false-alert target share R (docs/method.md, section 14; of log lines section 19). A rule's ` + "`off: [NAME]`" + ` switches a detector off. How to add one: [own-detectors.md](own-detectors.md).

| name | vote | finds | false-alert target |
|---|---|---|---|
`)
	for i := range rows {
		r := &rows[i]
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", r.Name, strings.ToLower(r.Name), r.Kind, cell(r.About), strings.TrimSuffix(standing(r), " the false-alert target"))
	}
	for i := range rows {
		r := &rows[i]
		fmt.Fprintf(&b, "\n## %s\n\n%s. %s vote, %s.\n", r.Name, sentence(r.About), sentence(string(r.Kind)), standing(r))
		if r.Long != "" {
			fmt.Fprintf(&b, "\n%s\n", r.Long)
		}
		fmt.Fprintf(&b, "\nSource: %s.\n", r.Source)
		if len(r.Params) == 0 {
			continue
		}
		b.WriteString("\n| parameter | value | |\n|---|---|---|\n")
		for _, p := range r.Params {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(p.Name), cell(p.Value), cell(p.About))
		}
	}
	return b.String()
}

// sentence begins with a capital.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
