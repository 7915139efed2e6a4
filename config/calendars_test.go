package config_test

import (
	"path/filepath"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/config"
)

// A tenant's calendar is the one by whose days its series are judged; a rule
// may name another, and nobody else's series know it.
func TestATenantsDaysJudgeItsSeries(t *testing.T) {
	head := `
tenants:
- {name: shop, zone: Asia/Tokyo, calendar: jp, accounts: [{account: "012345678901", region: eu-west-1}]}
- {name: bank, zone: Asia/Tokyo, accounts: [{account: "112345678901", region: eu-west-1}]}
calendars: [{name: jp, country: jp}, {name: bank, country: jp, special: [{name: paying out, rule: gotobi previous on bank days}]}]
`
	c, err := config.Parse("k.yaml", []byte(head+`detect: {rules: [{match: ['service="pay"'], calendar: bank}]}`))
	if err != nil {
		t.Fatal(err)
	}
	alone, err := config.Parse("k.yaml", []byte(head))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		c                     *config.Config
		tenant, service, want string
	}{{c, "shop", "web", "jp"}, {c, "shop", "pay", "bank"}, {c, "bank", "web", ""}, {c, "bank", "pay", "bank"}, {alone, "shop", "web", "jp"}} {
		if err := x.c.Detect.Validate(); err != nil {
			t.Fatal(err)
		}
		set, _, err := x.c.Detect.Resolve(&kizashi.Meta{Tenant: x.tenant, Labels: kizashi.LabelsOf(map[string]string{"service": x.service})})
		if err != nil || set.Calendar != x.want {
			t.Errorf("%s of %s: calendar %q, want %q (%v)", x.service, x.tenant, set.Calendar, x.want, err)
		}
	}
	full, err := config.Load(filepath.Join(examples, "full.yaml"))
	if err != nil || full.Detect.Validate() != nil {
		t.Errorf("%v, %v", err, full.Detect.Validate())
	}
}
