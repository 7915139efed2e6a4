package recur

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/calendar/daysfile"
)

func env(t testing.TB) Env {
	t.Helper()
	days, err := calendar.NewDays(calendar.Config{Holidays: daysfile.Japan(), Obon: "08-13/08-16"})
	if err != nil {
		t.Fatal(err)
	}
	return Env{Days: days, Read: func(name string) ([]byte, error) { return os.ReadFile(filepath.Join("testdata", name)) }}
}

func window(t testing.TB, spec string) *Window {
	t.Helper()
	w, err := Parse(spec, env(t))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	got, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// told is spans in a zone, in a form that reads.
func told(spans []Span, loc *time.Location) string {
	var out []string
	for _, s := range spans {
		from, to := s.From.In(loc), s.To.In(loc)
		layout := "Mon 01-02 15:04"
		if calendar.DateOf(from) == calendar.DateOf(to) {
			layout = "15:04"
		}
		out = append(out, from.Format("Mon 01-02 15:04")+"-"+to.Format(layout))
	}
	return strings.Join(out, ", ")
}

// TestWindows tells the spans of windows between two dates of their zone.
func TestWindows(t *testing.T) {
	for _, c := range []struct{ spec, zone, from, to, want string }{
		{"2026-12-29T18:00+09:00/2027-01-04T08:00+09:00", "Asia/Tokyo", "2026-12-01", "2027-02-01", "Tue 12-29 18:00-Mon 01-04 08:00"},
		{"2026-12-29T18:00/2027-01-04T08:00 in Asia/Tokyo", "Asia/Tokyo", "2026-12-31", "2027-01-02", "Thu 12-31 00:00-Sat 01-02 00:00"},
		{"2026-12-29T09:00Z/2026-12-29T11:30:00Z", "Asia/Tokyo", "2026-12-01", "2027-02-01", "Tue 12-29 18:00-20:30"},
		// "Every second Tuesday" is one of two things.
		{"cron 0 2 * * 2#2 for 2h in Asia/Tokyo", "Asia/Tokyo", "2026-09-01", "2027-01-01", "Tue 09-08 02:00-04:00, Tue 10-13 02:00-04:00, Tue 11-10 02:00-04:00, Tue 12-08 02:00-04:00"},
		{"rrule FREQ=WEEKLY;INTERVAL=2;BYDAY=TU from 2026-01-13T02:00 for 2h in Asia/Tokyo", "Asia/Tokyo", "2026-01-01", "2026-03-01", "Tue 01-13 02:00-04:00, Tue 01-27 02:00-04:00, Tue 02-10 02:00-04:00, Tue 02-24 02:00-04:00"},
		{"rrule FREQ=MONTHLY;BYDAY=2TU from 2026-01-13T02:00 for 2h in Asia/Tokyo", "Asia/Tokyo", "2026-09-01", "2026-11-01", "Tue 09-08 02:00-04:00, Tue 10-13 02:00-04:00"},
		{"cron 30 22 * * TUE#1,FRI#3 for 1h30m in Asia/Tokyo", "Asia/Tokyo", "2026-11-01", "2026-12-01", "Tue 11-03 22:30-Wed 11-04 00:00, Fri 11-20 22:30-Sat 11-21 00:00"},
		{"cron 0 0 13 * 5 for 1d in Asia/Tokyo", "Asia/Tokyo", "2026-11-08", "2026-11-22", "Fri 11-13 00:00-Sat 11-14 00:00, Fri 11-20 00:00-Sat 11-21 00:00"}, // the 13th or a Friday
		{"cron 0 0 13 * 5#2 for 1d in Asia/Tokyo", "Asia/Tokyo", "2026-12-01", "2027-01-01", "Fri 12-11 00:00-Sat 12-12 00:00, Sun 12-13 00:00-Mon 12-14 00:00"},
		{"cron 0,30 9-10 * * 1-5 for 30m in Asia/Tokyo", "Asia/Tokyo", "2026-11-27", "2026-12-01", "Fri 11-27 09:00-11:00, Mon 11-30 09:00-11:00"}, // what touches is one
		{"cron 0 20 * * * for 12h in Asia/Tokyo", "Asia/Tokyo", "2026-11-01", "2026-11-03", "Sun 11-01 00:00-08:00, Sun 11-01 20:00-Mon 11-02 08:00, Mon 11-02 20:00-Tue 11-03 00:00"},
		// Clocks that change.
		{"cron 30 2 * * * for 1h in America/New_York", "America/New_York", "2026-03-07", "2026-03-10", "Sat 03-07 02:30-03:30, Sun 03-08 03:30-04:30, Mon 03-09 02:30-03:30"},
		{"cron 30 1 * * * for 1h in America/New_York", "America/New_York", "2026-11-01", "2026-11-02", "Sun 11-01 01:30-01:30"}, // once, from the first 01:30 to the second
		{"cron 0 * * * * for 15m in America/New_York", "America/New_York", "2026-11-01", "2026-11-02", hourly(25)},
		{"cron 0 * * * * for 15m in America/New_York", "America/New_York", "2026-03-08", "2026-03-09", hourly(23)},
		{"rrule FREQ=DAILY from 2026-03-01T02:30 for 1h in Europe/Berlin", "Europe/Berlin", "2026-03-28", "2026-03-31", "Sat 03-28 02:30-03:30, Sun 03-29 03:30-04:30, Mon 03-30 02:30-03:30"},
		{"rrule FREQ=DAILY from 2026-03-01T02:15 for 1h in Australia/Lord_Howe", "Australia/Lord_Howe", "2026-10-03", "2026-10-06", "Sat 10-03 02:15-03:15, Sun 10-04 02:45-03:45, Mon 10-05 02:15-03:15"},
		// Parts of rules.
		{"rrule FREQ=DAILY;COUNT=3 from 2026-11-27T22:00 for 4h in Asia/Tokyo", "Asia/Tokyo", "2026-11-01", "2027-01-01", "Fri 11-27 22:00-Sat 11-28 02:00, Sat 11-28 22:00-Sun 11-29 02:00, Sun 11-29 22:00-Mon 11-30 02:00"},
		{"rrule FREQ=DAILY;UNTIL=20261128T130000Z from 2026-11-27T22:00 for 4h in Asia/Tokyo", "Asia/Tokyo", "2026-11-01", "2027-01-01", "Fri 11-27 22:00-Sat 11-28 02:00, Sat 11-28 22:00-Sun 11-29 02:00"},
		{"rrule FREQ=DAILY;UNTIL=20261128T125959Z from 2026-11-27T22:00 for 4h in Asia/Tokyo", "Asia/Tokyo", "2026-11-01", "2027-01-01", "Fri 11-27 22:00-Sat 11-28 02:00"},
		{"rrule FREQ=DAILY;UNTIL=20261128 from 2026-11-27T22:00 for 4h in Asia/Tokyo", "Asia/Tokyo", "2026-11-01", "2027-01-01", "Fri 11-27 22:00-Sat 11-28 02:00, Sat 11-28 22:00-Sun 11-29 02:00"},
		{"rrule FREQ=MONTHLY;BYDAY=-1FR from 2026-01-30T20:00 for 2h in Asia/Tokyo", "Asia/Tokyo", "2026-11-01", "2027-01-01", "Fri 11-27 20:00-22:00, Fri 12-25 20:00-22:00"},
		{"rrule FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29 from 2024-02-29T00:00 for 1d in Asia/Tokyo", "Asia/Tokyo", "2025-01-01", "2029-01-01", "Tue 02-29 00:00-Wed 03-01 00:00"},
		// Days of accounting, and of New Year.
		{"days gotobi previous on bank days at 00:00 for 24h in Asia/Tokyo", "Asia/Tokyo", "2026-10-20", "2026-11-01", "Tue 10-20 00:00-Wed 10-21 00:00, Fri 10-23 00:00-Sat 10-24 00:00, Fri 10-30 00:00-Sat 10-31 00:00"},
		{"days 月末 前営業日 銀行営業日 at 20:00 for 10h in Asia/Tokyo", "Asia/Tokyo", "2026-12-01", "2027-01-05", "Tue 12-01 00:00-06:00, Wed 12-30 20:00-Thu 12-31 06:00"},
		// Stopped on Friday, started on Monday: over a Monday that is a holiday, and over New Year.
		{"days Fri previous at 20:00 until Mon next at 08:00 in Asia/Tokyo", "Asia/Tokyo", "2026-11-17", "2026-12-07", "Fri 11-20 20:00-Tue 11-24 08:00, Fri 11-27 20:00-Mon 11-30 08:00, Fri 12-04 20:00-Mon 12-07 00:00"},
		{"days Fri previous at 20:00 until Mon next at 08:00 in Asia/Tokyo", "Asia/Tokyo", "2025-12-23", "2026-01-09", "Fri 12-26 20:00-Mon 01-05 08:00"},
		{"days Fri previous at 20:00 until Mon next at 08:00 in Asia/Tokyo", "Asia/Tokyo", "2026-12-22", "2027-01-08", "Fri 12-25 20:00-Mon 12-28 08:00, Mon 12-28 20:00-Mon 01-04 08:00"},
		{"days Fri previous at 20:00 until Mon next at 08:00 in Asia/Tokyo", "Asia/Tokyo", "2026-04-28", "2026-05-11", "Fri 05-01 20:00-Thu 05-07 08:00, Fri 05-08 20:00-Mon 05-11 00:00"},
		{"hours yearend 00:00-24:00 in Asia/Tokyo", "Asia/Tokyo", "2026-12-01", "2027-02-01", "Tue 12-29 00:00-Mon 01-04 00:00"},
		{"hours business 09:00-18:00; Sat 10:00-12:00 in Asia/Tokyo", "Asia/Tokyo", "2026-11-20", "2026-11-25", "Fri 11-20 09:00-18:00, Sat 11-21 10:00-12:00, Tue 11-24 09:00-18:00"},
		// Files.
		{"ics change-open.ics", "Asia/Tokyo", "2026-11-01", "2027-06-01", "Mon 11-30 20:00-Tue 12-01 08:00, Mon 12-28 18:00-Mon 01-04 09:00, Sun 01-31 20:00-Mon 02-01 08:00, Sun 02-28 20:00-Mon 03-01 08:00, Wed 03-31 20:00-Thu 04-01 08:00"},
		{"ics change-open.ics while open", "Asia/Tokyo", "2026-11-30", "2027-01-05", "Mon 11-30 00:00-20:00, Tue 12-01 08:00-Mon 12-28 18:00, Mon 01-04 09:00-Tue 01-05 00:00"},
		{"ics change-closed.ics", "America/New_York", "2026-10-26", "2026-11-04", "Mon 10-26 00:00-Tue 10-27 02:00, Tue 10-27 04:00-Tue 11-03 02:00, Tue 11-03 04:00-Wed 11-04 00:00"},
		{"ics change-closed.ics while open", "America/New_York", "2026-10-26", "2026-11-12", "Tue 10-27 02:00-04:00, Tue 11-03 02:00-04:00, Tue 11-10 02:00-04:00"},
		{"ics outlook.ics", "Asia/Tokyo", "2026-01-01", "2026-04-01", "Tue 01-13 02:00-04:00, Tue 01-27 02:00-04:00, Wed 02-25 01:00-03:00, Tue 03-24 02:00-04:00, Tue 03-31 22:00-Wed 04-01 00:00"},
		{"ics outlook.ics", "Asia/Tokyo", "2026-04-01", "2027-01-01", "Wed 04-01 00:00-Thu 04-02 00:00, Mon 06-01 00:00-Tue 06-02 00:00, Thu 08-13 00:00-Mon 08-17 00:00, Thu 12-31 22:00-Fri 01-01 00:00"},
		// Times that name no zone are those of the words, before those of the file.
		{"ics outlook.ics in Europe/Berlin", "Europe/Berlin", "2026-08-01", "2026-09-01", "Thu 08-13 00:00-Mon 08-17 00:00"},
	} {
		z, err := calendar.Load(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		midnight := func(s string) time.Time {
			d, err := calendar.ParseDate(s)
			if err != nil {
				t.Fatal(err)
			}
			return calendar.Instant(z.Location(), d, 0)
		}
		w := window(t, c.spec)
		if got := told(w.Spans(midnight(c.from), midnight(c.to)), z.Location()); got != c.want {
			t.Errorf("%s, %s to %s:\n%s, want\n%s", c.spec, c.from, c.to, got, c.want)
		}
		if w.String() != c.spec {
			t.Errorf("%s is written %s", c.spec, w)
		}
	}
}

// hourly is a quarter of each hour of a Sunday in November (25 hours) or March
// (23) in New York.
func hourly(n int) string {
	date := map[int]string{25: "11-01", 23: "03-08"}[n]
	var out []string
	for h := range 24 {
		s := fmt.Sprintf("Sun %s %02d:00-%02d:15", date, h, h)
		if n == 25 && h == 1 {
			out = append(out, s)
		}
		if !(n == 23 && h == 2) {
			out = append(out, s)
		}
	}
	return strings.Join(out, ", ")
}

// TestNow asks windows at instants: the span, and the next.
func TestNow(t *testing.T) {
	utc := time.UTC
	for _, c := range []struct{ spec, at, now, next string }{
		{"cron 0 2 * * 2#2 for 2h in UTC", "2026-11-10T02:00:00Z", "Tue 11-10 02:00-04:00", "Tue 12-08 02:00-04:00"},
		{"cron 0 2 * * 2#2 for 2h in UTC", "2026-11-10T04:00:00Z", "", "Tue 12-08 02:00-04:00"},
		{"cron 0 2 * * 2#2 for 2h in UTC", "2026-11-10T01:59:59Z", "", "Tue 11-10 02:00-04:00"},
		{"cron 0 0 29 2 * for 1d in UTC", "2026-11-10T00:00:00Z", "", "Tue 02-29 00:00-Wed 03-01 00:00"},
		{"cron 0 0 29 2 * for 1d in UTC", "2096-03-01T00:00:00Z", "", "Fri 02-29 00:00-Sat 03-01 00:00"},       // 2104
		{"2026-01-01T00:00Z/2029-01-01T00:00Z", "2027-07-01T00:00:00Z", "Wed 05-27 00:00-Fri 08-04 00:00", ""}, // 400 days to both sides
		{"2026-01-01T00:00Z/2029-01-01T00:00Z", "2025-07-01T00:00:00Z", "", "Thu 01-01 00:00-Fri 02-05 00:00"},
		{"rrule FREQ=DAILY;COUNT=2 from 2026-01-01T00:00 for 2h in UTC", "2026-01-02T01:00:00Z", "Fri 01-02 00:00-02:00", ""},
		{"ics change-closed.ics", "2020-01-01T00:00:00Z", "Tue 11-27 00:00-Thu 02-04 00:00", "Tue 10-27 08:00-Tue 11-03 07:00"},
	} {
		w := window(t, c.spec)
		for range 2 { // the second time from memory
			var now, next string
			if s, ok := w.At(at(t, c.at)); ok {
				now = told([]Span{s}, utc)
			}
			if s, ok := w.Next(at(t, c.at)); ok {
				next = told([]Span{s}, utc)
			}
			if now != c.now || next != c.next {
				t.Errorf("%s at %s: now %q, next %q, want %q, %q", c.spec, c.at, now, next, c.now, c.next)
			}
		}
	}
}

// specs draws windows of all kinds.
var specs = rapid.Custom(func(t *rapid.T) string {
	zone := rapid.SampledFrom([]string{"Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"}).Draw(t, "zone")
	length := rapid.SampledFrom([]string{"1m", "45m", "2h", "23h30m", "1d12h", "9d"}).Draw(t, "length")
	switch rapid.IntRange(0, 6).Draw(t, "kind") {
	case 0:
		return fmt.Sprintf("2026-0%d-10T18:00/2027-01-%02dT08:00 in %s", rapid.IntRange(1, 9).Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day"), zone)
	case 1:
		field := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
		return fmt.Sprintf("cron %s %s %s %s %s for %s in %s", field("minute", "0", "30", "*/20"), field("hour", "2", "1", "*", "22-23"),
			field("dom", "*", "13", "29", "1,15"), field("month", "*", "2", "3,10"), field("dow", "*", "2", "2#2", "SUN#1,5#5", "1-5"), length, zone)
	case 2:
		r := rapid.SampledFrom([]string{"FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
			"FREQ=DAILY;COUNT=5", "FREQ=WEEKLY;UNTIL=20261101T053000Z", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=DAILY;BYHOUR=1,2;BYMINUTE=0,30"}).Draw(t, "rule")
		return fmt.Sprintf("rrule %s from 2026-02-0%dT02:30 for %s in %s", r, rapid.IntRange(1, 9).Draw(t, "day"), length, zone)
	case 3:
		r := rapid.SampledFrom([]string{"gotobi previous on bank days", "month-end next", "business-day 1", "Mon,Wed", "closing 20"}).Draw(t, "rule")
		return fmt.Sprintf("days %s at 22:00 for %s in %s", r, length, zone)
	case 4:
		return "days Fri previous at 20:00 until Mon next at 08:00 in " + zone
	case 5:
		return "hours " + rapid.SampledFrom([]string{"business 09:00-18:00", "daily 22:00-02:30", "yearend 00:00-24:00;Sat 01:30-03:00"}).Draw(t, "hours") + " in " + zone
	default:
		return "ics " + rapid.SampledFrom([]string{"change-open.ics", "change-closed.ics", "change-open.ics while open", "outlook.ics"}).Draw(t, "file")
	}
})

// TestAtAgreesWithSpans: what At and Next say of an instant is what Spans says
// of the time around it, whatever was asked before.
func TestAtAgreesWithSpans(t *testing.T) {
	e := env(t)
	rapid.Check(t, func(t *rapid.T) {
		spec := specs.Draw(t, "spec")
		w, err := Parse(spec, e)
		if err != nil {
			if strings.Contains(err.Error(), "it never ends") {
				t.Skip(err)
			}
			t.Fatal(err)
		}
		begin := time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC)
		end := begin.AddDate(0, 13, 0)
		all := w.Spans(begin, end)
		for i, s := range all {
			if !s.From.Before(s.To) || s.From.Before(begin) || s.To.After(end) || i > 0 && !all[i-1].To.Before(s.From) {
				t.Fatalf("%s: span %d of %s", spec, i, told(all, time.UTC))
			}
		}
		for range 8 {
			at := begin.Add(time.Duration(rapid.Int64Range(0, int64(end.Sub(begin)-1)).Draw(t, "at")))
			if len(all) > 0 && rapid.Bool().Draw(t, "at an edge") {
				s := rapid.SampledFrom(all).Draw(t, "span")
				at = rapid.SampledFrom([]time.Time{s.From, s.To, s.From.Add(-1), s.To.Add(-1)}).Draw(t, "edge")
			}
			agrees(t, w, all, Span{begin, end}, at)
		}
	})
}

func agrees(t *rapid.T, w *Window, all []Span, cut Span, at time.Time) {
	var now, next *Span
	for i := range all {
		if all[i].Contains(at) {
			now = &all[i]
		}
		if all[i].From.After(at) && all[i].From.After(cut.From) && next == nil {
			next = &all[i]
		}
	}
	same := func(name string, got Span, want *Span) {
		if !later(got.From, cut.From).Equal(want.From) || !earlier(got.To, cut.To).Equal(want.To) {
			t.Fatalf("%s at %s: %s is %s, Spans says %s", w, at, name, told([]Span{got}, time.UTC), told([]Span{*want}, time.UTC))
		}
	}
	if !cut.Contains(at) {
		return
	}
	got, ok := w.At(at)
	if ok != (now != nil) {
		t.Fatalf("%s at %s: At says %v, Spans %s", w, at, ok, told(all, time.UTC))
	}
	if ok && now.To.Sub(now.From) < calendar.Reach/2 {
		same("At", got, now)
	}
	got, ok = w.Next(at)
	switch {
	case next != nil && !ok:
		t.Fatalf("%s at %s: Next finds none, Spans says %s", w, at, told([]Span{*next}, time.UTC))
	case next != nil && next.To.Sub(next.From) < calendar.Reach/2:
		same("Next", got, next)
	case next == nil && ok && got.From.Before(cut.To):
		t.Fatalf("%s at %s: Next is %s, Spans says none", w, at, told([]Span{got}, time.UTC))
	}
}

// TestSpansAreOfAnyCut: cutting the time that is asked for changes nothing else.
func TestSpansAreOfAnyCut(t *testing.T) {
	e := env(t)
	rapid.Check(t, func(t *rapid.T) {
		w, err := Parse(specs.Draw(t, "spec"), e)
		if err != nil {
			t.Skip(err)
		}
		begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 300*24*60).Draw(t, "begin")) * time.Minute)
		middle := begin.Add(time.Duration(rapid.IntRange(1, 60*24*60).Draw(t, "middle")) * time.Minute)
		end := middle.Add(time.Duration(rapid.IntRange(1, 60*24*60).Draw(t, "end")) * time.Minute)
		whole := told(w.Spans(begin, end), time.UTC)
		parts := told(merge(append(w.Spans(begin, middle), w.Spans(middle, end)...), Span{begin, end}), time.UTC)
		if whole != parts {
			t.Fatalf("%s: %s\nin two %s", w, whole, parts)
		}
	})
}

// FuzzParse holds that no words make an endless loop, and that what is read is
// written and read again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"2026-12-29T18:00+09:00/2027-01-04T08:00+09:00", "2026-12-29T18:00/2027-01-04T08:00 in Asia/Tokyo", "cron 0 2 * * 2#2 for 2h in Asia/Tokyo",
		"rrule FREQ=WEEKLY;INTERVAL=2;BYDAY=TU from 2026-01-13T02:00 for 2h in Asia/Tokyo", "days gotobi previous on bank days at 00:00 for 24h in Asia/Tokyo",
		"days Fri previous at 20:00 until Mon next at 08:00 in Asia/Tokyo", "hours yearend 00:00-24:00; Sat 10:00-12:00 in Asia/Tokyo", "ics outlook.ics while open in Asia/Tokyo",
		"rrule FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU;BYSETPOS=-1;WKST=SU;COUNT=7 from 2026-01-13T02:00 for 1w in UTC", "rrule FREQ=DAILY;BYYEARDAY=366;INTERVAL=7 from 2199-12-31T23:59 for 1m in UTC",
	} {
		f.Add(s)
	}
	e := Env{Days: env(f).Days}
	f.Fuzz(func(t *testing.T, spec string) {
		start := time.Now()
		w, err := Parse(spec, e)
		if err == nil {
			now := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
			w.At(now)
			if s, ok := w.Next(now); ok && !s.From.After(now) {
				t.Fatalf("%q: next is %s", spec, s.From)
			}
			if again, err := Parse(w.String(), e); err != nil || again.String() != w.String() {
				t.Fatalf("%q is written %q: %v", spec, w, err)
			}
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Fatalf("%q took %s", spec, took)
		}
	})
}

// FuzzFile does so for files.
func FuzzFile(f *testing.F) {
	for _, name := range []string{"change-open.ics", "change-closed.ics", "outlook.ics"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		start := time.Now()
		w, err := Parse("ics f.ics in Asia/Tokyo", Env{Read: func(string) ([]byte, error) { return b, nil }})
		if err == nil {
			now := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
			w.At(now)
			w.Next(now)
		} else if !strings.Contains(err.Error(), "f.ics") {
			t.Fatalf("the error does not name the file: %v", err)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Fatalf("it took %s", took)
		}
	})
}

func BenchmarkAt(b *testing.B) {
	for _, spec := range []string{"cron 0 2 * * 2#2 for 2h in Asia/Tokyo", "rrule FREQ=DAILY from 2016-01-01T02:00 for 2h in Asia/Tokyo", "ics outlook.ics"} {
		b.Run(strings.Fields(spec)[0], func(b *testing.B) {
			w := window(b, spec)
			now := at(b, "2026-11-29T00:00:00Z")
			for b.Loop() {
				w.At(now)
				now = now.Add(time.Minute)
			}
		})
	}
}
