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
	"github.com/kizashi-ops/kizashi/calendar"
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
}

// AppendBinary appends all that the engine remembers. Shards write parts of it at
// once.
func (e *Engine) AppendBinary(b []byte) ([]byte, error) {
	h := engineHeader{First: e.first.cfg, Series: len(e.series)}
	for _, r := range e.rows {
		h.Models = append(h.Models, r.Name)
	}
	w := writer{config: map[*version]int{e.first: -1}, set: map[*plan]int{}, division: map[*kizashi.Division]int{}}
	for i := range e.commands {
		h.Commands = append(h.Commands, e.commands[i].Command)
		if v := e.commands[i].config; v != nil {
			w.config[v] = i
		}
		if d := e.commands[i].division; d != nil {
			w.division[d] = i
		}
	}
	ids := e.Series()
	for _, id := range ids {
		set := e.series[id].set
		if _, ok := w.set[set]; !ok {
			w.set[set] = len(h.Settings)
			h.Settings = append(h.Settings, set.Settings)
		}
	}
	b, err := appendJSON(b, h)
	if err != nil {
		return b, err
	}
	parts, errs := make([][]byte, e.shards), make([]error, e.shards)
	var wg sync.WaitGroup
	for k := range parts {
		of := ids[len(ids)*k/e.shards : len(ids)*(k+1)/e.shards]
		wg.Go(func() { parts[k], errs[k] = w.all(e, of) })
	}
	wg.Wait()
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	b = slices.Grow(b, size)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b, errors.Join(errs...)
}

// writer knows the places of what series name.
type writer struct {
	config   map[*version]int // of the reload in Commands, -1 = First
	division map[*kizashi.Division]int
	set      map[*plan]int
}

// all writes series.
func (w *writer) all(e *Engine, ids []kizashi.SeriesID) (out []byte, err error) {
	var one []byte
	for i, id := range ids {
		if one, err = w.series(one[:0], e.series[id]); err != nil {
			return nil, fmt.Errorf("series %s: %w", id, err)
		}
		if i == 0 {
			out = make([]byte, 0, len(ids)*(len(one)+len(one)/8))
		}
		out = wire.Bytes(out, one)
	}
	return out, nil
}

func (w *writer) series(b []byte, s *series) ([]byte, error) {
	rare, err := s.rare()
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
	for _, t := range s.side {
		b = wire.U64(wire.Bool(b, t.seen), t.at)
	}
	b = s.rank.appendBinary(s.base.AppendBinary(b))
	for _, m := range s.models {
		at := len(b)
		b = append(b, 0, 0, 0, 0)
		b = appended(m, b)
		binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	}
	return b, nil
}

// rare is what hardly a series has, as JSON; nothing where this one has none of it.
func (s *series) rare() ([]byte, error) {
	hints := !reflect.ValueOf(&s.meta.Hints).Elem().IsZero()
	if !hints && len(s.coming)+len(s.marks)+len(s.informs)+len(s.faults) == 0 && s.ended == "" {
		return nil, nil
	}
	v := savedRare{Coming: s.coming, Marks: s.marks, Informs: s.informs, Done: s.done,
		Ended: s.ended, EndedAt: int64(s.endedAt), Faults: s.faults}
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

var errTorn = errors.New("engine state ends early")

// take cuts a length-prefixed run off b.
func take(b []byte) (run, rest []byte, err error) {
	n, k := binary.Uvarint(b)
	if k <= 0 || n > uint64(len(b)-k) {
		return nil, nil, errTorn
	}
	return b[k : k+int(n)], b[k+int(n):], nil
}

func takeJSON(b []byte, v any) ([]byte, error) {
	run, rest, err := take(b)
	if err != nil {
		return nil, err
	}
	return rest, json.Unmarshal(run, v)
}

// Decode fills an engine without series from what AppendBinary wrote and
// returns the rest. Shards read parts of it at once.
func (e *Engine) Decode(b []byte) ([]byte, error) {
	var h engineHeader
	b, err := takeJSON(b, &h)
	if err != nil {
		return nil, fmt.Errorf("engine header: %w", err)
	}
	if e.first, err = newVersion(h.First); err != nil {
		return nil, fmt.Errorf("engine header: %w", err)
	}
	e.newest, e.commands = e.first, nil
	for _, c := range h.Commands {
		if err := e.Command(c); err != nil {
			return nil, err
		}
	}
	if h.Series < 0 || h.Series > len(b) {
		return nil, errTorn
	}
	runs := make([][]byte, h.Series)
	for i := range runs {
		if runs[i], b, err = take(b); err != nil {
			return nil, err
		}
	}
	read := reader{e: e, models: h.Models}
	for _, set := range h.Settings {
		read.set = append(read.set, e.share(set))
	}
	return b, read.all(runs)
}

// reader knows what series name by its place.
type reader struct {
	e      *Engine
	models []string
	set    []*plan
}

// all reads series. The first tells the others of which kind rows are.
func (d *reader) all(runs [][]byte) error {
	out := make([]*series, len(runs))
	e, errs := d.e, make([]error, d.e.shards)
	part := func(k, from, to int) {
		words := words{}
		for i := from; i < to && errs[k] == nil; i++ {
			out[i], errs[k] = d.series(runs[i], words)
		}
	}
	if first := min(1, len(runs)); first > 0 {
		if part(0, 0, first); errs[0] == nil {
			e.kinds = out[0].kindsOfRows
		}
	}
	var wg sync.WaitGroup
	for k := range e.shards {
		from, to := max(1, len(runs)*k/e.shards), len(runs)*(k+1)/e.shards
		wg.Go(func() { part(k, from, to) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, s := range out {
		e.series[s.meta.Series] = s
	}
	return nil
}

// words are the texts that were read: most series have the same.
type words map[string]string

func (w words) take(r *wire.Reader) string {
	b := r.Bytes()
	if s, ok := w[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(w) < 1<<16 {
		w[s] = s
	}
	return s
}

func (d *reader) series(b []byte, words words) (*series, error) {
	e, r := d.e, wire.Read(b)
	s := e.room()
	s.meta = readMeta(r, words)
	fail := func(err error) (*series, error) { return nil, fmt.Errorf("series %s: %w", s.meta.Series, err) }
	if err := s.takeRare(r.Bytes()); err != nil {
		return fail(err)
	}
	set, config := int(r.I32()), int(r.I32())
	s.applied = r.I32()
	division := int(r.I32())
	s.target.own, s.last = kizashi.Duration(r.I64()), kizashi.Time(r.I64())
	s.seen, s.tail, s.calm = r.Bool(), r.Bool(), r.I32()
	for i := range s.side {
		s.side[i] = track{r.Bool(), kizashi.Time(r.I64())}
	}
	switch {
	case r.Err() != nil:
		return fail(errTorn)
	case s.applied < 0 || int(s.applied) > len(e.commands) || config < -1 || config >= len(e.commands),
		division < -1 || division >= len(e.commands):
		return fail(errors.New("it names commands that are not there"))
	case set < 0 || set >= len(d.set):
		return fail(errors.New("it names settings that are not there"))
	}
	s.set, s.config = d.set[set], e.first
	if config >= 0 {
		if s.config = e.commands[config].config; s.config == nil {
			return fail(fmt.Errorf("command %d is no reload", config))
		}
	}
	if division >= 0 {
		if s.target.division = e.commands[division].division; s.target.division == nil {
			return fail(fmt.Errorf("command %d divides nothing", division))
		}
	}
	if err := e.decodeStates(s, r.Left(), d.models); err != nil {
		return fail(err)
	}
	return s, nil
}

func (s *series) takeRare(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	var v savedRare
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	if v.Done < 0 || v.Done > len(v.Informs) {
		return errors.New("it names coarse histories that are not there")
	}
	if v.Hints != nil {
		s.meta.Hints = *v.Hints
	}
	o := s.own()
	o.coming, o.marks, o.informs, o.done = v.Coming, v.Marks, v.Informs, v.Done
	o.ended, o.endedAt, o.faults = v.Ended, kizashi.Time(v.EndedAt), v.Faults
	return nil
}

func readMeta(r *wire.Reader, words words) kizashi.Meta {
	m := kizashi.Meta{Series: kizashi.SeriesID(r.U64())}
	for _, t := range [...]*string{&m.Tenant, &m.Group, &m.Unit, &m.Statistic, &m.Zone} {
		*t = words.take(r)
	}
	same := r.Bool()
	m.Identity = readLabels(r, words)
	m.Labels = m.Identity
	if !same {
		m.Labels = readLabels(r, words)
	}
	m.Period, m.Settle = kizashi.Duration(r.I64()), kizashi.Duration(r.I64())
	m.Lower, m.Upper = kizashi.Num(r.F64()), kizashi.Num(r.F64())
	return m
}

func readLabels(r *wire.Reader, words words) kizashi.Labels {
	ls := make(kizashi.Labels, r.Count(2))
	for i := range ls {
		ls[i] = kizashi.Label{Name: words.take(r), Value: words.take(r)}
	}
	return ls
}

// decodeStates reads the baseline's state and those of the models that the
// state has; the others are new. A state that the table has no row for any more
// is passed over.
func (e *Engine) decodeStates(s *series, b []byte, models []string) error {
	zone, err := calendar.Load(s.meta.Zone)
	if err != nil {
		return err
	}
	s.base.Begin(&s.meta, &s.set.Settings, zone)
	if b, err = s.base.Decode(b); err != nil {
		return fmt.Errorf("baseline: %w", err)
	}
	if b, err = s.rank.decode(b); err != nil {
		return err
	}
	runs := make([][]byte, len(models))
	for i, name := range models {
		if len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-4) {
			return fmt.Errorf("model %s: %w", name, errTorn)
		}
		n := 4 + int(binary.LittleEndian.Uint32(b))
		runs[i], b = b[4:n:n], b[n:]
	}
	for i, r := range e.rows {
		m := e.inPlace(i, s)
		s.models[i] = m
		var run []byte
		k := i // where the table is the same the state is in the same place
		if k >= len(models) || models[k] != r.Name {
			k = slices.Index(models, r.Name)
		}
		if k >= 0 {
			run = runs[k]
		} else {
			s.own().cold = append(s.cold, i)
			continue
		}
		if rest, err := m.Decode(run); err != nil || len(rest) > 0 {
			if len(run) == 0 { // it could not write it
				s.models[i] = e.fresh(i, s)
				s.own().cold = append(s.cold, i)
				continue
			}
			return fmt.Errorf("model %s: %d bytes left: %w", r.Name, len(rest), err)
		}
	}
	if len(b) > 0 {
		return fmt.Errorf("%d bytes too many", len(b))
	}
	s.findTimed(e)
	s.follow(e.rows)
	return nil
}
