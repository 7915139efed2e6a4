package dispatch

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// people are told by group.
func people() Policy {
	p := alone()
	p.Receivers[0].Interval, p.Receivers[0].Lanes = 5*time.Minute, []Lane{{Name: "mail"}}
	return p
}

// What comes and goes while a thread collects is told with what else was
// collected, or with the thread's end, however often anybody looked meanwhile.
func TestWhatCameAndWentWithinTheIntervalIsTold(t *testing.T) {
	d := New(people(), nil, nil)
	minute := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	d.Note(turn("a", 1, kizashi.Firing, 0))
	first := d.Pass(noon)
	if len(first.Threads) != 1 || first.Threads[0].Seq != 1 {
		t.Fatalf("%+v", first)
	}
	d.Note(turn("b", 1, kizashi.Firing, time.Minute))
	collected := d.Pass(minute(1))
	want(t, "b is collected: stored, and nobody is told", collected, "mail "+first.Threads[0].ID+"-1 firing opened")
	if len(collected.Wake) > 0 {
		t.Errorf("%v woken", collected.Wake)
	}
	d.Note(turn("b", 2, kizashi.Resolved, 2*time.Minute))
	want(t, "and over", d.Pass(minute(2)))
	d.Stir()
	want(t, "somebody looks", d.Pass(minute(3)))
	r := d.Pass(minute(5))
	if len(r.Threads) != 1 || r.Threads[0].Seq != 2 || len(r.Threads[0].Members) != 2 || r.Threads[0].Members[1].Since != 2 {
		t.Errorf("after five minutes %+v", r.Threads)
	}
	d.Note(turn("c", 1, kizashi.Firing, 6*time.Minute))
	d.Pass(minute(6))
	d.Note(turn("c", 2, kizashi.Resolved, 7*time.Minute))
	d.Pass(minute(7))
	d.Note(turn("a", 2, kizashi.Resolved, 8*time.Minute))
	r = d.Pass(minute(8))
	if len(r.Threads) != 1 || r.Threads[0].State != kizashi.Resolved || len(r.Threads[0].Members) != 3 || r.Threads[0].Members[2].Since != 3 {
		t.Errorf("at the end %+v", r.Threads)
	}
}

// The wait for the interval survives a restart: that another lane was told at
// once does not mean that this one was.
func TestWhatWaitsForItsIntervalIsToldAfterARestart(t *testing.T) {
	for _, over := range []string{"before", "after", "not"} {
		s := tell(t, Policy{Receivers: []Receiver{oncall(), {Name: "default", Lanes: []Lane{{Name: "sns", Each: true, Machine: true}}}}})
		s.fire("a")
		s.pass(time.Minute)
		s.fire("b")
		s.pass(2 * time.Minute)
		if over == "before" {
			s.over("b")
			s.pass(time.Minute)
		}
		s.restart()
		s.pass(30 * time.Second)
		if over == "after" {
			s.over("b")
		}
		s.lines = nil
		s.pass(20 * time.Minute)
		told := "b(over)"
		if over == "not" {
			told = "b"
		}
		if over == "after" {
			s.want("over "+over+" the restart", "12:03 sns resolved [b(over)]", "12:05 mail more [a "+told+"]")
			continue
		}
		s.want("over "+over+" the restart", "12:05 mail more [a "+told+"]")
	}
}

// A kill while the threads of a storm are stored can leave those of people and
// not those of machines.
func TestAMachineIsToldWhatAKillLeftWithPeopleAlone(t *testing.T) {
	s := tell(t, Policy{Receivers: []Receiver{oncall(), {Name: "default", Lanes: []Lane{{Name: "am", Each: true, Machine: true, Level: true}, {Name: "sns", Each: true, Machine: true}}}}})
	s.fire("a")
	s.fire("b")
	s.pass(time.Minute)
	delete(s.store, place{"am", "a"})
	delete(s.store, place{"sns", "a"})
	s.over("a", "b")
	s.lines = nil
	s.restart()
	s.pass(time.Hour)
	s.want("whoever was told of neither hears both", "12:01 am resolved [a(over)]", "12:01 am resolved [b(over)]", "12:01 mail resolved [a(over) b(over)]", "12:01 sns resolved [a(over)]", "12:01 sns resolved [b(over)]")
	if th := s.store[place{"sns", "a"}]; th.Fired == 0 || th.Fired >= th.Seq {
		t.Errorf("the end without its beginning: %+v", th)
	}
	s.restart()
	s.pass(time.Hour)
	s.want("and not again")
}

// What begins when its thread comes back is collected with that, and is told
// although both are over before the interval is.
func TestWhatCameWithAFlickerIsTold(t *testing.T) {
	for _, restart := range []bool{false, true} {
		s := tell(t, Policy{Receivers: []Receiver{oncall()}})
		s.fire("a", "class=check")
		s.pass(10 * time.Minute)
		s.over("a")
		s.pass(time.Minute)
		s.fire("a")
		s.pass(time.Second)
		s.over("a")
		s.want("a flicker of the same alone is not told again", "12:00 mail opened [a]", "12:10 mail resolved [a(over)]")
		s.pass(time.Second)
		s.fire("a")
		s.fire("b", "class=check")
		s.pass(time.Minute)
		s.over("a", "b")
		s.pass(time.Minute)
		if restart {
			s.restart()
		}
		s.pass(3 * time.Hour)
		s.want("another with it is", "12:15 mail resolved [a(over) b(over)]")
		for _, th := range s.store {
			if b := th.Members[1]; th.Fired != 3 || th.Seq != 4 || b.Since != 3 {
				t.Errorf("it begins at %d and ends at %d, with b since %d", th.Fired, th.Seq, b.Since)
			}
		}
	}
}

// Of equals one that has its justification leads: in a storm most owe theirs.
func TestWhoIsJustifiedLeads(t *testing.T) {
	d := New(people(), nil, nil)
	b := turn("b", 1, kizashi.Firing, 0)
	b.Justify = "sha256:feed"
	d.Note(turn("a", 1, kizashi.Firing, 0), b, turn("c", 1, kizashi.Firing, 0))
	r := d.Pass(noon)
	if lead, ok := r.Threads[0].Lead(); !ok || lead.Alert != "b" {
		t.Errorf("%+v leads", lead)
	}
}
