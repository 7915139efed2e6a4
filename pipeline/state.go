package pipeline

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/detect"
)

// stateFormat is the layout of Save: a JSON object, a line break, the engine's
// binary state (docs/state-format.md).
const stateFormat = 2

type savedState struct {
	Format int              `json:"format"`
	After  kizashi.Duration `json:"blind_after"`
	Parts  []savedPart      `json:"partitions"`
	Groups []savedGroup     `json:"groups"`
	Series []savedMember    `json:"series"`
	Gated  []kizashi.Sample `json:"gated,omitempty"`
	Blind  []savedBlind     `json:"blind,omitempty"`
}

type savedPart struct {
	Key   kizashi.Partition `json:"key"`
	Until int64             `json:"until_ms"` // Never and Forever are told apart
	Part  part              `json:"part"`
}

type savedGroup struct {
	Key    groupKey    `json:"key"`
	Ran    int64       `json:"ran_ms"`
	Pruned int64       `json:"pruned_ms"`
	Queue  []queued    `json:"queue,omitempty"`
	Life   *alert.Life `json:"episodes"`
	Owes   []*owed     `json:"owes,omitempty"`
	Kin    siblings    `json:"siblings,omitzero"`
}

type savedMember struct {
	Series   kizashi.SeriesID   `json:"series"`
	Group    groupKey           `json:"group"`
	Part     kizashi.Partition  `json:"partition"`
	Backfill *kizashi.Partition `json:"backfill,omitempty"` // its main samples wait for this one
}

type savedBlind struct {
	Cause cause     `json:"cause"`
	Blind blindness `json:"blind"`
}

// Save writes all that the pipeline remembers, so that one that Loads it goes
// on bit for bit. It is called between Steps.
func (p *Pipeline) Save() ([]byte, error) {
	s := savedState{Format: stateFormat, After: kizashi.Duration(p.blindAfter), Gated: p.gated}
	for _, q := range p.sortedParts() {
		s.Parts = append(s.Parts, savedPart{q.key, int64(q.Until), *q})
	}
	for _, c := range p.order {
		for _, g := range c.groups {
			s.Groups = append(s.Groups, savedGroup{g.key, int64(g.ran), int64(g.pruned), g.queue, g.life, g.owes, g.kin})
		}
	}
	for id, m := range p.series {
		v := savedMember{Series: id, Group: m.group.key, Part: m.part.key}
		if m.fill != nil {
			v.Backfill = &m.fill.key
		}
		s.Series = append(s.Series, v)
	}
	sort.Slice(s.Series, func(i, j int) bool { return s.Series[i].Series < s.Series[j].Series })
	for _, c := range p.causes() {
		s.Blind = append(s.Blind, savedBlind{c, *p.blind[c]})
	}
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("state of the pipeline: %w", err)
	}
	if b, err = p.engine.AppendBinary(append(b, '\n')); err != nil {
		return nil, err
	}
	if p.logs.Empty() {
		return b, nil
	}
	return p.logs.AppendBinary(b)
}

// Load returns a pipeline that goes on where Save stopped. Shards and History
// are the new process's; the configuration is the saved one.
func Load(b []byte, rows []detect.Row, shards int, h History) (*Pipeline, error) {
	p, err := New(Config{Shards: shards}, rows, h)
	if err != nil {
		return nil, err
	}
	head, blob, ok := bytes.Cut(b, []byte{'\n'})
	if !ok {
		return nil, fmt.Errorf("state of the pipeline ends early")
	}
	var of struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(head, &of); err != nil {
		return nil, fmt.Errorf("state of the pipeline: %w", err)
	}
	switch of.Format {
	case firstFormat:
		if err := p.loadFirst(head, blob); err != nil {
			return nil, fmt.Errorf("state of the pipeline, of format %d: %w", firstFormat, err)
		}
		return p, nil
	case stateFormat:
	default:
		return nil, notRead(of.Format)
	}
	var s savedState
	if err := json.Unmarshal(head, &s); err != nil {
		return nil, fmt.Errorf("state of the pipeline: %w", err)
	}
	rest, err := p.engine.Decode(blob)
	if err != nil {
		return nil, fmt.Errorf("state of the pipeline: %w", err)
	}
	if err := p.logs.Decode(rest); err != nil {
		return nil, fmt.Errorf("state of the pipeline: %w", err)
	}
	return p, p.fill(&s)
}

func (p *Pipeline) fill(s *savedState) error {
	p.BlindAfter(time.Duration(s.After))
	for _, q := range s.Parts {
		q.Part.Until = kizashi.Time(q.Until)
		p.add(q.Key, &q.Part)
		if q.Part.Over != nil {
			p.filling(&q.Part)
		}
	}
	for _, g := range s.Groups {
		life := g.Life
		if life == nil {
			life = alert.NewLife()
		}
		in := &group{life: life, queue: g.Queue, ran: kizashi.Time(g.Ran), pruned: kizashi.Time(g.Pruned), kin: g.Kin}
		p.open(g.Key, in)
		for _, o := range g.Owes {
			if len(o.Told) == 0 {
				return fmt.Errorf("state of the pipeline: group %s of %s owes the justification of no alert", g.Key.Name, g.Key.Tenant)
			}
			p.owe(in, o)
		}
	}
	for _, v := range s.Series {
		if err := p.fillSeries(v); err != nil {
			return err
		}
	}
	for _, v := range s.Gated {
		p.gated = append(p.gated, v)
		p.waiting[v.Series]++
	}
	for _, b := range s.Blind {
		p.blind[b.Cause] = &b.Blind
		for _, u := range b.Blind.Parts {
			if !u.Back {
				p.part(u.Part).cause = &b.Cause
			}
		}
	}
	return nil
}

func (p *Pipeline) fillSeries(v savedMember) error {
	g, q := p.groups[v.Group], p.parts[v.Part]
	if _, known := p.engine.Meta(v.Series); !known || g == nil || q == nil {
		return fmt.Errorf("state of the pipeline: series %s has no group, no partition or no baseline", v.Series)
	}
	m := &member{id: v.Series}
	p.place(m, q, g)
	if v.Backfill != nil {
		m.fill = p.part(*v.Backfill)
		m.fill.filled = append(m.fill.filled, m)
	}
	return nil
}
