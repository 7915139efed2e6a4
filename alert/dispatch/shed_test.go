package dispatch

import (
	"fmt"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
)

// A group in which something always stands: its thread never closes.
func TestAThreadThatNeverClosesDoesNotGrow(t *testing.T) {
	s := tell(t, Policy{Receivers: []Receiver{oncall()}})
	s.fire("stuck", "class=check")
	for i := range 100 {
		id := fmt.Sprintf("x%02d", i)
		s.fire(id, "class=check")
		s.pass(30 * time.Minute)
		s.over(id)
		s.pass(2 * time.Hour)
		if i == 50 {
			s.restart()
		}
	}
	if len(s.store) != 1 {
		t.Fatalf("%d threads", len(s.store))
	}
	for _, th := range s.store {
		if n := len(th.Members); n < 20 || n > 24 { // 48 h of one each 2.5 h, and what stands
			t.Errorf("%d members", n)
		}
		if n := len(s.d.alerts); n > 24 {
			t.Errorf("%d alerts at hand", n)
		}
	}
	s.lines = nil
	s.fire("x00")
	s.pass(10 * time.Minute)
	if len(s.lines) != 1 {
		t.Errorf("one of long ago comes back: %q", s.lines)
	}
}

// The end of what was told is told, however late that is.
func TestAnEndThatIsOwedIsKept(t *testing.T) {
	s := tell(t, Policy{Receivers: []Receiver{oncall()}})
	s.fire("a")
	s.fire("b")
	s.fire("c")
	s.pass(10 * time.Minute)
	for i, id := range []string{"a", "c"} {
		s.say(alert.Act{ID: fmt.Sprint(i), Kind: alert.ActAck, Alert: id})
	}
	s.over("b")
	s.pass(100 * time.Hour)
	s.restart()
	s.over("a")
	s.pass(time.Hour)
	s.over("c")
	s.want("the end of all", "12:00 mail opened [a b c]", "17:10 mail resolved [a(over) b(over) c(over)]")
}
