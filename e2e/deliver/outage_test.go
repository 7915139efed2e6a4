package deliver

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/alert/dispatch"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// The story: from noon on something begins every so often, and is over after
// 3, 8, 30 or 100 minutes. At five past, six of eight places go down for an
// hour, each in its own way.
var (
	noon  = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	downs = noon.Add(5 * time.Minute)
	ups   = downs.Add(time.Hour)
	end   = noon.Add(3 * time.Hour)
	lasts = []time.Duration{3 * time.Minute, 8 * time.Minute, 30 * time.Minute, 100 * time.Minute}
)

// maxAge of the lanes, so that the outage is longer than it.
const maxAge = 20 * time.Minute

// happening is a change of an alert.
type happening struct {
	at time.Time
	a  kizashi.Alert
}

// story are n episodes of the first hour and ten minutes, in the order of
// their changes.
func story(n int) (hs []happening) {
	for k := range n {
		from := noon.Add(70 * time.Minute * time.Duration(k) / time.Duration(n))
		to := from.Add(lasts[k%len(lasts)])
		a := kizashi.Alert{ID: fmt.Sprintf("%016x", k+1), Series: kizashi.SeriesID(k + 1), Tenant: "shop", Group: "web", Class: "act", Side: kizashi.Up,
			Labels: kizashi.LabelsOf(map[string]string{"service": fmt.Sprintf("svc-%d", k%3), "host": fmt.Sprintf("h%d", k)}), Seq: 1, State: kizashi.Firing,
			Opened: kizashi.TimeOf(from), From: kizashi.TimeOf(from), To: kizashi.TimeOf(from), Changed: kizashi.TimeOf(from)}
		hs = append(hs, happening{from, a})
		a.Seq, a.State, a.To, a.Changed = 2, kizashi.Resolved, kizashi.TimeOf(to), kizashi.TimeOf(to)
		hs = append(hs, happening{to, a})
	}
	slices.SortStableFunc(hs, func(x, y happening) int { return x.at.Compare(y.at) })
	return hs
}

// office is dispatch and the lanes over a ledger, all on the delivery clock.
type office struct {
	t      *testing.T
	clock  *clock
	ledger *ledger.Ledger
	d      *dispatch.Dispatcher
	lanes  map[string]*deliver.Lane
	places map[string]*place

	mu      sync.Mutex
	reports []deliver.Report
	stored  map[string]time.Time     // real time at which a turn was stored, by lane and key
	took    map[string]time.Duration // real time from there to its being told: the longest, by lane
	due     map[string]int           // rows that were due at once: the most, by lane
}

// fleet are the lanes: each failure once in a lane that takes every alert on
// its own, and one in which they are grouped; beside them two that are well.
var fleet = []struct {
	name  string
	fails failure
	each  bool
}{
	{"500", broken, true}, {"429", throttled, true}, {"time-out", timeout, true}, {"reset", reset, true}, {"half-open", halfOpen, true}, {"slow drip", slowDrip, true},
	{"grouped 500", broken, false}, {"well", "", true}, {"grouped well", "", false},
}

func newOffice(t *testing.T) *office {
	t.Helper()
	l, err := ledger.Open(filepath.Join(t.TempDir(), "ledger.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, clock: newClock(t, noon), ledger: l, lanes: map[string]*deliver.Lane{}, places: map[string]*place{},
		stored: map[string]time.Time{}, took: map[string]time.Duration{}, due: map[string]int{}}
	each := dispatch.Receiver{Name: "machines"}
	people := dispatch.Receiver{Name: "people", GroupBy: []string{"service"}, Interval: 5 * time.Minute, Repeat: 30 * time.Minute}
	var all []*deliver.Lane
	for _, f := range fleet {
		p := newPlace(t, f.name, f.fails, o.clock.Now)
		cfg := deliver.DefaultConfig()
		cfg.MaxAge = maxAge
		lane, err := deliver.NewLane(p, cfg, deliver.Deps{Outbox: l, Render: render, Report: o.report, Clock: o.clock.of(f.name)})
		if err != nil {
			t.Fatal(err)
		}
		o.lanes[f.name], o.places[f.name] = lane, p
		all = append(all, lane)
		if f.each {
			each.Lanes = append(each.Lanes, dispatch.Lane{Name: f.name, Each: true, Machine: true})
		} else {
			people.Lanes = append(people.Lanes, dispatch.Lane{Name: f.name})
		}
	}
	// Both receivers hear all: the tree of routes is not what is shown here.
	each.Name, people.Name = "default", "default"
	o.d = dispatch.New(dispatch.Policy{Receivers: []dispatch.Receiver{each, people}, MaxAge: maxAge, Patience: 5 * time.Minute}, nil, nil)
	ctx, stop := context.WithCancel(context.Background())
	drain, cut := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- deliver.Run(ctx, drain, all...) }()
	t.Cleanup(func() {
		stop()
		cut()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func render(_ context.Context, t alert.Thread) (alert.Notification, error) {
	m, _ := t.Lead()
	return alert.Notification{Alert: kizashi.Alert{ID: m.Alert, Tenant: t.Tenant, State: t.State}, Title: string(t.Reason), Lang: "en"}, nil
}

// report is called by the lanes.
func (o *office) report(r deliver.Report) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reports = append(o.reports, r)
	if at, ok := o.stored[key(r.Lane, r.Thread, r.Turn.Seq)]; ok && r.Outcome == alert.OutcomeTold {
		o.took[r.Lane] = max(o.took[r.Lane], time.Since(at))
	}
}

func key(lane, thread string, seq int) string { return fmt.Sprintf("%s %s-%d", lane, thread, seq) }

// play runs the story to its end.
func (o *office) play(hs []happening) {
	o.t.Helper()
	var next time.Time // when dispatch looks again
	for {
		o.clock.settle()
		now := o.clock.Now()
		if !now.Before(end) {
			return
		}
		for _, p := range o.places {
			p.set(!now.Before(downs) && now.Before(ups))
		}
		news := false
		for len(hs) > 0 && !hs[0].at.After(now) {
			o.d.Note(hs[0].a)
			hs, news = hs[1:], true
		}
		if missed := o.take(); missed || news || !next.IsZero() && !next.After(now) {
			if next = o.pass(now); true {
				continue
			}
		}
		most := end
		for _, at := range []time.Time{downs, ups, next} {
			if at.After(now) && at.Before(most) {
				most = at
			}
		}
		if len(hs) > 0 && hs[0].at.Before(most) {
			most = hs[0].at
		}
		o.clock.move(most)
	}
}

// take gives dispatch what the lanes have reported.
func (o *office) take() (missed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, r := range o.reports {
		switch r.Outcome {
		case alert.OutcomeMissed:
			o.d.Missed(r.Lane, r.Thread)
			missed = true
		case alert.OutcomeTold:
			o.d.Told(r.Lane, r.Thread)
		}
	}
	o.reports = nil
	return missed
}

// pass brings the threads up to date and wakes who has something to tell.
func (o *office) pass(now time.Time) time.Time {
	o.t.Helper()
	r := o.d.Pass(now)
	if err := o.ledger.Threads(r.Threads...); err != nil {
		o.t.Fatal(err)
	}
	o.mu.Lock()
	for _, th := range r.Threads {
		o.stored[key(th.Lane, th.ID, th.Seq)] = time.Now()
	}
	o.mu.Unlock()
	for _, name := range r.Wake {
		o.clock.woken(name)
		o.lanes[name].Wake()
	}
	for name := range o.lanes {
		es, err := o.ledger.Entries(context.Background(), name, now)
		if err != nil {
			o.t.Fatal(err)
		}
		n := 0
		for _, e := range es {
			if e.Told.Done != e.Thread.Turn() {
				n++
			}
		}
		o.due[name] = max(o.due[name], n)
	}
	return r.Next
}

// TestAPlaceIsDownForAnHour: of what a place could not be told for an hour it
// hears afterwards as it stands, each episode in order; what was over for
// longer than max_age is summed up in one message; the other places hear
// everything at once.
func TestAPlaceIsDownForAnHour(t *testing.T) {
	n := 72
	if os.Getenv("KIZASHI_SOAK") == "1" {
		n = 400
	}
	o := newOffice(t)
	hs := story(n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	o.play(slices.Clone(hs))
	runtime.GC()
	runtime.ReadMemStats(&after)
	episodes := map[string]kizashi.Alert{}
	for _, h := range hs {
		episodes[h.a.ID] = h.a // as it ends
	}
	for _, f := range fleet {
		p := o.places[f.name]
		if f.fails != "" && p.tries < 5 {
			t.Errorf("%s: it was tried %d times in its hour", f.name, p.tries)
		}
		if f.each {
			o.checkEach(f.name, p, episodes)
		} else {
			o.checkGrouped(f.name, p, episodes)
		}
		t.Logf("%-12s %4d messages, %3d tries while down, at most %d due at once, told %s after it was stored at the latest", f.name, len(p.heard), p.tries, o.due[f.name], o.took[f.name].Round(time.Millisecond))
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
		t.Errorf("%d MB more are in use than before", grown>>20)
	}
}

// checkEach is of a lane that takes every alert on its own.
func (o *office) checkEach(name string, p *place, episodes map[string]kizashi.Alert) {
	o.t.Helper()
	by, summed := map[string][]heard{}, map[string]int{}
	for _, h := range p.heard {
		if h.Reason == alert.ReasonCaughtUp {
			for _, m := range h.Members {
				summed[m]++
			}
			by["summaries"] = append(by["summaries"], h)
			continue
		}
		by[h.Thread] = append(by[h.Thread], h)
	}
	back := o.back(p)
	for id, a := range episodes {
		hs := by[id]
		switch {
		case len(hs) == 2 && hs[0].State == kizashi.Firing && hs[1].State == kizashi.Resolved && hs[0].Seq == 1 && hs[1].Seq == 2 && summed[id] == 0:
			o.inTime(name, p, a, hs, back)
		case len(hs) > 0 || summed[id] != 1:
			o.t.Errorf("%s: episode %s, %s to %s: heard %v, in %d summaries", name, id, a.From, a.To, hs, summed[id])
		case p.fails == "" || !a.To.UTC().Before(back.Add(-maxAge)):
			o.t.Errorf("%s: episode %s was over at %s, the place was back at %s, and it was only summed up", name, id, a.To, back)
		}
	}
	if n := len(by["summaries"]); p.fails != "" && n != 1 || p.fails == "" && n != 0 {
		o.t.Errorf("%s: %d messages sum up what was missed: %v", name, n, by["summaries"])
	}
	// The spool is a row a thread, and what is over for long leaves it.
	bound := 0
	for _, a := range episodes {
		if a.From.UTC().Before(ups) && a.To.UTC().After(ups.Add(-maxAge)) {
			bound++
		}
	}
	if o.due[name] > 2*bound+2 {
		o.t.Errorf("%s: %d turns were due at once; %d episodes were neither over nor too old", name, o.due[name], bound)
	}
}

// back is when a place heard its first message after the outage.
func (o *office) back(p *place) time.Time {
	for _, h := range p.heard {
		if !h.At.Before(ups) {
			return h.At
		}
	}
	return end
}

// inTime: outside the outage all is told at once, and what fell into it soon
// after.
func (o *office) inTime(name string, p *place, a kizashi.Alert, hs []heard, back time.Time) {
	o.t.Helper()
	for i, at := range []time.Time{a.From.UTC(), a.To.UTC()} {
		if p.fails != "" && !at.Before(downs) && at.Before(back) {
			at = back.Add(2 * time.Minute) // the catch-up, with what a busy machine makes it stumble over
		}
		if late := hs[i].At.Sub(at); late > 100*time.Millisecond {
			o.t.Errorf("%s: %s was told %s late", name, hs[i].Key, late)
		}
	}
	if most := ups.Add(2*time.Minute + retryAfter); p.fails != "" && back.After(most) {
		o.t.Errorf("%s: it was up at %s and first told at %s", name, ups, back)
	}
}

// checkGrouped is of a lane that tells alerts by service: in order, each
// episode named or summed up, and at the end nothing stands.
func (o *office) checkGrouped(name string, p *place, episodes map[string]kizashi.Alert) {
	o.t.Helper()
	last, named := map[string]heard{}, map[string]bool{}
	for _, h := range p.heard {
		if old, ok := last[h.Thread]; ok && h.Seq <= old.Seq {
			o.t.Errorf("%s heard %s after %s", name, h.Key, old.Key)
		}
		last[h.Thread] = h
		for _, m := range h.Members {
			named[m] = true
		}
	}
	var lost []string
	for id := range episodes {
		if !named[id] {
			lost = append(lost, id)
		}
	}
	if len(lost) > 0 {
		o.t.Errorf("%s heard nothing of %s", name, strings.Join(lost, " "))
	}
	for _, h := range last {
		if h.State != kizashi.Resolved {
			o.t.Errorf("%s believes that %s stands: %v", name, h.Thread, h)
		}
	}
}
