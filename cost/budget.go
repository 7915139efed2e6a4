package cost

import (
	"maps"
	"strings"
	"sync"
	"time"
)

// Class is how much a reading matters: who gives way to the cap, and when.
type Class string

const (
	Guard  Class = "guard"  // series with guard rails: the last to give way
	Act    Class = "act"    //
	Check  Class = "check"  //
	Record Class = "record" // the first of what is watched
	// Backfill is history. It has what the rest of the day leaves over, and
	// stops before any watched class is slowed.
	Backfill Class = "backfill"
)

// Classes lists the classes that are polled, in the order in which the cap
// serves them. They give way in the reverse of it.
func Classes() []Class { return []Class{Guard, Act, Check, Record} }

// Budget is a daily cap in USD of a tenant, or of one account of it. Days are
// UTC days. A budget may be asked from several goroutines.
//
// What is left of the cap is divided over the rest of the day in the order of
// Classes, each at its base pace. A class for which that is not enough is
// polled slower, by the smallest of a few whole factors that does; one for
// which nothing is left, or not one more poll of all its series, pauses. While
// a class gives way, those behind it pause. So that a class does not flap:
//
//   - it is slowed only where it would need 2 % more than there is,
//   - it is sped up only to a pace at which a fifth of what there is stays
//     unused,
//   - it comes out of a pause only at midnight, or when less is demanded.
//
// A poll that is allowed goes out before it is counted, so the cap may be
// exceeded by what is in flight: one poll. Retries and lists, which are no
// class's, are counted too, and taken from what the classes have; when those
// have nothing left, Out says that they wait as well.
type Budget struct {
	mu     sync.Mutex
	prices *Prices
	cap    float64 // USD a day; 0 = none
	parent *Budget // the tenant's, of an account's
	who    Use     // Tenant and Account, for events

	day     time.Time
	spent   Money
	demands map[string]demand
	needs   map[Class]need
	pace    map[Class]Pace // none = Full
	fresh   bool           // a day began: paces start at full again
	events  []Event
}

// demand is what one key polls.
type demand struct {
	region  string
	perPoll map[Class]int64
	base    map[Class]time.Duration
}

// NewBudget returns the budget of a tenant. A cap of 0 is none: what is spent
// is counted, and nothing gives way.
func NewBudget(tenant string, cap float64, p *Prices) *Budget {
	return &Budget{prices: p, cap: max(cap, 0), who: Use{Tenant: tenant}, demands: map[string]demand{}, pace: map[Class]Pace{}}
}

// Account returns a budget of one account of the tenant, with a cap of its own
// (0 = none). What it spends and demands, the tenant's does too; the one that
// leaves less decides.
func (b *Budget) Account(account string, cap float64) *Budget {
	a := NewBudget(b.who.Tenant, cap, b.prices)
	a.parent, a.who.Account = b, account
	return a
}

// Demand says what a region's polls ask for: metrics a poll by class, and the
// interval at which they would be polled if nothing had to give way. The key
// is the region, with more behind a slash where one class of it has several
// intervals: "us-east-1/24h0m0s". The latest word of a key counts; without
// metrics it takes the key back.
func (b *Budget) Demand(key string, perPoll map[Class]int64, base map[Class]time.Duration) {
	region, _, _ := strings.Cut(key, "/")
	d := demand{region, maps.Clone(perPoll), maps.Clone(base)}
	b.demand(key, d)
	if b.parent != nil {
		b.parent.demand(b.who.Account+"/"+key, d)
	}
}

func (b *Budget) demand(key string, d demand) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.needs
	b.demands[key] = d
	b.needs = measure(b.demands, b.prices)
	for c, n := range before {
		if b.needs[c].flow(aDay) < n.flow(aDay) {
			b.fresh = true // what paused may go on
		}
	}
}

// Spend counts what was asked. What a ledger has of today is spent again at a
// start, and the budget goes on where it was.
func (b *Budget) Spend(u Use, now time.Time) {
	b.mu.Lock()
	b.turn(now)
	b.spent = b.spent.Plus(b.prices.Of(u))
	b.mu.Unlock()
	if b.parent != nil {
		b.parent.Spend(u, now)
	}
}

// Spent is what today has cost so far.
func (b *Budget) Spent(now time.Time) Money {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.turn(now)
	return b.spent
}

// Of says whose budget it is; without an account it is the tenant's.
func (b *Budget) Of() (tenant, account string) { return b.who.Tenant, b.who.Account }

// Cap is the daily cap in USD; 0 = none.
func (b *Budget) Cap() float64 { return b.cap }

// Interval is how far apart the polls of a class may be now, given the
// interval that it would have. Paused says that it may not poll before
// midnight UTC, or before less is asked for. Of Backfill it is full or paused.
func (b *Budget) Interval(c Class, base time.Duration, now time.Time) (poll time.Duration, paused bool) {
	p := b.Pace(c, now)
	return base * time.Duration(p), p == Paused
}

// Pace is where a class stands now, by its own cap and the tenant's.
func (b *Budget) Pace(c Class, now time.Time) Pace {
	p := b.settle(c, now)
	if b.parent != nil {
		p = p.slower(b.parent.settle(c, now))
	}
	return p
}

// Out says that nothing is left for anyone until midnight UTC, or until less
// is asked for: every class that is demanded pauses, or nothing is demanded yet
// and the cap is spent. Nobody is called then.
func (b *Budget) Out(now time.Time) bool {
	asked := false
	for _, c := range Classes() {
		if b.shortest(c) == 0 {
			continue
		}
		if asked = true; b.Pace(c, now) != Paused {
			return false
		}
	}
	return asked || b.Pace(Guard, now) == Paused
}

// Events returns each step of giving way, and back, since it was last asked.
// An account's are its own cap's; the tenant's budget has the tenant's.
func (b *Budget) Events() []Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.events
	b.events = nil
	return out
}

// Polled is how a class is polled now.
type Polled struct {
	Class    Class
	Pace     Pace
	Interval time.Duration // between two polls, of the series that are polled most often; 0 = paused
}

// Polls says for each class that is demanded how it is polled now.
func (b *Budget) Polls(now time.Time) []Polled {
	var out []Polled
	for _, c := range Classes() {
		base := b.shortest(c)
		if base == 0 {
			continue
		}
		every, _ := b.Interval(c, base, now)
		out = append(out, Polled{c, b.Pace(c, now), every})
	}
	return out
}

func (b *Budget) shortest(c Class) (base time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for every := range b.needs[c] {
		if base == 0 || every < base {
			base = every
		}
	}
	return base
}
