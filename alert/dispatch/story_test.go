package dispatch

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/handling"
	"github.com/kizashi-ops/kizashi/alert/route"
	"github.com/kizashi-ops/kizashi/calendar"
)

// story plays alerts and acts on a clock and writes down what becomes due.
type story struct {
	t     *testing.T
	p     Policy
	d     *Dispatcher
	now   time.Time
	lines []string
	store map[place]alert.Thread
	known map[string]kizashi.Alert
	acts  []handling.Said
}

func tell(t *testing.T, p Policy) *story {
	p.MaxAge, p.Patience = time.Hour, 5*time.Minute
	return &story{t: t, p: p, d: New(p, nil, nil), now: noon, store: map[place]alert.Thread{}, known: map[string]kizashi.Alert{}}
}

// oncall is a receiver of people, with one lane.
func oncall() Receiver {
	return Receiver{Name: "default", GroupBy: []string{"service"}, Interval: 5 * time.Minute, Repeat: 4 * time.Hour, Waits: []string{"check", "record"}, Lanes: []Lane{{Name: "mail"}}}
}

// pass lets the clock run for d; the dispatcher is asked whenever it said so.
func (s *story) pass(d time.Duration) {
	end := s.now.Add(d)
	for {
		s.look()
		next := s.d.Pass(s.now).Next
		if next.IsZero() || next.After(end) {
			s.now = end
			s.look()
			return
		}
		if next.After(s.now) {
			s.now = next
		}
	}
}

func (s *story) look() {
	for range 10 {
		r := s.d.Pass(s.now)
		var lines []string
		for _, t := range r.Threads {
			old := s.store[place{t.Lane, t.ID}]
			s.store[place{t.Lane, t.ID}] = t
			if t.Seq > old.Seq {
				lines = append(lines, s.line(t))
			}
		}
		slices.Sort(lines)
		s.lines = append(s.lines, lines...)
		if r.Next.IsZero() || r.Next.After(s.now) {
			return
		}
	}
	s.t.Fatal("it never comes to rest")
}

func (s *story) line(t alert.Thread) string {
	var members []string
	for _, m := range t.Members {
		if m.Since > 0 && m.Since <= t.Seq {
			name := m.Alert
			if m.Turn.State == kizashi.Resolved {
				name += "(over)"
			}
			members = append(members, name)
		}
	}
	line := fmt.Sprintf("%s %s %s [%s]", s.now.Format("15:04"), t.Lane, t.Reason, strings.Join(members, " "))
	if t.By != "" {
		line += " by " + t.By
	}
	if t.Behind > 0 {
		line += fmt.Sprintf(" and %d behind", t.Behind)
	}
	return line
}

func (s *story) want(what string, lines ...string) {
	s.t.Helper()
	s.look()
	if got, want := strings.Join(s.lines, "\n"), strings.Join(lines, "\n"); got != want {
		s.t.Errorf("%s:\n%s\nwant\n%s", what, got, want)
	}
	s.lines = nil
}

// fire begins an alert of tenant shop, service web; more are labels or class=.
func (s *story) fire(id string, more ...string) {
	a := s.known[id]
	if a.ID == "" {
		m := map[string]string{"service": "web", "host": id}
		a = kizashi.Alert{ID: id, Tenant: "shop", Group: "g", Class: "act", Side: kizashi.Up, Models: []string{"band"}}
		for _, kv := range more {
			k, v, _ := strings.Cut(kv, "=")
			switch k {
			case "class":
				a.Class = v
			case "tenant":
				a.Tenant = v
			case "model":
				a.Models = []string{v}
			default:
				m[k] = v
			}
		}
		if m["name"] == "" { // as a series of CloudWatch has them
			m["namespace"], m["metric"], m["stat"], m["name"] = "AWS/EC2", "CPUUtilization", "Average", "CPUUtilization Average "+id
		}
		a.Labels = kizashi.LabelsOf(m)
		a.Series = kizashi.IDOf(a.Tenant, a.Labels)
		a.Peak = kizashi.Moment{Value: 90, Verdict: kizashi.Verdict{Expected: 40, Upper: 80, Lower: kizashi.None()}}
	}
	a.State, a.Seq, a.From, a.To, a.Changed = kizashi.Firing, a.Seq+1, kizashi.TimeOf(s.now), kizashi.TimeOf(s.now), kizashi.TimeOf(s.now)
	s.note(a)
}

func (s *story) over(ids ...string) {
	for _, id := range ids {
		a := s.known[id]
		a.State, a.Seq, a.To, a.Changed = kizashi.Resolved, a.Seq+1, kizashi.TimeOf(s.now), kizashi.TimeOf(s.now)
		s.note(a)
	}
}

// peak lets the value of an alert that stands grow.
func (s *story) peak(id string, v kizashi.Num) {
	a := s.known[id]
	a.Peak.Value, a.To = v, kizashi.TimeOf(s.now)
	s.note(a)
}

func (s *story) note(a kizashi.Alert) {
	s.known[a.ID] = a
	s.d.Note(a)
}

func (s *story) say(a alert.Act) {
	a.At, a.Author, a.Reason = s.now, "sato", "so"
	if a.Tenant == "" {
		a.Tenant = "shop"
	}
	s.acts = append(s.acts, handling.Said{Act: a})
	s.d.Say(handling.Said{Act: a})
}

// restart begins anew from what is stored.
func (s *story) restart() {
	var ts []alert.Thread
	for _, t := range s.store {
		ts = append(ts, t)
	}
	var es []Episode
	for _, a := range s.known {
		fired := a.Seq
		if a.State == kizashi.Resolved {
			fired--
		}
		es = append(es, Episode{a, fired})
	}
	s.d = New(s.p, ts, es)
	s.d.Say(s.acts...)
}

func match(t testing.TB, texts ...string) (out kizashi.Matchers) {
	t.Helper()
	for _, s := range texts {
		m, err := kizashi.ParseMatcher(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func TestTheFirstAtOnceTheRestCollected(t *testing.T) {
	s := tell(t, Policy{Receivers: []Receiver{oncall()}})
	s.fire("a")
	s.want("the first", "12:00 mail opened [a]")
	for _, th := range s.store {
		if len(th.Terms) != 1 || th.Terms[0].Name != alert.TermClass || th.Terms[0].Text != "act" {
			t.Errorf("its grounds: %+v", th.Terms)
		}
	}
	s.pass(time.Minute)
	s.fire("b")
	s.fire("other", "service=db")
	s.want("another service is another thread", "12:01 mail opened [other]")
	s.pass(time.Minute)
	s.fire("c")
	s.pass(10 * time.Minute)
	s.want("the rest after the interval", "12:05 mail more [a b c]")
	s.over("a", "b")
	s.pass(10 * time.Minute)
	s.want("one stands")
	s.over("c", "other")
	s.want("all are over", "12:22 mail resolved [a(over) b(over) c(over)]", "12:22 mail resolved [other(over)]")
	s.pass(10 * time.Minute)
	s.fire("c")
	s.fire("d")
	s.want("it comes back, with another", "12:32 mail again [a(over) b(over) c d]")
	s.over("c", "d")
	s.pass(time.Hour)
	s.lines = nil
	s.fire("e")
	s.want("a new one", "13:32 mail opened [e]")
	s.fire("blink")
	s.over("blink")
	s.pass(5 * time.Minute)
	s.want("what came and went inside the interval is told", "13:37 mail more [blink(over) e]")
}

func TestWorseAtOnce(t *testing.T) {
	s := tell(t, Policy{Receivers: []Receiver{oncall()}})
	s.fire("a", "class=check")
	s.pass(time.Minute)
	s.fire("b", "class=act")
	s.want("one to act on joins", "12:00 mail opened [a]", "12:01 mail more [a b]")
	s.fire("c", "class=act")
	s.pass(4 * time.Minute)
	s.want("another of the same can wait")
}

func TestReminderUntilSomebodyIsAtIt(t *testing.T) {
	s := tell(t, Policy{Receivers: []Receiver{oncall()}})
	s.fire("a")
	s.fire("b")
	s.pass(9 * time.Hour)
	s.want("twice", "12:00 mail opened [a b]", "16:00 mail reminder [a b]", "20:00 mail reminder [a b]")
	s.say(alert.Act{ID: "1", Kind: alert.ActAck, Alert: "a"})
	s.pass(4 * time.Hour)
	s.want("one of them is acknowledged", "00:00 mail reminder [a b]")
	s.say(alert.Act{ID: "2", Kind: alert.ActAck, Alert: "b"})
	s.pass(24 * time.Hour)
	s.want("both are")
	s.over("a", "b")
	s.want("the end", "01:00 mail resolved [a(over) b(over)]")
}

func escalating() Policy {
	boss := oncall()
	boss.Name, boss.Lanes, boss.Repeat = "boss", []Lane{{Name: "phone"}}, 0
	first := oncall()
	first.Escalate = Escalation{After: 30 * time.Minute, To: "boss"}
	return Policy{Receivers: []Receiver{first, boss}}
}

func TestEscalation(t *testing.T) {
	s := tell(t, escalating())
	s.fire("a")
	s.fire("b")
	s.fire("look", "class=check")
	s.pass(10 * time.Minute)
	s.say(alert.Act{ID: "1", Kind: alert.ActAck, Alert: "b"})
	s.pass(time.Hour)
	s.want("what nobody acknowledged, if it is to be acted on", "12:00 mail opened [a b look]", "12:30 phone escalated [a] by default")
	s.say(alert.Act{ID: "2", Kind: alert.ActAck, Alert: "a"})
	s.over("a", "b", "look")
	s.want("both hear the end", "13:10 mail resolved [a(over) b(over) look(over)]", "13:10 phone resolved [a(over)]")
}

// A word on an alert that is over and forgotten, while its thread goes on with
// another, is no news: nobody is called for it.
func TestAWordOnWhatIsForgotten(t *testing.T) {
	s := tell(t, escalating())
	s.fire("a")
	s.fire("b")
	s.pass(10 * time.Minute)
	s.over("a", "b")
	s.pass(2 * time.Hour)
	s.fire("c", "service=db", "class=check")
	s.pass(time.Hour)
	s.fire("b")
	s.pass(time.Minute)
	s.over("a")
	s.pass(time.Hour)
	s.want("b alone comes back", "12:00 mail opened [a b]", "12:10 mail resolved [a(over) b(over)]", "14:10 mail opened [c]", "15:10 mail again [a(over) b]", "15:40 phone escalated [b] by default")
}

// 02:00 to 04:00: patches. What ends inside is not told, what was told before
// has its end afterwards, and what still stands fires.
func TestMuteHoldsAndReleases(t *testing.T) {
	s := tell(t, Policy{Receivers: []Receiver{oncall(), {Name: "default", Lanes: []Lane{{Name: "am", Each: true, Machine: true, Level: true}, {Name: "sns", Each: true, Machine: true}}}}})
	s.fire("before", "service=db")
	s.pass(time.Minute)
	s.lines = nil
	s.say(alert.Act{ID: "patch", Kind: alert.ActMute, Match: match(t, `service=~"web|db"`), Until: s.now.Add(2 * time.Hour)})
	s.fire("brief")
	s.fire("stays")
	s.fire("other tenant", "tenant=bank")
	s.pass(time.Minute)
	s.want("only the other tenant's", "12:01 am opened [other tenant]", "12:01 mail opened [other tenant]", "12:01 sns opened [other tenant]")
	s.pass(time.Hour)
	s.over("brief", "before")
	s.want("a sink that keeps state hears the end at once", "13:02 am resolved [before(over)]")
	s.restart()
	s.pass(30 * time.Minute)
	s.want("after a restart nothing is told")
	s.pass(time.Hour)
	s.want("what stands is told, and the end of what was told",
		"14:01 am unmuted [stays] by patch", "14:01 mail resolved [before(over)]", "14:01 mail unmuted [stays] by patch", "14:01 sns resolved [before(over)]", "14:01 sns unmuted [stays] by patch")
}

func TestWatchComesBack(t *testing.T) {
	s := tell(t, Policy{Receivers: []Receiver{oncall()}})
	watch := func(id, of string) {
		v := alert.MeasureOf(ptr(s.known[of]), alert.Critical).String()
		s.say(alert.Act{ID: id, Kind: alert.ActWatch, Alert: of, Until: s.now.Add(8 * time.Hour), Value: v})
	}
	s.fire("a")
	s.fire("b", "service=db")
	s.fire("c", "service=mq")
	s.look()
	s.lines = nil
	watch("wa", "a")
	watch("wb", "b")
	watch("wc", "c")
	s.pass(5 * time.Hour)
	s.want("no reminder")
	s.peak("b", 94)
	s.want("a little more")
	s.peak("b", 96)
	s.want("more than half of what it was beyond its limit", "17:00 mail grown [b] by wb")
	s.over("c")
	s.want("the end of what was told", "17:00 mail resolved [c(over)]")
	s.pass(3 * time.Hour)
	s.want("its time is over", "20:00 mail unwatched [a] by wa")
}

func ptr[T any](v T) *T { return &v }

func TestDutyHours(t *testing.T) {
	hours, err := calendar.ParseHours("UTC", []string{"Mon-Fri 09:00-18:00"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := oncall()
	r.Hours, r.HoursName = hours, "duty"
	s := tell(t, Policy{Receivers: []Receiver{r}}) // a Monday
	s.pass(8 * time.Hour)                          // 20:00
	s.fire("look", "class=check")
	s.fire("act")
	s.fire("brief", "class=check", "service=db")
	s.want("only what is to be acted on", "20:00 mail opened [act]")
	s.pass(time.Hour)
	s.over("brief")
	s.pass(12 * time.Hour)
	s.want("in the morning", "00:00 mail reminder [act]", "04:00 mail reminder [act]", "08:00 mail reminder [act]", "09:00 mail hours [act look] by duty")
	s.say(alert.Act{ID: "1", Kind: alert.ActAck, Alert: "act"})
	s.say(alert.Act{ID: "2", Kind: alert.ActAck, Alert: "look"})
	s.fire("db", "class=check", "service=db")
	s.pass(10 * time.Hour)
	s.lines = nil
	s.over("db")
	s.pass(15 * time.Hour)
	s.want("the end waits too", "09:00 mail resolved [db(over)]")
}

func TestInhibitionIsSaid(t *testing.T) {
	s := tell(t, Policy{Receivers: []Receiver{oncall()}, Inhibit: []Inhibition{{Source: match(t, `name="Dead"`), Target: match(t, `name!="Dead"`), Equal: []string{"box"}}}})
	s.fire("host", "name=Dead", "box=1", "service=hosts")
	s.fire("cpu", "box=1")
	s.fire("disk", "box=1", "service=db")
	s.fire("far", "box=2", "service=db")
	s.fire("stranger", "box=1", "service=db", "tenant=bank")
	s.want("two are behind one", "12:00 mail opened [far]", "12:00 mail opened [host] and 2 behind", "12:00 mail opened [stranger]")
	s.pass(time.Hour)
	s.over("host", "disk")
	s.want("what still stands is told for itself", "13:00 mail opened [cpu] by host", "13:00 mail resolved [host(over)]")
}

func TestCapsAndTheSummaryOfWhatTheyHold(t *testing.T) {
	r := oncall()
	r.Caps, r.Repeat = Caps{Service: 1, Day: 3}, 0
	s := tell(t, Policy{Receivers: []Receiver{r}})
	s.fire("a")
	s.over("a")
	s.look()
	s.lines = nil
	s.pass(2 * time.Hour)
	s.fire("b")
	s.want("the second message of its service", "14:00 mail held back [b] by 2026-11-30")
	s.fire("c", "service=c")
	s.fire("d", "service=d")
	s.fire("e", "service=e")
	s.fire("g", "service=e", "model=guard")
	s.want("the day's are used up, and a guard rail passes", "14:00 mail opened [c]", "14:00 mail opened [d]", "14:00 mail opened [e g]")
	s.restart()
	s.fire("f", "service=f")
	s.pass(time.Hour)
	s.want("also after a restart")
	s.over("f")
	s.pass(10 * time.Hour)
	s.want("the next day", "00:00 mail held back [b f] by 2026-11-30", "00:00 mail opened [b] by service cap of 2026-11-30")
}

func TestModesAndBorders(t *testing.T) {
	own := oncall()
	own.Name, own.Tenant, own.Lanes = "shop", "shop", []Lane{{Name: "customer"}}
	tree, err := route.New([]route.Receiver{{Name: "default"}, {Name: "shop", Tenant: "shop"}}, []route.Route{{Receivers: []string{"default", "shop"}}})
	if err != nil {
		t.Fatal(err)
	}
	s := tell(t, Policy{Receivers: []Receiver{oncall(), own}, Routes: tree, Handling: handling.Rules{Modes: map[string]alert.Mode{"shop": alert.Shadow}}})
	s.fire("a")
	s.fire("b", "tenant=bank")
	s.want("a shadow", "12:00 mail opened [b]")
	s.say(alert.Act{ID: "1", Kind: alert.ActMode, Value: "internal"})
	s.want("those who run Kizashi", "12:00 mail opened [a]")
	s.say(alert.Act{ID: "2", Kind: alert.ActMode, Value: "live"})
	s.want("the customer", "12:00 customer opened [a]")
	s.say(alert.Act{ID: "3", Kind: alert.ActMode, Value: "shadow"})
	s.over("a", "b")
	s.fire("c")
	s.want("who heard the beginning hears the end", "12:00 customer resolved [a(over)]", "12:00 mail resolved [a(over)]", "12:00 mail resolved [b(over)]")
}

func TestWhatNobodyTakesIsListed(t *testing.T) {
	tree, err := route.New([]route.Receiver{{Name: "default"}}, []route.Route{{Match: match(t, `service="web"`), Receivers: []string{"default"}}})
	if err != nil {
		t.Fatal(err)
	}
	s := tell(t, Policy{Receivers: []Receiver{oncall()}, Routes: tree})
	s.fire("taken")
	s.fire("lost", "service=db")
	s.fire("look", "service=db", "class=check")
	if r := s.d.Pass(s.now); !slices.Equal(r.Undeliverable, []string{"lost"}) {
		t.Errorf("undeliverable: %v", r.Undeliverable)
	}
	if r := s.d.Pass(s.now); !slices.Equal(r.Undeliverable, []string{"lost"}) {
		t.Errorf("when nothing has changed: %v", r.Undeliverable)
	}
	s.say(alert.Act{ID: "m", Kind: alert.ActMute, Alert: "lost", Until: s.now.Add(time.Hour)})
	if r := s.d.Pass(s.now); len(r.Undeliverable) > 0 {
		t.Errorf("muted, and still undeliverable: %v", r.Undeliverable)
	}
}

// owned are alerts of the application in a lane of their own, and the rest.
func owned(t *testing.T) Policy {
	t.Helper()
	app := oncall()
	app.Name, app.Lanes = "app", []Lane{{Name: "app"}}
	tree, err := route.New([]route.Receiver{{Name: "default"}, {Name: "app"}}, []route.Route{{Match: match(t, `owner="application"`), Receivers: []string{"app"}}, {Receivers: []string{"default"}}})
	if err != nil {
		t.Fatal(err)
	}
	return Policy{Receivers: []Receiver{oncall(), app}, Routes: tree}
}

func TestANewOwnerIsTold(t *testing.T) {
	s := tell(t, owned(t))
	s.fire("a")
	s.pass(time.Minute)
	s.say(alert.Act{ID: "7", Kind: alert.ActAssign, Alert: "a", Value: "application"})
	s.want("assigned", "12:00 mail opened [a]", "12:01 app assigned [a] by 7")
	s.over("a")
	s.want("both hear the end", "12:01 app resolved [a(over)]", "12:01 mail resolved [a(over)]")
}

func TestDigestOnceADay(t *testing.T) {
	p := Policy{Receivers: []Receiver{oncall()}, Digests: []Digest{{Tenant: "shop", At: 8*time.Hour + 30*time.Minute, Zone: time.UTC}}}
	s := tell(t, p)
	s.want("today's is told late", "12:00 mail digest [] by 2026-11-30")
	s.pass(36 * time.Hour)
	s.want("tomorrow", "08:30 mail digest [] by 2026-12-01")
	s.restart()
	s.pass(time.Minute)
	s.want("not again")
}

func TestWhatALaneMissedIsSummedUp(t *testing.T) {
	s := tell(t, Policy{Receivers: []Receiver{oncall()}})
	var ids []string
	for _, id := range []string{"a", "b", "c"} {
		s.fire(id, "service="+id)
	}
	s.over("a", "b", "c")
	s.look()
	for p := range s.store {
		ids = append(ids, p.thread)
	}
	slices.Sort(ids)
	s.lines = nil
	s.pass(2 * time.Hour)
	s.d.Missed("mail", ids[:2]...)
	s.look()
	s.d.Missed("mail", ids[:3]...)
	s.look()
	if len(s.lines) != 2 || strings.Count(s.lines[0], "(over)") != 2 || strings.Count(s.lines[1], "(over)") != 3 || !strings.Contains(s.lines[1], "caught up") {
		t.Errorf("%q", s.lines)
	}
	sums := 0
	for _, th := range s.store {
		if th.Sum != "" {
			sums++
		}
	}
	if sums != 3 {
		t.Errorf("%d threads say what sums them up", sums)
	}
}
