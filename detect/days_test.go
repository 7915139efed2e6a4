package detect_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// What computes an alert again is given the days and the hours that were in
// force then, also after a reload.
func TestDaysInForceAtATime(t *testing.T) {
	config := func(rule string, s *detect.ScheduleRule) detect.Config {
		return detect.Config{
			Calendars: []detect.Calendar{{Name: "own", Special: []detect.Special{{Name: "paying out", Rule: rule}}}},
			Hours:     []detect.Hours{{Name: "office", Zone: "UTC", Open: []string{"Mon-Fri 09:00-18:00"}}},
			Rules:     []detect.Rule{{Calendar: "own", Schedule: s}},
		}
	}
	e, err := detect.NewEngine(config("Tue", &detect.ScheduleRule{Hours: "office"}), models.All(), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(config("Wed", nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Command(kizashi.Command{Op: kizashi.Reload, At: hours(10), Body: body}); err != nil {
		t.Fatal(err)
	}
	m := metaOf("a")
	tuesday := calendar.Date{Year: 2026, Month: time.November, Day: 24}.Number()
	for _, c := range []struct {
		at                 kizashi.Time
		tuesday, wednesday string
		open               bool
	}{{hours(9), "paying out", "", true}, {hours(10), "", "paying out", false}} {
		kinds, hours, err := e.DaysAt(&m, c.at)
		if err != nil || kinds.Of(tuesday) != c.tuesday || kinds.Of(tuesday+1) != c.wednesday || (hours != nil) != c.open {
			t.Errorf("at %s: %q, %q, hours %v (%v)", c.at, kinds.Of(tuesday), kinds.Of(tuesday+1), hours, err)
		}
	}
}
