package program

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
)

const configs = "../../../testdata/configs"

// call runs the program with these arguments and no environment.
func call(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	var o, e bytes.Buffer
	code = run(context.Background(), env{out: &o, err: &e, getenv: func(string) string { return "" }}, args)
	return code, o.String(), e.String()
}

// What check says of the full example stands beside it.
func TestCheckSaysWhatItMeans(t *testing.T) {
	beside := filepath.Join(configs, "full.check")
	code, out, errs := call(t, "check", "--config", filepath.Join(configs, "full.yaml"))
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
		t.Errorf("it says\n%s\nwant\n%s", out, want)
	}
}

func TestExitCodesOfCheckAndServe(t *testing.T) {
	taken := filepath.Join(t.TempDir(), "file")
	odd := filepath.Join(t.TempDir(), "odd.yaml")
	if err := errors.Join(os.WriteFile(taken, nil, 0o600), os.WriteFile(odd, []byte(`
tenants:
  - name: acme
    accounts:
      - {account: "012345678901", region: us-east-1, namespaces: [{name: AWS/EC2, period: 7s}]}
storage: {path: `+taken+`}
`), 0o600)); err != nil {
		t.Fatal(err)
	}
	small := filepath.Join(configs, "small.yaml")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"check", small}, exitOK, ""},
		{[]string{"check", filepath.Join(configs, "bad", "zone.yaml")}, exitFault, "zone.yaml:3: tenants[0].zone"},
		{[]string{"check", odd}, exitFault, "odd.yaml:5: tenant acme, account 012345678901 in us-east-1: cloudwatch: namespaces[0]"},
		{[]string{"check", "nowhere.yaml"}, exitFault, "nowhere.yaml"},
		{[]string{"check"}, exitUsage, "--config"},
		{[]string{"check", "--config", small, "more"}, exitUsage, "more"},
		{[]string{"serve"}, exitUsage, "--config"},
		{[]string{"serve", "--config", small, "more"}, exitUsage, "more"},
		{[]string{"serve", "--config", odd}, exitFault, taken},
	} {
		code, _, errs := call(t, c.args...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("kizashi %s: exit code %d, %q; want %d and %q", strings.Join(c.args, " "), code, errs, c.code, c.says)
		}
	}
}

func TestRehearsalIsReadStrictly(t *testing.T) {
	for name, value := range map[string]string{"KIZASHI_KILL_AT": "fsync", "KIZASHI_CLOCK": "/nowhere"} {
		var o service.Options
		err := rehearse(&o, func(k string) string {
			if k == name {
				return value
			}
			return ""
		})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
	var o service.Options
	if err := rehearse(&o, func(string) string { return "" }); err != nil || o.Hook != nil || o.Now != nil {
		t.Errorf("without them: %v, %+v", err, o)
	}
}
