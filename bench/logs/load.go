// Package logs measures the miner on the samples of Loghub: do its patterns
// hold the lines that belong together, are its templates right, do its ids
// last, what does a line cost.
package logs

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// System is one system's sample with what is true of it.
type System struct {
	Name    string
	Full    []string // lines as they stand in the file
	Content []string // without their headers
	Event   []string // the true group of each
	True    []string // its true template
}

// Load reads the systems under dir: NAME/NAME_2k.log and
// NAME_2k.log_structured_corrected.csv.
func Load(dir string) ([]System, error) {
	ds, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []System
	for _, d := range ds {
		if !d.IsDir() {
			continue
		}
		s, err := load(filepath.Join(dir, d.Name(), d.Name()+"_2k.log"), d.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no system in it", dir)
	}
	return out, nil
}

func load(path, name string) (System, error) {
	s := System{Name: name}
	raw, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	for _, l := range bytes.Split(bytes.TrimRight(raw, "\r\n"), []byte("\n")) {
		s.Full = append(s.Full, strings.TrimSuffix(string(l), "\r"))
	}
	truth := path + "_structured_corrected.csv"
	f, err := os.Open(truth)
	if err != nil {
		return s, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return s, fmt.Errorf("%s: %w", truth, err)
	}
	content, event, template := slices.Index(rows[0], "Content"), slices.Index(rows[0], "EventId"), slices.Index(rows[0], "EventTemplate")
	if content < 0 || event < 0 || template < 0 {
		return s, fmt.Errorf("%s: no Content, EventId and EventTemplate in %v", truth, rows[0])
	}
	for _, r := range rows[1:] {
		s.Content = append(s.Content, r[content])
		s.Event = append(s.Event, r[event])
		s.True = append(s.True, r[template])
	}
	if len(s.Full) != len(s.Content) {
		return s, fmt.Errorf("%s: %d lines, and truth of %d", path, len(s.Full), len(s.Content))
	}
	return s, nil
}
