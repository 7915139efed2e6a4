package replay

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

func TestTimestamps(t *testing.T) {
	for _, c := range []struct {
		text, zone, want string // "" = unreadable
		kind             stampKind
	}{
		{"2026-05-01 09:30:15", "", "2026-05-01T09:30:15Z", naive},
		{"2026-05-01 09:30:15", "Asia/Tokyo", "2026-05-01T00:30:15Z", naive},
		{"2026-05-01 09:30:15.25", "", "2026-05-01T09:30:15.25Z", naive},
		{"2026-05-01 09:30:15.123456789", "", "2026-05-01T09:30:15.123Z", naive},
		{"2026-05-01T09:30:15", "", "2026-05-01T09:30:15Z", naive},
		{"2026-05-01 09:30", "", "2026-05-01T09:30:00Z", naive},
		{"2026/5/1 9:05", "", "2026-05-01T09:05:00Z", naive},
		{"2026/05/01 09:05:07", "", "2026-05-01T09:05:07Z", naive},
		{"2026/12/31 23:59", "Asia/Tokyo", "2026-12-31T14:59:00Z", naive},
		{"2026-05-01", "Asia/Tokyo", "2026-04-30T15:00:00Z", naive},
		{"2024-02-29 00:00:00", "", "2024-02-29T00:00:00Z", naive},
		{"2026-05-01T09:30:15Z", "Asia/Tokyo", "2026-05-01T09:30:15Z", zoned},
		{"2026-05-01T09:30:15.5+09:00", "", "2026-05-01T00:30:15.5Z", zoned},
		{"2026-05-01 09:30:15 -0330", "", "2026-05-01T13:00:15Z", zoned},
		{"2026-05-01 09:30:15+09", "", "2026-05-01T00:30:15Z", zoned},
		{"2026-05-01 09:30:15 UTC", "", "2026-05-01T09:30:15Z", zoned},
		{"0", "", "1970-01-01T00:00:00Z", zoned},
		{"1777593600", "Asia/Tokyo", "2026-05-01T00:00:00Z", zoned},
		{"1777593600.5", "", "2026-05-01T00:00:00.5Z", zoned},
		{"1777593600123", "", "2026-05-01T00:00:00.123Z", zoned},
		{text: ""}, {text: "today"}, {text: "2026-05"}, {text: "01/05/2026 00:00"}, {text: "2026-05/01"}, {text: "2026-5-1x"},
		{text: "2026-02-29"}, {text: "2026-04-31 00:00"}, {text: "2026-00-01"}, {text: "2026-05-00"}, {text: "2026-05-01 24:00"}, {text: "2026-05-01 9"},
		{text: "2026-05-01 09:60"}, {text: "2026-05-01 09:30:60"}, {text: "2026-05-01 09:30:15."}, {text: "2026-05-01 09:30:15 JST"}, {text: "2026-05-01 09:30:15+9"},
		{text: "2026-05-01 09:30:15+09:"}, {text: "2026-05-01 09:30:15+25:00"}, {text: "20260501"}, {text: "20260501093000"}, {text: "-5"}, {text: "1e9"},
		{text: "17775936000"}, {text: "1777593600123456"},
	} {
		ck, err := newClock(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time from the day it keeps
			at, kind, fault := ck.parse([]byte(c.text))
			if c.want == "" {
				if fault != BadTime || kind != unread {
					t.Errorf("%q was read as %s", c.text, at)
				}
				continue
			}
			if fault != "" || at.String() != c.want || kind != c.kind {
				t.Errorf("%q in %q: %s (kind %d, fault %q), want %s", c.text, c.zone, at, kind, fault, c.want)
			}
		}
	}
}

// The days when clocks change, minute by minute against package time.
func TestWallTimeWhereClocksChange(t *testing.T) {
	for _, c := range []struct {
		zone    string
		day     time.Time
		skipped int // minutes of wall time that are not there
	}{
		{"America/New_York", time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC), 60},
		{"America/New_York", time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), 0},
		{"Australia/Lord_Howe", time.Date(2026, 10, 4, 0, 0, 0, 0, time.UTC), 30},
		{"Australia/Lord_Howe", time.Date(2026, 4, 5, 0, 0, 0, 0, time.UTC), 0},
		{"Europe/London", time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC), 60},
		{"Asia/Tokyo", time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC), 0},
	} {
		loc, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		ck, err := newClock(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		// A file that a clock on this wall wrote: every minute that passed.
		want := kizashi.TimeOf(time.Date(c.day.Year(), c.day.Month(), c.day.Day(), 0, 0, 0, 0, loc).Add(-24 * time.Hour))
		for range 3 * 24 * 60 {
			text := want.UTC().In(loc).Format("2006-01-02 15:04:05")
			if at, _, fault := ck.parse([]byte(text)); at != want || fault != "" {
				t.Fatalf("%s: %s was read as %s (%s), want %s", c.zone, text, at, fault, want)
			}
			want = want.Add(time.Minute)
		}
		// Every reading of the day, whether the clock shows it or not.
		skipped := 0
		for m := range 24 * 60 {
			fresh, err := newClock(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			if _, kind, fault := fresh.parse([]byte(c.day.Add(time.Duration(m) * time.Minute).Format("2006/1/2 15:04"))); fault == SkippedTime && kind == naive {
				skipped++
			}
		}
		if skipped != c.skipped {
			t.Errorf("%s on %s: %d minutes are skipped, want %d", c.zone, c.day.Format(time.DateOnly), skipped, c.skipped)
		}
	}
}

func TestValuesLikeStrconv(t *testing.T) {
	for _, s := range []string{"0", "-0", "1", "0.1", "21.5980110405", "19.761251902999998", "-21.0483826823", "251643.0", "9007199254740991", "9007199254740993",
		"123456789012345678901234567890", "0.0000000000000000000000001", "1e-320", "4.35", ".5", "5.", "+7", "1E5", "179769313486231570000000000000000000000000000000000"} {
		checkValue(t, s)
	}
	for s, want := range map[string]Fault{"": NoValue, "-": BadNumber, ".": BadNumber, "1.2.3": BadNumber, "1_000": BadNumber, "0x1p4": BadNumber, "１２": BadNumber,
		"nan": NotFinite, "NaN": NotFinite, "inf": NotFinite, "-Infinity": NotFinite, "1e999": NotFinite, "12 %": BadNumber, "infinite growth": BadNumber} {
		if _, got := parseValue([]byte(s)); got != want {
			t.Errorf("%q: fault %q, want %q", s, got, want)
		}
	}
}
