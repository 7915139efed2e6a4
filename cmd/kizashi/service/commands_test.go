package service

import (
	"context"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/sourcetest"
)

// ticking is a clock that sleeping moves.
type ticking struct{ at time.Time }

func (c *ticking) now() time.Time { return c.at }
func (c *ticking) sleep(ctx context.Context, d time.Duration) error {
	c.at = c.at.Add(d)
	return ctx.Err()
}

func TestCommandsKeepTheContract(t *testing.T) {
	sourcetest.Run(t, func(*testing.T) ingest.Source {
		c := &ticking{now.Add(400 * time.Millisecond)}
		return &commands{now: c.now, sleep: c.sleep}
	}, 5)
}

func next(t *testing.T, c *commands) kizashi.Batch {
	t.Helper()
	b, err := c.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Until is the clock to the second; a command comes into force there, after
// all that was judged.
func TestCommandsComeIntoForce(t *testing.T) {
	clock := &ticking{now.Add(400 * time.Millisecond)}
	c := &commands{now: clock.now, sleep: clock.sleep}
	if err := c.Open(nil); err != nil {
		t.Fatal(err)
	}
	first := next(t, c)
	if first.Until != kizashi.TimeOf(now) || len(first.Roster) != 1 || first.Roster[0].Op != kizashi.Join {
		t.Errorf("first batch %+v, want a join at %s", first, now)
	}
	c.Push(kizashi.Command{Op: kizashi.Target, Value: 60})
	second := next(t, c)
	if len(second.Commands) != 1 || second.Commands[0].At != first.Until || second.Until != first.Until || second.Pos <= first.Pos {
		t.Errorf("second batch %+v, want the command at once, at %s", second, first.Until)
	}
	if third := next(t, c); third.Until != first.Until.Add(time.Second) || third.Pos <= second.Pos {
		t.Errorf("third batch %+v, want the next second", third)
	}
}

// A clock that was set back moves neither Until nor the positions back.
func TestCommandsAfterARestart(t *testing.T) {
	clock := &ticking{now.Add(-time.Hour)}
	c := &commands{now: clock.now, sleep: clock.sleep}
	last := uint64(kizashi.TimeOf(now)) + 3
	if err := c.Open(map[kizashi.Partition]uint64{commandPart: last}); err != nil {
		t.Fatal(err)
	}
	if b := next(t, c); b.Until != kizashi.TimeOf(now) || b.Pos <= last || len(b.Roster) != 0 {
		t.Errorf("%+v, want Until %s and no second join", b, now)
	}
}
