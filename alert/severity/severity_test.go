package severity

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// of is an alert that has stood since before noon; effect is how many times as
// far from the expected value as the limit it lies.
func of(class string, effect float64, since time.Duration, models ...string) *kizashi.Alert {
	at := kizashi.TimeOf(noon.Add(-since))
	v := kizashi.Verdict{Expected: 40, Upper: 80, Lower: kizashi.None()}
	return &kizashi.Alert{Class: class, Side: kizashi.Up, State: kizashi.Firing, From: at, To: kizashi.TimeOf(noon), Models: models,
		Peak: kizashi.Moment{Value: kizashi.Num(40 + 40*effect), Verdict: v}}
}

func matcher(t *testing.T, s string) kizashi.Matchers {
	t.Helper()
	m, err := kizashi.ParseMatcher(s)
	if err != nil {
		t.Fatal(err)
	}
	return kizashi.Matchers{m}
}

func TestSeverityAndItsTerms(t *testing.T) {
	rules := Rules{
		Redundancy: []Redundancy{{matcher(t, "group=web"), 2}},
		Overrides:  []Override{{matcher(t, "name=Toy"), alert.Notice}},
	}
	min := time.Minute
	for _, c := range []struct {
		what       string
		a          *kizashi.Alert
		labels     map[string]string
		firing, of int
		want       string
	}{
		{"to act on", of(Act, 1.2, min), nil, 1, 0, "act critical: class act"},
		{"to look at", of(Check, 1.2, min), nil, 1, 0, "check warning: class check"},
		{"to record", of(Record, 1.2, min), nil, 1, 0, "record notice: class record"},
		{"one ground is told", of(Check, 3, min), nil, 1, 0, "check warning: class check, effect 3"},
		{"and makes a notice a warning", of(Record, 3, min), nil, 1, 0, "record warning: class record, effect 3 +1"},
		{"two make a warning critical", of(Check, 4, 2*time.Hour), nil, 1, 0, "check critical: class check, effect 4, duration 7200 +1"},
		{"but not a notice", of(Record, 4, 2*time.Hour), nil, 1, 0, "record warning: class record, effect 4 +1, duration 7200"},
		{"breadth", of(Check, 4, min), nil, 4, 8, "check critical: class check, effect 4, breadth 4/8 +1"},
		{"not half of them", of(Check, 4, min), nil, 3, 8, "check warning: class check, effect 4"},
		{"two of two are no breadth", of(Check, 1, min), nil, 2, 2, "check warning: class check"},
		{"a guard rail", of(Record, 1, min, "band", "guard"), nil, 1, 0, "act critical: class record, guard +2"},
		{"two may be lost", of(Act, 1, min), map[string]string{"group": "web"}, 2, 8, "check warning: class act, redundancy 2/2 -1"},
		{"three are lost", of(Check, 1, min), map[string]string{"group": "web"}, 3, 8, "act critical: class check, redundancy 3/2 +1"},
		{"no redundancy for guard rails", of(Act, 1, min, "guard"), map[string]string{"group": "web"}, 1, 8, "act critical: class act, guard"},
		{"a rule says so", of(Act, 9, min), map[string]string{"name": "Toy"}, 1, 0, `act notice: class act, effect 9, override name="Toy"`},
	} {
		r := rules.Of(Case{Alert: c.a, Labels: kizashi.LabelsOf(c.labels), Firing: c.firing, Of: c.of, Now: noon})
		if got := text(r); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.what, got, c.want)
		}
	}
}

func text(r Result) string {
	var out []string
	for _, t := range r.Terms {
		s := string(t.Name)
		if t.Text != "" {
			s += " " + t.Text
		}
		if t.Value.Ok() {
			s += fmt.Sprintf(" %v", float64(t.Value))
		}
		if t.Count > 0 {
			s += fmt.Sprintf(" %d/%d", t.Count, t.Of)
		}
		if t.Moves != 0 {
			s += fmt.Sprintf(" %+d", t.Moves)
		}
		out = append(out, s)
	}
	return fmt.Sprintf("%s %s: %s", r.Class, r.Severity, strings.Join(out, ", "))
}

func TestWhenItMayBeAnother(t *testing.T) {
	var rules Rules
	a := of(Check, 4, 10*time.Minute)
	r := rules.Of(Case{Alert: a, Firing: 1, Now: noon})
	if r.Severity != alert.Warning || r.Until != noon.Add(50*time.Minute) {
		t.Errorf("%s until %s", r.Severity, r.Until)
	}
	if r = rules.Of(Case{Alert: a, Firing: 1, Now: r.Until}); r.Severity != alert.Critical || !r.Until.IsZero() {
		t.Errorf("then %s until %s", r.Severity, r.Until)
	}
	a.State, a.To = kizashi.Resolved, kizashi.TimeOf(noon)
	if r = rules.Of(Case{Alert: a, Firing: 1, Now: noon.Add(time.Hour)}); r.Severity != alert.Warning || !r.Until.IsZero() {
		t.Errorf("over after 10 minutes: %s until %s", r.Severity, r.Until)
	}
}

func TestEffectIsOnTheAlertsSide(t *testing.T) {
	none := kizashi.None()
	for _, c := range []struct {
		value, expected, lower, upper kizashi.Num
		side                          kizashi.Side
		want                          float64
	}{
		{160, 40, none, 80, kizashi.Up, 3},
		{10, 40, 30, 80, kizashi.Down, 3},
		{none, 40, 30, 80, kizashi.Down, 0},
		{10, none, 30, none, kizashi.Down, 0},
		{10, 40, none, 80, kizashi.Down, 0},
		{90, 80, none, 80, kizashi.Up, 0},
		{10, 40, none, 80, kizashi.Up, 0},
	} {
		m := kizashi.Moment{Value: c.value, Verdict: kizashi.Verdict{Expected: c.expected, Lower: c.lower, Upper: c.upper}}
		if got := alert.EffectOf(m, c.side); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
