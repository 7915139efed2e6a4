package deliver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// bench is a world in a bubble: an outbox, one lane or several, a transcript.
type bench struct {
	t      *testing.T
	outbox *Memory
	fired  map[string]int
	start  time.Time
	mu     sync.Mutex // of lines
	lines  []string
	deps   Deps
	cancel context.CancelFunc
	cut    context.CancelFunc
	done   chan error
}

// play runs f inside a bubble whose clock stands at midnight.
func play(t *testing.T, f func(b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, outbox: NewMemory(), fired: map[string]int{}, start: time.Now()}
		b.deps = Deps{Outbox: b.outbox, Render: func(context.Context, alert.Thread) (alert.Notification, error) {
			return alert.Notification{Title: "t", Lang: "en"}, nil
		}}
		b.deps.Clock.Now = time.Now
		f(b)
		if b.done != nil {
			b.stop()
		}
	})
}

func (b *bench) note(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, time.Since(b.start).Round(time.Second).String()+" "+fmt.Sprintf(format, args...))
}

// run starts lanes and lets them settle.
func (b *bench) run(cfg Config, sinks ...*fake) []*Lane {
	b.t.Helper()
	var lanes []*Lane
	for _, s := range sinks {
		l, err := NewLane(s, cfg, b.deps)
		if err != nil {
			b.t.Fatal(err)
		}
		lanes = append(lanes, l)
	}
	return b.begin(lanes...)
}

// begin starts lanes that were made.
func (b *bench) begin(lanes ...*Lane) []*Lane {
	var ctx, drain context.Context
	ctx, b.cancel = context.WithCancel(context.Background())
	drain, b.cut = context.WithCancel(context.Background())
	b.done = make(chan error, 1)
	done := b.done
	go func() { done <- Run(ctx, drain, lanes...) }()
	synctest.Wait()
	return lanes
}

func (b *bench) stop() error {
	b.cancel()
	synctest.Wait()
	b.cut()
	err := <-b.done
	b.done = nil
	return err
}

// pass lets the clock run.
func (b *bench) pass(d time.Duration) { time.Sleep(d); synctest.Wait() }

// put stores an alert whose last vote stood at ago before now as the thread of
// every lane, as dispatch would, and wakes lanes.
func (b *bench) put(id string, seq int, state kizashi.AlertState, ago time.Duration, lanes ...*Lane) {
	if state == kizashi.Firing {
		b.fired[id] = seq
	}
	at := kizashi.TimeOf(time.Now().Add(-ago))
	if state != kizashi.Pending {
		b.outbox.Put(alert.Alone("", kizashi.Alert{ID: id, Seq: seq, State: state, From: at, To: at, Changed: at}, b.fired[id], b.deps.Clock.Now()))
	}
	for _, l := range lanes {
		l.Wake()
	}
	synctest.Wait()
}

func (b *bench) want(lines ...string) {
	b.t.Helper()
	got, want := strings.Join(b.read(), "\n"), strings.Join(lines, "\n")
	if got != want {
		b.t.Errorf("transcript\n%s\nwant\n%s", got, want)
	}
}

// read returns the transcript since it was last read.
func (b *bench) read() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines := b.lines
	b.lines = nil
	return lines
}

// fake is a sink that answers as told: answer may be nil (takes everything).
type fake struct {
	b      *bench
	name   string
	answer func(ctx context.Context, n alert.Notification) error
}

func (f *fake) Name() string { return f.name }

func (f *fake) Send(ctx context.Context, n alert.Notification) error {
	var err error
	if f.answer != nil {
		err = f.answer(ctx, n)
	}
	line := fmt.Sprintf("%s %s %s", f.name, n.Thread.State, n.DedupKey)
	if err != nil {
		line += ": " + err.Error()
	}
	f.b.note("%s", line)
	return err
}

func events() Config { return DefaultConfig() }

func levels() Config {
	c := DefaultConfig()
	c.Resend, c.Keep = time.Minute, 3*time.Minute
	return c
}

func TestEventsAreToldOnceInOrder(t *testing.T) {
	play(t, func(b *bench) {
		l := b.run(events(), &fake{b: b, name: "mail"})
		b.put("a", 1, kizashi.Pending, 0, l...)
		b.want()
		b.put("a", 2, kizashi.Firing, 0, l...)
		b.pass(5 * time.Minute)
		b.put("a", 3, kizashi.Resolved, 0, l...)
		b.pass(time.Hour)
		b.put("a", 4, kizashi.Firing, 0, l...)
		b.want("0s mail firing a-2", "5m0s mail resolved a-3", "1h5m0s mail firing a-4")
	})
}

// A stop cuts the writing of a message: it stays due, and is not told without
// its prose.
func TestAStopWhileItIsWritten(t *testing.T) {
	play(t, func(b *bench) {
		b.deps.Render = func(ctx context.Context, _ alert.Thread) (alert.Notification, error) {
			<-ctx.Done()
			return alert.Notification{}, ctx.Err()
		}
		l := b.run(events(), &fake{b: b, name: "file"})
		b.put("a", 1, kizashi.Firing, 0, l...)
		b.cut()
		if err := b.stop(); err != nil {
			t.Errorf("it ended with %v", err)
		}
		b.want()
		if row := b.outbox.Row("file", "a"); row.Due.Seq != 1 || !row.Done.None() {
			t.Errorf("the outbox holds %+v", row)
		}
		b.done = nil
	})
}

// A receiver was given to somebody else while a thread was under way: neither
// its end nor what a level lane repeats goes there.
func TestWhatIsNoLongerTheReceiversIsNotTold(t *testing.T) {
	play(t, func(b *bench) {
		mine := true
		b.deps.Mine = func(lane string, th alert.Thread) bool { return mine || th.ID != "a" }
		l := b.run(levels(), &fake{b: b, name: "am"})
		b.put("a", 1, kizashi.Firing, 0, l...)
		b.pass(30 * time.Second)
		mine = false
		b.put("a", 2, kizashi.Resolved, 0, l...)
		b.put("b", 1, kizashi.Firing, 0, l...)
		b.pass(30 * time.Second)
		b.want("0s am firing a-1", "30s am firing b-1")
	})
}

func TestTheEndNeverOvertakesTheBeginning(t *testing.T) {
	play(t, func(b *bench) {
		b.put("a", 1, kizashi.Firing, 0)
		b.put("a", 2, kizashi.Resolved, 0)
		b.run(events(), &fake{b: b, name: "mail"})
		b.want("0s mail firing a-1", "0s mail resolved a-2")
	})
}

func TestALostWakeUpCostsAMinute(t *testing.T) {
	play(t, func(b *bench) {
		b.run(events(), &fake{b: b, name: "mail"})
		b.pass(10 * time.Second)
		b.put("a", 1, kizashi.Firing, 0)
		b.pass(2 * time.Minute)
		b.want("1m0s mail firing a-1")
	})
}

func TestFailuresAreRetriedWithBackoff(t *testing.T) {
	play(t, func(b *bench) {
		cfg := events()
		cfg.Backoff, cfg.MaxBackoff = 4*time.Second, 16*time.Second
		var at []time.Duration
		f := &fake{b: b, name: "mail", answer: func(context.Context, alert.Notification) error {
			at = append(at, time.Since(b.start))
			if len(at) < 8 {
				return errors.New("busy")
			}
			return nil
		}}
		b.put("a", 1, kizashi.Firing, 0)
		b.run(cfg, f)
		if row := b.outbox.Row("mail", "a"); row.Attempts != 1 || row.Error != "busy" || row.Due.Seq != 1 || !row.Done.None() {
			t.Errorf("after one failure the outbox holds %+v", row)
		}
		b.pass(10 * time.Minute)
		if len(at) != 8 {
			t.Fatalf("sent %d times, want 8", len(at))
		}
		seen := map[time.Duration]bool{}
		for i, most := range []time.Duration{4, 8, 16, 16, 16, 16, 16} {
			most *= time.Second
			// Two waits apply from the third failure on, the alert's and the
			// lane's; neither is longer than most nor shorter than its half.
			wait := at[i+1] - at[i]
			seen[wait] = true
			if wait > most || wait < most/2 {
				t.Errorf("wait %d was %s, want %s to %s", i+1, wait, most/2, most)
			}
		}
		if len(seen) < 5 {
			t.Errorf("waits %v: no jitter", seen)
		}
		if row := b.outbox.Row("mail", "a"); row.Outcome != alert.OutcomeTold || row.Done.Seq != 1 || !row.Due.None() || row.Attempts != 0 || row.Error != "" {
			t.Errorf("at last the outbox holds %+v", row)
		}
	})
}

func TestPermanentIsRefusedOnceAndTriedAgainAfterARestart(t *testing.T) {
	for _, cfg := range []Config{events(), levels()} {
		play(t, func(b *bench) {
			var broken atomic.Bool
			broken.Store(true)
			f := &fake{b: b, name: "mail", answer: func(context.Context, alert.Notification) error {
				if broken.Load() {
					return fmt.Errorf("topic: %w", alert.Permanent{Err: errors.New("no such topic")})
				}
				return nil
			}}
			l := b.run(cfg, f)
			b.put("a", 1, kizashi.Firing, 0, l...)
			b.put("gone", 1, kizashi.Firing, 0, l...)
			b.pass(10 * time.Minute)
			b.want("0s mail firing a-1: topic: no such topic", "0s mail firing gone-1: topic: no such topic")
			if row := b.outbox.Row("mail", "a"); row.Outcome != alert.OutcomeRefused || row.Error != "topic: no such topic" {
				t.Errorf("the outbox holds %+v", row)
			}
			// Its beginning was refused: there is no end to tell.
			b.put("gone", 2, kizashi.Resolved, 0, l...)
			b.want()
			b.stop()
			broken.Store(false)
			b.pass(time.Minute)
			b.run(cfg, f)
			b.want("11m0s mail firing a-1")
		})
	}
}

func TestADeadSinkDelaysNoOther(t *testing.T) {
	play(t, func(b *bench) {
		dead := &fake{b: b, name: "dead", answer: func(ctx context.Context, n alert.Notification) error {
			<-ctx.Done() // accepts the connection, answers never
			return ctx.Err()
		}}
		l := b.run(events(), dead, &fake{b: b, name: "well"})
		b.put("a", 1, kizashi.Firing, 0, l...)
		b.put("b", 1, kizashi.Firing, 0, l...)
		b.want("0s well firing a-1", "0s well firing b-1")
		b.pass(time.Second)
		b.put("a", 2, kizashi.Resolved, 0, l...)
		b.want("1s well resolved a-2")
	})
}

func TestADeadSinkIsProbedByOneAlertAndThenCaughtUp(t *testing.T) {
	play(t, func(b *bench) {
		var sends atomic.Int64
		var dead atomic.Bool
		dead.Store(true)
		f := &fake{b: b, name: "mail", answer: func(ctx context.Context, n alert.Notification) error {
			sends.Add(1)
			if dead.Load() {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}}
		for i := range 50 {
			b.put(fmt.Sprintf("a%02d", i), 1, kizashi.Firing, 0)
		}
		l := b.run(events(), f)
		b.pass(30 * time.Minute)
		b.put("a00", 2, kizashi.Resolved, 0, l...)
		b.pass(30 * time.Minute)
		// At most one probe per send's timeout and shortest wait: 10 s + 30 s.
		if n := sends.Load(); n > 3600/40+10 {
			t.Errorf("a dead sink was tried %d times in an hour", n)
		}
		dead.Store(false)
		b.read()
		b.pass(2 * time.Minute)
		told := strings.Join(b.read(), "\n")
		for i := range 50 {
			if key := fmt.Sprintf("firing a%02d-1", i); strings.Count(told, key) != 1 {
				t.Errorf("%s told %d times after recovery, want once", key, strings.Count(told, key))
			}
		}
		if i, j := strings.Index(told, "firing a00-1"), strings.Index(told, "resolved a00-2"); j < i {
			t.Errorf("the end was told before the beginning, or never:\n%s", told)
		}
	})
}

func TestAnAlertTheSinkStumblesOverStopsNoOther(t *testing.T) {
	play(t, func(b *bench) {
		f := &fake{b: b, name: "mail", answer: func(_ context.Context, n alert.Notification) error {
			if strings.HasPrefix(n.Alert.ID, "bad") {
				return errors.New("500")
			}
			return nil
		}}
		for i := range 5 {
			b.put(fmt.Sprintf("bad%d", i), 1, kizashi.Firing, 0)
		}
		l := b.run(events(), f)
		b.pass(20 * time.Minute)
		b.read()
		b.put("good", 1, kizashi.Firing, 0, l...)
		b.pass(2 * time.Minute) // the gate may be shut for MaxBackoff
		if told := strings.Join(b.read(), "\n"); !strings.Contains(told, "firing good-1") {
			t.Errorf("a good alert waits behind bad ones:\n%s", told)
		}
	})
}

func TestASinkThatKeepsStateIsReminded(t *testing.T) {
	play(t, func(b *bench) {
		l := b.run(levels(), &fake{b: b, name: "am"})
		b.put("a", 1, kizashi.Firing, 0, l...)
		b.pass(2*time.Minute + 30*time.Second)
		b.put("a", 2, kizashi.Resolved, 0, l...)
		b.pass(10 * time.Minute)
		b.want("0s am firing a-1", "1m0s am firing a-1", "2m0s am firing a-1",
			"2m30s am resolved a-2", "3m30s am resolved a-2", "4m30s am resolved a-2")
	})
}

func TestASinkThatKeepsStateHearsOnlyThePresent(t *testing.T) {
	play(t, func(b *bench) {
		b.put("over", 1, kizashi.Firing, 0)
		b.put("over", 2, kizashi.Resolved, 0)
		b.put("on", 1, kizashi.Firing, 0)
		b.run(levels(), &fake{b: b, name: "am"})
		b.want("0s am firing on-1")
		if row := b.outbox.Row("am", "over"); row.Outcome != alert.OutcomeSkipped {
			t.Errorf("the outbox holds %+v, want it skipped", row)
		}
	})
}

func TestARestartTellsNothingTwiceButReminds(t *testing.T) {
	play(t, func(b *bench) {
		mail, am := &fake{b: b, name: "mail"}, &fake{b: b, name: "am"}
		b.put("a", 1, kizashi.Firing, 0)
		b.run(events(), mail)
		b.stop()
		b.run(levels(), am)
		b.stop()
		b.want("0s mail firing a-1", "0s am firing a-1")
		b.pass(10 * time.Second)
		b.run(events(), mail)
		b.pass(time.Hour)
		b.stop()
		b.want()
		b.run(levels(), am) // its state may be lost: reminded at once
		b.want("1h0m10s am firing a-1")
	})
}

func TestAFailedReminderIsRetriedAndTheOutboxNotTouched(t *testing.T) {
	play(t, func(b *bench) {
		var down atomic.Bool
		f := &fake{b: b, name: "am", answer: func(context.Context, alert.Notification) error {
			if down.Load() {
				return errors.New("connection refused")
			}
			return nil
		}}
		b.put("a", 1, kizashi.Firing, 0)
		b.run(levels(), f)
		before := b.outbox.Row("am", "a")
		down.Store(true)
		b.pass(61 * time.Second) // and the first retry waits for half a second at least
		down.Store(false)
		b.pass(2 * time.Second)
		if after := b.outbox.Row("am", "a"); after != before {
			t.Errorf("the row became %+v, was %+v", after, before)
		}
		lines := b.read()
		if last := lines[len(lines)-1]; !strings.HasSuffix(last, "s am firing a-1") || len(lines) < 3 {
			t.Errorf("not told again within the backoff: %q", lines)
		}
	})
}
