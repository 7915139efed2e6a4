package program

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi/realtest"
)

const unitFile = "../../../deploy/kizashi.service"

// settings of a unit's section, in order; several of one name are joined.
func settings(t *testing.T, section string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	out, in := map[string]string{}, ""
	for _, l := range strings.Split(string(b), "\n") {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "[") {
			in = l
		}
		name, value, ok := strings.Cut(l, "=")
		if in != "["+section+"]" || !ok || strings.HasPrefix(l, "#") {
			continue
		}
		if have, twice := out[name]; twice {
			value = have + " " + value
		}
		out[name] = value
	}
	return out
}

// The unit starts commands that there are, and takes from the process what it
// does not need.
func TestTheUnitIsHardened(t *testing.T) {
	s := settings(t, "Service")
	for name, want := range map[string]string{
		"DynamicUser": "yes", "StateDirectory": "kizashi", "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "ProtectSystem": "strict",
		"ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes", "ProtectKernelTunables": "yes", "ProtectKernelModules": "yes",
		"ProtectControlGroups": "yes", "RestrictNamespaces": "yes", "RestrictSUIDSGID": "yes", "LockPersonality": "yes", "MemoryDenyWriteExecute": "yes",
		"SystemCallArchitectures": "native", "UMask": "0077", "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX", "Restart": "on-failure",
	} {
		if got, ok := s[name]; !ok || got != want {
			t.Errorf("%s=%q, want %q", name, got, want)
		}
	}
	for _, line := range []string{s["ExecStartPre"], s["ExecStart"]} {
		args := strings.Fields(line)
		if len(args) != 4 || filepath.Base(args[0]) != "kizashi" || !slices.ContainsFunc(commands(), func(c command) bool { return c.name == args[1] }) || args[2] != "--config" {
			t.Errorf("%q is no command of ours", line)
		}
	}
	if s["ExecReload"] != "/bin/kill -HUP $MAINPID" {
		t.Errorf("reload by %q, the service listens to SIGHUP", s["ExecReload"])
	}
}

// systemd itself reads it, where there is one.
func TestSystemdTakesTheUnit(t *testing.T) {
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("NOT TESTED against systemd: there is no systemd-analyze here")
	}
	b, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	// The binary is not where it will be, and verify wants one.
	file := filepath.Join(t.TempDir(), "kizashi.service")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(b), "/usr/local/bin/kizashi", "/bin/true")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tool, "verify", file).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// promtool itself takes the rules, and each fires when it should and not
// before: the unit tests beside them.
func TestPromtoolTakesTheRules(t *testing.T) {
	tool := realtest.Program(t, "KIZASHI_PROMTOOL", "bin/promtool")
	for _, args := range [][]string{{"check", "rules", "--lint=all", "--lint-fatal", "kizashi.rules.yml"}, {"test", "rules", "kizashi.rules.test.yml"}} {
		cmd := exec.CommandContext(t.Context(), tool, args...)
		cmd.Dir = rulesDir
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "SUCCESS") {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

const rulesDir = "../../../deploy/prometheus"

// Each alert of the rules has a unit test in which it fires, and one in which
// it does not.
func TestEachRuleHasAUnitTest(t *testing.T) {
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Record string }
		}
	}
	var tests struct {
		Tests []struct {
			Alerts []struct {
				Name  string `yaml:"alertname"`
				Fires []any  `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
			Exprs []struct{ Expr string } `yaml:"promql_expr_test"`
		}
	}
	for file, into := range map[string]any{"kizashi.rules.yml": &rules, "kizashi.rules.test.yml": &tests} {
		b, err := os.ReadFile(filepath.Join(rulesDir, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(b, into); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	tested := map[string]int{}
	for _, x := range tests.Tests {
		for _, a := range x.Alerts {
			tested[a.Name] |= map[bool]int{false: 1, true: 2}[len(a.Fires) > 0]
		}
		for _, e := range x.Exprs {
			name, _, _ := strings.Cut(e.Expr, "{")
			tested[name] = 3
		}
	}
	n := 0
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if n++; tested[r.Alert+r.Record] != 3 {
				t.Errorf("%s%s: want a unit test in which it fires and one in which it does not", r.Alert, r.Record)
			}
		}
	}
	if n == 0 {
		t.Error("there are no rules: the test shows nothing")
	}
}
