package calibration

import (
	"math"
	"slices"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Rate is observed against stated.
type Rate struct {
	Series     int
	Episodes   int
	Expected   float64
	Attainable float64        // what the limits in force let expect, see attainable
	Within2    int            // series within twice the stated rate, either way
	Each       []float64      // observed against stated, by series, least first
	By         map[string]int // first standing vote and side
	Names      []Named        // of files

	Young         int     // episodes in a series' first two weeks, from its first limits on
	YoungExpected float64 // of those; of generated series they are not among the others
}

// young is how long a series is new, and from when on it has limits.
const (
	young  = 14 * 24 * time.Hour
	limits = 48 * time.Hour
)

// OfYoung is observed against stated in the first two weeks.
func (r Rate) OfYoung() float64 { return float64(r.Young) / r.YoungExpected }

// Named is the rate of one file.
type Named struct {
	Name     string
	Episodes int
	Expected float64
}

// Ratio of observed to stated.
func (r Rate) Ratio() float64 { return float64(r.Episodes) / r.Expected }

// OfAttainable is observed against what the limits in force let expect.
func (r Rate) OfAttainable() float64 { return float64(r.Episodes) / r.Attainable }

// Spread is a series' observed against stated that a part of them stays below.
func (r Rate) Spread(part float64) float64 {
	return r.Each[min(int(part*float64(len(r.Each))), len(r.Each)-1)]
}

// Clean measures the rate on series without incidents.
func (s Setting) Clean() (Rate, error) {
	out := Rate{By: map[string]int{}}
	err := s.more(&out, s.Series)
	return out, err
}

// Counts measures it on as many series as it takes for so many episodes to be
// expected by the limits in force, but on no more than most: of a count no limit
// may be attainable whose rate is the stated one.
func (s Setting) Counts(episodes float64, most int) (Rate, error) {
	out := Rate{By: map[string]int{}}
	for {
		if err := s.more(&out, s.Series); err != nil || out.Attainable >= episodes || out.Series+s.Series > most {
			return out, err
		}
	}
}

// more adds so many series to a rate.
func (s Setting) more(out *Rate, series int) error {
	each := float64(s.Score) * 7 * 24 / s.R.Hours()
	before, n := out.Series, s
	n.Series = series
	var mu sync.Mutex
	err := n.each(func(i int) error {
		vs, err := s.values(before+i, nil)
		if err != nil {
			return err
		}
		o, err := s.openings(vs)
		mu.Lock()
		defer mu.Unlock()
		out.Episodes += o.n
		out.Young += o.young
		out.Attainable += o.attainable
		out.Each = append(out.Each, float64(o.n)/each)
		if float64(o.n) <= 2*each && float64(o.n) >= each/2 {
			out.Within2++
		}
		for k, c := range o.by {
			out.By[k] += c
		}
		return err
	})
	out.Series += series
	out.Expected = float64(out.Series) * each
	out.YoungExpected = float64(out.Series) * float64(young-limits) / float64(s.R)
	slices.Sort(out.Each)
	return err
}

// opened is what was said of one series in the scored weeks.
type opened struct {
	n          int // alerts
	young      int // those of the first two weeks
	by         map[string]int
	attainable float64
}

// openings counts alerts that open in the scored weeks.
func (s Setting) openings(vs []float64) (o opened, err error) {
	o.by = map[string]int{}
	from := s.time(s.Learn * s.week())
	whole := !slices.ContainsFunc(vs, func(v float64) bool { return v != math.Trunc(v) })
	err = s.run(vs, func(c *kizashi.Crossing) {
		if c.At < start.Add(young) {
			o.young += len(c.Proof)
		}
		if c.At < from {
			return
		}
		o.n += len(c.Proof)
		for _, p := range c.Proof {
			for _, v := range c.Verdict.Votes {
				if v.Side == p.Side {
					o.by[v.Model+" "+v.Side.String()]++
					break
				}
			}
		}
	}, func(r *kizashi.Record) {
		if r.Hour >= from {
			o.attainable += attainable(r, whole) / 24
		}
	})
	return o, err
}
