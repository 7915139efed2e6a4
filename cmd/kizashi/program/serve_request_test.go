package program

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The page for each customer stands beside the example, and names no other.
func TestTheRequest(t *testing.T) {
	for _, c := range []struct{ tenant, lang, other string }{{"acme", "en", "globex"}, {"acme", "ja", "globex"}, {"globex", "en", "acme"}} {
		beside := filepath.Join(configs, c.tenant+".request."+c.lang+".md")
		code, out, errs := call(t, "check", "--config", filepath.Join(configs, "full.yaml"), "--request", c.lang, "--tenant", c.tenant, "--trusted", "111122223333")
		if code != exitOK || errs != "" {
			t.Fatalf("exit code %d, %s", code, errs)
		}
		if *update {
			if err := os.WriteFile(beside, []byte(out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(beside)
		if err != nil {
			t.Fatal(err)
		}
		if out != string(want) {
			t.Errorf("%s in %s: it says\n%s\nwant\n%s", c.tenant, c.lang, out, want)
		}
		if strings.Contains(out, c.other) {
			t.Errorf("the page of %s names %s", c.tenant, c.other)
		}
	}
}

func TestExitCodesOfTheRequest(t *testing.T) {
	full := filepath.Join(configs, "full.yaml")
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"check", full, "--request", "ja"}, "--tenant is needed"},
		{[]string{"check", full, "--request", "ja", "--tenant", "nobody"}, "acme, globex"},
		{[]string{"check", full, "--request", "fr", "--tenant", "acme"}, "fr"},
		{[]string{"check", full, "--request", "ja", "--aws"}, "two things"},
	} {
		if code, _, errs := call(t, c.args...); code != exitUsage || !strings.Contains(errs, c.says) {
			t.Errorf("%v: exit code %d, %s", c.args, code, errs)
		}
	}
}
