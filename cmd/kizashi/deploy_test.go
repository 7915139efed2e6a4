package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const unitFile = "../../deploy/kizashi.service"

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
