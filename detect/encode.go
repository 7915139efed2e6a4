package detect

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/calendar"
)

// The engine's part of a snapshot: a length-prefixed JSON header, then for
// each series, sorted by id, a length-prefixed JSON of what is rare and a
// length-prefixed run of the binary states of its baseline and ranking and, each
// with its length, of its models (docs/state-format.md).

type engineHeader struct {
	Models   []string          `json:"models"`
	First    Config            `json:"first"`
	Commands []kizashi.Command `json:"commands,omitempty"`
	Series   int               `json:"series"`
}

type savedSeries struct {
	Meta    kizashi.Meta          `json:"meta"`
	Set     kizashi.Settings      `json:"settings"`
	Target  kizashi.Duration      `json:"target,omitempty"`
	Divided *kizashi.Division     `json:"division,omitempty"`
	Config  int                   `json:"config"` // place of the reload in Commands, -1 = First
	Seen    bool                  `json:"seen"`
	Last    int64                 `json:"last"`
	Coming  []kizashi.Declaration `json:"coming,omitempty"`
	Applied int                   `json:"applied"`
	Marks   []mark                `json:"marks,omitempty"`
	Sides   [3]savedTrack         `json:"sides"`
	Informs []kizashi.Time        `json:"informs,omitempty"`
	Done    int                   `json:"informed,omitempty"`
	Calm    int                   `json:"calm"`
	Tail    bool                  `json:"tail"`
	Ended   kizashi.Ending        `json:"ended,omitempty"`
	EndedAt int64                 `json:"ended_at,omitempty"`
	Faults  map[string]int        `json:"faults,omitempty"`
	Without []string              `json:"without,omitempty"`
}

type savedTrack struct {
	Seen bool  `json:"seen"`
	At   int64 `json:"at"`
}

// AppendBinary appends all that the engine remembers.
func (e *Engine) AppendBinary(b []byte) ([]byte, error) {
	h := engineHeader{First: e.first.cfg, Series: len(e.series)}
	for _, r := range e.rows {
		h.Models = append(h.Models, r.Name)
	}
	place := map[*version]int{e.first: -1}
	for i := range e.commands {
		h.Commands = append(h.Commands, e.commands[i].Command)
		if v := e.commands[i].config; v != nil {
			place[v] = i
		}
	}
	b, err := appendJSON(b, h)
	if err != nil {
		return b, err
	}
	var states, run []byte
	for _, id := range e.Series() {
		s := e.series[id]
		if b, err = appendJSON(b, s.saved(place)); err != nil {
			return b, fmt.Errorf("series %s: %w", id, err)
		}
		states = s.rank.appendBinary(s.base.AppendBinary(states[:0]))
		for _, m := range s.models {
			run = appended(m, run[:0])
			states = binary.AppendUvarint(states, uint64(len(run)))
			states = append(states, run...)
		}
		b = binary.AppendUvarint(b, uint64(len(states)))
		b = append(b, states...)
	}
	return b, nil
}

func (s *series) saved(place map[*version]int) savedSeries {
	v := savedSeries{Meta: s.meta, Set: s.set, Target: s.target.own, Divided: s.target.division, Config: place[s.config], Seen: s.seen, Last: int64(s.last),
		Coming: s.coming, Applied: s.applied, Marks: s.marks, Calm: s.calm, Tail: s.tail, Ended: s.ended, EndedAt: int64(s.endedAt), Informs: s.informs, Done: s.done, Faults: s.faults, Without: s.without}
	for i, t := range s.side {
		v.Sides[i] = savedTrack{t.seen, int64(t.at)}
	}
	return v
}

// appended is the state of a model; of one that cannot write it, none.
func appended(m State, b []byte) (out []byte) {
	defer func() {
		if recover() != nil {
			out = b[:0]
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
// returns the rest.
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
	for range h.Series {
		if b, err = e.decodeSeries(b, h.Models); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (e *Engine) decodeSeries(b []byte, models []string) ([]byte, error) {
	var v savedSeries
	b, err := takeJSON(b, &v)
	if err != nil {
		return nil, fmt.Errorf("series: %w", err)
	}
	if v.Applied < 0 || v.Applied > len(e.commands) || v.Config < -1 || v.Config >= len(e.commands) {
		return nil, fmt.Errorf("series %s: it names commands that are not there", v.Meta.Series)
	}
	s := &series{meta: v.Meta, set: v.Set, target: target{v.Target, v.Divided}, config: e.first, seen: v.Seen, last: kizashi.Time(v.Last),
		coming: v.Coming, applied: v.Applied, marks: v.Marks, calm: v.Calm, tail: v.Tail, ended: v.Ended, endedAt: kizashi.Time(v.EndedAt), informs: v.Informs, done: v.Done, faults: v.Faults, without: v.Without}
	if v.Done < 0 || v.Done > len(v.Informs) {
		return nil, fmt.Errorf("series %s: it names coarse histories that are not there", v.Meta.Series)
	}
	if v.Config >= 0 {
		if s.config = e.commands[v.Config].config; s.config == nil {
			return nil, fmt.Errorf("series %s: command %d is no reload", v.Meta.Series, v.Config)
		}
	}
	for i, t := range v.Sides {
		s.side[i] = track{t.Seen, kizashi.Time(t.At)}
	}
	states, b, err := take(b)
	if err != nil {
		return nil, fmt.Errorf("series %s: %w", v.Meta.Series, err)
	}
	if err := e.decodeStates(s, states, models); err != nil {
		return nil, fmt.Errorf("series %s: %w", v.Meta.Series, err)
	}
	e.series[s.meta.Series] = s
	return b, nil
}

// decodeStates reads the baseline's state and those of the models that the
// state has; the others are new. A state that the table has no row for any more
// is passed over.
func (e *Engine) decodeStates(s *series, b []byte, models []string) error {
	zone, err := calendar.Load(s.meta.Zone)
	if err != nil {
		return err
	}
	s.base = baseline.New(&s.meta, &s.set, zone)
	if b, err = s.base.Decode(b); err != nil {
		return fmt.Errorf("baseline: %w", err)
	}
	if b, err = s.rank.decode(b); err != nil {
		return err
	}
	runs := map[string][]byte{}
	for _, name := range models {
		if runs[name], b, err = take(b); err != nil {
			return fmt.Errorf("model %s: %w", name, err)
		}
	}
	for i, r := range e.rows {
		m := e.fresh(i, s)
		s.models = append(s.models, m)
		run, ok := runs[r.Name]
		if !ok {
			s.cold = append(s.cold, i)
			continue
		}
		if rest, err := m.Decode(run); err != nil || len(rest) > 0 {
			if len(run) == 0 { // it could not write it
				s.models[i] = e.fresh(i, s)
				s.cold = append(s.cold, i)
				continue
			}
			return fmt.Errorf("model %s: %d bytes left: %w", r.Name, len(rest), err)
		}
	}
	if len(b) > 0 {
		return fmt.Errorf("%d bytes too many", len(b))
	}
	s.findTimed()
	s.follow(e.rows)
	return nil
}
