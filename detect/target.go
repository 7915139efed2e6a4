package detect

import (
	"cmp"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// target is what commands say of a series' R.
type target struct {
	own      kizashi.Duration  // of the series itself, over every configuration; 0 = none
	division *kizashi.Division // of its tenant; nil = none
}

// take notes what a Target says.
func (t *target) take(c *placed) {
	if c.division != nil {
		t.division = c.division
		return
	}
	t.own = kizashi.Duration(c.Value * float64(time.Second))
}

// apply lays R over what the configuration says: a command about the series
// stands over all; the tenant's target is shared by series of class act whose R
// no rule sets (byRule).
func (t *target) apply(set *kizashi.Settings, byRule bool) {
	switch {
	case t.own > 0:
		set.R = t.own
	case t.division != nil && !byRule && set.Class == kizashi.ClassAct:
		set.R, set.Division = t.division.R(), t.division
	}
}

// Divided returns the last command that divided a tenant's target.
func (e *Engine) Divided(tenant string) (kizashi.Command, bool) {
	for i := len(e.commands) - 1; i >= 0; i-- {
		if c := &e.commands[i]; c.division != nil && (c.Tenant == "" || c.Tenant == tenant) {
			return c.Command, true
		}
	}
	return kizashi.Command{}, false
}

// Aim is what a configuration asks for of the series of one tenant and class
// that have not ended.
type Aim struct {
	Tenant string
	Class  string
	Shared int     // series that share the tenant's target
	Own    int     // others, with a period of their own
	Weekly float64 // false episodes a week that the periods of those come to
}

// Aims counts series as cfg has them, by tenant and class. A tenant's target is
// shared by its series of class act with no R of their own by a rule or a
// command. One that is still warming up counts: it will vote; one without every
// detector whose votes the target is for counts nowhere.
func (e *Engine) Aims(cfg *Config) ([]Aim, error) {
	var own []*placed // commands about R that divide nothing
	for i := range e.commands {
		if c := &e.commands[i]; c.Op == kizashi.Target && c.division == nil {
			own = append(own, c)
		}
	}
	var off []string
	for _, o := range e.Off() {
		off = append(off, o.Model)
	}
	at := map[[2]string]*Aim{}
	for _, s := range e.series.all() {
		m, ended := &s.meta, s.ended != ""
		if n := len(s.coming); n > 0 {
			m, ended = &s.coming[n-1].Meta, s.coming[n-1].Ended != ""
		}
		if ended {
			continue
		}
		set, _, byRule, err := cfg.resolve(m)
		if err != nil {
			return nil, err
		}
		without(&set, off)
		if !Counts(e.rows, &set) {
			continue
		}
		k := [2]string{m.Tenant, set.Class}
		if at[k] == nil {
			at[k] = &Aim{Tenant: m.Tenant, Class: set.Class}
		}
		byCommand := false
		for _, c := range own {
			if c.Concerns(m) {
				set.R, byCommand = kizashi.Duration(c.Value*float64(time.Second)), true
			}
		}
		at[k].add(set, byRule || byCommand)
	}
	out := make([]Aim, 0, len(at))
	for _, a := range at {
		out = append(out, *a)
	}
	slices.SortFunc(out, func(a, b Aim) int { return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Class, b.Class)) })
	return out, nil
}

// add counts a series.
func (a *Aim) add(set kizashi.Settings, own bool) {
	if a.Class == kizashi.ClassAct && !own {
		a.Shared++
		return
	}
	a.Own++
	a.Weekly += 7 * 24 * float64(time.Hour) / float64(set.R)
}

// Counts says whether some detector that is not off by the settings gives votes that the target
// is for.
func Counts(rows []Row, set *kizashi.Settings) bool {
	return slices.ContainsFunc(rows, func(r Row) bool { return !r.Outside && !r.off(set) })
}
