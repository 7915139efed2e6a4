package sinktest

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// MatchesSnapshot holds a request's headers and JSON body against what the AWS
// SDK's module has recorded of the operation: the same method's headers, and no
// field that the recorded request, which has all of them, does not have.
// Members of maps are compared by what they hold, not by their keys.
func MatchesSnapshot(t *testing.T, module, op string, h http.Header, body []byte) {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/"+module).Output()
	if err != nil {
		t.Fatalf("find the SDK's module %s: %v", module, err)
	}
	raw, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "request_snapshot", op+".request.snap"))
	if err != nil {
		t.Fatal(err)
	}
	head, want, ok := strings.Cut(string(raw), "\n\n{")
	if !ok {
		t.Fatalf("the snapshot of %s has no JSON body", op)
	}
	for _, line := range strings.Split(head, "\n") {
		if name, v, ok := strings.Cut(line, ": "); ok && h.Get(name) != v {
			t.Errorf("%s: header %s is %q, the snapshot has %q", op, name, h.Get(name), v)
		}
	}
	known, sent := shape(t, []byte("{"+want)), shape(t, body)
	if len(sent) == 0 {
		t.Errorf("%s: the request has no field", op)
	}
	for path := range sent {
		if !known[path] {
			t.Errorf("%s: the request has %s, which the snapshot does not know", op, path)
		}
	}
}

// shape is the set of paths to the leaves of a JSON text.
func shape(t *testing.T, b []byte) map[string]bool {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("no JSON: %v: %s", err, b)
	}
	out := map[string]bool{}
	walk("", v, out)
	return out
}

// mapsOf are the fields that hold a map from any key.
var mapsOf = map[string]bool{".OperationalData": true}

func walk(path string, v any, out map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, x := range v {
			if mapsOf[path] {
				name = "*"
			}
			walk(path+"."+name, x, out)
		}
	case []any:
		for _, x := range v {
			walk(path+"[]", x, out)
		}
	default:
		out[path] = true
	}
}
