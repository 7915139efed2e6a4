package program

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// logOf writes lines, one each step, of which line tells the text.
func logOf(n int, from time.Time, step time.Duration, line func(i int, at time.Time) string) string {
	var b strings.Builder
	for i := range n {
		at := from.Add(time.Duration(i) * step)
		if l := line(i, at); l != "" {
			fmt.Fprintf(&b, "%s %s\n", at.Format("2006-01-02 15:04:05"), l)
		}
	}
	return b.String()
}

var monday = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

func TestPatternsOfAFile(t *testing.T) {
	log := logOf(200, monday, time.Minute, func(i int, _ time.Time) string {
		if i == 150 {
			return "ERROR payment of user" + fmt.Sprint(i) + "@example.com failed\n\tat a.B.c\nCaused by: x"
		}
		return fmt.Sprintf("INFO order %d placed in %d ms", i, i*7%90)
	})
	file := write(t, "app.log", log)
	out := filepath.Join(t.TempDir(), "out.csv")
	code, got := try(t, "patterns", "--out", out, file)
	if code != exitOK {
		t.Fatal(got)
	}
	for _, want := range []string{"app.log: log, utf-8, 202 rows, 200 events; times without a zone read as UTC, as none was stated", "masked in 1 of 200 lines: email 1",
		"    order <*> placed in <*> ms", "199  99.50%  2026-01-05T00:00:00Z 2026-01-05T03:19:00Z info ", "  0.50%  2026-01-05T02:30:00Z 2026-01-05T02:30:00Z error ", "200 lines in 2 patterns"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "user150") {
		t.Errorf("an address is told:\n%s", got)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(rows) != 203 || rows[0] != "line,pattern_id,template" || !strings.HasPrefix(rows[202], "202,") {
		t.Errorf("%d rows, the first %q", len(rows), rows[0])
	}
	if a, b := rows[151][4:], rows[153][4:]; a != b || !strings.Contains(a, "payment of <") {
		t.Errorf("rows of one event:\n%s\n%s", rows[151], rows[153])
	}
	if code, got = try(t, "patterns", "--json", file); code != exitOK {
		t.Fatal(got)
	}
	var o patternsOut
	if err := json.Unmarshal([]byte(got), &o); err != nil || o.Lines != 200 || len(o.Patterns) != 2 || o.Patterns[0].Lines != 199 || len(o.Patterns[0].Histogram) == 0 || o.Files[0].Joined != 2 {
		t.Errorf("%v\n%s", err, got)
	}
	e := env{out: &bytes.Buffer{}, err: &bytes.Buffer{}, in: strings.NewReader(log), getenv: func(string) string { return "" }}
	if code := run(context.Background(), e, []string{"patterns", "--lang", "ja", "-"}); code != exitOK || !strings.Contains(e.out.(*bytes.Buffer).String(), "200 行、2 パターン") ||
		!strings.Contains(e.out.(*bytes.Buffer).String(), "utf-8, 202 行, イベント 200 件; ") || !strings.Contains(e.out.(*bytes.Buffer).String(), "マスキング: 200 行中 1 行 (email 1)\n") {
		t.Errorf("from stdin: %d %s", code, e.out)
	}
}

func TestPatternsAgainstAnotherFile(t *testing.T) {
	before := logOf(600, monday, time.Minute, func(i int, _ time.Time) string {
		if i%60 == 59 {
			return "INFO nightly batch finished"
		}
		return fmt.Sprintf([]string{"INFO order %d placed", "INFO cart %d opened"}[i%2], i)
	})
	after := logOf(600, monday.Add(24*time.Hour), time.Minute, func(i int, _ time.Time) string {
		if i%20 == 3 {
			return fmt.Sprintf("ERROR stock of %d is gone", i)
		}
		return fmt.Sprintf([]string{"INFO order %d placed", "INFO cart %d opened", "INFO cart %d opened", "INFO cart %d opened", "INFO cart %d opened", "INFO cart %d opened"}[i%6], i)
	})
	code, got := try(t, "patterns", "--diff", write(t, "before.log", before), write(t, "after.log", after))
	if code != exitOK {
		t.Fatal(got)
	}
	i, j, k := strings.Index(got, "\nnew: 1\n"), strings.Index(got, "\ngone: 1\n"), strings.Index(got, "\nchanged: 2\n")
	if i < 0 || j < i || k < j || !strings.Contains(got[i:j], "stock of <*> is gone") || !strings.Contains(got[j:k], "nightly batch finished") || !strings.Contains(got, "compared by hours") ||
		!strings.Contains(got[k:], "lines, 300.0 expected of 300 before, p ") {
		t.Errorf("got\n%s", got)
	}
}

// Against three weeks a Sunday is held against the Sundays.
func TestPatternsOfTheSameWeekday(t *testing.T) {
	office := func(_ int, at time.Time) string {
		if d := at.Weekday(); d == time.Saturday || d == time.Sunday {
			if at.Minute()%30 != 0 {
				return ""
			}
		}
		return fmt.Sprintf("INFO order %d placed", at.Unix())
	}
	weeks := write(t, "weeks.log", logOf(21*24*12, monday, 5*time.Minute, office))
	sunday := write(t, "sunday.log", logOf(24*12, monday.AddDate(0, 0, 27), 5*time.Minute, office))
	code, got := try(t, "patterns", "--diff", weeks, sunday)
	if code != exitOK || !strings.Contains(got, "compared by hours of the same weekdays") || !strings.Contains(got, "changed: 0") || !strings.Contains(got, "1 pattern as before") {
		t.Errorf("got\n%s", got)
	}
	loud := write(t, "loud.log", logOf(24*12, monday.AddDate(0, 0, 27), 5*time.Minute, func(_ int, at time.Time) string { return fmt.Sprintf("INFO order %d placed", at.Unix()) }))
	if code, got = try(t, "patterns", "--diff", weeks, loud); code != exitOK || !strings.Contains(got, "changed: 1") || !strings.Contains(got, "288 lines, 48.") {
		t.Errorf("got\n%s", got)
	}
}

func TestDryRunOfTheMasking(t *testing.T) {
	file := write(t, "app.log", "2026-01-05 00:00:00 from a@example.com\n2026-01-05 00:00:01 nothing\n2026-01-05 00:00:02 card 4111111111111111\n")
	code, got := try(t, "patterns", "--mask", file)
	if want := file + ":1\temail\ta@example.com\n" + file + ":3\tcard\t4111111111111111\nmasked in 2 of 3 lines: email 1, card 1\n"; code != exitOK || got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestPatternsBadInput(t *testing.T) {
	good := write(t, "a.log", "2026-01-05 00:00:00 x\n")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "no input: name log files, or - for stdin"},
		{[]string{"nowhere.log"}, exitFault, "nowhere.log"},
		{[]string{filepath.Dir(good)}, exitFault, "is a folder"},
		{[]string{"--zone", "Asia/Tokio", good}, exitUsage, "Asia/Tokio"},
		{[]string{"--first-row", "(", good}, exitUsage, "--first-row"},
		{[]string{"--encoding", "latin", good}, exitFault, `encoding "latin": unknown`},
		{[]string{"--follow", "--json", good}, exitUsage, "--follow reads one file"},
		{[]string{write(t, "cut.log.gz", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b")}, exitFault, "gzip: it is cut short"},
	} {
		if code, got := try(t, append([]string{"patterns"}, c.args...)...); code != c.code || !strings.Contains(got, c.want) {
			t.Errorf("%v: %d\n%s", c.args, code, got)
		}
	}
}

// told is an output that can be waited for.
type told struct {
	sync.Mutex
	b     bytes.Buffer
	waits chan struct{}
}

func (w *told) Write(b []byte) (int, error) {
	w.Lock()
	defer w.Unlock()
	n, err := w.b.Write(b)
	select {
	case w.waits <- struct{}{}:
	default:
	}
	return n, err
}

func TestFollowTellsWhatIsNew(t *testing.T) {
	file := write(t, "a.log", "2026-01-05 00:00:00 INFO order 1 placed\n2026-01-05 00:00:01 INFO order 2 placed\n")
	out := &told{waits: make(chan struct{}, 1)}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, env{out: out, err: &bytes.Buffer{}, getenv: func(string) string { return "" }}, []string{"patterns", "--follow", file})
	}()
	<-out.waits // the pattern of the orders
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("2026-01-05 00:00:02 ERROR disk is full\n2026-01-05 00:00:03 INFO order 3 placed\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	<-out.waits
	stop()
	if code := <-done; code != exitOK {
		t.Errorf("exit code %d", code)
	}
	if got := out.b.String(); strings.Count(got, "order 1 placed") < 1 || !strings.Contains(got, "error 2026-01-05 00:00:02 ERROR disk is full") {
		t.Errorf("got\n%s", got)
	}
}
