package dispatch

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
)

// An act until further notice is asked about when its reminder is due, once a
// week for as long as it holds, of those who run Kizashi.
func TestWhatHoldsUntilFurtherNoticeIsAskedAbout(t *testing.T) {
	own := oncall()
	own.Name, own.Tenant, own.Lanes = "shop", "shop", []Lane{{Name: "shop mail"}}
	s := tell(t, Policy{Receivers: []Receiver{oncall(), own, {Name: "am", Lanes: []Lane{{Name: "am", Each: true, Machine: true}}}}})
	day := 24 * time.Hour
	s.say(alert.Act{ID: "m", Kind: alert.ActMute, Match: match(t, `service="web"`), Remind: s.now.Add(2 * day)})
	s.say(alert.Act{ID: "x", Kind: alert.ActExclude, Match: match(t, `service="db"`), Remind: s.now.Add(3 * day)})
	s.say(alert.Act{ID: "soon over", Kind: alert.ActMute, Match: match(t, `service="mq"`), Until: s.now.Add(day), Remind: s.now.Add(2 * day)})
	s.pass(2*day - time.Minute)
	s.want("not yet")
	s.pass(time.Minute)
	s.want("the mute", "12:00 mail ask [] by m")
	s.restart()
	s.pass(day)
	s.want("the exclusion; after a restart nothing twice", "12:00 mail ask [] by x")
	s.say(alert.Act{ID: "u", Kind: alert.ActUndo, Undoes: "x"})
	s.pass(6*day - time.Minute)
	s.want("nobody is asked each day")
	s.restart()
	s.pass(time.Minute)
	s.want("a week later, of what still holds", "12:00 mail ask [] by m")
}

// Where nobody runs Kizashi for others the tenant's own receivers are asked,
// unless they may hear nothing.
func TestWhoIsAsked(t *testing.T) {
	for _, c := range []struct {
		mode alert.Mode
		want []string
	}{{alert.Live, []string{"13:00 shop mail ask [] by m"}}, {alert.Internal, nil}, {alert.Shadow, nil}} {
		own := oncall()
		own.Name, own.Tenant, own.Lanes = "shop", "shop", []Lane{{Name: "shop mail"}}
		p := Policy{Receivers: []Receiver{own}}
		p.Handling.Modes = map[string]alert.Mode{"shop": c.mode}
		s := tell(t, p)
		s.say(alert.Act{ID: "m", Kind: alert.ActMute, Match: match(t, `service="web"`), Remind: s.now.Add(time.Hour)})
		s.pass(time.Hour)
		s.want(string(c.mode), c.want...)
	}
}
