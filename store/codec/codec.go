// Package codec writes a kizashi.Batch as bytes and reads it back, exactly:
// every field of every noun in a batch comes back as it was, instants at
// Never and Forever and labels that are no UTF-8 included, which JSON would
// not keep. The layout is in docs/state-format.md.
//
// It is apart from the journal because the bytes are the project's own and
// the log around them is not. It knows nothing of files.
package codec

import (
	"errors"
	"fmt"
	"math"

	"github.com/kizashi-ops/kizashi"
)

// Version is the layout that Append writes: the first byte of every batch. That
// of the first whole program, 1, is still read: it had no revisions, and less of
// partitions, declarations, absences and commands.
const Version = 2

// ErrNewer says that the bytes were written by a later program: nothing is
// wrong with them, but this program cannot read them.
var ErrNewer = errors.New("written in a newer format than this program knows")

// How a sample's or a line's series is told: bits 0 and 1 of its flags.
const (
	seriesSame = 0 // as the item before
	seriesNext = 1 // the one after that in the table
	seriesAt   = 2 // its place in the table follows
	seriesMask = 3
)

// The other flags of a sample.
const (
	sameStep  = 1 << 2 // as far from the sample before as that was from its own
	newPeriod = 1 << 3 // the period follows; else it is that of the sample before
	late      = 1 << 4
	whole     = 1 << 5 // the value is a whole number, as a varint
	flagsMax  = 1 << 6
)

// The other flags of a line, beside late. A journal of before there were any
// has lines without a stream that came in time.
const (
	newStream    = 1 << 2 // the stream follows; else it is that of the line before
	rows         = 1 << 3 // the number of rows follows
	lineFlagsMax = 1 << 5
)

// wholeLimit bounds the values that are written as whole numbers; above it a
// varint is no shorter than a float64.
const wholeLimit = 1 << 48

// Append adds the encoding of b to dst. It fails, leaving dst as it was, on a
// value that is not finite: such a sample would poison what learns from it.
func Append(dst []byte, b *kizashi.Batch) ([]byte, error) {
	for i := range b.Samples {
		s := &b.Samples[i]
		if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
			return dst, fmt.Errorf("batch %s pos %d: sample of series %s at %s is %v, not a finite number", b.Partition, b.Pos, s.Series, s.At, s.Value)
		}
	}
	for i := range b.Revised {
		v := &b.Revised[i]
		if math.IsNaN(v.New) || math.IsInf(v.New, 0) {
			return dst, fmt.Errorf("batch %s pos %d: revision of series %s at %s to %v, not a finite number", b.Partition, b.Pos, v.Series, v.At, v.New)
		}
	}
	w := writer{b: append(dst, Version)}
	w.partition(b.Partition)
	w.uint(b.Pos)
	w.time(b.Until)
	w.rosters(b.Roster)
	w.declarations(b.Declare)
	table := tableOf(b)
	w.table(table)
	w.samples(b.Samples, table)
	w.lines(b.Lines, table)
	w.revisions(b.Revised)
	w.status(b.Status)
	w.commands(b.Commands)
	return w.b, nil
}

// Decode reads what Append wrote. Bytes that are cut, that go on behind the
// batch, or that Append would never write are an error; those of a later
// program are ErrNewer. What it returns shares no memory with p.
func Decode(p []byte) (kizashi.Batch, error) {
	r := reader{b: p}
	r.version()
	b := kizashi.Batch{Partition: r.partition(), Pos: r.uint(), Until: r.time()}
	b.Roster = r.rosters()
	b.Declare = r.declarations()
	table := r.table()
	b.Samples = r.samples(table)
	b.Lines = r.lines(table)
	if !r.first {
		b.Revised = r.revisions()
	}
	b.Status = r.status()
	b.Commands = r.commands()
	if r.err == nil && r.at != len(r.b) {
		r.fail("%d bytes behind the end of the batch", len(r.b)-r.at)
	}
	if r.err != nil {
		return kizashi.Batch{}, fmt.Errorf("decode batch: %w", r.err)
	}
	return b, nil
}

// Head reads the partition and position of an encoded batch, which stand at
// its front, and looks no further.
func Head(p []byte) (kizashi.Partition, uint64, error) {
	r := reader{b: p}
	r.version()
	part, pos := r.partition(), r.uint()
	if r.err != nil {
		return kizashi.Partition{}, 0, fmt.Errorf("decode head of batch: %w", r.err)
	}
	return part, pos, nil
}
