package logs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
)

// ticking has each group write a line a minute, over two hours.
func (w *world) ticking(groups ...string) {
	for i := range 180 {
		for _, g := range groups {
			w.region.Log(g, "one", noon.Add(time.Duration(i-60)*time.Minute+time.Second), fmt.Sprintf("%s %d", g, i))
		}
	}
}

// after is the part of a story that follows a line of it.
func after(t *testing.T, s []string, line string) []string {
	t.Helper()
	i := slices.Index(s, line)
	if i < 0 {
		t.Fatalf("%q is not in %q", line, s)
	}
	return s[i+1:]
}

// wantMinutes checks which of a group's lines came, late ones told apart.
func wantMinutes(t *testing.T, bs []kizashi.Batch, group string, from, to int, late ...int) {
	t.Helper()
	got := lines(t, bs)
	for i := from; i < to; i++ {
		l, ok := got[fmt.Sprint(group, " ", i)]
		if !ok {
			t.Errorf("%s %d did not come", group, i)
		} else if l.Late != slices.Contains(late, i) {
			t.Errorf("%s %d: late %v", group, i, l.Late)
		}
	}
}

// A group that is deleted between two pages of its read has ended, the others
// are read on; made again, it is read again from its beginning.
func TestGroupDeletedWhileRead(t *testing.T) {
	w := newWorld(t, nil)
	w.ticking("/a", "/b", "/c")
	for i := range 12_000 {
		w.region.Log("/b", "one", noon.Add(10*time.Minute+time.Duration(i)*time.Millisecond), fmt.Sprint("more ", i))
	}
	pages := 0
	w.cloud.OnCall(func(c awsfake.Call) {
		if c.Op == "FilterLogEvents" && !w.Now().Before(noon.Add(13*time.Minute)) {
			if pages++; pages == 3 { // /a, /b and /c had their first page
				w.region.DropLogGroup("/b")
			}
		}
	})
	w.open()
	w.run(noon.Add(11 * time.Minute))
	w.run(noon.Add(30 * time.Minute))
	wantStory(t, after(t, story(w.journal), "initial: join at 11:58"), "main 2m0s: /a from 11:58", "main 2m0s: /b from 11:58", "main 2m0s: /c from 11:58",
		"main 2m0s: /b from 12:10 ended: terminated")
	wantMinutes(t, w.journal, "/a", 0, 88)
	wantMinutes(t, w.journal, "/b", 0, 70)
	w.region.LogGroup(awsfake.LogGroup{Name: "/b", Created: noon.Add(31 * time.Minute)})
	w.region.Log("/b", "two", noon.Add(32*time.Minute), "again")
	n := len(w.journal)
	w.run(noon.Add(50 * time.Minute))
	s := story(w.journal[n:])
	if len(s) != 1 || !strings.HasPrefix(s[0], "main 2m0s: /b from 12:3") {
		t.Errorf("%q", s)
	}
	if _, ok := lines(t, w.journal)["again"]; !ok {
		t.Error("what it had when it was made again did not come")
	}
	w.check()
}

// A thousand groups of one stream each: a partition that is read as often as
// the calls allow, no more calls than that, every line once.
func TestThousandGroups(t *testing.T) {
	w := newWorld(t, func(w *world) { w.cfg.Backfill = -1; w.acc.Share = .3 })
	w.cloud.Limit("logs:FilterLogEvents", 5, 5)
	for g := range 1000 {
		for i := range 12 {
			w.region.Log(fmt.Sprintf("/g/%03d", g), "only", noon.Add(time.Duration(i*5)*time.Minute), fmt.Sprintf("%d of %03d", i, g))
		}
	}
	w.open()
	w.run(noon.Add(30 * time.Minute))
	if n := w.calls[logs.FilterLogEvents]; n > 4500 {
		t.Errorf("%d calls", n)
	}
	got := lines(t, w.journal)
	for g := range 1000 {
		for i := range 6 {
			if _, ok := got[fmt.Sprintf("%d of %03d", i, g)]; !ok {
				t.Fatalf("%d of %03d did not come", i, g)
			}
		}
	}
	for _, b := range w.journal {
		if b.Status != nil {
			t.Fatalf("%+v", b.Status)
		}
		if b.Partition.Poll != 15*time.Minute {
			t.Fatalf("%s", b.Partition)
		}
	}
	if n := len(names(w.journal)); n != 1000 {
		t.Errorf("%d groups", n)
	}
	w.check()
}

// The region throttles or fails for ten minutes: one Status a failed read,
// nothing advances, and afterwards every line is there, in its own minute.
func TestRegionFails(t *testing.T) {
	for name, fault := range map[string]awsfake.Fault{"throttled": {Throttle: true}, "down": {Down: true}, "denied": {Deny: true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.ticking("/a", "/b")
			fault.Op, fault.From, fault.Until = "FilterLogEvents", noon.Add(10*time.Minute), noon.Add(20*time.Minute)
			w.cloud.Script(fault)
			w.open()
			w.run(noon.Add(30 * time.Minute))
			cause := "region "
			if name == "denied" {
				cause = "permission logs:FilterLogEvents"
			}
			s := after(t, story(w.journal), "main 2m0s: /b from 11:58")
			wantStory(t, s, "main 2m0s: out, "+cause+": log groups (2)")
			for _, b := range w.journal {
				if x := b.Status; x != nil && (x.From > kizashi.TimeOf(noon.Add(10*time.Minute)) || x.Through <= x.From || !strings.Contains(x.Reason, "tenant acme, account "+acme+", region "+tokyo)) {
					t.Errorf("%+v", x)
				}
			}
			wantMinutes(t, w.journal, "/a", 0, 88)
			w.check()
		})
	}
}

// One group is refused: it is set aside and told by itself, the others go on;
// what it has meanwhile is late when it can be read again.
func TestGroupIsRefused(t *testing.T) {
	w := newWorld(t, nil)
	w.ticking("/a", "/b")
	w.cloud.Script(awsfake.Fault{Op: "FilterLogEvents", From: noon.Add(10 * time.Minute), Until: noon.Add(17 * time.Minute), About: "/b", Error: "AccessDeniedException", Note: "not /b"})
	w.open()
	w.run(noon.Add(40 * time.Minute))
	wantStory(t, after(t, story(w.journal), "main 2m0s: /b from 11:58"),
		"main 2m0s: /b from 12:07 ended: unread", "aside/permission/logs:FilterLogEvents: out, permission logs:FilterLogEvents: log groups (1)",
		"main 2m0s: /b from 12:17", "aside/permission/logs:FilterLogEvents: close at 12:20")
	var late []int
	for i := 67; i < 77; i++ {
		late = append(late, i)
	}
	wantMinutes(t, w.journal, "/b", 0, 98, late...)
	wantMinutes(t, w.journal, "/a", 0, 98)
	w.check()
}

// The groups cannot be listed at the start, then one list fails later.
func TestListIsDenied(t *testing.T) {
	w := newWorld(t, nil)
	w.ticking("/a")
	deny := awsfake.Fault{Op: "DescribeLogGroups", Deny: true}
	deny.Until = noon.Add(3 * time.Minute)
	again := deny
	again.From, again.Until = noon.Add(20*time.Minute), noon.Add(31*time.Minute)
	w.cloud.Script(deny, again)
	w.open()
	w.run(noon.Add(45 * time.Minute))
	wantStory(t, story(w.journal), "discovery: join at 12:00", "discovery: out, permission logs:DescribeLogGroups: ",
		"initial: join at 11:01", "initial: /a from 11:01", "discovery: close at 12:00",
		"initial: handover at 12:01", "initial: close at 12:01", "initial: join at 12:01", "main 2m0s: /a from 12:01",
		"aside/permission/logs:DescribeLogGroups: out, permission logs:DescribeLogGroups: log groups (1)", "aside/permission/logs:DescribeLogGroups: close at 12:31")
	w.check()
}

// A group keeps its events for a day, and the source was away for three: what
// is lost is told, what is left is read.
func TestRetentionBorder(t *testing.T) {
	w := newWorld(t, func(w *world) { w.cfg.Backfill = 14 * 24 * time.Hour })
	w.region.LogGroup(awsfake.LogGroup{Name: "/day", Created: noon.AddDate(0, -1, 0), Retention: 24 * time.Hour})
	for h := -72; h < 96; h++ {
		w.region.Log("/day", "one", noon.Add(time.Duration(h)*time.Hour+time.Minute), fmt.Sprint("hour ", h))
	}
	w.open()
	w.run(noon.Add(time.Minute))
	if got := lines(t, w.journal); len(got) != 24 {
		t.Errorf("%d lines of history", len(got))
	}
	w.at = noon.Add(72 * time.Hour)
	n := len(w.journal)
	w.open()
	w.run(noon.Add(73 * time.Hour))
	s := story(w.journal[n:])
	wantStory(t, s, "main 2m0s: /day from 12:01", "aside/forgotten/: out, forgotten : log groups (1)",
		"main 2m0s: /day from 12:01 ended: unread", "main 2m0s: /day from 12:00", "aside/forgotten/: close at 12:00")
	if got := lines(t, w.journal[n:]); len(got) != 24 && len(got) != 25 {
		t.Errorf("%d lines after it", len(got))
	}
	w.check()
}

// History is read within its budget: first it is made shorter by what the
// groups say that they store; what is more than they said ends it, and that is
// told.
func TestBudget(t *testing.T) {
	w := newWorld(t, func(w *world) { w.cfg.Backfill, w.cfg.Budget = 10*24*time.Hour, 60_000 })
	w.region.LogGroup(awsfake.LogGroup{Name: "/a", Created: noon.Add(-10 * 24 * time.Hour)})
	text := strings.Repeat("x", 74)
	for h := range 240 {
		for k := range 10 { // 1,000 bytes an hour
			w.region.Log("/a", "one", noon.Add(-time.Duration(h)*time.Hour-time.Duration(k+5)*time.Minute), fmt.Sprintf("%s %04d %d", text[:67], h, k))
		}
	}
	w.open()
	w.run(noon.Add(time.Minute))
	wantStory(t, story(w.journal)[:2], "initial: join at 23:58", "initial: /a from 23:58")
	if n := len(lines(t, w.journal)); n < 580 || n > 610 {
		t.Errorf("%d lines", n)
	}
	if !strings.Contains(w.logged.String(), "S3") {
		t.Errorf("the log does not name the cheap way: %s", w.logged.String())
	}
	w.check()

	t.Run("spent", func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.cfg.Backfill, w.cfg.Budget = 24*time.Hour, 20_000 })
		w.region.LogGroup(awsfake.LogGroup{Name: "/a", Created: noon.AddDate(-3, 0, 0)}) // so it says that it stores little an hour
		for m := range 24 * 60 {
			w.region.Log("/a", "one", noon.Add(-time.Duration(m)*time.Minute), fmt.Sprintf("%s %04d", text, m))
		}
		w.open()
		w.run(noon.Add(5 * time.Minute))
		s := story(w.journal)
		wantStory(t, s, "initial: join at 11:58", "initial: /a from 11:58", "initial: out, cap backfill: log groups (1)",
			"initial: handover at 11:58", "initial: close at 11:58", "initial: join at 11:58", "main 2m0s: /a from 11:58")
		w.check()
	})

	t.Run("nothing left", func(t *testing.T) {
		w := newWorld(t, func(w *world) { w.cfg.Backfill, w.cfg.Budget = 24*time.Hour, 1000 })
		w.region.LogGroup(awsfake.LogGroup{Name: "/a", Created: noon.AddDate(-3, 0, 0)})
		w.ticking("/a")
		w.open()
		w.run(noon.Add(5 * time.Minute))
		n, said := len(w.journal), w.logged.Len()
		for i := range 3 {
			at := noon.Add(time.Duration(6+10*i) * time.Minute)
			w.region.LogGroup(awsfake.LogGroup{Name: fmt.Sprint("/new", i), Created: at})
			w.ticking(fmt.Sprint("/new", i))
			w.run(at.Add(15 * time.Minute))
		}
		w.run(noon.Add(60 * time.Minute))
		s := story(w.journal[n:])
		if slices.ContainsFunc(s, func(l string) bool { return strings.Contains(l, "out, ") }) {
			t.Errorf("%q", s)
		}
		if got := names(w.journal[n:]); len(got) != 3 {
			t.Errorf("found: %q", got)
		}
		if n := strings.Count(w.logged.String()[said:], "begin without history"); n != 1 {
			t.Errorf("said %d times: %s", n, w.logged.String()[said:])
		}
		for i := range 3 {
			wantMinutes(t, w.journal, fmt.Sprint("/new", i), 110, 116)
		}
		w.check()
	})
}
