package awsfake

import (
	"sync"
	"time"
)

// scratch is what one answer needs and the next can use again.
type scratch struct {
	out     []byte
	key     []byte
	times   []int64
	values  []float64
	rows    []row
	queries []query
	dims    []dim
	gather  gathered
}

var scratches = sync.Pool{New: func() any { return &scratch{} }}

// keep bounds what a scratch holds on to between answers.
const keep = 4 << 20

func (sc *scratch) free() {
	if cap(sc.out) > keep || cap(sc.times) > 2*MaxPoints {
		return
	}
	clear(sc.rows)
	clear(sc.queries)
	clear(sc.dims)
	sc.out, sc.key, sc.times, sc.values, sc.rows, sc.queries, sc.dims = sc.out[:0], sc.key[:0], sc.times[:0], sc.values[:0], sc.rows[:0], sc.queries[:0], sc.dims[:0]
	scratches.Put(sc)
}

// retention is how long points of a period are kept: 3 hours under a minute,
// 15 days at 1 minute, 63 days at 5 minutes, 455 days at 1 hour.
func retention(period int64) time.Duration {
	const day = 24 * time.Hour
	switch {
	case period < 60:
		return 3 * time.Hour
	case period%3600 == 0:
		return 455 * day
	case period%300 == 0:
		return 63 * day
	}
	return 15 * day
}

// startOf rounds StartTime as CloudWatch documents it: down to the period
// where it is under a minute, else to 1 minute, to 5 where it is 15 to 63
// days ago, and to 1 hour where it is longer ago.
func startOf(from, now time.Time, period int64) int64 {
	const day = 24 * time.Hour
	to := int64(60)
	switch age := now.Sub(from); {
	case period < 60:
		to = period
	case age > 63*day:
		to = 3600
	case age > 15*day:
		to = 300
	}
	return from.Unix() - pmod(from.Unix(), to)
}

// span is what of a series is asked for: bins of step seconds that begin at
// from, over [from, to).
type span struct {
	from, to, step int64
	desc           bool
	limit          int // points at most
}

// spanOf is the span of a query. Points that are not kept any more at its
// period are left out.
func spanOf(from, to, now time.Time, step int64, desc bool, limit int) span {
	s := span{from: startOf(from, now, step), to: to.Unix(), step: step, desc: desc, limit: limit}
	if to.Nanosecond() > 0 {
		s.to++
	}
	if oldest := now.Add(-retention(step)).Unix(); s.from < oldest {
		s.from += (oldest - s.from + step - 1) / step * step
	}
	return s
}

// bins appends the points of a span to sc. more says that the limit cut them.
func (s *series) bins(sc *scratch, st statistic, p span, v view) (more bool) {
	p.to = min(p.to, s.end(v)) // however far ahead a call asks
	if g := s.gen; g != nil && len(s.points) == 0 && g.period == p.step && pmod(p.from-g.from, p.step) == 0 {
		return g.bins(sc, st, p, v)
	}
	got := 0
	for at := s.start(p); at >= p.from && at < p.to; {
		bin := at - pmod(at-p.from, p.step)
		if x, ok := s.bin(sc, st, bin, min(bin+p.step, p.to), v); ok {
			if got == p.limit {
				return true
			}
			got++
			sc.times, sc.values = append(sc.times, bin), append(sc.values, x)
		}
		if p.desc {
			at = s.prev(bin)
		} else {
			at = s.next(bin + p.step)
		}
	}
	return false
}

func (s *series) start(p span) int64 {
	if p.desc {
		return s.prev(p.to)
	}
	return s.next(p.from)
}

// bin gathers the points of [from, to) that can be seen.
func (s *series) bin(sc *scratch, st statistic, from, to int64, v view) (float64, bool) {
	sc.gather.reset()
	values := !st.sums()
	for at := s.next(from); at < to; at = s.next(at + 1) {
		if x, ok := s.visible(at, v); ok {
			sc.gather.add(x, values, v, at)
		}
	}
	if sc.gather.n == 0 {
		return 0, false
	}
	return st.of(&sc.gather)
}

// bins is the same where each point is one bin.
func (g *generator) bins(sc *scratch, st statistic, p span, v view) (more bool) {
	lo, hi := max(p.from, g.from), min(p.to, g.to)
	// The last point that can be seen ends by now.
	if end := v.now.Add(-v.late).Unix() - g.period + 1; hi > end {
		hi = end
	}
	if hi <= lo {
		return false
	}
	n := (hi - lo + g.period - 1) / g.period
	got := 0
	for i := range n {
		at := lo + i*g.period
		if p.desc {
			at = lo + (n-1-i)*g.period
		}
		x, ok := g.f(time.Unix(at, 0).UTC())
		if !ok {
			continue
		}
		if x, ok = st.single(v.value(at, x)); !ok {
			continue
		}
		if got == p.limit {
			return true
		}
		got++
		sc.times, sc.values = append(sc.times, at), append(sc.values, x)
	}
	return false
}
