package detect

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"unsafe"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ahead"
	"github.com/kizashi-ops/kizashi/baseline"
)

// layout is how a series lies in memory: it, its models' states and its baseline in
// one piece. With a hundred thousand series none is in a cache when its sample comes,
// and each place that is looked for elsewhere is waited for on its own.
type layout struct {
	piece  reflect.Type // a struct: series, the states of rows, and the baseline
	pieces reflect.Type // a slice of them
	blank  reflect.Value
	rows   []place
	base   int            // the field of the baseline
	often  []ahead.Places // the lines of memory that samples look at, from the beginning of the piece
	every  []ahead.Places // and all lines
	kinds  *kindsOfRows   // of a series all of whose states lie there
}

// place is where the state of a row lies.
type place struct {
	field int            // of the piece; 0 = it lies elsewhere
	at    uintptr        // from the beginning of the piece
	table unsafe.Pointer // what makes a State of an address
	brief unsafe.Pointer // and a Brief
	short Brief          // the first one; nil = it is none
	hours unsafe.Pointer // and an Hourly; nil = it is none
	long  bool           // samples are at it for a while, in which other memory comes
	all   State          // what all series have, as it remembers nothing; nil = each has its own
}

// state as the runtime has it.
type state struct{ table, data unsafe.Pointer }

// layoutOf a table asks each model for a state, to see what it is.
func layoutOf(rows []Row) layout {
	l := layout{rows: make([]place, len(rows))}
	fields := []reflect.StructField{{Name: "F0", Type: reflect.TypeFor[series]()}}
	add := func(t reflect.Type) int {
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", len(fields)), Type: t})
		return len(fields) - 1
	}
	first := make([]State, len(rows))
	for i := range rows {
		first[i] = firstOf(&rows[i])
		if b, ok := first[i].(Brief); ok {
			l.rows[i].brief, l.rows[i].short = (*state)(unsafe.Pointer(&b)).table, b
		}
		if h, ok := first[i].(Hourly); ok {
			l.rows[i].hours = (*state)(unsafe.Pointer(&h)).table
		}
		switch t := reflect.TypeOf(first[i]); {
		case t == nil:
		case t.Size() == 0:
			l.rows[i].all = first[i]
		case t.Kind() == reflect.Pointer && t.Elem().Size() > 0:
			l.rows[i].field = add(t.Elem())
			l.rows[i].long = t.Elem().Size() >= longState
			l.rows[i].table = (*state)(unsafe.Pointer(&first[i])).table
		}
	}
	l.base = add(reflect.TypeFor[baseline.State]())
	l.piece = reflect.StructOf(fields)
	if rest := l.piece.Size() % ahead.Line; rest > 0 { // so that pieces begin where lines do
		add(reflect.ArrayOf(int(ahead.Line-rest), reflect.TypeFor[byte]()))
		l.piece = reflect.StructOf(fields)
	}
	l.pieces = reflect.SliceOf(l.piece)
	l.blank = reflect.New(l.piece).Elem()
	for i := range l.rows {
		if p := &l.rows[i]; p.field > 0 {
			p.at = l.piece.Field(p.field).Offset
			l.blank.Field(p.field).Set(reflect.ValueOf(first[i]).Elem())
		}
	}
	l.divide(first)
	l.kinds = l.kindsOf((*series)(l.blank.Addr().UnsafePointer()))
	return l
}

// firstOf a movable model is the state that all series begin with; nil = it is not
// movable, or cannot say.
func firstOf(r *Row) (m State) {
	defer func() {
		if recover() != nil {
			m = nil
		}
	}()
	if _, ok := r.Model.(Movable); !ok {
		return nil
	}
	return r.Model.New(&kizashi.Meta{}, &kizashi.Settings{})
}

// rooms is where new series lie, some of them side by side: a piece of its own would
// be rounded up. The more there are, the more are made at once, one for two dozen; of
// many, enough for large pages.
type rooms struct {
	left      reflect.Value
	used, all int
}

const (
	fewRooms  = 32
	oneFor    = 24
	manyRooms = 4096
	mostRooms = 2048
	largeRoom = 4 << 20 // bytes: they lie in large pages up to their edges
)

// more is how many of some bytes are made at once.
func (r *rooms) more(size uintptr) int {
	n := max(1, min(r.all, fewRooms), r.all/oneFor)
	if large := largeRoom/int(size) + 1; r.all >= manyRooms {
		n = max(n, large)
	}
	return min(n, mostRooms)
}

// take is a series with nothing in it.
func (r *rooms) take(e *Engine) *series {
	l := &e.layout
	if !r.left.IsValid() || r.used == r.left.Len() {
		n := r.more(l.piece.Size())
		r.left, r.used, r.all = reflect.MakeSlice(l.pieces, n, n), 0, r.all+n
		if size := uintptr(n) * l.piece.Size(); size >= largeRoom {
			ahead.Large(r.left.UnsafePointer(), size)
		}
	}
	p := r.left.Index(r.used)
	r.used++
	p.Set(l.blank)
	s := p.Field(0).Addr().Interface().(*series)
	s.seldom, s.kindsOfRows = &nothing, e.kinds
	s.side = [3]kizashi.Time{kizashi.Never, kizashi.Never, kizashi.Never}
	s.base = p.Field(l.base).Addr().Interface().(*baseline.State)
	return s
}

// state of a row.
func (l *layout) state(s *series, row int) (m State) {
	if s.others != nil && (*s.others)[row] != nil {
		return (*s.others)[row]
	}
	return l.rows[row].stateOf(s)
}

// anew makes the state of a row the one that series begin with.
func (e *Engine) anew(row int, s *series) {
	p := &e.layout.rows[row]
	if p.field == 0 && p.all == nil || s.leftOut(e.rows[row].Name) {
		s.lies(row, len(e.rows), e.fresh(row, s))
		return
	}
	s.lies(row, len(e.rows), nil)
	if p.field > 0 {
		to := reflect.ValueOf(e.layout.state(s, row)).Elem()
		to.Set(e.layout.blank.Field(p.field))
	}
}

// begin makes those states of a new series that are not there already.
func (s *series) begin(e *Engine) {
	for i := range e.rows {
		if e.layout.state(s, i) == nil || len(s.faults)+len(s.without) > 0 {
			e.anew(i, s)
		}
	}
}

// lies says where the state of a row lies, of so many: nil = in the piece.
func (s *series) lies(row, of int, m State) {
	if s.others == nil && m == nil {
		return
	}
	if s.others == nil {
		s.others = new(make([]State, of))
	}
	if (*s.others)[row] = m; slices.ContainsFunc(*s.others, func(m State) bool { return m != nil }) {
		return
	}
	s.others = nil
}

// Often is a State that says how many bytes from its beginning on samples look at: the
// rest is for the first of an hour.
type Often interface{ Often() uintptr }

// divide says which lines of memory samples look at, those first that are looked at
// first. What lies too far from the beginning to be said is not asked for ahead.
func (l *layout) divide(states []State) {
	listed := make([]bool, l.piece.Size()/ahead.Line)
	var places []uint16
	list := func(from, n uintptr) {
		for i := from / ahead.Line; n > 0 && i <= (from+n-1)/ahead.Line; i++ {
			if at := i * ahead.Line; !listed[i] && at <= math.MaxUint16 {
				listed[i] = true
				places = append(places, uint16(at))
			}
		}
	}
	base := l.piece.Field(l.base)
	list(0, unsafe.Offsetof(series{}.meta))
	list(unsafe.Offsetof(series{}.meta)+unsafe.Offsetof(kizashi.Meta{}.Period), unsafe.Sizeof(kizashi.Meta{}.Period))
	list(base.Offset, baseline.Often)
	for i, p := range l.rows {
		if p.field == 0 {
			continue
		}
		n := l.piece.Field(p.field).Type.Size()
		if o, ok := states[i].(Often); ok {
			n = min(n, o.Often())
		}
		list(p.at, n)
	}
	l.often = placesOf(places)
	list(base.Offset, base.Type.Size())
	list(0, l.piece.Size())
	l.every = placesOf(places)
}

// placesOf puts places together as they are asked for; the last fills up.
func placesOf(places []uint16) (all []ahead.Places) {
	var some ahead.Places
	for part := range slices.Chunk(places, len(some)) {
		n := copy(some[:], part)
		for ; n < len(some); n++ {
			some[n] = some[n-1]
		}
		all = append(all, some)
	}
	return all
}

// soon is the memory of the series whose turn comes next, still to be asked for. The
// processor waits for a dozen or two of places at once: it is asked for some at a time,
// between other work.
type soon struct {
	s    *series
	all  []ahead.Places
	next int
}

// soon lets the memory of a series be asked for; all = of the first sample of an hour.
func (l *layout) soon(s *series, all bool) soon {
	if all {
		return soon{s: s, all: l.every}
	}
	return soon{s: s, all: l.often}
}

// longState is of how many bytes a row's state is at which samples are for a while. Where
// memory is asked for in quicker succession there is nowhere to put it down.
const longState = 90

// some asks for a little of it.
func (f *soon) some() {
	if f.next < len(f.all) {
		ahead.At(unsafe.Pointer(f.s), &f.all[f.next])
		f.next++
	}
}

// rest asks for the rest.
func (f *soon) rest() {
	for f.next < len(f.all) {
		f.some()
	}
}

// whole asks for all of it.
func (l *layout) whole(s *series) { ahead.Of(unsafe.Pointer(s), l.piece.Size()) }

// SeriesSize is how many bytes lie in one piece for each series.
func (e *Engine) SeriesSize() int { return int(e.layout.piece.Size()) }
