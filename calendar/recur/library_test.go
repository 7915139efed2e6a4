package recur

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/teambition/rrule-go"
	"pgregory.net/rapid"
)

// ruleTexts draws RRULEs of all frequencies that are read.
var ruleTexts = rapid.Custom(func(t *rapid.T) string {
	parts := []string{"FREQ=" + rapid.SampledFrom([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "freq")}
	for _, p := range [][]string{
		{"INTERVAL=2", "INTERVAL=3", "INTERVAL=13"}, {"COUNT=7", "UNTIL=20310101T000000"}, {"BYMONTH=2", "BYMONTH=1,6,12"},
		{"BYMONTHDAY=-1", "BYMONTHDAY=13", "BYMONTHDAY=29,30,31"}, {"BYDAY=TU", "BYDAY=MO,FR", "BYDAY=SU"}, {"BYSETPOS=1", "BYSETPOS=-1"}, {"WKST=SU"},
		{"BYHOUR=2,22"}, {"BYYEARDAY=1,366,-1"},
	} {
		if rapid.IntRange(0, 2).Draw(t, "part") == 0 {
			parts = append(parts, rapid.SampledFrom(p).Draw(t, "is"))
		}
	}
	return strings.Join(parts, ";")
})

// TestAloft: a rule that is shown to the library 7600 years later gives the
// same times as in its own years.
func TestAloft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := ruleTexts.Draw(t, "rule")
		start := time.Date(2020, 1, 1, 2, 30, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 4000).Draw(t, "day")) * 24 * time.Hour)
		r, err := compile(text, start, time.UTC)
		if err != nil {
			t.Skip(err)
		}
		o, err := rrule.StrToROption(text)
		if err != nil {
			t.Fatal(err)
		}
		o.Dtstart = start
		plain, err := rrule.NewRRule(*o)
		if err != nil {
			t.Fatal(err)
		}
		from, to := start.AddDate(0, -1, 0), start.AddDate(12, 0, 0)
		got, want := r.between(from, to), plain.Between(from, to, true)
		if !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Fatalf("%s from %s: %v\nin its own years %v", text, start, got, want)
		}
	})
}

// TestNeverIsSoon: a rule or a cron that never fires is seen to do so in short
// time, whatever its frequency.
func TestNeverIsSoon(t *testing.T) {
	for _, freq := range []string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"} {
		start := time.Now()
		_, err := Parse("rrule FREQ="+freq+";BYMONTH=2;BYMONTHDAY=30 from 1970-01-01T00:00 for 1h in UTC", Env{})
		if took := time.Since(start); err == nil || took > 20*time.Second {
			t.Errorf("%s: %v after %s", freq, err, took)
		}
	}
}

// TestCronIsTheLibrarys: where the clock never changes, a cron fires when the
// library itself says.
func TestCronIsTheLibrarys(t *testing.T) {
	field := func(t *rapid.T, name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	rapid.Check(t, func(t *rapid.T) {
		fields := strings.Join([]string{
			field(t, "minute", "0", "59", "*/7", "5-10"), field(t, "hour", "0", "23", "*/5", "*"), field(t, "dom", "*", "?", "1", "31", "*/10", "13,29"),
			field(t, "month", "*", "2", "JAN,dec", "*/5"), field(t, "dow", "*", "0", "MON-FRI", "SUN,3", "*/2"),
		}, " ")
		src, err := parseCron(strings.Fields(fields + " for 1m in Asia/Tokyo"))
		if err != nil {
			t.Skip(err)
		}
		sched, err := cron.ParseStandard("CRON_TZ=Asia/Tokyo " + fields)
		if err != nil {
			t.Fatal(err)
		}
		from := time.Unix(rapid.Int64Range(1_600_000_000, 1_900_000_000).Draw(t, "from"), 0).Truncate(time.Minute)
		to := from.AddDate(0, 0, 45)
		var want []time.Time
		for at := sched.Next(from.Add(-time.Second)); !at.IsZero() && at.Before(to); at = sched.Next(at) {
			want = append(want, at)
		}
		var got []time.Time
		for _, s := range src.spans(from, to) {
			if !s.From.Before(from) && s.From.Before(to) {
				got = append(got, s.From)
			}
		}
		if !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Fatalf("%s: %v\nthe library %v", fields, got, want)
		}
	})
}

// TestShared: one window is asked by several at once, of different times.
func TestShared(t *testing.T) {
	w := window(t, "cron 0 2 * * 2#2 for 2h in Asia/Tokyo")
	var wait sync.WaitGroup
	for g := range 4 {
		wait.Go(func() {
			for i := range 200 {
				now := time.Date(2024+g, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 41 * time.Hour)
				_, in := w.At(now)
				if s, ok := w.Next(now); !ok || in != (len(w.Spans(now, now.Add(1))) > 0) || !s.From.After(now) {
					t.Errorf("at %s: in it %v, next %s", now, in, s.From)
				}
			}
		})
	}
	wait.Wait()
}
