package cloudwatch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
)

// asides are the batches of what is set aside, a line each.
func asides(bs []kizashi.Batch) (out []string) {
	for _, b := range bs {
		if !strings.HasPrefix(b.Partition.Source, "aside/") {
			if b.Status != nil {
				out = append(out, fmt.Sprintf("%s: %+v", b.Partition, b.Status))
			}
			continue
		}
		line := strings.TrimPrefix(b.Partition.Source, "aside/")
		switch {
		case b.Status != nil:
			line += fmt.Sprintf(" out since %s: %s", b.Status.From, b.Status.Resources)
		case len(b.Roster) > 0:
			line += " " + string(b.Roster[0].Op)
		default:
			line += " back"
		}
		if n := len(out); n == 0 || out[n-1] != line {
			out = append(out, line)
		}
	}
	return out
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("told:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A linked account takes its link back: its series are set aside and told, those
// of the others are read on; when it is back, what was missed is read.
func TestALinkedAccountThatIsTakenBack(t *testing.T) {
	e := newEstate(t, func(c *cloudwatch.Config) {
		c.Linked, c.Poll = true, map[string]time.Duration{"act": time.Minute, "check": time.Minute}
	})
	var linked []*awsfake.Account
	for _, id := range []string{"444455556666", "777788889999"} {
		a := e.cloud.Account(id)
		a.Region("ap-northeast-1").Generate(metric("AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", "db"), time.Minute, noon.Add(-time.Hour), time.Time{},
			func(time.Time) (float64, bool) { return 12, true })
		e.account.Link(a)
		linked = append(linked, a)
	}
	e.open()
	e.run(noon.Add(20 * time.Minute))
	e.account.Unlink(linked[0])
	e.run(noon.Add(3 * time.Hour))
	e.account.Link(linked[0])
	e.run(noon.Add(5 * time.Hour))
	for _, d := range declared(e.all, "CPUUtilization") {
		xs := content(e.all)[curve{d.Meta.Series, time.Minute}]
		if n := int(xs[len(xs)-1].At.Sub(xs[0].At)/time.Minute) + 1; n != len(xs) || n < 280 {
			t.Errorf("account %s: %d samples over %d minutes", d.Meta.Labels.Get("account"), len(xs), n)
		}
	}
	same(t, asides(e.all),
		"permission/cloudwatch:GetMetricData out since 2026-11-20T12:21:00Z: AWS/RDS (1 series)",
		"permission/cloudwatch:GetMetricData back",
		"permission/cloudwatch:GetMetricData close")
}

// Of what is refused by itself the others are told nothing: it is told in a
// partition of its own, and again after a start only if it goes on.
func TestASeriesThatIsRefusedIsTold(t *testing.T) {
	e := newEstate(t, func(c *cloudwatch.Config) {
		lb := cloudwatch.Declared{Namespace: "AWS/ApplicationELB", Metric: "RequestCount", Statistic: "Sum", Dimensions: map[string]string{"LoadBalancer": "app/a"}}
		c.Expressions = []cloudwatch.Expression{{Name: "two", Expression: "[a, a]", Metrics: map[string]cloudwatch.Declared{"a": lb}},
			{Name: "good", Expression: "a * 2", Metrics: map[string]cloudwatch.Declared{"a": lb}}}
	})
	e.minutely(metric("AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/a"), noon.Add(-time.Hour), time.Time{})
	e.open()
	e.run(noon.Add(3 * time.Hour))
	told := asides(e.all)
	same(t, told, told[0])
	for _, b := range e.all {
		if s := b.Status; s != nil && (!strings.Contains(s.Reason, "two = [") || !strings.Contains(s.Reason, "is not supported") || s.Cause.Kind != kizashi.Refused) {
			t.Errorf("%+v", s)
		}
	}
	e.all = nil
	e.open()
	e.run(noon.Add(4 * time.Hour))
	same(t, asides(e.all), told[0])
	e.cfg.Expressions = e.cfg.Expressions[1:]
	e.all = nil
	e.open()
	e.run(noon.Add(5 * time.Hour))
	same(t, asides(e.all), "query/ back", "query/ close")
}

// Lists that are denied later: series that are known are read on, and what
// cannot be seen is told by name.
func TestListsThatAreDeniedLater(t *testing.T) {
	e := newEstate(t, nil)
	e.minutely(metric("AWS/ApplicationELB", "RequestCount", "LoadBalancer", "app/a"), noon.Add(-time.Hour), time.Time{})
	e.open()
	e.run(noon.Add(30 * time.Minute))
	e.account.Deny("cloudwatch:ListMetrics")
	e.run(noon.Add(90 * time.Minute))
	e.account.Allow("cloudwatch:ListMetrics")
	e.account.Deny("tag:GetResources")
	e.run(noon.Add(150 * time.Minute))
	e.account.Allow("tag:GetResources")
	e.run(noon.Add(4 * time.Hour))
	same(t, asides(e.all),
		"permission/cloudwatch:ListMetrics out since 2026-11-20T13:00:00Z: new series",
		"permission/cloudwatch:ListMetrics back",
		"permission/cloudwatch:ListMetrics close",
		"permission/tag:GetResources out since 2026-11-20T13:30:00Z: tags",
		"permission/tag:GetResources back",
		"permission/tag:GetResources close")
	for _, d := range declared(e.all, "RequestCount") {
		if n := len(content(e.all)[curve{d.Meta.Series, time.Minute}]); n < 230 {
			t.Errorf("%d samples in four hours", n)
		}
	}
}

// One query fails for long while the others are answered: after three reads its
// partition waits for it no more, it is told as what it is, tried every five
// minutes, and what was missed is read when it can be. A restart in between
// loses nothing.
func TestOneQueryThatFails(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		e := remembering(t, func(c *cloudwatch.Config) { c.Poll = map[string]time.Duration{"check": time.Minute} })
		for _, lb := range []string{"app/a", "app/b", "app/c"} {
			e.minutely(metric("AWS/ApplicationELB", "RequestCount", "LoadBalancer", lb), noon.Add(-time.Hour), time.Time{})
		}
		e.open()
		e.run(noon.Add(20 * time.Minute))
		e.cloud.Script(awsfake.Fault{Op: "GetMetricData", Result: "InternalError", About: "app/b", From: noon.Add(20 * time.Minute), Until: noon.Add(100 * time.Minute)})
		e.calls = nil
		e.run(noon.Add(50 * time.Minute))
		if n := len(e.calls); n > 30+3*2+2*30/5+6 {
			t.Errorf("%d calls in half an hour", n)
		}
		a := declared(e.all, "app/a")[0].Meta.Series
		if xs := content(e.all)[curve{a, time.Minute}]; xs[len(xs)-1].At < kizashi.TimeOf(noon.Add(40*time.Minute)) {
			t.Errorf("the others stand at %s", xs[len(xs)-1].At)
		}
		if restarts {
			e.away(noon.Add(80*time.Minute), 10*time.Minute)
		}
		e.run(noon.Add(4 * time.Hour))
		for _, d := range declared(e.all, "RequestCount") {
			seen := map[kizashi.Time]int{}
			for _, x := range content(e.all)[curve{d.Meta.Series, time.Minute}] {
				seen[x.At]++
			}
			for at := noon; at.Before(noon.Add(230 * time.Minute)); at = at.Add(time.Minute) {
				if n := seen[kizashi.TimeOf(at)]; n != 1 {
					t.Errorf("restart %t: %s has %d samples at %s", restarts, d.Meta.Name(), n, at)
				}
			}
		}
		var told []string
		for _, line := range asides(e.all) {
			if n := len(told); strings.HasPrefix(line, "query/") && (n == 0 || told[n-1] != line) {
				told = append(told, line)
			}
		}
		same(t, told, "query/ out since 2026-11-20T12:23:00Z: AWS/ApplicationELB (1 series)", "query/ back", "query/ close")
	}
}
