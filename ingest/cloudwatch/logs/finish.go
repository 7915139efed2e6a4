package logs

import (
	"time"

	"github.com/kizashi-ops/kizashi"
)

// finish ends a round: what of it failed alone is set aside, everything else
// was read up to its end.
func (s *Source) finish(r *round, now time.Time) {
	var failed []*turn
	for _, t := range r.done {
		if t.err != nil && t.g.ended == "" {
			failed = append(failed, t)
		}
	}
	if len(failed) > 0 && len(failed) == len(r.done) {
		s.halt(r, now, failed[0].err)
		return
	}
	for _, t := range failed {
		s.refuse(r, t, now)
	}
	if r.part != nil {
		s.finishPart(r, now)
	} else {
		s.finishPage(r, now)
	}
	s.note(now)
}

func (s *Source) finishPart(r *round, now time.Time) {
	p := r.part
	for _, t := range r.done {
		g := t.g
		if t.err != nil || g.ended != "" {
			continue
		}
		if g.broken != "" {
			g.broken = ""
			g.declare(p.until, "")
			s.cfg.Log.Info("log group is read again", "log_group", g.Name)
		}
		s.seenAgain(g.Name)
		g.left, g.uncounted = kizashi.Never, nil
		g.seen.forget(r.to.Add(-s.cfg.Overlap))
	}
	s.samples(r)
	s.cut(r, r.to, true)
	p.until, p.round, p.fails, p.next = r.to, nil, 0, now
	p.span = r.next(p.span)
	if r.to >= p.edge(now) {
		p.next = p.after(now)
	}
	s.bound()
}

func (s *Source) finishPage(r *round, now time.Time) {
	f := r.fill
	for _, t := range r.done {
		t.g.seen.forget(r.to.Add(-s.cfg.Overlap))
	}
	s.samples(r)
	s.cut(r, r.to, true)
	f.until, f.round, f.fails, f.next = r.to, nil, 0, now
	f.span = r.next(f.span)
	s.finishFill(f)
}

// next is how long a stretch the next read of what is behind may have: what a
// restart has to know of it is what the journal has.
func (r *round) next(span time.Duration) time.Duration {
	switch {
	case r.count > 4*spanLines:
		return max(span/2, leastSpan)
	case r.count < spanLines:
		return min(2*span, mostSpan)
	}
	return span
}

// bound keeps the ids within their number: the oldest minutes of who has most
// are forgotten, and not read again.
func (s *Source) bound() {
	for {
		sum := 0
		var most *group
		for _, g := range s.groups {
			sum += g.seen.n
			if most == nil || g.seen.n > most.seen.n || g.seen.n == most.seen.n && g.id < most.id {
				most = g
			}
		}
		if sum <= s.cfg.Remember || most.seen.oldest() >= most.part.until {
			return
		}
		most.floor = max(most.floor, most.seen.oldest().Add(time.Minute))
		most.seen.forget(most.floor)
		s.cfg.Log.Warn("too many events to remember: later ones of before are not looked for", "log_group", most.Name, "before", most.floor.String(), "remembered", s.cfg.Remember)
	}
}
