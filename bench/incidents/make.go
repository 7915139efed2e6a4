package incidents

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"

	"github.com/kizashi-ops/kizashi/gen"
)

// Spec says which scene to make. The same Spec makes the same scene.
type Spec struct {
	track  track
	kind   string // of the values track; "" = all of them, crowded
	habit  string
	Family string
	Noise  float64 // standard deviation, in parts of the level
	Period time.Duration
	Seed   uint64
}

// Specs of all tracks of one family, noise, period and seed. A series of the
// values track has one kind of incident: what one of them leaves behind must
// not shade the others.
func Specs(family string, noise float64, period time.Duration, seed uint64) []Spec {
	one := Spec{Family: family, Noise: noise, Period: period, Seed: seed}
	var out []Spec
	for _, k := range kindsOf(values) {
		one.track, one.kind = values, k
		out = append(out, one)
	}
	one.kind = ""
	for _, t := range []track{runs, season, group} {
		one.track = t
		out = append(out, one)
	}
	return out
}

// Crowded is a series with all kinds of the values track in four weeks, a day
// and more apart: what a bad month leaves of the limits.
func Crowded(family string, noise float64, period time.Duration, seed uint64) Spec {
	return Spec{track: values, Family: family, Noise: noise, Period: period, Seed: seed}
}

func (p Spec) week() int { return p.samples(7 * 24 * time.Hour) }

func (p Spec) samples(d time.Duration) int { return int(d / p.Period) }

// random numbers of the scene, apart from those of its noise.
func (p Spec) random() *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(string(p.track) + p.kind + p.habit + p.Family)) // a hash never fails
	return rand.New(rand.NewPCG(p.Seed, h.Sum64()^math.Float64bits(p.Noise)^uint64(p.Period)))
}

// noise of one member. Different tracks and noises have different numbers.
func (p Spec) noise(member int) (*gen.Noise, error) {
	return gen.NewNoise(p.Family, p.random().Uint64()+uint64(member), gen.Options{Start: start, Period: p.Period})
}

// Make makes the scene.
func (p Spec) Make() (*Scene, error) {
	if p.habit != "" {
		return p.makeHabit()
	}
	weeks := learn + 2
	if p.track == values && p.kind == "" {
		weeks = learn + 4
	}
	s := &Scene{Spec: p, Learned: learn * p.week()}
	n := 1
	if p.track == group {
		n = members
	}
	for m := range n {
		noise, err := p.noise(m)
		if err != nil {
			return nil, err
		}
		vs := make([]float64, weeks*p.week())
		noise.Fill(vs)
		s.Values = append(s.Values, vs)
		s.sigma = func(i int) float64 { return noise.Sigma(s.Time(i)) }
		s.mean = func(i int) float64 { return noise.Mean(s.Time(i)) }
	}
	r := p.random()
	switch p.track {
	case values:
		s.placeValues(r)
	case runs:
		s.placeRuns(r)
	case season:
		s.placeSeason(r)
	case group:
		s.placeGroup(r)
	}
	s.dress()
	return s, nil
}

// dress brings standard deviations to the series' unit. Of a group it is what
// all share that has the stated noise.
func (s *Scene) dress() {
	noise := s.Noise
	if s.track == group {
		noise /= sigmas
	}
	for _, vs := range s.Values {
		for i := range vs {
			vs[i] = math.Round(base*(1+noise*vs[i])*1e6) / 1e6
		}
	}
}

// placeValues puts each kind into a slot of its own, a fifth of a week long,
// and again a week later.
func (s *Scene) placeValues(r *rand.Rand) {
	kinds, slots := kindsOf(values), r.Perm(2*slotsOf)
	if s.kind != "" {
		kinds, slots = []string{s.kind}, r.Perm(slotsOf)
	}
	for k, name := range kinds {
		slot := slots[k]
		at := s.Learned + 2*(slot/slotsOf)*s.week() + slot%slotsOf*(s.week()/slotsOf) + s.samples(time.Duration(r.Int64N(int64(jitter))))
		if name == "spike" {
			hour := s.samples(time.Hour) // amid an hour: the record in force is known before it
			at = at/hour*hour + hour/3 + r.IntN(hour/2)
		}
		for again := range 2 {
			in := Incident{Kind: name, At: at + again*s.week(), Length: kindOf(name).length(s.Period), Again: again == 1, open: name == "spike"}
			s.inject(&in)
			s.Incidents = append(s.Incidents, in)
		}
	}
}

// inject changes the values of a kind whose size is known.
func (s *Scene) inject(in *Incident) {
	vs, rises := s.Values[in.Member], float64(s.samples(slopeRises))
	for k := range in.Length {
		i := in.At + k
		by := sigmas * s.sigma(i)
		switch in.Kind {
		case "spike of 5", "level up":
			vs[i] += by
		case "dip of 5", "level down":
			vs[i] -= by
		case "slope up":
			vs[i] += by * min(1, float64(k+1)/rises)
		case "slope down":
			vs[i] -= by * min(1, float64(k+1)/rises)
		case "variance":
			vs[i] = s.mean(i) + 2*(vs[i]-s.mean(i))
		}
	}
}

// gapEvery is how far apart gaps lie on average; the longest has gapMost.
const (
	gapEvery = 8 * time.Hour
	gapMost  = 10 * time.Minute
)

// placeRuns lays the values on a grid, so that some repeat, and takes some
// away; what is longest of either tells how long the incidents are.
func (s *Scene) placeRuns(r *rand.Rand) {
	vs := s.Values[0]
	for i := range vs {
		vs[i] = math.Round(vs[i]/gridStep) * gridStep
	}
	run := longestRun(vs)
	at := [2]int{}
	for k := range at {
		at[k] = s.Learned + k*(s.week()/2) + s.samples(24*time.Hour+time.Duration(r.Int64N(int64(24*time.Hour))))
	}
	clear := func(i int) bool {
		for _, a := range at {
			for again := range 2 {
				if d := i - a - again*s.week(); d > -s.samples(2*time.Hour) && d < s.samples(4*time.Hour) {
					return false
				}
			}
		}
		return true
	}
	for i := 0; i < len(vs); i += 1 + int(r.ExpFloat64()*float64(gapEvery/s.Period)) {
		n := 1 + r.IntN(max(3, s.samples(gapMost)))
		for k := i; k < min(i+n, len(vs)) && i > 0 && clear(i); k++ {
			vs[k] = math.NaN()
		}
	}
	gap := longestGap(vs)
	for again := range 2 {
		stuck := Incident{Kind: "stuck", At: at[0] + again*s.week(), Length: 2 * run, Again: again == 1}
		for k := range stuck.Length {
			vs[stuck.At+k] = vs[stuck.At-1]
		}
		silent := Incident{Kind: "silence", At: at[1] + again*s.week(), Length: 2 * gap, Again: again == 1}
		for k := range silent.Length {
			vs[silent.At+k] = math.NaN()
		}
		s.Incidents = append(s.Incidents, stuck, silent)
	}
}

// longestRun of equal samples.
func longestRun(vs []float64) int {
	best, n := 1, 1
	for i := 1; i < len(vs); i++ {
		if n++; vs[i] != vs[i-1] {
			n = 1
		}
		best = max(best, n)
	}
	return best
}

// longestGap is how many periods lie between a sample and the next, at the most.
func longestGap(vs []float64) int {
	best, last := 1, 0
	for i := range vs {
		if !math.IsNaN(vs[i]) {
			best, last = max(best, i-last), i
		}
	}
	return best
}

// shape of a day, in standard deviations: highest at 14:00.
func shape(i int, period time.Duration) float64 {
	day := float64(time.Duration(i)*period%(24*time.Hour)) / float64(24*time.Hour)
	a := 2 * math.Pi * (day - 14./24)
	return swing * (.8*math.Cos(a) + .2*math.Cos(2*a))
}

// placeSeason gives the series a daily shape, where its family has none, and
// halves it for two days.
func (s *Scene) placeSeason(r *rand.Rand) {
	vs := s.Values[0]
	daily := s.mean
	if s.Family != "seasonal" {
		daily = func(i int) float64 { return shape(i, s.Period) }
		for i := range vs {
			vs[i] += daily(i)
		}
	}
	at := s.Learned + s.samples(24*time.Hour+time.Duration(r.Int64N(int64(48*time.Hour))))
	for again := range 2 {
		in := Incident{Kind: "season", At: at + again*s.week(), Length: kindOf("season").length(s.Period), Again: again == 1}
		for k := range in.Length {
			vs[in.At+k] -= daily(in.At+k) / 2
		}
		s.Incidents = append(s.Incidents, in)
	}
}

// sharedTau is the time in which what all share forgets where it was; its
// standard deviation is sigmas of a member's noise, so that what one member does
// is no more unusual, looked at alone, than what all do.
const sharedTau = time.Hour

// placeGroup adds what all members share, a daily shape and a slow walk, and
// takes one member off it: two pairs, of two members, one up and one down.
func (s *Scene) placeGroup(r *rand.Rand) {
	keep := math.Exp(-float64(s.Period) / float64(sharedTau))
	fresh, x := sigmas*math.Sqrt(1-keep*keep), 0.
	for i := range s.Values[0] {
		x = keep*x + fresh*r.NormFloat64()
		for _, vs := range s.Values {
			vs[i] += x + shape(i, s.Period)
		}
	}
	who := r.Perm(members)
	for pair := range 2 {
		at := s.Learned + pair*(s.week()/2) + s.samples(time.Duration(r.Int64N(int64(48*time.Hour))))
		for again := range 2 {
			in := Incident{Kind: "sibling", Member: who[pair], At: at + again*s.week(), Length: kindOf("sibling").length(s.Period), Again: again == 1}
			for k := range in.Length {
				s.Values[in.Member][in.At+k] += sigmas * s.sigma(in.At+k) * float64(1-2*pair)
			}
			s.Incidents = append(s.Incidents, in)
		}
	}
}
