package cloudwatch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
)

// A back-fill that is killed again and again, the page in flight lost each
// time, gives the same samples, and asks for no page twice but for that one.
func TestBackfillKilled(t *testing.T) {
	setup := func(n int, back time.Duration, coarse bool) *estate {
		e := newEstate(t, func(c *cloudwatch.Config) {
			c.Backfill, c.Coarse, c.Tags, c.Instances, c.Groups = back, coarse, false, false, false
		})
		for i := range n {
			e.minutely(metric("AWS/ApplicationELB", "RequestCount", "LoadBalancer", fmt.Sprintf("app/%03d", i)), noon.AddDate(-2, 0, 0), time.Time{})
		}
		return e
	}
	for _, c := range []struct {
		name   string
		series int
		back   time.Duration
		coarse bool
	}{{"two weeks and the year before", 20, 14 * 24 * time.Hour, true}, {"three buckets", 900, 4 * time.Hour, false}} {
		t.Run(c.name, func(t *testing.T) {
			e := setup(c.series, c.back, c.coarse)
			e.open()
			for len(e.all) < 3 || len(e.src.Progress()) > 0 {
				e.next()
			}
			pages := 0
			for _, b := range e.all {
				if b.Partition.Backfill != "" && len(b.Samples) > 0 {
					pages++
				}
			}
			want, calls := content(e.all), len(e.calls)
			k := setup(c.series, c.back, c.coarse)
			kills := 0
			k.open()
			for i := 0; len(k.all) < 3 || len(k.src.Progress()) > 0; i++ {
				if every := max(1, len(e.all)/11); kills < 10 && i%every == every-1 {
					k.take() // and lost
					k.open()
					kills++
				}
				k.next()
			}
			k.next() // a batch that was queued with the last page
			t.Logf("%d pages, %d calls; killed %d times: %d calls", pages, calls, kills, len(k.calls))
			if kills < 5 {
				t.Errorf("killed only %d times", kills)
			}
			got := content(k.all)
			for id, w := range want {
				if n := min(len(w), len(got[id])); !slices.Equal(w[:n], got[id][:n]) || n < len(w)-60 {
					t.Fatalf("%v: %d samples, want %d, or they differ", id, len(got[id]), len(w))
				}
			}
			if len(k.calls) > calls+2*kills {
				t.Errorf("%d calls after %d kills, without them %d", len(k.calls), kills, calls)
			}
		})
	}
}

// curve is a series at one period.
type curve struct {
	id     kizashi.SeriesID
	period time.Duration
}

// content is what was delivered, by period and series: back-fill and main
// together.
func content(bs []kizashi.Batch) map[curve][]kizashi.Sample {
	out := map[curve][]kizashi.Sample{}
	for _, b := range bs {
		for _, x := range b.Samples {
			k := curve{x.Series, x.Period}
			out[k] = append(out[k], x)
		}
	}
	return out
}

// The order of a back-fill: the two weeks first, all buckets to one instant,
// then the year by the hour, which informs from an hour on that main has not
// come to, and two months by five minutes, which are kept only.
func TestCoarseHistoryFollows(t *testing.T) {
	e := newEstate(t, func(c *cloudwatch.Config) { c.Backfill, c.Coarse = 14*24*time.Hour, true })
	e.minutely(metric("AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/a"), noon.AddDate(-2, 0, 0), time.Time{})
	e.open()
	for len(e.all) < 3 || len(e.src.Progress()) > 0 {
		e.next()
	}
	e.next() // the end of the last one
	var order, informs []string
	main := kizashi.Never
	spans := map[string][2]kizashi.Time{}
	for _, b := range e.all {
		if b.Partition.Backfill == "" {
			main = b.Until
			continue
		}
		if n := len(b.Samples); n > 0 {
			k := b.Partition.Backfill + " " + b.Samples[0].Period.String()
			if !slices.Contains(order, k) {
				order = append(order, k)
			}
			s, ok := spans[k]
			if !ok {
				s[0] = b.Samples[0].At
			}
			s[1] = b.Samples[n-1].End()
			spans[k] = s
		}
		if len(b.Roster) > 0 && b.Roster[0].Op == kizashi.Join && len(b.Declare) != 1 && b.Partition.Coarse() {
			t.Errorf("%s declares %d series: nobody knows whom it informs", b.Partition, len(b.Declare))
		}
		for _, r := range b.Roster {
			if r.Op == kizashi.Inform {
				informs = append(informs, r.Partition.Backfill)
			}
			if r.Op == kizashi.Inform && (r.At <= main || r.At.Floor(time.Hour) != r.At || r.To.Backfill != "" || r.To.Period != time.Minute) {
				t.Errorf("informs at %s to %s, while main is at %s", r.At, r.To, main)
			}
		}
	}
	if want := []string{"initial-1of1 1m0s", "coarse-1h-1of1 1h0m0s", "coarse-5m-1of1 5m0s"}; !slices.Equal(order, want) {
		t.Fatalf("order %v, want %v", order, want)
	}
	if want := []string{"coarse-1h-1of1"}; !slices.Equal(informs, want) {
		t.Errorf("%v inform, want %v", informs, want)
	}
	begin := spans[order[0]][0]
	for k, days := range map[string]int{order[1]: 424, order[2]: 58} {
		s := spans[k]
		if s[1] < begin || s[1] > begin.Add(time.Hour) || int(kizashi.TimeOf(noon).Sub(s[0])/(24*time.Hour)) != days {
			t.Errorf("%s covers [%s, %s), want up to %s and %d days back", k, s[0], s[1], begin, days)
		}
	}
}

// A series that is found later because its tag was set has its history read,
// and main's samples wait for that; a new one starts like its sibling.
func TestFoundLater(t *testing.T) {
	e := newEstate(t, func(c *cloudwatch.Config) {
		c.Backfill = 6 * time.Hour
		m, err := kizashi.ParseMatcher(`tag_watch="yes"`)
		if err != nil {
			t.Fatal(err)
		}
		c.Select = []kizashi.Matchers{{m}}
		c.GroupBy = "tag_system"
	})
	arn := "arn:aws:rds:ap-northeast-1:" + acme + ":db:"
	tag := func(db string, tags map[string]string) { e.region.Tag(arn+db, tags) }
	for _, db := range []string{"a", "b"} {
		e.minutely(metric("AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", db), noon.AddDate(0, -1, 0), time.Time{})
	}
	tag("a", map[string]string{"watch": "yes", "system": "shop"})
	tag("b", map[string]string{"watch": "no", "system": "shop"})
	e.open()
	e.run(noon.Add(30 * time.Minute))
	if n := len(declared(e.all, "RDS")) + len(declared(e.all, "CPUUtilization Average b")); n != 0 {
		t.Fatalf("b is declared: %d", n)
	}
	tag("b", map[string]string{"watch": "yes", "system": "shop"})
	e.minutely(metric("AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", "c"), noon.Add(40*time.Minute), time.Time{})
	tag("c", map[string]string{"watch": "yes", "system": "shop"})
	bs := e.run(noon.Add(90 * time.Minute))
	b, c := declared(bs, "CPUUtilization Average b"), declared(bs, "CPUUtilization Average c")
	if len(b) != 2 || b[0].Like != 0 || b[0].From >= b[1].From || b[0].Meta.Group != "shop" {
		t.Fatalf("b: %+v", b)
	}
	a := declared(e.all, "CPUUtilization Average a")[0].Meta.Series
	if len(c) != 1 || c[0].Like != a {
		t.Errorf("c: %+v, want like %s", c, a)
	}
	var story []string
	for _, x := range bs {
		for _, r := range x.Roster {
			kind, _, _ := strings.Cut(x.Partition.Backfill, "-")
			story = append(story, fmt.Sprintf("%s %s", kind, r.Op))
		}
	}
	if want := []string{"found join", "found handover", "found close"}; !slices.Equal(story, want) {
		t.Errorf("roster %v, want %v", story, want)
	}
	all := content(bs)[curve{b[0].Meta.Series, time.Minute}]
	slices.SortStableFunc(all, func(x, y kizashi.Sample) int { return int(x.At - y.At) })
	for i := 1; i < len(all); i++ {
		if all[i].At != all[i-1].End() {
			t.Fatalf("b: %s follows %s", all[i].At, all[i-1].At)
		}
	}
	if all[0].At > kizashi.TimeOf(noon.Add(-4*time.Hour)) {
		t.Errorf("b begins at %s", all[0].At)
	}
	if cs := content(bs)[curve{c[0].Meta.Series, time.Minute}]; len(cs) == 0 || cs[0].At != kizashi.TimeOf(noon.Add(40*time.Minute)) {
		t.Errorf("c: %d samples", len(cs))
	}
}
