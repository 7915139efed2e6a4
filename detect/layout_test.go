package detect

import (
	"slices"
	"testing"
	"unsafe"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ahead"
)

// The declared period is looked at with every sample (baseline.State.Gap).
func TestThePeriodIsAskedFor(t *testing.T) {
	l := layoutOf(nil)
	at := unsafe.Offsetof(series{}.meta) + unsafe.Offsetof(kizashi.Meta{}.Period)
	if line := uint16(at / ahead.Line * ahead.Line); !slices.Contains(flat(l.often), line) {
		t.Errorf("the line at %d is not among those that samples look at: %v", line, l.often)
	}
}

// vast is a state that lies further on than lines of memory are told of, and says that
// samples look at more than it has.
type vast struct {
	absent
	_ [1 << 17]byte
}

type vastModel struct{}

func (vastModel) New(*kizashi.Meta, *kizashi.Settings) State { return &vast{} }
func (vastModel) Movable()                                   {}

func (*vast) Often() uintptr { return 1 << 40 }

// Lines are told once each, up to where their places can be said.
func TestLinesOfAVastState(t *testing.T) {
	l := layoutOf([]Row{{Name: "vast", Model: vastModel{}}})
	told := flat(l.every)
	all := len(told)
	slices.Sort(told)
	if n := len(slices.Compact(told)); n != (1<<16)/ahead.Line || all-n >= len(ahead.Places{}) {
		t.Errorf("%d lines are told, %d of them different", all, n)
	}
}

// Everything is asked for in the end, by rows with work to do or behind them.
func TestAllOfAPieceIsAskedFor(t *testing.T) {
	l := layoutOf([]Row{{Name: "vast", Model: vastModel{}}})
	for _, first := range []bool{false, true} {
		f := l.soon((*series)(l.blank.Addr().UnsafePointer()), first)
		if f.rest(); f.next != len(f.all) || f.next == 0 {
			t.Errorf("of an hour's first sample %v: %d of %d are asked for", first, f.next, len(f.all))
		}
	}
}

func flat(all []ahead.Places) (places []uint16) {
	for _, some := range all {
		places = append(places, some[:]...)
	}
	return places
}

// Few are made one by one; of many enough at once for large pages, and never more than
// one for two dozen beyond that.
func TestSeriesAreMadeSideBySide(t *testing.T) {
	const size = 5632
	for _, c := range []struct{ all, want int }{
		{0, 1}, {5, 5}, {100, fewRooms}, {manyRooms - 1, (manyRooms - 1) / oneFor}, {manyRooms, largeRoom/size + 1}, {24_000, 1000}, {1 << 20, mostRooms},
	} {
		r := rooms{all: c.all}
		if n := r.more(size); n != c.want {
			t.Errorf("of %d series %d more are made, want %d", c.all, n, c.want)
		}
	}
	r := rooms{all: manyRooms}
	if n := r.more(2 * largeRoom); n != manyRooms/oneFor {
		t.Errorf("of very long ones %d are made", n)
	}
}
