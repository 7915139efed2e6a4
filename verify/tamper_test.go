package verify_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/verify"
)

// Whatever number of a justification is changed, even with its hash and the
// alert's own copies changed to match, verify finds it with the samples at
// hand, unless it says that the number is declared.
func TestEveryChangedNumberIsFound(t *testing.T) {
	for _, k := range []struct{ story, model, side string }{
		{"1 minute, as it is", "band", "up"},
		{"5 minutes, logarithmic", "spike", "down"},
		{"one of six hosts", "sibling", "up"},
		{"stretches", "level", "up"},
		{"stretches", "drift", "down"},
		{"stretches", "variance", "up"},
		{"a calm stretch", "variance", "down"},
		{"stretches", "stuck", "both"},
		{"a nightly job, skipped and doubled", "routine", "down"},
		{"a series' first day", "early", "up"},
		{"a half-life of four days, seasonal", "band", "up"},
		{"changes within a while", "rate", "up"},
		{"changes within a while", "rate", "down"},
		{"stretches of a season, 5 minutes", "level", "up"},
		{"a leak over days", "forecast", "both"},
		{"a leak over hours", "forecast", "both"},
		{"never seen", "novelty", "down"},
		{"never seen", "extreme", "up"},
		{"seasonal over a change of time in New York", "band", "down"},
		{"counts", "spike", "up"},
		{"hourly", "spike", "up"},
		{"no period declared", "band", "up"},
		{"bounds and guard rails", "guard", "up"},
		{"bounds and guard rails", "guard", "down"},
		{"a static limit", "static", "up"},
		{"a stretch excluded afterwards", "spike", "down"},
		{"another target on the way", "band", "up"},
		{"a tenant's target", "band", "up"},
		{"a coarse history", "band", "up"},
		{"requests counted", "band", "up"},
		{"special days", "band", "down"},
		{"special days", "spike", "up"},
		{"a floor of the effect", "band", "up"},
		{"a first week", "spike", "down"},
		{"1 minute, as it is", "silence", "both"},
		{"no period declared", "silence", "both"},
	} {
		t.Run(k.model+" "+k.side+", "+k.story, func(t *testing.T) {
			t.Parallel()
			w := find(t, k.story).run(t)
			a := w.last(t, k.model, k.side)
			w.tamperWith(t, a)
		})
	}
}

func find(t *testing.T, name string) story {
	t.Helper()
	for _, s := range stories() {
		if s.name == name {
			return s
		}
	}
	t.Fatalf("there is no story %q", name)
	return story{}
}

// last is the last alert that was decided by a model on a side.
func (w *world) last(t *testing.T, model, side string) kizashi.Alert {
	t.Helper()
	for _, a := range slices.Backward(w.opened(t)) {
		v := w.justifications[a.Justify].Opening.Verdict.Votes
		if v[0].Model == model && v[0].Side.String() == side {
			return a
		}
	}
	t.Fatalf("no alert by %s %s", model, side)
	return kizashi.Alert{}
}

func (w *world) tamperWith(t *testing.T, a kizashi.Alert) {
	t.Helper()
	j, cfg := w.justifications[a.Justify], w.config(a)
	r := verify.Check(a, j, cfg)
	if len(r.Faults) > 0 {
		t.Fatalf("untouched: %q", r.Faults)
	}
	if len(r.Declared) > 6 {
		t.Errorf("%d fields are declared, want at most 6: %q", len(r.Declared), r.Declared)
	}
	paths, declared := verify.Fields(j), 0
	if len(paths) < 50 {
		t.Errorf("only %d numeric fields: %q", len(paths), paths)
	}
	for _, path := range paths {
		if covered(r.Declared, path) {
			declared++
			continue
		}
		changed, err := verify.Tamper(j, path)
		if err != nil {
			t.Fatal(err)
		}
		if found(forged(t, a, changed), changed, cfg) == 0 {
			t.Errorf("%s: the change was not found", path)
		}
	}
	t.Logf("%d numeric fields, %d of them declared: %q", len(paths), declared, r.Declared)
}

// found counts the faults. What is found without samples is found with them
// too, and sooner.
func found(a kizashi.Alert, j kizashi.Justification, cfg verify.Config) int {
	alone := cfg
	alone.Data = nil
	if n := len(verify.Check(a, j, alone).Faults); n > 0 {
		return n
	}
	return len(verify.Check(a, j, cfg).Faults)
}

// Every number that the JSON of a justification shows is among its fields, so
// that none escapes the test above.
func TestFieldsAreAllNumbersOfTheJSON(t *testing.T) {
	w := find(t, "bounds and guard rails").run(t)
	for _, a := range w.opened(t) {
		j := w.justifications[a.Justify]
		b, err := json.Marshal(j)
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if err := json.Unmarshal(b, &doc); err != nil {
			t.Fatal(err)
		}
		paths := verify.Fields(j)
		for _, p := range numbers(doc, "") {
			if !slices.Contains(paths, p) {
				t.Fatalf("alert %s: %s is a number in the JSON, and no field", a.ID, p)
			}
		}
	}
}

// numbers lists the paths of numbers, instants and spans of time in JSON.
func numbers(v any, path string) []string {
	var out []string
	switch x := v.(type) {
	case map[string]any:
		for k, y := range x {
			out = append(out, numbers(y, strings.TrimPrefix(path+"."+k, "."))...)
		}
	case []any:
		for i, y := range x {
			out = append(out, numbers(y, fmt.Sprintf("%s[%d]", path, i))...)
		}
	case float64:
		out = append(out, path)
	case string:
		_, bad := time.Parse(time.RFC3339, x)
		if _, err := time.ParseDuration(x); err == nil || bad == nil {
			out = append(out, path)
		}
	}
	return out
}

// forged is an alert that hides the change: its hash and copies agree.
func forged(t *testing.T, a kizashi.Alert, j kizashi.Justification) kizashi.Alert {
	t.Helper()
	hash, err := kizashi.HashOf(j)
	if err != nil {
		t.Fatal(err)
	}
	a.Justify, a.Opening, a.Opened, a.Series = hash, j.Opening, j.Opening.At, j.Meta.Series
	return a
}

// covered says whether a path is declared, or lies below one that is.
func covered(declared []string, path string) bool {
	return slices.ContainsFunc(declared, func(d string) bool {
		return path == d || strings.HasPrefix(path, d+".") || strings.HasPrefix(path, d+"[")
	})
}

// What is malformed is a fault, and ends nothing.
func TestMalformedIsAFault(t *testing.T) {
	for _, k := range []struct{ story, model, side string }{
		{"a nightly job, skipped and doubled", "routine", "down"}, {"a series' first day", "early", "up"}, {"1 minute, as it is", "band", "up"},
	} {
		w := find(t, k.story).run(t)
		a := w.last(t, k.model, k.side)
		for name, change := range map[string]func(*kizashi.Justification){
			"no record": func(j *kizashi.Justification) { j.Record = nil },
			"no days":   func(j *kizashi.Justification) { j.Routine = &kizashi.Routine{} },
			"ages ago": func(j *kizashi.Justification) {
				j.Routine = &kizashi.Routine{Days: []kizashi.RoutineDay{{From: -9e15}}}
			},
			"no samples":   func(j *kizashi.Justification) { j.Recent, j.Run = nil, &kizashi.Run{} },
			"no grounds":   func(j *kizashi.Justification) { j.Grounds = []kizashi.Ground{{Model: k.model}} },
			"another side": func(j *kizashi.Justification) { j.Opening.Verdict.Votes = nil },
		} {
			j := w.justifications[a.Justify]
			if change(&j); verify.Check(a, j, w.config(a)).Ok() {
				t.Errorf("%s, %s: accepted", k.story, name)
			}
		}
	}
}

// A limit of 0 is no more free to be stated than another.
func TestALimitOfZeroIsChecked(t *testing.T) {
	w := find(t, "counts").run(t)
	for _, a := range w.alerts {
		j := w.justifications[a.Justify]
		if a.Justify == "" || j.LimitLow != 0 {
			continue
		}
		for i := range j.Evidence {
			if e := &j.Evidence[i]; e.Claim == kizashi.ClaimRange {
				e.Low = 11
			}
		}
		j.LimitLow = 11
		if r := verify.Check(a, j, w.config(a)); !slices.ContainsFunc(r.Faults, func(f string) bool { return strings.HasPrefix(f, "limit_low") }) {
			t.Errorf("%s: a limit of 11 where 0 is right: %q", a.ID, r.Faults)
		}
		return
	}
	t.Fatal("no alert has a limit of 0")
}
