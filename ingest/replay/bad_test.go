package replay

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// Rows that cannot be used are counted and told; those around them stay.
func TestBadRows(t *testing.T) {
	lines := []string{
		"timestamp,value",
		"2026-05-01 00:00:00,1",
		"2026-05-01 00:01:00,1O",    // letter
		"2026-05-01 00:02:00,NaN",   //
		"2026-05-01 00:03:00,-Inf",  //
		"2026-05-01 00:04:00,1e999", // too large for a float
		"2026-05-01 00:05:00",       // missing column
		"2026-05-01 00:06:00,",      // no value
		"2026-05-01 00:07:00,1,234", // a comma too many
		"2026-05-01 00:08:00,\"1,2", // quote without an end
		"yesterday,1",
		"2026-13-01 00:00:00,1",
		"2026-02-30 00:00:00,1",
		"20260501,1", // neither a date that is read nor an epoch
		",1",
		"2026-05-01 00:09:00,0x10",
		"2026-05-01 00:10:00,2",
		"2026-05-01 00:10:00,3", // repeated
		"2026-05-01 00:05:00,4", // back
		"2026-05-01 00:11:00,5",
	}
	var told []string
	o := Options{OnRow: func(r *Row) {
		told = append(told, fmt.Sprintf("%d %s|%s %q %q skipped=%v", r.Line, r.Stamp, r.Texts[0], r.Fault, r.Faults[0], r.Skipped))
	}}
	got, r := replayText(t, "a.csv", strings.Join(lines, "\n"), o)
	equal(t, got, `
a #1 until never join@never
  declare a group a
a #2 until 2026-05-01T00:11:00Z
  2026-05-01T00:00:00Z a = 1
  2026-05-01T00:10:00Z a = 2
  2026-05-01T00:10:00Z a = 3 late
  2026-05-01T00:05:00Z a = 4 late
  2026-05-01T00:11:00Z a = 5
a #3 until 2026-05-01T00:11:00Z close@2026-05-01T00:11:00Z`)
	equal(t, strings.Join(told, "\n"), `
2 2026-05-01 00:00:00|1 "" "" skipped=false
3 2026-05-01 00:01:00|1O "" "not a number" skipped=true
4 2026-05-01 00:02:00|NaN "" "NaN or infinite" skipped=true
5 2026-05-01 00:03:00|-Inf "" "NaN or infinite" skipped=true
6 2026-05-01 00:04:00|1e999 "" "NaN or infinite" skipped=true
7 2026-05-01 00:05:00| "too few columns" "" skipped=true
8 2026-05-01 00:06:00| "" "no value" skipped=true
9 2026-05-01 00:07:00|1 "too many columns" "" skipped=true
10 2026-05-01 00:08:00| "quote without an end" "" skipped=true
11 yesterday|1 "unreadable time" "" skipped=true
12 2026-13-01 00:00:00|1 "unreadable time" "" skipped=true
13 2026-02-30 00:00:00|1 "unreadable time" "" skipped=true
14 20260501|1 "unreadable time" "" skipped=true
15 |1 "unreadable time" "" skipped=true
16 2026-05-01 00:09:00|0x10 "" "not a number" skipped=true
17 2026-05-01 00:10:00|2 "" "" skipped=false
18 2026-05-01 00:10:00|3 "repeated time" "" skipped=false
19 2026-05-01 00:05:00|4 "time goes back" "" skipped=false
20 2026-05-01 00:11:00|5 "" "" skipped=false`)
	var faults []string
	for _, f := range r.Faults {
		faults = append(faults, fmt.Sprintf("%d %s %v late=%v", f.Count, f.Fault, f.Lines, f.Late))
	}
	equal(t, strings.Join(faults, "\n"), `
3 NaN or infinite [4 5 6] late=false
1 no value [8] late=false
2 not a number [3 16] late=false
1 quote without an end [10] late=false
1 repeated time [18] late=true
1 time goes back [19] late=true
1 too few columns [7] late=false
1 too many columns [9] late=false
5 unreadable time [11 12 13 14 15] late=false`)
	if r.Rows != 19 || r.Samples != 5 {
		t.Errorf("rows %d, samples %d", r.Rows, r.Samples)
	}
}

// Files that cannot be used stop New, and the error names file and line.
func TestBadFiles(t *testing.T) {
	ok := "timestamp,value\n2026-05-01 00:00:00,1\n"
	for _, c := range []struct {
		name, text, want string
		o                Options
	}{
		{name: "empty", text: "", want: "no rows: the file is empty"},
		{name: "blank", text: "\n \n\n", want: "no rows"},
		{name: "header only", text: "timestamp,value\r\n", want: "no rows below the header in line 1"},
		{name: "binary", text: "timestamp,value\n\x00\x01\x02", want: "line 2: a binary file, not a table (byte 0x00 at offset 16)"},
		{name: "picture", text: "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", want: "line 2: a binary file"},
		{name: "UTF-16", text: "\xff\xfet\x00i\x00", want: "UTF-16: save it as UTF-8"},
		{name: "no encoding", text: "timestamp,value\n2026-05-01 00:00:00,\x80\xff\xfe\n", want: "neither UTF-8 nor CP932"},
		{name: "huge header", text: strings.Repeat("x", 1<<20), want: "line 1 is longer than 128 KiB"},
		{name: "prose", text: "Dear customer\nall is well\n", want: "line 1: no usable header: want columns with commas"},
		{name: "no time", text: "name,value\nfoo,1\n", want: `line 1: no usable header: no column holds timestamps (header "name,value", first row "foo,1")`},
		{name: "semicolons", text: "timestamp;value\n2026-05-01 00:00:00;1\n", want: "line 1: no usable header: want columns with commas"},
		{name: "no numbers", text: "timestamp,host,color\n2026-05-01 00:00:00,a,red\n", want: `line 2: no column beside "timestamp" holds numbers`},
		{name: "wrong column", text: ok, o: Options{Timestamp: "timestmp"}, want: `no column "timestmp"; did you mean "timestamp"?`},
		{name: "wrong value", text: ok, o: Options{Values: []string{"cpu"}}, want: `no column "cpu" (known: timestamp, value)`},
		{name: "two alike", text: "timestamp,cpu,cpu\n2026-05-01 00:00:00,1,2\n", want: `two columns are named "cpu"`},
		{name: "time as value", text: ok, o: Options{Values: []string{"timestamp"}}, want: "cannot be a value too"},
		{name: "encoding", text: ok, o: Options{Encoding: "latin-1"}, want: `encoding "latin-1": unknown (want utf-8 or cp932)`},
		{name: "JSON list", text: "[1,2]", want: "want one JSON object on each line"},
		{name: "JSON in many lines", text: "{\n \"a\": 1\n}", want: "line 1: neither a JSON object on one line nor an answer of get-metric-data"},
		{name: "request", text: `{"MetricDataQueries":[]}`, want: "a request for metric data, not its answer"},
		{name: "failed fetch", text: `{"MetricDataResults":[{"Id":"m1","StatusCode":"InternalError","Messages":[{"Value":"try again"}]}]}`, want: "result m1: CloudWatch answered InternalError: try again"},
		{name: "answer without values", text: `{"MetricDataResults":[{"Id":"m1","StatusCode":"Complete"}]}`, want: "no rows: the results m1 hold no values"},
		{name: "uneven answer", text: `{"MetricDataResults":[{"Id":"m1","Timestamps":["2026-05-01T00:00:00Z"],"Values":[]}]}`, want: "result m1: 1 timestamps, but 0 values"},
		{name: "cut answer", text: `{"MetricDataResults":[{"Id":"m1",`, want: "unexpected EOF"},
		{name: "gzip cut in its first line", text: packed(t, ok)[:15], want: "line 1: the input breaks off: unexpected EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Paths = []string{filepath.Join(write(t, map[string]string{"bad.csv": c.text}), "bad.csv")}
			_, err := New(c.o)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "bad.csv: ") {
				t.Errorf("error %v\nwant bad.csv: ... %s", err, c.want)
			}
		})
	}
}

func TestNoInput(t *testing.T) {
	dir := write(t, map[string]string{"a.csv": "timestamp,value\n2026-05-01,1\n", "x/b.csv": "", "x/c.csv": "hello\nworld\n", "y/readme": "text"})
	for _, c := range []struct {
		name  string
		paths []string
		want  []string
	}{
		{"nothing", nil, []string{"no input: name files or folders, or - for stdin"}},
		{"not there", []string{filepath.Join(dir, "nope.csv")}, []string{"nope.csv: no such file"}},
		{"no table in the folder", []string{filepath.Join(dir, "y")}, []string{"the folder holds no .csv, .json"}},
		{"every bad file", []string{dir}, []string{"b.csv: no rows", "c.csv: line 1: no usable header"}},
		{"twice", []string{filepath.Join(dir, "a.csv"), filepath.Join(dir, "a.csv")}, []string{"a.csv is given twice"}},
		{"no stdin", []string{"-"}, []string{"there is no stdin"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(Options{Paths: c.paths})
			for _, w := range c.want {
				if err == nil || !strings.Contains(err.Error(), w) {
					t.Errorf("error %v\nwant %s", err, w)
				}
			}
		})
	}
	if _, err := New(Options{Paths: []string{dir}, Zone: "Mars/Olympus"}); err == nil || !strings.Contains(err.Error(), `time zone "Mars/Olympus": unknown`) {
		t.Errorf("unknown zone: %v", err)
	}
}

// What breaks further down comes after the rows before it.
func TestBrokenInTheMiddle(t *testing.T) {
	var long strings.Builder
	long.WriteString("timestamp,value\n")
	for i := range 30000 {
		fmt.Fprintf(&long, "%d,%d.%d\n", 1777593600+60*i, i*7919%10007, i*31%97)
	}
	whole := packed(t, long.String())
	for _, c := range []struct{ name, text, want string }{
		{"gzip cut", whole[:len(whole)*2/3], "the input breaks off: unexpected EOF"},
		{"gzip of few rows cut", packed(t, long.String()[:3000])[:900], "the input breaks off: unexpected EOF"},
		{"a field of 1 MB", "timestamp,value\n2026-05-01 00:00:00,1\n2026-05-01 00:01:00," + strings.Repeat("9", 1<<20) + "\n", "line 3 is longer than 512 KiB"},
		{"zone below none", "timestamp,value\n2026-05-01 00:00:00,1\n2026-05-01T00:01:00Z,2\n", `line 3: mixed zones: the time "2026-05-01T00:01:00Z" names its zone, but those above do not`},
		{"none below a zone", "timestamp,value\n2026-05-01 00:00:00+09:00,1\n2026-05-01 00:01:00,2\n", `line 3: mixed zones: the time "2026-05-01 00:01:00" has no zone`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := New(Options{Paths: []string{filepath.Join(write(t, map[string]string{"a.csv": c.text}), "a.csv")}})
			if err != nil {
				t.Fatal(err)
			}
			bs, err := drain(t, s)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "a.csv: line ") {
				t.Errorf("error %v\nwant a.csv: line ... %s", err, c.want)
			}
			n := 0
			for _, b := range bs {
				n += len(b.Samples)
				for _, r := range b.Roster {
					if r.Op == "close" {
						t.Error("a broken file closed its partition as if it had ended")
					}
				}
			}
			if n == 0 || n != s.Report().Files[0].Samples || s.Report().Files[0].Ended {
				t.Errorf("%d samples before the fault; report %s", n, s.Report().Files[0])
			}
		})
	}
}
