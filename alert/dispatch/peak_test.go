package dispatch

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// What the life of an alert tells of its peak is enough for both measures: a
// watch ends at the very sample that outgrows it, and the severity has its
// effect.
func TestPeaksOfTheLifeComeAtOnce(t *testing.T) {
	s := tell(t, Policy{Receivers: []Receiver{oncall()}})
	life := alert.NewLife()
	id := kizashi.AlertID(7, kizashi.Up, kizashi.TimeOf(s.now))
	minute := func(v kizashi.Num) {
		at := kizashi.TimeOf(s.now)
		c := kizashi.Crossing{Series: 7, At: at, End: at.Add(time.Minute), Value: v, Recover: 3, Quiet: kizashi.Duration(time.Hour)}
		c.Verdict = kizashi.Verdict{Expected: 40, Lower: kizashi.None(), Upper: 80, Votes: []kizashi.Vote{{Model: "band", Side: kizashi.Up, Crossed: true}}}
		c.Proof = []kizashi.Proof{{Side: kizashi.Up, Meta: kizashi.Meta{Tenant: "shop", Group: "g", Labels: kizashi.LabelsOf(map[string]string{"service": "web"})},
			Settings: kizashi.Settings{Class: "check"}}}
		for _, ch := range life.Admit(c.End, &c, nil) {
			s.note(ch.Alert)
		}
		s.pass(time.Minute)
	}
	minute(90)
	s.lines = nil
	of := s.known[id]
	s.say(alert.Act{ID: "w", Kind: alert.ActWatch, Alert: id, Until: s.now.Add(8 * time.Hour), Value: alert.MeasureOf(&of, alert.Warning).String()})
	minute(94)
	minute(95)
	s.want("a little more is what was agreed")
	minute(95.1)
	s.want("more than half as far again", "12:03 mail grown ["+id+"] by w")
	minute(162)
	if r := s.d.alerts[id].view.result; len(r.Terms) != 2 || r.Terms[1].Name != alert.TermEffect {
		t.Errorf("three times as far as the limit is no ground: %v", r.Terms)
	}
}
