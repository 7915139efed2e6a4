// Package position is how the sources over CloudWatch write down how far they
// have read: a Pos is a function of time, the seconds of the batch's Until, and
// a count of the batches that shared it (late points, a Status, the parts of a
// long read). So a restart knows from the Pos alone what was promised: all up
// to Until.
//
// 20 bits of count under 34 bits of seconds stay below 2^53 until the year
// 2242, so that any reader of JSON gets a Pos right.
package position

import (
	"time"

	"github.com/kizashi-ops/kizashi"
)

const seqBits = 20

// Last marks a partition's last batch: it is over, nothing follows.
const Last = 1<<seqBits - 1

// Of an Until and a count.
func Of(until kizashi.Time, seq uint64) uint64 {
	return uint64(until/1000)<<seqBits | seq
}

// Until is the inverse of Of.
func Until(pos uint64) (until kizashi.Time, seq uint64) {
	return kizashi.Time(pos>>seqBits) * 1000, pos & Last
}

// FromLogs is the Source of the partitions of metrics that are counted in log
// lines: who reads CloudWatch's metrics leaves them alone.
const FromLogs = "logs"

// Cursor is where a partition stands.
type Cursor struct {
	Self kizashi.Partition
	Told kizashi.Time // Until of the last batch; Never = there was none
	Seq  uint64       // batches since Told last grew
}

// Resume goes on after the position of an earlier run.
func Resume(self kizashi.Partition, pos uint64) Cursor {
	until, seq := Until(pos)
	return Cursor{self, until, seq}
}

// Advance returns the Pos of a batch with the given Until.
func (c *Cursor) Advance(until kizashi.Time) uint64 {
	if until > c.Told {
		c.Told, c.Seq = until, 0
	} else if c.Seq < Last-1 {
		c.Seq++
	}
	return Of(c.Told, c.Seq)
}

// Begin lets a partition that is new, or was over, speak from an instant on.
func (c *Cursor) Begin(at kizashi.Time) { c.Told, c.Seq = max(at, c.Told.Add(time.Second)), 0 }

// End returns the Pos of the batch that ends the partition.
func (c *Cursor) End(until kizashi.Time) uint64 {
	c.Told, c.Seq = max(until, c.Told), Last
	return Of(c.Told, c.Seq)
}

// Over says that nothing is told of the partition, or nothing any more.
func (c *Cursor) Over() bool { return c.Told == kizashi.Never || c.Seq == Last }
