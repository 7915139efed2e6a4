package config

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// rule reads one rule and lets detect itself say what is wrong with it.
func (w *walker) rule(c *Config, n *yaml.Node, name string) (r detect.Rule) {
	before := w.Faults()
	w.Fields(n, name, map[string]func(*yaml.Node){
		"match":             w.Matchers(&r.Match, name+".match"),
		"false_alert_every": w.durationOr(&r.R, name+".false_alert_every"),
		"direction":         w.direction(&r.Direction, name+".direction"),
		"m_of_n":            w.Text(&r.MofN, name+".m_of_n"),
		"class":             w.oneOf(&r.Class, name+".class", "act", "check", "record"),
		"static":            w.limits(&r.Static, name+".static"),
		"guards":            w.limits(&r.Guards, name+".guards"),
		"change":            w.changes(&r.Change, name+".change"),
		"forecast":          w.forecasts(&r.Forecast, name+".forecast"),
		"silence":           func(n *yaml.Node) { r.Silence = new(bool); w.Bool(r.Silence, name+".silence")(n) },
		"for":               w.durationOr(&r.For, name+".for"),
		"recover":           func(n *yaml.Node) { r.Recover = new(int); w.Int(r.Recover, name+".recover")(n) },
		"zone":              w.zone(&r.Zone, name+".zone"),
		"off":               w.detectors(&r.Off, name+".off"),
		"opt_in":            w.detectors(&r.OptIn, name+".opt_in"),
		"calendar":          w.Text(&r.Calendar, name+".calendar"),
		"schedule":          w.schedule(&r.Schedule, name+".schedule"),
		"volume":            w.volume(&r.Volume, name+".volume"),
		"half_life":         w.durationOr(&r.HalfLife, name+".half_life"),
		"floor":             w.floor(&r.Floor, name+".floor"),
	})
	if w.Faults() > before {
		return r // told already
	}
	check := func(in detect.Config) {
		in.Rules = []detect.Rule{r}
		if err := in.Validate(); err != nil {
			w.Fail(n, "%s: %s", name, strings.TrimPrefix(err.Error(), "rules[0]: "))
		}
	}
	if r.Calendar == "" && r.Schedule == nil {
		check(detect.Config{})
		return r
	}
	w.afterwards = append(w.afterwards, func() { check(detect.Config{Calendars: c.Detect.Calendars, Hours: c.Detect.Hours}) })
	return r
}

// volume names what counts requests, and how many there must be.
func (w *walker) volume(into **kizashi.Volume, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*into = &kizashi.Volume{}
		var least *float64
		w.Fields(n, name, map[string]func(*yaml.Node){"of": w.Text(&(*into).Of, name+".of"), "least": w.numberOr(&least, name+".least")})
		if least != nil {
			(*into).Least = *least
		}
	}
}

// floor is the least effect that is told.
func (w *walker) floor(into **kizashi.Floor, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var by, part *float64
		w.Fields(n, name, map[string]func(*yaml.Node){"by": w.numberOr(&by, name+".by"), "part": w.numberOr(&part, name+".part")})
		*into = &kizashi.Floor{}
		if by != nil {
			(*into).By = *by
		}
		if part != nil {
			(*into).Part = *part
		}
	}
}

// schedule names hours, and how late the first sample of an opening may be.
func (w *walker) schedule(into **detect.ScheduleRule, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var s detect.ScheduleRule
		w.Fields(n, name, map[string]func(*yaml.Node){
			"hours": w.Text(&s.Hours, name+".hours"),
			"late":  w.Duration((*time.Duration)(&s.Late), name+".late"),
		})
		*into = &s
	}
}

func (w *walker) durationOr(into **kizashi.Duration, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var d time.Duration
		w.Duration(&d, name)(n)
		*into = (*kizashi.Duration)(&d)
	}
}

func (w *walker) direction(into **kizashi.Side, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var s string
		w.oneOf(&s, name, "up", "down", "both")(n)
		var side kizashi.Side
		if side.UnmarshalText([]byte(s)) == nil {
			*into = &side
		}
	}
}

func (w *walker) limits(into *[]detect.StaticRule, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*into = []detect.StaticRule{} // an empty list takes back what earlier rules said
		w.List(name, func(n *yaml.Node, name string) {
			var l detect.StaticRule
			w.Fields(n, name, map[string]func(*yaml.Node){
				"above":  w.numberOr(&l.Above, name+".above"),
				"below":  w.numberOr(&l.Below, name+".below"),
				"m_of_n": w.Text(&l.MofN, name+".m_of_n"),
				"note":   w.Text(&l.Note, name+".note"),
			})
			*into = append(*into, l)
		})(n)
	}
}

// changes reads how far a value may move within a while.
func (w *walker) changes(into *[]detect.ChangeRule, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*into = []detect.ChangeRule{} // an empty list takes back what earlier rules said
		w.List(name, func(n *yaml.Node, name string) {
			var r detect.ChangeRule
			var side *kizashi.Side
			w.Fields(n, name, map[string]func(*yaml.Node){
				"above":     w.Text(&r.Above, name+".above"),
				"over":      w.Duration((*time.Duration)(&r.Over), name+".over"),
				"direction": w.direction(&side, name+".direction"),
				"note":      w.Text(&r.Note, name+".note"),
			})
			if side != nil {
				r.Direction = *side
			}
			*into = append(*into, r)
		})(n)
	}
}

// forecasts reads limits to be told of ahead.
func (w *walker) forecasts(into *[]detect.ForecastRule, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*into = []detect.ForecastRule{} // an empty list is none, not even of the guard rails
		w.List(name, func(n *yaml.Node, name string) {
			var r detect.ForecastRule
			w.Fields(n, name, map[string]func(*yaml.Node){
				"above":  w.numberOr(&r.Above, name+".above"),
				"below":  w.numberOr(&r.Below, name+".below"),
				"within": w.Duration((*time.Duration)(&r.Within), name+".within"),
				"lead":   w.Duration((*time.Duration)(&r.Lead), name+".lead"),
				"note":   w.Text(&r.Note, name+".note"),
			})
			*into = append(*into, r)
		})(n)
	}
}

// detectors reads names of the table of models.
func (w *walker) detectors(into *[]string, name string) func(*yaml.Node) {
	var known []string
	for _, r := range models.All() {
		known = append(known, r.Name)
	}
	known = append(known, w.own...)
	return func(n *yaml.Node) {
		*into = []string{}
		w.List(name, func(n *yaml.Node, name string) {
			var s string
			w.oneOf(&s, name, known...)(n)
			*into = append(*into, s)
		})(n)
	}
}
