package logfile

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"github.com/kizashi-ops/kizashi"
)

// read tells the events of a file, one a line: time, rows, text.
func read(t testing.TB, text string, o Options) (string, Report, error) {
	t.Helper()
	r, err := Open(strings.NewReader(text), o)
	if err != nil {
		return "", Report{}, err
	}
	var b strings.Builder
	var e Event
	for {
		err := r.Next(&e)
		if errors.Is(err, io.EOF) {
			return b.String(), r.Report(), nil
		}
		if err != nil {
			return b.String(), r.Report(), err
		}
		at := "-"
		if e.At != kizashi.Never {
			at = strings.TrimSuffix(e.At.UTC().Format("2006-01-02T15:04:05.000"), ".000")
		}
		if e.Rows != 1 {
			at += fmt.Sprintf(" x%d", e.Rows)
		}
		fmt.Fprintf(&b, "%s %q\n", at, e.Text)
	}
}

func equal(t testing.TB, got, want string) {
	t.Helper()
	if got, want = strings.TrimSpace(got), strings.TrimSpace(want); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTimes(t *testing.T) {
	latest := kizashi.TimeOf(time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC))
	for _, c := range []struct{ row, zone, want string }{
		{"2026-01-02T03:04:05.678Z x", "", "2026-01-02T03:04:05.678"},
		{"2026-01-02T03:04:05+09:00 x", "", "2026-01-01T18:04:05"},
		{"2026-01-02 03:04:05,678 INFO x", "Asia/Tokyo", "2026-01-01T18:04:05.678"},
		{"2026/01/02 03:04:05 x", "", "2026-01-02T03:04:05"},
		{"[2026-01-02 03:04:05.6 +0100] x", "", "2026-01-02T02:04:05.600"},
		{"2026-1-2 3:04 x", "", "2026-01-02T03:04"},
		{"2026-01-02 03:04:05 JST x", "", "2026-01-01T18:04:05"},
		{"ts=2026-01-02T03:04:05Z level=info", "", "2026-01-02T03:04:05"},
		{"INFO  2026-01-02 03:04:05 x", "", "2026-01-02T03:04:05"},
		{"20171223-22:15:29:606|Step|1", "", "2017-12-23T22:15:29.606"},
		{"20260102T030405 x", "", "2026-01-02T03:04:05"},
		{"081109 203615 148 INFO dfs", "", "2008-11-09T20:36:15"},
		{"17/06/09 20:10:40 INFO x", "", "2017-06-09T20:10:40"},
		{"Jun 14 15:16:01 combo sshd[19939]: x", "", "2026-06-14T15:16:01"},
		{"Dec  1 15:16:01 combo x", "", "2025-12-01T15:16:01"}, // after the file was written
		{"<34>Oct 11 22:14:15 host su: x", "", "2026-10-11T22:14:15"},
		{"[Sun Dec 04 04:47:44 2005] [notice] x", "", "2005-12-04T04:47:44"},
		{"Thu, 04 Dec 2008 04:47:44 GMT x", "", "2008-12-04T04:47:44"},
		{"04 Dec 2008 04:47:44 x", "", "2008-12-04T04:47:44"},
		{`127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326`, "", "2000-10-10T20:55:36"},
		{"03-17 16:13:38.811  1702  2395 D WindowManager: x", "", "2026-03-17T16:13:38.811"},
		{"[10.30 16:49:06] chrome.exe - x", "", "2026-10-30T16:49:06"},
		{"- 1131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 x", "", "2005-11-09T20:01:01"},
		{"134681 node-246 unix.hw state_change 1077804742 1 Component", "", "2004-02-26T14:12:22"},
		{"1772409600.250 x", "", "2026-03-02T00:00:00.250"},
		{"1772409600123 x", "", "2026-03-02T00:00:00.123"},
		{"1772409600123456 x", "", "2026-03-02T00:00:00.123"},
		{"2026年1月2日 3時4分5秒 起動", "Asia/Tokyo", "2026-01-01T18:04:05"},
		{"2026年01月02日（金） 03:04:05 起動", "", "2026-01-02T03:04:05"},
		{"令和8年1月2日 3時4分 起動", "", "2026-01-02T03:04"},
		{`{"level":"info","time":"2026-01-02T03:04:05Z","msg":"x"}`, "", "2026-01-02T03:04:05"},
		{`{"a":{"time":"2025-01-01T00:00:00Z"},"@timestamp":1772409600123}`, "", "2026-03-02T00:00:00.123"},
		{`{"msg":"on 2025-01-01 00:00:00","ts":1772409600.5}`, "", "2026-03-02T00:00:00.500"},
		{"10.11.10.1 - x 12:34:56 started 42 2026", "", "-"},
		{"9999-12-31T23:59:59Z x", "", "-"},
		{"2026-13-01 00:00:00 x 2026-02-30 00:00:00", "", "-"},
		{"2026-03-29 01:30:00 x", "Europe/London", "2026-03-29T00:30"}, // the clock skips it
	} {
		got, _, err := read(t, c.row, Options{Zone: c.zone, Latest: latest})
		if err != nil {
			t.Fatal(err)
		}
		at, _, _ := strings.Cut(got, " ")
		if strings.TrimSuffix(at, ":00") != strings.TrimSuffix(c.want, ":00") {
			t.Errorf("%s: got %s, want %s", c.row, at, c.want)
		}
	}
}

func TestYearsTurn(t *testing.T) {
	got, rep, err := read(t, "Dec 31 23:59:59 a\nJan 1 00:00:01 b\nDec 31 23:59:58 late\nJan 1 00:00:02 c\nFeb 29 00:00:00 d", Options{Year: 2027})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, `
2027-12-31T23:59:59 "Dec 31 23:59:59 a"
2028-01-01T00:00:01 "Jan 1 00:00:01 b"
2027-12-31T23:59:58 "Dec 31 23:59:58 late"
2028-01-01T00:00:02 "Jan 1 00:00:02 c"
2028-02-29T00:00:00 "Feb 29 00:00:00 d"`)
	if rep.Year != 2027 || rep.Back != 1 || !rep.Assumed || rep.Zone != "UTC" {
		t.Errorf("report %+v", rep)
	}
	if got, rep, _ = read(t, "Dec 31 23:59:59 a", Options{}); !strings.HasPrefix(got, "- ") || rep.NoTime != 1 {
		t.Errorf("without a year: %s, %+v", got, rep)
	}
}

func TestRowsThatGoOn(t *testing.T) {
	text := strings.Join([]string{
		"2026-01-02 03:04:05 ERROR boom", "java.lang.IllegalStateException: x", "\tat a.B.c(B.java:1)", "Caused by: java.io.IOException: y", "\t... 3 more", "",
		"2026-01-02 03:04:06 ERROR py", "Traceback (most recent call last):", `  File "a.py", line 1, in f`, "    raise ValueError(1)", "ValueError: 1", "",
		"During handling of the above exception, another exception occurred:", "", "Traceback (most recent call last):", "  File", "app.errors.Oops",
		"2026-01-02 03:04:07 {", `  "a": 1`, "}",
		"panic: x", "[signal SIGSEGV]", "", "goroutine 1 [running]:", "main.f(0x1)", "\t/a/b.go:1 +0x1", "created by main.main", "exit",
		"2026-01-02 03:04:08 last", "ValueError: of its own",
	}, "\n")
	got, rep, err := read(t, text, Options{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, `
2026-01-02T03:04:05 x6 "2026-01-02 03:04:05 ERROR boom\njava.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException: y\n\t... 3 more"
2026-01-02T03:04:06 x11 "2026-01-02 03:04:06 ERROR py\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\n    raise ValueError(1)\nValueError: 1\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File\napp.errors.Oops"
2026-01-02T03:04:07 x3 "2026-01-02 03:04:07 {\n  \"a\": 1\n}"
2026-01-02T03:04:07 x7 "panic: x\n[signal SIGSEGV]\n\ngoroutine 1 [running]:\nmain.f(0x1)\n\t/a/b.go:1 +0x1\ncreated by main.main"
2026-01-02T03:04:07 "exit"
2026-01-02T03:04:08 "2026-01-02 03:04:08 last"
2026-01-02T03:04:08 "ValueError: of its own"`)
	if rep.Rows != 30 || rep.Events != 7 || rep.Joined != 23 || rep.NoTime != 3 {
		t.Errorf("report %+v", rep)
	}
}

func TestTheUsersRule(t *testing.T) {
	text := "noise\n## one\na\n b\r\n## two\n\n"
	got, _, err := read(t, text, Options{First: regexp.MustCompile(`^## `)})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, `
- "noise"
- x3 "## one\na\n b"
- x2 "## two"`)
	if got, _, err = read(t, "a\n b\n\nc", Options{Single: true}); err != nil {
		t.Fatal(err)
	}
	equal(t, got, "- \"a\"\n- \" b\"\n- \"\"\n- \"c\"")
	// Where every row has a margin it says nothing.
	if got, _, err = read(t, " a\n b\n   c\n d", Options{}); err != nil {
		t.Fatal(err)
	}
	equal(t, got, "- \" a\"\n- x2 \" b\\n   c\"\n- \" d\"")
}

func TestEncodings(t *testing.T) {
	const text = "2026-01-02 03:04:05 起動しました\n2026-01-02 03:04:06 エラーが発生：終了\n\tat 続き\n"
	enc := func(b []byte, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	sjis := enc(japanese.ShiftJIS.NewEncoder().Bytes([]byte(text)))
	euc := enc(japanese.EUCJP.NewEncoder().Bytes([]byte(text)))
	ascii := strings.Repeat("2026-01-02 03:04:05 plain\n", 20000)
	for name, c := range map[string]struct{ file, stated, want string }{
		"utf-8":        {text, "", "utf-8"},
		"with a mark":  {"\xef\xbb\xbf" + text, "", "utf-8"},
		"shift_jis":    {sjis, "", "shift_jis"},
		"cp932":        {sjis, "cp932", "shift_jis"},
		"euc-jp":       {euc, "", "euc-jp"},
		"utf-16le":     {enc(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(text))), "", "utf-16le"},
		"utf-16be":     {enc(unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(text))), "", "utf-16be"},
		"late in sjis": {ascii + sjis, "", "shift_jis"},
		"late in euc":  {ascii + euc, "", "euc-jp"},
	} {
		got, rep, err := read(t, c.file, Options{Encoding: c.stated})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.HasSuffix(got, "2026-01-02T03:04:05 \"2026-01-02 03:04:05 起動しました\"\n2026-01-02T03:04:06 x2 \"2026-01-02 03:04:06 エラーが発生：終了\\n\\tat 続き\"\n") {
			t.Errorf("%s: got\n%s", name, got[max(0, len(got)-200):])
		}
		if rep.Encoding != c.want || rep.Broken != 0 {
			t.Errorf("%s: report %+v", name, rep)
		}
	}
	_, rep, err := read(t, "ok\n\xff\xfe\x00\xed\xa0\x80 x\nä\n", Options{})
	if err != nil || rep.Broken != 1 || rep.Events != 3 || rep.Encoding != "utf-8" {
		t.Errorf("broken bytes: %+v, %v", rep, err)
	}
	if _, _, err = read(t, "x", Options{Encoding: "latin-2"}); err == nil || err.Error() != `encoding "latin-2": unknown (want utf-8, utf-16le, utf-16be, shift_jis or euc-jp)` {
		t.Errorf("unknown encoding: %v", err)
	}
}

func gz(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPacked(t *testing.T) {
	var lines strings.Builder
	for i := range 50000 {
		fmt.Fprintf(&lines, "2026-01-02 03:04:05 line %d of %x\n", i, i*i)
	}
	text := lines.String()
	var z bytes.Buffer
	w, err := zstd.NewWriter(&z)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want, _, _ := read(t, text, Options{})
	for _, c := range []struct{ packed, file string }{{"gzip", gz(t, text)}, {"zstd", z.String()}, {"gzip", gz(t, text[:1000000]) + gz(t, text[1000000:])}} {
		got, rep, err := read(t, c.file, Options{})
		if err != nil || got != want || rep.Packed != c.packed || rep.Bytes != int64(len(text)) {
			t.Errorf("%s: %+v, %v", c.packed, rep, err)
		}
		half, rep, err := read(t, c.file[:len(c.file)/2], Options{})
		if err == nil || !strings.Contains(err.Error(), "the file breaks off: "+c.packed) || !strings.HasPrefix(want, half[:len(half)/2]) || rep.Events < 1000 || rep.BrokeOff == "" {
			t.Errorf("%s cut short: %d events, %v", c.packed, rep.Events, err)
		}
	}
	if _, _, err := read(t, gz(t, text)[:12], Options{}); err == nil {
		t.Error("a gzip of 12 bytes is read")
	}
}

func TestABombEnds(t *testing.T) {
	defer func(was int64) { bombSize = was }(bombSize)
	bombSize = 32 << 20
	member := gz(t, strings.Repeat(strings.Repeat("x", 1<<20)+"\n", 16))
	r, err := Open(strings.NewReader(strings.Repeat(member, 4)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var e Event
	for err = r.Next(&e); err == nil; err = r.Next(&e) {
	}
	if !strings.Contains(err.Error(), "it is a bomb") || r.Report().Events < 16 {
		t.Errorf("%d events, %v", r.Report().Events, err)
	}
}

func TestLongRows(t *testing.T) {
	long := strings.Repeat("x", 5<<20)
	r, err := Open(iotest.HalfReader(strings.NewReader("2026-01-02 03:04:05 "+long+"\n y\nnext\n"+long)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var e Event
	var got []string
	for err = r.Next(&e); err == nil; err = r.Next(&e) {
		got = append(got, fmt.Sprintf("%d rows, %d bytes at %d, row %d", e.Rows, len(e.Text), e.Offset, e.Row))
	}
	equal(t, strings.Join(got, "\n"), fmt.Sprintf("2 rows, 1048576 bytes at 0, row 1\n1 rows, 4 bytes at %d, row 3\n1 rows, 1048576 bytes at %d, row 4", len(long)+24, len(long)+29))
	if rep := r.Report(); rep.Cut != 2 || rep.CutBytes != int64(2*len(long)+23-2<<20) || rep.Rows != 4 {
		t.Errorf("report %+v", rep)
	}
	many := "first\n" + strings.Repeat(" more\n", 5000) + "last"
	text, rep, err := read(t, many, Options{})
	if err != nil || rep.Events != 2 || rep.Rows != 5002 || rep.Cut != 1 || !strings.HasSuffix(text, "- \"last\"\n") {
		t.Errorf("many rows: %+v, %v", rep, err)
	}
}

// However the bytes come, the events are the same.
func TestCuttingChangesNothing(t *testing.T) {
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "2026-01-02 03:04:05 event %d\r\n", i)
		if i%7 == 0 {
			b.WriteString("\tat one\n\n\tat two " + strings.Repeat("y", i) + "\n")
		}
	}
	whole, _, err := read(t, b.String(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]io.Reader{"bytes": iotest.OneByteReader(strings.NewReader(b.String())), "halves": iotest.HalfReader(strings.NewReader(b.String())), "with the error": iotest.DataErrReader(strings.NewReader(b.String()))} {
		all, _ := io.ReadAll(r)
		got, _, err := read(t, string(all), Options{})
		if err != nil || got != whole {
			t.Errorf("%s: %v", name, err)
		}
	}
	f, err := Open(iotest.OneByteReader(strings.NewReader(b.String())), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var e Event
	n := 0
	for err = f.Next(&e); err == nil; err = f.Next(&e) {
		if b.String()[e.Offset:e.Offset+20] != "2026-01-02 03:04:05 " {
			t.Fatalf("event %d begins at %d", n, e.Offset)
		}
		n++
	}
	if n != 3000 {
		t.Errorf("%d events", n)
	}
}

func TestCloudWatchFiles(t *testing.T) {
	data := `{"messageType":"DATA_MESSAGE","owner":"123456789012","logGroup":"/aws/lambda/f","logStream":"s/[1]","subscriptionFilters":["all"],"logEvents":[{"id":"365","timestamp":1772409600123,"message":"START x\n"},{"id":"366","timestamp":1772409600124,"message":"a\n\tat b"}]}`
	control := `{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","subscriptionFilters":[],"logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}]}`
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(gz(t, s))) }
	for name, file := range map[string]string{
		"json": control + data, "rows": control + "\n" + data + "\n", "gzip": gz(t, control+data), "base64": b64(control) + "\n" + b64(data) + "\n",
		"a function's": `{"awslogs":{"data":"` + b64(control) + `"}}` + "\n" + `{"awslogs": {"data": "` + b64(data) + `"}}`,
	} {
		r, err := Open(strings.NewReader(file), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var e Event
		var got []string
		for err = r.Next(&e); err == nil; err = r.Next(&e) {
			got = append(got, fmt.Sprintf("%s %s %s %s %d %d %q", e.Account, e.Group, e.Stream, e.ID, e.At, e.Rows, e.Text))
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
		equal(t, strings.Join(got, "\n"), "123456789012 /aws/lambda/f s/[1] 365 1772409600123 1 \"START x\"\n123456789012 /aws/lambda/f s/[1] 366 1772409600124 2 \"a\\n\\tat b\"")
		if rep := r.Report(); rep.Control != 1 || rep.Format != Subscription || rep.Rows != 3 || rep.Events != 2 {
			t.Errorf("%s: %+v", name, rep)
		}
	}
	events := "{\n  \"events\": [\n {\"logStreamName\":\"s\",\"timestamp\":1772409600123,\"message\":\"m1\",\"ingestionTime\":1772409601000,\"eventId\":\"e1\"},\n {\"timestamp\":1772409600124,\"message\":\"m2\"} ],\n \"searchedLogStreams\": [{\"events\":[1]}], \"nextToken\": \"x\" }"
	got, rep, err := read(t, events+events, Options{})
	if err != nil || rep.Format != FilterEvents || rep.Events != 4 {
		t.Errorf("%+v %v", rep, err)
	}
	equal(t, got, strings.Repeat("2026-03-02T00:00:00.123 \"m1\"\n2026-03-02T00:00:00.124 \"m2\"\n", 2))
	if got, _, err = read(t, events[:strings.Index(events, "m2")], Options{}); err == nil || !strings.HasSuffix(err.Error(), "the file breaks off: it is cut short") || !strings.Contains(got, "m1") {
		t.Errorf("cut short: %s %v", got, err)
	}
	export := "2026-03-02T00:00:00.123Z START\n2026-03-02T00:00:00.124Z Traceback\n\n  x\nE: y\n2026-03-02T00:00:00.125Z \n"
	if got, rep, err = read(t, gz(t, export), Options{Name: "out/s-1/000000.gz"}); err != nil || rep.Format != Export {
		t.Errorf("%+v %v", rep, err)
	}
	equal(t, got, `
2026-03-02T00:00:00.123 "START"
2026-03-02T00:00:00.124 x4 "Traceback\n\n  x\nE: y"
2026-03-02T00:00:00.125 ""`)
}

func TestJSONLines(t *testing.T) {
	got, rep, err := read(t, "{\"ts\":\"2026-01-02T03:04:05Z\",\"m\":\"a\"}\n{\"ts\":\"2026-01-02T03:04:04Z\"}\n{\"m\":1}\n"+strings.Repeat("[", 1000)+"\n", Options{})
	if err != nil || rep.Format != JSONLines || rep.Back != 1 {
		t.Errorf("%+v %v", rep, err)
	}
	equal(t, got, "2026-01-02T03:04:05 \"{\\\"ts\\\":\\\"2026-01-02T03:04:05Z\\\",\\\"m\\\":\\\"a\\\"}\"\n2026-01-02T03:04:04 \"{\\\"ts\\\":\\\"2026-01-02T03:04:04Z\\\"}\"\n2026-01-02T03:04:04 \"{\\\"m\\\":1}\"\n2026-01-02T03:04:04 \""+strings.Repeat("[", 1000)+"\"")
}

func FuzzRead(f *testing.F) {
	f.Add("2026-01-02 03:04:05 a\n\tat b\nCaused by: c\n", true)
	f.Add(`{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":1,"message":"x"}]}`, false)
	f.Add(`{"events":[{"message":"x"}]}`, false)
	f.Add("\x1f\x8b\x08", true)
	f.Add("令和8年1月2日 3時4分 \xff\nJan  2 03:04:05 x", false)
	f.Fuzz(func(t *testing.T, text string, single bool) {
		r, err := Open(strings.NewReader(text), Options{Single: single, Latest: 1_772_409_600_000})
		if err != nil {
			return
		}
		var e Event
		rows, events := 0, 0
		for err = r.Next(&e); err == nil; err = r.Next(&e) {
			rows += e.Rows
			events++
		}
		rep := r.Report()
		if rep.Events != events || rep.Rows < rows || rep.Format == Text && rep.Rows != rows {
			t.Fatalf("%q: %d events and %d rows, reported %+v", text, events, rows, rep)
		}
		if plain := rep.Packed == "" && rep.Encoding[:5] == "utf-8" && rep.Format == Text; plain {
			want := strings.Count(strings.TrimPrefix(text, "\xef\xbb\xbf"), "\n")
			if !strings.HasSuffix(text, "\n") && strings.TrimPrefix(text, "\xef\xbb\xbf") != "" {
				want++
			}
			if rows != want {
				t.Fatalf("%q: %d rows, want %d", text, rows, want)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var t bytes.Buffer
	for i := 0; t.Len() < 16<<20; i++ {
		fmt.Fprintf(&t, "2026-01-02 03:04:%02d,%03d INFO  [http-nio-8080-exec-%d] c.e.shop.OrderService - order %d of customer %d placed in %d ms\n", i/1000%60, i%1000, i%20, i, i*7919%100000, i%300)
	}
	lines := bytes.Count(t.Bytes(), []byte("\n"))
	for _, c := range []struct {
		name string
		f    func() int
	}{
		{"events", func() int {
			r, err := Open(bytes.NewReader(t.Bytes()), Options{})
			if err != nil {
				b.Fatal(err)
			}
			var e Event
			n := 0
			for r.Next(&e) == nil {
				n++
			}
			return n
		}},
		{"newlines", func() int {
			n := 0
			for rest := t.Bytes(); len(rest) > 0; n++ {
				i := bytes.IndexByte(rest, '\n')
				rest = rest[i+1:]
			}
			return n
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if n := c.f(); n != lines {
					b.Fatalf("%d events of %d lines", n, lines)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*lines), "ns/row")
		})
	}
}

// Where nobody stated a zone, times without one are of the clock that the others
// of the file show, if it is one.
func TestTheZoneThatOtherRowsShow(t *testing.T) {
	access := `10.0.0.1 - - [05/Jan/2026:12:00:01 +0900] "GET / HTTP/1.1" 200 5` + "\n"
	app := "2026-01-05 12:00:02 INFO order 1 placed\n"
	for _, c := range []struct {
		name, text, zone, at string
		told                 string
	}{
		{"one offset", app + access, "", "2026-01-05T03:00:02", "+09:00 shown"},
		{"one offset, in Shift_JIS", strings.Repeat(app+access, 3) + "2026-01-05 12:00:02 INFO \x92\x8d\x95\xb6\x82\xf0\x8e\xf3\x82\xaf\x95\x74\x82\xaf\x82\xdc\x82\xb5\x82\xbd\n", "", "2026-01-05T03:00:02", "+09:00 shown"},
		{"west, by half an hour", app + strings.Replace(access, "+0900", "-0330", 1), "", "2026-01-05T15:30:02", "-03:30 shown"},
		{"UTC", app + strings.Replace(access, "+0900", "+0000", 1), "", "2026-01-05T12:00:02", "UTC shown"},
		{"stated", app + access, "Europe/Berlin", "2026-01-05T11:00:02", "Europe/Berlin"},
		{"stated as UTC", app + access, "UTC", "2026-01-05T12:00:02", "UTC"},
		{"two offsets", app + access + strings.Replace(access, "+0900", "+0100", 1), "", "2026-01-05T12:00:02", "UTC assumed"},
		{"none", app + app, "", "2026-01-05T12:00:02", "UTC assumed"},
		{"an epoch has none", app + "1767582001 INFO x\n", "", "2026-01-05T12:00:02", "UTC assumed"},
		{"nor does what goes on with a row", app + "\tat 2026-01-05 12:00:01+09:00\n", "", "2026-01-05T12:00:02", "UTC assumed"},
		{"beyond the beginning", app + strings.Repeat(app, headSize/len(app)) + access, "", "2026-01-05T12:00:02", "UTC assumed"},
	} {
		got, rep, err := read(t, c.text, Options{Zone: c.zone})
		if err != nil || !strings.HasPrefix(got, c.at+" ") {
			t.Errorf("%s: %v\n%.200s", c.name, err, got)
		}
		told := rep.Zone
		if rep.Shown {
			told += " shown"
		}
		if rep.Assumed {
			told += " assumed"
		}
		if told != c.told {
			t.Errorf("%s: told %q, want %q", c.name, told, c.told)
		}
	}
	if _, rep, _ := read(t, access+access, Options{}); rep.Zone != "" || rep.Shown {
		t.Errorf("all rows have a zone: %+v", rep)
	}
}
