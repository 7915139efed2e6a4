package calendar_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/calendar/daysfile"
)

func rule(t testing.TB, s string) calendar.DayRule {
	t.Helper()
	r, err := calendar.ParseDayRule(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// told is a rule's days in a form that reads: the nominal day where it moved,
// and ? where it is not known.
func told(due []calendar.Due) string {
	var out []string
	for _, d := range due {
		s := d.Date.String()
		if d.Nominal != d.Date {
			s += fmt.Sprintf("(%d/%d)", int(d.Nominal.Month), d.Nominal.Day)
		}
		if !d.Known {
			s += "?"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// TestDayRules reads like a calendar on the wall. On the customer's days
// 2026-12-28 is closed and 2026-12-31 open.
func TestDayRules(t *testing.T) {
	own := days(t, customer)
	plain := days(t, calendar.Config{Holidays: daysfile.Japan()})
	for _, c := range []struct {
		days     *calendar.Days
		rule     string
		from, to string
		want     string
	}{
		// Scenario 8: the 25th is a Sunday, and is paid out on Friday the 23rd.
		{plain, "gotobi previous on bank days", "2026-10-01", "2026-10-31", "2026-10-05 2026-10-09(10/10) 2026-10-15 2026-10-20 2026-10-23(10/25) 2026-10-30(10/31)"},
		{plain, "gotobi next on bank days", "2026-10-01", "2026-10-31", "2026-10-05 2026-10-13(10/10) 2026-10-15 2026-10-20 2026-10-26(10/25)"},
		{plain, "gotobi next on bank days", "2026-11-01", "2026-11-05", "2026-11-02(10/31) 2026-11-05"},
		{plain, "五十日 なし", "2026-02-01", "2026-02-28", "2026-02-05 2026-02-10 2026-02-15 2026-02-20 2026-02-25 2026-02-28"},
		{plain, "gotobi", "2024-02-20", "2024-03-01", "2024-02-20 2024-02-25 2024-02-29"},
		{plain, "gotobi", "2026-12-26", "2027-01-05", "2026-12-31 2027-01-05"},
		// Month end on banks' days is 12/30, on the calendar's 12/31, on an office's 12/28.
		{plain, "month-end previous on bank days", "2026-12-01", "2026-12-31", "2026-12-30(12/31)"},
		{plain, "month-end previous on national days", "2026-12-01", "2026-12-31", "2026-12-31"},
		{plain, "month-end previous", "2026-12-01", "2026-12-31", "2026-12-28(12/31)"},
		{own, "月末 前営業日", "2026-12-01", "2026-12-31", "2026-12-31"},
		{plain, "月末 翌営業日 銀行営業日", "2026-12-01", "2027-01-10", "2027-01-04(12/31)"},
		{plain, "closing 20 next", "2026-09-01", "2026-09-30", "2026-09-24(9/20)"}, // over 敬老の日, 国民の休日, 秋分の日
		{plain, "20日締め 前営業日", "2026-09-01", "2026-09-30", "2026-09-18(9/20)"},
		{plain, "締め日 10,31", "2026-02-01", "2026-02-28", "2026-02-10 2026-02-28"},
		{plain, "closing 30,31", "2026-02-01", "2026-04-30", "2026-02-28 2026-03-30 2026-03-31 2026-04-30"},
		{plain, "business-day 1", "2025-12-01", "2027-01-31", "2025-12-01 2026-01-05 2026-02-02 2026-03-02 2026-04-01 2026-05-01 2026-06-01 2026-07-01 2026-08-03 2026-09-01 2026-10-01 2026-11-02 2026-12-01 2027-01-04"},
		{plain, "第3営業日", "2026-05-01", "2026-05-31", "2026-05-08"}, // after 5/1 and 5/7
		{plain, "最終営業日", "2026-12-01", "2026-12-31", "2026-12-28"},
		{plain, "business-day -2 on bank days", "2026-12-01", "2026-12-31", "2026-12-29"},
		{plain, "business-day 23", "2026-01-01", "2026-12-31", ""}, // no month of that year has as many
		{plain, "Fri previous", "2026-12-21", "2027-01-09", "2026-12-25 2026-12-28(1/1) 2027-01-08"},
		{plain, "Mon next", "2026-12-28", "2027-01-12", "2026-12-28 2027-01-04 2027-01-12(1/11)"},
		{plain, "Fri previous", "2025-12-22", "2026-01-09", "2025-12-26 2026-01-09"}, // 1/2 moves onto 12/26, a Friday itself
		{plain, "Mon next", "2025-12-23", "2026-01-09", "2026-01-05"},
		// Years that nobody listed.
		{plain, "closing 25 previous", "2028-01-01", "2028-03-31", "2028-01-25? 2028-02-25? 2028-03-24(3/25)?"},
		{plain, "closing 25", "2028-01-01", "2028-01-31", "2028-01-25"}, // nothing is moved, nothing need be known
		{plain, "month-end next on bank days", "2028-01-01", "2028-01-10", "2028-01-04(12/31)?"},
		{plain, "gotobi", "2026-02-02", "2026-02-01", ""},
	} {
		if got := told(rule(t, c.rule).Dates(c.days, date(t, c.from), date(t, c.to))); got != c.want {
			t.Errorf("%s, %s to %s: %s\nwant %s", c.rule, c.from, c.to, got, c.want)
		}
	}
}

// TestRulesText: a rule is written back as it is read, and told in both languages.
func TestRulesText(t *testing.T) {
	for _, c := range []struct{ in, written, ja, en string }{
		{"五十日 前営業日 銀行営業日", "gotobi previous on bank days", "五十日(前営業日、銀行営業日)", "gotobi days (moved to the business day before, bank days)"},
		{"月末 翌営業日", "month-end next", "月末(翌営業日)", "month end (moved to the next business day)"},
		{"締め日 20 なし", "closing 20", "20日締め", "closing day 20"},
		{"10日締め 前営業日 on national days", "closing 10 previous on national days", "10日締め(前営業日、土日祝を除く)", "closing day 10 (moved to the business day before, weekends and holidays closed)"},
		{"第3営業日", "business-day 3", "第3営業日", "business day 3 of the month"},
		{"business-day -1,-2", "business-day -1,-2", "最終営業日・月末から2番目の営業日", "last business day, business day 2 from the end of the month"},
		{"Fri,mon previous on business days", "Fri,Mon previous", "毎週金・月曜日(前営業日)", "every Friday, Monday (moved to the business day before)"},
	} {
		r := rule(t, c.in)
		if r.String() != c.written || r.Text().JA != c.ja || r.Text().EN != c.en {
			t.Errorf("%s: %q, %q, %q", c.in, r, r.Text().JA, r.Text().EN)
		}
	}
}

func TestBadRules(t *testing.T) {
	for s, want := range map[string]string{
		"":                            "it is empty",
		"gotoby":                      `"gotoby" is no day; want gotobi, month-end`,
		"closing":                     "closing: want a number after it",
		"closing 0":                   `closing: want numbers from 1 to 31, not "0"`,
		"closing 20,x":                `closing: want numbers from 1 to 31, not "x"`,
		"business-day 0":              `business-day: want numbers from -23 to 23, not "0"`,
		"第24営業日":                      "want numbers from 1 to 23",
		"gotobi before":               `"before" is not understood; want previous, next or none`,
		"gotobi on bank days next":    `"on bank days next" is not understood`,
		"gotobi previous on fun days": `"fun" is not understood`,
	} {
		if _, err := calendar.ParseDayRule(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", s, err, want)
		}
	}
}

// TestShifts: what holds of every rule that moves, on any days.
func TestShifts(t *testing.T) {
	whats := []string{"gotobi", "month-end", "closing 20", "closing 1,15,31", "Mon", "Fri,Sat", "Mon-Sun"}
	rapid.Check(t, func(t *rapid.T) {
		config := calendar.Config{Holidays: daysfile.Japan(), Obon: "08-08/08-20"}
		for range rapid.IntRange(0, 3).Draw(t, "closures") {
			from := calendar.DateOn(rapid.IntRange(20_000, 21_500).Draw(t, "closed from"))
			config.Closed = append(config.Closed, from.String()+"/"+from.Add(rapid.IntRange(0, 40).Draw(t, "closed for")).String())
		}
		d, err := calendar.NewDays(config)
		if err != nil {
			t.Fatal(err)
		}
		basis := rapid.SampledFrom([]string{"business", "national", "bank"}).Draw(t, "basis")
		open := map[string]func(calendar.Date) bool{"business": d.Business, "national": d.NationalDay, "bank": d.BankDay}[basis]
		what := rapid.SampledFrom(whats).Draw(t, "what")
		parse := func(shift string) calendar.DayRule {
			r, err := calendar.ParseDayRule(what + " " + shift + " on " + basis + " days")
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		from := calendar.DateOn(rapid.IntRange(19_700, 21_900).Draw(t, "from"))
		to := from.Add(rapid.IntRange(0, 100).Draw(t, "length"))
		still := parse("none")
		for shift, step := range map[string]int{"previous": -1, "next": 1} {
			r := parse(shift)
			got := r.Dates(d, from, to)
			// Day by day it gives the same as at once.
			var single []calendar.Due
			for x := from; !to.Before(x); x = x.Add(1) {
				single = append(single, r.Dates(d, x, x)...)
			}
			if !slices.Equal(got, single) {
				t.Fatalf("%s: %s\nday by day %s", r, told(got), told(single))
			}
			for i, due := range got {
				if !open(due.Date) || due.Date.Before(from) || to.Before(due.Date) || i > 0 && !got[i-1].Date.Before(due.Date) {
					t.Fatalf("%s: %s", r, told(got))
				}
				if len(still.Dates(d, due.Nominal, due.Nominal)) != 1 {
					t.Fatalf("%s: %s is no nominal day", r, due.Nominal)
				}
				for x := due.Nominal; x != due.Date; x = x.Add(step) {
					if open(x) {
						t.Fatalf("%s: %s moved to %s over the open %s", r, due.Nominal, due.Date, x)
					}
				}
			}
			// None is lost: each nominal day is found where it moves.
			for _, n := range still.Dates(d, from, to) {
				at := n.Date
				for !open(at) {
					at = at.Add(step)
				}
				if len(r.Dates(d, at, at)) != 1 {
					t.Fatalf("%s: %s should move to %s", r, n.Date, at)
				}
			}
		}
	})
}

func FuzzDayRule(f *testing.F) {
	for _, s := range []string{"gotobi previous on bank days", "五十日 前営業日 銀行営業日", "closing 10,20 next", "第3営業日", "20日締め", "business-day -1", "Fri,Mon-Wed none on national days"} {
		f.Add(s)
	}
	d := days(f, customer)
	f.Fuzz(func(t *testing.T, s string) {
		r, err := calendar.ParseDayRule(s)
		if err != nil {
			return
		}
		back, err := calendar.ParseDayRule(r.String())
		if err != nil || back.String() != r.String() {
			t.Fatalf("%q is written %q: %v", s, r, err)
		}
		a, b := r.Dates(d, calendar.DateOn(20_000), calendar.DateOn(20_800)), back.Dates(d, calendar.DateOn(20_000), calendar.DateOn(20_800))
		if !slices.Equal(a, b) {
			t.Fatalf("%q: %s, written back %s", s, told(a), told(b))
		}
	})
}
