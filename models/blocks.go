package models

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/wire"
)

// span says how a statistic is cut: so many blocks, each of at least Least and
// of at least Samples periods. A block begins at a whole multiple of its length,
// counted from 1970.
type span struct {
	Name    string
	Blocks  int
	Least   time.Duration
	Samples int
}

// blocks are the sums of a span's blocks, and of the one in progress. A
// statistic is evaluated when a block ends: with the sample after which the next
// is expected in another block, or, where that one is missing, with the first
// that comes in another.
type blocks struct {
	At     int32 // number of the newest block
	Gap    int32 // the period that lengths are made of, ms; 0 = not known yet
	Sum    [ringBlocks]float32
	N      [ringBlocks]uint16
	Closed bool // the newest has ended: it takes no more
}

// ringBlocks are those of the longest span, and the one in progress.
const ringBlocks = 13

// enoughOf is the part of the samples that the period lets one expect in a span
// without which there is no opinion.
const enoughOf = .75

func (b *blocks) gap() time.Duration { return time.Duration(b.Gap) * time.Millisecond }

// length of a block.
func (b *blocks) length(p *span) time.Duration { return max(p.Least, time.Duration(p.Samples)*b.gap()) }

// full is how many samples the period lets one expect in a span.
func (b *blocks) full(p *span) float64 {
	return float64(p.Blocks) * float64(b.length(p)) / float64(b.gap())
}

// number of the block of an instant.
func (b *blocks) number(p *span, at kizashi.Time) int32 {
	return int32(floorDiv(int64(at), b.length(p).Milliseconds()))
}

// frame is where the newest block begins and ends, so that hardly a sample costs
// a division. It follows from the blocks, and is not written.
type frame struct{ From, To kizashi.Time }

func (b *blocks) frame(p *span) frame {
	if b.Gap <= 0 {
		return frame{}
	}
	from := kizashi.Time(int64(b.At) * b.length(p).Milliseconds())
	return frame{from, from.Add(b.length(p))}
}

// place of a block's sums.
func place(p *span, number int64) int64 {
	n := int64(p.Blocks + 1)
	return number - n*floorDiv(number, n)
}

// evaluation is what can be said of a span with the sample in hand.
type evaluation struct {
	At    int32   // its last block
	X     float64 // what the sample adds to that
	N     int     // 1 = it does
	Fresh bool    // it was not evaluated before
}

// look finds the evaluation that counts with the sample in hand, which adds x to
// its block. It is not ok where there is none, or the last block was empty.
func (b *blocks) look(p *span, f frame, c *detect.Case, x float64) (e evaluation, ok bool) {
	if b.Gap <= 0 {
		return e, false
	}
	at, number, end := c.Sample.At, b.At, f.To
	if at < f.From || at >= f.To {
		number = b.number(p, at)
		end = kizashi.Time((int64(number) + 1) * b.length(p).Milliseconds())
	}
	switch {
	case b.Closed && number == b.At:
		e.At = number
	case at+kizashi.Time(b.Gap) >= end && takes(c, x):
		return evaluation{At: number, X: x, N: 1, Fresh: true}, true
	default:
		e.At = number - 1
		e.Fresh = b.At == number-1 && !b.Closed
	}
	behind := int64(b.At) - int64(e.At)
	return e, (behind == 0 || behind == 1) && b.N[place(p, int64(e.At))] > 0
}

// takes says that the sample counts in its block.
func takes(c *detect.Case, x float64) bool {
	return c.Learns() && !c.View.Held() && !math.IsNaN(x)
}

// block returns the sum and the number of values of a block as an evaluation
// sees it.
func (b *blocks) block(p *span, number int64, e evaluation) (sum float32, n int) {
	if number <= int64(b.At) && number >= int64(b.At)-int64(p.Blocks) {
		k := place(p, number)
		sum, n = b.Sum[k], int(b.N[k])
	}
	if e.N > 0 && number == int64(e.At) {
		return sum + float32(e.X), n + e.N
	}
	return sum, n
}

// mean of the values in the span; not ok where too few came.
func (b *blocks) mean(p *span, e evaluation) (float64, bool) {
	sum, count := 0., 0
	first := max(int64(e.At)-int64(p.Blocks)+1, int64(b.At)-int64(p.Blocks))
	last := min(int64(e.At), int64(b.At))
	for i, k := first, place(p, first); i <= last; i++ {
		if i < last || e.N == 0 || last < int64(e.At) {
			sum += float64(b.Sum[k])
			count += int(b.N[k])
		}
		if k++; k > int64(p.Blocks) {
			k = 0
		}
	}
	if e.N > 0 {
		x, n := b.block(p, int64(e.At), e)
		sum, count = sum+float64(x), count+n
	}
	if count == 0 || float64(count) < enoughOf*b.full(p) {
		return 0, false
	}
	return sum / float64(count), true
}

// parts are the span's blocks, oldest first.
func (b *blocks) parts(p *span, e evaluation) []kizashi.Part {
	out := make([]kizashi.Part, 0, p.Blocks)
	for i := int64(e.At) - int64(p.Blocks) + 1; i <= int64(e.At); i++ {
		from := kizashi.Time(i * b.length(p).Milliseconds())
		x, n := b.block(p, i, e)
		out = append(out, kizashi.Part{From: from, To: from.Add(b.length(p)), Count: n, Sum: float64(x)})
	}
	return out
}

// add puts a value into the sample's block; ends = it is the last there.
func (b *blocks) add(p *span, f frame, at kizashi.Time, x float64, ends bool) {
	if b.Gap <= 0 {
		return
	}
	if at >= f.From && at < f.To {
		if b.Closed {
			return
		}
	} else if n := b.number(p, at); n != b.At {
		for i := max(int64(b.At)+1, int64(n)-int64(p.Blocks)); i <= int64(n); i++ {
			k := place(p, i)
			b.Sum[k], b.N[k] = 0, 0
		}
		b.At, b.Closed = n, false
	}
	if k := place(p, int64(b.At)); !b.Closed && b.N[k] < math.MaxUint16 {
		b.Sum[k] += float32(x)
		b.N[k]++
		b.Closed = ends
	}
}

// another says that the period is another than theirs: half as long again, or a
// third shorter.
func (b *blocks) another(gap time.Duration) bool {
	old, ms := float64(b.Gap), float64(gap.Milliseconds())
	return ms > 1.5*old || ms < old/1.5
}

// anew forgets all blocks.
func (b *blocks) anew(p *span, at kizashi.Time, gap time.Duration) {
	*b = blocks{Gap: int32(min(max(gap.Milliseconds(), 0), math.MaxInt32))}
	if b.Gap > 0 {
		b.At = b.number(p, at)
	}
}

func (b *blocks) append(to []byte) []byte {
	to = wire.F32(wire.U32(wire.U32(to, b.At), b.Gap), b.Sum[:]...)
	return wire.Bool(wire.U16s(to, b.N[:]), b.Closed)
}

func (b *blocks) read(r *wire.Reader) {
	b.At, b.Gap = r.I32(), r.I32()
	r.F32s(b.Sum[:])
	wire.ReadU16s(r, b.N[:])
	b.Closed = r.Bool()
}
