package journal

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// What tsdb/wlog lays out (docs/state-format.md): pages, and in them
// fragments of records with a header of type, length and CRC-32C.
const (
	pageSize       = 32 << 10
	fragmentHeader = 7

	fragmentFull   = 1
	fragmentFirst  = 2
	fragmentMiddle = 3
	fragmentLast   = 4
)

// leastRecord is the least bytes that a record of ours takes in a segment.
const leastRecord = fragmentHeader + headerSize + 1

// span is a range of bytes of a segment.
type span struct{ from, to int }

// item is a record that was read, or damage where rec is nil.
type item struct {
	span
	rec []byte
}

// scan reads a segment's bytes: all whole records and, between them, what
// cannot be read, in order. wlog's own reader stops at the first bad byte and
// takes a header cut after one byte for an empty record; this one names every
// damaged byte and goes on behind it, so that damage costs only the records
// it lies in. It never fails and never panics.
func scan(data []byte) []item {
	s := scanner{data: data}
	for at := 0; at < len(data); {
		at = s.step(at)
	}
	s.drop(len(data))
	return s.items
}

type scanner struct {
	data  []byte
	items []item
	parts []byte // of the record that is being put together
	begin int    // where it began; valid while parts is not nil
}

// step reads what stands at at and returns where to go on.
func (s *scanner) step(at int) int {
	end := min((at/pageSize+1)*pageSize, len(s.data))
	if s.data[at] == 0 {
		if len(bytes.TrimLeft(s.data[at:end], "\x00")) > 0 {
			return s.bad(at, end)
		}
		s.drop(at) // wlog pads only between records
		return end
	}
	kind, body, ok := fragment(s.data, at, end)
	if !ok {
		return s.bad(at, end)
	}
	next := at + fragmentHeader + len(body)
	switch {
	case kind == fragmentFull || kind == fragmentFirst:
		s.drop(at)
		s.begin, s.parts = at, append([]byte{}, body...)
	case s.parts == nil:
		return s.bad(at, next) // the rest of a record whose begin is lost
	default:
		s.parts = append(s.parts, body...)
	}
	if kind == fragmentFull || kind == fragmentLast {
		s.items = append(s.items, item{span{s.begin, next}, s.parts})
		s.parts = nil
	}
	return next
}

// fragment reads the fragment at at, in a page that ends at end. No record of
// ours is empty or compressed; a fragment is empty only where a record begins
// in the last 7 bytes of a page: its header fits there and nothing of itself.
func fragment(data []byte, at, end int) (kind byte, body []byte, ok bool) {
	p := data[at:end]
	if len(p) < fragmentHeader || p[0] < fragmentFull || p[0] > fragmentLast {
		return 0, nil, false
	}
	n := int(binary.BigEndian.Uint16(p[1:]))
	brim := p[0] == fragmentFirst && len(p) == fragmentHeader && end%pageSize == 0
	if n > len(p)-fragmentHeader || (n == 0) != brim {
		return 0, nil, false
	}
	body = p[fragmentHeader : fragmentHeader+n]
	return p[0], body, crc32.Checksum(body, castagnoli) == binary.BigEndian.Uint32(p[3:])
}

// bad notes damage at at, together with the record that it breaks, and
// returns where in the page something readable begins again.
func (s *scanner) bad(at, end int) int {
	s.drop(at)
	next := at + 1
	for ; next < end; next++ {
		if _, _, ok := fragment(s.data, next, end); ok {
			break
		}
	}
	s.mark(span{at, next})
	return next
}

// drop gives up the record that was begun, if there is one.
func (s *scanner) drop(at int) {
	if s.parts != nil {
		s.mark(span{s.begin, at})
		s.parts = nil
	}
}

func (s *scanner) mark(d span) {
	if n := len(s.items); n > 0 && s.items[n-1].rec == nil && s.items[n-1].to == d.from {
		s.items[n-1].to = d.to
		return
	}
	s.items = append(s.items, item{span: d})
}
