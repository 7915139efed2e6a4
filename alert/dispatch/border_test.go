package dispatch

import (
	"testing"
	"time"
)

// A reload gives a receiver to another tenant: what the first one's alerts do
// from then on, and what was held back of them, is none of the second's
// business.
func TestAReceiverThatIsAnotherTenantsNow(t *testing.T) {
	r := oncall()
	r.Tenant, r.Repeat, r.Caps = "shop", time.Hour, Caps{Service: 2}
	s := tell(t, Policy{Receivers: []Receiver{r}})
	s.fire("a")
	s.pass(61 * time.Minute)
	s.fire("b")
	s.pass(10 * time.Minute)
	s.fire("c", "service=web")
	s.pass(10 * time.Minute)
	s.want("the shop's", "12:00 mail opened [a]", "13:00 mail reminder [a]", "13:05 mail held back [b] by 2026-11-30")
	s.p.Receivers[0].Tenant = "bank"
	s.restart()
	s.fire("x", "tenant=bank")
	s.pass(30 * time.Hour)
	s.lines = s.lines[:1]
	for _, th := range s.store {
		if th.Tenant == "shop" && th.Changed.After(noon.Add(2*time.Hour)) {
			t.Errorf("told to the bank: %s", s.line(th))
		}
	}
	s.over("a", "b", "c")
	s.want("the bank's alone", "13:21 mail opened [x]")
	if r := s.d.Pass(s.now); len(r.Undeliverable) != 0 {
		t.Errorf("undeliverable after all is over: %v", r.Undeliverable)
	}
}
