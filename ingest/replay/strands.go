package replay

import (
	"container/heap"
	"errors"
	"io"
	"strconv"

	"github.com/kizashi-ops/kizashi"
)

// strandDecoder merges series by time into rows: one for each instant, with
// those series only that have a value there.
type strandDecoder struct {
	faulty  []record // rows that belong to no instant, told first
	heads   heads
	row     int    // instants so far
	texts   []byte // the row's stamp and values
	starts  []int  // where each value begins
	started bool
}

// strandHead is a series with its next point.
type strandHead struct {
	target
	strand
	p point
}

// add takes a series with its target in; one without points is left out.
func (d *strandDecoder) add(t target, s strand) error {
	h := &strandHead{target: t, strand: s}
	switch err := h.advance(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	d.heads = append(d.heads, h)
	return nil
}

func (h *strandHead) advance() (err error) {
	h.p, err = h.next()
	return err
}

func (d *strandDecoder) next(r *record) error {
	if len(d.faulty) > 0 {
		*r, d.faulty = d.faulty[0], d.faulty[1:]
		r.sparse = true
		return nil
	}
	if !d.started {
		d.started = true
		heap.Init(&d.heads)
	}
	if len(d.heads) == 0 {
		return io.EOF
	}
	d.row++
	at := d.heads[0].p.at
	r.clear(d.row)
	d.texts, d.starts = appendStamp(d.texts[:0], at), d.starts[:0]
	stamp := len(d.texts)
	for len(d.heads) > 0 && d.heads[0].p.at == at {
		h := d.heads[0]
		d.take(r, h)
		switch err := h.advance(); {
		case errors.Is(err, io.EOF):
			heap.Pop(&d.heads)
		case err != nil:
			return err
		default:
			heap.Fix(&d.heads, 0)
		}
	}
	r.stamp = d.texts[:stamp]
	d.cut(r)
	return nil
}

// cut makes cells of the row's texts. It comes last, as they may have moved
// while they grew.
func (d *strandDecoder) cut(r *record) {
	for i, from := range d.starts {
		to := len(d.texts)
		if i+1 < len(d.starts) {
			to = d.starts[i+1]
		}
		r.cells = append(r.cells, d.texts[from:to])
	}
}

// take adds a series' point to the row.
func (d *strandDecoder) take(r *record, h *strandHead) {
	line := h.p.line
	if line == 0 {
		line = d.row
	}
	if len(r.lines) == 0 && len(r.skipped) == 0 {
		r.line = line
	}
	if h.col < 0 {
		r.skipped = append(r.skipped, line)
		return
	}
	d.starts = append(d.starts, len(d.texts))
	d.texts = strconv.AppendFloat(d.texts, h.p.value, 'g', -1, 64)
	r.cols, r.lines, r.faults = append(r.cols, h.col), append(r.lines, line), append(r.faults, h.p.fault)
}

// appendStamp writes a time as clock reads it.
func appendStamp(b []byte, at kizashi.Time) []byte {
	const shortest = 100_000_000_000 // below it milliseconds look like seconds
	if at >= shortest {
		return strconv.AppendInt(b, int64(at), 10)
	}
	return strconv.AppendFloat(b, float64(at)/1000, 'f', 3, 64)
}

// heads is a heap: the earliest first, of equals the first column, then
// the first line.
type heads []*strandHead

func (h heads) Len() int { return len(h) }
func (h heads) Less(i, j int) bool {
	if h[i].p.at != h[j].p.at {
		return h[i].p.at < h[j].p.at
	}
	if h[i].col != h[j].col {
		return h[i].col < h[j].col
	}
	return h[i].p.line < h[j].p.line
}
func (h heads) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is of heap.Interface.
func (h *heads) Push(x any) { *h = append(*h, x.(*strandHead)) }

// Pop is of heap.Interface.
func (h *heads) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
