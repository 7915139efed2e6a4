package logs_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
)

// put is an event of the test.
type put struct {
	group, text string
	at, seen    time.Time
}

// pour writes two hours of events around noon, each with a random delay of up
// to ten minutes: single ones, bursts of one millisecond, and one minute with
// more of them than two pages take.
func (w *world) pour(seed uint64) (out []put) {
	r := rand.New(rand.NewPCG(seed, 7))
	add := func(group string, at time.Time) {
		delay := time.Duration(0)
		switch r.IntN(10) {
		case 0, 1, 2:
			delay = time.Duration(r.Int64N(int64(10 * time.Minute))).Truncate(time.Millisecond)
		case 3, 4, 5:
			delay = time.Duration(r.Int64N(int64(2 * time.Minute))).Truncate(time.Millisecond)
		}
		p := put{group, fmt.Sprintf("%s line %d", group, len(out)), at, at.Add(delay)}
		w.region.LogSeen(group, fmt.Sprint("s", r.IntN(3)), p.at, p.text, p.seen)
		out = append(out, p)
	}
	for m := range 120 {
		minute := noon.Add(time.Duration(m-60) * time.Minute)
		for g := range 3 {
			for range 1 + r.IntN(5) {
				at := minute.Add(time.Duration(r.IntN(60_000)) * time.Millisecond)
				add(fmt.Sprint("/app/", g), at)
				for r.IntN(4) == 0 {
					add(fmt.Sprint("/app/", g), at)
				}
			}
		}
		if m == 75 {
			for range 22_000 {
				add("/app/1", minute.Add(time.Duration(r.IntN(60_000))*time.Millisecond))
			}
		}
	}
	return out
}

// wantOnce checks that each event that had its time came once, and that those
// that were ingested within the hold-back count in their own minute.
func wantOnce(t *testing.T, puts []put, bs []kizashi.Batch, from, to time.Time, hold time.Duration, kills bool) (late int) {
	t.Helper()
	got := lines(t, bs)
	missing, moved := 0, 0
	for _, p := range puts {
		l, ok := got[p.text]
		if p.at.Before(from) || !p.at.Before(to) {
			continue
		}
		switch {
		case !ok:
			if missing++; missing < 5 {
				t.Errorf("%q of %s, ingested %s, did not come", p.text, p.at, p.seen)
			}
		case l.At != kizashi.TimeOf(p.at) || l.Ingested != kizashi.TimeOf(p.seen):
			t.Errorf("%q: %+v, want %s, ingested %s", p.text, l, p.at, p.seen)
		case l.Late:
			late++
			if !p.seen.After(p.at.Truncate(time.Minute).Add(time.Minute + hold)) {
				moved++
			}
		}
	}
	if moved > 0 && !kills {
		t.Errorf("%d events that came within the hold-back are late", moved)
	}
	if missing > 0 {
		t.Errorf("%d of %d events did not come", missing, len(puts))
	}
	return late
}

// Whatever delays, repeats, bursts, empty pages and throttling do, and however
// often the source is killed and taken up from the journal: every event comes
// once, in its own minute or marked as late.
func TestEveryEventOnce(t *testing.T) {
	for _, kills := range []int{0, 20} {
		for seed := range uint64(3) {
			t.Run(fmt.Sprintf("%d kills, seed %d", kills, seed), func(t *testing.T) {
				w := newWorld(t, nil)
				puts := w.pour(seed)
				w.cloud.Limit("logs:FilterLogEvents", 5, 5)
				w.cloud.Script(awsfake.Fault{Service: "logs", Op: "FilterLogEvents", Again: 3})
				r := rand.New(rand.NewPCG(seed, uint64(kills)))
				for at := noon; at.Before(noon.Add(90 * time.Minute)); at = at.Add(time.Duration(1+r.IntN(9)) * time.Minute) {
					switch r.IntN(3) {
					case 0:
						w.cloud.Script(awsfake.Fault{Service: "logs", Op: "FilterLogEvents", From: at, Empty: true, Times: 1 + r.IntN(4)})
					case 1:
						w.cloud.Script(awsfake.Fault{Service: "logs", Op: "FilterLogEvents", From: at, Throttle: true, Times: 1 + r.IntN(12)})
					case 2:
						w.cloud.Script(awsfake.Fault{Service: "logs", Op: "FilterLogEvents", From: at, Down: true, Times: 1 + r.IntN(12)})
					}
				}
				w.open()
				for n := 0; n < kills; {
					// A batch that was delivered and not journalled is lost in a kill.
					for range r.IntN(12) {
						w.next()
					}
					if _, err := w.src.Next(t.Context()); err != nil {
						t.Fatal(err)
					}
					n++
					w.open()
				}
				w.run(noon.Add(85 * time.Minute))
				w.check()
				late := wantOnce(t, puts, w.journal, noon.Add(-time.Hour), noon.Add(65*time.Minute), logs.DefaultHoldBack, true)
				if late < 50 {
					t.Errorf("%d events were late: the test shows little", late)
				}
				t.Logf("%d events, %d late, %d calls", len(puts), late, w.calls[logs.FilterLogEvents])
			})
		}
	}
}

// Without faults nothing that came within the hold-back is late.
func TestHoldBack(t *testing.T) {
	for _, hold := range []int{0, 2, 10} {
		w := newWorld(t, func(w *world) { w.cfg.Rules = []logs.Rule{{HoldBack: minutes(hold)}} })
		puts := w.pour(1)
		w.open()
		w.run(noon.Add(80 * time.Minute))
		late := wantOnce(t, puts, w.journal, noon.Add(-time.Hour), noon.Add(60*time.Minute), time.Duration(hold)*time.Minute, false)
		if (late == 0) != (hold == 10) {
			t.Errorf("hold-back %d: %d late", hold, late)
		}
		w.check()
	}
}

// What one series has that is not late comes in the order of its times, from
// however many batches.
func TestOrder(t *testing.T) {
	w := newWorld(t, nil)
	w.pour(2)
	w.open()
	w.run(noon.Add(70 * time.Minute))
	last := map[kizashi.SeriesID]kizashi.Line{}
	n := 0
	for _, b := range w.journal {
		for _, l := range b.Lines {
			if l.Late {
				continue
			}
			if old := last[l.Series]; old.At > l.At {
				t.Fatalf("%+v after %+v", l, old)
			}
			last[l.Series] = l
			n++
		}
	}
	if n < 15_000 {
		t.Errorf("%d lines", n)
	}
}

// A journal that was truncated: what it has no more is not read again, so that
// nothing is counted twice; what is later than that is.
func TestTruncatedJournal(t *testing.T) {
	w := newWorld(t, nil)
	puts := w.pour(3)
	w.open()
	w.run(noon.Add(30 * time.Minute))
	whole := w.journal
	for cut := len(whole) - 12; cut <= len(whole); cut += 3 {
		w.journal = whole
		from := whole[cut:]
		w.cfg.Journal = func(fn func(kizashi.Batch) error) error {
			for _, b := range from {
				if err := fn(b); err != nil {
					return err
				}
			}
			return nil
		}
		w.at = noon.Add(33 * time.Minute)
		w.open()
		w.run(noon.Add(80 * time.Minute))
		got := lines(t, w.journal) // which fails on what comes twice
		missing := 0
		for _, p := range puts {
			if _, ok := got[p.text]; !ok && !p.at.Before(noon.Add(31*time.Minute)) && p.at.Before(noon.Add(60*time.Minute)) {
				missing++
			}
		}
		if missing > 0 {
			t.Errorf("cut at %d of %d: %d events are missing", cut, len(whole), missing)
		}
		w.check()
	}
}

// The context's end is the end of Next, wherever it is.
func TestEndOfContext(t *testing.T) {
	w := newWorld(t, nil)
	w.pour(4)
	w.open()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := w.src.Next(ctx); err == nil {
		t.Error("no error")
	}
}
