package program

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// One line with the date of another year changes neither what is expected of a
// pattern nor the spans, wherever it stands.
func TestPatternsWithAnOddTime(t *testing.T) {
	order := func(i int, _ time.Time) string { return fmt.Sprintf("INFO order %d placed", i) }
	before := write(t, "before.log", logOf(600, monday, time.Minute, order))
	weeks := write(t, "weeks.log", logOf(14*24*12, monday, 5*time.Minute, order))
	after := strings.SplitAfter(logOf(600, monday.AddDate(0, 0, 21), time.Minute, order), "\n")
	for _, odd := range []string{"2031-01-05 00:00:00", "2000-01-01 00:00:00"} {
		for _, at := range []int{0, 300, 600} {
			if at == 0 && odd < "2026" {
				continue // of the first line nobody knows
			}
			l := append([]string{}, after[:at]...)
			l = append(l, odd+" INFO order 7 placed\n")
			if odd < "2026" && at == 600 {
				continue // nor whether what comes last goes on there
			}
			file := write(t, "after.log", strings.Join(append(l, after[at:]...), ""))
			for by, other := range map[string]string{"hours": before, "hours of the same weekdays": weeks} {
				code, got := try(t, "patterns", "--diff", other, file)
				if code != exitOK || !strings.Contains(got, "compared by "+by+"\n") || strings.Contains(got, "changed: 1") != (other == weeks) ||
					!strings.Contains(got, "601 events, 1 with a time that the lines around rule out (left out of spans)") {
					t.Errorf("%s at %d:\n%s", odd, at, got)
				}
				if code, got = try(t, "patterns", "--diff", file, other); code != exitOK || strings.Contains(got, "changed: 1") != (other == weeks) {
					t.Errorf("%s at %d, on the other side:\n%s", odd, at, got)
				}
			}
			code, got := try(t, "patterns", "--json", file)
			var o patternsOut
			if err := json.Unmarshal([]byte(got), &o); code != exitOK || err != nil {
				t.Fatal(err, got)
			}
			if p := o.Patterns[0]; o.Files[0].Odd != 1 || p.Lines != 601 || p.First.String() != "2026-01-26T00:00:00Z" || p.Last.String() != "2026-01-26T09:59:00Z" || len(p.Histogram) < 16 {
				t.Errorf("%s at %d: %d lines, %s to %s, %d buckets", odd, at, p.Lines, p.First, p.Last, len(p.Histogram))
			}
		}
	}
}

// Long silence, and a file that was put together in another order, are no odd times.
func TestPatternsOfASparseFile(t *testing.T) {
	var b strings.Builder
	for _, day := range []int{21, 28, 35, 0, 7, 14} {
		fmt.Fprintf(&b, "%s INFO week %d closed\n", monday.AddDate(0, 0, day).Format("2006-01-02 15:04:05"), day)
	}
	code, got := try(t, "patterns", write(t, "sparse.log", b.String()))
	if code != exitOK || !strings.Contains(got, "2026-01-05T00:00:00Z 2026-02-09T00:00:00Z") || !strings.HasSuffix(got, "\n6 lines in 1 pattern\n") || strings.Contains(got, "rule out") {
		t.Errorf("got\n%s", got)
	}
}

// What was cut, broken or without a time is said in the table too.
func TestPatternsTellWhatIsAmiss(t *testing.T) {
	log := "2026-01-05 00:00:00 INFO order 1 placed\n" +
		"2026-01-05 00:00:01 INFO " + strings.Repeat("x", 5<<20) + "\n" +
		"2026-01-05 00:00:02 INFO a \x00\x00 hole\n" +
		"2026-01-05 00:00:03 INFO order \xff placed\n" +
		"no time here\n" +
		"1970-01-05 00:00:04 INFO order 2 placed\n"
	file := write(t, "amiss.log", log)
	for lang, want := range map[string]string{
		"en": "6 rows, 6 events, 1 cut, 1 with broken bytes, 1 with NUL bytes, 2 without a time of their own, 1 of them with a time that cannot be, 4194329 bytes not kept;",
		"ja": "6 行, イベント 6 件, 途中で切ったもの 1 件, 不正なバイトを含むもの 1 件, NUL バイトを含むもの 1 件, 時刻のないもの 2 件, うち時刻が不正なもの 1 件, 保持しなかったバイト数 4194329;",
	} {
		if code, got := try(t, "patterns", "--lang", lang, file); code != exitOK || !strings.Contains(got, want) {
			t.Errorf("%s: %.600s", lang, got)
		}
	}
}

// Of frequent values the JSON has those of which something is known, and says
// where it has only their beginning.
func TestPatternsTellFrequentValues(t *testing.T) {
	log := logOf(3002, monday, time.Second, func(i int, _ time.Time) string {
		host := fmt.Sprintf("web-host-number-%d", i)
		if i%2 == 0 {
			host = "db-host-number-1"
		}
		return fmt.Sprintf("INFO request from %s took %d ms", host, i*7919%3000)
	})
	code, got := try(t, "patterns", "--json", write(t, "app.log", log))
	if code != exitOK || !strings.Contains(got, `"text": "db-host-…"`) || !strings.Contains(got, `"lines": 1`) || strings.Contains(got, `"Text"`) || strings.Contains(got, `"Over"`) {
		t.Errorf("got\n%s", got)
	}
	var o patternsOut
	if err := json.Unmarshal([]byte(got), &o); err != nil {
		t.Fatal(err)
	}
	values := 0
	for _, s := range o.Patterns[0].Slots {
		for _, h := range s.Heavy {
			if values++; 10*(h.Lines-h.Over) < h.Lines {
				t.Errorf("slot %d: %+v says nothing", s.Slot, h)
			}
		}
	}
	if values != 1 {
		t.Errorf("%d values:\n%s", values, got)
	}
}

// Times without a zone are of the clock that other rows of the file show.
func TestPatternsOfRowsWithAndWithoutZones(t *testing.T) {
	file := write(t, "app.log", "10.0.0.1 - - [05/Jan/2026:12:00:01 +0900] \"GET / HTTP/1.1\" 200 5\n2026-01-05 12:00:02 INFO order 1 placed\n")
	for lang, want := range map[string]string{"en": "; times without a zone read as +09:00, as other rows have it\n", "ja": "; タイムゾーンのない時刻は、ほかの行に合わせて +09:00 として読みました\n"} {
		if code, got := try(t, "patterns", "--lang", lang, file); code != exitOK || !strings.Contains(got, want) || !strings.Contains(got, "2026-01-05T03:00:02Z 2026-01-05T03:00:02Z") {
			t.Errorf("%s:\n%s", lang, got)
		}
	}
	if code, got := try(t, "patterns", "--zone", "UTC", file); code != exitOK || strings.Contains(got, "as other rows") || !strings.Contains(got, "2026-01-05T12:00:02Z") {
		t.Errorf("stated:\n%s", got)
	}
}
