package dispatch

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
)

// Once a tenant's alerts are nobody's, or not the mail's, those who heard
// a beginning hear its end and nothing else.
func TestNothingButTheEndOfWhatALaneHearsNoLonger(t *testing.T) {
	for _, mode := range []string{"shadow", "internal"} {
		r := oncall()
		r.Tenant = "shop"
		s := tell(t, Policy{Receivers: []Receiver{r}})
		s.fire("a", "class=check")
		s.fire("b", "class=check", "service=db")
		s.pass(time.Minute)
		s.fire("late")
		s.over("late")
		s.lines = nil
		s.say(alert.Act{ID: "1", Kind: alert.ActMode, Value: mode})
		s.fire("worse")
		s.pass(20 * time.Hour)
		s.peak("a", 1000)
		s.pass(20 * time.Hour)
		s.want(mode + ": no reminder, no more, no worse")
		s.restart()
		s.over("a", "b", "worse")
		s.pass(time.Hour)
		s.want(mode+": the end", "04:01 mail resolved [a(over)]", "04:01 mail resolved [b(over)]")
		s.fire("a")
		s.pass(time.Hour)
		s.want(mode + ": it comes back")
	}
}

// Of one series alone: the thread goes on with the others, and is over with
// them.
func TestAThreadOfWhichOneAlertIsNobodysNow(t *testing.T) {
	s := tell(t, Policy{Receivers: []Receiver{oncall()}})
	s.fire("a")
	s.fire("b")
	s.pass(time.Minute)
	s.say(alert.Act{ID: "1", Kind: alert.ActMode, Alert: "a", Value: "shadow"})
	s.fire("c")
	s.pass(10 * time.Minute)
	s.over("a")
	s.fire("d")
	s.pass(10 * time.Minute)
	s.fire("a")
	s.pass(time.Hour)
	s.want("a is over, and what comes after that is not said", "12:00 mail opened [a b]", "12:05 mail more [a b c]", "12:11 mail more [a(over) b c d]")
	s.over("b", "c", "d")
	s.pass(time.Hour)
	s.want("all that is told is over", "13:21 mail resolved [a(over) b(over) c(over) d(over)]")
	s.say(alert.Act{ID: "2", Kind: alert.ActMode, Alert: "a", Value: "live"})
	s.want("it may be heard of again", "14:21 mail again [a b(over) c(over) d(over)]")
}

// Whoever was told by a route that leads elsewhere now is reminded no longer.
func TestAFormerOwnerIsNotReminded(t *testing.T) {
	s := tell(t, owned(t))
	s.fire("a")
	s.pass(time.Minute)
	s.say(alert.Act{ID: "7", Kind: alert.ActAssign, Alert: "a", Value: "application"})
	s.pass(5 * time.Hour)
	s.want("the new one is", "12:00 mail opened [a]", "12:01 app assigned [a] by 7", "16:01 app reminder [a]")
}
