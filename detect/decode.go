package detect

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/wire"
)

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
	if err := e.begin(&h); err != nil {
		return nil, fmt.Errorf("engine header: %w", err)
	}
	if h.Series > len(b) {
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

// begin takes in configuration and commands.
func (e *Engine) begin(h *engineHeader) (err error) {
	if h.Series < 0 {
		return errTorn
	}
	if e.first, err = newVersion(h.First); err != nil {
		return err
	}
	e.newest, e.commands, e.lost = e.first, nil, h.Lost
	for _, c := range h.Commands {
		if err := e.Command(c); err != nil {
			return err
		}
	}
	return nil
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
	some := func(k, from, to int) {
		p := part{texts: map[string]string{}, zones: map[string]*calendar.Zone{}}
		for i := from; i < to && errs[k] == nil; i++ {
			out[i], errs[k] = d.series(runs[i], &p)
		}
	}
	if first := min(1, len(runs)); first > 0 {
		if some(0, 0, first); errs[0] == nil {
			e.kinds = out[0].kindsOfRows
		}
	}
	var wg sync.WaitGroup
	for k := range e.shards {
		from, to := max(1, len(runs)*k/e.shards), len(runs)*(k+1)/e.shards
		wg.Go(func() { some(k, from, to) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, s := range out {
		e.series.put(s.meta.Series, s)
	}
	return nil
}

// part is what one goroutine reads with.
type part struct {
	rooms rooms
	texts map[string]string // that were read: most series have the same
	zones map[string]*calendar.Zone
}

func (p *part) text(r *wire.Reader) string {
	b := r.Bytes()
	if s, ok := p.texts[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(p.texts) < 1<<16 {
		p.texts[s] = s
	}
	return s
}

func (p *part) zone(name string) (*calendar.Zone, error) {
	z := p.zones[name]
	if z != nil {
		return z, nil
	}
	z, err := calendar.Load(name)
	if err == nil {
		p.zones[name] = z
	}
	return z, err
}

func (d *reader) series(b []byte, p *part) (*series, error) {
	e, r := d.e, wire.Read(b)
	s := p.rooms.take(e)
	s.meta = readMeta(r, p)
	fail := func(err error) (*series, error) { return nil, fmt.Errorf("series %s: %w", s.meta.Series, err) }
	cold, err := s.takeRare(r.Bytes())
	if err != nil {
		return fail(err)
	}
	set, config := int(r.I32()), int(r.I32())
	s.applied = r.I32()
	division := int(r.I32())
	s.target.own, s.last = kizashi.Duration(r.I64()), kizashi.Time(r.I64())
	s.seen, s.tail, s.calm = r.Bool(), r.Bool(), r.I32()
	for i := range s.side {
		s.side[i] = kizashi.Time(r.I64())
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
	if err := e.decodeStates(s, p, r.Left(), d.models, cold); err != nil {
		return fail(err)
	}
	return s, nil
}

// takeRare returns the names of what has not learned from stored samples yet.
func (s *series) takeRare(b []byte) (cold []string, err error) {
	if len(b) == 0 {
		return nil, nil
	}
	var v savedRare
	if err := json.Unmarshal(b, &v); err != nil {
		return nil, err
	}
	if v.Done < 0 || v.Done > len(v.Informs) {
		return nil, errors.New("it names coarse histories that are not there")
	}
	if v.Hints != nil {
		s.meta.Hints = *v.Hints
	}
	o := s.own()
	o.coming, o.marks, o.informs, o.done = v.Coming, v.Marks, v.Informs, v.Done
	o.ended, o.endedAt, o.faults, o.without = v.Ended, kizashi.Time(v.EndedAt), v.Faults, v.Without
	return v.Cold, nil
}

func readMeta(r *wire.Reader, p *part) kizashi.Meta {
	m := kizashi.Meta{Series: kizashi.SeriesID(r.U64())}
	for _, t := range [...]*string{&m.Tenant, &m.Group, &m.Unit, &m.Statistic, &m.Zone} {
		*t = p.text(r)
	}
	same := r.Bool()
	m.Identity = readLabels(r, p)
	m.Labels = m.Identity
	if !same {
		m.Labels = readLabels(r, p)
	}
	m.Period, m.Settle = kizashi.Duration(r.I64()), kizashi.Duration(r.I64())
	m.Lower, m.Upper = kizashi.Num(r.F64()), kizashi.Num(r.F64())
	return m
}

func readLabels(r *wire.Reader, p *part) kizashi.Labels {
	ls := make(kizashi.Labels, r.Count(2))
	for i := range ls {
		ls[i] = kizashi.Label{Name: p.text(r), Value: p.text(r)}
	}
	return ls
}

// decodeStates reads the baseline's state and those of the models that the
// state has; the others are new. A state that the table has no row for any more
// is passed over.
func (e *Engine) decodeStates(s *series, p *part, b []byte, models, cold []string) error {
	zone, err := p.zone(s.meta.Zone)
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
	s.begin(e)
	for i := range e.rows {
		r, m := &e.rows[i], e.layout.state(s, i)
		var run []byte
		k := i // where the table is the same the state is in the same place
		if k >= len(models) || models[k] != r.Name {
			k = slices.Index(models, r.Name)
		}
		if k >= 0 && !slices.Contains(cold, r.Name) {
			run = runs[k]
		} else {
			s.own().cold = append(s.cold, i)
			continue
		}
		if rest, err := m.Decode(run); err != nil || len(rest) > 0 {
			if len(run) == 0 { // it could not write it
				e.anew(i, s)
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
	s.follow(e)
	return nil
}
