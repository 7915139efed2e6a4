package detect

import (
	"iter"
	"math/bits"
	"unsafe"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ahead"
)

// index finds series by their ids. A look-up waits for one place in memory, and
// those of a batch are waited for together. Series come, and none goes.
type index struct {
	slots []entry // a power of two, at most three quarters of them taken
	n     int
}

type entry struct {
	id kizashi.SeriesID
	s  *series // nil = the slot is free
}

// first is where the search for an id begins: ids are hashes, but need not be.
func (x *index) first(id kizashi.SeriesID) int {
	return int(uint64(id) * 0x9E3779B97F4A7C15 >> (65 - bits.Len(uint(len(x.slots)))))
}

// of an id; nil = it is not known.
func (x *index) of(id kizashi.SeriesID) *series {
	if x.n == 0 {
		return nil
	}
	for i := x.first(id); ; i++ {
		if e := &x.slots[i&(len(x.slots)-1)]; e.s == nil || e.id == id {
			return e.s
		}
	}
}

// soon asks for the place where the search for an id begins.
func (x *index) soon(id kizashi.SeriesID) {
	ahead.Of(unsafe.Pointer(&x.slots[x.first(id)]), unsafe.Sizeof(entry{}))
}

// put adds a series, or puts one in the place of another.
func (x *index) put(id kizashi.SeriesID, s *series) {
	if 4*(x.n+1) > 3*len(x.slots) {
		x.grow(max(16, 2*len(x.slots)))
	}
	for i := x.first(id); ; i++ {
		e := &x.slots[i&(len(x.slots)-1)]
		if e.s == nil {
			x.n++
		}
		if e.s == nil || e.id == id {
			*e = entry{id, s}
			return
		}
	}
}

// grow makes room: to is a power of two.
func (x *index) grow(to int) {
	old := x.slots
	*x = index{slots: make([]entry, to)}
	for _, e := range old {
		if e.s != nil {
			x.put(e.id, e.s)
		}
	}
}

// all series by their ids, in no order.
func (x *index) all() iter.Seq2[kizashi.SeriesID, *series] {
	return func(yield func(kizashi.SeriesID, *series) bool) {
		for _, e := range x.slots {
			if e.s != nil && !yield(e.id, e.s) {
				return
			}
		}
	}
}
