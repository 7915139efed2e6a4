package program

import (
	"io"
	"os"
	"path/filepath"
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/alert/explain/chart"
	"github.com/kizashi-ops/kizashi/alert/explain/report"
	"github.com/kizashi-ops/kizashi/backtest"
	"github.com/kizashi-ops/kizashi/calendar"
)

// reportSections are the most series that get a section of their own, and
// reportAlerts the most alerts that one tells in full; the summary has all.
const (
	reportSections = 30
	reportAlerts   = 10
)

func dirOf(path string) string { return filepath.Dir(path) }

func writeReport(path string, o *backtest.Outcome, traces backtest.Traces, labels []backtest.Label, st explain.Style) error {
	d, err := reportOf(o, traces, labels, st)
	if err != nil {
		return err
	}
	if err := create(path, func(w io.Writer) error { return report.HTML(w, d) }); err != nil {
		return err
	}
	return os.Chmod(path, 0o644)
}

// reportOf lays out what the report shows: series with alerts, those with most
// first, in the zone of the first series.
func reportOf(o *backtest.Outcome, traces backtest.Traces, labels []backtest.Label, st explain.Style) (report.Report, error) {
	d := report.Report{Style: st, From: o.From, To: o.To, Labelled: len(labels) > 0}
	if o.Score == nil {
		o.Evaluate(labels, nil)
	}
	d.Inherited = o.Score.Alarm
	for _, s := range o.Score.Series {
		d.Rows = append(d.Rows, row(s.Name, s.Ours, s.Inherited))
	}
	total := row("", o.Score.Ours, o.Score.Inherited)
	d.Total = &total
	order := make([]*backtest.Series, 0, len(o.Series))
	for i := range o.Series {
		if o.Series[i].Alerts > 0 {
			order = append(order, &o.Series[i])
		}
	}
	sort.SliceStable(order, func(i, j int) bool { return order[i].Alerts > order[j].Alerts })
	for i, s := range order {
		if i == reportSections {
			break
		}
		z, err := calendar.Load(s.Meta.Zone)
		if err != nil {
			return d, err
		}
		if d.Zone == nil {
			d.Zone = z.Location()
		}
		d.Sections = append(d.Sections, section(o, s, traces[s.Meta.Series], labels, z.Location()))
	}
	return d, nil
}

func row(name string, ours backtest.Tally, inherited *backtest.Tally) report.Row {
	r := report.Row{Name: name, Ours: tally(ours)}
	if inherited != nil {
		r.Inherited = tally(*inherited)
	}
	return r
}

func tally(t backtest.Tally) report.Tally {
	out := report.Tally{Alerts: t.Alerts, Weekly: t.Weekly, Caught: t.Caught, Missed: t.Missed, Undecided: t.Undecided}
	if t.Caught > 0 {
		d := time.Duration(t.Delay)
		out.Delay = &d
	}
	return out
}

func section(o *backtest.Outcome, s *backtest.Series, t *backtest.Trace, labels []backtest.Label, loc *time.Location) report.Section {
	sec := report.Section{Name: s.Name(), Chart: chart.Data{Zone: loc, Unit: s.Meta.Unit}}
	if t != nil {
		for _, p := range eachCount(s, t.Points) {
			c := &sec.Chart
			c.Times, c.Values = append(c.Times, p.At), append(c.Values, p.Value)
			c.Lower, c.Upper, c.Expected = append(c.Lower, p.Lower), append(c.Upper, p.Upper), append(c.Expected, p.Expected)
		}
	}
	for i := range labels {
		if l := &labels[i]; l.Covers(s) && l.From < s.To && l.To >= s.From {
			sec.Chart.Labels = append(sec.Chart.Labels, kizashi.Stretch{From: l.From, To: l.To, Text: l.Name})
		}
	}
	for _, a := range o.Alerts {
		if a.Series != s.Meta.Series {
			continue
		}
		sec.Chart.Alerts = append(sec.Chart.Alerts, kizashi.Stretch{From: a.Opened, To: max(a.To, a.Opened+1)})
		if len(sec.Alerts) < reportAlerts {
			sec.Alerts = append(sec.Alerts, reportAlert(o, a, s, labels))
		}
	}
	for _, n := range s.Notes {
		sec.Silent = append(sec.Silent, report.Silence{From: n.At, To: n.At, Facts: []kizashi.Evidence{n.Fact}, Meta: s.Meta})
	}
	return sec
}

// eachCount adds to counts of log lines the zero before each run of them: those after
// one are there.
func eachCount(s *backtest.Series, ps []backtest.Point) []backtest.Point {
	if s.Of == "" {
		return ps
	}
	var out []backtest.Point
	for i, p := range ps {
		if before := p.At.Add(-time.Minute); p.Value > 0 && (i == 0 || ps[i-1].At < before) {
			zero := p
			zero.At, zero.Value = before, 0
			out = append(out, zero)
		}
		out = append(out, p)
	}
	return out
}

func reportAlert(o *backtest.Outcome, a kizashi.Alert, s *backtest.Series, labels []backtest.Label) report.Alert {
	r := report.Alert{Alert: a, Justification: o.Justifications[a.Justify]}
	if len(labels) == 0 {
		return r
	}
	r.Outcome = report.False
	for i := range labels {
		if l := &labels[i]; l.Covers(s) && a.Opened <= l.To && a.To >= l.From {
			r.Outcome, r.Label = report.Caught, l.Name
		}
	}
	return r
}
