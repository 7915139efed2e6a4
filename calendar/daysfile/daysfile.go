// Package daysfile reads lists of holidays, and holds the one that ships.
//
// A list is YAML:
//
//	country: jp
//	as_of: 2026-11-29          # when it was last compared with the official list
//	years:
//	- year: 2028
//	  status: planned          # official, or planned: 予定, not announced yet
//	  days:
//	  - {date: 2028-01-01, weekday: Sat, ja: 元日, en: New Year's Day}
//	  - {date: 2028-03-20, weekday: Mon, ja: 春分の日, en: Vernal Equinox Day}
//
// A day's own status overrides its year's; its kind is national (the default),
// substitute (振替休日) or citizens (国民の休日).
package daysfile

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/yamlstrict"
)

//go:embed jp.yaml
var jp []byte

var japan = sync.OnceValue(func() *calendar.Holidays {
	h, err := parse("jp.yaml", jp)
	if err != nil {
		panic(err) // a test reads the same bytes
	}
	return h
})

// Japan is the list that ships with the program. It is not to be changed.
func Japan() *calendar.Holidays { return japan() }

// Read reads a file of the user's; file names it in errors. The years that it
// lists replace those of the list that ships for the same country, and the
// others stand.
func Read(file string, b []byte) (*calendar.Holidays, error) {
	h, err := parse(file, b)
	if err != nil || h.Country != Japan().Country {
		return h, err
	}
	listed := func(y calendar.HolidayYear) bool {
		return slices.ContainsFunc(h.Years, func(own calendar.HolidayYear) bool { return own.Year == y.Year })
	}
	own := h.Years
	h.Years = slices.DeleteFunc(slices.Clone(Japan().Years), listed)
	h.Years = append(h.Years, own...)
	slices.SortFunc(h.Years, func(a, b calendar.HolidayYear) int { return a.Year - b.Year })
	if err := h.Check(); err != nil {
		return nil, fmt.Errorf("%s: with the years that ship with the program: %w", file, err)
	}
	return h, nil
}

// reader reads one file.
type reader struct {
	yamlstrict.Walker
	list calendar.Holidays
}

func parse(file string, b []byte) (*calendar.Holidays, error) {
	r := &reader{Walker: yamlstrict.Walker{File: file}}
	root, err := r.Parse(bytes.TrimPrefix(b, []byte("\ufeff")))
	if err != nil {
		return nil, err
	}
	if root == nil {
		return nil, fmt.Errorf("%s: the file is empty; want country, as_of and years", file)
	}
	var years *yaml.Node
	r.Fields(root, "a list of holidays", map[string]func(*yaml.Node){
		"country": r.Text(&r.list.Country, "country"),
		"as_of":   r.date(&r.list.AsOf, "as_of"),
		"years":   func(n *yaml.Node) { years = n },
	})
	if r.Faults() == 0 {
		r.wants(root, "the list", r.list.Country != "", "country", r.list.AsOf != calendar.Date{}, "as_of", years != nil, "years")
	}
	if years != nil {
		r.List("years", r.year)(years)
		if len(r.list.Years) == 0 && r.Faults() == 0 {
			r.Fail(years, "years: no year is listed")
		}
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	if err := r.list.Check(); err != nil { // all of it was told above with its line; this is the belt
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &r.list, nil
}

// year reads one year's list.
func (r *reader) year(n *yaml.Node, name string) {
	var y calendar.HolidayYear
	var planned bool
	var days *yaml.Node
	r.Fields(n, name, map[string]func(*yaml.Node){
		"year":   r.Int(&y.Year, name+".year"),
		"status": r.status(&planned, name+".status"),
		"days":   func(d *yaml.Node) { days = d },
	})
	if y.Year < calendar.FirstYear || y.Year > calendar.LastYear {
		r.Fail(n, "%s.year: want one from %d to %d", name, calendar.FirstYear, calendar.LastYear)
		return
	}
	if k := len(r.list.Years); k > 0 {
		r.follows(n, r.list.Years[k-1].Year, y.Year)
	}
	if days == nil {
		r.Fail(n, "year %d lists no holiday: leave it out if they are not known", y.Year)
		days = &yaml.Node{Kind: yaml.SequenceNode}
	}
	r.List(fmt.Sprint(y.Year), func(n *yaml.Node, name string) { r.day(n, name, &y, planned) })(days)
	if len(days.Content) == 0 && days.Line > 0 {
		r.Fail(days, "year %d lists no holiday: leave it out if they are not known", y.Year)
	}
	r.list.Years = append(r.list.Years, y)
}

// follows tells a year that does not come right after the one before.
func (r *reader) follows(n *yaml.Node, before, year int) {
	if err := calendar.Follows(before, year); err != nil {
		r.Fail(n, "%v", err)
	}
}

// day reads one holiday.
func (r *reader) day(n *yaml.Node, name string, y *calendar.HolidayYear, planned bool) {
	d := calendar.HolidayDate{Kind: calendar.National, Planned: planned}
	var weekday string
	faults := r.Faults()
	r.Fields(n, name, map[string]func(*yaml.Node){
		"date":    r.date(&d.Date, name+".date"),
		"weekday": r.Text(&weekday, name+".weekday"),
		"ja":      r.Text(&d.Name.JA, name+".ja"),
		"en":      r.Text(&d.Name.EN, name+".en"),
		"status":  r.status(&d.Planned, name+".status"),
		"kind":    r.kind(&d.Kind, name+".kind"),
	})
	if r.Faults() > faults {
		return
	}
	if !r.wants(n, name, d.Date != calendar.Date{}, "date", weekday != "", "weekday", d.Name.JA != "", "ja", d.Name.EN != "", "en") {
		return
	}
	if is := d.Date.Weekday().String()[:3]; weekday != is {
		r.Fail(n, "%s is a %s, not %q", d.Date, is, weekday)
	}
	if d.Date.Year != y.Year {
		r.Fail(n, "%s stands in the list of %d", d.Date, y.Year)
		return
	}
	if k := len(y.Days); k > 0 {
		switch before := y.Days[k-1].Date; d.Date.Compare(before) {
		case 0:
			r.Fail(n, "%s stands twice", d.Date)
		case -1:
			r.Fail(n, "%s stands after %s: want ascending dates", d.Date, before)
		}
	}
	r.announced(n, d)
	y.Days = append(y.Days, d)
}

// announced refuses an equinox that is called official before it can be: the
// almanac of the first of February of the year before announces it.
func (r *reader) announced(n *yaml.Node, d calendar.HolidayDate) {
	equinox := d.Name.JA == "春分の日" || d.Name.JA == "秋分の日"
	from := calendar.AnnouncedFrom(d.Date.Year)
	if r.list.Country == "jp" && equinox && !d.Planned && r.list.AsOf != (calendar.Date{}) && r.list.AsOf.Before(from) {
		r.Fail(n, "%s %s is official only from %s on, and the list is as of %s: want status: planned", d.Date, d.Name.JA, from, r.list.AsOf)
	}
}

// wants tells the first key that is not there: pairs of whether it is, and it.
func (r *reader) wants(n *yaml.Node, what string, there ...any) bool {
	for i := 0; i < len(there); i += 2 {
		if !there[i].(bool) {
			r.Fail(n, "%s: %s is missing", what, there[i+1])
			return false
		}
	}
	return true
}

func (r *reader) date(into *calendar.Date, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := r.Scalar(n, name)
		if !ok {
			return
		}
		d, err := calendar.ParseDate(s)
		if err != nil {
			r.Fail(n, "%s: %v", name, err)
			return
		}
		*into = d
	}
}

func (r *reader) status(planned *bool, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := r.Scalar(n, name)
		if ok && s != "official" && s != "planned" {
			r.Fail(n, "%s: want official or planned, not %q", name, s)
		}
		*planned = s == "planned"
	}
}

func (r *reader) kind(into *calendar.HolidayKind, name string) func(*yaml.Node) {
	kinds := []calendar.HolidayKind{calendar.National, calendar.Substitute, calendar.Citizens}
	return func(n *yaml.Node) {
		s, ok := r.Scalar(n, name)
		if ok && !slices.Contains(kinds, calendar.HolidayKind(s)) {
			r.Fail(n, "%s: want national, substitute or citizens, not %q", name, s)
			return
		}
		*into = calendar.HolidayKind(s)
	}
}
