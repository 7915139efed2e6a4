package daysfile

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi/calendar"
)

func japan4(t testing.TB) *calendar.Days {
	t.Helper()
	d, err := calendar.NewDays(calendar.Config{Holidays: Japan()})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// accounting is what this project says, in the form of testdata/accounting.py.
func accounting(t *testing.T, first, last int) string {
	t.Helper()
	days := japan4(t)
	var b strings.Builder
	for _, y := range Japan().Years {
		for _, d := range y.Days {
			if y.Year >= first && y.Year <= last {
				fmt.Fprintln(&b, "holiday", d.Date, d.Date.Weekday().String()[:3], d.Name.JA)
			}
		}
	}
	// By nominal day: within a month each one is asked for by itself, as two
	// may move to one day.
	for d, end := date(t, fmt.Sprintf("%d-01-01", first)), date(t, fmt.Sprintf("%d-12-31", last)); !end.Before(d); d = d.Add(1) {
		if len(rule(t, "gotobi").Dates(days, d, d)) == 0 {
			continue
		}
		fmt.Fprint(&b, "gotobi ", d, " ", d.Weekday().String()[:3])
		for _, basis := range []string{"national", "bank"} {
			for _, shift := range []string{"previous", "next"} {
				fmt.Fprint(&b, " ", movedTo(t, days, d, shift, basis))
			}
		}
		fmt.Fprintln(&b)
	}
	for y := first; y <= last; y++ {
		for m := 1; m <= 12; m++ {
			from := date(t, fmt.Sprintf("%d-%02d-01", y, m))
			to := rule(t, "month-end").Dates(days, from, from.Add(30))[0].Date
			for _, basis := range []string{"national", "bank"} {
				fmt.Fprintf(&b, "business %d-%02d %s", y, m, basis)
				for _, n := range []string{"1", "3", "-1", "-2"} {
					due := rule(t, "business-day "+n+" on "+basis+" days").Dates(days, from, to)
					fmt.Fprint(&b, " ", due[0].Date)
				}
				fmt.Fprintln(&b)
			}
		}
	}
	return b.String()
}

// movedTo is where the 五十日 on a date moves.
func movedTo(t *testing.T, days *calendar.Days, d calendar.Date, shift, basis string) calendar.Date {
	t.Helper()
	// A rule of that one day of the month; the Due of another month's that
	// moves to the same date may be told in its place.
	r := rule(t, fmt.Sprintf("closing %d %s on %s days", d.Day, shift, basis))
	for _, due := range r.Dates(days, d.Add(-20), d.Add(20)) {
		if due.Nominal == d {
			return due.Date
		}
	}
	t.Fatalf("%s %s on %s days: not found", d, shift, basis)
	return calendar.Date{}
}

func date(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func rule(t testing.TB, s string) calendar.DayRule {
	t.Helper()
	r, err := calendar.ParseDayRule(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAccountingDays holds all holidays, all 五十日 in both directions and
// business days of 2024 to 2027 against what testdata/accounting.py made of
// another project's holidays.
func TestAccountingDays(t *testing.T) {
	want, err := os.ReadFile("testdata/accounting.txt")
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "testdata/accounting.txt", string(want), accounting(t, 2024, 2027))
	if n := strings.Count(string(want), "gotobi "); n != 4*12*6 {
		t.Errorf("%d 五十日 were compared, want %d", n, 4*12*6)
	}
}

func diff(t *testing.T, name, want, got string) {
	t.Helper()
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		var a, b string
		if i < len(w) {
			a = w[i]
		}
		if i < len(g) {
			b = g[i]
		}
		if a != b {
			t.Fatalf("%s:%d: it says %q, we say %q", name, i+1, a, b)
		}
	}
}

// TestAgainstOtherLists asks two independent libraries themselves.
func TestAgainstOtherLists(t *testing.T) {
	python := filepath.Join(tool(t, "KIZASHI_HOLIDAYS", "holidays"), "bin", "python3")
	out, err := exec.Command(python, "testdata/accounting.py", "2024", "2027").Output()
	if err != nil {
		t.Fatalf("holidays: %v", err)
	}
	diff(t, "holidays (PyPI)", string(out), accounting(t, 2024, 2027))

	dir := tool(t, "KIZASHI_HOLIDAY_JP", "holiday_jp")
	out, err = exec.Command("node", "testdata/holiday_jp.js", dir, "2024", "2027").Output()
	if err != nil {
		t.Fatalf("holiday_jp: %v", err)
	}
	var b strings.Builder
	for _, y := range Japan().Years {
		for _, d := range y.Days {
			fmt.Fprintln(&b, "holiday", d.Date, theirName(d, y))
		}
	}
	diff(t, "@holiday-jp/holiday_jp (npm)", string(out), b.String())
}

// theirName is a day's name as holiday_jp has it: 振替休日 with the day that it
// is for, 国民の休日 as 休日.
func theirName(d calendar.HolidayDate, y calendar.HolidayYear) string {
	switch d.Kind {
	case calendar.Citizens:
		return "休日"
	case calendar.Substitute:
		before := d
		for _, e := range y.Days {
			if e.Date.Before(d.Date) && e.Kind == calendar.National {
				before = e
			}
		}
		return before.Name.JA + " 振替休日"
	}
	return d.Name.JA
}

// tool is the directory of another project's list. Without it the test is
// skipped, or fails where KIZASHI_REAL=1 asks for the real thing.
func tool(t *testing.T, env, dir string) string {
	t.Helper()
	path := os.Getenv(env)
	if path == "" {
		path = filepath.Join("..", "..", ".cache", dir)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(path, "installed")); err != nil {
		if os.Getenv("KIZASHI_REAL") == "1" {
			t.Fatalf("NOT TESTED against another list of holidays: %v; `make tools` installs it", err)
		}
		t.Skipf("NOT TESTED against another list of holidays: %v; `make tools` installs it, or set %s", err, env)
	}
	return path
}

// TestListFollowsTheLaw holds the list that ships against article 3 of the law
// on holidays: for a holiday on a Sunday the next day that is none is one, and
// so is a day between two.
func TestListFollowsTheLaw(t *testing.T) {
	days := japan4(t)
	kind := func(d calendar.Date) calendar.HolidayKind {
		h, _ := days.Holiday(d)
		return h.Kind
	}
	from, to := days.Known()
	seen := map[calendar.HolidayKind]int{}
	owed := false // a holiday on a Sunday has no substitute yet
	for d := from; !to.Before(d); d = d.Add(1) {
		k := kind(d)
		seen[k]++
		owed = owed || k == calendar.National && d.Weekday() == 0
		between := kind(d.Add(-1)) == calendar.National && kind(d.Add(1)) == calendar.National
		var want calendar.HolidayKind
		switch {
		case k == calendar.National:
			continue
		case owed:
			want, owed = calendar.Substitute, false
		case between:
			want = calendar.Citizens
		}
		if k != want {
			t.Errorf("%s: %q, by the law %q", d, k, want)
		}
	}
	if seen[calendar.National] != 4*16 || seen[calendar.Substitute] != 10 || seen[calendar.Citizens] != 1 {
		t.Errorf("seen %v", seen)
	}
}

// TestYears shows that a year that nobody listed is said to be unknown, and that
// one that is only planned says so.
func TestYears(t *testing.T) {
	days := japan4(t)
	for _, c := range []struct {
		date  string
		typ   calendar.DayType
		name  string
		known bool
	}{
		{"2023-12-28", calendar.Workday, "", false},
		{"2023-12-29", calendar.YearEnd, "年末年始", true},
		{"2024-01-01", calendar.YearEnd, "年末年始", true},
		{"2026-05-06", calendar.Holiday, "振替休日", true},
		{"2026-09-22", calendar.Holiday, "国民の休日", true},
		{"2026-09-24", calendar.Workday, "", true},
		{"2026-09-26", calendar.Weekend, "", true},
		{"2027-03-22", calendar.Holiday, "振替休日", true},
		{"2027-12-28", calendar.Workday, "", true},
		{"2028-01-04", calendar.Workday, "", false},
		{"2028-01-08", calendar.Weekend, "", false}, // Saturday; the holidays of 2028 are not listed
		{"2028-03-20", calendar.Workday, "", false}, // will be an equinox: never guessed
	} {
		typ, name, known := days.Type(date(t, c.date))
		if typ != c.typ || name.JA != c.name || known != c.known {
			t.Errorf("%s: %s %q known %v, want %s %q %v", c.date, typ, name.JA, known, c.typ, c.name, c.known)
		}
	}
}

const year2028 = `country: jp
as_of: 2026-11-29
years:
- year: 2028
  status: planned
  days:
  - {date: 2028-01-01, weekday: Sat, ja: 元日, en: New Year's Day, status: official}
  - {date: 2028-03-20, weekday: Mon, ja: 春分の日, en: Vernal Equinox Day}
`

// TestUsersFile extends and replaces years of the list that ships.
func TestUsersFile(t *testing.T) {
	h, err := Read("own.yaml", []byte(year2028))
	if err != nil {
		t.Fatal(err)
	}
	days, err := calendar.NewDays(calendar.Config{Holidays: h})
	if err != nil {
		t.Fatal(err)
	}
	from, to := days.Known()
	if from.String() != "2024-01-01" || to.String() != "2028-12-31" {
		t.Errorf("known %s to %s", from, to)
	}
	equinox, ok := days.Holiday(date(t, "2028-03-20"))
	if !ok || !equinox.Planned || equinox.Name.JA != "春分の日" {
		t.Errorf("equinox of 2028: %+v", equinox)
	}
	if newYear, ok := days.Holiday(date(t, "2028-01-01")); !ok || newYear.Planned {
		t.Errorf("its own status does not override the year's: %+v", newYear)
	}

	replaced, err := Read("own.yaml", []byte(`country: jp
as_of: 2026-11-29
years:
- year: 2026
  days:
  - {date: 2026-10-01, weekday: Thu, ja: 創立記念日, en: Foundation}
`))
	if err != nil {
		t.Fatal(err)
	}
	if days, err = calendar.NewDays(calendar.Config{Holidays: replaced}); err != nil {
		t.Fatal(err)
	}
	if _, ok := days.Holiday(date(t, "2026-05-06")); ok {
		t.Error("a year of the user's file does not replace the one that ships")
	}
	if _, ok := days.Holiday(date(t, "2027-05-05")); !ok {
		t.Error("a year that the user's file does not list is gone")
	}
	if len(Japan().Years) != 4 || len(Japan().Years[2].Days) != 18 {
		t.Error("reading a user's file has changed the list that ships")
	}
}

// TestBadFiles: each fault names file and line.
func TestBadFiles(t *testing.T) {
	head := "country: jp\nas_of: 2026-11-29\nyears:\n"
	year := func(y int, days ...string) string {
		s := fmt.Sprintf("- year: %d\n  days:\n", y)
		for _, d := range days {
			s += "  - {" + d + ", ja: 休み, en: Off}\n"
		}
		return s
	}
	ok := func(y int) string { return year(y, fmt.Sprintf("date: %d-01-01, weekday: %s", y, weekday(y))) }
	for _, c := range []struct{ name, file, want string }{
		{"empty", "", "own.yaml: the file is empty; want country, as_of and years"},
		{"no country", "as_of: 2026-11-29\nyears: []\n", "own.yaml:1: the list: country is missing"},
		{"no years", "country: jp\nas_of: 2026-11-29\nyears: []\n", "own.yaml:3: years: no year is listed"},
		{"gap", head + ok(2024) + ok(2026), "own.yaml:7: year 2025 is missing between 2024 and 2026"},
		{"gap after what ships", head + ok(2030), "own.yaml: with the years that ship with the program: years 2028 to 2029 are missing between 2027 and 2030"},
		{"year twice", head + ok(2025) + ok(2025), "own.yaml:7: year 2025 stands twice"},
		{"years descend", head + ok(2025) + ok(2024), "own.yaml:7: year 2024 stands after 2025: want ascending years"},
		{"day twice", head + year(2025, "date: 2025-01-01, weekday: Wed", "date: 2025-01-01, weekday: Wed"), "own.yaml:7: 2025-01-01 stands twice"},
		{"days descend", head + year(2025, "date: 2025-01-02, weekday: Thu", "date: 2025-01-01, weekday: Wed"), "own.yaml:7: 2025-01-01 stands after 2025-01-02: want ascending dates"},
		{"wrong weekday", head + year(2025, "date: 2025-01-01, weekday: Thu"), `own.yaml:6: 2025-01-01 is a Wed, not "Thu"`},
		{"no weekday", head + year(2025, "date: 2025-01-01"), "own.yaml:6: 2025[0]: weekday is missing"},
		{"no such day", head + year(2025, "date: 2025-02-29, weekday: Sat"), `own.yaml:6: 2025[0].date: date "2025-02-29": want one that exists, such as 2026-12-29`},
		{"wrong year", head + year(2025, "date: 2026-01-01, weekday: Thu"), "own.yaml:6: 2026-01-01 stands in the list of 2025"},
		{"no days", head + "- year: 2025\n", "own.yaml:4: year 2025 lists no holiday: leave it out if they are not known"},
		{"no days in the list", head + "- year: 2025\n  days: []\n", "own.yaml:5: year 2025 lists no holiday: leave it out if they are not known"},
		{"unknown key", head + "- year: 2025\n  dayz: []\n", `own.yaml:5: unknown key "dayz" in years[0]; did you mean "days"?`},
		{"bad kind", head + year(2025, "date: 2025-01-01, weekday: Wed, kind: bank"), `own.yaml:6: 2025[0].kind: want national, substitute or citizens, not "bank"`},
		{"bad status", head + "- year: 2025\n  status: sure\n  days: []\n", `own.yaml:5: years[0].status: want official or planned, not "sure"`},
		{"equinox too early", strings.Replace(year2028, "status: planned", "status: official", 1),
			"own.yaml:8: 2028-03-20 春分の日 is official only from 2027-02-01 on, and the list is as of 2026-11-29: want status: planned"},
		{"tab", head + "\t- year: 2025\n", "own.yaml:4: a tab indents this line; YAML wants spaces"},
		{"no year", head + "- days: []\n", "own.yaml:4: years[0].year: want one from 1970 to 2199"},
	} {
		_, err := Read("own.yaml", []byte(c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s", c.name, err, c.want)
		}
	}
}

func weekday(year int) string {
	return calendar.Date{Year: year, Month: 1, Day: 1}.Weekday().String()[:3]
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(year2028))
	f.Add(jp)
	f.Add([]byte("country: jp\nas_of: 2026-11-29\nyears:\n- *x\n"))
	f.Add([]byte("years: [{year: 2025, days: [{}]}]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := Read("own.yaml", b)
		if err != nil {
			if !strings.Contains(err.Error(), "own.yaml") {
				t.Errorf("error does not name the file: %v", err)
			}
			return
		}
		if _, err := calendar.NewDays(calendar.Config{Holidays: h}); err != nil {
			t.Errorf("what was read makes no days: %v", err)
		}
	})
}
