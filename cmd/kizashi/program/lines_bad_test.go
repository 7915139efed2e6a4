package program

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Whatever a log file holds, every line of it is in one count, or it is said where
// the file breaks off; and a backtest counts the same lines.
func TestBadLogsAreCounted(t *testing.T) {
	good := func(n int) string {
		return logOf(n, monday, time.Minute, func(i int, _ time.Time) string { return fmt.Sprintf("INFO order %d placed", i) })
	}
	with := func(odd string) string { return good(300) + odd + "\n" + good(300) }
	packed := func(text string) string {
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
	cut := packed(good(40_000))
	for _, c := range []struct {
		name, text string
		lines      int // 0 = less than all
		code       int
		want       string
	}{
		{"five.log", with("2026-01-05 05:00:00 INFO " + strings.Repeat("x", 5_000_000)), 601, exitOK, "1 cut"},
		{"nul.log", with("2026-01-05 05:00:00 INFO a\x00b\n" + strings.Repeat("\x00", 10_000)), 602, exitOK, "2 with NUL bytes"},
		{"broken.log", with("2026-01-05 05:00:00 INFO caf\xe9 \xed\xa0\x80 \xf0\x9f"), 601, exitOK, "1 with broken bytes"},
		{"noend.log", strings.TrimSuffix(good(300), "\n"), 300, exitOK, ""},
		{"deep.log", with(`{"time":"2026-01-05T05:00:00Z","a":` + strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1001)), 601, exitOK, ""},
		{"open.log", with(`{"time":"2026-01-05T05:00:00Z","a":` + strings.Repeat("[", 100_000)), 601, exitOK, ""},
		{"year.log", with("9999-01-05 05:00:00 INFO order 1 placed"), 601, exitOK, "1 of them with a time that cannot be"},
		{"back.log", good(300) + good(300), 600, exitOK, ""},
		{"cut.log.gz", cut[:len(cut)/2], 0, exitFault, "gzip: it is cut short"},
	} {
		file := write(t, c.name, c.text)
		code, got := try(t, "patterns", "--json", file)
		var o patternsOut
		if err := json.NewDecoder(strings.NewReader(got)).Decode(&o); err != nil || code != c.code {
			t.Fatalf("%s: %d, %v\n%.2000s", c.name, code, err, got)
		}
		sum := 0
		for _, p := range o.Patterns {
			sum += p.Lines
		}
		if r := o.Files[0]; sum != o.Lines || sum != r.Events || r.Events+r.Joined != r.Rows || c.lines > 0 && sum != c.lines || sum == 0 {
			t.Errorf("%s: %d lines in patterns, %d in all, of %d: %+v", c.name, sum, o.Lines, c.lines, r)
		}
		if code, got = try(t, "patterns", file); code != c.code || !strings.Contains(got, c.want) {
			t.Errorf("%s: %d\n%.2000s", c.name, code, got)
		}
		if code, got = try(t, "backtest", file); code != c.code || !strings.Contains(got, fmt.Sprintf("%d rows, %d lines", o.Files[0].Rows, sum)) {
			t.Errorf("%s: %d\n%.2000s", c.name, code, got)
		}
	}
}
