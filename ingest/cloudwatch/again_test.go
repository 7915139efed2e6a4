package cloudwatch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

// remembering is an estate that keeps over a restart what a service keeps: the
// series that the journal knows, and what the last list knew of resources.
func remembering(t *testing.T, edit func(*cloudwatch.Config)) *estate {
	t.Helper()
	e := newEstate(t, edit)
	e.cfg.Earlier = func() map[kizashi.Partition][]kizashi.Standing { return standing(e.all) }
	e.cfg.Listed = func(s *inventory.Snapshot) { e.cfg.Last = s }
	return e
}

// standing is what a journal says of its series.
func standing(bs []kizashi.Batch) map[kizashi.Partition][]kizashi.Standing {
	at, home := map[kizashi.SeriesID]*kizashi.Standing{}, map[kizashi.SeriesID]kizashi.Partition{}
	for _, b := range bs {
		for _, d := range b.Declare {
			s := at[d.Meta.Series]
			if s == nil {
				s = &kizashi.Standing{Last: kizashi.Never}
				at[d.Meta.Series] = s
			}
			s.Declaration, home[d.Meta.Series] = d, b.Partition
		}
		for _, x := range b.Samples {
			s := at[x.Series]
			if s.Last = max(s.Last, x.At); s.Ended != "" && x.At >= s.From {
				s.Ended = ""
			}
		}
	}
	out := map[kizashi.Partition][]kizashi.Standing{}
	for id, s := range at {
		out[home[id]] = append(out[home[id]], *s)
	}
	return out
}

// ends is what was declared of series whose name has a part, after an instant
// of the clock: a line each.
func ends(bs []kizashi.Batch, part string) (out []string) {
	for _, d := range declared(bs, part) {
		line := "there from " + d.From.String()
		if d.Ended != "" {
			line = string(d.Ended) + " from " + d.From.String()
		}
		if n := len(out); n == 0 || out[n-1] != line {
			out = append(out, line)
		}
	}
	return out
}

// away stops Kizashi until an instant, starts it, and lets it run on: what it
// delivers since.
func (e *estate) away(until time.Time, on time.Duration) []kizashi.Batch {
	e.t.Helper()
	e.clock.at = until
	e.open()
	return e.run(until.Add(on))
}

const mail, news = "arn:aws:sqs:ap-northeast-1:" + acme + ":mail", "arn:aws:sqs:ap-northeast-1:" + acme + ":news"

func queues(e *estate) {
	for _, q := range []string{mail, news} {
		e.region.Tag(q, map[string]string{"system": "shop"})
		e.region.Generate(queue(q), time.Minute, noon.Add(-time.Hour), time.Time{}, func(at time.Time) (float64, bool) { return 7, true })
	}
}

func queue(arn string) awsfake.Metric {
	return metric("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", arn[strings.LastIndexByte(arn, ':')+1:])
}

// A queue is deleted; CloudWatch lists its metrics for two weeks more. The end
// is declared once, and a restart takes nothing back.
func TestAnEndingStandsOverARestart(t *testing.T) {
	e := remembering(t, none)
	queues(e)
	from, to := noon.Add(30*time.Minute), noon.Add(1000*time.Hour)
	e.region.Drop(queue(mail))
	e.region.Generate(queue(mail), time.Minute, noon.Add(-time.Hour), time.Time{}, func(at time.Time) (float64, bool) { return 7, at.Before(from) || at.After(to) })
	e.open()
	e.run(from)
	e.region.Untag(mail)
	before := e.run(noon.Add(90 * time.Minute))
	if got := ends(before, "mail"); len(got) != 1 || !strings.HasPrefix(got[0], "disappeared from ") {
		t.Fatalf("deleted: %v", got)
	}
	for _, gap := range []time.Duration{5 * time.Minute, 3 * time.Hour, 26 * time.Hour} {
		after := e.away(e.Now().Add(gap), 3*time.Hour)
		for _, line := range ends(after, "mail") {
			if !strings.HasPrefix(line, "disappeared ") {
				t.Errorf("after %s: %s", gap, line)
			}
		}
		if got := ends(after, "news"); len(got) != 1 || !strings.HasPrefix(got[0], "there ") {
			t.Errorf("after %s the other queue: %v", gap, got)
		}
	}
	// It is made anew under its name.
	to = e.Now()
	e.region.Tag(mail, map[string]string{"system": "shop"})
	if got := ends(e.away(e.Now().Add(time.Hour), time.Hour), "mail"); len(got) != 1 || !strings.HasPrefix(got[0], "there ") {
		t.Errorf("made anew: %v", got)
	}
}

// What happens to instances while Kizashi is stopped: one is terminated and
// forgotten by EC2 and CloudWatch both, one terminated just now, one stopped;
// one that was stopped runs again. Each ends, or comes back, when it did.
func TestWhatEndedWhileKizashiWasAway(t *testing.T) {
	for _, gap := range []time.Duration{6 * time.Hour, 16 * 24 * time.Hour} {
		t.Run(gap.String(), func(t *testing.T) {
			e := remembering(t, none)
			begin, at := noon.Add(90*time.Minute), noon.Add(90*time.Minute+gap/2)
			runs := map[string]func(time.Time) bool{
				"i-0aaaaaaaaaaaaaaa1": func(x time.Time) bool { return x.Before(at) },
				"i-0aaaaaaaaaaaaaaa2": func(x time.Time) bool { return x.Before(at) },
				"i-0aaaaaaaaaaaaaaa3": func(x time.Time) bool { return x.Before(noon.Add(20*time.Minute)) || !x.Before(at) },
				"i-0aaaaaaaaaaaaaaa4": func(time.Time) bool { return true },
			}
			m := func(id string) awsfake.Metric { return metric("AWS/EC2", "CPUUtilization", "InstanceId", id) }
			put := func(n int, state, reason string, launched time.Time) {
				e.region.Instance(awsfake.Instance{ID: fmt.Sprintf("i-0aaaaaaaaaaaaaaa%d", n), State: state, Launched: launched, Reason: reason})
			}
			for id, on := range runs {
				e.region.Generate(m(id), 5*time.Minute, noon.AddDate(0, -1, 0), time.Time{}, func(at time.Time) (float64, bool) { return 7, on(at) })
			}
			for n := 1; n <= 4; n++ {
				put(n, "running", "", noon.AddDate(0, -1, 0))
			}
			e.open()
			e.run(noon.Add(30 * time.Minute))
			put(3, "stopped", "User initiated (2026-11-20 12:20:00 GMT)", noon.AddDate(0, -1, 0))
			e.run(begin)
			if got := ends(e.all, "aaa3"); len(got) != 2 || !strings.HasPrefix(got[1], "stopped ") {
				t.Fatalf("stopped: %v", got)
			}

			said := "User initiated (" + at.UTC().Format(time.DateTime) + " GMT)"
			e.region.Forget("i-0aaaaaaaaaaaaaaa1")
			if gap > 14*24*time.Hour {
				e.region.Drop(m("i-0aaaaaaaaaaaaaaa1"))
			}
			put(2, "terminated", said, noon.AddDate(0, -1, 0))
			put(3, "running", "", at)
			after := e.away(begin.Add(gap), 3*time.Hour)
			when := kizashi.TimeOf(at)
			if got := ends(after, "aaa1"); len(got) == 0 || !strings.HasPrefix(got[len(got)-1], "terminated ") {
				t.Errorf("forgotten: %v", got)
			}
			same(t, ends(after, "aaa2"), "terminated from "+when.String())
			same(t, ends(after, "aaa3"), "there from "+when.String())
			if got := ends(after, "aaa4"); len(got) != 1 || !strings.HasPrefix(got[0], "there ") {
				t.Errorf("the one that runs: %v", got)
			}
			for _, s := range after {
				if s.Status != nil && s.Status.Cause.Kind != kizashi.Forgotten {
					t.Errorf("%s: %+v", s.Partition, s.Status)
				}
			}
			// What they did until then is read, and nothing of it is late.
			if gap > 14*24*time.Hour {
				delete(runs, "i-0aaaaaaaaaaaaaaa1")
			}
			all := content(e.all)
			for id, on := range runs {
				ds := declared(e.all, id)
				have := map[kizashi.Time]bool{}
				for _, x := range all[curve{ds[0].Meta.Series, 5 * time.Minute}] {
					have[x.At] = true
					if x.Late {
						t.Errorf("%s: %s is late", id, x.At)
					}
				}
				for x := begin; x.Before(begin.Add(gap)); x = x.Add(5 * time.Minute) {
					if on(x) != have[kizashi.TimeOf(x)] {
						t.Errorf("%s at %s: %t, read %t", id, x, on(x), have[kizashi.TimeOf(x)])
					}
				}
			}
		})
	}
}
