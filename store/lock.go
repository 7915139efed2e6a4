package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
	"github.com/kizashi-ops/kizashi/store/durable"
)

// Format is the layout of the data directory that this program writes.
const Format = 1

// ErrNewer says that the directory was written by a later program.
var ErrNewer = errors.New("it was written by a newer version of kizashi; use that one")

// ErrInUse says that another process has the directory.
var ErrInUse = errors.New("another process uses it")

// acquire takes the lock, without waiting, and writes this process's id into
// its file for others to name.
func acquire(path string) (*flock.Flock, error) {
	lock := flock.New(path, flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if !ok {
		return nil, fmt.Errorf("%w%s", ErrInUse, holder(path))
	}
	if err := os.WriteFile(path, fmt.Appendf(nil, "%d\n", os.Getpid()), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("lock: %w", err), lock.Unlock())
	}
	return lock, nil
}

// holder names the process that has the lock, if its file does.
func holder(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (process %d)", pid)
}

// stamp checks the format of the directory, or writes it into a new one.
func stamp(path string) error {
	err := checkFormat(path)
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return durable.WriteFile(path, nil, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%d\n", Format)
		return err
	})
}

func checkFormat(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	v, err := strconv.Atoi(strings.TrimSpace(string(b)))
	switch {
	case err != nil || v < 1:
		return fmt.Errorf("%s: %q is no format number", path, b)
	case v > Format:
		return fmt.Errorf("format %d, this program knows %d: %w", v, Format, ErrNewer)
	}
	return nil
}
