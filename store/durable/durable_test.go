package durable

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func write(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// A stop at any step leaves the old file or the new one, and the error names
// the step; the next write goes through.
func TestFileIsOldOrNew(t *testing.T) {
	stop := errors.New("stopped")
	for i, step := range Steps() {
		if !strings.HasPrefix(step, "state") {
			continue
		}
		path := filepath.Join(t.TempDir(), "file")
		if err := WriteFile(path, nil, write("old")); err != nil {
			t.Fatal(err)
		}
		err := WriteFile(path, func(s string) error {
			if s == step {
				return stop
			}
			return nil
		}, write("new and longer"))
		if !errors.Is(err, stop) || !strings.Contains(err.Error(), step) {
			t.Errorf("%s: error %v", step, err)
		}
		want := "old"
		if i >= slices.Index(Steps(), StateRenameAfter) {
			want = "new and longer"
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v; want %q", step, got, err, want)
		}
		if err := WriteFile(path, nil, write("next")); err != nil {
			t.Errorf("%s: the next write: %v", step, err)
		}
		if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", st.Mode(), err)
		}
	}
}

func TestErrorsNameThePath(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none", "file")
	for what, err := range map[string]error{
		"write": WriteFile(none, nil, write("")), "sync file": SyncFile(none), "sync directory": SyncDir(filepath.Dir(none)),
	} {
		if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), filepath.Dir(none)) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
