package detect

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ahead"
	"github.com/kizashi-ops/kizashi/baseline"
)

// layout is how a series lies in memory: it, its baseline and its models' states in
// one piece. With a hundred thousand series none is in a cache when its sample comes,
// and each place that is looked for elsewhere is waited for on its own.
type layout struct {
	piece reflect.Type // a struct: series, models, the states of rows, and the baseline
	at    []int        // by row, the field of its state; 0 = it lies elsewhere
	base  int          // the field of the baseline
	often uintptr      // bytes that every sample looks at
}

// The first fields of a piece. The last is the baseline, whose end is seldom looked at.
const (
	ofSeries = iota
	ofModels
)

// layoutOf a table asks each model for a state, to see what it is.
func layoutOf(rows []Row) layout {
	l := layout{at: make([]int, len(rows))}
	var fields []reflect.StructField
	add := func(t reflect.Type) {
		fields = append(fields, reflect.StructField{Name: fmt.Sprintf("F%d", len(fields)), Type: t})
	}
	add(reflect.TypeFor[series]())
	add(reflect.ArrayOf(len(rows), reflect.TypeFor[State]()))
	for i := range rows {
		if t := stateType(&rows[i]); t != nil {
			l.at[i] = len(fields)
			add(t)
		}
	}
	l.base = len(fields)
	add(reflect.TypeFor[baseline.State]())
	l.piece = reflect.StructOf(fields)
	l.often = l.piece.Field(l.base).Offset + baseline.Often
	return l
}

// stateType is the struct that a movable model's state points to; nil = it is not
// movable, or cannot say.
func stateType(r *Row) (t reflect.Type) {
	defer func() {
		if recover() != nil {
			t = nil
		}
	}()
	if _, ok := r.Model.(Movable); !ok {
		return nil
	}
	p := reflect.TypeOf(r.Model.New(&kizashi.Meta{}, &kizashi.Settings{}))
	if p.Kind() != reflect.Pointer || p.Elem().Size() == 0 {
		return nil
	}
	return p.Elem()
}

// room is a new series, with nothing in it.
func (e *Engine) room() *series {
	p := reflect.New(e.layout.piece).Elem()
	s := p.Field(ofSeries).Addr().Interface().(*series)
	s.seldom = &nothing
	s.base = p.Field(e.layout.base).Addr().Interface().(*baseline.State)
	s.models = p.Field(ofModels).Slice(0, len(e.rows)).Interface().([]State)
	for i, at := range e.layout.at {
		if at > 0 {
			s.models[i] = p.Field(at).Addr().Interface().(State)
		}
	}
	return s
}

// inPlace makes the first state of a row, in the place that room has for it.
func (e *Engine) inPlace(row int, s *series) State {
	m := e.fresh(row, s)
	if place := s.models[row]; place != nil && reflect.TypeOf(place) == reflect.TypeOf(m) {
		reflect.ValueOf(place).Elem().Set(reflect.ValueOf(m).Elem())
		return place
	}
	return m
}

// ahead asks for a series' memory before its turn comes.
func (l *layout) ahead(s *series) { ahead.Of(unsafe.Pointer(s), l.often) }

// whole asks for all of a series' memory.
func (l *layout) whole(s *series) { ahead.Of(unsafe.Pointer(s), l.piece.Size()) }

// SeriesSize is how many bytes lie in one piece for each series.
func (e *Engine) SeriesSize() int { return int(e.layout.piece.Size()) }
