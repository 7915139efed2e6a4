package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	"github.com/kizashi-ops/kizashi"
)

// Format and Version of a file of snapshots.
const (
	Format  = "kizashi inventory"
	Version = 1
)

// file is a file of snapshots, one for each account and region.
type file struct {
	Format    string      `json:"format"`
	Version   int         `json:"version"`
	Snapshots []*Snapshot `json:"snapshots"`
}

// Write writes snapshots as JSON: {"format": "kizashi inventory", "version":
// 1, "snapshots": [...]}, the fields as those of Snapshot.
func Write(w io.Writer, ss []*Snapshot) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	return e.Encode(file{Format, Version, ss})
}

// Save writes a file that is either the old one or the new one, whole.
func Save(name string, ss []*Snapshot) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".inventory-*")
	if err != nil {
		return fmt.Errorf("inventory: %w", err)
	}
	err = errors.Join(Write(f, ss), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("inventory: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// Load reads a file that Save wrote.
func Load(name string) ([]*Snapshot, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("inventory: %w", err)
	}
	return Parse(name, b)
}

// Parse reads what Write wrote, strictly: it refuses what is cut, of another
// version, or holds what no scan finds, and says in which line.
func Parse(name string, b []byte) ([]*Snapshot, error) {
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return nil, located(name, b, err)
	}
	switch {
	case head.Format != Format:
		return nil, fmt.Errorf("%s: no inventory: format is %q, want %q", name, head.Format, Format)
	case head.Version != Version:
		return nil, fmt.Errorf("%s: version %d of the format; this program reads version %d", name, head.Version, Version)
	}
	var f file
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, located(name, b, err)
	}
	for i, s := range f.Snapshots {
		if s == nil {
			return nil, fmt.Errorf("%s: snapshots[%d] is null", name, i)
		}
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("%s: snapshots[%d]: %w", name, i, err)
		}
	}
	return f.Snapshots, nil
}

var unknownField = regexp.MustCompile(`unknown field (".*")`)

// located says in which line the JSON is wrong.
func located(name string, b []byte, err error) error {
	at := len(b)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = int(syntax.Offset)
	case errors.As(err, &kind):
		at = int(kind.Offset)
	default: // an unknown field: the decoder names it, and not its place
		if m := unknownField.FindStringSubmatch(err.Error()); m != nil {
			at = bytes.Index(b, []byte(m[1]))
		}
	}
	line := 1 + bytes.Count(b[:min(max(at, 0), len(b))], []byte("\n"))
	if errors.Is(err, io.ErrUnexpectedEOF) || syntax != nil && int(syntax.Offset) >= len(b) {
		return fmt.Errorf("%s:%d: the file is cut: %w", name, line, err)
	}
	return fmt.Errorf("%s:%d: %w", name, line, err)
}

var twelve = regexp.MustCompile(`^\d{12}$`)

func (s *Snapshot) check() error {
	switch {
	case !twelve.MatchString(s.Account):
		return fmt.Errorf("account %q: want twelve digits", s.Account)
	case s.Region == "":
		return errors.New("region is missing")
	case s.At.IsZero():
		return errors.New("at is missing")
	}
	for i, m := range s.Metrics {
		if m.Account == "" || m.Namespace == "" || m.Name == "" {
			return fmt.Errorf("metrics[%d]: want account, namespace and name", i)
		}
	}
	seen := map[string]bool{}
	for i, r := range s.Resources {
		switch {
		case r.ARN == "":
			return fmt.Errorf("resources[%d]: arn is missing", i)
		case seen[r.ARN]:
			return fmt.Errorf("resources[%d]: %s stands twice", i, r.ARN)
		case r.Ended != "" && r.Since.IsZero():
			return fmt.Errorf("resources[%d] %s: ended, and since is missing", i, r.ARN)
		}
		switch r.Ended {
		case "", kizashi.Terminated, kizashi.Stopped, kizashi.Disappeared:
		default:
			return fmt.Errorf("resources[%d] %s: ended %q: want terminated, stopped or disappeared", i, r.ARN, r.Ended)
		}
		seen[r.ARN] = true
	}
	return nil
}
