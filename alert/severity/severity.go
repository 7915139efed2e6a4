// Package severity says how urgent an alert is, and why: from its class and
// from terms that are stated with it. It reads no clock.
//
// The rules, in this order:
//
//	class        act = critical, check = warning, record = notice
//	guard        a hard limit is crossed: critical, and act, whatever the class
//	redundancy   of a group that declares how many members it can lose: while no
//	             more than that fire it is check (warning), beyond it act (critical)
//	grounds      effect   the peak lies alert.Effect (3) times as far from the expected value as the limit, or farther
//	             breadth  at least half of the group's members fire on the same metric and side, and at least 3
//	             duration it has stood for Long (1 h)
//	             a notice becomes a warning with the first ground that holds, a
//	             warning critical with the second; one ground alone makes nobody get up
//	override     a rule of the configuration that matches sets it
//
// What holds is told whether it moves the severity or not.
package severity

import (
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

const (
	// Long is how long an alert has to stand for its duration to be a ground.
	Long = time.Hour
	// fewest members that fire are breadth.
	fewest = 3
)

// Classes of alerts.
const (
	Act    = "act"    // somebody has to act now
	Check  = "check"  // somebody has to look at it, in duty hours
	Record = "record" // it is kept and listed
)

// GuardModel is the detector of hard limits.
const GuardModel = "guard"

// Override sets the severity of what it matches.
type Override struct {
	Match    kizashi.Matchers
	Severity alert.Severity
}

// Redundancy says of a group how many of its members it can lose.
type Redundancy struct {
	Match   kizashi.Matchers
	CanLose int
}

// Rules of the configuration; the first that matches counts.
type Rules struct {
	Overrides  []Override
	Redundancy []Redundancy
}

// Case is what is known of an alert at a time.
type Case struct {
	Alert  *kizashi.Alert
	Labels kizashi.Labels // that rules are matched with
	Firing int            // alerts of its group on the same metric and side that fire, itself included
	Of     int            // members of the group that have the metric; 0 = not known
	Now    time.Time      // of the wall
}

// Result is an alert's severity with its reasons.
type Result struct {
	Class    string // with the group's redundancy: act, check or record
	Severity alert.Severity
	Terms    []alert.Term // in the order of the rules
	Until    time.Time    // from then on it may be another although nothing happened; zero = no such time
}

// Of applies the rules.
func (r *Rules) Of(c Case) Result {
	j := judge{Case: c, Result: Result{Class: c.Alert.Class}}
	j.add(alert.Term{Name: alert.TermClass, Text: j.Class}, 0)
	j.Severity = base(j.Class)
	j.guard()
	j.redundancy(r.Redundancy)
	j.grounds()
	for _, o := range r.Overrides {
		if o.Match.Matches(c.Labels) {
			j.Severity = o.Severity
			j.add(alert.Term{Name: alert.TermOverride, Text: matchers(o.Match)}, 0)
			break
		}
	}
	return j.Result
}

// Guarded says that an alert stands for a hard limit.
func Guarded(a *kizashi.Alert) bool { return slices.Contains(a.Models, GuardModel) }

// Metric is what the members of a group have in common that count towards each
// other's breadth and redundancy.
type Metric struct{ tenant, group, namespace, name, stat string }

// MetricOf returns it by a series' labels: namespace, metric and stat, or where
// there is no metric the label name, which of a series of CloudWatch holds the
// dimensions too and so is each member's own.
func MetricOf(tenant, group string, ls kizashi.Labels) Metric {
	m := Metric{tenant, group, ls.Get("namespace"), ls.Get("metric"), ls.Get("stat")}
	if m.name == "" {
		m.name = ls.Get("name")
	}
	return m
}

// Alike is what alerts have in common that count towards each other's breadth.
type Alike struct {
	metric Metric
	side   kizashi.Side
}

// AlikeOf returns it.
func AlikeOf(a *kizashi.Alert) Alike {
	return Alike{MetricOf(a.Tenant, a.Group, a.Labels), a.Side}
}

type judge struct {
	Case
	Result
}

func base(class string) alert.Severity {
	switch class {
	case Act:
		return alert.Critical
	case Record:
		return alert.Notice
	}
	return alert.Warning
}

func (j *judge) add(t alert.Term, moves int) {
	if t.Value == 0 {
		t.Value = kizashi.None()
	}
	t.Moves = moves
	j.Severity += alert.Severity(moves)
	j.Terms = append(j.Terms, t)
}

func (j *judge) guard() {
	if Guarded(j.Alert) {
		j.add(alert.Term{Name: alert.TermGuard}, int(alert.Critical-j.Severity))
		j.Class = Act
	}
}

func (j *judge) redundancy(rs []Redundancy) {
	i := slices.IndexFunc(rs, func(r Redundancy) bool { return r.Match.Matches(j.Labels) })
	if i < 0 || j.Alert.Class == Record || Guarded(j.Alert) {
		return
	}
	j.Class = Check
	if j.Firing > rs[i].CanLose {
		j.Class = Act
	}
	j.add(alert.Term{Name: alert.TermRedundancy, Count: j.Firing, Of: rs[i].CanLose}, int(base(j.Class)-j.Severity))
}

// grounds raise what is not critical yet.
func (j *judge) grounds() {
	held := 0
	ground := func(t alert.Term) {
		held++
		moves := 0
		if j.Severity == alert.Notice && held == 1 || j.Severity == alert.Warning && held == 2 && base(j.Class) == alert.Warning {
			moves = 1
		}
		j.add(t, moves)
	}
	if e := alert.EffectOf(j.Alert.Peak, j.Alert.Side); e >= alert.Effect {
		ground(alert.Term{Name: alert.TermEffect, Value: kizashi.Num(e)})
	}
	if j.Firing >= fewest && j.Of > 0 && 2*j.Firing >= j.Of {
		ground(alert.Term{Name: alert.TermBreadth, Count: j.Firing, Of: j.Of})
	}
	stood := j.Now.Sub(j.Alert.From.UTC())
	if j.Alert.State == kizashi.Resolved {
		stood = j.Alert.To.Sub(j.Alert.From)
	}
	switch {
	case stood >= Long:
		ground(alert.Term{Name: alert.TermDuration, Value: kizashi.Num(stood.Truncate(time.Minute).Seconds())})
	case j.Alert.State == kizashi.Firing && j.Severity < alert.Critical:
		j.Until = j.Alert.From.UTC().Add(Long)
	}
}

func matchers(ms kizashi.Matchers) string {
	texts := make([]string, len(ms))
	for i, m := range ms {
		texts[i] = m.String()
	}
	return strings.Join(texts, ", ")
}
