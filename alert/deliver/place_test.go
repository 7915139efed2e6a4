package deliver

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// A place that asks to be left alone is left alone, by all threads, also over
// a restart; one that asks for a day is not believed.
func TestAPlaceThatAsksToBeLeftAlone(t *testing.T) {
	play(t, func(b *bench) {
		var asks atomic.Int64
		asks.Store(int64(7 * time.Minute))
		f := &fake{b: b, name: "chat", answer: func(context.Context, alert.Notification) error {
			if d := asks.Load(); d > 0 {
				return fmt.Errorf("chat: %w", alert.Later{Err: errors.New("429"), After: time.Duration(d)})
			}
			return nil
		}}
		b.put("a", 1, kizashi.Firing, 0)
		l := b.run(events(), f)
		b.pass(2 * time.Minute)
		b.put("b", 1, kizashi.Firing, 0, l...)
		b.want("0s chat firing a-1: chat: 429")
		b.stop()
		b.outbox.mu.Lock()
		row := b.outbox.rows[place{"chat", "a"}]
		b.outbox.mu.Unlock()
		if row.Next != b.start.Add(7*time.Minute) {
			t.Errorf("the row says %s", row.Next)
		}
		b.run(events(), f)
		b.read() // b does not know of it: one request shows it
		asks.Store(int64(24 * time.Hour))
		b.pass(7*time.Minute + time.Second) // b asked at 2m, and was told 7m
		b.read()
		asks.Store(0)
		b.pass(59 * time.Minute)
		b.want()
		b.pass(2 * time.Minute)
		if got := b.read(); len(got) != 2 {
			t.Errorf("after an hour: %q", got)
		}
	})
}

// keeper is a place that names what it takes.
type keeper struct {
	fake
	last string
}

func (k *keeper) SendKept(ctx context.Context, n alert.Notification, kept string) (string, error) {
	k.b.note("under %q", kept)
	if err := k.Send(ctx, n); err != nil {
		return kept + "+", err // it took a part
	}
	k.last = "ts-" + n.DedupKey
	return k.last, nil
}

func TestTheNameThatAPlaceGivesIsKept(t *testing.T) {
	play(t, func(b *bench) {
		var broken atomic.Bool
		k := &keeper{fake: fake{b: b, name: "chat", answer: func(context.Context, alert.Notification) error {
			if broken.Swap(false) {
				return errors.New("cut")
			}
			return nil
		}}}
		start := func() []*Lane {
			l, err := NewLane(k, events(), b.deps)
			if err != nil {
				t.Fatal(err)
			}
			return b.begin(l)
		}
		b.put("a", 1, kizashi.Firing, 0)
		start()
		b.stop()
		broken.Store(true)
		b.put("a", 2, kizashi.Resolved, 0)
		start()
		b.pass(time.Second)
		b.want(`0s under ""`, "0s chat firing a-1", `0s under "ts-a-1"`, "0s chat resolved a-2: cut", `1s under "ts-a-1+"`, "1s chat resolved a-2")
		if row := b.outbox.Row("chat", "a"); row.Kept != "ts-a-2" {
			t.Errorf("the row is %+v", row)
		}
	})
}
