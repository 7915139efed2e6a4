package config_test

import (
	"fmt"
	"testing"

	"github.com/kizashi-ops/kizashi/config"
)

// A budget may have a fraction, as prices and dashboards write sizes.
func TestABudgetInBytes(t *testing.T) {
	for text, want := range map[string]int64{"500MB": 500_000_000, "2.5GB": 2_500_000_000, "0.125TB": 125_000_000_000, "1000000TB": 1e18,
		"0.0GB": 0, "1000000.1TB": 0, "2.5": 0, "2.GB": 0, ".5GB": 0, "2.5555GB": 0, "-1GB": 0, "99999999999999999999TB": 0} {
		c, err := config.Parse("kizashi.yaml", []byte(fmt.Sprintf("tenants: [{name: a, accounts: [{account: \"123456789012\", region: ap-northeast-1, logs: {budget: %s, groups: [{}]}}]}]\n", text)))
		switch {
		case (err == nil) != (want > 0):
			t.Errorf("%s: %v", text, err)
		case err == nil && c.Tenants[0].Accounts[0].Logs.Budget != want:
			t.Errorf("%s is read as %d", text, c.Tenants[0].Accounts[0].Logs.Budget)
		}
	}
}
