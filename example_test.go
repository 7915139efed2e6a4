package kizashi_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

const example = "examples/own-detector"

// The example of a detector of one's own is a module of its own, as a user's would
// be, so `go test ./...` passes it by: this runs its tests. It needs nothing that
// this module does not, so nothing is fetched.
func TestTheExampleOutsideTheModule(t *testing.T) {
	cmd := exec.Command("go", "test", "-count=1", "./...")
	cmd.Dir = example
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOPROXY=off", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	} else if strings.Count(string(out), "ok") < 3 {
		t.Errorf("its tests did not run:\n%s", out)
	}
}

// Its requirements are those of this module, version by version.
func TestTheExampleRequiresWhatThisModuleDoes(t *testing.T) {
	ours, theirs := required(t, "go.mod"), required(t, example+"/go.mod")
	if len(theirs) < 20 {
		t.Fatalf("%d requirements: the test would show nothing", len(theirs))
	}
	for path, version := range theirs {
		if path != module && ours[path] != version {
			t.Errorf("%s: %s there, %q here", path, version, ours[path])
		}
	}
}

// required reads the requirements of a go.mod.
func required(t *testing.T, file string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(f) >= 2 && strings.Contains(f[0], "/") && strings.HasPrefix(f[1], "v") {
			out[f[0]] = f[1]
		}
	}
	return out
}
