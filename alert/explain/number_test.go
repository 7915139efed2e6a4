package explain

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

func TestValue(t *testing.T) {
	for _, c := range []struct {
		v    kizashi.Num
		unit string
		want string
	}{
		{.4121, "Seconds", "412 ms"}, {0, "Seconds", "0 s"}, {.9999, "Seconds", "1 s"}, {61.23, "Seconds", "61.2 s"},
		{412.34, "Milliseconds", "412 ms"}, {1 << 31, "Bytes", "2 GiB"}, {1536, "Bytes/Second", "1.5 KiB/s"},
		{123456, "Count", "123,456"}, {1234.5678, "None", "1,235"}, {12.345, "", "12.3"}, {3, "Count/Minute", "3 Count/Minute"},
		{97.25, "Percent", "97.2%"}, {.00001, "Seconds", "10 µs"}, {-.25, "Seconds", "-250 ms"}, {1e18, "", "1e+18"},
		{none, "Seconds", "-"}, {kizashi.Num(math.Inf(1)), "", "-"},
	} {
		if got := Value(c.v, c.unit); got != c.want {
			t.Errorf("Value(%v, %q) = %q, want %q", float64(c.v), c.unit, got, c.want)
		}
	}
}

// A value never looks like the limit that it crossed.
func TestValueDiffersFromItsLimit(t *testing.T) {
	s := latency()
	s.a.Opening.Value, s.j.Evidence[0].Value = .41204, .41204
	x := render(t, s, English)
	if want := "412.04 ms, above its limit of 412 ms"; !strings.Contains(x.Title, want) {
		t.Errorf("title %q does not say %q", x.Title, want)
	}
}

func TestDuration(t *testing.T) {
	for _, c := range []struct {
		d      time.Duration
		en, ja string
	}{
		{0, "0 seconds", "0秒"}, {90 * time.Minute, "1 hour 30 minutes", "1時間30分"}, {28 * 24 * time.Hour, "28 days", "28日"},
		{time.Second, "1 second", "1秒"}, {-time.Minute, "-1 minute", "-1分"}, {24*time.Hour + time.Minute, "1 day", "1日"},
	} {
		if got := Duration(c.d, English); got != c.en {
			t.Errorf("%v reads %q, want %q", c.d, got, c.en)
		}
		if got := Duration(c.d, Japanese); got != c.ja {
			t.Errorf("%v reads %q, want %q", c.d, got, c.ja)
		}
	}
}

func TestParseLang(t *testing.T) {
	for s, want := range map[string]Lang{"ja": Japanese, "ja_JP.UTF-8": Japanese, "ja-JP": Japanese, "en": English, "C": English, "": English, "jav": English} {
		if got := ParseLang(s); got != want {
			t.Errorf("ParseLang(%q) = %s, want %s", s, got, want)
		}
	}
}

// Wall time crosses the change of the clocks as the wall does.
func TestWallOverDST(t *testing.T) {
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	before, after := mustTime("2026-11-01T05:30:00Z"), mustTime("2026-11-01T06:30:00Z")
	if got, want := Wall(before, ny, English), "Sun 2026-11-01 01:30 EDT"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := Wall(after, ny, Japanese), "2026/11/1(日) 01:30(EST)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
