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
	Blocks  int32
	Least   kizashi.Time // ms
	Samples int32
}

// spans there are.
var spans = [...]span{
	levelSpan: {"level", 6, 5 * minute, 1},
	driftSpan: {"drift", 12, 30 * minute, 1},
	// An hour, or 24 samples where an hour has fewer.
	varianceSpan: {"variance", 6, 10 * minute, 4},
}

const (
	levelSpan = iota
	driftSpan
	varianceSpan

	minute = kizashi.Time(time.Minute / time.Millisecond)
)

// Rings are of a span's blocks, and the one in progress: their sums, and how many
// values these are of.
type (
	sums   interface{ [7]float32 | [13]float32 }
	counts interface{ [7]uint16 | [13]uint16 }
)

// blocks are the sums of a span's blocks, and of the one in progress. A
// statistic is evaluated when a block ends: with the sample after which the next
// is expected in another block, or, where that one is missing, with the first
// that comes in another.
type blocks[S sums, N counts] struct {
	At     int32 // number of the newest block
	Gap    int32 // the period that lengths are made of, ms; 0 = not known yet
	Sum    S
	N      N
	Top    uint8 // where the newest lies
	Closed bool  // the newest has ended: it takes no more
}

func (b *blocks[S, N]) gap() time.Duration { return time.Duration(b.Gap) * time.Millisecond }

// length of a block, in ms.
func (b *blocks[S, N]) length(p *span) kizashi.Time {
	return max(p.Least, kizashi.Time(p.Samples)*kizashi.Time(b.Gap))
}

// full is how many samples the period lets one expect in a span.
func (b *blocks[S, N]) full(p *span) float64 {
	return float64(p.Blocks) * float64(b.length(p)) / float64(b.Gap)
}

// enough says that so many samples are a good part of those: without 3/4 there is
// no opinion.
func (b *blocks[S, N]) enough(p *span, n int) bool {
	return n > 0 && 4*int64(n)*int64(b.Gap) >= 3*int64(p.Blocks)*int64(b.length(p))
}

// number of the block of an instant, and when that block begins. Hardly a sample
// costs a division: most lie in the newest block, or the next.
func (b *blocks[S, N]) number(p *span, at kizashi.Time) (number int32, from kizashi.Time) {
	long := b.length(p)
	number, from = b.At, kizashi.Time(b.At)*long
	switch off := at - from; {
	case off >= 0 && off < long:
	case off >= long && off < 2*long:
		number, from = number+1, from+long
	default:
		number = int32(floorDiv(int64(at), int64(long)))
		from = kizashi.Time(number) * long
	}
	return number, from
}

// place of a block that is at most a span older than the newest.
func (b *blocks[S, N]) place(number int32) int {
	k := int(b.Top) - int(b.At-number)
	if k < 0 {
		k += len(b.Sum)
	}
	return k
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
func (b *blocks[S, N]) look(p *span, c *detect.Case, x float64) (e evaluation, ok bool) {
	if b.Gap <= 0 {
		return e, false
	}
	at := c.Sample.At
	number, from := b.number(p, at)
	switch {
	case b.Closed && number == b.At:
		e.At = number
	case at+kizashi.Time(b.Gap) >= from+b.length(p) && takes(c, x):
		return evaluation{At: number, X: x, N: 1, Fresh: true}, true
	default:
		e.At = number - 1
		e.Fresh = b.At == number-1 && !b.Closed
	}
	behind := b.At - e.At
	return e, (behind == 0 || behind == 1) && b.N[b.place(e.At)] > 0
}

// takes says that the sample counts in its block.
func takes(c *detect.Case, x float64) bool {
	return c.Learns() && !c.View.Held() && x == x
}

// block returns the sum and the number of values of a block as an evaluation
// sees it.
func (b *blocks[S, N]) block(p *span, number int32, e *evaluation) (sum float32, n int) {
	if number <= b.At && number >= b.At-p.Blocks {
		k := b.place(number)
		sum, n = b.Sum[k], int(b.N[k])
	}
	if e.N > 0 && number == e.At {
		return sum + float32(e.X), n + e.N
	}
	return sum, n
}

// mean of the values in the span; not ok where too few came.
func (b *blocks[S, N]) mean(p *span, e *evaluation) (float64, bool) {
	sum, count := 0., 0
	first, last := max(e.At-p.Blocks+1, b.At-p.Blocks), min(e.At, b.At)
	if e.N > 0 && last == e.At {
		last--
	}
	for k := b.place(first); first <= last; k = 0 { // once around the ring
		for ; k < len(b.Sum) && first <= last; k++ {
			sum += float64(b.Sum[k])
			count += int(b.N[k])
			first++
		}
	}
	if e.N > 0 {
		x, n := float32(e.X), 1
		if e.At == b.At {
			x, n = b.Sum[b.Top]+x, int(b.N[b.Top])+1
		}
		sum, count = sum+float64(x), count+n
	}
	if !b.enough(p, count) {
		return 0, false
	}
	return sum / float64(count), true
}

// parts are the span's blocks, oldest first.
func (b *blocks[S, N]) parts(p *span, e *evaluation) []kizashi.Part {
	out, long := make([]kizashi.Part, 0, p.Blocks), b.length(p)
	for i := e.At - p.Blocks + 1; i <= e.At; i++ {
		from := kizashi.Time(i) * long
		x, n := b.block(p, i, e)
		out = append(out, kizashi.Part{From: from, To: from + long, Count: n, Sum: float64(x)})
	}
	return out
}

// add puts a value into the sample's block; ends = it is the last there.
func (b *blocks[S, N]) add(p *span, at kizashi.Time, x float64, ends bool) {
	if b.Gap <= 0 {
		return
	}
	if n, _ := b.number(p, at); n != b.At {
		b.move(n)
	}
	if k := int(b.Top); !b.Closed && b.N[k] < math.MaxUint16 {
		b.Sum[k] += float32(x)
		b.N[k]++
		b.Closed = ends
	}
}

// move makes a block the newest; those in between are empty.
func (b *blocks[S, N]) move(number int32) {
	for range min(max(number-b.At, 0), int32(len(b.Sum))) {
		k := int(b.Top) + 1
		if k == len(b.Sum) {
			k = 0
		}
		b.Top, b.Sum[k], b.N[k] = uint8(k), 0, 0
	}
	b.At, b.Closed = number, false
}

// another says that the period is another than theirs: half as long again, or a
// third shorter.
func (b *blocks[S, N]) another(gap time.Duration) bool {
	old, ms := float64(b.Gap), float64(gap.Milliseconds())
	return ms > 1.5*old || ms < old/1.5
}

// anew forgets all blocks.
func (b *blocks[S, N]) anew(p *span, at kizashi.Time, gap time.Duration) {
	*b = blocks[S, N]{Gap: int32(min(max(gap.Milliseconds(), 0), math.MaxInt32))}
	if b.Gap > 0 {
		b.At, _ = b.number(p, at)
	}
}

func (b *blocks[S, N]) append(to []byte) []byte {
	to = wire.U32(wire.U32(to, b.At), b.Gap)
	for i := range len(b.Sum) {
		to = wire.U16(wire.F32(to, b.Sum[i]), b.N[i])
	}
	return wire.Bool(wire.U8(to, b.Top), b.Closed)
}

func (b *blocks[S, N]) read(r *wire.Reader) (sane bool) {
	b.At, b.Gap = r.I32(), r.I32()
	for i := range len(b.Sum) {
		b.Sum[i], b.N[i] = r.F32(), r.U16()
	}
	b.Top, b.Closed = r.U8(), r.Bool()
	return int(b.Top) < len(b.Sum)
}
