package program

import (
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi/store"
)

// Alerts say "kizashi verify ALERT": where the service's usual data directory
// is, that is all that has to be said.
func TestTheUsualDataDirectoryIsFound(t *testing.T) {
	t.Chdir(t.TempDir())
	if code, _, errs := call(t, "verify", "0123"); code != exitUsage || !strings.Contains(errs, "name the file") {
		t.Errorf("without one: exit code %d: %s", code, errs)
	}
	st, _, err := store.Open("data", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := call(t, "verify", "0123"); code != exitFault || !strings.Contains(errs, "alert 0123: not found") {
		t.Errorf("with one: exit code %d: %s", code, errs)
	}
}
