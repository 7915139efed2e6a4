package detect

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/wire"
)

// The engine's part of a snapshot: a length-prefixed JSON header, then for
// each series, sorted by id, a length-prefixed run of what it is, how it stands, and
// the binary states of its baseline and ranking and, each with its length, of its
// models (docs/state-format.md).

type engineHeader struct {
	Models   []string           `json:"models"`
	First    Config             `json:"first"`
	Commands []kizashi.Command  `json:"commands,omitempty"`
	Settings []kizashi.Settings `json:"settings,omitempty"` // those that series have
	Series   int                `json:"series"`
	Lost     bool               `json:"lost,omitempty"` // what was known before is: see Engine.Lost
}

// savedRare is what hardly a series has.
type savedRare struct {
	Hints   *kizashi.Hints        `json:"hints,omitempty"`
	Coming  []kizashi.Declaration `json:"coming,omitempty"`
	Marks   []mark                `json:"marks,omitempty"`
	Informs []kizashi.Time        `json:"informs,omitempty"`
	Done    int                   `json:"informed,omitempty"`
	Ended   kizashi.Ending        `json:"ended,omitempty"`
	EndedAt int64                 `json:"ended_at,omitempty"`
	Faults  map[string]int        `json:"faults,omitempty"`
	Without []string              `json:"without,omitempty"`
	Cold    []string              `json:"cold,omitempty"` // have not learned from stored samples yet
}

// AppendBinary appends all that the engine remembers. Shards write parts of it at
// once.
func (e *Engine) AppendBinary(b []byte) ([]byte, error) {
	h := engineHeader{First: e.first.cfg, Series: e.series.n, Lost: e.lost}
	for _, r := range e.rows {
		h.Models = append(h.Models, r.Name)
	}
	w := writer{rows: e.rows, config: map[*version]int{e.first: -1}, set: map[*plan]int{}, division: map[*kizashi.Division]int{}}
	for i := range e.commands {
		h.Commands = append(h.Commands, e.commands[i].Command)
		if v := e.commands[i].config; v != nil {
			w.config[v] = i
		}
		if d := e.commands[i].division; d != nil {
			w.division[d] = i
		}
	}
	all := make([]*series, 0, e.series.n)
	for _, id := range e.Series() {
		s := e.series.of(id)
		if _, ok := w.set[s.set]; !ok {
			w.set[s.set] = len(h.Settings)
			h.Settings = append(h.Settings, s.set.Settings)
		}
		all = append(all, s)
	}
	b, err := appendJSON(b, h)
	if err != nil {
		return b, err
	}
	return w.all(e, all, b)
}

// writer knows the places of what series name.
type writer struct {
	config   map[*version]int // of the reload in Commands, -1 = First
	division map[*kizashi.Division]int
	set      map[*plan]int
	rows     []Row
}

// all writes series: each shard in its part of the room that there will be for all,
// as memory is dear to be asked for. They are brought together where they lie.
func (w *writer) all(e *Engine, all []*series, b []byte) ([]byte, error) {
	each, err := w.size(e, all)
	if err != nil {
		return b, err
	}
	b = slices.Grow(b, each*len(all))
	room := b[len(b):cap(b)]
	parts, errs, more := make([][]byte, e.shards), make([]error, e.shards), make([]bool, e.shards)
	var wg sync.WaitGroup
	for k := range parts {
		from, to := len(all)*k/e.shards, len(all)*(k+1)/e.shards
		wg.Go(func() {
			parts[k], errs[k] = w.part(e, all[from:to], room[each*from:each*from:each*to])
			more[k] = cap(parts[k]) != each*(to-from) // it lies elsewhere
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return b, err
	}
	if slices.Contains(more, true) {
		return slices.Concat(append([][]byte{b}, parts...)...), nil
	}
	for _, p := range parts {
		n := len(b)
		b = b[:n+len(p)]
		copy(b[n:], p) // where it lies, or further to the front
	}
	return b, nil
}

// size is how much room to have for a series: a little more than some of them take.
func (w *writer) size(e *Engine, all []*series) (int, error) {
	const some, edge = 64, 64
	sum, n := 0, min(len(all), some)
	var one []byte
	for k := range n {
		var err error
		if one, err = w.part(e, all[len(all)*k/n:][:1], one[:0]); err != nil {
			return 0, err
		}
		sum += len(one)
	}
	n = max(n, 1)
	return sum/n + sum/(16*n) + edge, nil
}

// part writes some series, the length of each before it.
func (w *writer) part(e *Engine, some []*series, b []byte) ([]byte, error) {
	const most = 2 // bytes of the length of what is shorter than 16 KiB
	var err error
	for i, s := range some {
		if i+1 < len(some) {
			e.layout.whole(some[i+1])
		}
		at := len(b)
		if b, err = w.series(e, append(b, 0, 0), s); err != nil {
			return nil, fmt.Errorf("series %s: %w", s.meta.Series, err)
		}
		var length [binary.MaxVarintLen64]byte
		n := binary.PutUvarint(length[:], uint64(len(b)-at-most))
		if n == most {
			copy(b[at:], length[:n])
		} else {
			b = slices.Replace(b, at, at+most, length[:n]...)
		}
	}
	return b, nil
}

func (w *writer) series(e *Engine, b []byte, s *series) ([]byte, error) {
	rare, err := s.rare(w.rows)
	if err != nil {
		return b, err
	}
	b = wire.Bytes(appendMeta(b, &s.meta), rare)
	b = wire.U32(wire.U32(wire.U32(b, w.set[s.set]), w.config[s.config]), s.applied)
	division := -1
	if d := s.target.division; d != nil {
		division = w.division[d]
	}
	b = wire.U64(wire.U64(wire.U32(b, division), s.target.own), s.last)
	b = wire.U32(wire.Bool(wire.Bool(b, s.seen), s.tail), s.calm)
	for _, at := range s.side {
		b = wire.U64(b, at)
	}
	b = s.rank.appendBinary(s.base.AppendBinary(b))
	for i := range e.rows {
		at := len(b)
		b = append(b, 0, 0, 0, 0)
		b = appended(e.layout.state(s, i), b)
		binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	}
	return b, nil
}

// rare is what hardly a series has, as JSON; nothing where this one has none of it.
func (s *series) rare(rows []Row) ([]byte, error) {
	hints := !reflect.ValueOf(&s.meta.Hints).Elem().IsZero()
	if !hints && len(s.coming)+len(s.marks)+len(s.informs)+len(s.faults)+len(s.without)+len(s.cold) == 0 && s.ended == "" {
		return nil, nil
	}
	v := savedRare{Coming: s.coming, Marks: s.marks, Informs: s.informs, Done: s.done,
		Ended: s.ended, EndedAt: int64(s.endedAt), Faults: s.faults, Without: s.without}
	for _, i := range s.cold {
		v.Cold = append(v.Cold, rows[i].Name)
	}
	if hints {
		v.Hints = &s.meta.Hints
	}
	return json.Marshal(v)
}

// appendMeta appends what a source declared of a series, but for its hints.
func appendMeta(b []byte, m *kizashi.Meta) []byte {
	b = wire.U64(b, m.Series)
	for _, t := range [...]string{m.Tenant, m.Group, m.Unit, m.Statistic, m.Zone} {
		b = wire.Text(b, t)
	}
	same := slices.Equal(m.Identity, m.Labels)
	b = appendLabels(wire.Bool(b, same), m.Identity)
	if !same {
		b = appendLabels(b, m.Labels)
	}
	return wire.F64(wire.U64(wire.U64(b, m.Period), m.Settle), m.Lower, m.Upper)
}

func appendLabels(b []byte, ls kizashi.Labels) []byte {
	b = wire.Count(b, len(ls))
	for _, l := range ls {
		b = wire.Text(wire.Text(b, l.Name), l.Value)
	}
	return b
}

// appended is the state of a model; of one that cannot write it, none.
func appended(m State, b []byte) (out []byte) {
	defer func() {
		if recover() != nil {
			out = b
		}
	}()
	return m.AppendBinary(b)
}

func appendJSON(b []byte, v any) ([]byte, error) {
	j, err := json.Marshal(v)
	if err != nil {
		return b, err
	}
	b = binary.AppendUvarint(b, uint64(len(j)))
	return append(b, j...), nil
}
