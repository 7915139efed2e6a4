package program

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi/models"
)

// The page that is committed is what the table says; -update rewrites it.
func TestTheReferenceOfModelsIsCurrent(t *testing.T) {
	const page = "../../../docs/models.md"
	code, out, errs := call(t, "models", "--markdown")
	if code != exitOK || errs != "" {
		t.Fatalf("exit code %d, %s", code, errs)
	}
	if *update {
		if err := os.WriteFile(page, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != out {
		t.Errorf("docs/models.md is not what the table says: go run ./cmd/kizashi models --markdown > docs/models.md")
	}
}

// Whatever the form, every row of the table is in it with all that it says.
func TestModelsTellsEveryRow(t *testing.T) {
	_, text, _ := call(t, "models")
	_, page, _ := call(t, "models", "--markdown")
	_, js, _ := call(t, "models", "--json")
	var rows []modelRow
	if err := json.Unmarshal([]byte(js), &rows); err != nil {
		t.Fatal(err)
	}
	all := slices.Concat(models.All(), lineRows())
	if len(rows) != len(all) {
		t.Fatalf("%d rows, want %d", len(rows), len(all))
	}
	for i, r := range all {
		if rows[i].Name != r.Name || rows[i].Target == r.Outside || len(rows[i].Params) != len(r.Params) {
			t.Errorf("row %d: %+v", i, rows[i])
		}
		for _, part := range []string{r.Name, r.About, r.Source} {
			if !strings.Contains(text, part) || !strings.Contains(page, part) && !strings.Contains(page, sentence(part)) {
				t.Errorf("%s: %q is not told", r.Name, part)
			}
		}
		if !strings.Contains(page, r.Long) {
			t.Errorf("%s: how it judges is not in the reference", r.Name)
		}
		for _, p := range r.Params {
			if p.Value == "" || !strings.Contains(text, p.Value) || !strings.Contains(page, cell(p.Value)) {
				t.Errorf("%s: parameter %s is not told", r.Name, p.Name)
			}
		}
	}
}

func TestModelsByName(t *testing.T) {
	if code, out, _ := call(t, "models", "band", "spike", "--json"); code != exitOK || strings.Count(out, `"about"`) < 2 || strings.Contains(out, `"guard"`) {
		t.Errorf("%d %s", code, out)
	}
	for _, c := range []struct{ args, says string }{{"models bnad", `did you mean "band"`}, {"models --json --markdown", "two things"}, {"models --live --json", "two things"}, {"models --yaml", "yaml"}} {
		if code, _, errs := call(t, strings.Fields(c.args)...); code != exitUsage || !strings.Contains(errs, c.says) {
			t.Errorf("%s: %d %s, want %q", c.args, code, errs, c.says)
		}
	}
}
