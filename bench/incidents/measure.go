package incidents

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Setting of a measurement.
type Setting struct {
	Families []string
	Noises   []float64
	Periods  []time.Duration
	Seeds    int
	Seed     uint64 // the first
	R        time.Duration
	Off      []string // models without a vote
	Crowded  bool     // all kinds on one series, five incidents a week, instead of each alone
	Workers  int
}

// Standard is the setting of the tables: all families, noises and both
// periods; one false episode in 28 days.
func Standard(seeds int) Setting {
	return Setting{Families: Families(), Noises: Noises(), Periods: []time.Duration{time.Minute, 5 * time.Minute}, Seeds: seeds, Seed: 1, R: 28 * 24 * time.Hour, Workers: 2}
}

// Outcome of a measurement.
type Outcome struct {
	Setting
	Results []Result
	Other   []Elsewhere
}

// Specs of all scenes, in an order that does not depend on anything else.
func (s Setting) Specs() []Spec {
	var out []Spec
	for seed := range s.Seeds {
		for _, period := range s.Periods {
			for _, family := range s.Families {
				for _, noise := range s.Noises {
					if s.Crowded {
						out = append(out, Crowded(family, noise, period, s.Seed+uint64(seed)))
						continue
					}
					out = append(out, Specs(family, noise, period, s.Seed+uint64(seed))...)
				}
			}
		}
	}
	return out
}

// Measure makes and judges all scenes.
func (s Setting) Measure() (*Outcome, error) {
	specs := s.Specs()
	results, other := make([][]Result, len(specs)), make([]Elsewhere, len(specs))
	err := Each(len(specs), s.Workers, func(i int) error {
		sc, err := specs[i].Make()
		if err != nil {
			return err
		}
		if len(s.Off) > 0 && sc.open() { // spikes lie where the limits of the whole table put them
			if _, err := (Judge{R: s.R}).Run(sc); err != nil {
				return err
			}
		}
		marks, err := Judge{R: s.R, Off: s.Off}.Run(sc)
		if err != nil {
			return err
		}
		results[i], other[i] = sc.Score(marks)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &Outcome{Setting: s, Results: slices.Concat(results...), Other: other}, nil
}

// Each runs f for 0 to n-1 on so many goroutines and returns all errors.
func Each(n, workers int, f func(i int) error) error {
	var wg sync.WaitGroup
	errs := make([]error, n)
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	for range max(1, workers) {
		wg.Go(func() {
			for i := range next {
				errs[i] = f(i)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Row of a table: what became of the incidents of one sort.
type Row struct {
	First, Of      int           // found of the first of each pair
	Again, AgainOf int           // and of the second
	Right          int           // of First, by a model that is meant for it
	Delay          time.Duration // mean, of First
	Height         float64       // mean, of spikes
	By             map[string]int
}

// Share found of the first of each pair.
func (r *Row) Share() float64 { return part(r.First, r.Of) }

// AgainShare of the second.
func (r *Row) AgainShare() float64 { return part(r.Again, r.AgainOf) }

// RightShare of the first of each pair, by a model that is meant for it.
func (r *Row) RightShare() float64 { return part(r.Right, r.Of) }

// Kept is the second's share in parts of the first's.
func (r *Row) Kept() float64 {
	if r.First == 0 {
		return 1 // nothing was lost
	}
	return r.AgainShare() / r.Share()
}

func part(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// Models that had a vote in what was found at first, most often first.
func (r *Row) Models() []string {
	names := slices.Sorted(maps.Keys(r.By))
	slices.SortStableFunc(names, func(a, b string) int { return r.By[b] - r.By[a] })
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = fmt.Sprintf("%s %.2f", n, part(r.By[n], r.Of))
	}
	return out
}

// Rows sums results by what by says of them; "" leaves one out.
func Rows(rs []Result, by func(*Result) string) map[string]*Row {
	rows := map[string]*Row{}
	for i := range rs {
		r := &rs[i]
		name := by(r)
		if name == "" {
			continue
		}
		row := rows[name]
		if row == nil {
			row = &Row{By: map[string]int{}}
			rows[name] = row
		}
		row.take(r)
	}
	for _, row := range rows {
		if row.First > 0 {
			row.Delay /= time.Duration(row.First)
		}
		if row.Of > 0 {
			row.Height /= float64(row.Of)
		}
	}
	return rows
}

func (row *Row) take(r *Result) {
	if r.Again {
		row.AgainOf++
		if r.Found {
			row.Again++
		}
		return
	}
	row.Of++
	row.Height += r.Height
	if !r.Found {
		return
	}
	row.First++
	row.Delay += r.Delay
	if r.Right() {
		row.Right++
	}
	for _, m := range r.Models {
		row.By[m]++
	}
}

// Rate of what was said outside incidents.
type Rate struct {
	Episodes, After int
	Expected        float64 // by the stated rate
	By              map[string]int
}

// Ratio of observed to stated.
func (r *Rate) Ratio() float64 { return float64(r.Episodes) / r.Expected }

// Rates sums them by what by says; "" leaves one out.
func (s Setting) Rates(es []Elsewhere, by func(*Elsewhere) string) map[string]*Rate {
	out := map[string]*Rate{}
	for i := range es {
		e := &es[i]
		name := by(e)
		if name == "" {
			continue
		}
		r := out[name]
		if r == nil {
			r = &Rate{By: map[string]int{}}
			out[name] = r
		}
		r.Episodes, r.After = r.Episodes+e.Episodes, r.After+e.After
		r.Expected += float64(e.Scored) / float64(s.R)
		for m, n := range e.By {
			r.By[m] += n
		}
	}
	return out
}
