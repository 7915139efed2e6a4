package verify_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi/verify"
)

// Every formula that Show prints gives, typed into a spreadsheet with its
// numbers, what verify computed.
func TestFormulasCanBeRedone(t *testing.T) {
	for _, name := range []string{"1 minute, as it is", "5 minutes, logarithmic", "bounds and guard rails", "a static limit", "seasonal over a change of time in New York"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := find(t, name).run(t)
			done := 0
			for _, a := range w.opened(t) {
				for _, s := range verify.Check(a, w.justifications[a.Justify], w.config(a)).Steps {
					if strings.HasPrefix(s.Formula, "=") {
						redo(t, s)
						done++
					}
				}
			}
			if done < 100 {
				t.Errorf("only %d formulas", done)
			}
		})
	}
}

func redo(t *testing.T, s verify.Step) {
	t.Helper()
	got, err := evaluate(s.Filled())
	if err != nil {
		t.Errorf("%s: %v", s.Path, err)
		return
	}
	want, err := strconv.ParseFloat(strings.TrimSuffix(s.Want, " s"), 64)
	if err != nil {
		t.Errorf("%s: %s gives no number: %v", s.Path, s.Formula, err)
		return
	}
	if math.Abs(got-want) > 1e-6*max(math.Abs(want), 1e-6) {
		t.Errorf("%s: %s is %v, and verify says %v", s.Path, s.Filled(), got, want)
	}
}

// Show prints each step with its formula, inputs and both results, in two
// languages, and names every step.
func TestShow(t *testing.T) {
	w := find(t, "5 minutes, logarithmic").run(t)
	a := w.last(t, "spike", "down")
	r := verify.Check(a, w.justifications[a.Justify], w.config(a))
	if got := w.justifications[a.Justify].Record.Transform; got != "log1p" {
		t.Fatalf("the scale is %s", got)
	}
	for lang, want := range map[string][]string{
		"en": {"[record.band_up.theta]", "=MAX(least,u+MAX(sigma", "u = ", "they agree", "declared, not computed: opening.verdict.onset",
			"residual from the moving mean, in scales", "faults: 0", "largest difference among values repeated from samples"},
		"ja": {"裾から求めた上限", "[record.band_up.theta]", "=MAX(least,u+MAX(sigma", "一致", "不一致: 0"},
	} {
		var b strings.Builder
		if err := r.Show(&b, lang); err != nil {
			t.Fatal(err)
		}
		for _, x := range want {
			if !strings.Contains(b.String(), x) {
				t.Errorf("%s: %q is missing", lang, x)
			}
		}
		if n := strings.Count(b.String(), "["); n < len(r.Steps) {
			t.Errorf("%s: %d steps, %d are shown", lang, len(r.Steps), n)
		}
	}
	var en, ja strings.Builder
	if err := r.Show(&en, "en"); err != nil {
		t.Fatal(err)
	}
	if err := r.Show(&ja, "ja"); err != nil {
		t.Fatal(err)
	}
	unnamed(t, en.String(), ja.String())
}

// unnamed finds steps that are called the same in both languages: they have
// no words.
func unnamed(t *testing.T, en, ja string) {
	t.Helper()
	said := map[string]bool{}
	for _, line := range strings.Split(en, "\n") {
		if !strings.Contains(line, ".  ") && strings.Contains(line, "  [") && strings.Contains(ja, line) && !said[line] {
			t.Errorf("no words for the step %q", line)
			said[line] = true
		}
	}
}
