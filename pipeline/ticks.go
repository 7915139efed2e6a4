package pipeline

import (
	"fmt"
	"sort"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/detect"
)

// enqueue gives each crossing to its group. One whose tick has run already
// takes the next.
func (p *Pipeline) enqueue(cs []kizashi.Crossing) {
	for i := range cs {
		p.series[cs[i].Series].group.take(queued{Tick: cs[i].End.Ceil(grid), Cross: cs[i]})
	}
}

func (g *group) take(q queued) {
	if g.ran != kizashi.Never && q.Tick <= g.ran {
		q.Tick = g.ran.Floor(grid).Add(grid)
	}
	g.queue = append(g.queue, q)
}

// watch notes from when on the timers of judged series may run out: the first
// sample of each run of a series' samples says.
func (p *Pipeline) watch(samples []kizashi.Sample) {
	for i := range samples {
		s := &samples[i]
		if i > 0 && samples[i-1].Series == s.Series && samples[i-1].At < s.At {
			continue
		}
		g := p.series[s.Series].group
		g.due = min(g.due, s.End().Add(detect.LeastTimer))
	}
}

// ticks runs what has become due for the groups that the partition belongs
// to; the command partition belongs to all.
func (p *Pipeline) ticks(me *part, r *Result) error {
	r.Ran = p.commandUntil()
	if me.class != nil {
		r.Ran = p.frontier(me.class)
	}
	for _, c := range p.order {
		if me.class != nil && c.key.tenant != me.key.Tenant {
			continue
		}
		f := p.frontier(c)
		if f <= c.ran {
			continue
		}
		for _, g := range c.groups {
			if err := p.run(g, f, r); err != nil {
				return fmt.Errorf("group %s of %s: %w", g.key.Name, g.key.Tenant, err)
			}
		}
		if f != kizashi.Forever {
			c.ran = f
		}
	}
	return nil
}

// before orders a queue: by tick; within one first the crossings by At, then the
// corrections series by series.
func (q *queued) before(o *queued) bool {
	switch {
	case q.Tick != o.Tick:
		return q.Tick < o.Tick
	case (q.Revision == nil) != (o.Revision == nil):
		return q.Revision == nil
	case q.Revision != nil && q.Cross.Series != o.Cross.Series:
		return q.Cross.Series < o.Cross.Series
	case q.Cross.At != o.Cross.At:
		return q.Cross.At < o.Cross.At
	}
	return q.Cross.Series < o.Cross.Series
}

// run admits what is queued up to the frontier, in the order of (tick, At,
// series), whatever order it came in.
func (p *Pipeline) run(g *group, frontier kizashi.Time, r *Result) error {
	if frontier <= g.ran {
		return nil
	}
	p.silences(g, frontier, r)
	if err := p.compare(g, frontier, r); err != nil {
		return err
	}
	sort.SliceStable(g.queue, func(i, j int) bool { return g.queue[i].before(&g.queue[j]) })
	n := sort.Search(len(g.queue), func(i int) bool { return g.queue[i].Tick > frontier })
	var changes []alert.Change
	for i := 0; i < n; {
		q, from, taken := &g.queue[i], len(changes), 1
		if err := p.overdue(g, q.Tick, r); err != nil {
			return err
		}
		if q.Revision == nil {
			if err := p.volume(g, &q.Cross); err != nil {
				return err
			}
			changes = g.life.Admit(q.Tick, &q.Cross, changes)
		} else {
			var err error
			if taken, changes, err = p.corrections(g, g.queue[i:n], r, changes); err != nil {
				return err
			}
		}
		i += taken
		if err := p.tell(g, q.Tick, changes[from:], r); err != nil {
			return err
		}
		if q.Revision != nil && (i == n || g.queue[i].Tick != q.Tick) {
			if err := p.tell(g, q.Tick, g.life.EndRevised(q.Tick, nil), r); err != nil {
				return err
			}
		}
		if q.Revision == nil && g.life.Firing(q.Cross.Series) && q.Cross.Value.Ok() {
			r.Firing = append(r.Firing, Firing{q.Cross.Series, q.Cross.At})
		}
	}
	g.queue = append(g.queue[:0], g.queue[n:]...)
	if err := p.overdue(g, frontier, r); err != nil {
		return err
	}
	if frontier != kizashi.Forever {
		g.ran = frontier
		if day := frontier.Floor(24 * 60 * grid); day > g.pruned {
			g.life.Prune(day)
			g.kin.prune(day)
			g.pruned = day
		}
	}
	return nil
}

// silences lets the timers of the group's series run out. A series whose own
// partition has not come so far, is closed, or waits for a back-fill is not
// silent: we cannot see it.
func (p *Pipeline) silences(g *group, frontier kizashi.Time, r *Result) {
	if g.due > frontier {
		return
	}
	if !g.sorted {
		sort.Slice(g.members, func(i, j int) bool { return g.members[i].id < g.members[j].id })
		g.sorted = true
	}
	from, next := len(r.Crossings), kizashi.Forever
	for _, m := range g.members {
		if m.part.Closed || m.fill != nil {
			continue // looked at again when that ends
		}
		until, due := min(frontier, m.part.Until), p.engine.Due(m.id)
		if due <= until {
			p.engine.RunOut(m.id, until, &r.Judged)
			due = p.engine.Due(m.id)
		}
		next = min(next, due)
	}
	g.due = next
	p.enqueue(r.Crossings[from:])
}

// tell notes every change, and freezes the justification of what opened: at
// once that of the first few at a tick.
func (p *Pipeline) tell(g *group, tick kizashi.Time, changes []alert.Change, r *Result) error {
	if tick != g.tick {
		g.tick, g.made = tick, 0
	}
	for i := range changes {
		ch := &changes[i]
		switch o := g.owing[ch.Alert.ID]; {
		case ch.Proof == nil && o != nil:
			o.later(ch.Alert)
		case ch.Proof == nil:
		case g.made == p.promptly:
			p.owe(g, &owed{Tick: tick, Proof: *ch.Proof, Told: []kizashi.Alert{ch.Alert}})
		default:
			j, hash, err := justify(*ch, p.lookBack(1))
			if err != nil {
				return err
			}
			ch.Alert.Justify = hash
			g.life.Justify(ch.Alert)
			r.Justifications = append(r.Justifications, j)
			g.made++
		}
		r.Alerts = append(r.Alerts, ch.Alert)
	}
	return nil
}

func (p *Pipeline) sortedParts() []*part {
	qs := make([]*part, 0, len(p.parts))
	names := make(map[*part]string, len(p.parts))
	for k, q := range p.parts {
		qs, names[q] = append(qs, q), k.String()
	}
	sort.Slice(qs, func(i, j int) bool { return names[qs[i]] < names[qs[j]] })
	return qs
}
