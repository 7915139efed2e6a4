package backtest

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// at reads a time of UTC, or fails the test.
func at(t testing.TB, s string) kizashi.Time {
	t.Helper()
	v, err := ParseTime(s, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// file writes text into a fresh folder and returns the path.
func file(t testing.TB, name, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestReadLabels(t *testing.T) {
	utc := func(s string) kizashi.Time { return at(t, s) }
	for _, c := range []struct {
		name, text, zone string
		want             []Label
	}{
		{"windows, by file and time", `{"b/y.csv": [], "b/x.csv": [["2014-02-02 10:00:00.000000", "2014-02-02 11:00:00.000000"], ["2014-02-01 10:00:00", "2014-02-01 11:00:00"]],
			"a.csv": [["2014-03-01 00:00:00", "2014-03-01 00:00:00"]]}`, "", []Label{
			{Series: "a.csv", From: utc("2014-03-01 00:00"), To: utc("2014-03-01 00:00")},
			{Series: "b/x.csv", From: utc("2014-02-01 10:00"), To: utc("2014-02-01 11:00")},
			{Series: "b/x.csv", From: utc("2014-02-02 10:00"), To: utc("2014-02-02 11:00")},
		}},
		{"windows without any", ` {} `, "", nil},
		{"a ledger", "series,from,to,name\nweb-*,2026-01-05 10:00,2026-01-05 11:00,\"disk full, again\"\n,2026-01-06T10:00:00Z,2026-01-06T20:00:00+09:00,\n", "", []Label{
			{Series: "web-*", From: utc("2026-01-05 10:00"), To: utc("2026-01-05 11:00"), Name: "disk full, again", Line: 2},
			{From: utc("2026-01-06 10:00"), To: utc("2026-01-06 11:00"), Line: 3},
		}},
		{"BOM, CRLF, other columns in another order, a blank line", "\xef\xbb\xbfTo, From ,ticket,Series\r\n2026-01-05 11:00,2026/1/5 9:30,T-1,db\r\n\r\n2026-01-06,2026-01-06,T-2,\r\n", "", []Label{
			{Series: "db", From: utc("2026-01-05 09:30"), To: utc("2026-01-05 11:00"), Line: 2},
			{From: utc("2026-01-06"), To: utc("2026-01-06"), Line: 4},
		}},
		{"a ledger without rows", "series,from,to\n", "", nil},
		{"times of Tokyo", "series,from,to,name\nx,2026-01-05 10:00,2026-01-05 11:00,n\n", "Asia/Tokyo", []Label{
			{Series: "x", From: utc("2026-01-05 01:00"), To: utc("2026-01-05 02:00"), Name: "n", Line: 2}}},
		{"times of New York after the clock changed", "series,from,to\nx,2026-03-08 03:30,2026-03-08 04:00\n", "America/New_York", []Label{
			{Series: "x", From: utc("2026-03-08 07:30"), To: utc("2026-03-08 08:00"), Line: 2}}},
	} {
		got, err := ReadLabels(file(t, "labels", c.text), c.zone)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", c.name, got, err, c.want)
		}
	}
}

// Every fault names the file and the line, or the entry.
func TestReadLabelsErrors(t *testing.T) {
	const head = "series,from,to,name\nok,2026-01-01 00:00,2026-01-01 01:00,\n"
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "labels: it is empty; want the columns series,from,to,name"},
		{"no from", "series,start,to\n", `labels: line 1: no column "from"`},
		{"a bad time", head + "x,yesterday,2026-01-01 00:00,\n", `labels: line 3: from: time "yesterday"`},
		{"no end", head + "x,2026-01-01 00:00\n", `labels: line 3: to: time ""`},
		{"ends before it begins", head + "x,2026-01-02 00:00,2026-01-01 00:00,\n", "labels: line 3: it ends at 2026-01-01T00:00:00Z, before it begins"},
		{"a bad pattern", head + "[x,2026-01-01 00:00,2026-01-01 00:00,\n", `labels: line 3: series "[x": a bad pattern`},
		{"the line after a field with line breaks", head + "x,2026-01-01 00:00,2026-01-01 00:00,\"two\nlines\"\ny,?,?,\n", "labels: line 5: from"},
		{"a quote without an end", head + "\"x,2026-01-01 00:00\n", "labels: "},
		{"windows cut off", `{"a.csv": [["2014-01-01 00:00:00"`, "labels: windows: want an object"},
		{"windows that are points", `{"a.csv": ["2014-01-01 00:00:00"]}`, "labels: windows: want an object"},
		{"a window with one time", `{"a.csv": [["2014-01-01 00:00:00"]]}`, "labels: a.csv: window 1 has 1 times"},
		{"a window with a bad time", `{"a.csv": [["2014-01-01 00:00:00", "2014-01-01 01:00:00"], ["2014-01-01 00:00:00", "24:00"]]}`, `labels: a.csv: window 2: to: time "24:00"`},
	} {
		_, err := ReadLabels(file(t, "labels", c.text), "")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", c.name, err, c.want)
		}
	}
	if _, err := ReadLabels(filepath.Join(t.TempDir(), "none.csv"), ""); err == nil || !strings.Contains(err.Error(), "none.csv") {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := ReadLabels(file(t, "labels", head), "Asia/Tokio"); err == nil || !strings.Contains(err.Error(), "Asia/Tokio") {
		t.Errorf("a zone that is none: %v", err)
	}
}

func TestCovers(t *testing.T) {
	s := named("cpu:web-1", "prod/eu/cpu.csv.gz")
	for label, want := range map[string]bool{
		"": true, "cpu:web-1": true, "cpu:web-*": true, "cpu:web-2": false, "cpu": true, "cpu.csv": false, "cpu.csv.gz": true,
		"prod/eu/cpu.csv.gz": true, "eu/cpu.csv.gz": true, "u/cpu.csv.gz": false, "prod/*/cpu.csv.gz": true, "data/prod/eu/cpu.csv.gz": true, "c?u": true, "memory": false,
	} {
		if got := (&Label{Series: label}).Covers(s); got != want {
			t.Errorf("label %q covers series %s of %s: %v, want %v", label, s.Meta.Name(), s.File, got, want)
		}
	}
}

// named is a series with a name and a file.
func named(name, path string) *Series {
	ls := kizashi.LabelsOf(map[string]string{"name": name})
	return &Series{Meta: kizashi.Meta{Series: kizashi.IDOf("t", ls), Identity: ls, Labels: ls}, File: path}
}
