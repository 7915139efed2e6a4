package program

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// try runs a command line and returns its exit code and all that it printed.
func try(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	e := env{out: &out, err: &out, in: strings.NewReader(""), getenv: func(string) string { return "" }}
	code := run(context.Background(), e, args)
	return code, out.String()
}

// write makes a file and returns its path.
func write(t *testing.T, name, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBadInputIsNamed(t *testing.T) {
	good := write(t, "good.csv", "timestamp,value\n2026-01-05 00:00:00,1\n2026-01-05 00:01:00,2\n")
	for _, c := range []struct {
		name string
		args []string
		code int
		want []string // all of them are in what is printed
	}{
		{"no command", nil, exitUsage, []string{"Usage: kizashi"}},
		{"unknown command", []string{"backtset"}, exitUsage, []string{`unknown command "backtset"`}},
		{"no input", []string{"backtest"}, exitUsage, []string{"no input"}},
		{"unknown flag", []string{"backtest", "--inptu", good}, exitUsage, []string{"-inptu"}},
		{"no such file", []string{"backtest", "--input", "nowhere.csv"}, exitFault, []string{"nowhere.csv"}},
		{"no rows", []string{"backtest", "--input", write(t, "empty.csv", "timestamp,value\n")}, exitFault, []string{"empty.csv"}},
		{"binary", []string{"backtest", "--input", write(t, "b.csv", "\x00\x01\x02\xff\xfe\x00PK\x03\x04")}, exitFault, []string{"b.csv"}},
		{"unknown zone", []string{"backtest", "--input", good, "--zone", "Asia/Tokio"}, exitFault, []string{"Asia/Tokio", "unknown"}},
		{"bad alarm", []string{"backtest", "--input", good, "--inherited", "> 5 9/5"}, exitUsage, []string{"1 <= M <= N"}},
		{"label that ends before it begins", []string{"backtest", "--input", good, "--labels", write(t, "l.csv", "series,from,to\n,2026-01-05,2026-01-04\n")},
			exitFault, []string{"l.csv", "line 2", "before it begins"}},
		{"labels without a column", []string{"backtest", "--input", good, "--labels", write(t, "l.csv", "series,begin,to\n")}, exitFault, []string{"line 1", `"from"`}},
		{"mapping with a misspelt key", []string{"backtest", "--input", good, "--mapping", write(t, "m.yaml", "files:\n  - match: '*'\n    tennant: a\n")},
			exitFault, []string{"m.yaml:3", "tennant", "tenant"}},
		{"not an outcome", []string{"explain", good}, exitFault, []string{"not what backtest --json writes"}},
		{"no outcome named", []string{"verify"}, exitUsage, []string{"backtest --json"}},
		{"why without a time", []string{"why", "good", "--input", good}, exitUsage, []string{"a series and a time"}},
		{"why of no series", []string{"why", "bad", "2026-01-05", "--input", good}, exitFault, []string{`"bad"`, "good"}},
		{"unknown language", []string{"backtest", "--input", good, "--lang", "fr"}, exitUsage, []string{"fr"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out := try(t, c.args...)
			if code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			for _, w := range c.want {
				if !strings.Contains(out, w) {
					t.Errorf("it does not say %q:\n%s", w, out)
				}
			}
		})
	}
}

// TestSkippedRowsAreReported shows that a row that cannot be used costs that
// row only, and is told with its line.
func TestSkippedRowsAreReported(t *testing.T) {
	p := write(t, "rows.csv", "\ufefftimestamp,value\r\n2026-01-05 00:00:00,1\r\n\r\n2026-01-05 00:01:00,x\r\n2026-01-05 00:02:00,NaN\r\n2026-01-05 00:02:00,3\r\n2026-01-05 00:02:00,4\r\n2026-01-05 00:01:30,5\r\n")
	code, out := try(t, "backtest", "--input", p)
	if code != exitOK {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	for _, w := range []string{"6 rows", "not a number (line 4)", "NaN or infinite (line 5)", "repeated time", "time goes back", "read as UTC, as none was stated", "2 late samples not judged"} {
		if !strings.Contains(out, w) {
			t.Errorf("it does not say %q:\n%s", w, out)
		}
	}
}
