package deliver

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// diary wraps an outbox and notes what is written when.
type diary struct {
	Outbox
	b    *bench
	fail atomic.Pointer[error] // of every later Record
}

func (d *diary) Record(ctx context.Context, lane string, rows ...alert.Told) error {
	if err := d.fail.Load(); err != nil {
		return *err
	}
	for _, r := range rows {
		d.b.note("row due=%d done=%d %s", r.Due.Seq, r.Done.Seq, r.Outcome)
	}
	return d.Outbox.Record(ctx, lane, rows...)
}

func TestTheRowIsWrittenBeforeAndAfterTheSend(t *testing.T) {
	play(t, func(b *bench) {
		b.deps.Outbox = &diary{Outbox: b.outbox, b: b}
		b.deps.Hook = func(step string) error { b.note("%s", step); return nil }
		b.put("a", 1, kizashi.Firing, 0)
		b.run(events(), &fake{b: b, name: "mail"})
		b.want("0s row due=1 done=0 ", "0s send before", "0s mail firing a-1", "0s send after", "0s row due=0 done=1 told")
	})
}

// TestKilledAtEachStep ends the lane at every step in turn, as a kill would,
// and starts it again.
func TestKilledAtEachStep(t *testing.T) {
	for step, want := range map[string][]string{
		StepSendBefore: {"0s mail firing a-1", "0s mail resolved a-2"},
		StepSendAfter:  {"0s mail firing a-1", "0s mail firing a-1", "0s mail resolved a-2", "0s mail resolved a-2"},
	} {
		t.Run(step, func(t *testing.T) {
			play(t, func(b *bench) {
				killed, kills := errors.New("killed"), map[string]bool{}
				f := &fake{b: b, name: "mail"}
				b.deps.Hook = func(s string) error {
					if k := fmt.Sprint(b.outbox.Row("mail", "a").Due); s == step && !kills[k] {
						kills[k] = true // once a turn
						return killed
					}
					return nil
				}
				b.put("a", 1, kizashi.Firing, 0)
				b.put("a", 2, kizashi.Resolved, 0)
				for range 2 {
					b.run(events(), f)
					if err := b.stop(); !errors.Is(err, killed) || !strings.Contains(err.Error(), step) {
						t.Fatalf("the lane ended with %v", err)
					}
				}
				b.run(events(), f)
				b.want(want...)
			})
		})
	}
}

// TestManyKills kills the lane at random steps, with a sink that fails at
// random: nothing is lost, and each kill repeats one request at most.
func TestManyKills(t *testing.T) {
	for seed := range uint64(50) {
		play(t, func(b *bench) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			taken, kills := map[string]int{}, 0
			f := &fake{b: b, name: "mail", answer: func(_ context.Context, n alert.Notification) error {
				if rnd.IntN(4) == 0 {
					return errors.New("500")
				}
				taken[n.DedupKey]++
				return nil
			}}
			b.deps.Hook = func(string) error {
				if rnd.IntN(10) == 0 {
					kills++
					return errors.New("killed")
				}
				return nil
			}
			const alerts = 20
			for i := range alerts {
				b.put(fmt.Sprintf("a%d", i), 1, kizashi.Firing, 0)
				b.put(fmt.Sprintf("a%d", i), 2, kizashi.Resolved, 0)
			}
			for range 200 {
				b.run(events(), f)
				b.pass(3 * time.Second)
				b.stop()
			}
			twice := repeats(t, seed, alerts, taken)
			if twice > kills || kills == 0 {
				t.Errorf("seed %d: %d told twice with %d kills", seed, twice, kills)
			}
		})
	}
}

// repeats counts what was taken more than once; each alert has two turns.
func repeats(t *testing.T, seed uint64, alerts int, taken map[string]int) (twice int) {
	for i := range alerts {
		for seq := 1; seq <= 2; seq++ {
			n := taken[fmt.Sprintf("a%d-%d", i, seq)]
			if n == 0 {
				t.Errorf("seed %d: a%d-%d was lost", seed, i, seq)
			}
			twice += max(0, n-1)
		}
	}
	return twice
}

func TestAnErrorOfTheOutboxIsFinalForAll(t *testing.T) {
	play(t, func(b *bench) {
		full := errors.New("disk full")
		d := &diary{Outbox: b.outbox, b: b}
		b.deps.Outbox = d
		l := b.run(events(), &fake{b: b, name: "mail"}, &fake{b: b, name: "chat"})
		d.fail.Store(&full)
		b.put("a", 1, kizashi.Firing, 0, l[0])
		err := <-b.done
		b.done = nil
		if !errors.Is(err, full) || !strings.Contains(err.Error(), "mail") {
			t.Errorf("the lanes ended with %v", err)
		}
		b.want() // nothing was sent that could not be written down before
	})
}

func TestShutdownTellsWhatIsDue(t *testing.T) {
	play(t, func(b *bench) {
		gate := make(chan struct{})
		f := &fake{b: b, name: "mail", answer: func(ctx context.Context, n alert.Notification) error {
			select {
			case <-gate:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}}
		b.put("a", 1, kizashi.Firing, 0)
		b.run(events(), f)
		b.put("b", 1, kizashi.Firing, 0) // comes while the lane is busy
		b.cancel()                       // SIGTERM: the request in flight is not cut
		b.pass(2 * time.Second)
		close(gate)
		synctest.Wait()
		b.want("2s mail firing a-1", "2s mail firing b-1")
		if err := <-b.done; err != nil {
			t.Error(err)
		}
		b.done = nil
	})
}

func TestShutdownSendsNoReminder(t *testing.T) {
	play(t, func(b *bench) {
		f := &fake{b: b, name: "am", answer: func(_ context.Context, n alert.Notification) error {
			if n.Alert.ID == "slow" {
				time.Sleep(8 * time.Second)
			}
			return nil
		}}
		l := b.run(levels(), f)
		b.put("a", 1, kizashi.Firing, 0, l...)
		b.pass(55 * time.Second)
		b.put("slow", 1, kizashi.Firing, 0, l...)
		b.cancel() // a is to be sent again in 5 s, slow needs 8
		b.pass(20 * time.Second)
		b.want("0s am firing a-1", "1m3s am firing slow-1")
	})
}

func TestTheEndOfTheDrainCutsWhatIsInFlight(t *testing.T) {
	play(t, func(b *bench) {
		var well atomic.Bool
		f := &fake{b: b, name: "mail", answer: func(ctx context.Context, n alert.Notification) error {
			if !well.Load() {
				<-ctx.Done()
			}
			return ctx.Err()
		}}
		b.put("a", 1, kizashi.Firing, 0)
		b.run(events(), f)
		if err := b.stop(); err != nil {
			t.Errorf("the lane ended with %v", err)
		}
		row := b.outbox.Row("mail", "a")
		if row.Due.Seq != 1 || row.Attempts != 0 {
			t.Errorf("the row is %+v, want it due and without a failure", row)
		}
		well.Store(true)
		b.read()
		b.run(events(), f)
		b.want("0s mail firing a-1")
	})
}

func TestAnAnswerThatComesWithTheEndOfTheDrainIsWrittenDown(t *testing.T) {
	play(t, func(b *bench) {
		f := &fake{b: b, name: "mail", answer: func(ctx context.Context, n alert.Notification) error {
			<-ctx.Done()
			return nil // taken after all
		}}
		b.put("a", 1, kizashi.Firing, 0)
		b.run(events(), f)
		b.stop()
		if row := b.outbox.Row("mail", "a"); row.Done.Seq != 1 || row.Outcome != alert.OutcomeTold {
			t.Errorf("the row is %+v", row)
		}
	})
}

func TestWhatCannotBeALane(t *testing.T) {
	play(t, func(b *bench) {
		f := &fake{b: b, name: "mail"}
		l, err := NewLane(f, events(), b.deps)
		if err != nil {
			t.Fatal(err)
		}
		if err := Run(t.Context(), t.Context(), l, l); err == nil || !strings.Contains(err.Error(), `"mail"`) {
			t.Errorf("two sinks of one name: %v", err)
		}
		bad := events()
		bad.MaxBackoff = 0
		if _, err := NewLane(f, bad, b.deps); err == nil || !strings.Contains(err.Error(), "sink mail: delivery: max_backoff is 0s") {
			t.Errorf("a bad configuration: %v", err)
		}
		if _, err := NewLane(&fake{b: b}, events(), b.deps); err == nil || !strings.Contains(err.Error(), "no name") {
			t.Errorf("a sink without a name: %v", err)
		}
		if _, err := NewLane(f, events(), Deps{}); err == nil || !strings.Contains(err.Error(), "Outbox") {
			t.Errorf("no outbox: %v", err)
		}
	})
}

// TestTheClockIsTheOneGiven lets a lane live in another year than the machine.
func TestTheClockIsTheOneGiven(t *testing.T) {
	play(t, func(b *bench) {
		const ahead = 1000 * time.Hour
		b.deps.Clock.Now = func() time.Time { return time.Now().Add(ahead) }
		b.put("old there", 1, kizashi.Firing, 0)
		b.put("old there", 2, kizashi.Resolved, 0)
		b.put("new there", 1, kizashi.Firing, -ahead)
		b.run(events(), &fake{b: b, name: "mail"})
		b.want("0s mail firing new there-1")
		if at := b.outbox.Row("mail", "new there").At; !at.Equal(b.start.Add(ahead)) {
			t.Errorf("told at %s", at)
		}
	})
}

func TestAClockSetBackDoesNotMakeATurnWait(t *testing.T) {
	play(t, func(b *bench) {
		b.put("a", 1, kizashi.Firing, 0)
		row := alert.Told{Thread: "a", Due: alert.Turn{Seq: 1, State: kizashi.Firing}, Attempts: 3, Next: b.start.Add(24 * time.Hour)}
		if err := b.outbox.Record(t.Context(), "mail", row); err != nil {
			t.Fatal(err)
		}
		b.run(events(), &fake{b: b, name: "mail"})
		b.want("0s mail firing a-1")
	})
}
