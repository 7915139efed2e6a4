package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// The tables come out whole, on little data: each line has as many cells as
// its head, and the machine is named.
func TestTables(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nab")
	for name, body := range map[string]string{
		"data/real/a.csv":              "timestamp,value\n" + rows(60),
		"data/none/b.csv":              "timestamp,value\n" + rows(60),
		"labels/combined_windows.json": `{"real/a.csv": [["2014-01-01 00:30:00", "2014-01-01 00:40:00"]], "none/b.csv": []}`,
	} {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	if err := tables(&b, sizes{nab: dir, series: 1, most: 1, seeds: 1, tenant: 20, leaks: 1, families: []string{"gauss"}, noises: []float64{.05}, cheap: true, periods: []time.Duration{5 * time.Minute}, jar: "none.jar", files: 2, weeks: 1, held: 20, days: 1, repetitions: 1, loghub: filepath.Join(dir, "none")}, ""); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, want := range []string{"Measured on ", runtime.Version(), " cores", "### Cost", "M samples/s", "### Incidents", "| level up |", "### Habits", "| nightly backup, 1m |", "### Calibration", "| gauss |", "| poisson30 |", "### A tenant", "### Forecasts to a limit", "| wander |", "### Ablation", "| without spike |", "### Peers", "Grafana robust", "random cut forest: absent", "| k sigma |", "### Log patterns", "Not measured", "### NAB", "2 files, 1 windows", "| all |", "| none | - | - | - |"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	cells := 0
	for _, l := range strings.Split(got, "\n") {
		switch n := strings.Count(l, "|"); {
		case n == 0:
			cells = 0
		case cells == 0:
			cells = n
		case n != cells:
			t.Errorf("%q has %d bars, its head %d", l, n, cells)
		}
	}
}

// rows of a minute from 2014 on.
func rows(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("2014-01-01 00:")
		b.WriteByte(byte('0' + i/10))
		b.WriteByte(byte('0' + i%10))
		b.WriteString(":00,5\n")
	}
	return b.String()
}

// Without the benchmark's files the table says so, and nothing looks measured.
func TestWithoutNAB(t *testing.T) {
	var b strings.Builder
	if err := benchmark(&b, sizes{nab: filepath.Join(t.TempDir(), "none")}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "Not measured") || strings.Contains(b.String(), "|") {
		t.Errorf("%s", b.String())
	}
}

// A line's way from the file on is measured with the program itself.
func TestLinesFromTheFileOn(t *testing.T) {
	var b strings.Builder
	if err := logPath(&b, sizes{repetitions: 1, written: 2000, garbage: 2000}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"On one core a line takes ", "| patterns | ", "| backtest | ", "| backtest, lines that never repeat | 2000 | "} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// A part that is none is an error, and names those that there are.
func TestOnly(t *testing.T) {
	var b strings.Builder
	if err := tables(&b, sizes{}, "nonsense"); err == nil || !strings.Contains(err.Error(), "incidents") {
		t.Errorf("%v", err)
	}
	if err := tables(&b, sizes{nab: filepath.Join(t.TempDir(), "none")}, "nab"); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "### Cost") || !strings.Contains(b.String(), "### NAB") {
		t.Errorf("%s", b.String())
	}
}
