package program

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// A matcher that matches nothing of what the service has seen is probably
// misspelt; what depends on an alert's state is not held against it.
func TestCheckWarnsOfMatchersThatMatchNothing(t *testing.T) {
	dir := t.TempDir()
	file, data := filepath.Join(dir, "k.yaml"), filepath.Join(dir, "data")
	s, _, err := store.Open(data, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m := kizashi.Meta{Series: 1, Tenant: "shop", Group: "web", Labels: kizashi.LabelsOf(map[string]string{"service": "web"})}
	if err := s.Ledger().Commit(ledger.Changes{Declared: []kizashi.Declaration{{Meta: m}}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	text := `tenants: [{name: shop, accounts: [{account: "012345678901", region: eu-west-1}]}]
sinks: {stdout: true}
routes:
  - {match: ['service="web"', 'severity="critical"'], receivers: [default]}
  - {match: ['service="wbe"'], receivers: [default]}
storage: {path: ` + data + `}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := call(t, "check", file)
	if code != exitOK || strings.Count(out, "WARNING") != 1 || !strings.Contains(out, `k.yaml:5: route {service="wbe"} matches nothing of the last 4 weeks`) {
		t.Errorf("%d %s\n%s", code, errs, out)
	}
}
