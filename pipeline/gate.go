package pipeline

import (
	"fmt"
	"slices"
	"sort"

	"github.com/kizashi-ops/kizashi"
)

// rosters takes in which partitions gate their tenants from now on.
func (p *Pipeline) rosters(es []kizashi.RosterEntry, r *Result) error {
	for _, e := range es {
		q := p.part(e.Partition)
		switch e.Op {
		case kizashi.Join:
			q.Joined, q.Closed = true, false
			// A back-fill that is there before its tenant's first tick gates it, so
			// that its alerts are those of a replay; a later one stalls nobody.
			q.Gates = e.Partition.Backfill == "" || !e.Partition.Coarse() && !p.ticked(e.Partition.Tenant)
			wake(q.series)
		case kizashi.Close:
			q.Closed = true
			p.seen(q, e.At, kizashi.ClaimClosed, r)
		case kizashi.HandOver:
			if q.Over == nil {
				p.filling(q)
			}
			q.Over = &handOver{At: e.At, To: e.To}
		case kizashi.Inform:
			if err := p.inform(q, e.At); err != nil {
				return err
			}
		default:
			return fmt.Errorf("roster: unknown entry %q for partition %s", e.Op, e.Partition)
		}
	}
	return nil
}

// filling notes that q is a back-fill that has not handed over.
func (p *Pipeline) filling(q *part) {
	i := sort.Search(len(p.fills), func(i int) bool { return p.fills[i].key.String() >= q.key.String() })
	p.fills = slices.Insert(p.fills, i, q)
}

// wake has the timers of series looked at in their groups' next tick.
func wake(ms []*member) {
	for _, m := range ms {
		m.group.due = kizashi.Never
	}
}

// ticked says whether a tick of the tenant has run.
func (p *Pipeline) ticked(tenant string) bool {
	for _, c := range p.order {
		for _, g := range c.groups {
			if c.key.tenant == tenant && g.ran != kizashi.Never {
				return true
			}
		}
	}
	return false
}

// commandUntil is how far the command partition has come; without one in the
// roster it is closed from the start.
func (p *Pipeline) commandUntil() kizashi.Time {
	until := kizashi.Forever
	for _, q := range p.commands {
		if q.Joined && !q.Closed {
			until = min(until, q.Until)
		}
	}
	return until
}

// release takes to p.fetch the samples that waited for the command partition
// and need to wait no longer.
func (p *Pipeline) release() {
	until := p.commandUntil()
	if len(p.gated) == 0 || until == p.gatedAt {
		p.gatedAt = until
		return
	}
	p.gatedAt = until
	clear(p.waiting)
	keep := p.gated[:0]
	for _, s := range p.gated {
		if s.End() <= until && p.waiting[s.Series] == 0 {
			p.fetch = append(p.fetch, s)
			continue
		}
		keep = append(keep, s)
		p.waiting[s.Series]++
	}
	p.gated = keep
}

// handOver admits what waited for back-fills that have come to their end. The
// one whose batch is in hand (but) has its last samples admitted first. late are log
// lines that waited and are counted in no minute.
func (p *Pipeline) handOver(but *part) (late int, err error) {
	for i := 0; i < len(p.fills); {
		q := p.fills[i]
		if q == but || !q.Closed && q.Until < q.Over.At {
			i++
			continue
		}
		p.fills = slices.Delete(p.fills, i, i+1)
		wake(q.filled)
		for _, m := range q.filled {
			if m.fill == q {
				m.fill = nil
			}
		}
		q.filled = nil
		main := p.part(q.Over.To)
		wait, held, lines := main.Wait, main.Held, main.Lines
		main.Wait, main.Held, main.Lines, q.Over = nil, nil, nil, nil
		p.admit(main, wait)
		n, err := p.lines(main, lines)
		if err != nil {
			return late, err
		}
		late += n
		p.hold(main, held)
	}
	return late, nil
}

// admit takes samples to p.fetch, to be judged now, or lets them wait. A
// sample never overtakes one of its series that waits.
func (p *Pipeline) admit(me *part, samples []kizashi.Sample) {
	until := p.commandUntil()
	if until == kizashi.Forever && len(p.fills) == 0 {
		p.fetch = append(p.fetch, samples...)
		return
	}
	for _, s := range samples {
		m := p.series[s.Series]
		switch {
		case m != nil && m.fill != nil && m.part == me:
			me.Wait = append(me.Wait, s)
		case s.End() > until || p.waiting[s.Series] > 0:
			p.gated = append(p.gated, s)
			p.waiting[s.Series]++
		default:
			p.fetch = append(p.fetch, s)
		}
	}
}

// frontier is the last tick that the groups of a class may run.
func (p *Pipeline) frontier(c *class) kizashi.Time {
	f := p.commandUntil()
	for _, q := range c.parts {
		if !q.Joined || q.Closed || !q.Gates {
			continue
		}
		until := q.Until
		if q.Out != nil && until >= q.Out.From && until < q.Out.Through {
			until = q.Out.Through
		}
		f = min(f, until)
	}
	return f
}
