package calendar_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kizashi-ops/kizashi/calendar"
)

func hours(t testing.TB, zone string, d *calendar.Days, lines ...string) *calendar.Hours {
	t.Helper()
	h, err := calendar.ParseHours(zone, lines, d)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestInstant holds readings of clocks that change against instants.
func TestInstant(t *testing.T) {
	for _, c := range []struct{ zone, wall, first, second string }{
		{"Asia/Tokyo", "2026-01-05T00:00", "2026-01-04T15:00:00Z", ""},
		{"America/New_York", "2026-03-08T01:59", "2026-03-08T06:59:00Z", ""},
		{"America/New_York", "2026-03-08T02:30", "2026-03-08T07:30:00Z", ""}, // skipped: 03:30 on the clock
		{"America/New_York", "2026-03-08T03:00", "2026-03-08T07:00:00Z", ""},
		{"America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"},
		{"America/New_York", "2026-11-01T02:00", "2026-11-01T07:00:00Z", ""},
		{"Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30:00Z", ""},
		{"Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		{"Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45:00Z", ""}, // half an hour is skipped
		{"Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"},
		{"Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00:00Z", ""},      // a whole day is skipped
		{"America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T03:00:00Z", ""}, // midnight is
	} {
		z, err := calendar.Load(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		wall, err := time.Parse("2006-01-02T15:04", c.wall)
		if err != nil {
			t.Fatal(err)
		}
		first, second := calendar.Instants(z.Location(), calendar.DateOf(wall), time.Duration(wall.Hour()*60+wall.Minute())*time.Minute)
		if c.second == "" {
			c.second = c.first
		}
		if !first.Equal(instant(c.first)) || !second.Equal(instant(c.second)) {
			t.Errorf("%s %s: %s and %s, want %s and %s", c.zone, c.wall, first.UTC(), second.UTC(), c.first, c.second)
		}
	}
}

// TestInstantReadsBack: what the clock shows at the instant of a reading is the
// reading, but where the clock skips it.
func TestInstantReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z, err := calendar.Load(rapid.SampledFrom([]string{"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Tokyo", "Africa/Casablanca"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(t, "at"), 0).In(z.Location())
		wall := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute + time.Duration(at.Second())*time.Second
		first, second := calendar.Instants(z.Location(), calendar.DateOf(at), wall)
		if !at.Equal(first) && !at.Equal(second) || second.Before(first) {
			t.Fatalf("%s: %s and %s", at, first, second)
		}
		if first.Format(time.DateTime) != at.Format(time.DateTime) {
			t.Fatalf("%s: %s shows another time", at, first)
		}
	})
}

// TestDutyHours tells the next openings and closings around days that matter.
func TestDutyHours(t *testing.T) {
	jp := days(t, calendar.Config{Holidays: customer.Holidays})
	duty := []string{"business 09:00-18:00", "Sat 10:00-12:00"}
	night := []string{"business 22:00-06:00"}
	for _, c := range []struct {
		zone  string
		lines []string
		at    string
		open  bool
		next  string // opening if closed, closing if open
	}{
		{"Asia/Tokyo", duty, "2026-11-27T08:59:59+09:00", false, "2026-11-27T09:00:00+09:00"},
		{"Asia/Tokyo", duty, "2026-11-27T09:00:00+09:00", true, "2026-11-27T18:00:00+09:00"},
		{"Asia/Tokyo", duty, "2026-11-27T18:00:00+09:00", false, "2026-11-28T10:00:00+09:00"},
		// Scenario 1: Friday night to Tuesday morning, over a Monday that is a holiday.
		{"Asia/Tokyo", []string{"business 09:00-18:00"}, "2026-11-20T20:00:00+09:00", false, "2026-11-24T09:00:00+09:00"},
		// Scenario 9: the first business days after New Year.
		{"Asia/Tokyo", []string{"business 09:00-18:00"}, "2025-12-26T18:00:00+09:00", false, "2026-01-05T09:00:00+09:00"},
		{"Asia/Tokyo", []string{"business 09:00-18:00"}, "2026-12-28T18:00:00+09:00", false, "2027-01-04T09:00:00+09:00"},
		{"Asia/Tokyo", duty, "2026-12-28T18:00:00+09:00", false, "2027-01-02T10:00:00+09:00"}, // a Saturday is one at New Year too
		{"Asia/Tokyo", []string{"yearend 00:00-24:00"}, "2026-12-30T00:00:00+09:00", true, "2027-01-04T00:00:00+09:00"},
		// Overnight: what begins on Friday ends on Saturday.
		{"Asia/Tokyo", night, "2026-11-28T05:59:00+09:00", true, "2026-11-28T06:00:00+09:00"},
		{"Asia/Tokyo", night, "2026-11-28T22:30:00+09:00", false, "2026-11-30T22:00:00+09:00"},
		{"Asia/Tokyo", []string{"22:00-06:00"}, "2026-12-31T23:59:00+09:00", true, "2027-01-01T06:00:00+09:00"},
		// The clocks go forward in the night: seven hours from 22:00 to 06:00.
		{"America/New_York", []string{"Sat 22:00-06:00"}, "2026-03-08T03:00:00Z", true, "2026-03-08T10:00:00Z"},
		{"America/New_York", []string{"Sun 02:30-05:00"}, "2026-03-08T07:29:00Z", false, "2026-03-08T07:30:00Z"},
		{"America/New_York", []string{"Sun 02:00-03:00", "Mon 01:00-02:00"}, "2026-03-08T07:00:00Z", false, "2026-03-09T05:00:00Z"}, // an hour that is not there
		// They go back: nine hours, and 01:30 closes at its first.
		{"America/New_York", []string{"Sat 22:00-06:00"}, "2026-11-01T02:00:00Z", true, "2026-11-01T11:00:00Z"},
		{"America/New_York", []string{"Sun 00:00-01:30"}, "2026-11-01T05:29:00Z", true, "2026-11-01T05:30:00Z"},
		{"America/New_York", []string{"Sun 00:00-01:30"}, "2026-11-01T06:15:00Z", false, "2026-11-08T05:00:00Z"}, // 01:15 again
		{"America/New_York", []string{"Sun 01:30-04:00"}, "2026-11-01T05:30:00Z", true, "2026-11-01T09:00:00Z"},
		{"Europe/Berlin", []string{"Mon-Fri 09:00-18:00"}, "2026-03-27T17:00:00Z", false, "2026-03-30T07:00:00Z"},
		{"Europe/Berlin", []string{"Mon-Fri 09:00-18:00"}, "2026-10-23T16:00:00Z", false, "2026-10-26T08:00:00Z"},
		{"Australia/Lord_Howe", []string{"Sun 00:00-06:00"}, "2026-04-04T13:00:00Z", true, "2026-04-04T19:30:00Z"}, // six hours and a half
		{"Australia/Lord_Howe", []string{"Sun 00:00-06:00"}, "2026-10-03T13:30:00Z", true, "2026-10-03T19:00:00Z"}, // five and a half
	} {
		h := hours(t, c.zone, jp, c.lines...)
		at, next := instant(c.at), instant(c.next)
		if h.Open(at) != c.open {
			t.Errorf("%s %v at %s: open %v", c.zone, c.lines, c.at, !c.open)
			continue
		}
		ask, other := h.NextOpen, h.NextClose
		if c.open {
			ask, other = other, ask
		}
		if got, ok := ask(at); !ok || !got.Equal(next) {
			t.Errorf("%s %v at %s: then %s %v, want %s", c.zone, c.lines, c.at, got, ok, c.next)
		}
		if got, ok := other(at); !ok || !got.Equal(at) {
			t.Errorf("%s %v at %s: it is now, not %s %v", c.zone, c.lines, c.at, got, ok)
		}
	}
}

// TestHoursWithoutChange: always open, and never in the time looked through.
func TestHoursWithoutChange(t *testing.T) {
	at := instant("2026-11-29T00:00:00Z")
	if end, ok := hours(t, "Europe/Berlin", nil, "daily 00:00-24:00").NextClose(at); ok {
		t.Errorf("closes at %s", end)
	}
	never := days(t, calendar.Config{})
	if begin, ok := hours(t, "Europe/Berlin", never, "obon 09:00-18:00").NextOpen(at); ok {
		t.Errorf("opens at %s", begin)
	}
}

// TestHoursOfAccounting: what is due on a day of accounting opens on it, and, where
// that day moves, on the one to which it does.
func TestHoursOfAccounting(t *testing.T) {
	d := days(t, calendar.Config{})
	for _, c := range []struct{ line, at, opens string }{
		{"closing 1 02:00-03:00", "2026-09-02T00:00:00Z", "2026-09-30T17:00:00Z"}, // 1 October, 02:00 in Tokyo
		{"closing 1 02:00-03:00", "2026-09-30T17:30:00Z", "2026-09-30T17:30:00Z"},
		{"month-end previous 18:00-24:00", "2026-10-01T00:00:00Z", "2026-10-30T09:00:00Z"}, // 31 October is a Saturday
		{"business-day 1 09:00-10:00", "2026-10-20T00:00:00Z", "2026-11-02T00:00:00Z"},
	} {
		got, ok := hours(t, "Asia/Tokyo", d, c.line).NextOpen(instant(c.at))
		if !ok || !got.Equal(instant(c.opens)) {
			t.Errorf("%s after %s opens at %s, want %s", c.line, c.at, got.UTC(), c.opens)
		}
	}
	if _, err := calendar.ParseHours("Asia/Tokyo", []string{"closing 1 02:00-03:00"}, nil); err != nil {
		t.Errorf("the 1st needs no calendar: %v", err)
	}
	if _, err := calendar.ParseHours("Asia/Tokyo", []string{"closing 1 next 02:00-03:00"}, nil); err == nil {
		t.Error("what moves needs a calendar")
	}
}

func TestBadHours(t *testing.T) {
	d := days(t, calendar.Config{})
	for _, c := range []struct {
		zone, line string
		days       *calendar.Days
		want       string
	}{
		{"Asia/Tokio", "Mon 09:00-18:00", d, `time zone "Asia/Tokio": unknown`},
		{"Asia/Tokyo", "", d, "want days and times"},
		{"Asia/Tokyo", "Mon Tue 09:00-18:00", d, "want days and times"},
		{"Asia/Tokyo", "busyness 09:00-18:00", d, `days "busyness": want daily, days of the week`},
		{"Asia/Tokyo", "business 09:00-18:00", nil, "there is no calendar that says which days these are"},
		{"Asia/Tokyo", "Mon 9:00-18:00", d, `time of day "9:00": want one such as 09:00`},
		{"Asia/Tokyo", "Mon 09:00-25:00", d, `time of day "25:00"`},
		{"Asia/Tokyo", "Mon 09:00", d, `times "09:00": want such as 09:00-18:00`},
		{"Asia/Tokyo", "Mon 09:00-09:00", d, "want an end that is not the start; the whole day is 00:00-24:00"},
		{"Asia/Tokyo", "Mon 24:00-09:00", d, "want an end that is not the start"},
	} {
		if _, err := calendar.ParseHours(c.zone, []string{c.line}, c.days); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: %v, want %s", c.zone, c.line, err, c.want)
		}
	}
	if _, err := calendar.ParseHours("Asia/Tokyo", nil, d); err == nil {
		t.Error("no lines: no error")
	}
}

// TestHoursAgree: Open, NextOpen and NextClose tell one story.
func TestHoursAgree(t *testing.T) {
	d := days(t, customer)
	rapid.Check(t, func(t *rapid.T) {
		clock := rapid.StringMatching(`([01][0-9]|2[0-3]):(00|15|30)`)
		var lines []string
		for range rapid.IntRange(1, 3).Draw(t, "lines") {
			on := rapid.SampledFrom([]string{"business", "Sat", "Mon-Fri", "daily", "holiday", "nonbusiness", "Sun,yearend"}).Draw(t, "on")
			lines = append(lines, on+" "+clock.Draw(t, "from")+"-"+clock.Draw(t, "to"))
		}
		h, err := calendar.ParseHours(rapid.SampledFrom([]string{"America/New_York", "Europe/Berlin", "Australia/Lord_Howe"}).Draw(t, "zone"), lines, d)
		if err != nil {
			t.Skip(err)
		}
		at := time.Unix(rapid.Int64Range(1_700_000_000, 1_830_000_000).Draw(t, "at"), 0)
		open := h.Open(at)
		change, ok := h.NextOpen(at)
		if open {
			if !ok || !change.Equal(at) {
				t.Fatalf("%v: open at %s, and opens at %s", lines, at, change)
			}
			change, ok = h.NextClose(at)
		}
		if !ok {
			return
		}
		if h.Open(change) == open || !h.Open(change.Add(-time.Second)) == open {
			t.Fatalf("%v: at %s open %v, and no change at %s", lines, at, open, change)
		}
		for i := range time.Duration(100) {
			if between := at.Add(change.Sub(at) * i / 100); h.Open(between) != open {
				t.Fatalf("%v: at %s open %v, next change %s, but another at %s", lines, at, open, change, between)
			}
		}
	})
}

func TestHoursAllocateNothing(t *testing.T) {
	h := hours(t, "Asia/Tokyo", days(t, customer), "business 09:00-18:00", "Sat 10:00-12:00")
	at := instant("2026-11-27T18:00:00+09:00")
	if n := testing.AllocsPerRun(100, func() { h.Open(at); h.NextOpen(at) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzHours(f *testing.F) {
	f.Add("Asia/Tokyo", "business 09:00-18:00", int64(1_790_000_000))
	f.Add("Australia/Lord_Howe", "Sat,holiday 22:00-06:00", int64(1_775_000_000))
	f.Add("", "00:00-24:00", int64(0))
	d := days(f, customer)
	f.Fuzz(func(t *testing.T, zone, line string, at int64) {
		h, err := calendar.ParseHours(zone, []string{line}, d)
		if err != nil || at < 0 || at > 7_000_000_000 {
			return
		}
		when := time.Unix(at, 0)
		if opens, ok := h.NextOpen(when); ok && !h.Open(opens) {
			t.Fatalf("%q: not open at %s", line, opens)
		}
		if closes, ok := h.NextClose(when); ok && h.Open(closes) {
			t.Fatalf("%q: open at %s", line, closes)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	h := hours(b, "Asia/Tokyo", days(b, customer), "business 09:00-18:00", "Sat 10:00-12:00")
	at := instant("2026-11-27T18:00:00+09:00")
	for b.Loop() {
		h.Open(at)
	}
}
