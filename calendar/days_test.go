package calendar_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/calendar/daysfile"
)

func days(t testing.TB, c calendar.Config) *calendar.Days {
	t.Helper()
	d, err := calendar.NewDays(c)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func date(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// customer is a calendar with everything declared.
var customer = calendar.Config{
	Holidays: daysfile.Japan(),
	Obon:     "08-12/08-16",
	Closed:   []string{"2026-06-01 創立記念日", "2026-12-28", "2026-10-05/2026-10-06"},
	Open:     []string{"2026-12-31 棚卸", "2026-10-06"},
}

// TestDayTypes shows which kind of day a date is of where it is several.
func TestDayTypes(t *testing.T) {
	d := days(t, customer)
	for _, c := range []struct {
		date     string
		typ      calendar.DayType
		ja, en   string
		business bool
		bank     bool
	}{
		{"2026-11-27", calendar.Workday, "", "", true, true},
		{"2026-11-28", calendar.Weekend, "", "", false, false},
		{"2026-11-23", calendar.Holiday, "勤労感謝の日", "Labor Thanksgiving Day", false, false},
		{"2026-05-03", calendar.Holiday, "憲法記念日", "Constitution Memorial Day", false, false}, // a Sunday
		{"2026-08-11", calendar.Holiday, "山の日", "Mountain Day", false, false},
		{"2026-08-12", calendar.Obon, "お盆", "Obon", false, true}, // banks work
		{"2026-08-16", calendar.Obon, "お盆", "Obon", false, false},
		{"2026-06-01", calendar.OwnClosed, "創立記念日", "創立記念日", false, true},
		{"2026-12-28", calendar.OwnClosed, "休業日", "day declared closed", false, true},
		{"2026-12-29", calendar.YearEnd, "年末年始", "year-end holidays", false, true},
		{"2026-12-30", calendar.YearEnd, "年末年始", "year-end holidays", false, true},
		{"2026-12-31", calendar.OwnOpen, "棚卸", "棚卸", true, false}, // open for the customer, not for banks
		{"2027-01-01", calendar.YearEnd, "年末年始", "year-end holidays", false, false},
		{"2027-01-03", calendar.YearEnd, "年末年始", "year-end holidays", false, false}, // a Sunday
		{"2027-01-04", calendar.Workday, "", "", true, true},
		{"2026-10-05", calendar.OwnClosed, "休業日", "day declared closed", false, true},
		{"2026-10-06", calendar.OwnOpen, "営業日(個別指定)", "day declared open", true, true}, // open wins
	} {
		typ, name, known := d.Type(date(t, c.date))
		if typ != c.typ || name.In("ja") != c.ja || name.In("en") != c.en || !known {
			t.Errorf("%s: %s %v known %v, want %s %q %q", c.date, typ, name, known, c.typ, c.ja, c.en)
		}
		if b := d.Business(date(t, c.date)); b != c.business {
			t.Errorf("%s: business %v", c.date, b)
		}
		if b := d.BankDay(date(t, c.date)); b != c.bank {
			t.Errorf("%s: bank day %v", c.date, b)
		}
	}
}

// TestDaysOfNoCountry: without holidays every year is known, and New Year is a
// working day like any other.
func TestDaysOfNoCountry(t *testing.T) {
	d := days(t, calendar.Config{})
	for s, want := range map[string]calendar.DayType{"2026-01-01": calendar.Workday, "2150-01-03": calendar.Weekend, "1999-12-29": calendar.Workday} {
		typ, _, known := d.Type(date(t, s))
		if typ != want || !known {
			t.Errorf("%s: %s known %v, want %s", s, typ, known, want)
		}
	}
	if from, to := d.Known(); from != (calendar.Date{}) || to != (calendar.Date{}) {
		t.Errorf("known %s to %s", from, to)
	}
}

// TestDeclaredSpans: dated spans hold in their year alone, "none" takes New
// Year's days away, and a declared day is known in a year that is not.
func TestDeclaredSpans(t *testing.T) {
	d := days(t, calendar.Config{Holidays: daysfile.Japan(), YearEnd: "none", Obon: "2026-08-10/2026-08-14, 2027-08-16/2027-08-20", Open: []string{"2030-05-05"}})
	for s, want := range map[string]calendar.DayType{
		"2026-08-10": calendar.Obon, "2026-08-11": calendar.Obon, "2026-08-17": calendar.Workday,
		"2027-08-10": calendar.Workday, "2027-08-16": calendar.Obon,
		"2026-12-29": calendar.Workday, "2026-01-02": calendar.Workday, "2026-01-01": calendar.Holiday,
		"2030-05-05": calendar.OwnOpen,
	} {
		typ, _, known := d.Type(date(t, s))
		if typ != want || !known {
			t.Errorf("%s: %s known %v, want %s", s, typ, known, want)
		}
	}
	// The table that reaches to 2030 for it knows no more of the year.
	if _, _, known := d.Type(date(t, "2030-05-07")); known {
		t.Error("2030 is said to be known")
	}
}

func TestBadCalendars(t *testing.T) {
	for _, c := range []struct {
		config calendar.Config
		want   string
	}{
		{calendar.Config{YearEnd: "12-29"}, ""},
		{calendar.Config{YearEnd: "12-32/01-03"}, `yearend: day "12-32": want one that each year has`},
		{calendar.Config{YearEnd: "02-29/03-01"}, `yearend: day "02-29": want one that each year has`},
		{calendar.Config{Obon: "2026-08-13/08-16"}, `obon: span "2026-08-13/08-16": want both ends alike`},
		{calendar.Config{Obon: "2026-08-16/2026-08-13"}, "the first before the last"},
		{calendar.Config{Closed: []string{"2026-06-01", "2026-06-31"}}, `closed[1]: date "2026-06-31": want one that exists`},
		{calendar.Config{Open: []string{"2026-06-02/2026-06-01"}}, "open[0]: 2026-06-02/2026-06-01: want an end after the start"},
		{calendar.Config{Open: []string{"2026-01-01/2029-01-01"}}, "at most 366 days later"},
		{calendar.Config{Open: []string{""}}, "open[0]: date"},
		{calendar.Config{Open: []string{"9999-01-01"}}, "want a year from 1970 to 2199"},
		{calendar.Config{Holidays: &calendar.Holidays{Country: "jp"}}, "holidays: no year is listed"},
		{calendar.Config{Holidays: &calendar.Holidays{Country: "jp", Years: []calendar.HolidayYear{{Year: 2024}}}}, "holidays: year 2024 lists no holiday"},
	} {
		_, err := calendar.NewDays(c.config)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%+v: %v", c.config, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%+v: %v, want %s", c.config, err, c.want)
		}
	}
}

// TestConfigTravels: what a snapshot keeps of a configuration gives the same days.
func TestConfigTravels(t *testing.T) {
	b, err := json.Marshal(customer)
	if err != nil {
		t.Fatal(err)
	}
	var back calendar.Config
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	one, two := days(t, customer), days(t, back)
	for d := date(t, "2023-12-01"); d.Before(date(t, "2029-01-01")); d = d.Add(1) {
		t1, n1, k1 := one.Type(d)
		t2, n2, k2 := two.Type(d)
		if t1 != t2 || n1 != n2 || k1 != k2 {
			t.Fatalf("%s: %s %v %v, then %s %v %v", d, t1, n1, k1, t2, n2, k2)
		}
	}
}

// TestAtIsType: the cheap question gives the same answer, in any zone, and
// allocates nothing.
func TestAtIsType(t *testing.T) {
	d := days(t, customer)
	for _, name := range []string{"UTC", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe"} {
		z, err := calendar.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(t *rapid.T) {
			ms := rapid.Int64Range(0, 2_500_000_000_000).Draw(t, "ms")
			typ, known := d.At(z, ms)
			on := calendar.DateOf(time.UnixMilli(ms).In(z.Location()))
			want, _, wantKnown := d.Type(on)
			if typ != want || known != wantKnown {
				t.Fatalf("%s at %d (%s): %s %v, want %s %v", name, ms, on, typ, known, want, wantKnown)
			}
		})
		ms := at("2026-11-29T00:00:00Z")
		if n := testing.AllocsPerRun(100, func() { ms += 60_000; d.At(z, ms); d.Type(calendar.Date{Year: 2026, Month: 5, Day: 6}) }); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func at(s string) int64 { return instant(s).UnixMilli() }

func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

// TestDates: dates and their numbers are each other's inverse.
func TestDates(t *testing.T) {
	if n := date(t, "1970-01-01").Number(); n != 0 {
		t.Errorf("1970-01-01 is day %d", n)
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(-200_000, 200_000).Draw(t, "number")
		d := calendar.DateOn(n)
		if d.Number() != n || d.Add(1).Number() != n+1 || !d.Before(d.Add(1)) || d.Add(1).Compare(d) != 1 {
			t.Fatalf("day %d is %s, of number %d", n, d, d.Number())
		}
		if want := time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC).Weekday(); d.Weekday() != want {
			t.Fatalf("%s is a %s, not a %s", d, want, d.Weekday())
		}
	})
}

func FuzzConfig(f *testing.F) {
	f.Add("12-29/01-03", "08-13/08-16", "2026-06-01 a", "2026-01-01/2026-01-02")
	f.Add("none", "2026-08-10/2026-08-14, 2027-08-16/2027-08-20", "", "x")
	f.Fuzz(func(t *testing.T, yearEnd, obon, closed, open string) {
		d, err := calendar.NewDays(calendar.Config{YearEnd: yearEnd, Obon: obon, Closed: []string{closed}, Open: []string{open}})
		if err != nil {
			return
		}
		for y := 1960; y < 2210; y += 7 {
			d.Type(calendar.Date{Year: y, Month: 2, Day: 28})
		}
	})
}

func BenchmarkAt(b *testing.B) {
	d := days(b, customer)
	z, _ := calendar.Load("Asia/Tokyo")
	ms := at("2026-11-29T00:00:00Z")
	for b.Loop() {
		d.At(z, ms)
		ms += 60_000
	}
}
