package replay

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// The line at which an answer cannot be read is named, on any page.
func TestAnswersThatCannotBeRead(t *testing.T) {
	page := "{\n  \"MetricDataResults\": [\n    {\n      \"Id\": \"m1\",\n      \"Timestamps\": [\"2026-05-01T00:00:00Z\"],\n      \"Values\": [1]\n    }\n  ]\n}\n"
	for name, c := range map[string]struct{ text, want string }{
		"cut":                    {page[:len(page)-20], "line 6: the answer breaks off: unexpected EOF"},
		"cut on the second page": {page + page[:40], "line 13: the answer breaks off"},
		"a slip":                 {strings.Replace(page, "[1]", "[1,,]", 1), "line 6: invalid character ','"},
		"a slip on the second":   {page + strings.Replace(page, "[1]", "[1 2]", 1), "line 15: invalid character '2'"},
		"a text for a list":      {strings.Replace(page, "[1]", "\"1\"", 1), "line 6: json: cannot unmarshal string"},
		"something behind":       {page + "done\n", "line 10: invalid character 'd'"},
	} {
		dir := write(t, map[string]string{"a.json": c.text})
		_, err := New(Options{Paths: []string{dir}})
		if err == nil || !strings.Contains(err.Error(), "a.json: "+c.want) || strings.Contains(err.Error(), "no input") {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// What an answer itself says of being incomplete stands in the report.
func TestAnswersThatAreIncomplete(t *testing.T) {
	page := func(status, more string) string {
		return fmt.Sprintf(`{"MetricDataResults":[{"Id":"m1","StatusCode":%q,"Timestamps":["2026-05-01T00:00:00Z"],"Values":[1]}]%s}`, status, more)
	}
	for name, c := range map[string]struct{ text, want string }{
		"partial":          {page("PartialData", ""), "result m1 ends with PartialData: it is not complete"},
		"partial, then on": {page("PartialData", `,"NextToken":"t"`) + strings.ReplaceAll(page("Complete", ""), "00:00:00Z", "00:01:00Z"), ""},
		"more pages":       {page("Complete", `,"NextToken":"t"`), "it ends with a NextToken: later pages are missing"},
		"a message":        {page("Complete", `,"Messages":[{"Code":"MaxMetricsExceeded","Value":"too many"}]`), "CloudWatch says MaxMetricsExceeded: too many"},
		"complete":         {page("Complete", `,"Messages":[]`), ""},
	} {
		s, err := New(Options{Paths: []string{write(t, map[string]string{"a.json": c.text})}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := drain(t, s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		r := s.Report().Files[0]
		if got := strings.Join(r.Doubts, "; "); got != c.want || !strings.Contains(r.String(), c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A file that breaks off leaves what came before, and the other files.
func TestTheRestGoesOn(t *testing.T) {
	dir := write(t, map[string]string{
		"a.csv": "timestamp,value\n2026-05-01 00:00:00,1\n2026-05-01 00:01:00,2\n2026-05-01 00:02:00," + strings.Repeat("9", 1<<20) + "\n",
		"b.csv": "timestamp,value\n2026-05-01 00:00:00,3\n",
	})
	s, err := New(Options{Paths: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	bs, err := drain(t, s)
	var broken *BrokenError
	if !errors.As(err, &broken) || len(broken.Files) != 1 || !strings.Contains(err.Error(), "a.csv: line 4 is longer than 512 KiB") {
		t.Errorf("%v", err)
	}
	n, closed := map[string]int{}, map[string]bool{}
	for _, b := range bs {
		n[b.Partition.Tenant] += len(b.Samples)
		for _, r := range b.Roster {
			closed[b.Partition.Tenant] = closed[b.Partition.Tenant] || r.Op == kizashi.Close
		}
	}
	if n["a"] != 2 || n["b"] != 1 || closed["a"] || !closed["b"] {
		t.Errorf("samples %v, closed %v", n, closed)
	}
	fs := s.Report().Files
	if fs[0].Ended || !strings.HasPrefix(fs[0].Broken, "line 4 is longer") || !strings.Contains(fs[0].String(), "BROKEN OFF: line 4") || !fs[1].Ended || fs[1].Broken != "" {
		t.Errorf("%s\n%s", fs[0], fs[1])
	}
}

// A pipe can be read once: nothing of it is lost, whatever its format.
func TestPipes(t *testing.T) {
	var csv, om strings.Builder
	csv.WriteString("timestamp,value\n")
	for i := range 20_000 {
		fmt.Fprintf(&csv, "%d,%d\n", 1777593600+60*i, i)
		fmt.Fprintf(&om, "up{job=\"a\"} %d %d\n", i, 1777593600+60*i)
	}
	om.WriteString("# EOF\n")
	for name, text := range map[string]string{"csv": csv.String(), "gzip": packed(t, csv.String()), "openmetrics": om.String(),
		"answer": `{"MetricDataResults":[{"Id":"m1","Timestamps":["2026-05-01T00:00:00Z"],"Values":[1]}]}`} {
		fifo := filepath.Join(t.TempDir(), "pipe")
		if err := syscall.Mkfifo(fifo, 0o600); err != nil {
			t.Fatal(err)
		}
		wrote := make(chan error, 1)
		go func() { wrote <- os.WriteFile(fifo, []byte(text), 0o600) }()
		s, err := New(Options{Paths: []string{fifo}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := drain(t, s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := <-wrote; err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := 20_000
		if name == "answer" {
			want = 1
		}
		if got := s.Report().Files[0].Samples; got != want {
			t.Errorf("%s: %d samples, want %d", name, got, want)
		}
	}
}

// What is read as a whole has a bound; a gzip bomb ends there.
func TestBombs(t *testing.T) {
	bomb := packed(t, `{"MetricDataResults":[`+strings.Repeat(" ", 8<<20))
	for most, want := range map[int64]string{4 << 20: "larger than 4 MiB: split it", maxWhole: ""} {
		s, err := openStream(strings.NewReader(bomb), "")
		if err != nil {
			t.Fatal(err)
		}
		b, err := s.whole(most)
		if fmt.Sprint(err) != want && (err != nil || want != "") || err == nil && len(b) < 8<<20 {
			t.Errorf("%d bytes, %v; want %q", len(b), err, want)
		}
	}
}

func TestOtherShapesOfText(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"old Mac":            {strings.Repeat("timestamp,value\r", 20_000), "line 1: the lines end with CR alone"},
		"a long JSON object": {`{"timestamp":"2026-05-01T00:00:00Z","v":1,"x":"` + strings.Repeat("y", 200_000) + "\"}\n", "line 1 is longer than 128 KiB: want one JSON object on each line"},
	} {
		_, err := New(Options{Paths: []string{write(t, map[string]string{"a.csv": c.text})}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
