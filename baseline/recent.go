package baseline

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// runKept is how many samples are kept for the moving mean to be computed
// again; what came before them is in Run.Start.
const runKept = 8

// run is the moving mean under the spike, and where the last samples stand.
type run struct {
	RunMean float64
	RunOff  float64      // the same of how far off the nearest center they lay
	RunFrom kizashi.Time // of the sample it started with
	LastAt  kizashi.Time // of the last sample
	RunN    int16
	RunHeld int16
	newest  int16 // place of the newest sample
	filled  int16
}

// point is a sample as it was scored.
type point struct {
	when   int64 // At, and in the lowest bit whether the moving mean learned it
	Value  float64
	Center float64
	Scale  float64
}

func pointOf(at kizashi.Time, v *View, value float64, run bool) point {
	p := point{int64(at) << 1, value, v.Center, v.Scale}
	if run {
		p.when |= 1
	}
	return p
}

func (p *point) at() kizashi.Time { return kizashi.Time(p.when >> 1) }

func (p *point) run() bool { return p.when&1 == 1 }

// score is what it was given when it came, or, since the scale is logarithmic, would
// have been.
func (s *State) score(p *point) float64 { return (s.forth(p.Value) - p.Center) / p.Scale }

func (s *State) scored(p *point) kizashi.Scored {
	return kizashi.Scored{At: p.at(), Value: p.Value, Center: p.Center, Scale: p.Scale, Score: s.score(p)}
}

// ring is where the last samples are.
func (s *State) ring() []point {
	if s.rare != nil && s.rare.ring != nil {
		return s.rare.ring
	}
	return s.room[:]
}

// ago returns the i-th newest sample, 0 the last.
func (s *State) ago(i int) *point {
	ring := s.ring()
	i = int(s.newest) - i
	if i < 0 {
		i += len(ring)
	}
	return &ring[i]
}

// push remembers a sample.
func (s *State) push(p point) {
	if want := max(int(s.N), runKept); len(s.ring()) != want {
		s.resize(want)
	}
	ring := s.ring()
	if s.newest++; int(s.newest) >= len(ring) {
		s.newest = 0
	}
	ring[s.newest] = p
	s.filled = min(s.filled+1, int16(len(ring)))
}

// resize keeps the newest samples.
func (s *State) resize(n int) {
	keep := min(int(s.filled), n)
	kept := make([]point, max(n, keep))
	for i := range keep {
		kept[keep-1-i] = *s.ago(i)
	}
	s.own().ring = kept
	if n == len(s.room) {
		copy(s.room[:], kept)
		s.rare.ring = nil
	}
	s.filled, s.newest = int16(keep), int16(keep-1)
}

// before returns how many samples before one at at are of one run with it:
// the last N-1, none N periods old or older.
func (s *State) before(at kizashi.Time) int {
	n := min(int(s.N)-1, int(s.filled))
	span := time.Duration(s.rec.Period) * time.Duration(s.N)
	for n > 0 && span > 0 && at.Sub(s.ago(n-1).at()) >= span {
		n-- // mostly the first that is looked at is near enough
	}
	return n
}

// mth returns the band's statistics: the M-th largest score of the last N, z
// the newest of them, and the M-th largest of the negated scores; NaN for
// both where there are fewer than M.
func (s *State) mth(at kizashi.Time, in *View) (up, down float64) {
	n, m := s.before(at), int(s.M)
	if n+1 < m {
		return math.NaN(), math.NaN()
	}
	switch {
	case n == 2 && m == 2:
		mid := middle(in.Z, s.score(s.ago(0)), s.score(s.ago(1)))
		return mid, -mid
	case n == 4 && m == 3:
		a, b, c, d := s.score(s.ago(0)), s.score(s.ago(1)), s.score(s.ago(2)), s.score(s.ago(3))
		mid := middle(in.Z, max(min(a, b), min(c, d)), min(max(a, b), max(c, d)))
		return mid, -mid
	}
	v := append(in.room.sorted[:0], in.Z)
	for i := range n {
		v = append(v, s.score(s.ago(i)))
	}
	if len(v) <= 8 {
		insertionSort(v)
	} else {
		slices.Sort(v)
	}
	in.room.sorted = v
	return v[len(v)-m], -v[m-1]
}

// middle of three, without a branch that nobody could guess: the usual rules, 2 of 3 and
// 3 of 5, ask for the middle score.
func middle(a, b, c float64) float64 { return max(min(a, b), min(max(a, b), c)) }

func insertionSort(v []float64) {
	for i := 1; i < len(v); i++ {
		x := v[i]
		j := i
		for j > 0 && v[j-1] > x {
			v[j] = v[j-1]
			j--
		}
		v[j] = x
	}
}

// Recent returns the samples that the band's statistic on smp is taken from,
// oldest first. It is called between Look and Learn.
func (s *State) Recent(smp *kizashi.Sample, v *View) []kizashi.Scored {
	var out []kizashi.Scored
	for i := s.before(smp.At) - 1; i >= 0; i-- {
		out = append(out, s.scored(s.ago(i)))
	}
	return append(out, kizashi.Scored{At: smp.At, Value: smp.Value, Center: v.Center, Scale: v.Scale, Score: v.Z})
}

// Run returns the moving mean that the spike's statistic on smp is taken
// from, nil where there is none. It is called between Look and Learn.
func (s *State) Run(smp *kizashi.Sample) *kizashi.Run {
	if !s.running(smp.At) {
		return nil
	}
	r := &kizashi.Run{Alpha: alpha, Start: s.RunMean, Center: s.RunMean, Off: s.RunOff, OffStart: s.RunOff}
	for i := range int(s.filled) {
		p := s.ago(i)
		if p.at() <= s.RunFrom {
			break
		}
		if p.run() {
			r.Times, r.Values = append(r.Times, p.at()), append(r.Values, p.Value)
			t := s.forth(p.Value)
			r.Centers = append(r.Centers, p.Center)
			r.Start, r.OffStart = (r.Start-alpha*t)/(1-alpha), (r.OffStart-alpha*(t-p.Center))/(1-alpha)
		}
	}
	slices.Reverse(r.Times)
	slices.Reverse(r.Values)
	slices.Reverse(r.Centers)
	r.Times, r.Values = append(r.Times, smp.At), append(r.Values, smp.Value)
	return r
}
