package dispatch

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/calendar"
)

// duty is a receiver with hours, for which only these classes wait.
func duty(t *testing.T, waits ...string) Receiver {
	t.Helper()
	hours, err := calendar.ParseHours("UTC", []string{"Mon-Fri 09:00-18:00"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := oncall()
	r.Hours, r.HoursName, r.Waits = hours, "duty", waits
	return r
}

// What does not wait for the hours does so to its end, its reminders included.
func TestOnlyTheClassesThatWaitWait(t *testing.T) {
	for _, waits := range [][]string{{"record"}, nil} {
		s := tell(t, Policy{Receivers: []Receiver{duty(t, waits...)}}) // a Monday
		s.pass(8 * time.Hour)                                          // 20:00
		s.fire("look", "class=check")
		s.pass(5 * time.Hour)
		s.over("look")
		s.pass(24 * time.Hour)
		s.want("at night", "20:00 mail opened [look]", "00:00 mail reminder [look]", "01:00 mail resolved [look(over)]")
	}
	s := tell(t, Policy{Receivers: []Receiver{duty(t, "check")}})
	s.fire("look", "class=check")
	s.pass(13 * time.Hour) // 01:00
	s.over("look")
	s.pass(24 * time.Hour)
	s.want("in the morning", "12:00 mail opened [look]", "16:00 mail reminder [look]", "09:00 mail resolved [look(over)]")
}
