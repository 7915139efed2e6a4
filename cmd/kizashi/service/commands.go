package service

import (
	"context"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// commandPart is the partition of what people and the runner decide. Its
// Until is the wall clock, so that replay gates every judgement as it was
// gated live.
var commandPart = kizashi.Partition{Kind: kizashi.Commands}

// tick is how often Until moves when nothing else happens.
const tick = time.Second

// commands is the source of the command partition. A position is its Until in
// milliseconds plus a count of the batches within the same second, so that it
// grows over restarts and with a clock that was set back.
type commands struct {
	now    func() time.Time
	sleep  func(context.Context, time.Duration) error
	pos    uint64
	joined bool
	begun  bool // something was delivered since Open: the first batch says where the partition stands

	mu      sync.Mutex
	waiting []kizashi.Command
}

// Push gives a command to the next batch, which puts it in force.
func (c *commands) Push(cmd kizashi.Command) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, cmd)
}

// Open implements ingest.Source.
func (c *commands) Open(from map[kizashi.Partition]uint64) error {
	c.pos, c.joined = from[commandPart]
	return nil
}

// Next waits for a command or for the next second.
func (c *commands) Next(ctx context.Context) (kizashi.Batch, error) {
	for {
		if err := ctx.Err(); err != nil {
			return kizashi.Batch{}, err
		}
		now := kizashi.TimeOf(c.now())
		until, told := now.Floor(tick), kizashi.Time(c.pos).Floor(tick)
		cmds := c.take()
		if until > told || len(cmds) > 0 || !c.begun {
			return c.batch(max(until, told), cmds), nil
		}
		if err := c.sleep(ctx, until.Add(tick).Sub(now)); err != nil {
			return kizashi.Batch{}, err
		}
	}
}

func (c *commands) take() []kizashi.Command {
	c.mu.Lock()
	defer c.mu.Unlock()
	cmds := c.waiting
	c.waiting = nil
	return cmds
}

// batch puts commands in force at its Until: no sample that ends after the
// last one's was judged yet.
func (c *commands) batch(until kizashi.Time, cmds []kizashi.Command) kizashi.Batch {
	c.pos, c.begun = max(uint64(until), c.pos+1), true
	b := kizashi.Batch{Partition: commandPart, Pos: c.pos, Until: until}
	for _, cmd := range cmds {
		cmd.At = until
		b.Commands = append(b.Commands, cmd)
	}
	if !c.joined {
		c.joined = true
		b.Roster = []kizashi.RosterEntry{{Op: kizashi.Join, Partition: commandPart, At: until}}
	}
	return b
}

// Ack and Close have nothing to do: commands that were not journalled were
// not answered either.
func (c *commands) Ack(kizashi.Partition, uint64) error { return nil }

// Close implements ingest.Source.
func (c *commands) Close() error { return nil }
