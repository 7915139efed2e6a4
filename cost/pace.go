package cost

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Pace is how a class is polled: at its own interval, so many times slower, or
// not at all.
type Pace int

const (
	Paused Pace = 0
	Full   Pace = 1
)

// paces are the factors by which a class is slowed. Few, so that each step is
// worth an event.
var paces = []Pace{Full, 2, 3, 4, 6, 8, 12, 24, 48}

const (
	tolerance = 1.02 // slowed only where a class would need that much more
	ease      = 1.25 // sped up only where the rest would do for that much more
	reserve   = 0.05 // of what the classes need, which a back-fill leaves them
)

// String is full, x2 or paused.
func (p Pace) String() string {
	switch p {
	case Paused:
		return "paused"
	case Full:
		return "full"
	}
	return fmt.Sprintf("x%d", int(p))
}

// MarshalText writes the same.
func (p Pace) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// slower is the one of two that asks for less.
func (p Pace) slower(q Pace) Pace {
	if p == Paused || q == Paused {
		return Paused
	}
	return max(p, q)
}

// Event is one step of giving way to a cap, or back.
type Event struct {
	At      time.Time `json:"at"`
	Tenant  string    `json:"tenant"`
	Account string    `json:"account,omitempty"` // "" = the tenant's cap
	Class   Class     `json:"class"`
	From    Pace      `json:"from"`
	To      Pace      `json:"to"`
	Spent   Money     `json:"spent"` // today, up to At
	Cap     float64   `json:"cap"`   // USD a day
}

// String says it in a line of a log.
func (e Event) String() string {
	return fmt.Sprintf("%s polls %s instead of %s: %.4f of %.4f USD of today spent", e.Class, e.To, e.From, e.Spent.USD, e.Cap)
}

// need is what the polls of a class would cost at their base pace: USD of one
// poll of all series that have the same interval, by interval.
type need map[time.Duration]float64

// flow is what the class costs in so much time, polls or parts of them.
func (n need) flow(rest time.Duration) (usd float64) {
	for base, poll := range n {
		usd += poll * float64(rest) / float64(base)
	}
	return usd
}

// sure is what is certain to come in so much time, and what of it comes next:
// whole polls only, so that the last hours of a day do not look dearer than
// they are.
func (n need) sure(rest time.Duration) (all, next float64) {
	for base, poll := range n {
		if whole := rest / base; whole > 0 {
			all += poll * float64(whole)
			next += poll
		}
	}
	return all, next
}

// measure sums what is demanded, in a fixed order: sums of floats depend on it.
func measure(demands map[string]demand, p *Prices) map[Class]need {
	out := map[Class]need{}
	for _, key := range slices.Sorted(maps.Keys(demands)) {
		d := demands[key]
		for c, n := range d.perPoll {
			if n <= 0 || d.base[c] <= 0 {
				continue
			}
			if out[c] == nil {
				out[c] = need{}
			}
			out[c][d.base[c]] += p.Of(Use{Action: GetMetricData, Region: d.region, Metrics: n}).USD
		}
	}
	return out
}

// turn begins a new day. A clock that goes back stays in the day it was in.
func (b *Budget) turn(now time.Time) {
	if day := now.UTC().Truncate(24 * time.Hour); day.After(b.day) {
		b.day, b.spent, b.fresh = day, Money{}, true
	}
}

// settle divides what is left of the cap over the rest of the day and returns
// what a class has of it. Whoever gives way leaves nothing to those behind.
func (b *Budget) settle(class Class, now time.Time) Pace {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn(now)
	if b.cap == 0 {
		return Full
	}
	rest := max(b.day.Add(aDay).Sub(now), 0)
	left, all, got := b.cap-b.spent.USD, 0.0, Full
	for _, c := range Classes() {
		n := b.needs[c]
		p := n.pace(b.from(c), rest, left)
		if c == class {
			got = p
		}
		if len(n) == 0 { // who has nothing to poll gives nothing up
			continue
		}
		b.step(c, p, now)
		flow := n.flow(rest)
		all += flow
		left -= flow
		if p != Full {
			left = min(left, 0)
		}
	}
	p := b.from(Backfill)
	if left <= reserve*all {
		p = Paused
	}
	b.step(Backfill, p, now)
	b.fresh = false
	if class == Backfill {
		return p
	}
	return got
}

// from is the pace that a class is slowed or sped up from.
func (b *Budget) from(c Class) Pace {
	if b.fresh {
		return Full
	}
	return b.of(c)
}

// of is where a class stood last.
func (b *Budget) of(c Class) Pace {
	if p, ok := b.pace[c]; ok {
		return p
	}
	return Full
}

// pace is the next pace of a class that stands at from and has so much left
// for the rest of the day.
func (n need) pace(from Pace, rest time.Duration, left float64) Pace {
	all, next := n.sure(rest)
	if from == Paused || left <= 0 || left < next {
		return Paused
	}
	k := all / left
	if k > float64(from)*tolerance {
		return atLeast(k)
	}
	if p := atLeast(k * ease); p != Paused && p < from {
		return p
	}
	return from
}

// atLeast is the fastest pace that is at least so many times slower.
func atLeast(k float64) Pace {
	for _, p := range paces {
		if float64(p) >= k {
			return p
		}
	}
	return Paused
}

// step notes a class's pace; a change is an event.
func (b *Budget) step(c Class, to Pace, now time.Time) {
	was := b.of(c)
	b.pace[c] = to
	if to != was {
		b.events = append(b.events, Event{At: now, Tenant: b.who.Tenant, Account: b.who.Account, Class: c, From: was, To: to, Spent: b.spent, Cap: b.cap})
	}
}
