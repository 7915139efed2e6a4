package calendar

import (
	"strings"
	"sync"
	"testing"
	"time"
)

func at(s string) int64 {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UnixMilli()
}

// TestWallTime holds readings of the clock on the wall against what people in
// these places would read, over changes of the offset by an hour and by half
// of one.
func TestWallTime(t *testing.T) {
	for _, c := range []struct {
		zone, utc string
		clock     string
		weekday   time.Weekday
	}{
		{"UTC", "2026-01-05T00:00:00Z", "00:00", time.Monday},
		{"Asia/Tokyo", "2026-01-04T15:00:00Z", "00:00", time.Monday},
		{"America/New_York", "2026-03-08T06:59:00Z", "01:59", time.Sunday},
		{"America/New_York", "2026-03-08T07:00:00Z", "03:00", time.Sunday}, // forward: 2:00 does not exist
		{"America/New_York", "2026-11-01T05:30:00Z", "01:30", time.Sunday},
		{"America/New_York", "2026-11-01T06:30:00Z", "01:30", time.Sunday}, // back: 1:30 comes twice
		{"Australia/Lord_Howe", "2026-04-04T14:59:00Z", "01:59", time.Sunday},
		{"Australia/Lord_Howe", "2026-04-04T15:00:00Z", "01:30", time.Sunday}, // back by half an hour
		{"Asia/Kathmandu", "1969-12-31T18:15:00Z", "23:45", time.Wednesday},
	} {
		z, err := Load(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		ms := at(c.utc)
		day := time.Duration(z.DayMillis(ms)) * time.Millisecond
		clock := time.Time{}.Add(day).Format("15:04")
		if clock != c.clock || z.Weekday(ms) != c.weekday {
			t.Errorf("%s at %s: %s %s, want %s %s", c.zone, c.utc, z.Weekday(ms), clock, c.weekday, c.clock)
		}
	}
}

// TestOffsetIsThatOfTheLibrary walks a year in odd steps, forth and back, so
// that the remembered stretch is left on both sides.
func TestOffsetIsThatOfTheLibrary(t *testing.T) {
	z, err := Load("Australia/Lord_Howe")
	if err != nil {
		t.Fatal(err)
	}
	start := at("2026-01-01T00:00:00Z")
	for i := range int64(5000) {
		ms := start + i*i%5000*6_311_000
		_, sec := time.UnixMilli(ms).In(z.Location()).Zone()
		if got := z.Offset(ms); got != int64(sec)*1000 {
			t.Fatalf("offset at %d: %d, want %d s", ms, got, sec)
		}
	}
}

func TestUnknownZones(t *testing.T) {
	for _, name := range []string{"Asia/Tokio", "Local", "../etc/passwd"} {
		if _, err := Load(name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("zone %q: error %v does not name it", name, err)
		}
	}
}

// All who ask for a zone share it, at once and about any years.
func TestAZoneIsShared(t *testing.T) {
	a, err := Load("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := Load("America/New_York"); err != nil || a != b {
		t.Errorf("%p and %p, %v", a, b, err)
	}
	var all sync.WaitGroup
	for from := range 4 {
		all.Go(func() {
			for year := 2000 + from; year < 2040; year++ {
				for month, hours := range map[int]int64{1: -5, 7: -4} {
					ms := time.Date(year, time.Month(month), 9, 0, 0, 0, 0, time.UTC).UnixMilli()
					if got := a.Offset(ms); got != hours*3_600_000 {
						t.Errorf("month %d of %d: %d ms", month, year, got)
					}
				}
			}
		})
	}
	all.Wait()
}
