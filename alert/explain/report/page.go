package report

import (
	"bytes"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/alert/explain/chart"
	"github.com/kizashi-ops/kizashi/calendar"
)

// page is the report in words, as the template takes it.
type page struct {
	Lang, Title, Span, Inherited string
	Labelled                     bool
	W                            words
	Rows                         []line
	Sections                     []section
	Colors                       map[string]template.CSS
}

// line of the summary: one rule of one series.
type line struct {
	Name, Rule                       string
	First, Total                     bool
	Span                             int
	Alerts, Weekly                   string
	Caught, Missed, Undecided, Delay string
}

type section struct {
	Name   string
	Chart  template.HTML
	Alerts []alerted
	Silent []silent
}

type alerted struct {
	ID, Title, Manager, Outcome string
	Compared                    string // the head of Moments
	Paragraphs                  []string
	Moments                     []moment
}

// moment is a comparable hour.
type moment struct {
	When, Count, Low, Median, High, Note string
	Held                                 bool
}

type silent struct{ When, Name, Why string }

// writer turns a Report into a page.
type writer struct {
	d    Report
	lang explain.Lang
	w    words
	zone *time.Location
}

func newPage(d Report) (*page, error) {
	if err := d.Style.Check(); err != nil {
		return nil, err
	}
	w := &writer{d: d, lang: d.Style.Lang, w: wordsOf(d.Style.Lang), zone: d.Zone}
	if w.zone == nil {
		w.zone = time.UTC
	}
	p := &page{Lang: string(w.lang), Title: explain.Clean(d.Title), Inherited: explain.Clean(d.Inherited), Labelled: d.Labelled, W: w.w,
		Span: explain.Wall(d.From, w.zone, w.lang) + w.w.To + explain.Wall(d.To, w.zone, w.lang),
		Colors: map[string]template.CSS{"value": chart.ValueColor, "band": chart.BandColor, "expected": chart.ExpectedColor,
			"limit": chart.LimitColor, "alert": chart.AlertColor, "label": chart.LabelColor}}
	if p.Title == "" {
		p.Title = w.w.Backtest
	}
	for _, r := range d.Rows {
		p.Rows = append(p.Rows, w.lines(r, false)...)
	}
	if d.Total != nil {
		p.Rows = append(p.Rows, w.lines(*d.Total, true)...)
	}
	for _, s := range d.Sections {
		sec, err := w.section(s)
		if err != nil {
			return nil, fmt.Errorf("section %s: %w", explain.Clean(s.Name), err)
		}
		p.Sections = append(p.Sections, sec)
	}
	return p, nil
}

// lines of the summary for one series: ours, and below it the inherited one.
func (w *writer) lines(r Row, total bool) []line {
	name := explain.Clean(r.Name)
	if total {
		name = w.w.All
	}
	ours := w.line(r.Ours)
	ours.Name, ours.Rule, ours.First, ours.Total, ours.Span = name, "Kizashi", true, total, 1
	if w.d.Inherited == "" {
		return []line{ours}
	}
	ours.Span = 2
	theirs := w.line(r.Inherited)
	theirs.Rule, theirs.Total = explain.Clean(w.d.Inherited), total
	return []line{ours, theirs}
}

func (w *writer) line(t Tally) line {
	l := line{Alerts: explain.Count(t.Alerts), Weekly: strconv.FormatFloat(t.Weekly, 'f', 1, 64)}
	if !w.d.Labelled {
		return l
	}
	l.Caught, l.Missed, l.Undecided, l.Delay = explain.Count(t.Caught), explain.Count(t.Missed), explain.Count(t.Undecided), "-"
	if t.Delay != nil {
		l.Delay = explain.Duration(*t.Delay, w.lang)
	}
	return l
}

func (w *writer) section(s Section) (section, error) {
	out := section{Name: explain.Clean(s.Name)}
	var err error
	if len(s.Chart.Times) > 0 {
		if out.Chart, err = inline(s.Chart); err != nil {
			return out, err
		}
	}
	for _, a := range s.Alerts {
		x, err := w.alert(a)
		if err != nil {
			return out, err
		}
		out.Alerts = append(out.Alerts, x)
	}
	for _, q := range s.Silent {
		x, err := w.silence(q)
		if err != nil {
			return out, err
		}
		out.Silent = append(out.Silent, x)
	}
	return out, nil
}

// inline draws a chart as a part of an HTML page: without the heading of an
// SVG file, and with fonts that every reader has.
func inline(d chart.Data) (template.HTML, error) {
	var b bytes.Buffer
	if err := chart.Band(&b, d); err != nil {
		return "", err
	}
	s := b.String()
	i := strings.Index(s, "<svg")
	if i < 0 {
		return "", fmt.Errorf("chart holds no <svg>")
	}
	s = strings.NewReplacer(
		` xmlns="http://www.w3.org/2000/svg"`, "", "\txmlns=\"http://www.w3.org/2000/svg\"", "",
		` xmlns:xlink="http://www.w3.org/1999/xlink"`, "", "\txmlns:xlink=\"http://www.w3.org/1999/xlink\"", "",
		"font-family:Liberation Sans", "font-family:Liberation Sans,Arial,Helvetica,sans-serif",
	).Replace(s[i:])
	return template.HTML(s), nil // its only text from outside, the unit, is escaped by the drawing
}

func (w *writer) alert(a Alert) (alerted, error) {
	t, err := explain.Text(a.Alert, a.Justification, w.d.Style)
	if err != nil {
		return alerted{}, err
	}
	out := alerted{ID: explain.Clean(a.Alert.ID), Title: t.Title, Manager: t.Manager, Outcome: w.outcome(a)}
	ps := strings.Split(t.Engineer, "\n\n")
	out.Paragraphs = ps[1:] // the first is the title
	if out.Compared = w.w.Comparable; a.Justification.Log != nil {
		out.Compared = w.w.Lines
	}
	for _, c := range a.Justification.Comparable {
		out.Moments = append(out.Moments, w.moment(c, a.Justification.Meta, zoneOf(a.Justification.Meta)))
	}
	return out, nil
}

func (w *writer) outcome(a Alert) string {
	s := map[Outcome]string{Caught: w.w.CaughtOne, False: w.w.FalseOne, Undecided: w.w.Undecided}[a.Outcome]
	if s != "" && a.Label != "" {
		s += ": " + explain.Clean(a.Label)
	}
	return s
}

// zoneOf a series; explain has refused one that does not exist.
func zoneOf(m kizashi.Meta) *time.Location {
	z, err := calendar.Load(m.Zone)
	if err != nil {
		return time.UTC
	}
	return z.Location()
}

func (w *writer) moment(c kizashi.Comparable, m kizashi.Meta, loc *time.Location) moment {
	out := moment{When: explain.Stretch(c.From, c.To, loc, w.lang), Count: explain.Count(c.Count), Held: c.Held,
		Low: explain.Value(c.Low, m.Unit), Median: explain.Value(c.Median, m.Unit), High: explain.Value(c.High, m.Unit)}
	if c.Held {
		out.Note = w.w.Held
	}
	return out
}

func (w *writer) silence(q Silence) (silent, error) {
	out := silent{When: explain.Stretch(q.From, q.To, zoneOf(q.Meta), w.lang), Name: explain.Clean(q.Name)}
	var why []string
	for _, e := range q.Facts {
		s, err := explain.Fact(e, q.Meta, w.d.Style)
		if err != nil {
			return out, err
		}
		why = append(why, s)
	}
	out.Why = strings.Join(why, w.w.Between)
	return out, nil
}
