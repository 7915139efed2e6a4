package cost

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/yamlstrict"
)

// reader reads one price file into copies.
type reader struct {
	*yamlstrict.Walker
	user    bool
	prices  map[string]map[string]Price
	actions map[string]string
}

// read takes a file in whole, or not at all.
func (p *Prices) read(file string, b []byte, user bool) error {
	r := &reader{&yamlstrict.Walker{File: file}, user, maps.Clone(p.prices), maps.Clone(p.actions)}
	doc, err := r.Parse(b)
	if err != nil {
		return err
	}
	if doc == nil {
		return fmt.Errorf("%s: the file is empty; want prices", file)
	}
	r.file(doc)
	if err := r.Err(); err != nil {
		return err
	}
	p.prices, p.actions = r.prices, r.actions
	return nil
}

func (r *reader) file(doc *yaml.Node) {
	var actions *yaml.Node
	r.Fields(doc, "the price file", map[string]func(*yaml.Node){
		"prices": func(n *yaml.Node) {
			r.Pairs(n, "prices", r.price)
		},
		"actions": func(n *yaml.Node) { actions = n },
	})
	if actions != nil {
		r.Pairs(actions, "actions", r.action)
	}
}

// price reads one price and those of its regions.
func (r *reader) price(key, n *yaml.Node) {
	unit, ok := units[key.Value]
	if !ok {
		r.Fail(key, "unknown price %q%s", key.Value, yamlstrict.Nearest(key.Value, slices.Collect(maps.Keys(units))))
		return
	}
	out := map[string]Price{}
	var regions *yaml.Node
	more := map[string]func(*yaml.Node){"regions": func(n *yaml.Node) { regions = n }}
	out[""] = r.one(key, n, Price{Name: key.Value, Unit: unit}, more)
	if regions != nil {
		r.Pairs(regions, key.Value+" regions", func(k, v *yaml.Node) {
			out[k.Value] = r.one(k, v, Price{Name: key.Value, Region: k.Value, Unit: unit}, nil)
		})
	}
	r.prices[key.Value] = out
}

// one reads a value with its date and source. A user's source may be left
// out; whether it was verified never goes without saying, so it is false.
func (r *reader) one(key, n *yaml.Node, p Price, more map[string]func(*yaml.Node)) Price {
	what := p.name()
	value, unit, unitAt, free := kizashi.None(), "", n, 0
	set := map[string]func(*yaml.Node){
		"value":        r.Number(&value, what+" value"),
		"unit":         func(n *yaml.Node) { unitAt = n; r.Text(&unit, what+" unit")(n) },
		"as_of":        r.day(&p.AsOf, what+" as_of"),
		"source":       r.Text(&p.Source, what+" source"),
		"verified":     r.Bool(&p.Verified, what+" verified"),
		"free_a_month": r.Int(&free, what+" free_a_month"),
	}
	maps.Copy(set, more)
	given := r.Faults()
	r.Fields(n, what, set)
	if r.Faults() > given {
		return p
	}
	switch {
	case !value.Ok():
		r.Fail(key, "%s: value is missing", what)
	case value < 0:
		r.Fail(key, "%s: value %v is negative", what, float64(value))
	}
	if unit != p.Unit && (unit != "" || p.Region == "") {
		r.unit(unitAt, what, unit, p.Unit)
	}
	if p.AsOf == "" {
		r.Fail(key, "%s: as_of is missing: the day on which the price held", what)
	}
	if free < 0 {
		r.Fail(key, "%s: free_a_month %d is negative", what, free)
	}
	if p.Source == "" && r.user {
		p.Source = "user: " + r.File
	} else if p.Source == "" {
		r.Fail(key, "%s: source is missing", what)
	}
	p.Value, p.Free = float64(value), int64(free)
	return p
}

func (r *reader) unit(n *yaml.Node, what, got, want string) {
	if got == "" {
		r.Fail(n, "%s: unit is missing; want %q", what, want)
		return
	}
	if _, ok := per[got]; !ok {
		r.Fail(n, "%s: unknown unit %q; want %q", what, got, want)
		return
	}
	r.Fail(n, "%s: unit is %q; want %q", what, got, want)
}

func (r *reader) day(into *string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := r.Scalar(n, name)
		if !ok {
			return
		}
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			r.Fail(n, "%s: want a day such as 2026-11-21, not %q", name, s)
			return
		}
		*into = s
	}
}

// action reads what an action is priced by. "ec2:*" stands for all of a
// service that have no row of their own.
func (r *reader) action(key, n *yaml.Node) {
	service, verb, ok := strings.Cut(key.Value, ":")
	if !ok || service == "" || verb == "" {
		r.Fail(key, "action %q: want service:Action or service:*", key.Value)
		return
	}
	name, ok := r.Scalar(n, "action "+key.Value)
	if !ok {
		return
	}
	priced := []string{MetricsRequested, Requests, FreeReads}
	if !slices.Contains(priced, name) {
		r.Fail(n, "action %s: no price of requests is called %q%s", key.Value, name, yamlstrict.Nearest(name, priced))
		return
	}
	r.actions[key.Value] = name
}
