package nab

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree writes files and returns their directory.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, body := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const scored = `timestamp,value,anomaly_score,expected,lower,upper,alert
2014-01-01 00:00:00,1,0,,,,0
2014-01-01 00:05:00,1,0.25,1,0,2,0
2014-01-01 00:10:00,9,1,1,0,2,1
2014-01-01 00:10:00,9,0,,,,0
2014-01-01 00:15:00,1,0.5,1,0,2,0
`

func TestLoad(t *testing.T) {
	dir := tree(t, map[string]string{
		"scores/real/a.csv": scored, "scores/real/b.csv": scored,
		"windows.json": `{"real/b.csv": [], "real/a.csv": [["2014-01-01 00:10:00.000000", "2014-01-01 00:10:00.000000"], ["2014-01-01 00:15:00", "2014-01-01 00:15:00"]]}`})
	fs, err := Load(filepath.Join(dir, "scores"), filepath.Join(dir, "windows.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(fs) != 2 || fs[0].Name != "real/a.csv" || fs[1].Name != "real/b.csv" || len(fs[1].Windows) != 0 {
		t.Fatalf("%+v", fs)
	}
	if want := []float64{0, .25, 1, 0, .5}; !slices.Equal(fs[0].Scores, want) {
		t.Errorf("scores %v, want %v", fs[0].Scores, want)
	}
	// Both rows with the time of the window belong to it.
	if want := []Window{{2, 3}, {4, 4}}; !slices.Equal(fs[0].Windows, want) {
		t.Errorf("windows %v, want %v", fs[0].Windows, want)
	}
}

func TestLoadErrors(t *testing.T) {
	one := `{"a.csv": [["2014-01-01 00:05:00", "2014-01-01 00:10:00"]]}`
	for _, c := range []struct{ name, scores, labels, want string }{
		{"a window outside the file", scored, `{"a.csv": [["2015-01-01 00:05:00", "2015-01-01 00:10:00"]]}`, "a.csv, window 1: no row lies from 2015-01-01 00:05:00"},
		{"windows that overlap", scored, `{"a.csv": [["2014-01-01 00:05:00", "2014-01-01 00:10:00"], ["2014-01-01 00:10:00", "2014-01-01 00:15:00"]]}`, "a.csv, window 2 begins before"},
		{"a time that is none", scored, `{"a.csv": [["soon", "2014-01-01 00:10:00"]]}`, `a.csv, window 1: time "soon"`},
		{"a window without an end", scored, `{"a.csv": ["2014-01-01 00:05:00"]}`, "want an object of file names"},
		{"labels that are no JSON", scored, "series,from,to", "want an object of file names"},
		{"a file that labels do not name", scored, `{}`, "a.csv: "},
		{"a file that is not there", scored, `{"a.csv": [], "b.csv": []}`, "b.csv: no such file"},
		{"a score over 1", "timestamp,anomaly_score\n2014-01-01 00:00:00,1.5\n", one, `a.csv: line 2: anomaly_score "1.5"`},
		{"a score that is no number", "timestamp,anomaly_score\n2014-01-01 00:00:00,NaN\n", one, `a.csv: line 2: anomaly_score "NaN"`},
		{"a bad time", "timestamp,anomaly_score\n2014-01-01,1\n", one, `a.csv: line 2: time "2014-01-01"`},
		{"no score column", "timestamp,value\n", one, "a.csv: line 1: want the columns"},
		{"an empty file", "", one, "a.csv: EOF"},
		{"a short row", "timestamp,anomaly_score\n2014-01-01 00:00:00\n", one, "a.csv: record on line 2"},
	} {
		dir := tree(t, map[string]string{"scores/a.csv": c.scores, "w.json": c.labels})
		_, err := Load(filepath.Join(dir, "scores"), filepath.Join(dir, "w.json"))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", c.name, err, c.want)
		}
	}
}
