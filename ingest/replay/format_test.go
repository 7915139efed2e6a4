package replay

import (
	"bytes"
	"compress/gzip"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/japanese"
)

func packed(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func cp932(t testing.TB, s string) string {
	t.Helper()
	b, err := japanese.ShiftJIS.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Each of these says the same: 1.5 at 00:00 and -20 at 00:05 on 1 May 2026.
func TestOneFileManyWays(t *testing.T) {
	want := `
a #1 until never join@never
  declare a group a
a #2 until 2026-05-01T00:05:00Z
  2026-05-01T00:00:00Z a = 1.5
  2026-05-01T00:05:00Z a = -20
a #3 until 2026-05-01T00:05:00Z close@2026-05-01T00:05:00Z`
	plain := "timestamp,value\n2026-05-01 00:00:00,1.5\n2026-05-01 00:05:00,-20\n"
	for _, c := range []struct {
		name, file, text string
		o                Options
	}{
		{name: "plain", file: "a.csv", text: plain},
		{name: "no line feed at the end", file: "a.csv", text: strings.TrimSuffix(plain, "\n")},
		{name: "CRLF", file: "a.csv", text: strings.ReplaceAll(plain, "\n", "\r\n")},
		{name: "byte order mark", file: "a.csv", text: "\ufeff" + plain},
		{name: "blank lines", file: "a.csv", text: "\n\n" + strings.ReplaceAll(plain, "\n", "\n \t\n\r\n")},
		{name: "gzip", file: "a.csv.gz", text: packed(t, plain)},
		{name: "gzip, and the name does not say so", file: "a.csv", text: packed(t, plain)},
		{name: "no header", file: "a.csv", text: "2026-05-01 00:00:00,1.5\n2026-05-01 00:05:00,-20\n"},
		{name: "quotes and spaces", file: "a.csv", text: "\"timestamp\", \"value\"\n\"2026-05-01 00:00:00\", 1.5 \n2026-05-01 00:05:00,\"-20\"\n"},
		{name: "RFC 3339", file: "a.csv", text: "timestamp,value\n2026-05-01T00:00:00Z,1.5\n2026-05-01T09:05:00+09:00,-20e0\n"},
		{name: "as Excel writes it", file: "a.csv", text: "timestamp,value\r\n2026/5/1 0:00,1.5\r\n2026/5/1 0:05,-20\r\n"},
		{name: "seconds", file: "a.csv", text: "timestamp,value\n1777593600,1.5\n1777593900.0,-20\n"},
		{name: "milliseconds", file: "a.csv", text: "timestamp,value\n1777593600000,1.5\n1777593900000,-2E1\n"},
		{name: "another zone", file: "a.csv", o: Options{Zone: "Asia/Tokyo"}, text: "timestamp,value\n2026-05-01 09:00,1.5\n2026-05-01 09:05,-20\n"},
		{name: "columns found", file: "a.csv", text: "host,Date,load\nweb,2026-05-01 00:00:00,1.5\nweb,2026-05-01 00:05:00,-20\n"},
		{name: "columns named", file: "a.csv", o: Options{Timestamp: "seen", Values: []string{"LOAD"}}, text: "id,seen,load\n1,1777593600,1.5\n2,1777593900,-20\n"},
		{name: "CP932 found", file: "a.csv", text: cp932(t, "日時,表示名,使用率\n2026/5/1 0:00,ソ能表,1.5\n2026/5/1 0:05,予測,-20\n")},
		{name: "CP932 stated", file: "a.csv", o: Options{Encoding: "Shift_JIS"}, text: cp932(t, "日時,使用率\n2026/5/1 0:00,1.5\n2026/5/1 0:05,-20\n")},
		{name: "JSON lines", file: "a.jsonl", text: "{\"timestamp\":\"2026-05-01T00:00:00Z\",\"value\":1.5}\n\n{\"value\":\"-20\",\"timestamp\":\"2026-05-01T00:05:00Z\"}\n"},
		{name: "JSON lines, other names", file: "a.ndjson", text: "{\"time\":1777593600,\"host\":\"x\",\"load\":1.5}\n{\"time\":1777593900,\"host\":\"x\",\"load\":-20}\n"},
		{name: "the console's CSV", file: "a.csv", text: "Full label,i-0abc CPUUtilization\nLabel,CPUUtilization\nPeriod,300\n2026/05/01 00:00:00,1.5\n2026/05/01 00:05:00,-20\n"},
		{name: "get-metric-data", file: "a.json", text: `{"MetricDataResults": [{"Id": "m1", "Label": "CPUUtilization",
			"Timestamps": ["2026-05-01T00:05:00+00:00", "2026-05-01T00:00:00+00:00"], "Values": [-20, 1.5], "StatusCode": "Complete"}], "Messages": []}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, r := replayText(t, c.file, c.text, c.o)
			equal(t, got, want)
			if r.Rows != 2 || r.Samples != 2 || len(r.Faults) != 0 || !r.Ended {
				t.Errorf("report: %s", r)
			}
		})
	}
}

func TestSeveralColumnsAreSeveralSeries(t *testing.T) {
	got, r := replayText(t, "web.csv", "timestamp,cpu,host,mem\n2026-05-01 00:00:00,1,a,10\n2026-05-01 00:01:00,,a,20\n2026-05-01 00:02:00,3,a,30\n", Options{Batch: 3})
	equal(t, got, `
web #1 until never join@never
  declare web:cpu group web:cpu
  declare web:mem group web:mem
web #2 until 2026-05-01T00:01:00Z
  2026-05-01T00:00:00Z web:cpu = 1
  2026-05-01T00:00:00Z web:mem = 10
  2026-05-01T00:01:00Z web:mem = 20
web #3 until 2026-05-01T00:02:00Z
  2026-05-01T00:02:00Z web:cpu = 3
  2026-05-01T00:02:00Z web:mem = 30
web #4 until 2026-05-01T00:02:00Z close@2026-05-01T00:02:00Z`)
	equal(t, r.String(), "web.csv: csv, utf-8, 3 rows, 5 samples, 2026-05-01T00:00:00Z to 2026-05-01T00:02:00Z; times without a zone read as UTC, as none was stated; 1 skipped: no value (line 3)")
	if len(r.Unread) != 1 || r.Unread[0] != "host" {
		t.Errorf("columns not read: %q", r.Unread)
	}
}

func TestFoldersStdinAndTenants(t *testing.T) {
	text := "timestamp,value\n2026-05-01 00:00:00,1\n"
	dir := write(t, map[string]string{
		"aws/cpu.csv": text, "aws/cpu.jsonl": `{"timestamp":1777593600,"value":1}`, "b.csv.gz": packed(t, text),
		"README.md": "no table", ".git/x.csv": text, "request.json": `{"MetricDataQueries":[{"Id":"m1","Expression":"m2"}]}`,
	})
	s, err := New(Options{Paths: []string{dir, "-"}, Stdin: strings.NewReader(text)})
	if err != nil {
		t.Fatal(err)
	}
	bs, err := drain(t, s)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, transcript(bs), strings.ReplaceAll(`
aws/cpu.csv #1 until never join@never
  declare cpu group cpu
aws/cpu.csv #2 until NOON
  NOON cpu = 1
aws/cpu.csv #3 until NOON close@NOON
aws/cpu.jsonl #1 until never join@never
  declare cpu group cpu
aws/cpu.jsonl #2 until NOON
  NOON cpu = 1
aws/cpu.jsonl #3 until NOON close@NOON
b #1 until never join@never
  declare b group b
b #2 until NOON
  NOON b = 1
b #3 until NOON close@NOON
stdin #1 until never join@never
  declare stdin group stdin
stdin #2 until NOON
  NOON stdin = 1
stdin #3 until NOON close@NOON`, "NOON", "2026-05-01T00:00:00Z"))
	var ignored []string
	for _, i := range s.Report().Ignored {
		ignored = append(ignored, filepath.Base(i.Path)+": "+i.Why)
	}
	equal(t, strings.Join(ignored, "\n"), `
.git: hidden
README.md: not named like a table
request.json: a request for metric data, not its answer: name it in the mapping`)
}

func TestFromAndTo(t *testing.T) {
	var at Options
	text := "timestamp,value\n1777593600,1\n1777593660,2\n1777593720,3\n1777593780,4\n"
	at.From, at.To = 1777593660000, 1777593780000
	got, r := replayText(t, "a.csv", text, at)
	if !strings.Contains(got, "a = 2\n") || !strings.Contains(got, "a = 3\n") || strings.Contains(got, "a = 1\n") || strings.Contains(got, "a = 4\n") {
		t.Errorf("got\n%s", got)
	}
	if r.Samples != 2 || len(r.Faults) != 1 || r.Faults[0].Fault != Outside || r.Faults[0].Count != 2 {
		t.Errorf("report %s", r)
	}
}

func TestConsoleColumns(t *testing.T) {
	text := "Full label,web CPUUtilization,db CPUUtilization\nLabel,CPUUtilization,CPUUtilization\nId,m1,m2\n2026/05/01 00:00:00,1,2\n2026/05/01 00:05:00,,4\n"
	got, r := replayText(t, "c.csv", text, Options{})
	for _, want := range []string{"c:web CPUUtilization = 1\n", "c:db CPUUtilization = 4\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if r.Format != ConsoleCSV || r.Rows != 2 || r.Samples != 3 || !r.Assumed {
		t.Errorf("report %s", r)
	}
	got, _ = replayText(t, "c.csv", text, Options{Values: []string{"m2"}})
	if strings.Contains(got, "web") || !strings.Contains(got, "c = 4\n") {
		t.Errorf("one column, chosen by its id:\n%s", got)
	}
	_, err := New(Options{Paths: []string{filepath.Join(write(t, map[string]string{"c.csv": text}), "c.csv")}, Values: []string{"CPUUtilization"}})
	if err == nil || !strings.Contains(err.Error(), `two columns are named "CPUUtilization"`) {
		t.Errorf("a label that two columns share: %v", err)
	}
	// A plain file whose first column happens to be called id is no console's.
	got, _ = replayText(t, "d.csv", "id,timestamp,value\nx,2026-05-01 00:00:00,7\n", Options{})
	if !strings.Contains(got, "d = 7\n") {
		t.Errorf("got\n%s", got)
	}
}
