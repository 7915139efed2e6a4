package replay

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// checkValue compares with package strconv: what is read must be the nearest
// float, and what is refused must be none.
func checkValue(t *testing.T, s string) {
	t.Helper()
	got, fault := parseValue([]byte(s))
	want, err := strconv.ParseFloat(s, 64)
	if fault == "" && (err != nil || math.Float64bits(got) != math.Float64bits(want)) {
		t.Errorf("%q: %v, strconv says %v, %v", s, got, want, err)
	}
	if fault == BadNumber && err == nil && !strings.ContainsAny(s, "xX_pP") {
		t.Errorf("%q was refused, strconv reads %v", s, want)
	}
}

func FuzzValue(f *testing.F) {
	for _, s := range []string{"1", "-1.5", "1e9", "0.30000000000000004", "NaN", "1,2", "--1", "9223372036854775808"} {
		f.Add(s)
	}
	f.Fuzz(checkValue)
}

// Whatever a timestamp is, reading it again from the day that the clock keeps
// gives the same, and RFC 3339 agrees with package time.
func FuzzTimestamp(f *testing.F) {
	for _, s := range []string{"2026-05-01 00:00:00", "2026-05-01T00:00:00.123+09:00", "2026/5/1 0:00", "1777593600", "1777593600.5", "1777593600123", "2026-11-01 01:30:00", "9999-12-31"} {
		f.Add(s, "America/New_York")
	}
	f.Fuzz(func(t *testing.T, s, zone string) {
		c, err := newClock(zone)
		if err != nil {
			t.Skip("no zone")
		}
		at, kind, fault := c.parse([]byte(s))
		again, kind2, fault2 := c.parse([]byte(s))
		if at != again || kind != kind2 || fault != fault2 {
			t.Fatalf("%q in %q: %s %d %q, then %s %d %q", s, zone, at, kind, fault, again, kind2, fault2)
		}
		if (fault == "") != (kind != unread) && fault != SkippedTime {
			t.Fatalf("%q: kind %d with fault %q", s, kind, fault)
		}
		if want, err := time.Parse(time.RFC3339, s); err == nil && fault == "" && at != kizashi.TimeOf(want) {
			t.Fatalf("%q: %s, package time says %s", s, at, want)
		}
	})
}

// No input panics, and how it arrives in pieces changes nothing.
func FuzzInput(f *testing.F) {
	for _, s := range []string{"timestamp,value\n2026-05-01 00:00:00,1\n\n2026-05-01 00:01:00,x\n", "Full label,a\nLabel,b\n2026/05/01 00:00:00,1\n",
		"{\"timestamp\":1,\"value\":2}\n", `{"MetricDataResults":[{"Id":"m1","Timestamps":["2026-05-01T00:00:00Z"],"Values":[1]}]}`,
		"\"a\"\"b\",time\n1,2026-05-01\n", "\x1f\x8b\x08\x00", "\xef\xbb\xbftimestamp,value\r\n1777593600,1\r\n", ",\n\"000", "id,a\n\"0\n2026/05/01,1\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		whole, werr := readAll(t, bytes.NewReader(b))
		bits, berr := readAll(t, iotest.OneByteReader(bytes.NewReader(b)))
		if whole != bits || (werr == nil) != (berr == nil) {
			t.Fatalf("at once:\n%s%v\nbyte by byte:\n%s%v", whole, werr, bits, berr)
		}
	})
}

func readAll(t *testing.T, r io.Reader) (string, error) {
	rows := 0
	s, err := New(Options{Paths: []string{"-"}, Stdin: r, Batch: 3, OnRow: func(*Row) { rows++ }})
	if err != nil {
		return "", err
	}
	bs, err := drain(t, s)
	if got := s.Report().Files[0].Rows; err == nil && got != rows {
		t.Fatalf("%d rows told, %d reported", rows, got)
	}
	return transcript(bs), err
}

// A line ends where it ends, however the stream is cut.
func TestLinesAcrossReads(t *testing.T) {
	var text strings.Builder
	for i := range 5000 {
		text.WriteString(strings.Repeat("x", i%300))
		text.WriteString("\r\n")
	}
	l := newLines(iotest.HalfReader(strings.NewReader(text.String())), 64)
	for i := range 5000 {
		b, err := l.next()
		if err != nil || len(b) != i%300 || l.line != i+1 {
			t.Fatalf("line %d: %d bytes, number %d, %v", i+1, len(b), l.line, err)
		}
	}
	if _, err := l.next(); !errors.Is(err, io.EOF) {
		t.Fatalf("at the end: %v", err)
	}
}

// Whatever stands in a line of OpenMetrics, a series that is read from it is
// read again from its own name.
func FuzzMetricLine(f *testing.F) {
	for _, s := range []string{`up 1 1777593600`, `a{b="c",d="e f{}\"\\\n"} NaN 1.5 # {x="y"} 1`, `{"odd.name",a="b",} +Inf`, `a{b="`, `{}`, `a{"b"}`, "# TYPE a counter"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, ok := splitMetric([]byte(s))
		if !ok {
			return
		}
		ls, ok := parseSeries(m.series)
		if !ok {
			return
		}
		l := newLabelled(ls)
		for n := range l.plain() {
			if !isName([]byte(n), false) {
				return
			}
		}
		if !isName([]byte(l.metric), true) {
			return
		}
		again, ok := parseSeries([]byte(l.name()))
		if !ok || newLabelled(again).key != l.key {
			t.Fatalf("%q: %s is read back as %v", s, l.name(), again)
		}
		seconds(m.stamp)
	})
}
