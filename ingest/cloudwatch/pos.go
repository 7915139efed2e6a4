package cloudwatch

import (
	"time"

	"github.com/kizashi-ops/kizashi"
)

// A Pos is a function of time: the seconds of the batch's Until, and a count
// of the batches that shared it (late points, a Status). So a restart knows
// from the Pos alone what was delivered: every point with End <= Until.
//
// 20 bits of count under 34 bits of seconds stay below 2^53, so that any
// reader of JSON gets a Pos right.
const seqBits = 20

// lastSeq marks a back-fill's last batch: it is over, nothing follows.
const lastSeq = 1<<seqBits - 1

func posOf(until kizashi.Time, seq uint64) uint64 {
	return uint64(until/1000)<<seqBits | seq
}

// untilOf is the inverse of posOf.
func untilOf(pos uint64) (until kizashi.Time, seq uint64) {
	return kizashi.Time(pos>>seqBits) * 1000, pos & lastSeq
}

// advance returns the Pos of a batch with the given Until.
func (p *part) advance(until kizashi.Time) uint64 {
	if until > p.told {
		p.told, p.seq = until, 0
	} else if p.seq < lastSeq-1 {
		p.seq++
	}
	return posOf(p.told, p.seq)
}

// edge is the Until that the clock allows: every point that ends by then has
// had its time to settle.
func (p *part) edge(now time.Time) kizashi.Time {
	return kizashi.TimeOf(now).Add(-p.main.Settle).Floor(p.main.Period)
}
