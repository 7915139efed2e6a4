package logs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// remembers keeps the counts that the office writes, as the store does.
func (o *office) remembers() *office {
	stored := map[kizashi.SeriesID][]kizashi.Sample{}
	o.e.UsePast(func(id kizashi.SeriesID, from, to kizashi.Time) (out []kizashi.Sample, err error) {
		for _, s := range stored[id] {
			if s.At >= from && s.At < to {
				out = append(out, s)
			}
		}
		return out, nil
	})
	o.keep = func() {
		for _, s := range o.out.Counts {
			stored[s.Series] = append(stored[s.Series], s)
		}
	}
	return o
}

// storms are three days with five times the orders, from 14 to 15 h.
func storms(o *office, days ...int) func(day, hour int) int {
	return func(day, hour int) int {
		n := o.orders(day, hour)
		for _, d := range days {
			if day == d && hour == 14 {
				n *= 5
			}
		}
		return n
	}
}

// orders' series, of what was told since.
func (o *office) toldOf(model string) (id kizashi.SeriesID) {
	for i := range o.all {
		for _, p := range o.all[i].Proof {
			if p.Grounds[0].Model == model && p.Meta.Identity.Get("pattern") != "" && p.Meta.Identity.Get("slot") == "" {
				id = o.all[i].Series
			}
		}
	}
	return id
}

// usualAt is what a surge that is told at the next storm says is usual.
func (o *office) usualAt(id kizashi.SeriesID) (u kizashi.Num) {
	u = kizashi.None()
	for i := range o.all {
		for _, p := range o.all[i].Proof {
			if o.all[i].Series == id && p.Grounds[0].Model == "log_surge" && p.Grounds[0].To.Sub(p.Grounds[0].From) == 5*time.Minute {
				return p.Grounds[0].Usual
			}
		}
	}
	return u
}

func TestWhatAPersonSaysOfAnAlertAboutLines(t *testing.T) {
	// Three storms on the same day of three weeks, and one that shows what is usual by then.
	usual := map[kizashi.Said]kizashi.Num{}
	for _, said := range []kizashi.Said{"", kizashi.SaidOwner, kizashi.SaidTrue, kizashi.SaidFalse, kizashi.SaidExpected} {
		o := newOffice(t, false)
		o.off = nil
		o.remembers()
		in := storms(o, 22, 29, 43)
		var id kizashi.SeriesID
		for _, day := range []int{22, 29} {
			o.through(day, in, always)
			o.all = nil
			o.through(day+1, in, always)
			if id = o.toldOf("log_surge"); id == 0 {
				t.Fatalf("day %d: the storm is not told: %s", day, o.told())
			}
			if said == "" {
				continue
			}
			at := logStart.Add(time.Duration(day)*24*time.Hour + 14*time.Hour)
			o.e.Command(kizashi.Command{Op: kizashi.Feedback, Series: id, Alert: "a", As: said, At: o.at, From: at, To: at.Add(time.Hour), Author: "sato"})
		}
		o.through(43, in, always)
		o.all = nil
		o.through(44, in, always)
		usual[said] = o.usualAt(id)
		notes := ""
		for _, n := range o.notes {
			if n.Fact.Claim == kizashi.ClaimLogSaid {
				notes += "said "
				if n.Fact.Count == 0 {
					notes += "nothing "
				}
			}
		}
		if want := map[kizashi.Said]string{kizashi.SaidTrue: "said nothing said nothing ", kizashi.SaidFalse: "said said ", kizashi.SaidExpected: "said said "}[said]; notes != want {
			t.Errorf("%q: notes %q, want %q", said, notes, want)
		}
	}
	t.Logf("usual in 5 minutes at the hour of the storms: %v", usual)
	if was := usual[""]; !was.Ok() || usual[kizashi.SaidOwner] != was || usual[kizashi.SaidTrue] > was+1 || usual[kizashi.SaidFalse] < 2*was || usual[kizashi.SaidExpected] != usual[kizashi.SaidFalse] {
		t.Errorf("what is usual in 5 minutes at that hour, by what was said of two storms: %v", usual)
	}
}

func TestAPastStretchIsLearnedAnew(t *testing.T) {
	usual := func(exclude, include bool) kizashi.Num {
		o := newOffice(t, false)
		o.off = nil
		o.remembers()
		in := storms(o, 1, 29) // the first is learned: nothing is held out yet
		o.through(6, in, always)
		at := logStart.Add(24*time.Hour + 14*time.Hour)
		for _, c := range []struct {
			on bool
			op kizashi.Op
		}{{exclude, kizashi.Exclude}, {include, kizashi.Include}} {
			if c.on {
				o.e.Command(kizashi.Command{Op: c.op, At: o.at, From: at, To: at.Add(time.Hour), Author: "sato", Reason: "load test"})
			}
			o.through(o.day(o.at)+1, in, always)
		}
		o.through(29, in, always)
		o.all = nil
		o.through(30, in, always)
		return o.usualAt(o.toldOf("log_surge"))
	}
	as, without, back := usual(false, false), usual(true, false), usual(true, true)
	t.Logf("usual in 5 minutes: %v, %v without the storm, %v with it again", as, without, back)
	if !without.Ok() || as < 1.3*without || without < 9.5 || without > 10.5 || back < .99*as || back > 1.01*as {
		t.Errorf("usual in 5 minutes: %v, %v without the storm, %v with it again", as, without, back)
	}
}

func TestAWaitThatWasNoMatterIsLearned(t *testing.T) {
	again := func(said kizashi.Said) string {
		o := newOffice(t, false)
		o.off = nil
		o.remembers()
		night := func(day int) bool { return day == 30 || day == 33 }
		beats := func(day, hour int) bool { return !night(day) || hour < 1 || hour >= 4 }
		o.through(30, o.orders, beats)
		o.all = nil
		o.through(31, o.orders, beats)
		id := o.toldOf("log_absent")
		if id == 0 {
			t.Fatalf("three hours without a heartbeat were not told: %s", o.told())
		}
		at := logStart.Add(30*24*time.Hour + time.Hour)
		o.e.Command(kizashi.Command{Op: kizashi.Feedback, Series: id, Alert: "a", As: said, At: o.at, From: at, To: at.Add(3 * time.Hour), Author: "sato"})
		o.through(33, o.orders, beats)
		o.all = nil
		o.through(34, o.orders, beats)
		return o.told()
	}
	if got := again(kizashi.SaidTrue); !strings.Contains(got, "log_absent") {
		t.Errorf("the same three hours again, after it was said that the first ones were an incident: %q", got)
	}
	if got := again(kizashi.SaidExpected); strings.Contains(got, "log_absent") {
		t.Errorf("the same after it was said that they were expected: %q", got)
	}
}
