package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/calendar/recur"
)

// Declared is a mute, an exclusion or an expectation that stands in the file:
// an act that nobody had to say, under an id that follows from its content.
type Declared struct {
	Line     int // in the file
	Act      alert.Act
	Window   *recur.Window
	Calendar string // "" = the only one
}

// Inhibition holds the alerts of Target back while one of Source fires that
// has the same values of the labels Equal.
type Inhibition struct {
	Line           int // in the file
	Source, Target kizashi.Matchers
	Equal          []string
}

// Owner says whose an alert is, and what that one does next.
type Owner struct {
	Line    int // in the file
	Match   kizashi.Matchers
	Owner   string
	Next    string
	Runbook string // URL
}

// Redundancy says of how many members a group can lose some.
type Redundancy struct {
	Line    int // in the file
	Match   kizashi.Matchers
	CanLose int
}

// SeverityRule sets the severity of what it matches.
type SeverityRule struct {
	Line     int // in the file
	Match    kizashi.Matchers
	Severity alert.Severity
}

// ModeRule sets the delivery mode of the series that it matches.
type ModeRule struct {
	Line   int // in the file
	Tenant string
	Match  kizashi.Matchers
	Mode   alert.Mode
}

// fromFile is the author of acts that stand in the file without one.
const fromFile = "configuration"

// says reads the items of mutes, exclude and expect.
func (w *walker) says(c *Config, k alert.ActKind, list string) func(*yaml.Node) {
	return w.List(list, func(n *yaml.Node, name string) {
		d, before := Declared{Line: n.Line, Act: alert.Act{Kind: k, Author: fromFile, Via: fromFile}}, w.Faults()
		a := &d.Act
		fields := map[string]func(*yaml.Node){
			"match":    w.Matchers(&a.Match, name+".match"),
			"window":   w.needed(&a.Window, name+".window"),
			"calendar": w.needed(&d.Calendar, name+".calendar"),
			"tenant":   w.needed(&a.Tenant, name+".tenant"),
			"reason":   w.needed(&a.Reason, name+".reason"),
			"author":   w.needed(&a.Author, name+".author"),
		}
		if k == alert.ActExpect {
			fields["scale"] = w.needed(&a.Value, name+".scale")
		}
		w.Fields(n, name, fields)
		if before != w.Faults() {
			return
		}
		w.afterwards = append(w.afterwards, func() { w.declares(c, n, name, d) })
	})
}

// whose fills in the only tenant where none is named.
func (w *walker) whose(c *Config, n *yaml.Node, name string, tenant *string, missing string) {
	switch {
	case *tenant == "" && len(c.Tenants) == 1:
		*tenant = c.Tenants[0].Name
	case *tenant == "":
		w.Fail(n, "%s: tenant is missing: %s", name, missing)
	default:
		w.tenantOf(c, n, name, *tenant)
	}
}

// declares checks and keeps an item once the whole file is read.
func (w *walker) declares(c *Config, n *yaml.Node, name string, d Declared) {
	before, a := w.Faults(), &d.Act
	w.whose(c, n, name, &a.Tenant, "it would hold for every customer")
	if a.Window == "" {
		w.Fail(n, "%s: window is missing: say when it holds", name)
	}
	if _, ok := w.daysOf(c, n, name, d.Calendar); !ok || before != w.Faults() {
		return
	}
	if a.Kind == alert.ActExpect {
		if _, _, err := Scale(a.Value); err != nil {
			w.Fail(n, "%s.scale: %s", name, err)
			return
		}
	}
	if err := a.Check(); err != nil {
		w.Fail(n, "%s: %s", name, err)
		return
	}
	var err error
	if d.Window, err = c.Window(a.Window, d.Calendar); err != nil {
		w.Fail(n, "%s.window: %s", name, err)
		return
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %q %q %q %q %q", a.Kind, a.Tenant, a.Match, a.Window, a.Value, d.Calendar))
	a.ID = hex.EncodeToString(sum[:6])
	if slices.ContainsFunc(c.Declared, func(o Declared) bool { return o.Act.ID == a.ID }) {
		w.Fail(n, "%s: the same stands above", name)
		return
	}
	c.Declared = append(c.Declared, d)
}

// tenantOf checks the name of a tenant, if there is one.
func (w *walker) tenantOf(c *Config, at *yaml.Node, what, tenant string) {
	var names []string
	for _, t := range c.Tenants {
		names = append(names, t.Name)
	}
	if tenant != "" && !slices.Contains(names, tenant) {
		w.Fail(at, "%s: there is no tenant %q%s", what, tenant, nearest(tenant, names))
	}
}

func (w *walker) inhibition(n *yaml.Node, name string) Inhibition {
	i, before := Inhibition{Line: n.Line}, w.Faults()
	w.Fields(n, name, map[string]func(*yaml.Node){
		"source": w.Matchers(&i.Source, name+".source"), "target": w.Matchers(&i.Target, name+".target"), "equal": w.TextList(&i.Equal, name+".equal"),
	})
	if before == w.Faults() && (len(i.Source) == 0 || len(i.Target) == 0) {
		w.Fail(n, "%s: want source and target; without matchers everything would hold everything back", name)
	}
	return i
}

func (w *walker) owner(n *yaml.Node, name string) Owner {
	o, before := Owner{Line: n.Line}, w.Faults()
	w.Fields(n, name, map[string]func(*yaml.Node){
		"match": w.Matchers(&o.Match, name+".match"), "owner": w.needed(&o.Owner, name+".owner"),
		"next": w.Text(&o.Next, name+".next"), "runbook": w.url(&o.Runbook, name+".runbook"),
	})
	if before == w.Faults() && o.Owner == "" {
		w.Fail(n, "%s: owner is missing", name)
	}
	return o
}

// severity reads what moves severities.
func (w *walker) severity(c *Config, n *yaml.Node) {
	w.Fields(n, "severity", map[string]func(*yaml.Node){
		"groups": w.List("severity.groups", func(n *yaml.Node, name string) {
			r := Redundancy{Line: n.Line}
			w.Fields(n, name, map[string]func(*yaml.Node){
				"match": w.Matchers(&r.Match, name+".match"), "can_lose": w.Int(&r.CanLose, name+".can_lose"),
			})
			if r.CanLose < 0 {
				w.Fail(n, "%s.can_lose: want how many members may be lost, 0 or more", name)
			}
			c.Redundancy = append(c.Redundancy, r)
		}),
		"rules": w.List("severity.rules", func(n *yaml.Node, name string) {
			r, s := SeverityRule{Line: n.Line}, ""
			w.Fields(n, name, map[string]func(*yaml.Node){
				"match":    w.Matchers(&r.Match, name+".match"),
				"severity": w.oneOf(&s, name+".severity", alert.Critical.String(), alert.Warning.String(), alert.Notice.String()),
			})
			for _, v := range []alert.Severity{alert.Notice, alert.Warning, alert.Critical} {
				if v.String() == s {
					r.Severity = v
				}
			}
			if s == "" {
				w.Fail(n, "%s: severity is missing", name)
			}
			c.Severities = append(c.Severities, r)
		}),
	})
}

// modeRule reads the mode of some series.
func (w *walker) modeRule(c *Config, n *yaml.Node, name string) {
	r, before := ModeRule{Line: n.Line}, w.Faults()
	w.Fields(n, name, map[string]func(*yaml.Node){
		"tenant": w.needed(&r.Tenant, name+".tenant"), "match": w.Matchers(&r.Match, name+".match"), "mode": w.mode(&r.Mode, name+".mode"),
	})
	if before == w.Faults() && (len(r.Match) == 0 || r.Mode == "") {
		w.Fail(n, "%s: want match and mode; a tenant's own mode stands with the tenant", name)
	}
	c.Modes = append(c.Modes, r)
	w.afterwards = append(w.afterwards, func() { w.tenantOf(c, n, name, r.Tenant) })
}

func (w *walker) mode(into *alert.Mode, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var s string
		w.oneOf(&s, name, string(alert.Shadow), string(alert.Internal), string(alert.Live))(n)
		*into = alert.Mode(s)
	}
}
