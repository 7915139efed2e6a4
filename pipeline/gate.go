package pipeline

import (
	"fmt"

	"github.com/kizashi-ops/kizashi"
)

// rosters takes in which partitions gate their tenants from now on.
func (p *Pipeline) rosters(es []kizashi.RosterEntry) error {
	for _, e := range es {
		q := p.part(e.Partition)
		switch e.Op {
		case kizashi.Join:
			q.Joined, q.Closed = true, false
			// A back-fill that is there before its tenant's first tick gates it, so
			// that its alerts are those of a replay; a later one stalls nobody.
			q.Gates = e.Partition.Backfill == "" || !p.ticked(e.Partition.Tenant)
		case kizashi.Close:
			q.Closed = true
		case kizashi.HandOver:
			q.Over = &handOver{At: e.At, To: e.To}
		default:
			return fmt.Errorf("roster: unknown entry %q for partition %s", e.Op, e.Partition)
		}
	}
	return nil
}

// ticked says whether a tick of the tenant has run.
func (p *Pipeline) ticked(tenant string) bool {
	for k, g := range p.groups {
		if k.Tenant == tenant && g.ran != kizashi.Never {
			return true
		}
	}
	return false
}

// commandUntil is how far the command partition has come; without one in the
// roster it is closed from the start.
func (p *Pipeline) commandUntil() kizashi.Time {
	until := kizashi.Forever
	for k, q := range p.parts {
		if k.Kind == kizashi.Commands && q.Joined && !q.Closed {
			until = min(until, q.Until)
		}
	}
	return until
}

// release takes to p.fetch the samples that waited for the command partition
// and need to wait no longer.
func (p *Pipeline) release() {
	if len(p.gated) == 0 {
		return
	}
	until, keep := p.commandUntil(), p.gated[:0]
	for _, s := range p.gated {
		if s.End() <= until {
			p.fetch = append(p.fetch, s)
		} else {
			keep = append(keep, s)
		}
	}
	p.gated = keep
}

// handOver admits what waited for back-fills that have come to their end. The
// one whose batch is in hand (but) has its last samples admitted first.
func (p *Pipeline) handOver(but *part) {
	if !p.anyBackfill() {
		return
	}
	for _, k := range p.sortedParts() {
		q := p.parts[k]
		if q.Over == nil || q == but || !q.Closed && q.Until < q.Over.At {
			continue
		}
		for _, m := range p.series {
			if m.Backfill != nil && *m.Backfill == k {
				m.Backfill = nil
			}
		}
		main := p.part(q.Over.To)
		wait := main.Wait
		main.Wait, q.Over = nil, nil
		p.admit(main, wait)
	}
}

// admit takes samples to p.fetch, to be judged now, or lets them wait. A
// sample never overtakes one of its series that waits.
func (p *Pipeline) admit(me *part, samples []kizashi.Sample) {
	until := p.commandUntil()
	if until == kizashi.Forever && !p.anyBackfill() {
		p.fetch = append(p.fetch, samples...)
		return
	}
	for _, s := range samples {
		m := p.series[s.Series]
		switch {
		case m != nil && m.Backfill != nil && p.parts[m.Part] == me:
			me.Wait = append(me.Wait, s)
		case s.End() > until || p.waits(s.Series):
			p.gated = append(p.gated, s)
		default:
			p.fetch = append(p.fetch, s)
		}
	}
}

func (p *Pipeline) anyBackfill() bool {
	for _, q := range p.parts {
		if q.Over != nil {
			return true
		}
	}
	return false
}

func (p *Pipeline) waits(id kizashi.SeriesID) bool {
	if len(p.gated) == 0 {
		return false
	}
	for i := range p.gated {
		if p.gated[i].Series == id {
			return true
		}
	}
	return false
}

// frontier is the last tick that groups of a tenant's class may run.
func (p *Pipeline) frontier(tenant string, class kizashi.Class) kizashi.Time {
	f := p.commandUntil()
	for k, q := range p.parts {
		if k.Kind == kizashi.Commands || k.Tenant != tenant || k.Class() != class || !q.Joined || q.Closed || !q.Gates {
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
