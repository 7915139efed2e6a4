package gen

import (
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// Account is a customer's account with three weeks behind it: a web shop on
// EC2 (5 minutes), ALB and RDS (1 minute), with what it usually does, and
// three incidents in the third week.
type Account struct {
	Tenant   string
	ID       string // twelve digits
	Region   string
	Zone     string
	From, To kizashi.Time
	Series   []*Series
	Logs     *LogGroup // of the shop
	Truth    []Truth   // by From
}

// Settling delays are how long after its end a point may still change. They
// are less than a quarter of an hour, so that one group waits for all.
const (
	settleFast = 3 * time.Minute
	settleSlow = 10 * time.Minute
)

// NewAccount makes the account of a seed.
func NewAccount(seed uint64) *Account {
	a := &Account{
		Tenant: "acme", ID: "111122223333", Region: "ap-northeast-1", Zone: Zone,
		From: on(0, 0, 0), To: on(7*weeks, 0, 0), Truth: ledger(),
	}
	zone, err := calendar.Load(Zone)
	if err != nil { // without a time zone database no part of the program works
		panic(err)
	}
	moments := map[time.Duration][]moment{}
	for _, p := range []time.Duration{time.Minute, 5 * time.Minute} {
		for at := a.From; at < a.To; at = at.Add(p) {
			moments[p] = append(moments[p], momentOf(zone, at))
		}
	}
	for _, pl := range plans() {
		a.Series = append(a.Series, a.make(seed, pl, moments[pl.spec.Period]))
	}
	a.Logs = NewLogGroup("/ecs/shop", seed, 300,
		LogIncident{LogNewError, broken.From, broken.To}, LogIncident{LogNightly, unfinished.From, unfinished.To})
	a.Logs.Start = a.From
	return a
}

// Find returns the series of a short name, or nil.
func (a *Account) Find(short string) *Series {
	for _, s := range a.Series {
		if s.Short == short {
			return s
		}
	}
	return nil
}

// Of returns the entries of the ledger that are of a kind.
func (a *Account) Of(kind TruthKind) []Truth {
	var out []Truth
	for _, t := range a.Truth {
		if t.Kind == kind {
			out = append(out, t)
		}
	}
	return out
}

// plan is a series to be made: what it is, and its value at a moment given
// that moment's chance. NaN is no sample.
type plan struct {
	spec  Spec
	value func(m *moment, c *chance) float64
	keep  float64 // how much of one sample's deviation passes to the next
	digit float64 // values are rounded to multiples of 1/digit
}

// chance is what is random about a sample.
type chance struct {
	z float64 // standard normal, passing from sample to sample
	r *rand.Rand
}

func (a *Account) make(seed uint64, p plan, ms []moment) *Series {
	s := &Series{Spec: p.spec, Start: a.From, Values: make([]float64, len(ms))}
	s.Tenant, s.Account, s.Region, s.Zone, s.Group = a.Tenant, a.ID, a.Region, a.Zone, "shop"
	s.Name = liveName(&s.Spec)
	c := chance{r: random(seed, p.spec.Short)}
	c.z = c.r.NormFloat64()
	fresh := math.Sqrt(1 - p.keep*p.keep)
	for i := range ms {
		c.z = float64(p.keep*c.z) + float64(fresh*c.r.NormFloat64())
		s.Values[i] = s.bounded(math.RoundToEven(p.value(&ms[i], &c)*p.digit) / p.digit)
	}
	return s
}

// bounded keeps v inside what can be.
func (s *Spec) bounded(v float64) float64 {
	if s.Lower.Ok() && v < float64(s.Lower) {
		return float64(s.Lower)
	}
	if s.Upper.Ok() && v > float64(s.Upper) {
		return float64(s.Upper)
	}
	return v
}

// liveName is the rule by which a live source names a series.
func liveName(s *Spec) string {
	parts := []string{s.Metric, s.Statistic}
	for _, d := range s.Dimensions { // sorted by name
		parts = append(parts, d.Value)
	}
	return strings.Join(parts, " ")
}

// count draws how often something happened that happens mean times on
// average: Poisson, by multiplication for small means (Knuth), by the normal
// approximation for large ones.
func (c *chance) count(mean float64) float64 {
	if mean > 30 {
		return max(0, math.RoundToEven(mean+float64(math.Sqrt(mean)*c.r.NormFloat64())))
	}
	limit, p, k := math.Exp(-mean), c.r.Float64(), 0.0
	for p > limit {
		p *= c.r.Float64()
		k++
	}
	return k
}
