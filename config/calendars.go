package config

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/calendar/daysfile"
	"github.com/kizashi-ops/kizashi/calendar/recur"
	"github.com/kizashi-ops/kizashi/detect"
)

// Calendar says which days somebody works on.
type Calendar struct {
	Line    int // in the file
	Name    string
	Config  calendar.Config
	Days    *calendar.Days
	Special []detect.Special // kinds of days of their own, such as 五十日
}

// Hours are hours of duty.
type Hours struct {
	Line     int // in the file
	Name     string
	Zone     string
	Open     []string
	Calendar string // "" = none
	Hours    *calendar.Hours
}

// longestCalendar in bytes of a file of holidays or of events.
const longestCalendar = 2 << 20

func (w *walker) calendar(n *yaml.Node, name string) Calendar {
	c, before := Calendar{Line: n.Line}, w.Faults()
	country := ""
	var own *calendar.Holidays
	w.Fields(n, name, map[string]func(*yaml.Node){
		"name":     w.needed(&c.Name, name+".name"),
		"country":  w.oneOf(&country, name+".country", "jp"),
		"holidays": w.holidays(&own, name+".holidays"),
		"closed":   w.TextList(&c.Config.Closed, name+".closed"),
		"open":     w.TextList(&c.Config.Open, name+".open"),
		"yearend":  w.needed(&c.Config.YearEnd, name+".yearend"),
		"obon":     w.needed(&c.Config.Obon, name+".obon"),
		"special": w.List(name+".special", func(n *yaml.Node, name string) {
			var s detect.Special
			w.Fields(n, name, map[string]func(*yaml.Node){"name": w.needed(&s.Name, name+".name"), "rule": w.needed(&s.Rule, name+".rule")})
			if _, err := calendar.ParseDayRule(s.Rule); err != nil {
				w.Fail(n, "%s.rule: %s", name, err)
				return
			}
			c.Special = append(c.Special, s)
		}),
	})
	if before != w.Faults() {
		return c
	}
	if c.Name == "" {
		w.Fail(n, "%s: name is missing", name)
		return c
	}
	if country == "jp" {
		c.Config.Holidays = daysfile.Japan()
	}
	if own != nil {
		if country != "" && own.Country != country {
			w.Fail(n, "%s: country is %s, and its file of holidays is of %s", name, country, own.Country)
		}
		c.Config.Holidays = own
	}
	var err error
	if c.Days, err = calendar.NewDays(c.Config); err != nil {
		w.Fail(n, "%s: %s", name, err)
	}
	return c
}

// holidays reads a list of the user's own over the one that ships.
func (w *walker) holidays(into **calendar.Holidays, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var file string
		w.needed(&file, name)(n)
		if file == "" {
			return
		}
		b, err := readFile(w.beside(file), longestCalendar)
		if err != nil {
			w.Fail(n, "%s: %s", name, err)
			return
		}
		if *into, err = daysfile.Read(w.beside(file), b); err != nil {
			w.files = append(w.files, err)
		}
	}
}

// hours reads hours of duty; they are made once every calendar is known.
func (w *walker) hours(c *Config, n *yaml.Node, name string) {
	h, before := Hours{Line: n.Line}, w.Faults()
	w.Fields(n, name, map[string]func(*yaml.Node){
		"name":     w.needed(&h.Name, name+".name"),
		"zone":     w.zone(&h.Zone, name+".zone"),
		"open":     w.TextList(&h.Open, name+".open"),
		"calendar": w.needed(&h.Calendar, name+".calendar"),
	})
	if before == w.Faults() && (h.Name == "" || h.Zone == "" || len(h.Open) == 0) {
		w.Fail(n, "%s: want name, zone and open, such as [\"business 09:00-18:00\"]", name)
	}
	i := len(c.Hours)
	c.Hours = append(c.Hours, h)
	if before != w.Faults() {
		return
	}
	w.afterwards = append(w.afterwards, func() {
		days, ok := w.daysOf(c, n, name, h.Calendar)
		if !ok {
			return
		}
		var err error
		if c.Hours[i].Hours, err = calendar.ParseHours(h.Zone, h.Open, days); err != nil {
			w.Fail(n, "%s: %s", name, err)
		}
	})
}

// judging hands the calendars and the hours to the part of the configuration
// that judges, if some tenant or rule goes by them. A tenant's calendar is a
// rule over all that is the tenant's, before those of the file.
func (c *Config) judging() {
	var own []detect.Rule
	for _, t := range c.Tenants {
		if t.Calendar != "" {
			own = append(own, detect.Rule{Tenant: t.Name, Calendar: t.Calendar})
		}
	}
	c.Detect.Rules = append(own, c.Detect.Rules...)
	if !slices.ContainsFunc(c.Detect.Rules, func(r detect.Rule) bool { return r.Calendar != "" || r.Schedule != nil }) {
		return
	}
	for _, k := range c.Calendars {
		c.Detect.Calendars = append(c.Detect.Calendars, detect.Calendar{Name: k.Name, Days: k.Config, Special: k.Special})
	}
	for _, h := range c.Hours {
		of := h.Calendar
		if of == "" && len(c.Calendars) == 1 {
			of = c.Calendars[0].Name
		}
		c.Detect.Hours = append(c.Detect.Hours, detect.Hours{Name: h.Name, Zone: h.Zone, Open: h.Open, Calendar: of})
	}
}

// daysOf is the calendar of that name; without a name the only one, or none.
func (w *walker) daysOf(c *Config, n *yaml.Node, what, name string) (*calendar.Days, bool) {
	if name == "" && len(c.Calendars) == 1 {
		return c.Calendars[0].Days, true
	}
	if name == "" {
		return nil, true
	}
	var names []string
	for _, k := range c.Calendars {
		if k.Name == name {
			return k.Days, k.Days != nil
		}
		names = append(names, k.Name)
	}
	w.Fail(n, "%s: %q is no calendar%s", what, name, nearest(name, names))
	return nil, false
}

// calendars checks names once the whole file is read.
func (w *walker) calendars(c *Config) {
	for i, k := range c.Calendars {
		if slices.ContainsFunc(c.Calendars[:i], func(o Calendar) bool { return o.Name == k.Name && k.Name != "" }) {
			w.Fail(&yaml.Node{Line: k.Line}, "calendars: two are named %q", k.Name)
		}
	}
	for i, h := range c.Hours {
		if slices.ContainsFunc(c.Hours[:i], func(o Hours) bool { return o.Name == h.Name && h.Name != "" }) {
			w.Fail(&yaml.Node{Line: h.Line}, "hours: two are named %q", h.Name)
		}
	}
}

// hoursOf checks the hours that a receiver names.
func (w *walker) hoursOf(c *Config, at *yaml.Node, r *Receiver) {
	if r.Hours == "" {
		return
	}
	var names []string
	for _, h := range c.Hours {
		names = append(names, h.Name)
	}
	if !slices.Contains(names, r.Hours) {
		w.Fail(at, "receiver %s: %q are no hours%s", r.Name, r.Hours, nearest(r.Hours, names))
	}
}

// Window reads a window as the configuration's own windows are read: files
// stand beside the configuration, and without a name the calendar is the only
// one that there is.
func (c *Config) Window(spec, named string) (*recur.Window, error) {
	env := recur.Env{Read: func(name string) ([]byte, error) { return readFile(beside(c.File, name), longestCalendar) }}
	switch {
	case named == "" && len(c.Calendars) == 1:
		env.Days = c.Calendars[0].Days
	case named != "":
		i := slices.IndexFunc(c.Calendars, func(k Calendar) bool { return k.Name == named })
		if i < 0 {
			return nil, fmt.Errorf("%q is no calendar", named)
		}
		env.Days = c.Calendars[i].Days
	}
	return recur.Parse(spec, env)
}
