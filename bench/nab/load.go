package nab

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// Load reads the scores that `kizashi backtest --scores-out` wrote below a
// directory, and the windows of labels, NAB's combined_windows.json. Each file
// that the labels name must be there, and no other CSV.
func Load(scoresDir, labels string) ([]File, error) {
	windows, err := readWindows(labels)
	if err != nil {
		return nil, err
	}
	if err := onlyNamed(scoresDir, labels, windows); err != nil {
		return nil, err
	}
	var files []File
	for _, name := range slices.Sorted(maps.Keys(windows)) {
		path := filepath.Join(scoresDir, filepath.FromSlash(name))
		times, scores, err := readScores(path)
		if err != nil {
			return nil, err
		}
		f := File{Name: name, Scores: scores}
		if f.Windows, err = rowsOf(windows[name], times); err != nil {
			return nil, fmt.Errorf("%s: %s, %w", labels, name, err)
		}
		files = append(files, f)
	}
	return files, nil
}

// span is a window as labels write it.
type span struct{ from, to time.Time }

// rows are the first and the last within the span. Times of a file without a
// zone and those of its labels are of the same clock.
func (s span) rows(times []time.Time) (Window, error) {
	w := Window{-1, -1}
	for i, t := range times {
		if t.Before(s.from) || t.After(s.to) {
			continue
		}
		if w.First < 0 {
			w.First = i
		}
		w.Last = i
	}
	if w.First < 0 {
		return w, fmt.Errorf("no row lies from %s to %s", s.from.Format(time.DateTime), s.to.Format(time.DateTime))
	}
	return w, nil
}

// rowsOf finds the rows of a file's windows.
func rowsOf(spans []span, times []time.Time) (ws []Window, err error) {
	for i, s := range spans {
		w, err := s.rows(times)
		if err != nil {
			return nil, fmt.Errorf("window %d: %w", i+1, err)
		}
		if i > 0 && w.First <= ws[i-1].Last {
			return nil, fmt.Errorf("window %d begins before the one above it ends", i+1)
		}
		ws = append(ws, w)
	}
	return ws, nil
}

func readWindows(labels string) (map[string][]span, error) {
	b, err := os.ReadFile(labels)
	if err != nil {
		return nil, err
	}
	var m map[string][][2]string
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("%s: want an object of file names, each with a list of [from, to]: %w", labels, err)
	}
	out := map[string][]span{}
	for name, ws := range m {
		out[name] = nil
		for i, w := range ws {
			from, err1 := readTime(w[0])
			to, err2 := readTime(w[1])
			if err := errors.Join(err1, err2); err != nil {
				return nil, fmt.Errorf("%s: %s, window %d: %w", labels, name, i+1, err)
			}
			out[name] = append(out[name], span{from, to})
		}
	}
	return out, nil
}

// readTime takes fractions of a second where there are any.
func readTime(s string) (time.Time, error) {
	t, err := time.Parse(time.DateTime, s)
	if err != nil {
		return t, fmt.Errorf("time %q: want YYYY-MM-DD HH:MM:SS", s)
	}
	return t, nil
}

func onlyNamed(dir, labels string, windows map[string][]span) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".csv" {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if _, ok := windows[filepath.ToSlash(name)]; !ok {
			return fmt.Errorf("%s: %s does not name it", path, labels)
		}
		return nil
	})
}

// readScores reads a file's timestamps and anomaly scores.
func readScores(path string) ([]time.Time, []float64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	head, err := r.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	stamp, score := slices.Index(head, "timestamp"), slices.Index(head, "anomaly_score")
	if stamp < 0 || score < 0 {
		return nil, nil, fmt.Errorf("%s: line 1: want the columns timestamp and anomaly_score", path)
	}
	var times []time.Time
	var scores []float64
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return times, scores, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		line, _ := r.FieldPos(0)
		t, err := readTime(row[stamp])
		if err != nil {
			return nil, nil, fmt.Errorf("%s: line %d: %w", path, line, err)
		}
		v, err := strconv.ParseFloat(row[score], 64)
		if err != nil || !(v >= 0 && v <= 1) {
			return nil, nil, fmt.Errorf("%s: line %d: anomaly_score %q: want a number from 0 to 1", path, line, row[score])
		}
		times, scores = append(times, t), append(scores, v)
	}
}
