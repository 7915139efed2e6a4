package cloudwatch_test

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
)

// live is a world with one series, whose source has come to main.
func live(t *testing.T) *world {
	w := newWorld(t, nil)
	w.fill(alb("app/a"), noon.Add(-2*time.Hour), noon.Add(2*time.Hour))
	w.open()
	w.until(noon.Add(-2 * time.Minute))
	return w
}

// What passes leaves no trace: no Status, no gap.
func TestFaultsThatPass(t *testing.T) {
	for name, faults := range map[string][]awsfake.Fault{
		"throttled four times":          {awsfake.Throttle(4)},
		"service error":                 {awsfake.Down(2)},
		"pages cut short":               {{Op: "GetMetricData", Times: -1, Points: 2}},
		"empty pages":                   {{Op: "GetMetricData", Times: 9, Empty: true}, {Op: "ListMetrics", Times: 1, Empty: true}},
		"one result fails and recovers": {{Op: "GetMetricData", Times: 2, Result: "InternalError"}},
		"results left out once":         {{Op: "GetMetricData", Times: 1, Omit: true}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.fill(alb("app/a"), noon.Add(-2*time.Hour), noon.Add(2*time.Hour))
			w.fill(alb("app/b"), noon.Add(-2*time.Hour), noon.Add(2*time.Hour))
			w.aws.Script(faults...)
			w.open()
			bs := w.until(noon.Add(5 * time.Minute))
			got := samples(t, bs)
			if len(got) != 2 {
				t.Fatalf("%d series, want 2", len(got))
			}
			for _, xs := range got {
				wantMinutes(t, xs, noon.Add(-63*time.Minute), noon.Add(5*time.Minute))
			}
			for _, b := range bs {
				if b.Status != nil {
					t.Errorf("status: %+v", b.Status)
				}
			}
		})
	}
}

// call begins every reason: whom it concerns, and what was asked.
const call = "tenant acme, account 111122223333, region ap-northeast-1, call cloudwatch:GetMetricData: "

// A failed read is a Status and advances nothing; when it works again, all is
// delivered.
func TestFaultsThatStayAreAStatus(t *testing.T) {
	region := kizashi.Cause{Kind: kizashi.NoRegion}
	permission := kizashi.Cause{Kind: kizashi.NoPermission, Name: "cloudwatch:GetMetricData"}
	for name, c := range map[string]struct {
		fault  awsfake.Fault
		reason string
		cause  kizashi.Cause
	}{
		"permission": {awsfake.Denied("GetMetricData"), call + "AccessDenied: User is not authorized to perform: cloudwatch:GetMetricData", permission},
		"throttled":  {awsfake.Throttle(-1), call + "Throttling: Rate exceeded", region},
		"forbidden":  {awsfake.Fault{Times: -1, Result: "Forbidden", Note: "no access"}, call + "RequestCount Sum app/a: Forbidden: no access", permission},
		"internal":   {awsfake.Fault{Times: -1, Result: "InternalError"}, call + "RequestCount Sum app/a: InternalError: ", region},
		"left out":   {awsfake.Fault{Times: -1, Omit: true}, call + "RequestCount Sum app/a: the answer leaves the query out", region},
		"message":    {awsfake.Fault{Times: -1, Message: "MaxMetricsExceeded", Note: "too many"}, call + "MaxMetricsExceeded: too many", region},
		"endless":    {awsfake.Fault{Times: -1, Empty: true}, call + "100 empty pages in a row", region},
	} {
		t.Run(name, func(t *testing.T) {
			w := live(t)
			w.aws.Script(c.fault)
			var last kizashi.Time
			for range 3 {
				b := w.next()
				s := b.Status
				if s == nil {
					t.Fatalf("no status: %+v", b)
				}
				if s.Reason != c.reason {
					t.Errorf("reason %q, want %q", s.Reason, c.reason)
				}
				if s.Cause != c.cause || s.Resources != "AWS/ApplicationELB (1 series)" {
					t.Errorf("cause %+v of %s, want %+v", s.Cause, s.Resources, c.cause)
				}
				if b.Until != kizashi.TimeOf(noon.Add(-2*time.Minute)) || s.From != b.Until || len(b.Samples) > 0 {
					t.Errorf("a failed read moved something: %+v, status %+v", b, s)
				}
				if now := kizashi.TimeOf(w.Now()).Floor(time.Minute); s.Through > now || s.Through < now.Add(-2*time.Minute) || s.Through <= last {
					t.Errorf("through %s at %s, after %s", s.Through, w.Now(), last)
				}
				last = s.Through
			}
			w.aws.Heal()
			back := w.Now().Add(-2 * time.Minute)
			for _, xs := range samples(t, w.until(back)) {
				wantMinutes(t, xs, noon.Add(-2*time.Minute), xs[len(xs)-1].At.UTC().Add(time.Minute))
			}
		})
	}
}

// Nobody knows what there is to be read: a partition that stands for all of it
// says so, and is over when the rest begins.
func TestDeniedFromTheStart(t *testing.T) {
	w := newWorld(t, nil)
	w.fill(alb("app/a"), noon.Add(-2*time.Hour), noon.Add(2*time.Hour))
	w.aws.Script(awsfake.Denied("ListMetrics"))
	w.open()
	b := w.next()
	if len(b.Roster) != 1 || b.Roster[0].Op != kizashi.Join || b.Partition.Source != "discovery" {
		t.Fatalf("first batch: %+v", b)
	}
	for i := range 3 {
		b := w.next()
		want := kizashi.Cause{Kind: kizashi.NoPermission, Name: "cloudwatch:ListMetrics"}
		if b.Status == nil || b.Status.Cause != want || b.Status.Through != kizashi.TimeOf(noon).Add(time.Duration(i)*time.Minute) {
			t.Fatalf("batch: %+v, status %+v", b, b.Status)
		}
	}
	w.aws.Heal()
	bs := w.until(noon.Add(2 * time.Minute))
	for _, xs := range samples(t, bs) {
		wantMinutes(t, xs, xs[0].At.UTC(), xs[len(xs)-1].At.UTC().Add(time.Minute))
		if len(xs) < 60 {
			t.Errorf("%d samples", len(xs))
		}
	}
	closed := false
	for _, b := range bs {
		closed = closed || b.Partition.Source == "discovery" && b.Roster[0].Op == kizashi.Close
	}
	if !closed {
		t.Error("the partition that spoke for all was not closed")
	}
}

// An account without metrics joins with nothing, so that others need not wait.
func TestNothingThere(t *testing.T) {
	w := newWorld(t, nil)
	w.open()
	a, b, c := w.next(), w.next(), w.next()
	if len(a.Roster) != 1 || a.Roster[0].Op != kizashi.Join || len(b.Roster) != 0 || len(c.Roster) != 1 || c.Roster[0].Op != kizashi.Close {
		t.Errorf("%+v, %+v, %+v: want join, nothing, close", a, b, c)
	}
	w.fill(alb("app/a"), noon.Add(30*time.Minute), noon.Add(3*time.Hour))
	for _, xs := range samples(t, w.until(noon.Add(90*time.Minute))) {
		wantLast(t, xs, noon.Add(30*time.Minute), 60)
	}
}

// wantLast checks that xs are n samples from a time on.
func wantLast(t *testing.T, xs []kizashi.Sample, from time.Time, n int) {
	t.Helper()
	if len(xs) != n || xs[0].At != kizashi.TimeOf(from) {
		t.Errorf("%d samples from %s on, want %d from %s on", len(xs), xs[0].At, n, from)
	}
}

// A back-fill that fails now and then says nothing: its ticks would run
// without it. One that keeps failing does.
func TestBackfillIsPatient(t *testing.T) {
	for _, c := range []struct{ denied, statuses int }{{2, 0}, {4, 2}} {
		w := newWorld(t, nil)
		w.fill(alb("app/a"), noon.Add(-2*time.Hour), noon.Add(2*time.Hour))
		fault := awsfake.Denied("GetMetricData")
		fault.Times = c.denied
		w.aws.Script(fault)
		w.open()
		bs := w.until(noon.Add(5 * time.Minute))
		n := 0
		for _, b := range bs {
			if b.Status != nil {
				n++
			}
		}
		if n != c.statuses {
			t.Errorf("denied %d times: %d statuses, want %d", c.denied, n, c.statuses)
		}
		for _, xs := range samples(t, bs) {
			wantMinutes(t, xs, noon.Add(-63*time.Minute), noon.Add(5*time.Minute))
		}
	}
}

// A new list that cannot be read leaves the known series as they are.
func TestListFailsLater(t *testing.T) {
	w := live(t)
	w.aws.Script(awsfake.Denied("ListMetrics"))
	same(t, asides(w.until(noon.Add(90*time.Minute))), "permission/cloudwatch:ListMetrics out since 2026-11-20T13:00:00Z: new series")
}

// A service that cannot be reached is one cause, with one name.
func TestNobodyListens(t *testing.T) {
	w := live(t)
	w.http.Close()
	for range 3 {
		if s := w.next().Status; s == nil || s.Reason != call+"connection: connect: connection refused" {
			t.Fatalf("status %+v", s)
		}
	}
}

func TestThrottlingSlowsTheSourceDown(t *testing.T) {
	w := live(t)
	w.aws.Script(awsfake.Throttle(3))
	w.clock.slept = nil
	w.next()
	var longest time.Duration
	for _, d := range w.clock.slept[1:] {
		longest = max(longest, d)
	}
	if len(w.clock.slept) < 4 || longest < 2*time.Second || longest > 5*time.Second {
		t.Errorf("slept %v, want three growing pauses", w.clock.slept)
	}
}

func TestLateAndRevisedPoints(t *testing.T) {
	w := newWorld(t, nil)
	a, b := alb("app/a"), alb("app/b")
	w.fill(a, noon.Add(-2*time.Hour), noon.Add(time.Hour))
	w.fill(b, noon.Add(-2*time.Hour), noon.Add(time.Minute))
	// a's 12:02 is corrected at 12:08. b stops after 12:00; its 12:02 comes at
	// 12:09, late, and its 12:01 at 12:16, behind that.
	w.aws.PutSeen(a, noon.Add(2*time.Minute), 999, noon.Add(8*time.Minute))
	w.aws.PutSeen(b, noon.Add(2*time.Minute), 7, noon.Add(9*time.Minute))
	w.aws.PutSeen(b, noon.Add(time.Minute), 5, noon.Add(16*time.Minute))
	w.open()
	bs := w.until(noon.Add(20 * time.Minute))
	ids := map[string]kizashi.SeriesID{}
	for _, x := range bs[1].Declare {
		ids[x.Meta.Labels.Get("dim_LoadBalancer")] = x.Meta.Series
	}
	got := samples(t, bs)
	wantMinutes(t, got[ids["app/a"]], noon.Add(-63*time.Minute), noon.Add(20*time.Minute))
	xs := got[ids["app/b"]]
	if last := xs[len(xs)-1]; len(xs) != 65 || last.At != kizashi.TimeOf(noon.Add(2*time.Minute)) || !last.Late || last.Value != 7 {
		t.Errorf("b: %d samples, the last %+v", len(xs), last)
	}
	want := []kizashi.Revision{
		{Series: ids["app/a"], At: kizashi.TimeOf(noon.Add(2 * time.Minute)), Old: kizashi.Num(minute(noon.Add(2 * time.Minute))), New: 999},
		{Series: ids["app/b"], At: kizashi.TimeOf(noon.Add(time.Minute)), Old: kizashi.None(), New: 5},
	}
	if len(w.revs) != len(want) {
		t.Fatalf("revisions: %+v", w.revs)
	}
	for i, r := range w.revs {
		if r.Series != want[i].Series || r.At != want[i].At || r.New != want[i].New || r.Old.Ok() != want[i].Old.Ok() || r.Old.Ok() && r.Old != want[i].Old {
			t.Errorf("revision %d: %+v, want %+v", i, r, want[i])
		}
	}
}

// What CloudWatch has thrown away while the service was down is an outage,
// not silence.
func TestDownLongerThanPointsAreKept(t *testing.T) {
	w := live(t)
	w.clock.at = noon.Add(20 * 24 * time.Hour)
	w.fill(alb("app/a"), w.clock.at.Add(-16*24*time.Hour), w.clock.at.Add(time.Hour))
	w.open()
	b := w.next()
	oldest := w.clock.at.Add(-15 * 24 * time.Hour)
	if b.Status == nil || b.Status.From != kizashi.TimeOf(noon.Add(-2*time.Minute)) || b.Status.Through != kizashi.TimeOf(oldest) {
		t.Fatalf("first batch: %+v, status %+v", b, b.Status)
	}
	xs := samples(t, w.until(oldest.Add(48*time.Hour)))
	for _, xs := range xs {
		if first := xs[0].At; first > kizashi.TimeOf(oldest.Add(time.Hour)) {
			t.Errorf("first sample at %s, want soon after %s", first, oldest)
		}
	}
	if len(xs) != 1 {
		t.Errorf("%d series", len(xs))
	}
}
