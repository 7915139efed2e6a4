package faults

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
)

// fault is one row of the matrix.
type fault struct {
	name   string
	faults []awsfake.Fault
	blind  []string // what Kizashi must have said it could not see: "tenant account region kind name", each once and over by the end
}

const (
	one   = "222222222222" // the account that most faults hit
	tokyo = "ap-northeast-1"
)

// during limits a fault to a stretch of the run.
func during(from, length time.Duration, f awsfake.Fault) awsfake.Fault {
	f.From, f.Until = begin.Add(from), begin.Add(from+length)
	return f
}

// there limits a fault to one account and region too.
func there(from, length time.Duration, f awsfake.Fault) awsfake.Fault {
	f.Account, f.Region = one, tokyo
	return during(from, length, f)
}

const (
	at    = 3 * time.Hour    // most faults begin
	short = 10 * time.Minute // shorter than what is told
	long  = 90 * time.Minute
)

func matrix() []fault {
	data := "GetMetricData"
	region := []string{"acme " + one + " " + tokyo + " region "}
	denied := []string{"acme " + one + "  permission cloudwatch:GetMetricData"}
	role := []string{"acme " + one + "  credentials arn:aws:iam::" + one + ":role/KizashiRead"}
	var everywhere []string
	for _, o := range owners {
		for _, r := range regions {
			everywhere = append(everywhere, o.tenant+" "+o.account+" "+r+" region ")
		}
	}
	return []fault{
		{"a burst of throttling", []awsfake.Fault{there(at, short, awsfake.Fault{Throttle: true})}, nil},
		{"now and then throttled", []awsfake.Fault{{Account: one, Op: data, Throttle: true, Times: 40, From: begin.Add(at)}}, nil},
		{"throttled for long", []awsfake.Fault{there(at, long, awsfake.Fault{Op: data, Throttle: true})}, region},
		{"503 for a short while", []awsfake.Fault{there(at, short, awsfake.Fault{Down: true})}, nil},
		{"503 for long", []awsfake.Fault{there(at, long, awsfake.Fault{Down: true})}, region},
		{"500, then 503, then cut", []awsfake.Fault{
			there(at, 30*time.Minute, awsfake.Fault{Error: "InternalFailure", Status: 500}),
			there(at+30*time.Minute, 30*time.Minute, awsfake.Fault{Down: true}),
			there(at+time.Hour, 30*time.Minute, awsfake.Fault{Cut: true})}, region},
		{"connections cut before the answer", []awsfake.Fault{there(at, short, awsfake.Fault{Cut: true})}, nil},
		{"connections cut in the answer", []awsfake.Fault{there(at, short, awsfake.Fault{CutIn: true})}, nil},
		{"a region that is gone", []awsfake.Fault{there(at, long, awsfake.Fault{Gone: true})}, region},
		{"access denied for a short while", []awsfake.Fault{there(at, short, awsfake.Fault{Op: data, Deny: true})}, nil},
		{"access denied for long, in both regions", []awsfake.Fault{during(at, long, awsfake.Fault{Account: one, Op: data, Deny: true})}, denied},
		{"the list of metrics denied", []awsfake.Fault{during(at, 5*time.Hour, awsfake.Fault{Account: one, Op: "ListMetrics", Deny: true})},
			[]string{"acme " + one + "  permission cloudwatch:ListMetrics"}},
		{"credentials lapse early", []awsfake.Fault{during(at, time.Minute, awsfake.Fault{Account: one, Lapse: true})}, nil},
		{"the role cannot be assumed for long", []awsfake.Fault{
			during(at, 3*time.Hour, awsfake.Fault{Account: one, Op: "AssumeRole", Deny: true}),
			during(at, 3*time.Hour, awsfake.Fault{Account: one, Lapse: true})}, role},
		{"pages cut short", []awsfake.Fault{there(at, long, awsfake.Fault{Op: data, Points: 3})}, nil},
		{"a metric split over pages", []awsfake.Fault{there(at, long, awsfake.Fault{Op: data, Split: 2})}, nil},
		{"empty pages", []awsfake.Fault{{Account: one, Empty: true, Times: 60, From: begin.Add(at)}}, nil},
		{"one result fails for a while", []awsfake.Fault{there(at, short, awsfake.Fault{Op: data, Result: "InternalError"})}, nil},
		{"results fail for long", []awsfake.Fault{there(at, long, awsfake.Fault{Op: data, Result: "InternalError"})}, region},
		{"one query fails for a while", []awsfake.Fault{there(at, 2*time.Minute, awsfake.Fault{Op: data, Result: "InternalError", About: "app/shop/1"})}, nil},
		{"one query fails for long", []awsfake.Fault{there(at, long, awsfake.Fault{Op: data, Result: "InternalError", About: "app/shop/1"})},
			[]string{"acme " + one + " " + tokyo + " query "}},
		{"one query is left out for long", []awsfake.Fault{there(at, long, awsfake.Fault{Op: data, Omit: true, About: "app/shop/1"})},
			[]string{"acme " + one + " " + tokyo + " query "}},
		{"results left out now and then", []awsfake.Fault{{Account: one, Op: data, Omit: true, Times: 30, From: begin.Add(at)}}, nil},
		{"messages about the call", []awsfake.Fault{there(at, short, awsfake.Fault{Op: data, Message: "MaxMetricsExceeded", Note: "too many"})}, nil},
		{"points come ten minutes late", []awsfake.Fault{there(at, long, awsfake.Fault{Late: 10 * time.Minute})}, nil},
		{"young points are revised", []awsfake.Fault{there(at, short, awsfake.Fault{Revised: .98, RevisedFor: 2 * time.Minute})}, nil},
		{"settled points are revised", []awsfake.Fault{there(at, short, awsfake.Fault{Revised: .99, RevisedFor: 9 * time.Minute})}, nil},
		{"a clock that is wrong", []awsfake.Fault{during(at, long, awsfake.Fault{Account: one, Skew: 40 * time.Minute})}, nil},
		{"slow answers", []awsfake.Fault{there(at, long, awsfake.Fault{Slow: 20 * time.Millisecond})}, nil},
		{"everything is out for 30 minutes", []awsfake.Fault{during(at, 30*time.Minute, awsfake.Fault{Down: true})}, everywhere},
		{"one account is out for 24 hours", []awsfake.Fault{during(at, 24*time.Hour, awsfake.Fault{Account: one, Down: true})},
			[]string{"acme " + one + " " + tokyo + " region ", "acme " + one + " us-east-1 region "}},
		{"much at once", []awsfake.Fault{
			there(at, long, awsfake.Fault{Op: data, Points: 3}),
			there(at, short, awsfake.Fault{Throttle: true}),
			{Account: "333333333333", Op: data, Omit: true, Times: 10, From: begin.Add(at)},
			{Account: "111111111111", CutIn: true, Times: 10, From: begin.Add(at)},
			during(at+time.Hour, short, awsfake.Fault{Account: "111111111111", Down: true})}, nil},
	}
}

// TestNothingIsLostWhateverGoesWrong is the matrix. What it prints is the
// record of it.
func TestNothingIsLostWhateverGoesWrong(t *testing.T) {
	st := prepare(t)
	without := map[time.Duration]*outcome{watched: live(t, st, watched), longer: live(t, st, longer)}
	want := without[watched]
	if n := len(want.episodes()); n < 2*len(owners)*len(regions)*perRegion {
		t.Fatalf("%d episodes without faults: the test would show little", n)
	}
	for d, o := range without {
		if b := o.blind(); len(b) > 0 {
			t.Fatalf("blind without faults: %+v", b)
		}
		t.Logf("%s without faults: %d samples, %d episodes", d, len(o.samples), len(o.episodes()))
	}
	if len(matrix()) < 20 {
		t.Fatalf("%d rows", len(matrix()))
	}
	for _, f := range matrix() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			length := watched
			for _, x := range f.faults {
				if x.Until.After(begin.Add(watched - time.Hour)) {
					length = longer
				}
			}
			want := without[length]
			got := live(t, st, length, f.faults...)
			if n := got.revised(); n > 0 {
				t.Logf("%d points were judged by another value than they have now", n)
				got.settle()
			}
			got.compare(t, want)
			got.saw(t, f.blind)
			replayed := again(t, st, got.journal, length)
			if a, b := fmt.Sprint(stored(got.changes)), fmt.Sprint(stored(replayed.changes)); a != b {
				t.Errorf("the journal replayed gives other alerts:\nlive   %.600s\nreplay %.600s", a, b)
			}
			t.Logf("%d statuses, %d blind, %d episodes told at another tick", got.statuses, len(got.blind()), got.shifted(want))
		})
	}
}

// saw checks what Kizashi said of itself.
func (o *outcome) saw(t *testing.T, want []string) {
	t.Helper()
	var got []string
	for _, a := range o.blind() {
		l := a.Labels
		kind, name := l.Get("cause"), l.Get("permission")+l.Get("role")
		got = append(got, strings.Join([]string{a.Tenant, l.Get("account"), l.Get("region"), kind, name}, " "))
		if a.State != kizashi.Resolved {
			t.Errorf("%s: %s at the end", got[len(got)-1], a.State)
		}
	}
	if !sameSet(got, want) {
		t.Errorf("blind: %q, want %q", got, want)
	}
}

func sameSet(a, b []string) bool {
	n := map[string]int{}
	for _, x := range a {
		n[x]++
	}
	for _, x := range b {
		n[x]--
	}
	for _, k := range n {
		if k != 0 {
			return false
		}
	}
	return true
}

// stored is what is left of changes in a store: where an alert was told again
// under the same Seq (its justification was owed, and is made when the machine
// has time for it), the last telling, in the place of the first.
func stored(changes []kizashi.Alert) (out []kizashi.Alert) {
	type turn struct {
		id  string
		seq int
	}
	place := map[turn]int{}
	for _, a := range changes {
		k := turn{a.ID, a.Seq}
		i, again := place[k]
		if !again {
			place[k], out = len(out), append(out, a)
			continue
		}
		out[i] = a
	}
	return out
}

// shifted counts the episodes whose changes were at another tick of the group
// loop than without faults: what a stall may do.
func (o *outcome) shifted(want *outcome) (n int) {
	for id, a := range o.alerts {
		if w, ok := want.alerts[id]; ok && !about(a) && a.Changed != w.Changed {
			n++
		}
	}
	return n
}

// Kizashi itself is stopped, and started again later: the gap is fetched and
// judged.
func TestStoppedAndStartedAgain(t *testing.T) {
	st := prepare(t)
	for _, gap := range []time.Duration{6 * time.Hour, 3 * 24 * time.Hour} {
		t.Run(gap.String(), func(t *testing.T) {
			t.Parallel()
			length := 2*time.Hour + gap + 12*time.Hour
			want := live(t, st, length)
			w := newWorld(t, begin)
			got := newOutcome(begin.Add(length))
			w.twice(st, begin.Add(2*time.Hour), gap, begin.Add(length), got)
			got.compare(t, want)
			got.saw(t, nil)
		})
	}
}
