package cloudwatch

import (
	"time"

	"github.com/kizashi-ops/kizashi"
)

// A Pos is a function of time: the seconds of the batch's Until, and a count
// of the batches that shared it (late points, a Status). So a restart knows
// from the Pos alone what was delivered: every point with End <= Until.
//
// 20 bits of count under 34 bits of seconds stay below 2^53 until the year
// 2242, so that any reader of JSON gets a Pos right.
const seqBits = 20

// lastSeq marks a partition's last batch: it is over, nothing follows.
const lastSeq = 1<<seqBits - 1

func posOf(until kizashi.Time, seq uint64) uint64 {
	return uint64(until/1000)<<seqBits | seq
}

// untilOf is the inverse of posOf.
func untilOf(pos uint64) (until kizashi.Time, seq uint64) {
	return kizashi.Time(pos>>seqBits) * 1000, pos & lastSeq
}

// cursor is where a partition stands.
type cursor struct {
	self kizashi.Partition
	told kizashi.Time // Until of the last batch; Never = there was none
	seq  uint64       // batches since told last grew
}

// resume goes on after the position of an earlier run.
func resume(self kizashi.Partition, pos uint64) cursor {
	until, seq := untilOf(pos)
	return cursor{self, until, seq}
}

// advance returns the Pos of a batch with the given Until.
func (c *cursor) advance(until kizashi.Time) uint64 {
	if until > c.told {
		c.told, c.seq = until, 0
	} else if c.seq < lastSeq-1 {
		c.seq++
	}
	return posOf(c.told, c.seq)
}

// begin lets a partition that is new, or was over, speak from an instant on.
func (c *cursor) begin(at kizashi.Time) { c.told, c.seq = max(at, c.told.Add(time.Second)), 0 }

// last returns the Pos of the batch that ends the partition.
func (c *cursor) last(until kizashi.Time) uint64 {
	c.told, c.seq = max(until, c.told), lastSeq
	return posOf(c.told, c.seq)
}

// floorTo is the start of the period that t lies in, on the grid of days.
func floorTo(t time.Time, period time.Duration) time.Time {
	return kizashi.TimeOf(t).Floor(period).UTC()
}
