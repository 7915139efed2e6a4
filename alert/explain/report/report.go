// Package report writes a backtest as one HTML file: what would have been
// alerted, why, and what would rightly have stayed silent. The file needs
// nothing beside it, runs no script, and prints on A4.
//
// Names and reasons come from outside; all text goes through html/template.
// Only the charts are taken as they are, and they are drawn here.
package report

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/alert/explain/chart"
)

// Report is what the file says.
type Report struct {
	Style     explain.Style
	Title     string         // "" = "Backtest" in the reader's language
	From, To  kizashi.Time   // the span that was replayed
	Zone      *time.Location // of the span; nil = UTC
	Labelled  bool           // somebody said what was an incident: caught, missed, undecided and delay mean something
	Inherited string         // the alarm that was replayed beside, such as ">0.5 3/5"; "" = none
	Rows      []Row          // the summary, a row a series
	Total     *Row           // over all series; nil = not told. Its Name is not used
	Sections  []Section      // in the order of the file
}

// Row is a series in the summary.
type Row struct {
	Name      string
	Ours      Tally
	Inherited Tally // used where Report.Inherited names an alarm
}

// Tally counts what a rule did over the span.
type Tally struct {
	Alerts    int
	Weekly    float64        // alerts a week
	Caught    int            // labelled incidents with an alert
	Missed    int            // without one
	Undecided int            // alerts of which nobody can say whether they were right
	Delay     *time.Duration // median from the begin of an incident to its alert; nil = none caught
}

// Section is a series with its chart, its alerts and its silences.
type Section struct {
	Name   string
	Chart  chart.Data // without Times no chart is drawn
	Alerts []Alert
	Silent []Silence
}

// Alert is an alert with what it rests on.
type Alert struct {
	Alert         kizashi.Alert
	Justification kizashi.Justification
	Outcome       Outcome // "" = nothing is said of it
	Label         string  // the name of the incident that it caught
}

// Outcome is how an alert compares with what people said of the time.
type Outcome string

const (
	Caught    Outcome = "caught"
	False     Outcome = "false"
	Undecided Outcome = "undecided"
)

// Silence is a stretch that looks as if it should have alerted and rightly
// did not.
type Silence struct {
	From, To kizashi.Time
	Name     string             // what a person calls it; may be empty
	Facts    []kizashi.Evidence // why there was no alert
	Meta     kizashi.Meta       // of the series, for units and zone
}

// HTML writes the file. It fails on a style or zone that explain does not
// know, on a chart that cannot be drawn, and when w does; errors name the
// section or the alert.
func HTML(w io.Writer, d Report) error {
	p, err := newPage(d)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	var b bytes.Buffer // all or nothing: half a page looks like a whole one
	if err := file.Execute(&b, p); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

var file = template.Must(template.New("report").Parse(source))
