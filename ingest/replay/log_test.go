package replay

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/mask"
	"github.com/kizashi-ops/kizashi/ingest/sourcetest"
)

// logStory writes batches of lines as a person would tell them.
func logStory(bs []kizashi.Batch) string {
	var b strings.Builder
	names := map[kizashi.SeriesID]string{}
	for _, x := range bs {
		fmt.Fprintf(&b, "%s #%d until %s", x.Partition.Tenant, x.Pos, x.Until)
		for _, r := range x.Roster {
			fmt.Fprintf(&b, " %s@%s", r.Op, r.At)
		}
		b.WriteByte('\n')
		for _, d := range x.Declare {
			names[d.Meta.Series] = d.Meta.Name()
			fmt.Fprintf(&b, "  declare %s group %s\n", d.Meta.Name(), d.Meta.Group)
		}
		for _, l := range x.Lines {
			more := ""
			if l.Rows > 0 {
				more += fmt.Sprintf(" %d rows", l.Rows)
			}
			if l.Late {
				more += " late"
			}
			if l.Stream != "" {
				more += " of " + l.Stream
			}
			fmt.Fprintf(&b, "  %s %s%s %q\n", l.At, names[l.Series], more, l.Text)
		}
	}
	return b.String()
}

func readLogs(t *testing.T, o Options) (string, Report) {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	bs, err := drain(t, s)
	if err != nil {
		t.Fatal(err)
	}
	return logStory(bs), s.Report()
}

func TestALogFileIsATenant(t *testing.T) {
	dir := write(t, map[string]string{"shop/app.log": "2026-05-01 10:00:30 INFO card 4111111111111111\n2026-05-01 10:00:10 WARN earlier\n2026-05-01 10:02:30 ERROR boom\n\tat a.b\n2026-05-01 10:00:00 ERROR of a minute that is over\n2099-01-01 00:00:00 ERROR wrong clock\n2026-05-01 12:02:30 INFO later\n"})
	got, rep := readLogs(t, Options{Paths: []string{dir}})
	equal(t, got, `
shop/app #1 until never join@never
  declare app group app
shop/app #2 until 2026-05-01T12:01:00Z
  2026-05-01T10:00:30Z app "2026-05-01 10:00:30 INFO card <card>"
  2026-05-01T10:00:10Z app "2026-05-01 10:00:10 WARN earlier"
  2026-05-01T10:02:30Z app 2 rows "2026-05-01 10:02:30 ERROR boom\n\tat a.b"
  2026-05-01T10:00:00Z app late "2026-05-01 10:00:00 ERROR of a minute that is over"
  2099-01-01T00:00:00Z app late "2099-01-01 00:00:00 ERROR wrong clock"
shop/app #3 until 2026-05-01T12:01:00Z
  2026-05-01T12:02:30Z app "2026-05-01 12:02:30 INFO later"
shop/app #4 until 2026-05-01T12:03:00Z close@2026-05-01T12:03:00Z`)
	equal(t, rep.Files[0].String(), "shop/app.log: log, utf-8, 7 rows, 6 lines, 2 late, 1 rows of the line above, masked in 1 of 6 lines: card 1, 2026-05-01T10:00:10Z to 2026-05-01T12:02:30Z; times without a zone read as UTC, as none was stated")
}

// Files of one log group are merged by time, and have the identity of the live
// group.
func TestMappedLogs(t *testing.T) {
	dir := write(t, map[string]string{
		"web-1.log": "2026-05-01 19:00:00 a\n2026-05-01 19:00:02 b\n", "web-2.log.1": "2026-05-01 19:00:01 c\n2026-05-01 19:05:00 d\n", "old.txt": "#1 Jan 1 00:00:00 e\n f\n#2 x\n",
		"map.yaml": "files:\n  - {match: \"web-*\", tenant: acme, account: \"111122223333\", region: ap-northeast-1, log_group: /shop/web, zone: Asia/Tokyo, settle: 2m, group: shop, labels: {env: prod}}\n" +
			"  - {match: old.txt, log_group: old, year: 2025, first_row: '^#\\d'}\n",
	})
	m, err := LoadMapping(filepath.Join(dir, "map.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Paths: []string{filepath.Join(dir, "web-1.log"), filepath.Join(dir, "web-2.log.1"), filepath.Join(dir, "old.txt")}, Mapping: m, Mask: mask.Config{Own: []mask.Rule{{Name: "letter", Pattern: " ([bc])$"}}}}
	got, _ := readLogs(t, o)
	equal(t, got, `
acme #1 until never join@never
  declare /shop/web group shop
acme #2 until 2026-05-01T10:03:00Z
  2026-05-01T10:00:00Z /shop/web of web-1.log "2026-05-01 19:00:00 a"
  2026-05-01T10:00:01Z /shop/web of web-2.log.1 "2026-05-01 19:00:01 <letter>"
  2026-05-01T10:00:02Z /shop/web of web-1.log "2026-05-01 19:00:02 <letter>"
  2026-05-01T10:05:00Z /shop/web of web-2.log.1 "2026-05-01 19:05:00 d"
acme #3 until 2026-05-01T10:06:00Z close@2026-05-01T10:06:00Z
old.txt #1 until never join@never
  declare old group old
old.txt #2 until 2024-12-31T23:59:00Z
  2025-01-01T00:00:00Z old 2 rows "#1 Jan 1 00:00:00 e\n f"
  2025-01-01T00:00:00Z old "#2 x"
old.txt #3 until 2025-01-01T00:01:00Z close@2025-01-01T00:01:00Z`)
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Open(nil); err != nil {
		t.Fatal(err)
	}
	b, err := s.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id := kizashi.IDOf("acme", kizashi.LabelsOf(map[string]string{"log_group": "/shop/web", "account": "111122223333", "region": "ap-northeast-1"}))
	want := kizashi.Partition{Tenant: "acme", Account: "111122223333", Region: "ap-northeast-1", Kind: kizashi.Logs, Period: 60e9, Settle: 120e9}
	if d := b.Declare[0].Meta; d.Series != id || b.Partition != want || d.Labels.Get("env") != "prod" {
		t.Errorf("partition %s, declared %+v", b.Partition, d)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// The name of a log stream is what its writer makes it: an address in it is
// masked as one in a line, and counts as no line.
func TestStreamsAreMasked(t *testing.T) {
	file := `{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"/a","logStream":"job of taro@example.jp","logEvents":[{"id":"1","timestamp":1777593600000,"message":"hello"}]}`
	dir := write(t, map[string]string{"firehose.json": file, "map.yaml": "files: [{match: firehose.json, tenant: acme, region: ap-northeast-1, log_group: \"*\"}]"})
	m, err := LoadMapping(filepath.Join(dir, "map.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	got, rep := readLogs(t, Options{Paths: []string{filepath.Join(dir, "firehose.json")}, Mapping: m})
	if strings.Contains(got, "taro") || !strings.Contains(got, `/a of job of <email> "hello"`) || rep.Files[0].Masked != "" {
		t.Errorf("%s\n%q", got, rep.Files[0].Masked)
	}
}

func TestPayloadsOfSubscriptions(t *testing.T) {
	payload := func(group string, at int) string {
		return fmt.Sprintf(`{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":%q,"logStream":"s","logEvents":[{"id":"id-%d","timestamp":%d,"message":"hello from %s"}]}`, group, at, 1777593600000+at, group)
	}
	file := payload("/a", 0) + `{"messageType":"CONTROL_MESSAGE","logEvents":[]}` + payload("/b", 1000) + payload("/a", 2000)
	dir := write(t, map[string]string{"firehose.json": file, "map.yaml": "files: [{match: firehose.json, tenant: acme, region: ap-northeast-1, log_group: \"*\"}]"})
	m, err := LoadMapping(filepath.Join(dir, "map.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	got, rep := readLogs(t, Options{Paths: []string{filepath.Join(dir, "firehose.json")}, Mapping: m})
	equal(t, got, `
acme #1 until never join@never
acme #2 until 2026-04-30T23:59:00Z
  declare /a group /a
  declare /b group /b
  2026-05-01T00:00:00Z /a of s "hello from /a"
  2026-05-01T00:00:01Z /b of s "hello from /b"
  2026-05-01T00:00:02Z /a of s "hello from /a"
acme #3 until 2026-05-01T00:01:00Z close@2026-05-01T00:01:00Z`)
	equal(t, rep.Files[0].String(), "firehose.json: log, utf-8, 3 rows, 3 lines, 1 control messages dropped, 2026-05-01T00:00:00Z to 2026-05-01T00:00:02Z")

	// From stdin, in base64, without a mapping.
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte(file)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	one := base64.StdEncoding.EncodeToString([]byte(packed(t, payload("/a", 0)))) + "\n"
	for name, text := range map[string]string{"gzip": z.String(), "json": file} {
		s, err := New(Options{Paths: []string{"-"}, Stdin: strings.NewReader(text)})
		if err != nil {
			t.Fatal(err)
		}
		bs, err := drain(t, s)
		if err != nil || len(bs) != 3 || len(bs[1].Lines) != 3 || bs[1].Lines[2].ID != "id-2000" {
			t.Errorf("%s from stdin: %v\n%s", name, err, logStory(bs))
		}
	}
	got, _ = readLogs(t, Options{Paths: []string{filepath.Join(write(t, map[string]string{"p.log": one}), "p.log")}})
	if !strings.Contains(got, `/a of s "hello from /a"`) {
		t.Errorf("base64:\n%s", got)
	}
}

func TestBrokenLogs(t *testing.T) {
	var b strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&b, "2026-05-01 10:00:%02d line %d %x\n", i/400, i, i*i*i)
	}
	z := packed(t, b.String())
	dir := write(t, map[string]string{"app.log.gz": z[:len(z)/2], "good.log": "2026-05-01 10:00:00 x\n"})
	s, err := New(Options{Paths: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	bs, err := drain(t, s)
	r := s.Report()
	if err == nil || !strings.Contains(err.Error(), "the file breaks off: gzip: it is cut short") || r.Files[0].Broken == "" || r.Files[0].Lines < 1000 || r.Files[1].Lines != 1 || !r.Files[1].Ended {
		t.Errorf("%d batches, %v\n%s\n%s", len(bs), err, r.Files[0], r.Files[1])
	}
	for name, want := range map[string]string{"a.log": "a log, but no time is found in its beginning: without times nothing can be counted by the minute", "e.log": "a log, but no time is found"} {
		_, err := New(Options{Paths: []string{filepath.Join(write(t, map[string]string{name: strings.TrimPrefix("no time\n", map[bool]string{true: "no time\n"}[name == "e.log"])}), name)}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLogsKeepTheContract(t *testing.T) {
	var a, b strings.Builder
	for i := range 400 {
		fmt.Fprintf(&a, "2026-05-01 10:%02d:%02d INFO a %d\n", i/60%60, i%60, i)
		if i%50 == 0 {
			fmt.Fprintf(&a, "\tat x\n2026-05-01 09:59:00 WARN late\n")
		}
		if i%3 == 0 {
			fmt.Fprintf(&b, "2026-05-01 %02d:%02d:00 INFO b %d\n", 10+i/60, i%60, i)
		}
	}
	dir := write(t, map[string]string{"a.log": a.String(), "b.log": b.String(), "own.log": a.String(), "cpu.csv": "timestamp,value\n2026-05-01 00:00:00,1\n",
		"map.yaml": "files: [{match: \"[ab].log\", tenant: acme, log_group: g}]"})
	m, err := LoadMapping(filepath.Join(dir, "map.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var all [][]kizashi.Batch
	for _, batch := range []int{1, 7, 4096} {
		open := func(t *testing.T) ingest.Source {
			s, err := New(Options{Paths: []string{dir}, Mapping: m, Batch: batch})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		if batch > 1 {
			sourcetest.Run(t, open, 0)
		}
		bs, err := drain(t, open(t).(*Source))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, bs)
	}
	for _, bs := range all[1:] {
		if err := sourcetest.Same(all[0], bs, nil, false); err != nil {
			t.Errorf("cut otherwise: %v", err)
		}
	}
	ids := map[string]bool{}
	n := 0
	for _, b := range all[0] {
		for _, l := range b.Lines {
			ids[l.ID] = true
			n++
		}
	}
	if n != 2*(400+8)+134 || len(ids) != n {
		t.Errorf("%d lines with %d ids", n, len(ids))
	}
}

// Rows that say their offset lend it to those of the same file that do not: else
// a part of the lines would be late by hours.
func TestALogWithAndWithoutZones(t *testing.T) {
	var b strings.Builder
	for i := range 60 {
		fmt.Fprintf(&b, "10.0.0.1 - - [01/May/2026:19:%02d:00 +0900] \"GET / HTTP/1.1\" 200 5\n2026-05-01 19:%02d:01 INFO order %d\n", i, i, i)
	}
	dir := write(t, map[string]string{"app.log": b.String()})
	_, rep := readLogs(t, Options{Paths: []string{dir}})
	equal(t, rep.Files[0].String(), "app.log: log, utf-8, 120 rows, 120 lines, 2026-05-01T10:00:00Z to 2026-05-01T10:59:01Z; times without a zone read as +09:00, as other rows have it")
	_, rep = readLogs(t, Options{Paths: []string{dir}, Zone: "UTC"})
	if got := rep.Files[0].String(); !strings.HasSuffix(got, "; times without a zone read as UTC") || !strings.Contains(got, " late") {
		t.Errorf("a zone that is stated holds: %s", got)
	}
}

// Ids are what they always were: the hash of name, offset and row.
func TestLineIDs(t *testing.T) {
	h := fnv.New64a()
	_, _ = h.Write([]byte("logs/app.log\x00123456789012\x0042"))
	if got, want := string(appendLineID(nil, hashOf(hashOf(fnvOffset, "logs/app.log"), "\x00"), 123456789012, 42)), fmt.Sprintf("%016x", h.Sum64()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A first row whose clock is wrong, back or ahead, is late: the rows below it do not
// follow it. A log of few rows far apart begins with the first.
func TestAWrongClockInTheFirstRow(t *testing.T) {
	rest := "2026-05-01 10:00:30 INFO a\n2026-05-01 10:00:40 INFO b\n2026-05-01 10:01:30 INFO c\n"
	for first, late := range map[string]int{"2000-01-01 00:00:00 INFO booting\n": 1, "2099-01-01 00:00:00 INFO booting\n": 1, "2000-01-01 00:00:00 INFO booting\n2099-01-01 00:00:00 INFO and again\n": 2, "2026-05-01 09:00:00 INFO booting\n": 0, "no time at all\n": 0} {
		dir := write(t, map[string]string{"app.log": first + rest})
		got, rep := readLogs(t, Options{Paths: []string{dir}})
		r := rep.Files[0]
		if r.LateLines != late || !strings.Contains(r.First.String(), "2026-05-01") || !strings.Contains(r.Last.String(), "2026-05-01") {
			t.Errorf("%q: %d late, %s to %s\n%s", first, r.LateLines, r.First, r.Last, got)
		}
	}
	dir := write(t, map[string]string{"app.log": "2026-05-01 10:00:30 INFO a\n2026-05-09 10:00:40 INFO b\n2026-05-20 10:01:30 INFO c\n"})
	if got, rep := readLogs(t, Options{Paths: []string{dir}}); rep.Files[0].LateLines != 0 {
		t.Errorf("three rows, days apart:\n%s", got)
	}
	dir = write(t, map[string]string{"app.log": "2026-05-01 10:00:30 INFO a\n2026-05-03 10:00:30 INFO a\n2026-05-05 10:00:30 INFO a\n2026-05-07 10:00:30 INFO a\n2026-05-07 10:00:35 ERROR upload failed\n2026-05-07 10:00:41 ERROR upload failed\n2026-05-09 10:00:30 INFO a\n"})
	if got, rep := readLogs(t, Options{Paths: []string{dir}}); rep.Files[0].LateLines != 0 {
		t.Errorf("a line every other day, then three at once:\n%s", got)
	}
}
