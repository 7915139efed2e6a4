package incidents

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi/gen"
)

// Tenant is a tenant's series, all normal and all of the class that acts: groups
// of ten hosts of one kind. What it says of them is false.
type Tenant struct {
	Series  int
	Period  time.Duration
	Learn   int           // weeks before anything counts
	Score   int           // weeks
	Each    time.Duration // false notifications of the whole tenant are to be this far apart
	Seed    uint64
	Off     []string
	Workers int
}

// StandardTenant has 1,000 series of five minutes for half a year, and wants
// one false notification a week.
func StandardTenant() Tenant {
	return Tenant{Series: 1000, Period: 5 * time.Minute, Learn: learn, Score: 26, Each: 7 * 24 * time.Hour, Seed: 1, Workers: 2}
}

const hosts = 10 // of a tenant's group

// R of one series: the tenant's target divided over all.
func (t Tenant) R() time.Duration { return time.Duration(t.Series) * t.Each }

// normal kinds of series that a tenant has: how a value comes from what the
// noise says (mean 0, sigma 1, but of counts), where load is what the customers
// do, about 1.
var normals = []struct {
	name, family string
	shared       float64 // part of the variance that the hosts of a group share
	value        func(x, load, weeks float64, h hour) float64
}{
	{"cpu", "gauss", .3, func(x, load, _ float64, _ hour) float64 { return min(max(35*load+3*x, 0), 100) }},
	{"latency", "lognormal", .3, func(x, load, _ float64, _ hour) float64 { return 120 + 40*load + 20*x }},
	{"requests", "gauss", .5, func(x, load, _ float64, _ hour) float64 { return math.Round(max(0, 600*load+30*math.Sqrt(load)*x)) }},
	{"errors", "poisson", 0, func(x, _, _ float64, _ hour) float64 { return x }},
	{"jobs", "poisson8", 0, func(x, _, _ float64, _ hour) float64 { return x }},
	{"memory", "ar", 0, func(x, _, _ float64, _ hour) float64 { return 60 + x }},
	{"disk", "gauss", 0, func(x, _, weeks float64, _ hour) float64 { return 200 + weeks + .2*x }},
	{"queue", "laplace", .3, func(x, load, _ float64, _ hour) float64 { return max(0, 40*load+8*x) }},
	{"jitter", "t3", 0, func(x, _, _ float64, _ hour) float64 { return 20 + x }},
	{"write rate", "gauss", 0, func(x, load, _ float64, h hour) float64 {
		if h.of >= 2 && h.of < 2.5 { // a nightly backup
			return 150 + 5*x
		}
		return 50*load + 5*x
	}},
}

// hour of a day, and whether it is a weekend's.
type hour struct {
	of      float64
	weekend bool
}

// customers follow the day, and come less at weekends.
func (h hour) customers() float64 {
	load := 1 + .4*math.Cos(2*math.Pi*(h.of-14)/24) + .1*math.Cos(4*math.Pi*(h.of-14)/24)
	if h.weekend {
		return .7 * load
	}
	return load
}

// Normal names the kind of a tenant's group.
func (t Tenant) Normal(group int) string { return normals[group%len(normals)].name }

// scene of one group.
func (t Tenant) scene(g int) (*Scene, error) {
	k := normals[g%len(normals)]
	p := Spec{track: group, Family: k.family, Period: t.Period, Seed: t.Seed}
	s := &Scene{Spec: p, Learned: t.Learn * p.week()}
	n := (t.Learn + t.Score) * p.week()
	shared := make([]float64, n)
	r := rand.New(rand.NewPCG(t.Seed, uint64(g)))
	for i := range shared {
		shared[i] = r.NormFloat64()
	}
	for m := range min(hosts, t.Series-g*hosts) {
		noise, err := gen.NewNoise(k.family, t.Seed<<32+uint64(g*hosts+m), gen.Options{Start: start, Period: t.Period})
		if err != nil {
			return nil, err
		}
		vs := make([]float64, n)
		noise.Fill(vs)
		for i := range vs {
			at := time.Duration(i) * t.Period
			h := hour{float64(at%(24*time.Hour)) / float64(time.Hour), at/(24*time.Hour)%7 >= 5}
			x := math.Sqrt(1-k.shared)*vs[i] + math.Sqrt(k.shared)*shared[i]
			vs[i] = k.value(x, h.customers(), float64(i)/float64(p.week()), h)
		}
		s.Values = append(s.Values, vs)
	}
	return s, nil
}

// Said is what a tenant was told in the scored weeks, all of it false.
type Said struct {
	Weeks         int
	Notifications int            // alerts of a group that open at one time are one
	Alerts        int            // of single series
	Series        int            // that had one
	Most          int            // of one series
	By            map[string]int // alerts by kind of series and first vote
	ByWeek        []int          // notifications
}

// PerWeek is how many notifications a week there were.
func (s Said) PerWeek() float64 { return float64(s.Notifications) / float64(s.Weeks) }

// Measure judges all groups at the tenant's target.
func (t Tenant) Measure() (Said, error) {
	groups := (t.Series + hosts - 1) / hosts
	marks := make([][]Mark, groups)
	out := Said{Weeks: t.Score, By: map[string]int{}, ByWeek: make([]int, t.Score)}
	err := Each(groups, t.Workers, func(g int) error {
		s, err := t.scene(g)
		if err != nil {
			return err
		}
		all, err := Judge{R: t.R(), Off: t.Off}.group(s)
		if err != nil {
			return fmt.Errorf("%s: %w", t.Normal(g), err)
		}
		from := s.Time(s.Learned)
		marks[g] = slices.DeleteFunc(all, func(m Mark) bool { return !m.Opens || m.At < from })
		return nil
	})
	if err != nil {
		return out, err
	}
	for g, ms := range marks {
		out.take(t, g, ms)
	}
	return out, nil
}

func (s *Said) take(t Tenant, g int, ms []Mark) {
	var each [hosts]int
	for i, m := range ms {
		s.Alerts++
		s.By[t.Normal(g)+": "+m.Models[0]]++
		each[m.Member]++
		if i == 0 || m.At != ms[i-1].At {
			s.Notifications++
			s.ByWeek[int(m.At.Sub(start)/(7*24*time.Hour))-t.Learn]++
		}
	}
	for _, n := range each {
		if n > 0 {
			s.Series++
		}
		s.Most = max(s.Most, n)
	}
}
